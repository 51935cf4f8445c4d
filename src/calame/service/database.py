"""The database under the history: its URL, how SQLite is set up to lose nothing, and what its errors mean.

This module knows databases; it does not know what is kept in one.
"""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import QueuePool

from calame.errors import CalameError, DamagedHistory, HistoryUnavailable, UnwritableHistory, UsageError
from calame.locale import Phrase

WAIT = 5.0  # seconds for another process to finish writing
PRAGMAS = (
    "auto_vacuum=FULL",  # before the first table: what is deleted leaves the file, which shrinks
    "secure_delete=ON",  # and its bytes are overwritten
    "journal_mode=WAL",  # readers and the writer do not wait for one another
    "synchronous=FULL",  # the log is on the disk before `add` returns
)
DAMAGED = ("SQLITE_CORRUPT", "SQLITE_NOTADB")
UNWRITABLE = ("SQLITE_FULL", "SQLITE_READONLY", "SQLITE_IOERR", "SQLITE_PERM", "SQLITE_CANTOPEN", "SQLITE_AUTH")
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")


def make_engine(url: str) -> Engine:
    """Return the engine for a URL; nothing is opened yet.

    Raises:
        UsageError: the URL makes no sense, or its driver is not installed.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() != "sqlite":
            return create_engine(parsed, pool_pre_ping=True)
        alone: dict[str, Any] = {} if file_of(parsed) else {"pool_size": 1, "max_overflow": 0}  # in memory: one for all
        options = {"timeout": WAIT, "check_same_thread": False}
        made = create_engine(parsed, connect_args=options, poolclass=QueuePool, **alone)
    except ModuleNotFoundError as error:
        raise UsageError(problem=Phrase("history.no_driver", package=error.name)) from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise UsageError(problem=Phrase("history.bad_url")) from error  # never the URL: it may hold a password
    event.listen(made, "connect", _tune)
    event.listen(made, "begin", _begin)
    return made


def file_of(url: URL) -> Path | None:
    """Return the file of an SQLite URL; None for a database in memory, one of SQLite's own URIs, or a server's."""
    name = url.database or ""
    ours = url.get_backend_name() == "sqlite" and name not in ("", ":memory:") and not name.startswith("file:")
    return Path(name) if ours else None


def make_private(path: Path) -> None:
    """Make the file, with its folder, so that its owner alone may read it, as SQLite then makes its companions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _tune(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    connection.create_function("lower", 1, _lower, deterministic=True)
    for pragma in PRAGMAS:
        _patiently(connection, f"PRAGMA {pragma}")


def _patiently(connection: Any, said: str) -> None:
    """Run a pragma; the switch to WAL, alone, does not wait by itself for others who open the same new file."""
    until = time.monotonic() + WAIT
    while True:
        try:
            return connection.execute(said).close()
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith(BUSY) or time.monotonic() > until:
                raise
            time.sleep(0.005)


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value  # SQLite's own stops at ASCII: "É" is not "é"


def _begin(connection: Connection) -> None:
    # A writer takes its place in the queue at once: one that reads first and then writes may be refused.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def trouble(name: str, error: DBAPIError | NoConnection | OSError) -> CalameError:
    """Return our error for one of the database; without a path, an address or a query, which are nobody's business."""
    if isinstance(error, OSError):
        return UnwritableHistory(path=name, problem=error.strerror or type(error).__name__)
    origin = error.orig if isinstance(error, DBAPIError) else None
    kind = getattr(origin, "sqlite_errorname", None) or type(origin or error).__name__
    said = str(origin) if isinstance(origin, sqlite3.Error) else kind
    if kind.startswith(DAMAGED):
        return DamagedHistory(name=name, problem=said)
    if kind.startswith(UNWRITABLE):
        return UnwritableHistory(path=name, problem=said)
    busy = kind.startswith(BUSY) or isinstance(error, NoConnection)
    return HistoryUnavailable(name=name, problem=Phrase("history.busy") if busy else said)
