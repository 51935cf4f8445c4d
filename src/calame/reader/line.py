"""Reader (a): a line is read as a whole, without cutting, by a network that answers for every other column.

1. level: the line is levelled and brought to one height (`imaging/level.py`);
2. ask: for every two columns the network says how probable each digit, a mark or nothing is;
3. search: which texts are how probable, over all ways to spread them along the columns (CTC: Graves and others, 2006);
4. place: where each digit of a text stands, by the best such way.

A mark counts as nothing in a text, so that "1.000" and "1000" are one text: 1000. Knows neither check digits nor how
the network learned.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calame.artifact import SHIPPED, ModelFolder, load
from calame.engine.columns import ColumnSession
from calame.imaging.frame import Grey
from calame.imaging.level import Level, level, varied
from calame.imaging.rules import Stats
from calame.types import DIGITS, Box

SHIPPED_LINE = SHIPPED / "line@1"
MARK, BLANK = DIGITS, DIGITS + 1  # classes after the digits
WIDTH = 12  # texts that the search keeps from one column to the next
LIKELY = -7.0  # logarithm of the probability from which on a digit is tried at a column
TEXTS = 12  # texts of a reading, at most
NEVER = -1e30
VIEWS = ((1.2, 0.0), (1.0, 0.15))  # of the further looks: times as wide, and slanted
COMPARED = 5  # texts of each look that are compared

Floats = NDArray[np.float64]
Beams = dict[str, tuple[float, float]]  # of each text: how probable it is, ending in nothing, and in its last digit


@dataclass(frozen=True)
class LineText:
    """One text with the logarithm of its probability."""

    text: str
    score: float


@dataclass(frozen=True)
class LinePart:
    """A digit of a text: how probable it is at its place, and its box in the ink that was read."""

    letter: str
    confidence: float
    box: Box


@dataclass(frozen=True, eq=False)
class LineReading:
    """What the line network makes of a line.

    Attributes:
        texts: the most probable texts of digits, best first, with log-probabilities; of all texts there are, these
            are shares: they sum to less than 1. "" is among them when the line may be no number.
        columns: (t, 11) logarithms of the probabilities of the digits and, last, of no digit; 2 pixels of the
            levelled line each.
        marks: (t,) logarithms of the probability that a column is of a mark: a point, a dash, a printed word.
        level: the levelled line; None when there is no ink.
        again: the same as `columns` of further looks, at the line made wider and slanted; none when the first was
            sure. A text's score is then the mean of all.
    """

    texts: tuple[LineText, ...] = ()
    columns: Floats = field(default_factory=lambda: np.zeros((0, DIGITS + 1)))
    marks: Floats = field(default_factory=lambda: np.zeros(0))
    level: Level | None = None
    again: tuple[Floats, ...] = ()

    def score(self, text: str) -> float:
        """Return the logarithm of the probability of a text of digits: over all ways to spread it along the line."""
        if not len(self.columns):
            return 0.0 if not text else NEVER
        return _mean([score(columns, text) for columns in (self.columns, *self.again)])

    def parts(self, text: str) -> tuple[LinePart, ...]:
        """Return each digit of a text at its best place; empty when the line is too short for the text."""
        if self.level is None or not text:
            return ()
        spans = places(self.columns, text)
        edges = _edges(spans, len(self.columns))
        found: list[LinePart] = []
        for digit, (start, end), (left, right) in zip(text, spans, edges, strict=bool(spans)):
            sure = float(np.exp(self.columns[start:end, int(digit)].max()))
            found.append(LinePart(digit, sure, self._box(left, right)))
        return tuple(found)

    def columns_of(self, box: Box) -> slice:
        """Return which columns are above and below a box of the ink that was read; none off the line."""
        if self.level is None or not len(self.columns):
            return slice(0)
        across, _, start = self.level.matrix[0].tolist()
        stride = self.level.pixels.shape[1] / len(self.columns)
        first, last = (int((across * x + start) / stride) for x in (box.left, box.right))
        return slice(max(0, first), max(0, last + 1))

    def mark_at(self, box: Box) -> float:
        """Return how probable it is that a mark stands in a box of the ink that was read, 0-1; 0 off the line."""
        return float(np.exp(self.marks[self.columns_of(box)].max(initial=NEVER)))

    @cached_property
    def best(self) -> LineText | None:
        """The most probable text, or None when nothing was read."""
        return self.texts[0] if self.texts else None

    def _box(self, left: float, right: float) -> Box:
        assert self.level is not None
        stride = self.level.pixels.shape[1] / max(1, len(self.columns))
        first, last = int(left * stride), max(int(left * stride) + 1, int(np.ceil(right * stride)))
        inked = np.flatnonzero(self.level.pixels[:, first:last].max(axis=0) > INKED)
        if inked.size:
            first, last = first + int(inked[0]), first + int(inked[-1]) + 1
        return self.level.back(first, last)


INKED = 60  # grey level of ink that counts as part of a digit


class LineNetwork:
    """Reads a line of ink without cutting it.

    Args:
        model: None for the network of the package.
        sure: logarithm of the probability of the best text below which the line is looked at again, wider and
            slanted. By default one look is enough.

    Raises:
        MissingModel, DamagedModel: there is no such model, or it does not open.

    Example:
        >>> LineNetwork().read(ink).texts[0].text
        '1839'
    """

    def __init__(self, model: ModelFolder | None = None, sure: float = NEVER) -> None:
        self.folder = model or load(SHIPPED_LINE)
        self.sure = sure
        self._ask = ColumnSession(self.folder, self.folder.lightest)

    def read(self, ink: Grey, pieces: Stats | None = None) -> LineReading:
        """Read the ink of one line, (h, w) uint8 bright on 0; `pieces` are its own, where they are known."""
        levelled = level(ink, pieces)
        if levelled is None:
            return LineReading()
        classes = of_classes(self._ask(levelled.pixels))
        columns, marks = of_digits(classes), classes[:, MARK]
        texts = search(columns)
        if texts[0].score >= self.sure:
            return LineReading(tuple(texts), columns, marks, levelled)
        again = tuple(self.ask(varied(levelled.pixels, *view)) for view in VIEWS)
        return LineReading(_together(texts, (columns, *again)), columns, marks, levelled, again)

    def ask(self, pixels: Grey) -> Floats:
        """Return the log-probabilities (t, 11) along a levelled line, (32, w): see `LineReading.columns`."""
        return of_digits(of_classes(self._ask(pixels)))


def of_classes(logits: NDArray[np.float32]) -> Floats:
    """Return log-probabilities (t, 12) of the digits, a mark and nothing, from scores."""
    values = logits.astype(np.float64)
    return values - np.logaddexp.reduce(values, axis=1, keepdims=True)


def of_digits(classes: Floats) -> Floats:
    """Return log-probabilities (t, 11) of the digits and of no digit, from those of all classes."""
    none = np.logaddexp(classes[:, MARK], classes[:, BLANK])
    return np.hstack([classes[:, :DIGITS], none[:, None]])


def _together(first: list[LineText], looks: tuple[Floats, ...]) -> tuple[LineText, ...]:
    """Return the best texts of several looks, each with the mean of its log-probabilities, best first."""
    found = [{one.text: one.score for one in texts} for texts in (first, *map(search, looks[1:]))]
    asked = dict.fromkeys(text for texts in found for text in list(texts)[:COMPARED])
    for known, columns in zip(found, looks, strict=True):
        missing = [text for text in asked if text not in known]
        if missing:
            known.update(zip(missing, scores(columns, missing), strict=True))
    means = [LineText(text, _mean([known[text] for known in found])) for text in asked]
    return tuple(sorted(means, key=lambda one: -one.score))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def search(columns: Floats, width: int = WIDTH) -> list[LineText]:
    """Return the most probable texts, best first (prefix beam search: Hannun and others, 2014).

    Args:
        columns: as `LineReading.columns`.
        width: texts kept from one column to the next.
    """
    beams: Beams = {"": (0.0, NEVER)}
    nothing = columns[:, DIGITS]
    blank = np.concatenate([[0.0], nothing.cumsum()])  # of nothing in all columns before
    digits = columns[:, :DIGITS]
    done = 0
    for column in np.flatnonzero((digits > LIKELY).any(axis=1)).tolist():
        if column > done:
            beams = _after_nothing(beams, float(blank[column] - blank[done]))
        beams = _grown(beams, float(nothing[column]), digits[column].tolist(), width)
        done = column + 1
    if len(columns) > done:
        beams = _after_nothing(beams, float(blank[-1] - blank[done]))
    total = sorted(((_plus(*ends), text) for text, ends in beams.items()), reverse=True)
    return [LineText(text, value) for value, text in total[:TEXTS]]


def _after_nothing(beams: Beams, none: float) -> Beams:
    """Return the texts after a run of columns in which no digit is likely; `none` is of nothing in all of them."""
    return {text: (_plus(free, held) + none, NEVER) for text, (free, held) in beams.items()}


def _grown(beams: Beams, none: float, digits: list[float], width: int) -> Beams:
    """Return the texts after one more column, the best `width` of them."""
    likely = [(str(digit), value) for digit, value in enumerate(digits) if value > LIKELY]
    before = {text: _plus(*ends) for text, ends in beams.items()}
    after = {
        text: (before[text] + none, held + digits[int(text[-1])] if text else NEVER)
        for text, (_, held) in beams.items()
    }
    least = min(map(max, after.values())) if len(after) >= width else -math.inf  # `width` texts have this much already
    for text, (free, _) in beams.items():
        for digit, value in likely:
            longer = text + digit
            reached = (free if text.endswith(digit) else before[text]) + value
            if longer in beams:
                there = after[longer]
                after[longer] = (there[0], _plus(there[1], reached))
            elif reached > least:
                after[longer] = (NEVER, reached)
    if len(after) <= width:
        return after
    ranked = sorted(after.items(), key=lambda item: -max(item[1]))
    return dict(ranked[:width])


def _plus(one: float, other: float) -> float:
    """Return the logarithm of the sum of two probabilities, given by theirs."""
    high, low = (one, other) if one >= other else (other, one)
    return high if low < high - 30 else high + math.log1p(math.exp(low - high))


def score(columns: Floats, text: str) -> float:
    """Return the logarithm of the probability of a text of digits (the forward pass of CTC)."""
    return scores(columns, [text])[0]


def scores(columns: Floats, texts: Sequence[str]) -> list[float]:
    """Return the same of several texts, which go along the columns together; `columns` is (t, 11), t at least 1."""
    longest = 2 * max(map(len, texts)) + 1
    states = np.full((len(texts), longest), DIGITS, np.int64)
    skips = np.full((len(texts), longest), NEVER)
    for row, text in enumerate(texts):
        own, able = _states(text)
        states[row, : len(own)] = own
        skips[row, : len(own)][able] = 0.0
    values = columns[:, states]
    padded = np.full((len(texts), 2 + longest), NEVER)  # so that the first states as well have two before them
    alive, before, two_before = padded[:, 2:], padded[:, 1:-1], padded[:, :-2]
    alive[:, :2] = values[0, :, :2]
    for row in values[1:]:
        alive[:] = np.logaddexp(np.logaddexp(alive, before), two_before + skips) + row
    ends = [2 * len(text) for text in texts]
    return [float(np.logaddexp.reduce(alive[row, max(0, end - 1) : end + 1])) for row, end in enumerate(ends)]


def places(columns: Floats, text: str) -> list[tuple[int, int]]:
    """Return for each digit of a text the columns that answer for it on the best path; empty when it does not fit."""
    states, skips = _states(text)
    values = columns[:, states]
    alive = np.full(len(states), NEVER)
    alive[:2] = values[0, :2]
    came = np.zeros(values.shape, np.int64)
    for time, row in enumerate(values[1:], 1):
        two = np.where(skips, np.concatenate([[NEVER, NEVER], alive])[: len(alive)], NEVER)
        ways = np.stack([alive, np.concatenate([[NEVER], alive[:-1]]), two])
        came[time] = ways.argmax(axis=0)
        alive = ways.max(axis=0) + row
    state = len(states) - 1 - int(alive[-2] > alive[-1])
    if alive[state] <= NEVER / 2:
        return []
    path = np.zeros(len(values), np.int64)
    for time in range(len(values) - 1, -1, -1):
        path[time] = state
        state -= int(came[time, state])
    return [(int(on[0]), int(on[-1]) + 1) for k in range(len(text)) if (on := np.flatnonzero(path == 2 * k + 1)).size]


def _states(text: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the classes that a path goes through, nothing between all digits, and which may skip the one before."""
    states = np.full(2 * len(text) + 1, DIGITS, np.int64)
    states[1::2] = [int(digit) for digit in text]
    skips = np.zeros(len(states), bool)
    skips[3::2] = states[3::2] != states[1:-2:2]
    return states, skips


def _edges(spans: list[tuple[int, int]], count: int) -> list[tuple[float, float]]:
    """Return where digits begin and end, in columns: halfway between their answers, at most a digit's width away."""
    middles = [(start + end) / 2 for start, end in spans]
    apart = float(np.median(np.diff(middles))) if len(middles) > 1 else 8.0
    reach = max(3.0, min(12.0, 0.75 * apart))
    found: list[tuple[float, float]] = []
    for place, middle in enumerate(middles):
        left = max(0.0, middle - reach) if place == 0 else max(middle - reach, (middles[place - 1] + middle) / 2)
        last = place + 1 == len(middles)
        right = min(float(count), middle + reach) if last else min(middle + reach, (middle + middles[place + 1]) / 2)
        found.append((left, right))
    return found
