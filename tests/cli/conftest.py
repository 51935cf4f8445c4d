"""Every command is tried at a desk of its own."""

import pytest


@pytest.fixture(autouse=True)
def desk(tmp_path, monkeypatch):
    """An empty folder to work in, English, and a home that no other test has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALAME_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALAME_LANG", "en")
    return tmp_path
