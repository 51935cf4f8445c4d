"""THE MAIN PATH of codes: a picture of a handwritten number becomes a `CodeReading`.

1. decode: a path, bytes, a PIL image or an array becomes upright pixels, or a clear error;
2. prepare: flat paper, dark pen, no printed lines (`LINE`, a recipe of the same steps as single digits have);
3. rows: which ink is one line of writing, and in which order the lines come;
4. read: each line is cut and read (`cutting`); a line that slopes is turned first;
5. rank: the checks put forward the surest text that fits, and flag it when it is not what was read;
6. decide: the text, or the reason for giving none.

This module knows neither files of models' weights, nor terminals, nor requests.
"""

import itertools
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.artifact import ModelFolder
from calame.engine.session import Classifier, Session
from calame.errors import InputError, UsageError
from calame.imaging.codec import Limits, Source, decode
from calame.imaging.frame import Frame
from calame.imaging.recipe import DEFAULT, name_of, parse
from calame.imaging.rows import CROOKED, Row, one_row, rows_of, turned
from calame.imaging.rules import digit_height
from calame.imaging.segment import FAINT
from calame.locale import Phrase
from calame.reader.checks import Check, parse_check
from calame.reader.cutting import CutReading, CuttingReader, Part
from calame.reader.ranking import Candidate, Ranked, rank
from calame.shelf import Shelf
from calame.types import Box, CodeDigit, CodeReading, CodeRejection, Mark, Picture, Separator, Trace, TraceStep

LINE = (
    "grey | even(longer=1600) | limit(longer=1200) | denoise(strength=1.0, widest=0.005) | flatten | polarity"
    " | illumination | rules | pen"
)
TOGETHER = 16  # pictures that are read at a time
FILLS = 0.42  # of the picture's height: digits as high as this leave no room for a second line
REACH, REACH_ON_PAGE = 3.0, 1.6  # heights of a digit from one digit to the next: of one number; among several
WIDE = 1.1  # of the height: more room than this between two digits is a space
REJECT_BELOW = 0.1  # less probable readings are refused, unless the caller says otherwise
FEWEST = 2  # digits of a number that is looked for on a page
SHORT = 0.5  # of the height of the tallest line: a lower one beside it is no second line of the number
DIGIT_LIKE = 0.6  # least mean confidence of the digits of what is taken for a number on a page
TURNS = (1.0, 0.5, 0.0)  # shares of its slope by which a crooked line is turned: its digits may slope less


@dataclass(frozen=True, eq=False)
class _Line:
    """A line that was read: its texts with their probabilities, and the way from its pixels to the picture's."""

    reading: CutReading
    back: Callable[[Box], Box]
    box: Box
    height: float

    @property
    def texts(self) -> list[tuple[str, float]]:
        return [(text.text, float(np.exp(text.score))) for text in self.reading.texts]

    def parts(self, text: str) -> list[Part]:
        """Return the digits and marks of a text, with boxes in pixels of the picture."""
        return [replace(part, box=self.back(part.box)) for part in self.reading.parts(text)]


class CodeReader:
    """Reads a handwritten number of any length from a picture of it.

    Args:
        model: which digit network; as `DigitReader`'s.
        checks: what the number must be, each a `Check` or its text, such as "luhn" or "length(10)"; all must hold.
        limits: the largest file and picture that are read.
        reject_below: refuse a reading less probable than this, 0-1.

    The confidence is the share of the probability of all ways to read the line that one text has. It orders readings
    well; it is not calibrated: of readings at 0.9, not exactly nine in ten are right.

    Raises:
        BadCheck: a check that does not parse.
        MissingModel, DamagedModel: there is no such model, or it does not open.

    Example:
        >>> CodeReader(checks=["luhn"]).read("card.jpg").text
        '79927398713'
    """

    def __init__(
        self,
        model: str | Path | ModelFolder | Classifier | None = None,
        *,
        checks: Sequence[Check | str] = (),
        limits: Limits | None = None,
        reject_below: float = REJECT_BELOW,
    ) -> None:
        if model is None or isinstance(model, str | Path):
            model = Shelf(None).find(model)
        self.folder = model if isinstance(model, ModelFolder) else None
        ask: Classifier = Session(model) if isinstance(model, ModelFolder) else model
        recipe = parse(self.folder.manifest.preparation if self.folder else DEFAULT)
        temperature = self.folder.manifest.calibration.get("temperature", 1.0) if self.folder else 1.0
        self.checks = tuple(parse_check(check) if isinstance(check, str) else check for check in checks)
        self.recipe = parse(LINE)
        self.limits = limits
        self.reject_below = reject_below
        self._cutting = CuttingReader(ask, recipe, temperature)

    @overload
    def read(self, source: Source, *, several: Literal[False] = False, trace: bool = False) -> CodeReading: ...

    @overload
    def read(self, source: Source, *, several: Literal[True], trace: bool = False) -> list[CodeReading]: ...

    def read(self, source: Source, *, several: bool = False, trace: bool = False) -> CodeReading | list[CodeReading]:
        """Read one picture.

        Args:
            source: a path, encoded bytes, a PIL image, or an array (h, w) or (h, w, 3) uint8.
            several: find every number on a page, in reading order; what is no number is left out. Otherwise the
                picture shows one number, on one line or more.
            trace: keep what every preparation step made of it.

        Raises:
            InputError: the picture cannot be read at all; the message says what came and the way out.
        """
        readings = self._readings(source, several=several, trace=trace)
        for reading in readings:
            if reading.error is not None:
                raise reading.error
        return readings if several else readings[0]

    def read_many(self, sources: Iterable[Source], *, trace: bool = False) -> list[CodeReading]:
        """Read pictures of one number each, in order. One that cannot be read has an `error`; none is lost.

        Raises:
            UsageError: a single path or the bytes of a single picture in the place of the list.
        """
        return list(self.stream(sources, trace=trace))

    def stream(self, sources: Iterable[Source], *, trace: bool = False) -> Iterator[CodeReading]:
        """Read pictures as `read_many` does, a few at a time: a pile of any size in the memory of a few."""
        if isinstance(sources, str | os.PathLike | bytes | bytearray | memoryview):
            raise UsageError(problem=Phrase("reader.one_source"))
        remaining = iter(sources)
        read = partial(self._readings, several=False, trace=trace)
        with ThreadPoolExecutor(os.cpu_count(), "calame-code") as workers:
            while chunk := list(itertools.islice(remaining, TOGETHER)):
                for (reading,) in (workers.map if len(chunk) > 1 else map)(read, chunk):
                    yield reading

    def _readings(self, source: Source, *, several: bool, trace: bool) -> list[CodeReading]:
        """Steps 1 to 6 for one picture; one reading unless `several`."""
        started = time.perf_counter()
        try:
            picture = decode(source, limits=self.limits)
        except InputError as error:
            return [CodeReading(None, 0.0, error=error, name=str(error.values.get("name", "<array>")))]
        steps = [TraceStep("decode", (time.perf_counter() - started) * 1e3, picture.pixels)] if trace else None
        frame = self._prepare(picture, steps)
        kept = partial(Trace, tuple(steps)) if steps is not None else lambda: None
        if frame.rejected in ("blank", "no_ink") or not (frame.pixels > FAINT).any():
            reason: CodeRejection = "blank" if frame.rejected == "blank" else "no_ink"
            return [] if several else [CodeReading(None, 0.0, rejected=reason, trace=kept(), name=picture.name)]
        lines = [self._line(row, frame) for row in self._rows(frame, several=several)]
        if several:
            found = [self._decide([line], picture.name, kept()) for line in lines if _is_number(line)]
            return [reading for reading in found if reading.rejected != "no_digits"]
        return [self._decide(_of_one_number(lines), picture.name, kept())]

    def _prepare(self, picture: Picture, steps: list[TraceStep] | None) -> Frame:
        """Step 2: dark pen on white paper becomes ink on 0."""
        frame = Frame(picture.pixels)
        for step in self.recipe.steps:
            started = time.perf_counter()
            frame = step(frame)
            if steps is not None:
                steps.append(TraceStep(name_of(step), (time.perf_counter() - started) * 1e3, frame.pixels))
            if frame.rejected in ("blank", "no_ink"):
                break
        return frame

    def _rows(self, frame: Frame, *, several: bool) -> list[Row]:
        """Step 3: the lines of writing, from top to bottom."""
        if several:
            return rows_of(frame.pixels, None, REACH_ON_PAGE)
        height = digit_height((frame.pixels > FAINT).astype(np.uint8))
        if height >= FILLS * len(frame.pixels):
            return [one_row(frame.pixels, height)]
        return rows_of(frame.pixels, height, REACH)

    def _line(self, row: Row, frame: Frame) -> _Line:
        """Step 4: read a line; one that slopes is turned by all, half and none of its slope, and the surest kept."""
        tries = TURNS if abs(np.rad2deg(row.slope)) > CROOKED else (0.0,)
        best: tuple[float, CutReading, NDArray[np.float64]] | None = None
        for share in tries:
            ink, matrix = turned(row, share * row.slope) if share else (row.ink, np.eye(2, 3))
            reading = self._cutting.read(ink, frame.edge)
            if best is None or reading.score > best[0]:
                best = reading.score, reading, matrix
        assert best is not None
        _, reading, matrix = best
        back = partial(_in_picture, matrix=np.asarray(cv2.invertAffineTransform(matrix)), row=row, frame=frame)
        return _Line(reading, back, back(row.box, whole=True), row.height / frame.scale)

    def _decide(self, lines: list[_Line], name: str, trace: Trace | None) -> CodeReading:
        """Steps 5 and 6: the best text that fits, unless something speaks against it."""
        texts = _together(lines)
        if not texts or not texts[0][0]:
            return CodeReading(None, 0.0, rejected="no_digits", trace=trace, name=name)
        sure = dict(texts)
        ranked = rank([Candidate(text, float(np.log(max(share, 1e-30)))) for text, share in texts], self.checks)
        text, confidence = ranked.best.text, sure[ranked.best.text]
        rejected = _fault(ranked, confidence, self.reject_below)
        parts = _parts_of(lines, text)
        digits = tuple(CodeDigit(int(p.letter), p.confidence, p.box) for p in parts if p.letter.isdigit())
        return CodeReading(
            text=None if rejected else text,
            confidence=confidence,
            digits=digits,
            rejected=rejected,
            alternatives=tuple((other, share) for other, share in texts if other != text),
            repaired=ranked.repaired,
            changes=ranked.changes,
            failed=tuple(str(check) for check in ranked.failed),
            guess=text,
            separators=_separators(parts, lines),
            box=_around([line.box for line in lines]),
            trace=trace,
            name=name,
        )


def _fault(ranked: Ranked, confidence: float, reject_below: float) -> CodeRejection | None:
    """Return what speaks against taking a reading as it is, or None."""
    if ranked.repaired:
        return "repaired"
    if not ranked.fits:
        return "check"
    return "unsure" if confidence < reject_below else None


def _is_number(line: _Line) -> bool:
    """Whether a line on a page is a number: of digits enough, each of which the network takes for one."""
    if not line.texts:
        return False
    digits = [part.confidence for part in line.parts(line.texts[0][0]) if part.letter.isdigit()]
    return len(digits) >= FEWEST and float(np.mean(digits)) >= DIGIT_LIKE


def _of_one_number(lines: list[_Line]) -> list[_Line]:
    """Return the lines that are the number's: those that have digits and are not much lower than the largest."""
    with_digits = [line for line in lines if line.texts and line.texts[0][0]]
    if not with_digits:
        return []
    main = max(with_digits, key=lambda line: len(line.texts[0][0]) * line.texts[0][1])
    return [
        line for line in with_digits
        if line is main or (SHORT * main.height <= line.height <= main.height / SHORT and _is_number(line))
    ]  # fmt: skip


def _together(lines: list[_Line], most: int = 24) -> list[tuple[str, float]]:
    """Return the texts of several lines one after the other, with their probabilities, best first."""
    texts: dict[str, float] = {"": 1.0} if lines else {}
    for line in lines:
        more: dict[str, float] = {}
        for (text, share), (other, part) in itertools.product(texts.items(), line.texts):
            more[text + other] = more.get(text + other, 0.0) + share * part
        texts = dict(sorted(more.items(), key=lambda item: -item[1])[:most])
    return list(texts.items())


def _parts_of(lines: list[_Line], text: str) -> list[Part]:
    """Return the digits and marks of a text, line by line: of each line its surest text that goes on with it."""
    if not lines:
        return []
    first, rest = lines[0], lines[1:]
    for own, _ in first.texts:
        if not rest and own == text:
            return first.parts(own)
        if rest and text.startswith(own) and (after := _parts_of(rest, text[len(own) :])):
            return [*first.parts(own), *after]
    return []


def _separators(parts: list[Part], lines: list[_Line]) -> tuple[Separator, ...]:
    """Return the marks, the wide spaces and the ends of lines between digits, in order."""
    found: list[Separator] = []
    last, after = None, 0
    height = float(np.median([line.height for line in lines]))
    for part in parts:
        if last is not None and part.letter.isdigit():
            if part.box.left < last.left and part.box.top > last.bottom - 0.3 * height:
                found.append(Separator("\n", after))
            elif part.box.left - last.right > WIDE * height and (not found or found[-1].after < after):
                found.append(Separator(" ", after))
        if part.letter.isdigit():
            last, after = part.box, after + 1
        else:
            mark: Mark = part.letter  # pyright: ignore[reportAssignmentType]  # of `cutting`, which knows these alone
            found.append(Separator(mark, after, part.box))
    return tuple(found)


def _in_picture(box: Box, matrix: NDArray[np.float64], row: Row, frame: Frame, *, whole: bool = False) -> Box:
    """Return a box of a line in pixels of the picture; `whole` for one that is in the frame already."""
    left, top, right, bottom = box
    corners = np.array([(left, top), (right, top), (left, bottom), (right, bottom)], np.float64)
    if not whole:
        corners = corners @ matrix[:, :2].T + matrix[:, 2] + (row.left, row.top)
    corners = corners / frame.scale + (frame.left, frame.top)
    low, high = np.floor(corners.min(axis=0) + 1e-6).astype(int), np.ceil(corners.max(axis=0) - 1e-6).astype(int)
    return Box(max(0, int(low[0])), max(0, int(low[1])), int(high[0]), int(high[1]))


def _around(boxes: list[Box]) -> Box:
    left, top, right, bottom = np.array(boxes).T
    return Box(int(left.min()), int(top.min()), int(right.max()), int(bottom.max()))
