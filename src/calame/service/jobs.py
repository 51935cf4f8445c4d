"""A picture on its way to a queue, whatever it is read for."""

import asyncio
import threading
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from calame.engine.batcher import Batcher
from calame.errors import BusyError, CalameError, InputError
from calame.imaging.codec import Limits
from calame.service.decoding import Decoded, Drawer, decoded
from calame.service.pictures import Given

DRAWING = 20_000  # bytes: more than the page's pad ever sends

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class NobodyWaits(Exception):
    """What was being computed is of no use any more."""


@dataclass(frozen=True, eq=False)
class Job(Generic[Asked]):
    """A picture to be read: its bytes, its place in the request, what is asked, and in which language.

    `page` is the one to be read of a document, from 1 on; a PDF's is drawn already. `unit` is how many bytes count as
    one in a batch: a drawing counts 1, a phone's photo fills a batch by itself. `left` is set when its caller has gone,
    or was told that it took too long.
    """

    content: bytes | Decoded
    number: int
    asked: Asked
    language: str
    page: int = 1
    unit: int = DRAWING
    left: threading.Event = field(default_factory=threading.Event)

    @property
    def weight(self) -> int:
        """What it counts for in a batch."""
        size = len(self.content) if isinstance(self.content, bytes) else self.content.picture.pixels.nbytes
        return 1 + size // self.unit

    def decoded(self, limits: Limits) -> Decoded:
        """Return the picture: what every thread does first.

        Raises:
            NobodyWaits: it is not begun, for `left` is set; it may be in a batch with others that are waited for.
            InputError: it cannot be read.
        """
        if self.left.is_set():
            raise NobodyWaits
        if isinstance(self.content, bytes):
            return decoded(self.content, limits, self.page, self.number)
        return self.content


async def handed_in(
    batcher: Batcher[Job[Asked], Told],
    drawer: Drawer,
    given: Given,
    number: int,
    asked: Asked,
    language: str,
    *,
    page: int = 1,
    unit: int = DRAWING,
) -> Told | InputError:
    """Return what is told of the picture at place `number`, or what is wrong with it; see `Job`.

    Raises:
        Overloaded: the queue is full.
    """
    if isinstance(given, InputError):
        return given
    try:
        async with drawer.drawn(given, page, number) as content:
            job = Job(content, number, asked, language, page, unit)
            try:
                return await batcher.ask(job, weight=job.weight)
            except asyncio.CancelledError:
                job.left.set()
                raise
    except InputError as error:
        return error


async def in_place(answer: Awaitable[Told | InputError]) -> Told | CalameError:
    """Return what is told of one picture of a request, or what is wrong with it: it harms none of the others.

    What nobody expected is an error of ours, and has it for a cause; its words are for the log.

    Raises:
        Overloaded: which the request is, as a whole.
    """
    try:
        return await answer
    except BusyError:
        raise
    except CalameError as error:
        return error
    except Exception as error:
        ours = CalameError(problem=error)
        ours.__cause__ = error
        return ours
