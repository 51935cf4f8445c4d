"""A picture on its way to a queue, whatever it is read for."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from calame.engine.batcher import Batcher
from calame.errors import InputError
from calame.service.pictures import Given

DRAWING = 20_000  # bytes: more than the page's pad ever sends

Asked = TypeVar("Asked")
Told = TypeVar("Told")


@dataclass(frozen=True, eq=False)
class Job(Generic[Asked]):
    """A picture to be read: its bytes, its place in the request, what is asked, and in which language.

    `unit` is how many bytes count as one in a batch: a drawing counts 1, a phone's photo fills a batch by itself.
    """

    content: bytes
    number: int
    asked: Asked
    language: str
    unit: int = DRAWING

    @property
    def weight(self) -> int:
        """What it counts for in a batch."""
        return 1 + len(self.content) // self.unit


async def handed_in(
    batcher: Batcher[Job[Asked], Told],
    given: Given,
    number: int,
    asked: Asked,
    language: str,
    unit: int = DRAWING,
) -> Told | InputError:
    """Return what is told of the picture at place `number`, or what is wrong with it; see `Job`.

    Raises:
        Overloaded: the queue is full.
    """
    if isinstance(given, InputError):
        return given
    job = Job(given, number, asked, language, unit)
    try:
        return await batcher.ask(job, weight=job.weight)
    except InputError as error:
        return error
