"""Codes through the service: the same desk, queue and limits as single digits have; opened when first asked for.

What a request asks is a set of checks and a share of wrong answers; the networks behind are opened once. This module
knows nothing of HTTP but the parameters of an address.
"""

import asyncio
import copy
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from starlette.datastructures import QueryParams

from calame.artifact import ModelFolder
from calame.drawing.png import png, uri
from calame.engine.batcher import Batcher
from calame.errors import BadParameter, CalameError
from calame.imaging.codec import Limits
from calame.imaging.paper import shrink
from calame.imaging.region import Region, parse_region
from calame.locale import LANGUAGES, Phrase, text
from calame.reader.budget import stamped
from calame.reader.checks import parse_check
from calame.reader.code import CodeReader
from calame.reader.page import only_numbers
from calame.service.code_values import budget_json, code_json
from calame.service.jobs import Job, handed_in, in_place
from calame.service.metrics import Metrics
from calame.service.opened import Opened
from calame.service.pictures import Given, check_names, page_asked, page_json, switch
from calame.service.reading import Desk, Json
from calame.service.settings import ServiceSettings
from calame.types import Budget, CodeReading, Trace

MOST_CHECKS = 8  # of a request
LONGEST = 2000  # letters of a check: a list of two hundred codes
PARAMETERS = ("check", "kind", "lang", "max_wrong", "model", "page", "region", "several", "trace")
APART = " .,-/\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"  # what people put between digits
KEPT = 16  # readers with thresholds of their own, at once
SHOWN = 800  # pixels: longer side of a step's picture; a line is wide


@dataclass(frozen=True)
class CodeWishes:
    """What a request asks of codes; `checks` and `max_wrong` as they were written; `page` of each document."""

    checks: tuple[str, ...] = ()
    max_wrong: str | None = None
    kind: str | None = None
    several: bool = False
    trace: bool = False
    model: str | None = None
    page: int = 1
    region: Region | None = None


def code_wishes(query: QueryParams, *others: str) -> CodeWishes:
    """Read the parameters of an address, which may have `others` as well.

    Raises:
        UnknownParameter: one that is not known: a check that is spelt wrong must not check nothing in silence.
        BadParameter: a switch that is neither on nor off, a language that is not spoken, too many checks, a page
            that is no number, a region that is none.
        BadCheck: a check that does not parse, or names a file.
    """
    check_names(query, (*PARAMETERS, *others))
    if query.get("lang", "fr") not in LANGUAGES:
        raise BadParameter(name="lang", found=repr(query["lang"][:20]), expected=" / ".join(LANGUAGES))
    given = tuple(check for check in query.getlist("check") if check.strip())
    if len(given) > MOST_CHECKS or any(len(check) > LONGEST for check in given):
        raise BadParameter(name="check", found=f"{len(given)} × …", expected=f"≤ {MOST_CHECKS}, ≤ {LONGEST}")
    checks = tuple(str(parse_check(check, files=False)) for check in given)
    max_wrong, kind, model = (query.get(name) or None for name in ("max_wrong", "kind", "model"))
    several, trace = (switch(name, query.get(name, "")) for name in ("several", "trace"))
    region = parse_region(query["region"]) if query.get("region") else None
    return CodeWishes(checks, max_wrong, kind, several, trace, model, page_asked(query), region)


def unfit(query: QueryParams) -> list[str]:
    """Return the checks of an address that its `text`, without separators, does not fit.

    Raises:
        BadParameter, BadCheck: as `code_wishes`; no text, or too long a one.
    """
    given = query.get("text", "")
    if not given:
        raise BadParameter(name="text", found=Phrase("service.missing"), expected="text=0042")
    if len(given) > LONGEST:
        raise BadParameter(name="text", found=Phrase("service.characters", count=len(given)), expected=f"≤ {LONGEST}")
    number = "".join(letter for letter in given if letter not in APART)
    return [check for check in code_wishes(query, "text").checks if not parse_check(check, files=False)(number)]


@dataclass(frozen=True, eq=False)
class CodeTold:
    """What is told of a picture."""

    values: Json


class CodeModel:
    """The readers of codes on one digit network: a reader for what is asked, and a queue."""

    def __init__(self, folder: ModelFolder, settings: ServiceSettings, metrics: Metrics) -> None:
        self.name, self._folder = str(folder.manifest), folder
        self._limits, self._metrics = Limits(settings.body, settings.pixels), metrics
        self._calibration = settings.calibration
        self._stamp = {} if settings.calibration is None else {"calibration": stamped(settings.calibration)}
        self._made: OrderedDict[tuple[str | None, str | None], CodeReader] = OrderedDict()
        self._making = threading.Lock()
        self.reader(CodeWishes())
        self.batcher = Batcher[Job[CodeWishes], CodeTold](
            self.read, largest=1, waiting=settings.waiting, threads=settings.threads, observe=metrics.on_batch
        )

    def reader(self, asked: CodeWishes) -> CodeReader:
        """Return a reader that has these checks, looks where these wishes look, and refuses what these wishes refuse.

        Raises:
            UsageError: a share of wrong answers that cannot be promised, or a kind of input that is not known.
        """
        key = asked.max_wrong, asked.kind
        with self._making:
            if key not in self._made:
                self._made[key] = CodeReader(
                    self._folder, max_wrong=asked.max_wrong, kind=asked.kind, calibration=self._calibration
                )
                while len(self._made) > KEPT:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            reader = copy.copy(self._made[key])
        reader.checks, reader.region = tuple(parse_check(check, files=False) for check in asked.checks), asked.region
        return reader

    def read(self, jobs: Sequence[Job[CodeWishes]]) -> list[CodeTold | Exception]:
        """Read pictures one after the other. What is wrong with one stands in its place."""
        return [self._one(job) for job in jobs]

    def _one(self, job: Job[CodeWishes]) -> CodeTold | Exception:
        try:
            picture, seconds = job.decoded(self._limits)
            started, reader = time.perf_counter(), self.reader(job.asked)
            found, trace = _read(reader, picture.pixels, job.asked)
        except Exception as error:  # of this picture alone: those who came with it have their answers
            return error
        took = seconds, time.perf_counter() - started
        self._metrics.on_codes(found, *took)
        values = self._values(found, trace, job, reader.budget)
        height, width = picture.pixels.shape[:2]
        times = {"decode": round(took[0] * 1e3, 3), "read": round(took[1] * 1e3, 3)}
        of_picture: Json = {"size": [width, height], **page_json(picture), "milliseconds": times, "model": self.name}
        of_picture |= self._stamp
        if job.asked.region is not None:
            of_picture["region"] = list(job.asked.region.of(width, height))
        return CodeTold({**values, **of_picture})

    def _values(
        self, found: Sequence[CodeReading], trace: Trace | None, job: Job[CodeWishes], budget: Budget | None
    ) -> Json:
        told = [code_json(reading, job.language) for reading in found]
        values: Json = {"numbers": told} if job.asked.several else told[0]
        if budget is not None:
            values["budget"] = budget_json(budget)
        if trace is not None:
            values["trace"] = trace_json(trace, job.language)
        return values


def _read(reader: CodeReader, pixels: NDArray[np.uint8], asked: CodeWishes) -> tuple[list[CodeReading], Trace | None]:
    """Return the numbers of a picture, and what its preparation came to."""
    if not asked.several:
        reading = reader.read(pixels, trace=asked.trace)
        return [reading], reading.trace
    found = reader.read_page(pixels, trace=asked.trace)
    return only_numbers(found), found[0].trace


def trace_json(trace: Trace, language: str) -> list[Json]:
    """Return the steps of the preparation as plain values."""
    return [
        {
            "step": step.name,
            "words": text(f"step.{step.name}", language),
            "milliseconds": round(step.milliseconds, 3),
            "image": uri(png(shrink(step.picture, SHOWN))),
        }
        for step in trace.steps
    ]


class CodeDesk:
    """Where pictures of codes are handed in; what is in hand is counted together with the digits' desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._opened = Opened(desk.models, self._open, lambda model: model.batcher.close())

    async def read(self, given: Sequence[Given], asked: CodeWishes, language: str) -> list[CodeTold | CalameError]:
        """Read pictures; the answers are in order, and what is wrong with one stands in its place.

        Raises:
            Overloaded: too many are in hand already; said at once.
            UnknownModel, UsageError: the wishes cannot be met.
        """
        with self.desk.hold(len(given)):
            model = await self.desk.work(self._ready, asked)
            each = (
                handed_in(model.batcher, self.desk.drawer, one, number, asked, language, page=asked.page)
                for number, one in enumerate(given, start=1)
            )
            return await asyncio.gather(*map(in_place, each))

    async def kinds(self) -> Sequence[str]:
        """Return the kinds of pictures that a share of wrong answers can be asked for."""
        model = await self.desk.work(self._ready, CodeWishes())
        return model.reader(CodeWishes()).kinds

    def _ready(self, asked: CodeWishes) -> CodeModel:
        """Return an opened model that can meet the wishes; from a thread, for opening takes a moment."""
        model = self._opened.get(asked.model)
        model.reader(asked)
        return model

    def _open(self, folder: ModelFolder) -> CodeModel:
        return CodeModel(folder, self.desk.settings, self.desk.metrics)

    def close(self) -> None:
        """Answer what waits, and end the threads."""
        self._opened.close()
