"""THE MAIN PATH of codes: a picture of a handwritten number becomes a `CodeReading`.

1. decode: a path, bytes, a PIL image or an array becomes upright pixels, or a clear error; the place of the paper that
   the caller named is cut out (`imaging/region.py`);
2. prepare: flat paper, dark pen, no printed lines (`LINE`, a recipe of the same steps as single digits have); a page
   that lies crooked is turned straight before (`imaging/skew.py`);
3. rows: which ink is one line of writing, and in which order the lines come;
4. read: each line, turned when it slopes, is read as a whole (`line`), what is printed beside the number is taken off
   (`names`), and it is cut and read (`cutting`); what the two say becomes one probability for each text (`joining`);
   what is in doubt then is prepared in another way and read once more, and counts as the mean of both; where it is not
   one sure line even so, or has more lines than a number, one number is looked for as those of a page are (`amid`);
5. rank: the checks put forward the surest text that fits, and flag it when it is not what was read;
6. decide: the text, or the reason for giving none: it fits no check, or is less sure than the caller's budget of
   wrong answers allows (`budget`).

This module knows neither files of models' weights, nor terminals, nor requests.
"""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from calame.artifact import ModelFolder
from calame.engine.piles import a_few_at_a_time
from calame.engine.session import Classifier, Session, checked
from calame.errors import BadCalibration, InputError, UsageError
from calame.imaging.codec import Limits, Source, decode
from calame.imaging.frame import Frame
from calame.imaging.recipe import DEFAULT, Recipe, name_of, parse
from calame.imaging.region import Region, parse_region
from calame.imaging.rows import CROOKED, Row, highest, one_row, reading_order, rows_of, turned
from calame.imaging.rules import height_of, pieces_of, within
from calame.imaging.segment import FAINT, union
from calame.imaging.skew import straightened
from calame.locale import Phrase
from calame.reader import written
from calame.reader.amid import LIKELY, NOTHING, PRINT, as_far_as_the_edge, is_alone, number_among
from calame.reader.budget import Calibration, calibration_of, hash_of, load_calibration, share, shipped
from calame.reader.checks import Check, parse_checks
from calame.reader.confidence import limit_of
from calame.reader.cutting import CutReading, CuttingReader
from calame.reader.digit import recipe_of
from calame.reader.doubts import doubt_of
from calame.reader.joining import Scored, Weights, joined
from calame.reader.line import LineNetwork
from calame.reader.names import may_belong, number_in
from calame.reader.page import NUMBER, as_it_came, fewest, numbers_on, only_numbers
from calame.reader.preparation import ANOTHER, LINE, OTHERWISE, PAGE, alike, before, has_ink, kept, plausible
from calame.reader.printed import doubting_print
from calame.reader.ranking import Candidate, rank, refusal
from calame.reader.written import Stretch, Written
from calame.shelf import Shelf
from calame.types import (
    Answer,
    Budget,
    CodeDigit,
    CodeReaderName,
    CodeReading,
    CodeRejection,
    Picture,
    Trace,
    TraceStep,
)

IN_DOUBT = 0.8  # probability, as the readers are joined, below which a number is prepared and read once more
LOOK_AGAIN = -0.05  # log-probability of the line network's best text below which it looks a second time
LINES = 24  # of one number, read one by one: those of print and grain are more
TOGETHER = 16  # pictures that are read at a time
FILLS = 0.42  # of the picture's height: digits as high as this leave no room for a second line
REACH, REACH_ON_PAGE = 3.0, 1.6  # heights of a digit from one digit to the next: of one number; among several
AROUND = 0.3, 0.25  # heights of a digit, across and down: paper around a number of a page that is read once more
REJECT_BELOW = 0.5  # less probable readings are refused, unless the caller says otherwise
DOUBT_BELOW = 0.9  # less probable ones are for a person to look at, unless the caller says otherwise
TURNS = (1.0, 0.5, 0.0)  # shares of its slope by which a crooked line is turned: its digits may slope less
Way = NDArray[np.float64]  # (2, 3), from pixels of what is read to those of the picture as it came


class CodeReader:
    """Reads a handwritten number of any length from a picture of it.

    Args:
        model: which digit network; as `DigitReader`'s.
        checks: what the number must be, each a `Check` or its text, such as "luhn" or "length(10)"; all must hold;
            one alone needs no list.
        limits: the largest file and picture that are read.
        reject_below: refuse a reading less probable than this, 0-1; None for the usual.
        max_wrong: answer only what is sure enough for at most this share of wrong answers, "1/1000" or 0.001, as
            measured; `budget` says what that costs and how far it was shown.
        kind: of input that `max_wrong` is for: "cheque", "form", "photo", …; None for whichever it is.
        calibration: file that `calibrate` made of the caller's own pictures; None for what came with the package,
            which was measured on made pictures: real ones are harder, and only a calibration on them holds for them.
        region: where on each picture to read, "left,top,width,height" in percent of it, or a `Region`: the place of a
            form that has the number, on every sheet of a pile; None for all of it. Boxes stay those of the picture.

    Raises:
        BadCheck: a check that does not parse.
        BadCalibration: no calibration, or one for other networks.
        UsageError: a wish that the calibration cannot carry; when it is asked, a callable that gives no probabilities.
        BadParameter: `reject_below` is not between 0 and 1; `region` is none, or reaches out of the picture.
        MissingModel, DamagedModel: there is no such model, or it does not open.

    Example:
        >>> CodeReader(checks=["luhn"]).read("card.jpg").text
        '79927398713'
    """

    def __init__(
        self,
        model: str | Path | ModelFolder | Classifier | None = None,
        *,
        checks: Sequence[Check | str] | Check | str = (),
        limits: Limits | None = None,
        reject_below: float | None = None,
        max_wrong: str | float | None = None,
        kind: str | None = None,
        calibration: str | Path | Calibration | None = None,
        region: str | Sequence[float] | Region | None = None,
    ) -> None:
        if model is None or isinstance(model, str | Path):
            model = Shelf(None).find(model)
        self.folder = model if isinstance(model, ModelFolder) else None
        ask: Classifier = Session(model, model.lightest) if isinstance(model, ModelFolder) else checked(model)
        recipe = recipe_of(self.folder) if self.folder else parse(DEFAULT)
        temperature = self.folder.manifest.calibration.get("temperature", 1.0) if self.folder else 1.0
        self.checks = parse_checks(checks)
        self.recipe = parse(LINE)
        self.page = parse(PAGE)
        self.another = parse(ANOTHER)
        self._otherwise = [parse(recipe) for recipe in OTHERWISE]
        self.limits = limits
        self.region = None if region is None else parse_region(region)
        self._cutting = CuttingReader(ask, recipe, temperature)
        self._line = LineNetwork(sure=LOOK_AGAIN)
        self._weights = Weights(**shipped()["joining"])
        self._shipped = calibration_of(shipped()["calibration"])
        self.calibration = _opened(calibration, self.readers)
        self.budget = self._promised(max_wrong, kind)
        self.reject_below = REJECT_BELOW if reject_below is None else limit_of(reject_below)
        self._doubt_below = DOUBT_BELOW if reject_below is None and max_wrong is None else 0.0
        if self.budget is not None:
            self.reject_below = max(self.reject_below if reject_below is not None else 0.0, self.budget.threshold)

    @property
    def readers(self) -> dict[str, str]:
        """What reads, each by the SHA-256 of its network: a calibration holds for these alone."""
        return {"digits": hash_of(self.folder), "line": hash_of(self._line.folder)}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of input that were measured, which `kind` may name; the first is meant where none is named."""
        return tuple((self.calibration or self._shipped).curves)

    def _promised(self, max_wrong: str | float | None, kind: str | None) -> Budget | None:
        """Return the budget of a wish; None without one."""
        if max_wrong is None and kind is None:
            return None
        if self.calibration is None and dict(self._shipped.readers) != self.readers:
            raise UsageError(problem=Phrase("reader.uncalibrated"))
        curve = (self.calibration or self._shipped).curve(kind)
        return None if max_wrong is None else curve.promise(share(max_wrong))

    @overload
    def read(self, source: Source, *, several: Literal[False] = False, trace: bool = False) -> CodeReading: ...

    @overload
    def read(self, source: Source, *, several: Literal[True], trace: bool = False) -> list[CodeReading]: ...

    def read(self, source: Source, *, several: bool = False, trace: bool = False) -> CodeReading | list[CodeReading]:
        """Read one picture.

        Args:
            source: a path, encoded bytes, an open file, a PIL image, or an array (h, w), (h, w, 1) or (h, w, 3) uint8.
            several: find every number on a page, in reading order; what is no number is left out. Otherwise the
                picture shows one number, on one line or more.
            trace: keep what every preparation step made of it.

        Raises:
            InputError: the picture cannot be read at all; the message says what came and the way out.
        """
        if several:
            return only_numbers(self.read_page(source, trace=trace))
        (reading,) = self._readings(source, several=False, trace=trace)
        if reading.error is not None:
            raise reading.error
        return reading

    def read_page(self, source: Source, *, trace: bool = False) -> list[CodeReading]:
        """Read every number on a page, errors as `read`'s; where there is none, one reading says so, with the trace."""
        readings = self._readings(source, several=True, trace=trace)
        if readings[0].error is not None:
            raise readings[0].error
        return readings

    def read_many(self, sources: Iterable[Source], *, trace: bool = False) -> list[CodeReading]:
        """Read pictures of one number each, in order. One that cannot be read has an `error`; none is lost.

        Raises:
            UsageError: a single picture in the place of the list. An array of pictures, (n, h, w) or (n, h, w, c), is a
                list of them; (h, w, 1), (h, w, 3) and (h, w, 4) are one picture.
        """
        return list(self.stream(sources, trace=trace))

    def stream(self, sources: Iterable[Source], *, trace: bool = False) -> Iterator[CodeReading]:
        """Read pictures as `read_many` does, a few at a time: a pile of any size in the memory of a few."""
        read = partial(self._readings, several=False, trace=trace)
        for few in a_few_at_a_time(sources, read, TOGETHER):
            for (reading,) in few:
                yield reading

    def _readings(self, source: Source, *, several: bool, trace: bool) -> list[CodeReading]:
        """Steps 1 to 6 for one picture; one reading, or more if `several`."""
        started = time.perf_counter()
        try:
            picture = decode(source, limits=self.limits)
        except InputError as error:
            return [CodeReading(None, 0.0, error=error, name=str(error.values.get("name", "<array>")))]
        steps = [TraceStep("decode", (time.perf_counter() - started) * 1e3, picture.pixels)] if trace else None
        height, width = picture.pixels.shape[:2]
        part, back = self._placed(picture, steps)
        read = self._numbers(part, steps) if several else [self._number(part, steps)]
        read = read or [CodeReading(None, 0.0, rejected="no_digits", trace=kept(steps), name=picture.name)]
        read = [as_it_came(reading, back, (width, height)) for reading in read]
        return [replace(reading, size=(width, height)) for reading in read]

    def _number(self, picture: Picture, steps: list[TraceStep] | None) -> CodeReading:
        """Steps 2 to 6 for a picture of one number."""
        frame = self._prepare(picture, steps)
        if not has_ink(frame):
            reason: CodeRejection = "blank" if frame.rejected == "blank" else "no_ink"
            return CodeReading(None, 0.0, rejected=reason, trace=kept(steps), name=picture.name)
        rows = self._rows(frame, several=False)
        reading = self._amid(NOTHING, picture, steps) if len(rows) > PRINT else NOTHING
        if reading.confidence < LIKELY:
            reading = self._one(picture, frame, rows, steps)
            if len(rows) <= PRINT and not is_alone(reading, len(rows)):
                reading = self._amid(reading, picture, steps)
        return as_far_as_the_edge(reading, picture.pixels.shape[1::-1])

    def _numbers(self, picture: Picture, steps: list[TraceStep] | None) -> list[CodeReading]:
        """Steps 2 to 6 for a page."""
        level, back = self._straightened(picture, steps)
        frame = self._prepare(level, steps, self.page)
        read = self._on_page(level, frame, steps) if has_ink(frame) else []
        height, width = picture.pixels.shape[:2]
        return read if back is None else [as_it_came(reading, back, (width, height)) for reading in read]

    def _placed(self, picture: Picture, steps: list[TraceStep] | None) -> tuple[Picture, Way | None]:
        """Step 1: the place of the paper that is read, and the way back from it; all of it where none was named."""
        if self.region is None:
            return picture, None
        height, width = picture.pixels.shape[:2]
        left, top, right, bottom = self.region.of(width, height)
        pixels = picture.pixels[top:bottom, left:right]
        if steps is not None:
            steps.append(TraceStep("region", 0.0, pixels))
        return replace(picture, pixels=pixels), np.array([[1.0, 0.0, left], [0.0, 1.0, top]])

    def _straightened(self, picture: Picture, steps: list[TraceStep] | None) -> tuple[Picture, Way | None]:
        """Step 2, of a page: its lines level, and the way back where it was turned."""
        started = time.perf_counter()
        pixels, back = straightened(picture.pixels)
        if steps is not None and back is not None:
            steps.append(TraceStep("straighten", (time.perf_counter() - started) * 1e3, pixels))
        return replace(picture, pixels=pixels), back

    def _amid(self, reading: CodeReading, picture: Picture, steps: list[TraceStep] | None) -> CodeReading:
        """Steps 2 to 6, of one number that may be amid print: as the numbers of a page are read, too."""
        return number_among(self._numbers(picture, None if steps is None else before(steps)), reading)

    def _one(self, picture: Picture, frame: Frame, rows: Sequence[Row], steps: list[TraceStep] | None) -> CodeReading:
        """Steps 4 to 6 for a picture of one number, of which these are the lines."""
        lines, aside = self._lines(frame, rows)
        shares = written.together(lines)
        if not shares or shares[0][1] < IN_DOUBT:
            other = None if steps is None else before(steps)
            anew = self._prepared(picture, self.another, other)
            if not alike(anew, frame):  # else it would be read the same
                again, aside_then = self._lines(anew, self._rows(anew, several=False)) if plausible(anew) else ([], 0)
                first, second = shares, written.together(again)
                shares = written.mean(first, second)
                if shares and dict(second).get(shares[0][0], 0.0) > dict(first).get(shares[0][0], 0.0):
                    lines, aside, steps = again, aside_then, other
        return self._decide(lines, shares, picture.name, kept(steps), aside)

    def _on_page(self, picture: Picture, frame: Frame, steps: list[TraceStep] | None) -> list[CodeReading]:
        """Steps 3 to 6 for a page: the lines that are numbers."""
        rows = numbers_on(self._rows(frame, several=True), self._glance)
        read = [(self._seen_closer(self._read_row(row, frame), picture), fewest(row)) for row in rows]
        lines = [line for line, least in read if written.is_number(line, *NUMBER, least)]
        lines = [lines[place] for place in reading_order([line.box for line in lines])]
        found = [self._decide([line], line.shares, picture.name, kept(steps), on_page=True) for line in lines]
        return doubting_print(only_numbers(found))

    def _seen_closer(self, line: Written, picture: Picture) -> Written:
        """Step 4, of a page: a line in doubt is cut out and read once more, as the picture of one number would be."""
        if line.shares and line.shares[0][1] >= IN_DOUBT:
            return line
        height, width = picture.pixels.shape[:2]
        across, down = (round(room * line.height) for room in AROUND)
        left, top = max(0, line.box.left - across), max(0, line.box.top - down)
        right, bottom = min(width, line.box.right + across), min(height, line.box.bottom + down)
        frame = self._prepared(replace(picture, pixels=picture.pixels[top:bottom, left:right]), self.recipe, None)
        if not plausible(frame):
            return line
        frame = frame._replace(left=frame.left + left, top=frame.top + top)
        lines, _ = self._lines(frame, self._rows(frame, several=False))
        if len(lines) != 1:
            return line
        shares = written.mean(line.shares, lines[0].shares)
        first, second = (dict(one.shares).get(shares[0][0], 0.0) for one in (line, lines[0]))
        return replace(lines[0] if second > first else line, shares=shares, columns=line.columns, beside=line.beside)

    def _lines(self, frame: Frame, rows: Sequence[Row]) -> tuple[list[Written], int]:
        """Step 4: the lines of one number, read, and how many as high are none of its lines."""
        every = [self._read_row(row, frame) for row in highest(rows, LINES)]
        kept = written.of_one_number(every)
        return kept, written.left_over(every, kept)

    def _prepare(self, picture: Picture, steps: list[TraceStep] | None, recipe: Recipe | None = None) -> Frame:
        """Step 2: dark pen on white paper becomes ink on 0; a picture that gives none is looked at otherwise."""
        first = self._prepared(picture, recipe or self.recipe, steps)
        if plausible(first) or first.rejected == "blank" or (first.printed and not has_ink(first)):
            return first
        for recipe in self._otherwise:
            other: list[TraceStep] | None = None if steps is None else []
            frame = self._prepared(picture, recipe, other)
            if plausible(frame):
                if steps is not None:
                    steps[:] = [*before(steps), *(other or [])]
                return frame
        return first

    def _prepared(self, picture: Picture, recipe: Recipe, steps: list[TraceStep] | None) -> Frame:
        frame = Frame(picture.pixels)
        for step in recipe.steps:
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
            return rows_of(frame.pixels, None, REACH_ON_PAGE, frame.walls)
        pieces = pieces_of((frame.pixels > FAINT).astype(np.uint8))
        height = height_of(within(pieces, len(frame.pixels)), len(frame.pixels))
        if height >= FILLS * len(frame.pixels):
            return [one_row(frame.pixels, height, pieces, frame.walls)]
        return rows_of(frame.pixels, height, REACH, frame.walls)

    @cached_property
    def _glance(self) -> LineNetwork:
        """The line network with one look: most lines of a page are no numbers."""
        return LineNetwork(self._line.folder)

    def _read_row(self, row: Row, frame: Frame) -> Written:
        """Step 4: what the readers make of a line, apart and together."""
        stretch, cut = self._straight(row, frame)
        whole = self._line.read(stretch.ink, stretch.pieces)
        number, beside = number_in(whole), row.goes_on
        if number is not None:
            beside = beside or may_belong(stretch.ink, number)
            stretch, cut = stretch.part(number), None
            whole = self._line.read(stretch.ink, stretch.pieces)
        cut = cut or self._cutting.read(stretch.ink, stretch.edge, stretch.pieces)
        line = [(text.text, text.score) for text in whole.texts]
        cutting = [(text.text, text.score) for text in cut.texts]
        shares = joined(line, cutting, cut.score_of, self._weights)
        answers = _answer("line", line), _answer("cutting", cutting)
        columns = tuple(column / frame.scale + frame.left for column in row.columns)
        return Written(stretch, cut, whole, shares, answers, columns, beside)

    def _straight(self, row: Row, frame: Frame) -> tuple[Stretch, CutReading | None]:
        """Step 4: a line as it lies; one that slopes is turned as the cutting reader is surest of, and comes cut."""
        if abs(np.rad2deg(row.slope)) <= CROOKED:
            return Stretch.of(row.ink, np.eye(2, 3), row, frame), None
        found: list[tuple[Stretch, CutReading]] = []
        for part in TURNS:
            ink, way = turned(row, part * row.slope) if part else (row.ink, np.eye(2, 3))
            stretch = Stretch.of(ink, way, row, frame)
            found.append((stretch, self._cutting.read(ink, stretch.edge, stretch.pieces)))
        return max(found, key=lambda one: one[1].score)

    def _decide(
        self,
        lines: list[Written],
        shares: written.Shares,
        name: str,
        trace: Trace | None,
        aside: int = 0,
        *,
        on_page: bool = False,
    ) -> CodeReading:
        """Steps 5 and 6: the best text that fits, unless something speaks against it; `aside` lines are left over."""
        if not shares or not shares[0][0]:
            return CodeReading(None, 0.0, rejected="no_digits", trace=trace, name=name)
        sure = self._come_true(shares)
        ranked = rank([Candidate(text, float(np.log(max(one, 1e-30)))) for text, one in sure.items()], self.checks)
        text, confidence = ranked.own.text, sure[ranked.own.text]
        rejected = refusal(ranked, confidence, self.reject_below)
        parts = written.parts_of(lines, text)
        digits = [part for part in parts if part.letter.isdigit()]
        boxes, likely = [digit.box for digit in digits], confidence < self._doubt_below
        between, doubt = written.separators(parts, lines), None
        if not rejected:
            doubt = doubt_of(
                lines, boxes, between, aside, self._glance, likely=likely, on_page=on_page, checks=self.checks
            )
        return CodeReading(
            text=None if rejected else text,
            confidence=confidence,
            digits=tuple(CodeDigit(int(part.letter), part.confidence, part.box) for part in digits),
            probabilities=np.array([part.chances for part in digits], np.float32).reshape(-1, 10),
            rejected=rejected,
            doubt=doubt,
            alternatives=tuple(sorted(((other, one) for other, one in sure.items() if other != text), key=_rank)),
            repaired=ranked.repaired,
            suggestion=ranked.best.text if ranked.repaired else "",
            changes=ranked.changes,
            failed=tuple(str(check) for check in ranked.failed),
            guess=text,
            separators=between,
            box=union([line.box for line in lines]),
            readers=written.answers_of(lines),
            trace=trace,
            name=name,
        )

    def _come_true(self, shares: written.Shares) -> dict[str, float]:
        """Return the texts with calibrated probabilities: the first one's is fitted, the others share what is left."""
        first, raw = shares[0]
        sure = self._shipped.steady(raw)
        if self.calibration is not None:
            sure = self.calibration.steady(sure)
        left = (1 - sure) / max(1 - raw, 1e-9)
        return {first: sure} | {text: min(one * left, sure) for text, one in shares[1:]}


def _rank(one: tuple[str, float]) -> tuple[float, str]:
    """Return what alternatives are sorted by: equals by their digits, whatever was added up first."""
    text, probability = one
    return -round(probability, 6), text


def _answer(reader: CodeReaderName, texts: Sequence[Scored]) -> Answer:
    """Return a reader's first choice."""
    text, score = texts[0] if texts else ("", 0.0)
    return Answer(reader, text, math.exp(score))


def _opened(given: str | Path | Calibration | None, readers: dict[str, str]) -> Calibration | None:
    """Return a calibration of the caller's own, which must be for these readers."""
    if given is None:
        return None
    found = given if isinstance(given, Calibration) else load_calibration(given)
    if dict(found.readers) != readers:
        name = found.name if isinstance(given, Calibration) else given
        raise BadCalibration(name=name, problem=Phrase("reader.other_calibration"))
    return found
