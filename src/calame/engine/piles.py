"""A pile of pictures of any size, worked on a few at a time by as many threads as there are cores, in order.

Knows neither pictures nor networks: only what is a single one, and so no pile.
"""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from calame.errors import UsageError
from calame.locale import Phrase

Item = TypeVar("Item")
Done = TypeVar("Done")


def a_few_at_a_time(sources: Iterable[Item], work: Callable[[Item], Done], together: int) -> Iterator[list[Done]]:
    """Yield what `work` makes of the sources, in lists of at most `together`, in order.

    OpenCV and ONNX Runtime let go of Python's lock, so that threads are enough to use every core.

    Raises:
        UsageError: a single picture in the place of the pile: a path, bytes, an open file, an image, an array (h, w),
            (h, w, 1), (h, w, 3) or (h, w, 4). Other arrays, (n, h, w) or (n, h, w, c), are piles of n.
    """
    if isinstance(sources, str | os.PathLike | bytes | bytearray | memoryview) or _is_picture(sources):
        raise UsageError(problem=Phrase("reader.one_source"))
    try:
        remaining = iter(sources)
    except TypeError as error:  # an image; what can only be asked for its items by number is a pile
        raise UsageError(problem=Phrase("reader.one_source")) from error
    with ThreadPoolExecutor(os.cpu_count(), "calame-pile") as workers:
        while chunk := list(itertools.islice(remaining, together)):
            yield list((workers.map if len(chunk) > 1 else map)(work, chunk))


def _is_picture(sources: object) -> bool:
    """Whether this is a single picture: an open file, which would give its lines, or pixels, grey or in colour."""
    if callable(getattr(sources, "read", None)):
        return True
    shape = sources.shape if isinstance(sources, np.ndarray) else ()
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3, 4))
