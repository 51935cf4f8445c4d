"""Nothing that was acknowledged is lost, whatever is killed; what is broken is said, and stops nothing."""

import logging
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import event

from calame.errors import (
    BadItem,
    DamagedHistory,
    HistoryUnavailable,
    NewerHistory,
    NoSuchEntry,
    UnwritableHistory,
    UsageError,
)
from calame.service import database
from calame.service import store as module
from calame.service.settings import default_url
from calame.service.store import Entry, Store


def png(width=2, height=2) -> bytes:
    """A grey picture, written by hand after the PNG specification."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([8, 0, 0, 0, 0])
    rows = (b"\0" + b"\x80" * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.fixture
def url(tmp_path):
    return default_url(tmp_path / "home")


@pytest.fixture
def store(url):
    made = Store(url)
    yield made
    made.close()


def ids(found):
    return [entry.id for entry in found.entries]


def test_what_goes_in_comes_out_after_a_restart(store, url):
    when = datetime(2026, 11, 21, 11, 0, tzinfo=timezone(timedelta(hours=1)))
    given = Entry(7, 0.993, png(), png(28, 28), None, "été 7.png", "digits@1", 7, "=1+1; \U0001f58b", when)
    number = store.add(given)
    store.close()
    (entry,) = Store(url).search().entries
    assert entry == Entry(**{**vars(given), "id": number, "time": datetime(2026, 11, 21, 10, 0, tzinfo=UTC)})
    assert entry.time.tzinfo is UTC


def test_many_go_in_together_or_not_at_all(store):
    digits = [3, 1, 4, 1, 5]
    assert store.add_all([Entry(digit, 0.9, png()) for digit in digits]) == [1, 2, 3, 4, 5]
    assert [store.get(number).digit for number in range(1, 6)] == digits
    with pytest.raises(BadItem):
        store.add_all([Entry(1, 0.9, png()), Entry(1, 0.9, b"GIF89a")])
    with pytest.raises(HistoryUnavailable):
        store.add_all([Entry(1, 0.9, png()), Entry(10, 0.9, png())])  # a digit that the table refuses
    assert store.count() == 5


def test_pages_go_backwards_and_say_whether_there_is_more(store):
    for digit in range(5):
        store.add(Entry(digit, 0.9, png()))
    assert (ids(store.search(limit=2)), store.search(limit=2).more) == ([5, 4], True)
    assert (ids(store.search(limit=3, before=4)), store.search(limit=3, before=4).more) == ([3, 2, 1], False)
    assert ids(store.search(before=10**30)) == [5, 4, 3, 2, 1]
    assert store.search(limit=1, pictures=False).entries[0].image == b""
    assert store.count() == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [4, 3, 2, 1]),
        ("4", [3, 1]),
        ("4>9", [3]),
        ("wrong", [3]),
        ("FAUX", [3]),
        ("juste", [1]),
        ("refusé", [4]),
        ("École", [2]),
        ("ÉCOLE", [2]),
        ("100%", [1]),
        ("_", []),
        ("deep note", [2]),
        ("deep 4", []),
        ("2026-11-21", [4]),
        ("2026-02-30", []),
        ("9999-12-31", []),
        ("a\0b", []),
    ],
)
def test_search(store, query, found):
    past = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    store.add(Entry(4, 0.9, png(), truth=4, note="100% sure", time=past))
    store.add(Entry(2, 0.9, png(), name="école.png", model="deep@2", note="a note", time=past))
    store.add(Entry(9, 0.9, png(), truth=4, time=past))
    store.add(Entry(None, 0.3, png(), rejected="unsure", truth=5, time=past + timedelta(seconds=1)))
    assert ids(store.search(query)) == found


def test_a_correction_changes_what_it_names_and_nothing_else(store):
    number = store.add(Entry(9, 0.8, png(), note="first"))
    assert store.correct(number, truth=4).right is False
    assert store.correct(number, note="second\0") == store.get(number)
    assert (store.get(number).truth, store.get(number).note) == (4, "second")
    assert store.correct(number, truth=None).right is None
    with pytest.raises(UsageError, match="the truth is 10; expected a digit"):
        store.correct(number, truth=10)


@pytest.mark.parametrize("number", [0, -1, 2, 2**63, 10**30])
def test_what_is_not_there_is_said(store, number):
    store.add(Entry(1, 0.9, png()))
    for ask in (store.get, store.delete, lambda number: store.correct(number, truth=1)):
        with pytest.raises(NoSuchEntry, match=f"no reading number {number} "):
            ask(number)


def test_what_is_deleted_leaves_the_disk_and_its_id_is_not_given_again(store, tmp_path):
    for _ in range(50):
        store.add(Entry(1, 0.9, png(300, 300) + b"handwriting" * 500))
    store.delete(50)
    assert store.clear() == 49
    assert store.count() == 0
    left = b"".join(path.read_bytes() for path in (tmp_path / "home").iterdir())
    assert b"handwriting" not in left
    assert len(left) < 200_000
    assert store.add(Entry(1, 0.9, png())) == 51


def test_keeping_is_on_until_switched_off_and_stays_so(store, url):
    assert store.keeping()
    assert store.offer([Entry(1, 0.9, png())]) == [1]
    store.keep(False)
    assert Store(url).keeping() is False
    assert store.offer([Entry(1, 0.9, png())]) == [None]
    store.keep(True)
    assert store.offer([Entry(1, 0.9, png())]) == [2]


def test_the_file_is_its_owners_alone(store, tmp_path):
    store.add(Entry(1, 0.9, png()))
    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "home").iterdir()} == {"0o600"}


def test_sqlite_writes_ahead_and_the_form_has_a_number(store, tmp_path):
    store.check()
    with sqlite3.connect(tmp_path / "home/history.db") as file:
        assert file.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert file.execute("SELECT value FROM settings WHERE name = 'schema'").fetchone() == (module.SCHEMA,)
    file.close()


@pytest.mark.parametrize("picture", [b"", b"GIF89a", png(321, 2), png(2, 321)])
def test_only_small_png_are_kept(store, picture):
    with pytest.raises(BadItem, match="expected PNG, 320 × 320 at most"):
        store.add(Entry(1, 0.9, picture))


def test_threads_and_stores_write_side_by_side(url):
    stores = [Store(url), Store(url)]
    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(lambda place: stores[place % 2].add(Entry(place % 10, 0.5, png())), range(200)))
    assert sorted(given) == list(range(1, 201))
    assert [entry.digit for entry in stores[0].search(limit=None).entries] == [
        (place % 10) for _, place in sorted(zip(given, range(200), strict=True), reverse=True)
    ]


WRITER = """
import sys
from calame.service.store import Entry, Store
store = Store(sys.argv[1])
while True:
    print(store.add(Entry(7, 0.9, bytes.fromhex(sys.argv[2]), note="x" * 1500)), flush=True)
"""


def killed_after(url: str, count: int, writers: int) -> list[int]:
    """Ids that writing processes printed before kill -9 took them, in the middle of the next."""
    call = [sys.executable, "-c", WRITER, url, png().hex()]
    running = [subprocess.Popen(call, stdout=subprocess.PIPE, text=True) for _ in range(writers)]
    said = [[next(process.stdout) for _ in range(count)] for process in running]
    for process in running:
        os.kill(process.pid, signal.SIGKILL)
    for process, lines in zip(running, said, strict=True):
        lines += [line for line in process.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
        assert process.returncode == -signal.SIGKILL
    return [int(line) for lines in said for line in lines]


def test_kill_9_in_the_middle_loses_nothing_that_was_acknowledged(url, tmp_path):
    acknowledged = []
    for count in (1, 40):  # the first are killed right after they have made the file
        acknowledged += killed_after(url, count, writers=2)
        file = sqlite3.connect(tmp_path / "home/history.db")
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
    assert len(acknowledged) == len(set(acknowledged)) >= 82
    store = Store(url)
    assert set(acknowledged) <= {entry.id for entry in store.search(limit=None).entries}
    assert store.add(Entry(1, 0.9, png())) > max(acknowledged)


def broken(path, how):
    """A history that holds two hundred readings, then is broken."""
    store = Store(f"sqlite:///{path}")
    for _ in range(200):
        store.add(Entry(1, 0.9, png(), note="x" * 1000))
    store.close()
    data = bytearray(path.read_bytes())
    if how == "overwritten":
        data[:] = b"not a database at all, " * 1000
    elif how == "torn":
        data[4096:] = os.urandom(len(data) - 4096)
    elif how == "cut":
        del data[len(data) // 2 :]
    path.write_bytes(data)


def use(store):
    for _ in range(300):
        store.search(limit=None)
        store.add(Entry(1, 0.9, png(), note="x" * 1000))


@pytest.mark.parametrize("how", ["overwritten", "torn", "cut"])
def test_a_damaged_database_is_named_with_the_way_out_and_stops_nothing(tmp_path, caplog, how):
    broken(tmp_path / "history.db", how)
    store = Store(f"sqlite:///{tmp_path / 'history.db'}")
    with pytest.raises(DamagedHistory, match=r"history\.db is damaged .* move history\.db out") as caught:
        use(store)
    assert str(tmp_path) not in caught.value.message("fr")
    assert pickle.loads(pickle.dumps(caught.value)).code == "damaged_history"
    with caplog.at_level(logging.ERROR):
        assert how == "cut" or store.offer([Entry(1, 0.9, png())]) == [None]
    (tmp_path / "history.db").rename(tmp_path / "aside.db")  # the way out, without even a restart
    assert store.add(Entry(1, 0.9, png())) == 1


def test_a_place_that_cannot_be_written_is_said_and_tried_again(tmp_path, caplog):
    (tmp_path / "home").write_text("a file where the folder should be")
    store = Store(default_url(tmp_path / "home"))
    with pytest.raises(UnwritableHistory, match=r"^the history in history\.db cannot be written"):
        store.check()
    assert store.offer([Entry(1, 0.9, png())]) == [None]
    assert "1 readings were not kept: the history in history.db cannot be written" in caplog.text
    (tmp_path / "home").unlink()
    assert store.offer([Entry(1, 0.9, png())]) == [1]


def test_a_file_that_is_moved_away_swallows_nothing(store, url, tmp_path):
    store.add(Entry(1, 0.9, png()))
    (tmp_path / "home/history.db").rename(tmp_path / "aside.db")
    store.add(Entry(2, 0.9, png()))
    assert [entry.digit for entry in Store(url).search().entries] == [2]


def test_a_read_only_and_a_full_database_say_so(url, tmp_path):
    Store(url).add(Entry(1, 0.9, png()))
    with pytest.raises(UnwritableHistory, match="readonly database"):
        Store(f"sqlite:///file:{tmp_path}/home/history.db?mode=ro&uri=true").add(Entry(1, 0.9, png()))
    store = Store(url)
    event.listen(store._engine, "connect", lambda made, _: made.execute("PRAGMA max_page_count=20"))
    with pytest.raises(UnwritableHistory, match=r"database or disk is full.*still read"):
        use(store)


def test_another_writer_is_waited_for_and_then_named(store, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "WAIT", 0.05)
    store.check()
    other = sqlite3.connect(tmp_path / "home/history.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    hasty = Store(default_url(tmp_path / "home"))
    with pytest.raises(HistoryUnavailable, match="another program is writing"):
        hasty.add(Entry(1, 0.9, png()))
    other.execute("COMMIT")
    other.close()
    assert hasty.add(Entry(1, 0.9, png())) == 1


def test_a_newer_form_is_left_alone(store, url, tmp_path):
    store.check()
    with sqlite3.connect(tmp_path / "home/history.db") as file:
        file.execute("UPDATE settings SET value = 99 WHERE name = 'schema'")
    file.close()
    with pytest.raises(NewerHistory, match="form 99"):
        Store(url).check()


@pytest.mark.parametrize("url", ["", "history.db", "nosuch://host/db", "postgresql+absent://me:secret@host/db"])
def test_a_url_that_makes_no_sense_is_refused_without_repeating_it(url):
    with pytest.raises(UsageError, match="CALAME_DATABASE_URL") as caught:
        Store(url)
    assert "secret" not in str(caught.value)


def test_a_database_in_memory_serves_threads():
    store = Store("sqlite://")
    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(lambda _: store.add(Entry(1, 0.9, png())), range(20))) == list(range(1, 21))
