"""General pictures through the service: the same queue, limits and threads as the digits, another network.

A network is opened when it is first asked for, so that a service for digits starts as fast, and stays as small, as
without. Weights are never fetched here: whoever runs the service does that, by the command that the problem names.
This module knows nothing of HTTP.
"""

import asyncio
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from calame.artifact import ModelFolder, load
from calame.drawing.png import coloured, uri
from calame.engine.batcher import Batcher
from calame.errors import CalameError, MissingData, NoWeights, UnknownModel
from calame.images.names import name_of
from calame.imaging.codec import Limits
from calame.imaging.middle import scaled_map
from calame.locale import text
from calame.service.decoding import Drawer
from calame.service.jobs import Job, handed_in, in_place
from calame.service.metrics import Metrics
from calame.service.pictures import Given
from calame.service.settings import ServiceSettings
from calame.shelf import Shelf

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from calame.images.classifier import Photo, PictureReading
    from calame.images.weights import Places

TOP = 5
MOST = 1000  # classes that may be asked for
TASK, DEFAULT = "pictures", "mobilenetv2"
DRAWN = 112  # pixels a side of a class map
FRESH = 0.3  # seconds between looks at the shelf
PHOTO = 100_000  # bytes: what a batch takes as one; a phone's photo fills it by itself

Json = dict[str, object]


class Counting(Protocol):
    """What counts pictures in hand, and draws the pages of PDFs."""

    drawer: Drawer

    def hold(self, count: int) -> "AbstractContextManager[None]":
        """Count so many as in hand, or raise Overloaded."""
        ...


@dataclass(frozen=True)
class Asked:
    """What a request wants: how many classes, which model, and for which class the map, "" for the best; None: none.

    `named`: whether the names of the classes are told beside their labels.
    """

    top: int = TOP
    model: str | None = None
    why: str | None = None
    named: bool = True


@dataclass(frozen=True, eq=False)
class Seen:
    """What is told of a picture, as plain values."""

    values: Json


class Network:
    """An opened network with its queue.

    Raises:
        DamagedModel, MissingModel, OtherTask: it does not open.
    """

    def __init__(self, folder: ModelFolder, settings: ServiceSettings, metrics: Metrics) -> None:
        from calame.images.classifier import ImageClassifier

        self.folder, self.name = folder, str(folder.manifest)
        self._classifier = ImageClassifier(folder, limits=Limits(settings.body, settings.pixels))
        self._metrics, self._opening = metrics, threading.Lock()
        self.batcher = Batcher[Job[Asked], Seen](
            self.look,
            largest=settings.batch,
            waiting=settings.waiting,
            threads=settings.threads,
            observe=metrics.on_batch,
        )

    def look(self, jobs: Sequence[Job[Asked]]) -> list[Seen | Exception]:
        """Classify pictures together. What is wrong with one stands in its place."""
        started = time.perf_counter()
        made = [self._ready(job) for job in jobs]
        ready = time.perf_counter()
        photos = [one for one in made if not isinstance(one, Exception)]
        readings = iter(self._classifier.look(photos))
        if photos:
            self._metrics.on_network(time.perf_counter() - ready)
        each = (ready - started) / len(jobs)
        return [
            one if isinstance(one, Exception) else self._tell(job, one, next(readings), each)
            for job, one in zip(jobs, made, strict=True)
        ]

    def _ready(self, job: Job[Asked]) -> "Photo | Exception":
        try:
            return self._classifier.ready(job.decoded(self._classifier.limits).picture.pixels)
        except Exception as error:  # of this picture alone: those who came with it have their answers
            return error

    def _tell(self, job: Job[Asked], photo: "Photo", reading: "PictureReading", prepare: float) -> Seen | Exception:
        guesses = reading.top(job.asked.top)
        self._metrics.on_picture(self.name, reading.rejected or "answered", guesses[0][1], prepare)
        values: Json = {
            "predictions": [
                {"label": label, **self._name(label, job), "probability": round(share, 6)} for label, share in guesses
            ],
            "rejected": reading.rejected,
            "reason": reading.rejected and text(f"picture.rejected.{reading.rejected}", job.language),
            "model": self.name,
        }
        if job.asked.why is not None:
            try:
                values["why"] = self.why(photo, job.asked.why or guesses[0][0], job.language)
            except Exception as error:  # of this picture alone, again
                return error
        return Seen(values)

    def _name(self, label: str, job: Job[Asked]) -> Json:
        return {"name": name_of(label, job.language, self._classifier.classes)} if job.asked.named else {}

    def why(self, photo: "Photo", label: str, language: str) -> Json:
        """Return the class map of a photo: a PNG in the colours of viridis, where it lies, and what its ends stand for.

        Raises:
            UsageError: no class of this name. Unexplained: a network that cannot tell.
        """
        with self._opening:  # the network that also tells places is opened once
            _ = self._classifier.inspector
        found = self._classifier.why(photo, label)
        low, high = float(found.evidence.min()), float(found.evidence.max())
        smooth = scaled_map((found.evidence - low) / ((high - low) or 1), DRAWN)
        levels = (np.clip(smooth, 0, 1) * 254 + 0.5).astype(np.uint8)
        seen = dict(zip(("left", "top", "width", "height"), (round(share, 4) for share in photo.seen), strict=True))
        return {
            "label": found.label,
            "name": name_of(found.label, language, self._classifier.classes),
            "image": uri(coloured(levels)),
            "seen": seen,
            "low": round(low, 4),
            "high": round(high, 4),
        }


class Looking:
    """The networks for general pictures, each opened when it is first asked for."""

    def __init__(self, settings: ServiceSettings, metrics: Metrics) -> None:
        self._settings, self._metrics, self._opening = settings, metrics, threading.Lock()
        self._shelf = Shelf(settings.models)
        self._state, self._looked = self._shelf.state(), time.monotonic()
        self.opened: dict[str, Network] = {}

    def names(self) -> list[str]:
        """Return the names that may be asked for: those on the shelf, and MobileNetV2 where its weights are."""
        from calame.images.weights import EIGHT, FLOAT, weights_root

        found = [str(folder.manifest) for folder in self._shelf.list() if folder.manifest.task == TASK]
        for name in (EIGHT, FLOAT):
            if not any(one.partition("@")[0] == name for one in found) and self._settings.models is not None:
                try:
                    weights_root(name, self._places())
                except MissingData:
                    continue
                found.insert(0, name)
        return sorted(found, key=lambda one: one.partition("@")[0] != DEFAULT)

    def get(self, wanted: str | None) -> Network:
        """Return a network, opened; from a thread, for opening takes half a second, and making it once a second more.

        Raises:
            NoWeights: the weights are nowhere; the message has the command that gets them.
            UnknownModel: no network of this name. DamagedModel, OtherTask: it does not open.
        """
        name = wanted or DEFAULT
        with self._opening:
            if (known := self.ready(name)) is not None:
                return known
            folder = self._open(name)
            full = str(folder.manifest)
            if full not in self.opened:
                self.opened[full] = Network(folder, self._settings, self._metrics)
            self.opened[name] = self.opened[full]
            return self.opened[full]

    def ready(self, name: str) -> Network | None:
        """Return a network that is open, unless another may have come in its place."""
        self._refresh()
        return self.opened.get(name) if settled(name) else None

    def _refresh(self) -> None:
        """Let go of what has left the shelf since the last look, or came again under its name, as after a deletion."""
        if time.monotonic() - self._looked < FRESH:
            return
        self._looked, state = time.monotonic(), self._shelf.state()
        if state == self._state:
            return
        self._state = state
        opened = list(self.opened.items())
        gone = {network for network in dict(opened).values() if not _there(network.folder)}
        for name, network in opened:
            if network in gone:
                self.opened.pop(name, None)
        for network in gone:
            threading.Thread(target=network.batcher.close).start()  # who waits has an answer first

    def _open(self, name: str) -> ModelFolder:
        from calame.images.weights import EIGHT, FLOAT, open_network

        known = self.names()
        matching = [one for one in known if name in (one, one.partition("@")[0])]
        if not matching and name.partition("@")[0] not in (FLOAT, EIGHT):
            raise UnknownModel(name=name[:80], known=", ".join(known) or "-")
        try:
            return open_network(matching[-1] if matching else name, self._places(), fetched=False)
        except MissingData as error:  # which folders this machine has is nobody's business
            raise NoWeights from error

    def _places(self) -> "Places":
        from calame.images.weights import Places

        models, data = self._settings.models, self._settings.data
        own = [models.parent / "data"] if models is not None else []  # the cache, beside the models
        return Places(models, (*([data] if data else []), *own))

    async def read(
        self, desk: Counting, given: Sequence[Given], asked: Asked, language: str
    ) -> list[Seen | CalameError]:
        """Classify pictures; the answers are in order, and what is wrong with one stands in its place.

        Raises:
            Overloaded: too many are in hand already. NoWeights, UnknownModel: see `get`.
        """
        with desk.hold(len(given)):
            name = asked.model or DEFAULT
            network = self.ready(name) or await asyncio.to_thread(self.get, asked.model)
            each = (
                handed_in(network.batcher, desk.drawer, one, number, asked, language, unit=PHOTO)
                for number, one in enumerate(given, start=1)
            )
            return await asyncio.gather(*map(in_place, each))

    def close(self) -> None:
        """Answer what waits, and end the threads."""
        for network in set(self.opened.values()):
            network.batcher.close()


def _there(folder: ModelFolder) -> bool:
    """Whether a folder is still what it was when it was opened; its manifest has the hashes of its files."""
    try:
        return load(folder.path) == folder
    except CalameError:
        return False


def settled(name: str) -> bool:
    """Whether a name stands for the same network for ever: one's own may have been trained anew since it was asked."""
    return name == DEFAULT or "@" in name
