"""A setting of the whole process that several threads need changed at the same time."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager


class Shared:
    """Makes a change when the first thread comes, and undoes it when the last one goes.

    Each for itself would put settings back in the wrong order, or under the feet of the others.

    Args:
        change: makes the change, and returns what undoes it.

    Example:
        >>> with Shared(lambda: print("on") or (lambda: print("off"))).held():
        ...     pass
        on
        off
    """

    def __init__(self, change: Callable[[], Callable[[], object]]) -> None:
        self._change, self._lock, self._inside = change, threading.Lock(), 0
        self._undo: Callable[[], object] = lambda: None

    @contextmanager
    def held(self) -> Generator[None]:
        """Hold the change for as long as the block runs."""
        with self._lock:
            if self._inside == 0:
                self._undo = self._change()
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if self._inside == 0:
                    self._undo()
