"""A pile of pictures of any size, worked on a few at a time by as many threads as there are cores, in order.

Knows neither pictures nor networks: only that a single one is not a pile.
"""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from calame.errors import UsageError
from calame.locale import Phrase

Item = TypeVar("Item")
Done = TypeVar("Done")


def a_few_at_a_time(sources: Iterable[Item], work: Callable[[Item], Done], together: int) -> Iterator[list[Done]]:
    """Yield what `work` makes of the sources, in lists of at most `together`, in order.

    OpenCV and ONNX Runtime let go of Python's lock, so that threads are enough to use every core.

    Raises:
        UsageError: a single path or the bytes of a single picture in the place of the pile, whose letters or bytes
            are no pictures.
    """
    if isinstance(sources, str | os.PathLike | bytes | bytearray | memoryview):
        raise UsageError(problem=Phrase("reader.one_source"))
    remaining = iter(sources)
    with ThreadPoolExecutor(os.cpu_count(), "calame-pile") as workers:
        while chunk := list(itertools.islice(remaining, together)):
            yield list((workers.map if len(chunk) > 1 else map)(work, chunk))
