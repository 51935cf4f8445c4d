"""A pile of pictures read by as many processes as there are cores, the answers in order.

The reader of codes computes in Python itself, where threads wait for each other. Knows sources and readings; prints
nothing and keeps nothing.
"""

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from itertools import islice
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Self

from calame.errors import CalameError, InputError

if TYPE_CHECKING:
    from calame.reader.code import CodeReader
    from calame.reader.form import FormReader
    from calame.types import CodeReading

Source = str | bytes
Make = Callable[[], "CodeReader | FormReader"]
# A fork of this process would copy the threads' locks as they are. Linux has a server of forks, which loads what all
# need once and has no threads; elsewhere each process begins anew.
START = "forkserver" if sys.platform == "linux" else "spawn"
NEEDED = ["calame.reader.form"]
FEW = 24  # pictures: for less, starting a second process takes longer than it gains
TOGETHER, MANY = 4, 400  # pictures that are handed over at a time where there are many, and how many are many
AHEAD = 4  # pictures for each process, or twice `TOGETHER`, that are handed out before the oldest is answered


@dataclass(frozen=True)
class How:
    """How each picture is read: all numbers on it, or one; with the pictures of the preparation, or without."""

    several: bool = False
    trace: bool = False


class Crew:
    """As many processes as a pile is worth; for a small one, the caller's own.

    Others load what they need while their parent goes on: who has an idea of how much there is to read starts them at
    once, and looks at the rest of the call meanwhile. Leaving the block sends them home.

    Args:
        make: makes the reader; it goes to other processes, so it must be one that can be pickled.
        how: what is asked of each.
    """

    def __init__(self, make: Make, how: How) -> None:
        self.make, self.how = make, how
        self._pool: ProcessPoolExecutor | None = None

    def start(self, count: int) -> None:
        """Start the processes that about `count` pictures are worth, if they are not there."""
        processes = worth(count)
        if processes < 2 or self._pool is not None:
            return
        context = multiprocessing.get_context(START)
        if START == "forkserver":
            context.set_forkserver_preload(NEEDED)
        self._pool = ProcessPoolExecutor(processes, context, initializer=_settle, initargs=(self.make, self.how))
        with _ctrl_c_later():
            for _ in range(processes):
                self._pool.submit(_work, [])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is not None:  # waited for, as Python's end would, which trips over a pool that is just closing
            self._pool.shutdown(wait=True, cancel_futures=True)

    def read(
        self, reader: "CodeReader | FormReader", sources: Iterable[Source], count: int
    ) -> "Iterator[list[CodeReading]]":
        """Yield what is read on each picture, in order; one that cannot be read has an `error`, and none is lost.

        Args:
            reader: the caller's own.
            sources: paths, or the bytes of pictures.
            count: how many they are.
        """
        self.start(count)
        processes = worth(count)
        if processes < 2 or self._pool is None:
            yield from map(partial(answer, reader, self.how), sources)
            return
        together = TOGETHER if count >= MANY and self.how == How() else 1
        remaining = iter(sources)
        waiting: deque[Future[list[list[CodeReading]]]] = deque()
        while few := list(islice(remaining, together)):
            with _ctrl_c_later():
                waiting.append(self._pool.submit(_work, few))
            if len(waiting) >= max(2, AHEAD // together) * processes:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def worth(count: int) -> int:
    """Return how many processes so many pictures are worth."""
    return min(os.cpu_count() or 1, count // FEW)


@contextmanager
def _ctrl_c_later() -> Generator[None]:
    """Hold Ctrl-C back for a moment: a process that is started meanwhile never hears it, not even while it loads."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_duty: list[tuple[Make, How]] = []  # what this process is to read with, and how


def _settle(make: Make, how: How) -> None:
    """Make a process ready: it leaves Ctrl-C to its parent, and ends when that is gone, however it went.

    The reader is made with the first picture: by then the parent knows that nothing is wrong with the call.
    """
    from calame.imaging.recipe import stay_in_thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in NEEDED:
        import_module(name)
    stay_in_thread()
    _duty.append((make, how))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(sources: Sequence[Source]) -> "list[list[CodeReading]]":
    return [_read()(source) for source in sources]


@cache
def _read() -> "Callable[[Source], list[CodeReading]]":
    make, how = _duty[0]
    return partial(answer, make(), how)


def answer(reader: "CodeReader | FormReader", how: How, source: Source) -> "list[CodeReading]":
    """Return what is read on one picture: at least one reading, and of a form one for each field, whatever happens.

    What nobody expected is printed, and told as an error of this picture: the others must not wait for its repair.
    """
    from calame.reader.form import FormReader

    try:
        if isinstance(reader, FormReader):
            return list(reader.read(source, trace=how.trace).values())
        if not how.several:
            return [reader.read(source, trace=how.trace)]
        return reader.read_page(source, trace=how.trace)
    except InputError as error:
        return unread(reader, error)
    except Exception as error:
        traceback.print_exception(error)
        return unread(reader, CalameError(problem=f"{type(error).__name__}: {error}"))


def unread(reader: "CodeReader | FormReader", error: CalameError) -> "list[CodeReading]":
    """Return what is told of a picture that cannot be read: an error, of a form one for each field.

    Whoever looks for one field in the table finds every picture there.
    """
    from calame.reader.form import FormReader
    from calame.types import CodeReading

    fields = list(reader.fields) if isinstance(reader, FormReader) else [""]
    return [CodeReading(None, 0.0, error=error, field=field) for field in fields]
