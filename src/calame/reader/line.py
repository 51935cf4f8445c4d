"""Reader (a): a line is read as a whole, without cutting, by a network that answers for every other column.

1. level: the line is levelled and brought to one height (`imaging/level.py`);
2. ask: for every two columns the network says how probable each digit, a mark or nothing is;
3. search: which texts are how probable, over all ways to spread them along the columns (CTC: Graves and others, 2006);
4. place: where each digit of a text stands, by the best such way.

A mark counts as nothing in a text, so that "1.000" and "1000" are one text: 1000. Knows neither check digits nor how
the network learned.
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from calame.artifact import SHIPPED, ModelFolder, load
from calame.engine.columns import ColumnSession
from calame.imaging.frame import Grey
from calame.imaging.level import Level, level, varied
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
        level: the levelled line; None when there is no ink.
        again: the same as `columns` of further looks, at the line made wider and slanted; none when the first was
            sure. A text's score is then the mean of all.
    """

    texts: tuple[LineText, ...] = ()
    columns: Floats = field(default_factory=lambda: np.zeros((0, DIGITS + 1)))
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

    def read(self, ink: Grey) -> LineReading:
        """Read the ink of one line, (h, w) uint8 bright on 0."""
        levelled = level(ink)
        if levelled is None:
            return LineReading()
        columns = self.ask(levelled.pixels)
        texts = search(columns)
        if texts[0].score >= self.sure:
            return LineReading(tuple(texts), columns, levelled)
        again = tuple(self.ask(varied(levelled.pixels, *view)) for view in VIEWS)
        return LineReading(_together(texts, (columns, *again)), columns, levelled, again)

    def ask(self, pixels: Grey) -> Floats:
        """Return the log-probabilities (t, 11) along a levelled line, (32, w): see `LineReading.columns`."""
        return of_digits(self._ask(pixels))


def of_digits(logits: NDArray[np.float32]) -> Floats:
    """Return log-probabilities (t, 11) of the digits and of no digit, from (t, 12) scores of all classes."""
    values = logits.astype(np.float64)
    values -= np.logaddexp.reduce(values, axis=1, keepdims=True)
    none = np.logaddexp(values[:, MARK], values[:, BLANK])
    return np.hstack([values[:, :DIGITS], none[:, None]])


def _together(first: list[LineText], looks: tuple[Floats, ...]) -> tuple[LineText, ...]:
    """Return the best texts of several looks, each with the mean of its log-probabilities, best first."""
    found = [{one.text: one.score for one in texts} for texts in (first, *map(search, looks[1:]))]
    asked = dict.fromkeys(text for texts in found for text in list(texts)[:COMPARED])
    scores = {
        text: _mean(
            [one[text] if text in one else score(columns, text) for one, columns in zip(found, looks, strict=True)]
        )
        for text in asked
    }
    return tuple(sorted((LineText(text, value) for text, value in scores.items()), key=lambda one: -one.score))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def search(columns: Floats, width: int = WIDTH) -> list[LineText]:
    """Return the most probable texts, best first (prefix beam search: Hannun and others, 2014).

    Args:
        columns: as `LineReading.columns`.
        width: texts kept from one column to the next.
    """
    beams: dict[str, tuple[float, float]] = {"": (0.0, NEVER)}  # of each text: ending in nothing, in its last digit
    nothing = columns[:, DIGITS].tolist()
    rows = columns.tolist()
    for row, none in zip(rows, nothing, strict=True):
        likely = [(str(digit), value) for digit, value in enumerate(row[:DIGITS]) if value > LIKELY]
        if not likely:
            beams = {text: (_plus(free, held) + none, NEVER) for text, (free, held) in beams.items()}
            continue
        beams = _grown(beams, none, likely, row, width)
    total = sorted(((_plus(*ends), text) for text, ends in beams.items()), reverse=True)
    return [LineText(text, value) for value, text in total[:TEXTS]]


def _grown(
    beams: dict[str, tuple[float, float]], none: float, likely: list[tuple[str, float]], row: list[float], width: int
) -> dict[str, tuple[float, float]]:
    """Return the texts after one more column, the best `width` of them."""
    after: dict[str, tuple[float, float]] = {}
    for text, (free, held) in beams.items():
        both = _plus(free, held)
        last = text[-1:]
        stays = held + row[int(last)] if last else NEVER
        known = after.get(text)
        after[text] = (both + none, stays) if known is None else (both + none, _plus(known[1], stays))
        for digit, value in likely:
            longer = text + digit
            reached = (free if digit == last else both) + value
            old = after.get(longer, (NEVER, NEVER))
            after[longer] = (old[0], _plus(old[1], reached))
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
    states, skips = _states(text)
    values = columns[:, states]
    alive = np.full(len(states), NEVER)
    alive[: min(2, len(states))] = values[0, : min(2, len(states))]
    for row in values[1:]:
        before = np.logaddexp(alive, np.concatenate([[NEVER], alive[:-1]]))
        skipped = np.where(skips, np.concatenate([[NEVER, NEVER], alive])[: len(alive)], NEVER)
        alive = np.logaddexp(before, skipped) + row
    return float(np.logaddexp.reduce(alive[-2:]))


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
