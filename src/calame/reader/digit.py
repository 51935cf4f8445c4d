"""THE MAIN PATH: a picture becomes a `DigitReading`, in five steps.

1. decode: a path, bytes, a PIL image or an array becomes upright pixels, or a clear error;
2. prepare: the model's own recipe turns them into 28×28, ink bright on 0, or says why it cannot;
3. classify: the network gives ten probabilities (any callable will do in its place); it is asked in eight bits, if
   the model has them, and in doubt it looks again, in full;
4. calibrate: they become probabilities that come true;
5. decide: the best digit, or the reason for giving none.

This module knows neither files of models' weights, nor terminals, nor requests.
"""

import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calame.artifact import MODEL, ModelFolder
from calame.engine.piles import a_few_at_a_time
from calame.engine.session import Classifier, Session
from calame.errors import BadArray, InputError, OtherTask
from calame.imaging.codec import Limits, Source, decode
from calame.imaging.recipe import DEFAULT, Prepared, parse, run
from calame.reader.confidence import calibrate, doubt, limit_of, threshold_of
from calame.reader.looks import UNASKED, Looked, look
from calame.shelf import TASK, Shelf
from calame.types import SIDE, DigitReading, Trace, TraceStep

TOGETHER = 64  # pictures that are prepared before the network is asked: the speed of a batch
ENOUGH = 1200  # pixels of the shorter side: `limit` leaves 400 of the longer, and a smaller copy comes out alike
TRACED = 2  # fewer when every step of each is kept: a photo of 12 megapixels has 48 MB of them


class DigitReader:
    """Reads one digit from a picture.

    Args:
        model: None for the shipped model; or the name of a shipped model, the path of a model folder, an opened
            `ModelFolder`, or any callable from (n, 28, 28) uint8 to (n, 10) float32 probabilities. What
            `calame models use` chose on the command line is not followed: a program reads with the model that it
            names. An imported model is named by the path of its folder, as `calame models list` gives it.
        tta: average over five slightly turned views for every picture, not only for those in doubt.
        limits: the largest file and picture that are read, and how much of a large JPEG is enough.
        reject_below: refuse a reading less confident than this, 0-1; None takes the model's own threshold.
        one_in: in its place: answer only what is sure enough for at most one wrong answer in so many, as measured on
            hands that the model had not learned from; how much is refused then is in its manifest (`training`).

    Raises:
        UsageError: the model promises nothing as strict as `one_in`.
        BadParameter: `reject_below` is not between 0 and 1.
        MissingModel, DamagedModel: there is no such model, or it does not open.
        OtherTask: the model reads something else than digits.

    Example:
        >>> DigitReader().read("photo.jpg").digit
        7
    """

    def __init__(
        self,
        model: str | Path | ModelFolder | Classifier | None = None,
        *,
        tta: bool = False,
        limits: Limits | None = None,
        reject_below: float | None = None,
        one_in: int | None = None,
    ) -> None:
        if model is None or isinstance(model, str | Path):
            model = Shelf(None).find(model)
        self.folder = model if isinstance(model, ModelFolder) else None
        if self.folder is not None and self.folder.manifest.task != TASK:
            raise OtherTask(model=self.folder.manifest, found=self.folder.manifest.task, expected=TASK)
        self._ask: Classifier = Session(model) if isinstance(model, ModelFolder) else model
        calibration = self.folder.manifest.calibration if self.folder else {}
        self.recipe = parse(self.folder.manifest.preparation if self.folder else DEFAULT)
        self.temperature = calibration.get("temperature", 1.0)
        self.look_again = calibration.get("look_again", 0.0)
        # Without a second look nothing would mend what eight bits get wrong.
        quick = self.folder.lightest if self.folder and self.look_again else MODEL
        self._quick: Classifier | None = Session(self.folder, quick) if self.folder and quick != MODEL else None
        self.digit_above = calibration.get("digit_above", 0.0)
        self.reject_below = calibration.get("reject_below", 0.0) if reject_below is None else limit_of(reject_below)
        if one_in is not None:
            self.reject_below = max(self.reject_below, threshold_of(calibration, one_in))
        self.limits = limits or Limits(enough=ENOUGH)
        self.tta = tta

    def read(self, source: Source, *, trace: bool = False) -> DigitReading:
        """Read one picture.

        Args:
            source: a path, encoded bytes, a PIL image, or an array (h, w) or (h, w, 3) uint8.
            trace: keep what every preparation step made of it.

        Raises:
            InputError: the picture cannot be read at all; the message says what came and the way out.
        """
        (reading,) = self._read_together([self._prepare(source, trace=trace)])
        if reading.error is not None:
            raise reading.error
        return reading

    def read_many(self, sources: Iterable[Source], *, trace: bool = False) -> list[DigitReading]:
        """Read pictures, in order. One that cannot be read is a reading whose `error` says why; none is lost.

        Raises:
            UsageError: a single path or the bytes of a single picture in the place of the list.
        """
        return list(self.stream(sources, trace=trace))

    def stream(self, sources: Iterable[Source], *, trace: bool = False) -> Iterator[DigitReading]:
        """Read pictures as `read_many` does, a few at a time: a pile of any size in the memory of a few."""
        prepare = partial(self._prepare, trace=trace)
        for few in a_few_at_a_time(sources, prepare, TRACED if trace else TOGETHER):
            yield from self._read_together(few)

    def classify(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return calibrated probabilities (n, 10) of prepared pictures (n, 28, 28) uint8, ink 255 on 0.

        Raises:
            BadArray: another shape or dtype.
        """
        if images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
            raise BadArray(found=f"{images.shape} {images.dtype}", expected=f"(n, {SIDE}, {SIDE}) uint8")
        return calibrate(self.look(images, self.tta).answers, self.temperature)

    def _prepare(self, source: Source, *, trace: bool) -> tuple[str, Prepared | InputError, Trace | None]:
        """Steps 1 and 2, for one picture: its name, what was prepared or what is wrong, and the trace."""
        started = time.perf_counter()
        try:
            picture = decode(source, limits=self.limits)
        except InputError as error:
            return str(error.values.get("name", "<array>")), error, None
        steps = [TraceStep("decode", (time.perf_counter() - started) * 1e3, picture.pixels)]

        def record(step: str, milliseconds: float, pixels: NDArray[np.uint8]) -> None:
            steps.append(TraceStep(step, milliseconds, pixels))

        prepared = run(self.recipe, picture, record if trace else None)
        return picture.name, prepared, Trace(tuple(steps)) if trace else None

    def _read_together(self, items: list[tuple[str, Prepared | InputError, Trace | None]]) -> Iterator[DigitReading]:
        """Steps 3 to 5, the network asked once for all that have something to show."""
        shown = [item.pixels for _, item, _ in items if isinstance(item, Prepared) and item.pixels is not None]
        looked = self.look(np.stack(shown), self.tta) if shown else UNASKED
        answers = iter(zip(calibrate(looked.answers, self.temperature), looked.looks.tolist(), strict=True))
        for name, item, trace in items:
            if isinstance(item, InputError):
                yield DigitReading(None, 0.0, error=item, name=name)
            elif item.pixels is None:
                yield DigitReading(None, 0.0, rejected=item.rejected, quality=item.quality, trace=trace, name=name)
            else:
                yield self._decide(name, item, *next(answers), trace)

    def _decide(
        self, name: str, item: Prepared, probabilities: NDArray[np.float32], looks: int, trace: Trace | None
    ) -> DigitReading:
        """Step 5: the best digit, unless its shape or its confidence speaks against an answer."""
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        doubts = doubt(probabilities, self.reject_below, self.digit_above)
        rejected = item.rejected or doubts
        return DigitReading(
            digit=None if rejected else best,
            confidence=confidence,
            probabilities=probabilities,
            rejected=rejected,
            quality=item.quality,
            prepared=item.pixels,
            looks=looks,
            trace=trace,
            name=name,
        )

    # For a service, which prepares in threads of its own and gathers many callers' pictures into one call of the
    # network: the two ends of that call.

    def look(self, images: NDArray[np.uint8], always: NDArray[np.bool_] | bool = False) -> Looked:
        """Step 3 for prepared pictures (n, 28, 28) uint8; `always`, all or (n,): five views, in doubt or not."""
        return look(self._ask, images, self.look_again, always, self._quick)

    def decide(
        self, prepared: Prepared, answer: NDArray[np.float32] | None, looks: int = 1, *, name: str = "<bytes>"
    ) -> DigitReading:
        """Steps 4 and 5: a reading from what the network said, (10,), the mean of `looks` views; None: not asked."""
        if prepared.pixels is None or answer is None:
            return DigitReading(None, 0.0, rejected=prepared.rejected, quality=prepared.quality, name=name)
        return self._decide(name, prepared, calibrate(answer[None], self.temperature)[0], looks, None)
