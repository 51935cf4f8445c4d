"""What the page *Inside* and its API are told: the findings of `calame.explain` as plain values.

Arrays travel as base64, little-endian, row by row, maps first: `floats` are float32, `levels` are uint8 on a scale
from `low` to `high`, `pixels` are uint8, ink 255. Pictures travel as PNG. This module knows nothing of HTTP.
"""

import asyncio
import base64
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import asdict
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from calame import explain
from calame.artifact import ModelFolder
from calame.drawing.png import png, uri
from calame.engine.session import PROBABILITIES, Floats
from calame.errors import BadParameter, Overloaded, Unexplained, UnsupportedModel
from calame.explain.attack import BUDGET
from calame.explain.neighbours import shipped_digits
from calame.explain.network import Network
from calame.explain.outline import Stage
from calame.imaging.recipe import Prepared
from calame.locale import Phrase
from calame.reader.digit import DigitReader
from calame.service.jobs import NobodyWaits
from calame.service.opened import Opened
from calame.service.reading import Json, Models
from calame.types import DIGITS

R = TypeVar("R")
Pixels = NDArray[np.uint8]
Check = Callable[[int, int], None]
"""Called by what takes long, again and again; raises when nobody waits for it any more."""

TELLING = 8  # maps of each column that are drawn first
EVERY = 5  # of the digits that they are chosen by
NEAREST = 8
LIKINGS = 512  # pictures that units like to see, remembered for each model
FULL = 255
SWEEPS: dict[str, list[float]] = {  # what the sliders of the page go through
    "noise": [step / 20 for step in range(17)],
    "blur": [step / 4 for step in range(15)],
    "rotation": [float(step) for step in range(-90, 91, 6)],
    "occlusion": [float(step) for step in range(15)],
}


class Lane:
    """A bounded place in a pool of threads: one more than `most` in hand is refused at once.

    Args:
        pool: whose threads compute.
        most: that may be in hand, waiting or computing.
    """

    def __init__(self, pool: Executor, most: int) -> None:
        self._pool, self._most, self._in_hand, self._lock = pool, most, 0, threading.Lock()

    async def run(self, call: Callable[[Check], R]) -> R:
        """Return what a call comes to; when the caller is cancelled it ends at its next check, or never begins.

        Raises:
            Overloaded: too much is in hand already.
        """
        left = threading.Event()

        def check(done: int, whole: int) -> None:
            del done, whole
            if left.is_set():
                raise NobodyWaits

        with self._lock:
            if self._in_hand >= self._most:
                raise Overloaded(seconds=1)
            self._in_hand += 1
        future = self._pool.submit(call, check)
        future.add_done_callback(self._finished)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            left.set()
            raise

    def _finished(self, future: Future[Any]) -> None:
        del future
        with self._lock:
            self._in_hand -= 1


class Inside:
    """One model, looked into. Every method computes: call it in a thread.

    Args:
        network: opened.
        reader: of the same model, as `/v1/digits` reads: what one look of the network says is not all that it does.
        name: of the model, for messages.
    """

    def __init__(self, network: Network, reader: DigitReader, name: str) -> None:
        self.network, self.reader, self.name = network, reader, name
        self._liked: OrderedDict[tuple[str, int], Json] = OrderedDict()

    @cached_property
    def stages(self) -> list[Stage]:
        """The columns of the network."""
        return explain.outline(self.network)

    @cached_property
    def outline(self) -> Json:
        """The columns, what each reads, and which maps to draw first; and a digit of each kind to try."""
        pictures, labels, credit = shipped_digits()
        telling = explain.busiest(self.network, pictures[::EVERY], TELLING)
        samples = [pictures[labels == digit] for digit in range(DIGITS)]
        return {
            "model": self.name,
            "stages": [self._stage(stage) | {"telling": telling.get(stage.name, [])} for stage in self.stages],
            "samples": [picture(_typical(some)) for some in samples],
            "credit": [f"{one['name']}, {one['licence']}" for one in credit],
        }

    def look(self, pixels: Pixels) -> Json:
        """Return the values of every column for a picture (28, 28), each on one scale that holds 0."""
        found = self.network.inspector.activations(pixels[None], [stage.shown for stage in self.stages])
        return {
            "prepared": picture(pixels),
            "pixels": packed(pixels),
            "probabilities": [round(share, 6) for share in found[PROBABILITIES][0].tolist()],
            "reader": self.read(pixels),
            "stages": [{"name": stage.name} | levels(found[stage.shown][0]) for stage in self.stages],
        }

    def read(self, pixels: Pixels) -> Json:
        """Return what the reader says of a picture (28, 28): calibrated, and in doubt after a second look."""
        looked = self.reader.look(pixels[None], self.reader.tta)
        found = self.reader.decide(Prepared(pixels, None, None), looked.answers[0], int(looked.looks[0]))
        return {
            "digit": found.digit, "confidence": round(found.confidence, 6), "rejected": found.rejected,
            "looks": found.looks, "calibrated": self.reader.temperature != 1,
        }  # fmt: skip

    def making(self, pixels: Pixels, layer: str, number: int) -> Json:
        """Return how every value of one map comes about; see `explain.Making`."""
        found = self._explained(explain.making, pixels, layer, number)
        sliding = found.sliding
        return {
            "layer": found.layer, "kind": found.kind, "source": found.source, "operation": found.operation,
            "map": number, "channels": list(found.channels), "bias": found.bias,
            "window": None if sliding is None else asdict(sliding),
            "inputs": floats(found.inputs), "weights": None if found.weights is None else floats(found.weights),
            "totals": floats(found.totals), "output": floats(found.output),
            "then": [
                {"layer": step.layer, "kind": step.kind, "scale": step.scale, "shift": step.shift,
                 "values": floats(step.value)}
                for step in found.then
            ],
        }  # fmt: skip

    def origin(self, pixels: Pixels, digit: int) -> Json:
        """Return where the score of a class comes from: places of the last maps, and features × weights."""
        found = self._explained(explain.class_activation, pixels, digit)
        return {
            "digit": digit, "logit": found.logit, "bias": found.bias, "exact": found.exact, "layer": found.layer,
            "values": floats(found.values), "fine": floats(found.fine),
            "spread": floats(found.picture), "terms": self._terms(pixels, digit),
        }  # fmt: skip

    def _terms(self, pixels: Pixels, digit: int) -> list[Json]:
        """Return what each map of the columns that the last one reads adds to a score."""
        stages = {stage.name: stage for stage in self.stages}
        last = self.stages[-1]
        made = self._explained(explain.making, pixels, last.shown, digit)
        weights = np.ones_like(made.inputs) if made.weights is None else made.weights
        sources = [stages[name] for name in last.sources if name in stages]
        ends = np.cumsum([int(np.prod(stage.shape)) for stage in sources]).tolist()
        if not ends or ends[-1] != weights.size:
            raise Unexplained(name=self.name, problem=Phrase("explain.no_places"))
        parts = [(stage, slice(start, end)) for stage, start, end in zip(sources, [0, *ends], ends, strict=False)]
        return [_term(stage, made.inputs.ravel()[part], weights.ravel()[part]) for stage, part in parts]

    def occlusion(self, pixels: Pixels, digit: int) -> Json:
        """Return by how much the probability of a digit falls where a square covers the picture."""
        found = self._explained(explain.occlusion, pixels, digit)
        down, across = found.peak
        return {
            "digit": digit, "before": found.before, "most": float(found.values.max()), "size": found.size,
            "values": floats(found.picture),
            "peak": [down.start, across.start, down.stop - down.start, across.stop - across.start],
        }  # fmt: skip

    @cached_property
    def _index(self) -> explain.Index | None:
        try:
            return explain.shipped_index(self.network)
        except UnsupportedModel:
            return None

    def neighbours(self, pixels: Pixels) -> Json:
        """Return the training digits nearest to a picture, itself left out; none where no dense layer is the last."""
        if self._index is None:
            return {"digits": [], "among": 0, "credit": []}
        found = explain.nearest(self.network, pixels, NEAREST + 1, index=self._index)
        each = zip(found.pictures, found.labels.tolist(), found.distances.tolist(), strict=True)
        others = [one for one in each if not np.array_equal(one[0], pixels)][:NEAREST]
        credit = [f"{one['name']}, {one['licence']}" for one in self._index.credit]
        digits = [{"image": picture(one), "label": label, "distance": distance} for one, label, distance in others]
        return {"digits": digits, "among": found.among, "credit": credit}

    def sweep(self, pixels: Pixels, kind: str) -> Json:
        """Return the ten probabilities over the amount of one change, and what the network saw at each."""
        if kind not in SWEEPS:
            raise BadParameter(name="kind", found=repr(kind[:40]), expected=", ".join(SWEEPS))
        found = explain.sweep(self.network, pixels, kind, SWEEPS[kind])
        probabilities = [[round(share, 5) for share in row] for row in found.probabilities.tolist()]
        pictures = [picture(one) for one in found.pictures]
        return {"kind": kind, "values": SWEEPS[kind], "probabilities": probabilities, "pictures": pictures}

    def flip(self, pixels: Pixels, check: Check) -> Json:
        """Return the smallest change found that flips what one look of the network answers; and what is read then."""
        found = self._explained(explain.flip, pixels, progress=check)
        if found is None:
            return {"found": False, "budget": BUDGET}
        return {
            "found": True, "before": found.before, "after": found.after, "level": found.level, "method": found.method,
            "pixels": int(np.count_nonzero(found.change)), "picture": picture(found.picture),
            "change": floats(found.change.astype(np.float32)),
            "probabilities": [[round(share, 5) for share in row] for row in found.probabilities.tolist()],
            "reader": self.read(found.picture),
        }  # fmt: skip

    def liking(self, layer: str, unit: int, check: Check) -> Json:
        """Return the picture that excites a unit most; remembered."""
        if (layer, unit) in self._liked:
            self._liked.move_to_end((layer, unit))
            return self._liked[layer, unit]
        found = self._explained(explain.visualise, layer, unit, progress=check)
        told: Json = {
            "layer": layer, "unit": unit, "image": picture(found.pictures[0]),
            "response": float(found.responses[0]), "noise": float(found.noise[0]),
        }  # fmt: skip
        self._liked[layer, unit] = told
        if len(self._liked) > LIKINGS:
            self._liked.popitem(last=False)
        return told

    def _explained(self, how: Callable[..., R], *args: object, **more: object) -> R:
        """Call a function of `explain`; a model that it refuses is named, and its file is not.

        Raises:
            Unexplained: this network cannot be looked into in this way.
        """
        try:
            return how(self.network, *args, **more)
        except UnsupportedModel as error:
            raise Unexplained(name=self.name, problem=error.values["problem"]) from error

    def _stage(self, stage: Stage) -> Json:
        place = stage.grid
        return {
            "name": stage.name, "kind": stage.kind, "layers": list(stage.layers), "kinds": list(stage.kinds),
            "shape": list(stage.shape), "sources": list(stage.sources), "depth": stage.depth,
            "grid": None if place is None else asdict(place),
        }  # fmt: skip


def insides(models: Models) -> Opened[Inside]:
    """Return the models that somebody will have looked into."""

    def look(folder: ModelFolder) -> Inside:
        name = str(folder.manifest)
        return Inside(Network(folder), models.get(name).reader, name)

    return Opened(models, look)


def picture(pixels: Pixels) -> str:
    """Return a picture (28, 28) as a data URL."""
    return uri(png(pixels))


def _term(stage: Stage, values: Floats, weights: Floats) -> Json:
    """Return what each map of a column adds to a sum; values and weights are told where each map has one."""
    shares = (values * weights).reshape(-1, stage.shape[-1]).sum(0)
    told: Json = {"name": stage.name, "shares": floats(shares)}
    return told | ({"values": floats(values), "weights": floats(weights)} if shares.size == values.size else {})


def packed(values: NDArray[Any]) -> str:
    """Return an array as base64 of its bytes."""
    return base64.b64encode(np.ascontiguousarray(values).data).decode()


def floats(values: Floats) -> Json:
    """Return an array as base64 of float32 with its shape; maps (h, w, n) come first: (n, h, w)."""
    ordered = values.transpose(2, 0, 1) if values.ndim == 3 else values
    finite = np.nan_to_num(ordered.astype("<f4"), posinf=0, neginf=0)
    return {"shape": list(ordered.shape), "floats": packed(finite)}


def levels(values: Floats) -> Json:
    """Return maps (h, w, n), or values (n,), as 256 levels from `low`, at most 0, to `high`, at least 0."""
    ordered = values.transpose(2, 0, 1) if values.ndim == 3 else values
    low, high = min(float(ordered.min()), 0.0), max(float(ordered.max()), 0.0)
    steps = np.rint((ordered - low) * (FULL / ((high - low) or 1))).astype(np.uint8)
    return {"shape": list(ordered.shape), "low": low, "high": high, "levels": packed(steps)}


def _typical(pictures: Pixels) -> Pixels:
    """Return the picture that is nearest to the mean of all."""
    middle = pictures.mean(0, dtype=np.float32)
    return pictures[np.square(pictures - middle).sum((1, 2)).argmin()]
