"""A command that a message names can be run as it stands there."""

import sys

import pytest

from calame.errors import MissingExtra
from calame.locale.called import commands


@pytest.mark.parametrize(
    ("called", "calame", "pip"),
    [
        (".venv/bin/calame", ".venv/bin/calame", ".venv/bin/pip"),
        ("/usr/local/bin/calame", "calame", "pip"),
        ("calame", "calame", "pip"),
        ("tests/run.py", "calame", "pip"),
        ("", "calame", "pip"),
    ],
)
def test_commands_stand_as_this_program_was_called(monkeypatch, called, calame, pip):
    monkeypatch.setattr(sys, "argv", [called])
    assert commands() == {"calame": calame, "pip": pip}
    assert str(MissingExtra(package="keras", extra="train")).endswith(f"{pip} install 'calame[train]'")
