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

T = TypeVar("T")
PATIENCE = 0.05  # seconds before we look whether the client is still there: most answers are out long before


@dataclass(frozen=True, eq=False)
class Service:
    """One running service."""

    settings: ServiceSettings
    metrics: Metrics
    desk: Desk
    codes: CodeDesk
    store: Store

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
        task = asyncio.ensure_future(work)
        try:
            async with asyncio.timeout(self.settings.seconds):
                done, _ = await asyncio.wait({task}, timeout=PATIENCE)
                return task.result() if done else await _watched(request, task)
        except TimeoutError as error:
            raise TimedOut(seconds=1, limit=round(self.settings.seconds)) from error
        finally:
            task.cancel()

    async def keep(self, told: Sequence[Told], names: Sequence[str]) -> Sequence[int | None]:
        """Write readings to the history, together, and return their ids; None for each when none is kept."""
        entries = [entry_of(one, name) for one, name in zip(told, names, strict=True)]
        return await asyncio.to_thread(self.store.offer, entries) if entries else []


def entry_of(told: Told, name: str) -> Entry:
    """Return a reading as the history keeps it."""
    reading, ready = told.reading, told.ready
    model = str(told.values["model"])
    return Entry(reading.digit, reading.confidence, ready.kept, ready.png, reading.rejected, name, model)


class ClientLeft(Exception):
    """Nobody waits for the answer any more."""


async def _watched(request: Request, task: asyncio.Future[T]) -> T:
    """Wait for the work, and for the client to leave, whichever comes first."""
    leaving = asyncio.ensure_future(_left(request))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientLeft
    finally:
        leaving.cancel()


async def _left(request: Request) -> None:
    """Return when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
