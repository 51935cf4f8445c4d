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
from functools import partial
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from calame.errors import CalameError, InputError

if TYPE_CHECKING:
    from calame.reader.code import CodeReader
    from calame.types import CodeReading

Source = str | bytes
Make = Callable[[], "CodeReader"]
START = "spawn"  # a fork would copy the threads' locks as they are
FEW = 24  # pictures: for less, starting a second process takes longer than it gains
AHEAD = 4  # pictures for each process that are handed out before the oldest is answered


@dataclass(frozen=True)
class How:
    """How each picture is read: all numbers on it, or one; with the pictures of the preparation, or without."""

    several: bool = False
    trace: bool = False


def read_pile(make: Make, sources: Iterable[Source], count: int, how: How) -> "Iterator[list[CodeReading]]":
    """Yield what is read on each picture, in order; one that cannot be read has an `error`, and none is lost.

    Args:
        make: makes the reader; it goes to other processes, so it must be one that can be pickled.
        sources: paths, or the bytes of pictures.
        count: how many they are, to know whether other processes are worth their start.
        how: what is asked of each.
    """
    processes = min(os.cpu_count() or 1, count // FEW)
    if processes < 2:
        yield from map(partial(answer, make(), how), sources)
    else:
        yield from _shared(make, sources, how, processes)


def _shared(make: Make, sources: Iterable[Source], how: How, processes: int) -> "Iterator[list[CodeReading]]":
    context = multiprocessing.get_context(START)
    pool = ProcessPoolExecutor(processes, context, initializer=_settle, initargs=(make, how))
    waiting: deque[Future[list[CodeReading]]] = deque()
    try:
        for source in sources:
            with _ctrl_c_later():
                waiting.append(pool.submit(_work, source))
            if len(waiting) >= AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


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


_own: "list[Callable[[Source], list[CodeReading]]]" = []  # what this process reads with


def _settle(make: Make, how: How) -> None:
    """Make a process ready: it leaves Ctrl-C to its parent, and ends when that is gone, however it went."""
    from calame.imaging.recipe import stay_in_thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    stay_in_thread()
    _own.append(partial(answer, make(), how))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _work(source: Source) -> "list[CodeReading]":
    return _own[0](source)


def answer(reader: "CodeReader", how: How, source: Source) -> "list[CodeReading]":
    """Return what is read on one picture: at least one reading, whatever happens.

    What nobody expected is printed, and told as an error of this picture: the others must not wait for its repair.
    """
    from calame.types import CodeReading

    try:
        if not how.several:
            return [reader.read(source, trace=how.trace)]
        found: Sequence[CodeReading] = reader.read(source, several=True, trace=how.trace)
        return list(found) or [CodeReading(None, 0.0, rejected="no_digits")]
    except InputError as error:
        return [CodeReading(None, 0.0, error=error)]
    except Exception as error:
        traceback.print_exception(error)
        return [CodeReading(None, 0.0, error=CalameError(problem=f"{type(error).__name__}: {error}"))]
