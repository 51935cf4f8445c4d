"""The public face is what it says, and light: `import calame` loads nothing but the standard library."""

import subprocess
import sys

import pytest

import calame

HEAVY = ("numpy", "cv2", "PIL", "onnxruntime", "typer", "rich", "keras", "tensorflow", "matplotlib")


def loaded(code: str) -> set[str]:
    """The heavy packages that a fresh Python has loaded after `code`."""
    script = f"{code}\nimport sys\nprint(*[name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_every_exported_name_resolves():
    for name in calame.__all__:
        assert getattr(calame, name) is not None
    assert dir(calame) == calame.__all__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="DigitWriter"):
        calame.DigitWriter  # noqa: B018


def test_import_is_light():
    assert loaded("import calame") == set()


def test_help_loads_no_engine():
    assert loaded("from calame.cli import main; main(['--help'])") <= {"typer", "rich"}
