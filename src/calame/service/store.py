"""The history: every reading that was kept, with its pictures, its correction and its note, in a database.

SQLite in one file by default, anything that SQLAlchemy speaks by URL. An id that `add` has returned is on the disk:
neither a killed process nor a power cut takes it back. A database that is damaged, full or away raises a typed error
at each call and is opened anew at the next; opening the store itself never fails for it, so that reading goes on
without a history. This module knows rows, not requests, and no network.
"""

import logging
import os
import re
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from types import EllipsisType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, delete, false, func, insert, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnection

from calame.errors import (
    BadItem,
    HistoryOff,
    HistoryUnavailable,
    NewerHistory,
    NoSuchEntry,
    UnwritableHistory,
    UsageError,
)
from calame.locale import LANGUAGES, Phrase, text
from calame.service.database import (
    file_of,
    make_engine,
    make_private,
    trouble,
)
from calame.service.tables import NAME, SCHEMA, Base, Kept, Setting
from calame.types import DIGITS

log = logging.getLogger(__name__)

LONGER = 320  # pixels: the longer side of a kept picture
NOTE = 2000  # characters
LAST_ID = 2**63 - 1
PNG = b"\x89PNG\r\n\x1a\n"
DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
CONFUSED = re.compile(r"([0-9])>([0-9])")  # 4>9: was a 4, read as a 9


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Entry:
    """One reading of the history.

    Attributes:
        digit: 0-9, or None when the reading was refused.
        confidence: calibrated, 0-1.
        image: the picture as PNG, at most 320 pixels on its longer side; empty where no pictures were asked for.
        prepared: the 28×28 that the network saw as PNG, or None when there was no ink.
        rejected: None, or why there is no digit: "no_ink", "unsure", …
        name: what the picture is called, for a person.
        model: name@version.
        truth: 0-9, what was really written; None while nobody has said.
        note: a remark, free text.
        time: when it was read; with a time zone, UTC when it comes out of the store.
        id: 0 until kept; then it grows from one reading to the next and is never given twice.
    """

    digit: int | None
    confidence: float
    image: bytes = field(default=b"", repr=False)
    prepared: bytes | None = field(default=None, repr=False)
    rejected: str | None = None
    name: str = ""
    model: str = ""
    truth: int | None = None
    note: str = ""
    time: datetime = field(default_factory=_now)
    id: int = 0

    @property
    def right(self) -> bool | None:
        """Whether the answer was right; None when nobody has said, or when there was no answer."""
        return None if self.truth is None or self.digit is None else self.digit == self.truth


class Found(NamedTuple):
    """What a search found, newest first, and whether there is more beyond it."""

    entries: list[Entry]
    more: bool


NAMES = [part.name for part in fields(Entry)]
LIGHT = [name for name in NAMES if name not in ("image", "prepared")]


class Store:
    """The history behind a URL; safe to call from any thread, and from several processes at once.

    Args:
        url: of SQLAlchemy, such as `sqlite:////home/me/history.db` or `postgresql://user:password@host/calame`.

    Raises:
        UsageError: the URL makes no sense, or names a database whose driver is not installed. That a database
            cannot be opened is said by the calls, each of which raises one of these:
        UnwritableHistory: no right or no room to write.
        DamagedHistory, NewerHistory, HistoryUnavailable: the database cannot be used now.

    Example:
        >>> store = Store("sqlite:///history.db")
        >>> store.add(Entry(7, 0.99, png))
        1
    """

    def __init__(self, url: str) -> None:
        self._engine = make_engine(url)
        self._file = file_of(self._engine.url)
        self.name = self._file.name if self._file else self._engine.url.get_backend_name()
        self._opening = threading.Lock()
        self._open: int | None = None  # the inode of the opened file; 0 for a database that is none
        self._fleeting = self._engine.dialect.name == "sqlite" and self._file is None  # in memory: gone when closed
        # SQLite has one writer; threads that queue here take turns faster than by its polling.
        self._turn = threading.Lock() if self._engine.dialect.name == "sqlite" else nullcontext()

    def add(self, entry: Entry) -> int:
        """Keep a reading and return its id, once it is safe on the disk.

        Raises:
            BadItem: a picture that is no PNG, or too large a one.
        """
        return self.add_all([entry])[0]

    def add_all(self, entries: Sequence[Entry]) -> list[int]:
        """Keep readings, all of them or none, in one turn at the disk; as `add` otherwise, ids in their order."""
        given = [_row(entry) for entry in entries]
        with self._writing() as rows:
            return [rows.execute(insert(Kept).values(row).returning(Kept.id)).scalar_one() for row in given]

    def offer(self, entries: Sequence[Entry]) -> Sequence[int | None]:
        """Keep readings if keeping is on; None for each if not, or if the history cannot take them, which is logged.

        For who reads on whatever becomes of the history.
        """
        try:
            if self.keeping():
                return self.add_all(entries)
        except (HistoryUnavailable, UnwritableHistory) as error:
            log.error("%d readings were not kept: %s", len(entries), error, extra={"code": error.code})
        return [None] * len(entries)

    def search(
        self, query: str = "", *, limit: int | None = 50, before: int | None = None, pictures: bool = True
    ) -> Found:
        """Return readings, newest first.

        Args:
            query: words that must all be met. A digit: read or written. `4>9`: a 4 read as a 9. `right`, `wrong`,
                `refused`, in any language of Calame. A day, 2026-11-21 (UTC). Else a part of the name, of the note
                or of the model.
            limit: at most so many; None for all.
            before: only those with a smaller id: where the last page ended.
            pictures: whether to fetch them too.
        """
        columns = [getattr(Kept, name) for name in (NAMES if pictures else LIGHT)]
        wanted = select(*columns).where(*map(_condition, query.replace("\0", "").split())).order_by(Kept.id.desc())
        if before is not None:
            wanted = wanted.where(Kept.id < min(before, LAST_ID))
        if limit is not None:
            wanted = wanted.limit(limit + 1)
        with self._asking() as rows:
            entries = [Entry(**row) for row in rows.execute(wanted).mappings()]
        more = limit is not None and len(entries) > limit
        return Found(entries[:limit], more)

    def count(self) -> int:
        """Return how many readings there are."""
        with self._asking() as rows:
            return rows.execute(select(func.count()).select_from(Kept)).scalar_one()

    def get(self, number: int) -> Entry:
        """Return the reading whose id is `number`.

        Raises:
            NoSuchEntry: there is none of this id.
        """
        with self._asking() as rows:
            return _one(rows, number)

    def correct(self, number: int, *, truth: int | EllipsisType | None = ..., note: str | EllipsisType = ...) -> Entry:
        """Say what was really written (None: take it back), or change the note; return the reading as it is now.

        Raises:
            NoSuchEntry: there is none of this id.
            UsageError: a truth that is no digit.
        """
        if isinstance(truth, int) and not 0 <= truth < DIGITS:
            raise UsageError(problem=Phrase("history.bad_truth", found=truth))
        changed: dict[str, object] = {} if truth is ... else {"truth": truth}
        if note is not ...:
            changed["note"] = _plain(note)[:NOTE]
        with self._writing() as rows:
            if changed and 0 < number <= LAST_ID:
                rows.execute(update(Kept).where(Kept.id == number).values(changed))
            return _one(rows, number)

    def delete(self, number: int) -> None:
        """Delete one reading with its pictures.

        Raises:
            NoSuchEntry: there is none of this id.
        """
        with self._writing() as rows:
            if not 0 < number <= LAST_ID or not rows.execute(delete(Kept).where(Kept.id == number)).rowcount:
                raise NoSuchEntry(id=number)

    def clear(self) -> int:
        """Delete all readings and return how many there were; SQLite's log is emptied of their pictures, too."""
        with self._writing() as rows:
            count = rows.execute(delete(Kept)).rowcount
        if self._file:
            with self._guarded(), closing(self._engine.raw_connection()) as raw:  # outside of any transaction
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    def keeping(self) -> bool:
        """Return whether readings are to be kept: true until switched off, for every process on this database."""
        with self._asking() as rows:
            return rows.execute(select(Setting.value).where(Setting.name == "keep")).scalar() != 0

    def keep(self, on: bool) -> None:
        """Switch the keeping of readings on or off; what is kept stays."""
        with self._writing() as rows:
            rows.execute(delete(Setting).where(Setting.name == "keep"))
            rows.execute(insert(Setting).values(name="keep", value=int(on)))

    def check(self) -> None:
        """Raise what stands in the way of writing, if anything does; nothing is written."""
        with self._writing():
            pass

    def close(self) -> None:
        """Let go of every connection; the next call opens anew."""
        with self._opening:
            self._open = None
            self._engine.dispose()

    @contextmanager
    def _asking(self, *, writes: bool = False) -> Generator[Connection]:
        with self._guarded():
            self._ensure_open()
            with self._engine.connect().execution_options(writes=writes) as rows, rows.begin():
                yield rows

    @contextmanager
    def _writing(self) -> Generator[Connection]:
        with self._turn, self._asking(writes=True) as rows:
            yield rows

    @contextmanager
    def _guarded(self) -> Generator[None]:
        """Turn what a database may raise into one of our errors; after one, the next call opens it anew."""
        try:
            yield
        except (DBAPIError, NoConnection, OSError) as error:
            if not self._fleeting:
                self.close()
            raise trouble(self.name, error) from error

    def _ensure_open(self) -> None:
        """Make the file, its folder and the tables where they are absent, and see that we know their form.

        A file that was moved away under our feet would swallow what is written to it: then the one of its name is
        opened.
        """
        if self._open is not None and self._open == self._inode():
            return
        with self._opening:
            if self._open is not None:
                if self._open == self._inode():
                    return
                self._engine.dispose()
            if self._file:
                make_private(self._file)
            for attempts_left in (2, 1, 0):
                try:
                    self._make_tables()
                    break
                except (IntegrityError, ProgrammingError):  # a server lets two make the same table: one of them fails
                    if not attempts_left:
                        raise
            self._open = self._inode()

    def _inode(self) -> int | None:
        """Which file bears our name: 0 when none has to, None when none does."""
        try:
            return os.stat(self._file).st_ino if self._file else 0
        except FileNotFoundError:
            return None

    def _make_tables(self) -> None:
        with self._engine.connect().execution_options(writes=True) as rows, rows.begin():
            Base.metadata.create_all(rows)
            found = rows.execute(select(Setting.value).where(Setting.name == "schema")).scalar()
            if found is None:
                rows.execute(insert(Setting).values(name="schema", value=SCHEMA))
            elif found > SCHEMA:
                raise NewerHistory(name=self.name, found=found, known=SCHEMA)


class NoStore(Store):
    """Keeps nothing, whoever asks for it: for a service whose visitors do not know one another."""

    def __init__(self) -> None:
        super().__init__("sqlite://")

    def keep(self, on: bool) -> None:
        """Leave it switched off.

        Raises:
            HistoryOff: it was to be switched on.
        """
        if on:
            raise HistoryOff
        super().keep(on)


def _row(entry: Entry) -> dict[str, Any]:
    """Return the columns of an entry as the database takes them."""
    _check_pictures(entry)
    row = {name: _plain(getattr(entry, name)) for name in NAMES if name != "id"}
    return row | {"name": row["name"][:NAME], "model": row["model"][:NAME], "note": row["note"][:NOTE]}


def _check_pictures(entry: Entry) -> None:
    for picture in (entry.image, entry.prepared):
        if picture is None:
            continue
        size = [int.from_bytes(picture[start : start + 4]) for start in (16, 20)]  # IHDR comes first
        if not picture.startswith(PNG) or max(size) > LONGER:
            found = f"{picture[:4]!r}, {size[0]} × {size[1]}"
            raise BadItem(found=found, expected=f"PNG, {LONGER} × {LONGER} at most")


def _plain(value: Any) -> Any:
    """Text that every database takes: without NUL and without halves of surrogate pairs."""
    return value.replace("\0", "").encode("utf-8", "replace").decode() if isinstance(value, str) else value


def _one(rows: Connection, wanted: int) -> Entry:
    if 0 < wanted <= LAST_ID:
        columns = [getattr(Kept, name) for name in NAMES]
        found = rows.execute(select(*columns).where(Kept.id == wanted)).mappings().one_or_none()
        if found is not None:
            return Entry(**found)
    raise NoSuchEntry(id=wanted)


def _condition(word: str) -> ColumnElement[bool]:
    """What one word of a query asks of a reading."""
    if len(word) == 1 and word in "0123456789":
        return or_(Kept.digit == int(word), Kept.truth == int(word))
    if pair := CONFUSED.fullmatch(word):
        return and_(Kept.truth == int(pair[1]), Kept.digit == int(pair[2]))
    for state, said in STATES.items():
        if word.lower() in {text(f"history.find.{state}", language) for language in LANGUAGES}:
            return said
    if DATE.fullmatch(word):
        return _on(word)
    return or_(*(column.icontains(word, autoescape=True) for column in (Kept.name, Kept.note, Kept.model)))


def _on(day: str) -> ColumnElement[bool]:
    try:
        start = datetime.fromisoformat(day).replace(tzinfo=UTC)
        return and_(Kept.time >= start, Kept.time < start + timedelta(days=1))
    except (ValueError, OverflowError):  # 2026-02-30 is no day: nothing was read on it
        return false()


STATES: dict[str, ColumnElement[bool]] = {
    "right": Kept.digit == Kept.truth,
    "wrong": Kept.digit != Kept.truth,
    "refused": Kept.digit.is_(None),
}
