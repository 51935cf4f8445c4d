"""One picture through the service: prepare it, ask the network with others, decide, tell.

1. what may be in hand at once is counted: one more is refused at once; a page of a PDF is drawn;
2. whoever waits is taken together by a thread (`engine.batcher`), which decodes and prepares each (and draws the
   steps, when asked), asks the network once for all of them, decides, and says it as plain values;
3. the maps of every layer, in a thread again, when asked.

This module knows nothing of HTTP.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import ParamSpec, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from calame.artifact import ModelFolder
from calame.drawing.png import png, uri
from calame.engine.batcher import Batcher
from calame.engine.graph import Graph, read_graph
from calame.engine.session import Inspector
from calame.errors import BadParameter, CalameError, InputError, Overloaded, UnknownModel
from calame.imaging.closer import closer
from calame.imaging.codec import Limits
from calame.imaging.paper import shrink
from calame.imaging.recipe import Prepared, Recipe, name_of, run
from calame.imaging.steps import Limit
from calame.locale import text
from calame.reader.digit import ENOUGH, DigitReader, worth_a_closer_look
from calame.reader.looks import UNASKED, Looked
from calame.service.decoding import Drawer
from calame.service.digit_values import NEEDED, Json, Step, quality_json, sprite_json, step_json
from calame.service.jobs import Job, handed_in, in_place
from calame.service.looking import Looking
from calame.service.metrics import Metrics
from calame.service.pictures import Given, Wishes, page_json
from calame.service.settings import ServiceSettings
from calame.shelf import Shelf
from calame.types import DigitReading, Picture

P = ParamSpec("P")
R = TypeVar("R")
SHOWN = 160  # pixels: longer side of a step's picture
UNLIMITED = 1600  # pixels: longer side when `limit` is turned off; a photo as it is would take seconds
KEPT = 320  # pixels: longer side of a picture in the history
TOP = 3
FRESH = 0.3  # seconds between looks at the shelf
DIGITS = "digits"  # the task of the models that read here


@dataclass(frozen=True, eq=False)
class Ready:
    """A picture on its way: decoded, prepared, drawn, and timed (milliseconds)."""

    picture: Picture
    prepared: Prepared
    png: bytes | None
    kept: bytes  # the picture itself as PNG, for the history; empty when it is not to be kept
    steps: Sequence[Step]
    decode: float
    prepare: float
    place: Json  # which page it is, of a document of several


@dataclass(frozen=True, eq=False)
class Told:
    """What is told of a picture: the plain values, and the reading with the pictures that they came from."""

    values: Json
    reading: DigitReading
    ready: Ready


class Model:
    """An opened model: its reader, its queue, and, from the first time it is asked, what every layer computes."""

    def __init__(self, folder: ModelFolder, settings: ServiceSettings, metrics: Metrics) -> None:
        self.folder = folder
        self.name = str(folder.manifest)
        self.reader = DigitReader(folder)
        self.look, self._metrics = self.reader.look, metrics
        self.batcher = Batcher[Job[Wishes], Told](
            self.read,
            largest=settings.batch,
            waiting=settings.waiting,
            threads=settings.threads,
            observe=metrics.on_batch,
        )
        self.limits = Limits(settings.body, settings.pixels, ENOUGH)

    @cached_property
    def inspector(self) -> Inspector:
        """The network that shows every layer."""
        return Inspector(self.folder)

    @cached_property
    def graph(self) -> Graph:
        """The network as it is written in its file."""
        return read_graph(self.folder)

    @property
    def steps(self) -> tuple[str, ...]:
        """The names of the preparation steps."""
        return tuple(name_of(step) for step in self.reader.recipe.steps)

    @property
    def removable(self) -> list[str]:
        """The names of those that may be left out."""
        return [name for name in self.steps if name not in NEEDED]

    def warm_up(self) -> None:
        """Read a drawn stroke from end to end, so that the first client does not pay for what loads late."""
        drawing = np.full((280, 280), 255, np.uint8)
        drawing[60:220, 130:150] = 0
        job = Job(bytes(png(drawing)), 1, Wishes(), "en")
        self._look([(job, prepare(self, job))])

    def read(self, jobs: Sequence[Job[Wishes]]) -> list[Told | Exception]:
        """Read pictures together: the network is asked once. What is wrong with one stands in its place."""
        found = [self._prepare(job) for job in jobs]
        pairs = [(job, one) for job, one in zip(jobs, found, strict=True) if isinstance(one, Ready)]
        looked, network = self._look([(job, one) for job, one in pairs if one.prepared.pixels is not None])
        if network:
            self._metrics.on_network(network)
        answers = iter(zip(looked.answers, looked.looks.tolist(), strict=True))
        return [
            self._told(job, one, answers, network) if isinstance(one, Ready) else one
            for job, one in zip(jobs, found, strict=True)
        ]

    def _look(self, shown: Sequence[tuple[Job[Wishes], Ready]]) -> tuple[Looked, float]:
        """Return what the network says of what was prepared, and the seconds that it took; for none it is not asked."""
        faces = [one.prepared.pixels for _, one in shown if one.prepared.pixels is not None]
        if not faces:
            return UNASKED, 0.0
        started = time.perf_counter()
        always = np.array([job.asked.tta for job, _ in shown])
        looked = self.look(np.stack(faces), always)
        return looked, time.perf_counter() - started

    def _prepare(self, job: Job[Wishes]) -> Ready | Exception:
        try:
            return prepare(self, job)
        except Exception as error:  # of this picture alone: those who came with it have their answers
            return error

    def _told(
        self, job: Job[Wishes], ready: Ready, answers: Iterator[tuple[NDArray[np.float32], int]], network: float
    ) -> Told | Exception:
        answer, looks = (None, 0) if ready.prepared.pixels is None else next(answers)
        try:
            return self._tell(job, ready, answer, looks, network)
        except Exception as error:  # of this picture alone, again
            return error

    def _tell(
        self, job: Job[Wishes], ready: Ready, answer: NDArray[np.float32] | None, looks: int, network: float
    ) -> Told:
        reading = self.asked(job.asked).decide(ready.prepared, answer, looks)
        if worth_a_closer_look(reading):
            ready, reading = self._closer(job, ready) or (ready, reading)
        values = reading_json(reading, ready, self, job.language)
        if job.asked.trace:
            values["trace"] = [step_json(step, job.language) for step in ready.steps]
        values["milliseconds"] = {
            "decode": round(ready.decode, 3), "prepare": round(ready.prepare, 3), "network": round(network * 1e3, 3),
        }  # fmt: skip
        self._metrics.on_reading(reading, self.name, ready.decode / 1e3, ready.prepare / 1e3)
        return Told(values, reading, ready)

    def _closer(self, job: Job[Wishes], ready: Ready) -> tuple[Ready, DigitReading] | None:
        """Look at the part of the picture that has the darkest ink; None where that is not read surely."""
        started = time.perf_counter()
        part = closer(ready.picture, self.reader.recipe)
        if part is None:
            return None
        found = (time.perf_counter() - started) * 1e3
        near = prepared(self, part, replace(job.asked, keep=False), ready.decode)
        reading = self.asked(job.asked).surely(near.prepared, job.asked.tta)
        if reading is None:
            return None
        seen = [Step("closer", found, png(shrink(part.pixels, SHOWN)))] if job.asked.trace else []
        steps = [*ready.steps[:1], *seen, *near.steps[1:]]
        return replace(near, kept=ready.kept, steps=steps, prepare=ready.prepare + found + near.prepare), reading

    def asked(self, wishes: Wishes) -> DigitReader:
        """Return the reader that refuses what these wishes refuse.

        Raises:
            UsageError: the model promises nothing as strict.
        """
        return self.reader if wishes.one_in is None else self.reader.promising(wishes.one_in)

    def recipe(self, off: Sequence[str]) -> Recipe:
        """Return the preparation without some of its steps.

        Raises:
            BadParameter: a step that there is not, or that nothing works without.
        """
        if not off:
            return self.reader.recipe
        for name in off:
            if name not in self.removable:
                raise BadParameter(name="off", found=repr(name[:40]), expected=", ".join(self.removable))
        steps = self.reader.recipe.steps
        lighter = (Limit(UNLIMITED) if isinstance(step, Limit) else step for step in steps) if "limit" in off else steps
        return Recipe(tuple(step for step in lighter if name_of(step) not in off or isinstance(step, Limit)))

    def activations(self, pixels: NDArray[np.uint8]) -> list[Json]:
        """Return every layer's maps for one (28, 28) picture as sprites."""
        computed = self.inspector.activations(pixels[None])
        return [self._layer(name, computed[name][0]) for name in self.inspector.layers]

    def _layer(self, name: str, maps: NDArray[np.float32]) -> Json:
        """Return the maps of a layer for one picture, (h, w, n) or (n,), as plain values."""
        return {"layer": name, "kind": self.graph.layer(name).kind, "shape": list(maps.shape), **sprite_json(maps)}


class Models:
    """The models of a service: the one in use opened at the start, the others when they are first asked for.

    A model that comes to the shelf later, from a training or an import, is there without a restart, in every process.

    Raises:
        MissingModel, DamagedModel: the model in use does not open.
    """

    def __init__(
        self, settings: ServiceSettings, metrics: Metrics, folders: Sequence[ModelFolder] | None = None
    ) -> None:
        self._settings, self._metrics, self._opening = settings, metrics, threading.Lock()
        self._shelf = shelf = Shelf(settings.models)
        self._given, self._state, self._looked = folders is not None, shelf.state(), time.monotonic()
        self._first = first = folders[0] if folders else shelf.find()
        self.folders: dict[str, ModelFolder] = {}
        self._take_note(folders if folders is not None else shelf.list())
        self.default = self._open(first)
        self.opened = {self.default.name: self.default}
        self.default.warm_up()

    def _open(self, folder: ModelFolder) -> Model:
        return Model(folder, self._settings, self._metrics)

    def _take_note(self, found: Sequence[ModelFolder]) -> None:
        """Remember what models there are, given as `Shelf.list` does; one that is as it was stays the same object."""
        kept, home = self.folders, self._shelf.home
        fresh = of_digits((self._first, *found))
        self.folders = {name: kept[name] if kept.get(name) == one else one for name, one in fresh.items()}
        # As `Shelf.find` has it: the last version among the user's, and only without any among the package's.
        order = sorted(of_digits(found).values(), key=lambda one: home is not None and one.path.is_relative_to(home))
        self._last = {one.manifest.name: str(one.manifest) for one in (self._first, *order)}

    def name(self, wanted: str | None) -> str:
        """Return the full name of a model: by `name@version`, or by name, as `Shelf.find`; no path is looked at.

        Raises:
            UnknownModel: no model of this name.
        """
        if wanted is None:
            return self.default.name
        for patience in (FRESH, 0.0):  # one that is not known may have come this moment
            self.refresh(patience)
            if wanted in self.folders:
                return wanted
            if wanted in self._last:
                return self._last[wanted]
        raise self._unknown(wanted)

    def folder(self, name: str) -> ModelFolder:
        """Return the folder of a model by its full name.

        Raises:
            UnknownModel: it left the shelf this moment.
        """
        folder = self.folders.get(name)
        if folder is None:
            raise self._unknown(name)
        return folder

    def _unknown(self, wanted: str) -> UnknownModel:
        return UnknownModel(name=wanted[:80], known=", ".join(self.folders))

    def refresh(self, patience: float = FRESH) -> None:
        """See whether models have come to the shelf or left it, unless that was looked at so few seconds ago."""
        if self._given or time.monotonic() - self._looked < patience:
            return
        self._looked, state = time.monotonic(), self._shelf.state()
        if state == self._state:
            return
        self._state = state
        self._take_note(self._shelf.list())
        for name in tuple(self.opened):
            if self.ready(name) is None:
                self._let_go(name)

    def _let_go(self, name: str) -> None:
        if (left := self.opened.pop(name, None)) is not None:
            threading.Thread(target=left.batcher.close).start()  # who waits has an answer first

    def ready(self, name: str) -> Model | None:
        """Return a model by its full name, if it is open, and none has come to the shelf in its place."""
        model = self.opened.get(name)
        return model if model is not None and model.folder is self.folders.get(name) else None

    def get(self, wanted: str | None) -> Model:
        """Return a model, opened; from a thread, for opening takes 50 ms.

        Raises:
            UnknownModel: no model of this name. DamagedModel: it does not open.
        """
        name = self.name(wanted)
        with self._opening:  # each has a thread of its own, and none may be opened twice
            if (model := self.ready(name)) is None:
                self._let_go(name)
                model = self.opened[name] = self._open(self.folder(name))
            return model

    def close(self) -> None:
        """Answer what waits, and end the threads."""
        for model in self.opened.values():
            model.batcher.close()


def of_digits(folders: Sequence[ModelFolder]) -> dict[str, ModelFolder]:
    """Return the models that read digits, by full name, the first of each; others on the shelf read something else."""
    found: dict[str, ModelFolder] = {}
    for folder in folders:
        if folder.manifest.task == DIGITS:
            found.setdefault(str(folder.manifest), folder)
    return found


class Desk:
    """Where pictures are handed in: it owns the threads that prepare, and counts what is in hand."""

    def __init__(
        self, settings: ServiceSettings, metrics: Metrics, folders: Sequence[ModelFolder] | None = None
    ) -> None:
        self.settings, self.metrics = settings, metrics
        self.models = Models(settings, metrics, folders)
        self.looking, self.drawer = Looking(settings, metrics), Drawer(settings)
        self.pool = ThreadPoolExecutor(settings.threads, "calame-prepare")
        self.slow = ThreadPoolExecutor(1, "calame-slow")  # for what takes seconds: one at a time
        self.in_hand = 0
        metrics.watch(lambda: float(self.in_hand))

    @property
    def full(self) -> bool:
        """Whether another picture would be refused."""
        return self.in_hand >= self.settings.waiting

    async def read(self, given: Sequence[Given], asked: Wishes, language: str) -> list[Told | CalameError]:
        """Read pictures; the answers are in order, and what is wrong with one stands in its place.

        Raises:
            Overloaded: too many are in hand already; said at once.
            UnknownModel, BadParameter, UsageError: the wishes cannot be met.
        """
        with self.hold(len(given)):
            model = self.models.ready(self.models.name(asked.model))
            if model is None:
                model = await self.work(self.models.get, asked.model)
            model.recipe(asked.off)
            model.asked(asked)
            if len(given) == 1:
                return [await in_place(self._one(model, given[0], asked, language, 1))]
            each = (self._one(model, one, asked, language, number) for number, one in enumerate(given, start=1))
            return await asyncio.gather(*map(in_place, each))

    @contextmanager
    def hold(self, count: int) -> Generator[None]:
        """Count so many pictures as in hand.

        Raises:
            Overloaded: too many are already.
        """
        if self.in_hand and self.in_hand + count > self.settings.waiting:
            raise Overloaded(seconds=1)
        self.in_hand += count
        try:
            yield
        finally:
            self.in_hand -= count

    async def work(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run something that computes in a thread of the pool; cancelled before its turn, it is never run."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, partial(call, *args, **kwargs))

    async def _one(self, model: Model, given: Given, asked: Wishes, language: str, number: int) -> Told | InputError:
        started = time.perf_counter()
        told = await handed_in(model.batcher, self.drawer, given, number, asked, language, page=asked.page)
        if isinstance(told, InputError):
            return told
        if asked.features:
            pixels = told.reading.prepared
            told.values["features"] = [] if pixels is None else await self.work(model.activations, pixels)
        took = round((time.perf_counter() - started) * 1e3, 3)
        told.values["milliseconds"] = {**cast("Json", told.values["milliseconds"]), "all": took}
        return told

    def close(self) -> None:
        """Finish what is in hand."""
        self.pool.shutdown()
        self.slow.shutdown(cancel_futures=True)
        self.drawer.close()
        self.models.close()
        self.looking.close()


def prepare(model: Model, job: Job[Wishes]) -> Ready:
    """Decode and prepare a picture; draw every step when the trace is asked for.

    Raises:
        InputError: it cannot be read at all. NobodyWaits: it need not be.
    """
    picture, seconds = job.decoded(model.limits)
    return prepared(model, picture, job.asked, seconds * 1e3)


def prepared(model: Model, picture: Picture, asked: Wishes, decode: float) -> Ready:
    """Prepare a decoded picture; draw every step when the trace is asked for."""
    started = time.perf_counter()
    steps: list[Step] = []
    made = run(model.recipe(asked.off), picture, partial(_draw, steps) if asked.trace else None)
    ended = time.perf_counter()
    if asked.trace:
        steps = _with_left_out(model, asked.off, steps, picture, decode)
    return Ready(
        picture,
        made,
        None if made.pixels is None else png(made.pixels),
        png(shrink(picture.pixels, KEPT)) if asked.keep else b"",
        steps,
        decode,
        (ended - started) * 1e3,
        page_json(picture),
    )


def _draw(steps: list[Step], name: str, milliseconds: float, pixels: NDArray[np.uint8]) -> None:
    steps.append(Step(name, milliseconds, png(shrink(pixels, SHOWN))))


def _with_left_out(
    model: Model, off: Sequence[str], done: Sequence[Step], picture: Picture, milliseconds: float
) -> list[Step]:
    """Return the steps in the order of the whole recipe, from decoding on, those left out in their places."""
    rest = list(done)
    steps = [Step("decode", milliseconds, png(shrink(picture.pixels, SHOWN)))]
    for name in model.steps:
        ran = bool(rest) and rest[0].name == name
        if ran:
            steps.append(replace(rest.pop(0), png=None) if name in off else rest.pop(0))
        elif name in off:
            steps.append(Step(name))
    return steps


def reading_json(reading: DigitReading, ready: Ready, model: Model, language: str) -> Json:
    """Return a reading as plain values; the names are a contract."""
    asked = reading.prepared is not None
    return {
        "digit": reading.digit,
        "confidence": round(reading.confidence, 6),
        "probabilities": [round(share, 6) for share in reading.probabilities.tolist()],
        "top": [[digit, round(share, 6)] for digit, share in reading.top(TOP if asked else 0)],
        "rejected": reading.rejected,
        "reason": None if reading.rejected is None else text(f"reading.rejected.{reading.rejected}", language),
        "quality": None if reading.quality is None else quality_json(reading.quality, language),
        "prepared": None if ready.png is None else uri(ready.png),
        "looks": reading.looks,
        **ready.place,
        "model": model.name,
    }
