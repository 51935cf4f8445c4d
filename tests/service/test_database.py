"""Addresses of databases, and what their errors mean."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from calame.errors import DamagedHistory, HistoryUnavailable, UnwritableHistory
from calame.service.database import file_of, make_private, trouble
from calame.service.settings import default_url


@pytest.mark.parametrize(
    "name", ["plain", "with space", "a?b", "a#b", "a%20b", "été", "a&b=c", "a@b:c", "a+b", "file:x"]
)
def test_any_folder_may_hold_the_history(tmp_path, name):
    home = tmp_path / name
    assert file_of(make_url(default_url(home))) == home / "history.db"


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:h.db?mode=ro&uri=true", None),
        ("sqlite:///h.db", Path("h.db")),
        ("postgresql://me:secret@host/calame", None),
    ],
)
def test_only_a_database_of_sqlite_has_a_file(url, file):
    assert file_of(make_url(url)) == file


def raised(name: str) -> OperationalError:
    error = sqlite3.OperationalError("what it said")
    error.sqlite_errorname = name
    return OperationalError("SELECT secret", {}, error)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (raised("SQLITE_CORRUPT_INDEX"), DamagedHistory),
        (raised("SQLITE_NOTADB"), DamagedHistory),
        (raised("SQLITE_FULL"), UnwritableHistory),
        (raised("SQLITE_READONLY_DBMOVED"), UnwritableHistory),
        (raised("SQLITE_IOERR_WRITE"), UnwritableHistory),
        (raised("SQLITE_CANTOPEN"), UnwritableHistory),
        (raised("SQLITE_BUSY"), HistoryUnavailable),
        (raised("SQLITE_ERROR"), HistoryUnavailable),
        (NoConnection("QueuePool limit"), HistoryUnavailable),
        (OperationalError("SELECT secret", {}, RuntimeError("password=secret host=10.0.0.1")), HistoryUnavailable),
        (PermissionError(13, "Permission denied", "/secret/place"), UnwritableHistory),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_error_of_the_database_is_one_of_ours_without_places_or_queries(error, kind, language):
    made = trouble("history.db", error)
    assert type(made) is kind
    assert "history.db" in made.message(language)
    assert "secret" not in made.message(language)


@pytest.mark.parametrize("error", [raised("SQLITE_BUSY"), raised("SQLITE_LOCKED"), NoConnection("QueuePool limit")])
def test_what_passes_by_itself_is_called_busy(error):
    assert "another program is writing" in trouble("history.db", error).message()


def test_a_file_that_is_there_keeps_its_bytes(tmp_path):
    (tmp_path / "history.db").write_bytes(b"bytes")
    make_private(tmp_path / "history.db")
    assert (tmp_path / "history.db").read_bytes() == b"bytes"
