"""Single requests -> batches: callers ask one at a time, the network is asked for all that wait, at once.

A thread of its own runs the network and sleeps on a condition: a lone request is served the moment it comes, and
what comes while the network works makes the next batch. This module knows arrays and waiting; nothing of requests,
pictures, or of who is waiting.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import Classifier, Floats
from calame.errors import Overloaded

LARGEST = 64  # pictures of a batch: their activations still fit in the processor's cache, see `session.CHUNK`
WAITING = 256  # pictures that may wait
RETRY_AFTER = 1  # seconds: a full queue is empty again long before

Observer = Callable[[int, float, float], None]
"""Told of each batch: its pictures, the longest wait in it and what the network took, in seconds."""


@dataclass(frozen=True, eq=False, slots=True)
class _Waiter:
    images: NDArray[np.uint8]
    answer: asyncio.Future[Floats]
    loop: asyncio.AbstractEventLoop
    since: float


class Batcher:
    """Asks a `Classifier` for many callers at once.

    Args:
        classify: (n, 28, 28) uint8 -> (n, 10) float32; called from one thread.
        largest: pictures of a batch, at most; a single call that brings more still goes through in one.
        waiting: pictures that wait, at most.
        observe: called from that thread after each batch.

    Example:
        >>> batcher = Batcher(Session(folder))
        >>> (await batcher.ask(images)).shape  # images: (5, 28, 28) uint8
        (5, 10)
    """

    def __init__(
        self, classify: Classifier, *, largest: int = LARGEST, waiting: int = WAITING, observe: Observer | None = None
    ) -> None:
        self._classify, self._largest, self._most, self._observe = classify, largest, waiting, observe
        self._queue: deque[_Waiter] = deque()
        self._waiting = 0  # pictures in the queue
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name="calame-network", daemon=True)
        self._thread.start()

    def __len__(self) -> int:
        """Pictures that wait; those in the network's hands are not among them."""
        return self._waiting

    async def ask(self, images: NDArray[np.uint8]) -> Floats:
        """Return the probabilities (n, 10) of (n, 28, 28) uint8. A caller that is cancelled is passed over.

        Raises:
            Overloaded: the queue is full, or closed; said at once.
            Exception: whatever the classifier raised for the batch that these pictures were in.
        """
        loop = asyncio.get_running_loop()
        waiter = _Waiter(images, loop.create_future(), loop, time.perf_counter())
        with self._changed:
            if self._closed or (self._waiting and self._waiting + len(images) > self._most):
                raise Overloaded(seconds=RETRY_AFTER)
            self._queue.append(waiter)
            self._waiting += len(images)
            self._changed.notify()
        return await waiter.answer

    def close(self) -> None:
        """Answer what waits, then end the thread; the call returns when it has ended."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _serve(self) -> None:
        """Run batch after batch until the queue is closed and empty."""
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if not self._queue:
                    return
                batch = self._take()
            if batch:
                self._run(batch)

    def _take(self) -> list[_Waiter]:
        """Take what fits into a batch, in order, without those who have left."""
        batch: list[_Waiter] = []
        room = self._largest
        while self._queue and (not batch or len(self._queue[0].images) <= room):
            waiter = self._queue.popleft()
            self._waiting -= len(waiter.images)
            if not waiter.answer.cancelled():
                batch.append(waiter)
                room -= len(waiter.images)
        return batch

    def _run(self, batch: Sequence[_Waiter]) -> None:
        started = time.perf_counter()
        try:
            answers: Floats | Exception = self._classify(np.concatenate([waiter.images for waiter in batch]))
        except Exception as error:  # whatever it is belongs to those who asked; the thread must live on
            answers = error
        if self._observe is not None:
            pictures = sum(len(waiter.images) for waiter in batch)
            self._observe(pictures, started - batch[0].since, time.perf_counter() - started)
        hand_out(batch, answers)


def hand_out(batch: Sequence[_Waiter], answers: "Floats | Exception") -> None:
    """Give every waiter its rows, or the error, in its own event loop: one call for all that share a loop."""
    start = 0
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Floats], Floats | Exception]]] = {}
    for waiter in batch:
        rows = answers if isinstance(answers, Exception) else answers[start : start + len(waiter.images)]
        start += len(waiter.images)
        by_loop.setdefault(waiter.loop, []).append((waiter.answer, rows))
    for loop, pairs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile, and with it all who waited in it
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: Sequence[tuple["asyncio.Future[Floats]", "Floats | Exception"]]) -> None:
    for answer, rows in pairs:
        if answer.done():  # cancelled while the network worked
            continue
        if isinstance(rows, Exception):
            answer.set_exception(rows)
        else:
            answer.set_result(rows)
