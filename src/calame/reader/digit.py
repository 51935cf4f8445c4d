"""THE MAIN PATH: a picture becomes a `DigitReading`, in five steps.

1. decode: a path, bytes, a PIL image or an array becomes upright pixels, or a clear error;
2. prepare: the model's own recipe turns them into 28×28, ink bright on 0, or says why it cannot;
3. classify: the network gives ten probabilities (any callable will do in its place); it is asked in eight bits, if
   the model has them, and in doubt it looks again, in full;
4. calibrate: they become probabilities that come true;
5. decide: the best digit, or the reason for giving none; where there is none, or an unsure one, the part of the picture
   that has the darkest ink is looked at by itself, and counts when that is sure.

This module knows neither files of models' weights, nor terminals, nor requests.
"""

import time
from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from calame.artifact import MODEL, ModelFolder
from calame.engine.piles import a_few_at_a_time
from calame.engine.session import Classifier, Session, checked
from calame.errors import BadArray, BadParameter, BadRecipe, DamagedModel, InputError, OtherTask
from calame.imaging.closer import closer
from calame.imaging.codec import Limits, Source, decode
from calame.imaging.recipe import DEFAULT, Prepared, Recipe, parse, run
from calame.reader.confidence import calibrate, doubt, limit_of, threshold_of
from calame.reader.looks import UNASKED, Looked, look
from calame.shelf import TASK, Shelf
from calame.types import SIDE, DigitReading, Picture, Trace, TraceStep, described

TOGETHER = 64  # pictures that are prepared before the network is asked: the speed of a batch
ENOUGH = 1200  # pixels of the shorter side: `limit` leaves 400 of the longer, and a smaller copy comes out alike
NOTHING = np.zeros((0, 0), np.uint8)  # of a picture that cannot be read
BAR = 1  # the digit that a line, the edge of a sheet or a wire looks like
UNSURE = 0.9  # confidence below which an answer is looked at closer
SURE = 0.95  # confidence from which on a closer look is believed: it is at what the picture may not be about
TRACED = 2  # fewer when every step of each is kept: a photo of 12 megapixels has 48 MB of them


class Item(NamedTuple):
    """A picture on its way: decoded, prepared or what is wrong with it, and its steps so far, if they are kept."""

    picture: Picture
    prepared: Prepared | InputError
    steps: list[TraceStep] | None


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
        UsageError: the model promises nothing as strict as `one_in`; when it is asked, a callable that gives no
            probabilities.
        BadParameter: `reject_below` is not between 0 and 1, `one_in` no whole number, `tta` neither True nor False.
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
        self._ask: Classifier = Session(model) if isinstance(model, ModelFolder) else checked(model)
        calibration = self.folder.manifest.calibration if self.folder else {}
        self.recipe = recipe_of(self.folder) if self.folder else parse(DEFAULT)
        self.temperature = calibration.get("temperature", 1.0)
        self.look_again = calibration.get("look_again", 0.0)
        # Without a second look nothing would mend what eight bits get wrong.
        quick = self.folder.lightest if self.folder and self.look_again else MODEL
        self._quick: Classifier | None = Session(self.folder, quick) if self.folder and quick != MODEL else None
        self.digit_above = calibration.get("digit_above", 0.0)
        self.reject_below = calibration.get("reject_below", 0.0) if reject_below is None else limit_of(reject_below)
        if one_in is not None:
            self.reject_below = max(self.reject_below, threshold_of(calibration, one_in))
        self._calibration = calibration
        self.limits = limits or Limits(enough=ENOUGH)
        if not isinstance(tta, bool | np.bool_):  # pyright: ignore[reportUnnecessaryIsInstance]  # "no" would be a yes
            raise BadParameter(name="tta", found=repr(tta), expected="True / False")
        self.tta = bool(tta)

    def read(self, source: Source, *, trace: bool = False) -> DigitReading:
        """Read one picture.

        Args:
            source: a path, encoded bytes, an open file, a PIL image, or an array (h, w), (h, w, 1) or (h, w, 3) uint8.
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
            UsageError: a single picture in the place of the list. An array of pictures, (n, h, w) or (n, h, w, c), is a
                list of them; (h, w, 1), (h, w, 3) and (h, w, 4) are one picture.
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
        is_array = isinstance(images, np.ndarray)  # pyright: ignore[reportUnnecessaryIsInstance]  # users' own calls
        if not is_array or images.dtype != np.uint8 or images.ndim != 3 or images.shape[1:] != (SIDE, SIDE):
            raise BadArray(found=described(images), expected=f"(n, {SIDE}, {SIDE}) uint8")
        return calibrate(self.look(images, self.tta).answers, self.temperature)

    def _prepare(self, source: Source, *, trace: bool) -> Item:
        """Steps 1 and 2, for one picture."""
        started = time.perf_counter()
        try:
            picture = decode(source, limits=self.limits)
        except InputError as error:
            return Item(Picture(NOTHING, str(error.values.get("name", "<array>"))), error, None)
        steps = [TraceStep("decode", (time.perf_counter() - started) * 1e3, picture.pixels)] if trace else None
        return Item(picture, self._run(picture, steps), steps)

    def _run(self, picture: Picture, steps: list[TraceStep] | None) -> Prepared:
        """Step 2, every step of it kept when there is a list for it."""

        def record(step: str, milliseconds: float, pixels: NDArray[np.uint8]) -> None:
            if steps is not None:
                steps.append(TraceStep(step, milliseconds, pixels))

        return run(self.recipe, picture, None if steps is None else record)

    def _read_together(self, items: list[Item]) -> Iterator[DigitReading]:
        """Steps 3 to 5, the network asked once for all that have something to show."""
        shown = [one.prepared.pixels for one in items if isinstance(one.prepared, Prepared)]
        faces = [pixels for pixels in shown if pixels is not None]
        looked = self.look(np.stack(faces), self.tta) if faces else UNASKED
        answers = iter(zip(looked.answers, looked.looks.tolist(), strict=True))
        for picture, prepared, steps in items:
            if isinstance(prepared, InputError):
                yield DigitReading(None, 0.0, error=prepared, name=picture.name)
                continue
            answer, looks = (None, 0) if prepared.pixels is None else next(answers)
            reading = replace(self.decide(prepared, answer, looks, name=picture.name), trace=_kept(steps))
            yield self._closer(picture, steps) or reading if worth_a_closer_look(reading) else reading

    def _closer(self, picture: Picture, steps: list[TraceStep] | None) -> DigitReading | None:
        """Step 5, where there is no answer: the part of the picture with the darkest ink, when that is read surely."""
        started = time.perf_counter()
        part = closer(picture, self.recipe)
        if part is None:
            return None
        taken = (time.perf_counter() - started) * 1e3
        again = None if steps is None else [*steps[:1], TraceStep("closer", taken, part.pixels)]
        reading = self.surely(self._run(part, again), self.tta, name=picture.name)
        return reading and replace(reading, trace=_kept(again))

    # For a service, which prepares in threads of its own and gathers many callers' pictures into one call of the
    # network: the two ends of that call, and both for what was looked at closer.

    def promising(self, one_in: int) -> Self:
        """Return this reader as it is with `one_in`; nothing is opened again.

        Raises:
            UsageError: the model promises nothing as strict.
        """
        other = copy(self)
        other.reject_below = max(self.reject_below, threshold_of(self._calibration, one_in))
        return other

    def look(self, images: NDArray[np.uint8], always: NDArray[np.bool_] | bool = False) -> Looked:
        """Step 3 for prepared pictures (n, 28, 28) uint8; `always`, all or (n,): five views, in doubt or not."""
        return look(self._ask, images, self.look_again, always, self._quick)

    def decide(
        self, prepared: Prepared, answer: NDArray[np.float32] | None, looks: int = 1, *, name: str = "<bytes>"
    ) -> DigitReading:
        """Steps 4 and 5: a reading from what the network said, (10,), the mean of `looks` views; None: not asked."""
        if prepared.pixels is None or answer is None:
            return DigitReading(None, 0.0, rejected=prepared.rejected, quality=prepared.quality, name=name)
        probabilities = calibrate(answer[None], self.temperature)[0]
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        rejected = prepared.rejected or doubt(probabilities, self.reject_below, self.digit_above)
        return DigitReading(
            digit=None if rejected else best,
            confidence=confidence,
            probabilities=probabilities,
            rejected=rejected,
            quality=prepared.quality,
            prepared=prepared.pixels,
            looks=looks,
            name=name,
        )

    def surely(self, prepared: Prepared, always: bool, *, name: str = "<bytes>") -> DigitReading | None:
        """Steps 3 to 5 for a part of a picture that was prepared by itself: a reading when that counts, else None."""
        if prepared.pixels is None:
            return None
        looked = self.look(prepared.pixels[None], always)
        reading = self.decide(prepared, looked.answers[0], int(looked.looks[0]), name=name)
        return reading if reading.digit is not None and reading.confidence >= SURE else None


def recipe_of(folder: ModelFolder) -> Recipe:
    """Return how a model has its pictures prepared.

    Raises:
        DamagedModel: in no way that this version knows.
    """
    try:
        return parse(folder.manifest.preparation)
    except BadRecipe as error:
        raise DamagedModel(path=folder.path, problem=error) from error


def worth_a_closer_look(reading: DigitReading) -> bool:
    """Whether there is no answer, or an unsure one, or a bar, which may be a ruled line: the digit may be elsewhere."""
    return reading.rejected != "blank" and (reading.digit in (None, BAR) or reading.confidence < UNSURE)


def _kept(steps: list[TraceStep] | None) -> Trace | None:
    return None if steps is None else Trace(tuple(steps))
