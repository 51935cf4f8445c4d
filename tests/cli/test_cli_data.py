import gzip
import json
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from calame.cli import data
from calame.cli.common import Context
from calame.config import Settings
from calame.data import fetch as fetching
from calame.data.catalogue import SOURCES
from calame.errors import CannotWrite, DamagedData, MissingData, UsageError


@pytest.fixture
def context(tmp_path):
    return Context(Settings(home=tmp_path / "home", data=tmp_path / "data", language="en", colour=False))


def call(context: Context, *words: str) -> int:
    app = typer.Typer()
    data.register(app, context)
    outcome = get_command(app)(["data", *words], standalone_mode=False)
    return outcome if isinstance(outcome, int) else 0


def fill(root: Path, name: str) -> None:
    """Put files of the right length in place of a set's; their bytes are not the right ones."""
    for file in SOURCES[name].files:
        path = root / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bytes(file.size))


def test_list_says_what_is_where(context, capsys):
    fill(context.settings.data, "uci")
    fill(context.settings.cache, "qmnist")
    assert call(context, "list") == 0
    out = capsys.readouterr().out
    assert "CC BY-SA 3.0" in out
    assert "11.6 MB" in out
    assert "get it with: calame data fetch mnist" in out
    assert f"found in {context.settings.data}" in out
    assert f"found in {context.settings.cache}" in out
    assert f"put the files in {context.settings.cache}/unipen" in out


def test_list_as_json_has_one_object_a_set(context, capsys):
    fill(context.settings.cache, "mnist")
    (context.settings.data / "qmnist").mkdir(parents=True)
    (context.settings.data / "qmnist/qmnist-train-labels-idx2-int.gz").write_bytes(b"cut")
    call(context, "list", "--json")
    sets = {entry["name"]: entry for entry in map(json.loads, capsys.readouterr().out.splitlines())}
    assert list(sets) == ["mnist", "qmnist", "unipen", "uci", "images"]
    assert sets["mnist"]["found"] == str(context.settings.cache)
    assert sets["mnist"]["bytes"] == 11_594_722
    assert sets["mnist"]["may_learn"] is True
    assert sets["qmnist"]["found"] is None
    assert "3 bytes, expected 463024" in sets["qmnist"]["problem"]


def test_list_in_french(context, capsys):
    call(Context(Settings(context.settings.home, None, "fr", colour=False)), "list")
    assert "11,6 Mo" in (out := capsys.readouterr().out)
    assert "pour l’obtenir : calame data fetch uci" in out


def test_fetch_of_an_unknown_set_is_wrong_usage(context):
    with pytest.raises(UsageError, match="known: mnist"):
        call(context, "fetch", "mnist", "nope")


def test_fetch_without_a_mirror_says_what_to_put_where(context, capsys):
    assert call(context, "fetch", "unipen") == 4
    assert f"put the files in {context.settings.cache}/unipen" in capsys.readouterr().err


def test_what_is_missing_is_fetched_into_the_cache(context, monkeypatch, capsys):
    asked = []

    def fetch(name, destination, *, progress):
        asked.append((name, destination, progress))
        return destination

    monkeypatch.setattr(fetching, "fetch", fetch)
    assert call(context, "fetch", "uci", "uci") == 0
    assert asked == [("uci", context.settings.cache, None)]
    out, err = capsys.readouterr()
    assert out == f"uci\t{context.settings.cache}\n"
    assert "fetching UCI" in err


def test_one_set_that_fails_keeps_no_other_back(context, monkeypatch, capsys):
    def fetch(name, destination, *, progress):
        if name == "mnist":
            raise CannotWrite(path=destination, problem="disk full")
        return destination

    monkeypatch.setattr(fetching, "fetch", fetch)
    assert call(context, "fetch", "all") == 4
    out, err = capsys.readouterr()
    assert [line.partition("\t")[0] for line in out.splitlines()] == ["qmnist", "uci", "images"]
    assert "disk full" in err


def test_a_damaged_file_outside_the_cache_is_named_and_one_inside_is_fetched_again(context, monkeypatch, capsys):
    def fetch(name, destination, *, progress):
        return destination

    monkeypatch.setattr(fetching, "fetch", fetch)
    fill(context.settings.data, "qmnist")
    assert call(context, "fetch", "qmnist") == 3
    assert "qmnist-train-labels-idx2-int.gz: " in capsys.readouterr().err
    fill(context.settings.cache, "mnist")
    assert call(context, "fetch", "mnist") == 0
    assert capsys.readouterr().out == f"mnist\t{context.settings.cache}\n"


def test_a_terminal_sees_a_bar(context, monkeypatch, capsys):
    def fetch(name, destination, *, progress):
        progress(5, 10)
        return destination

    monkeypatch.setattr(fetching, "fetch", fetch)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert call(context, "fetch", "qmnist") == 0
    assert "QMNIST" in capsys.readouterr().err


def test_verify_reads_every_byte(context, capsys):
    fill(context.settings.data, "mnist")
    assert call(context, "verify") == 3
    assert "train-images-idx3-ubyte.gz: broken or truncated gzip" in (err := capsys.readouterr().err)
    assert "data set uci not found" in err
    assert call(context, "verify", "uci") == 4


@pytest.mark.data("qmnist")
def test_verify_names_the_files_that_are_right(data, context, capsys):
    real = Context(Settings(context.settings.home, data, "en", colour=False))
    assert call(real, "verify", "qmnist") == 0
    assert f"ok\t{data}/qmnist/qmnist-train-labels-idx2-int.gz" in capsys.readouterr().out


def test_obtain_prefers_what_is_there(context, tmp_path):
    fill(tmp_path / "other", "qmnist")
    assert data.obtain("qmnist", [None, tmp_path / "other"], context) == tmp_path / "other"
    with pytest.raises(MissingData, match="unipen"):
        data.obtain("unipen", [tmp_path / "other"], context)
    (tmp_path / "other/qmnist/qmnist-test-labels-idx2-int.gz").write_bytes(gzip.compress(b"cut"))
    with pytest.raises(DamagedData, match="qmnist-test-labels"):
        data.obtain("qmnist", [tmp_path / "other"], context)
