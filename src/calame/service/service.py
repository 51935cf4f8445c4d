"""What the routes share: the desk, the history, the measures, and how long they wait."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from calame.errors import SlowRequest, TimedOut
from calame.service.codes import CodeDesk
from calame.service.metrics import Metrics
from calame.service.reading import Desk, Told
from calame.service.settings import ServiceSettings
from calame.service.store import Entry, Store
from calame.service.training import Trainer

T = TypeVar("T")
PATIENCE = 0.05  # seconds before we look whether the client is still there: most answers are out long before
LONGEST = 0.8  # seconds between two such looks, each twice as far off as the last


@dataclass(frozen=True, eq=False)
class Service:
    """One running service."""

    settings: ServiceSettings
    metrics: Metrics
    desk: Desk
    codes: CodeDesk
    store: Store
    trainer: Trainer

    async def receive(self, reading: Awaitable[T]) -> T:
        """Return what a request brings.

        Raises:
            SlowRequest: it does not arrive. ClientLeft: nor will it ever.
        """
        try:
            async with asyncio.timeout(self.settings.arrival):
                return await reading
        except TimeoutError as error:
            raise SlowRequest(seconds=round(self.settings.arrival)) from error
        except ClientDisconnect as error:
            raise ClientLeft from error

    async def finish(self, request: Request, work: Coroutine[Any, Any, T]) -> T:
        """Return what the work comes to; it is given up when the client leaves or it takes too long.

        Raises:
            TimedOut: it took too long.
            ClientLeft: nobody waits for an answer.
        """
        # In this very task: one of its own for the work would send each answer through the event loop three times more.
        patience = Patience(request, self.settings.seconds)
        try:
            return await work
        except asyncio.CancelledError:
            if patience.why is None or patience.task.uncancel():
                raise
            raise patience.why from None
        finally:
            patience.timer.cancel()

    async def keep(self, told: Sequence[Told], names: Sequence[str]) -> Sequence[int | None]:
        """Write readings to the history, together, and return their ids; None for each when none is kept."""
        entries = [entry_of(one, name) for one, name in zip(told, names, strict=True)]
        return await asyncio.to_thread(self.store.offer, entries) if entries else []


def entry_of(told: Told, name: str) -> Entry:
    """Return a reading as the history keeps it."""
    reading, ready = told.reading, told.ready
    model = str(told.values["model"])
    return Entry(reading.digit, reading.confidence, ready.kept, ready.png, reading.rejected, name, model)


class Patience:
    """Looks, less and less often, whether a request's work is still waited for, and cancels its task when it is not."""

    def __init__(self, request: Request, seconds: float) -> None:
        task = asyncio.current_task()
        assert task is not None  # whoever waits is in one
        self.task, self._request, self._seconds = task, request, seconds
        self._loop = asyncio.get_running_loop()
        self._ends = self._loop.time() + seconds
        self.why: Exception | None = None  # the task was cancelled
        self.timer = self._loop.call_later(min(PATIENCE, seconds), self._look, 2 * PATIENCE)

    def _look(self, pause: float) -> None:
        rest = self._ends - self._loop.time()
        try:
            if rest <= 0:
                raise TimedOut(seconds=1, limit=round(self._seconds))
            if has_left(self._request):
                raise ClientLeft
        except Exception as error:
            self.why = error
            self.task.cancel()
        else:
            self.timer = self._loop.call_later(min(pause, rest), self._look, min(2 * pause, LONGEST))


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


def has_left(request: Request) -> bool:
    """Whether the client has closed its connection.

    What the server has to tell is asked for and not waited for: a task of its own for each request that waits would
    take a tenth of the processor under load.
    """
    asking = request.receive().__await__()
    try:
        next(asking)  # it goes as far as it can without waiting
    except StopIteration as told:
        return told.value["type"] == "http.disconnect"
    finally:
        asking.close()
    return False
