"""Single requests -> batches: callers ask one at a time, and all that wait are worked on together.

A few threads do the work and sleep on a condition: a lone request is served the moment it comes, and what comes while
they work makes the next batches. One hand-over there and one back is all that a request pays, however much is done in
between. This module knows jobs and waiting; nothing of requests, pictures, networks, or of who is waiting.
"""

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from calame.errors import Overloaded

Job = TypeVar("Job")
Answer = TypeVar("Answer")

LARGEST = 16  # jobs of weight 1 in a batch
WAITING = 256  # jobs that may wait
RETRY_AFTER = 1  # seconds: a full queue is empty again long before

Observer = Callable[[int, float], None]
"""Told of each batch: its jobs, and the longest that one of them waited, in seconds."""


@dataclass(frozen=True, eq=False, slots=True)
class _Waiter(Generic[Job, Answer]):
    job: Job
    weight: int
    answer: "asyncio.Future[Answer]"
    loop: asyncio.AbstractEventLoop
    since: float


class Batcher(Generic[Job, Answer]):
    """Does the work of many callers at once.

    Args:
        work: jobs -> for each, in order, its answer or the error that is its own; called from each of the threads.
        largest: weight of a batch, at most; a single heavier job still goes through, alone.
        waiting: jobs that wait, at most.
        threads: that work.
        observe: called from such a thread before each batch.

    Example:
        >>> batcher = Batcher(lambda jobs: [job * 2 for job in jobs])
        >>> await batcher.ask(21)
        42
    """

    def __init__(
        self,
        work: Callable[[Sequence[Job]], Sequence[Answer | Exception]],
        *,
        largest: int = LARGEST,
        waiting: int = WAITING,
        threads: int = 1,
        observe: Observer | None = None,
    ) -> None:
        self._work, self._largest, self._most, self._observe = work, largest, waiting, observe
        self._queue: deque[_Waiter[Job, Answer]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._serve, name=f"calame-work-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    def __len__(self) -> int:
        """Jobs that wait; those being worked on are not among them."""
        return len(self._queue)

    async def ask(self, job: Job, *, weight: int = 1) -> Answer:
        """Return the answer to a job. A caller that is cancelled is passed over.

        Raises:
            Overloaded: the queue is full, or closed; said at once.
            Exception: the job's own error, or whatever the work raised for the batch that it was in.
        """
        loop = asyncio.get_running_loop()
        waiter: _Waiter[Job, Answer] = _Waiter(job, weight, loop.create_future(), loop, time.perf_counter())
        with self._changed:
            if self._closed or len(self._queue) >= self._most:
                raise Overloaded(seconds=RETRY_AFTER)
            self._queue.append(waiter)
            self._changed.notify()
        return await waiter.answer

    def close(self) -> None:
        """Answer what waits, then end the threads; the call returns when they have ended."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        """Do batch after batch until the queue is closed and empty."""
        while True:
            with self._changed:
                while not self._queue and not self._closed:
                    self._changed.wait()
                if not self._queue:
                    return
                batch = self._take()
            if batch:
                self._run(batch)

    def _take(self) -> list[_Waiter[Job, Answer]]:
        """Take what fits into a batch, in order, without those who have left."""
        batch: list[_Waiter[Job, Answer]] = []
        room = self._largest
        while self._queue and (not batch or self._queue[0].weight <= room):
            waiter = self._queue.popleft()
            if not waiter.answer.cancelled():
                batch.append(waiter)
                room -= waiter.weight
        return batch

    def _run(self, batch: Sequence[_Waiter[Job, Answer]]) -> None:
        try:
            if self._observe is not None:
                self._observe(len(batch), time.perf_counter() - batch[0].since)
            answers = self._work([waiter.job for waiter in batch])
        except Exception as error:  # whatever it is belongs to those who asked; the thread must live on
            answers = [error] * len(batch)
        if len(answers) != len(batch):
            answers = [RuntimeError(f"{len(answers)} answers to {len(batch)} jobs")] * len(batch)
        hand_out(batch, answers)


def hand_out(batch: Sequence[_Waiter[Job, Answer]], answers: Sequence[Answer | Exception]) -> None:
    """Give every waiter its answer, or the error, in its own event loop: one call for all that share a loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Answer], Answer | Exception]]] = {}
    for waiter, answer in zip(batch, answers, strict=True):
        by_loop.setdefault(waiter.loop, []).append((waiter.answer, answer))
    for loop, pairs in by_loop.items():
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile, and with it all who waited in it
            loop.call_soon_threadsafe(_settle, pairs)


def _settle(pairs: "Sequence[tuple[asyncio.Future[Answer], Answer | Exception]]") -> None:
    for future, answer in pairs:
        if future.done():  # cancelled while the work was done
            continue
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
