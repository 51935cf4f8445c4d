"""Loading Keras is quiet, and loud when it fails."""

import subprocess
import sys

import pytest

from calame.errors import MissingExtra
from calame.models.backend import load_keras


@pytest.mark.train
@pytest.mark.slow
def test_loading_prints_nothing():
    done = subprocess.run(
        [sys.executable, "-c", "from calame.models.backend import load_keras; load_keras()"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == done.stderr == ""


def test_a_missing_backend_is_told_with_its_command(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingExtra, match=r"pip install 'calame\[train\]'"):
        load_keras()
    print("heard", file=sys.stderr, flush=True)  # the terminal is given back
    assert capfd.readouterr().err == "heard\n"
