"""Reader (b): a line is cut into more pieces than it has digits, and the digit network says which go together.

1. pieces: what is connected, from left to right (`imaging/cuts.py`);
2. look: each piece is shown to the digit network; what it is not sure of is cut along its seams;
3. spans: each few neighbouring pieces are cropped, scaled and centred as single digits are, and read in one batch;
4. weigh: what the network says, and the shape of the span beside the line's others, make a score; dots, dashes and
   dirt have scores of their own, by shape alone;
5. add up: of all ways to go from the first piece to the last, which texts are how probable (`lattice`).

The weights of step 4 were fitted on made lines of held-out hands (`recipes/cutting.py`); so was nothing else here.
Knows neither files nor check digits.
"""

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import Classifier
from calame.imaging.cuts import Strip, cut, sheared, strip_of
from calame.imaging.frame import Frame, Grey, Step
from calame.imaging.recipe import DEFAULT, Recipe, name_of, parse
from calame.imaging.segment import OUTLINE, bounds
from calame.reader.confidence import calibrate
from calame.reader.lattice import Edge, Lattice, Text
from calame.types import DIGITS, SIDE, Box

AFTER = ("crop", "close", "stroke", "scale", "contrast", "centre")  # what a single digit goes through once it is found
SURE = 0.95  # a piece read with this probability, of a usual shape, is not cut
WIDE, NARROW = 1.05, 0.45  # of the height: what is wider is cut in any case, what is narrower never
LONGEST = 4  # pieces of one digit
TALL = 0.6  # of the height: a piece as high as this, and sure, is a digit of its own
WIDEST = 1.7  # of the height: no digit is wider
LOWEST = 0.25  # of the height: no digit is lower
LEANS = -0.1, 0.25  # of digits as they are written, for a height of 1: so far they lean before the network
FAR = 0.4  # of the height: more room than this beside a digit says no more
FARTHEST = 0.5  # of the height: the pieces of a digit are nearer
FEATURES = (
    "digit", "two", "sure", "short", "tall", "wide", "thin", "gap", "cuts", "cost", "through", "pieces", "off", "room",
    "alone", "alone_wide",
)  # fmt: skip
BY_DIGIT = ("each", "each_short", "each_width", "each_square", "each_cuts", "each_sure")
OTHERS = ("mark", "mark_high", "mark_wide", "dirt", "dirt_mass", "dirt_high", "dirt_border", "slash")


Span = tuple[int, int]  # pieces: the first, and one past the last
Shapes = dict[Span, NDArray[np.float64]]  # `FEATURES` of each
Answers = dict[Span, NDArray[np.float32]]  # (10,) probabilities of each


class Weights(NamedTuple):
    """What counts how much: the shape of a digit, of each digit (10, 6), the network's word, marks and dirt."""

    digits: NDArray[np.float64]
    each: NDArray[np.float64]
    network: float
    others: NDArray[np.float64]


@cache
def fitted() -> Weights:
    """Return the weights that are in the package."""
    stored = json.loads(resources.files("calame.reader").joinpath("cutting.json").read_text(encoding="utf-8"))
    return Weights(
        np.array(stored["digits"]), np.array(stored["each"]), float(stored["network"]), np.array(stored["others"])
    )


@dataclass(frozen=True, eq=False)
class Part:
    """A part of a reading: a digit or a mark, how probable it is, and its box in the line.

    `chances` is (10,) float32: how probable each digit is there, given that one is; None for a mark.
    """

    letter: str
    confidence: float
    box: Box
    chances: NDArray[np.float32] | None = None


@dataclass(frozen=True, eq=False)
class CutReading:
    """What the cutting reader makes of a line.

    Attributes:
        texts: the most probable texts, best first; empty when there is no piece of ink.
        lattice: all ways to read the line; None when there are none.
        strip: the pieces; likewise.
    """

    texts: tuple[Text, ...] = ()
    lattice: Lattice | None = None
    strip: Strip | None = None

    @property
    def score(self) -> float:
        """How good the best way to read the line is, whatever the others: to compare two pictures of one line."""
        return self.texts[0].score + self.lattice.normaliser() if self.lattice is not None else -np.inf

    def score_of(self, text: str) -> float:
        """Return the logarithmic probability of any text; -inf when no way to read the line gives it."""
        return self.lattice.along(text)[0] if self.lattice is not None else -np.inf

    def parts(self, text: str) -> tuple[Part, ...]:
        """Return the digits and marks on the best path of a text, each with its share of all paths.

        Empty when no way to read the line gives the text.
        """
        if self.lattice is None or self.strip is None:
            return ()
        path = self.lattice.along(text)[1]
        sure = self.lattice.marginals()
        found: list[Part] = []
        letters = iter(text)
        for number in path:
            edge = self.lattice.edges[number]
            if edge.digits is not None:
                chances = np.exp(edge.digits - self.lattice.totals[number]).astype(np.float32)
                digit = next(letters)
                share = float(sure[number] * chances[int(digit)])
                found.append(Part(digit, share, self.strip.back(edge.start, edge.end), chances))
            elif edge.mark:
                found.append(Part(edge.mark, float(sure[number]), self.strip.back(edge.start, edge.end)))
        return tuple(found)


class CuttingReader:
    """Reads a line of ink by cutting it up.

    Args:
        classify: (n, 28, 28) uint8 -> (n, 10) probabilities of single digits.
        recipe: the preparation that `classify` learned with; its steps from `crop` on are used.
        temperature: of the calibration of `classify`.
        weights: None for those of the package.
    """

    def __init__(
        self,
        classify: Classifier,
        recipe: Recipe | None = None,
        temperature: float = 1.0,
        weights: Weights | None = None,
    ) -> None:
        steps = [step for step in (recipe or parse(DEFAULT)).steps if name_of(step) in AFTER]
        able = steps and name_of(steps[0]) == "crop"
        self._steps: list[Step] = steps if able else [s for s in parse(DEFAULT).steps if name_of(s) in AFTER]
        self._ask = classify
        self._temperature = temperature
        self.weights = weights or fitted()

    def read(self, line: Grey, edge: float = 2.0) -> CutReading:
        """Read the ink of one line, (h, w) uint8 bright on 0; `edge` is over how many pixels it rises."""
        found = self.lattice_of(line, edge)
        if found is None:
            return CutReading()
        strip, lattice = found
        return CutReading(tuple(lattice.texts()), lattice, strip)

    def lattice_of(self, line: Grey, edge: float = 2.0) -> tuple[Strip, Lattice] | None:
        """Return the pieces of a line and all ways to read them; None when there is no ink."""
        found = self.spans_of(line, edge)
        return None if found is None else (found[0], lattice_from(*found, self.weights))

    def spans_of(self, line: Grey, edge: float = 2.0) -> tuple[Strip, Shapes, Answers] | None:
        """Return the pieces of a line and, of each few that may be one digit, its shape and what the network says."""
        strip = strip_of(line, edge)
        if strip is None:
            return None
        strip, known = self._cut(strip)
        features = {span: shape for span, shape in spans(strip).items() if not _has_two(strip, span, known)}
        missing = [span for span in features if span not in known]
        if missing:
            answers = self._look(strip, missing)
            known |= dict(zip(missing, answers, strict=True))
        return strip, features, known

    def _cut(self, strip: Strip) -> tuple[Strip, Answers]:
        """Cut the pieces that may be several digits; return what is known already of those that stay whole."""
        widths = (strip.boxes[:, 2] - strip.boxes[:, 0]) / strip.height
        heights = (strip.boxes[:, 3] - strip.boxes[:, 1]) / strip.height
        able = np.flatnonzero((heights >= LOWEST) & (widths <= WIDEST)).tolist()
        answers = self._look(strip, [(piece, piece + 1) for piece in able])
        sure = {
            piece: answer for piece, answer in zip(able, answers, strict=True)
            if answer.max() >= SURE and widths[piece] <= WIDE and heights[piece] <= 1.4
        }  # fmt: skip
        doubtful = [
            piece
            for piece in range(len(widths))
            if widths[piece] > NARROW and heights[piece] >= 0.4 and piece not in sure
        ]
        if not doubtful:
            return strip, {(piece, piece + 1): answer for piece, answer in zip(able, answers, strict=True)}
        pieces = cut(strip, doubtful)
        stays = {int(whole): place for place, whole in enumerate(pieces.whole) if whole not in doubtful}
        known = {(stays[p], stays[p] + 1): a for p, a in zip(able, answers, strict=True) if p in stays}
        return pieces, known

    def _look(self, strip: Strip, asked: list[tuple[int, int]]) -> NDArray[np.float32]:
        """Return the network's calibrated probabilities (n, 10) for spans of pieces."""
        if not asked:
            return np.zeros((0, DIGITS), np.float32)
        return calibrate(self._ask(np.stack([self._prepared(strip, span) for span in asked])), self._temperature)

    def _prepared(self, strip: Strip, span: tuple[int, int]) -> NDArray[np.uint8]:
        """Return a span as the network is to see it, (28, 28)."""
        left, top = strip.boxes[span[0] : span[1], :2].min(axis=0) - 3
        right, bottom = strip.boxes[span[0] : span[1], 2:].max(axis=0) + 3
        part = slice(max(0, int(top)), int(bottom)), slice(max(0, int(left)), int(right))
        labels = strip.labels[part]
        ink = np.where((labels > span[0]) & (labels <= span[1]), strip.ink[part], 0).astype(np.uint8)
        lean = float(np.clip(strip.shear, *LEANS))
        if abs(lean) > 0.03:
            ink = sheared(ink, lean)
        frame = Frame(ink, edge=strip.edge, box=bounds(ink, OUTLINE * min(1, max(0, strip.edge - 1.5) / 2)))
        for step in self._steps:
            frame = step(frame)
        return frame.pixels if frame.pixels.shape == (SIDE, SIDE) else np.zeros((SIDE, SIDE), np.uint8)


def _has_two(strip: Strip, span: Span, known: Answers) -> bool:
    """Whether whole pieces, two of them digits for sure and tall, make up a span: nobody need ask whether it is one."""
    start, end = span
    if end - start < 2 or len(set(strip.whole[start:end].tolist())) < end - start:
        return False
    tall = (strip.boxes[start:end, 3] - strip.boxes[start:end, 1]) >= TALL * strip.height
    sure = [
        (answer := known.get((piece, piece + 1))) is not None and answer.max() >= SURE for piece in range(start, end)
    ]
    return int((tall & sure).sum()) >= 2


def spans(strip: Strip) -> Shapes:
    """Return each few neighbouring pieces that may be one digit, with their `FEATURES`."""
    found: Shapes = {}
    line = _usual(strip)
    for start in range(len(strip.boxes)):
        ends = list(range(start + 1, min(start + LONGEST, len(strip.boxes)) + 1))
        own = np.flatnonzero(strip.whole == strip.whole[start])
        if own[0] == start and own[-1] >= ends[-1] and own[-1] - start < len(own):
            ends.append(int(own[-1]) + 1)  # a whole piece, into however many it was cut
        for end in ends:
            features = _features(strip, start, end, line)
            if features is not None:
                found[start, end] = features
    return found


class Usual(NamedTuple):
    """What is usual in a line: the height of a digit, and the line through the middles: row at column 0, slope."""

    height: float
    row: float
    slope: float


def _usual(strip: Strip) -> Usual:
    """Measure the tall pieces."""
    heights = strip.boxes[:, 3] - strip.boxes[:, 1]
    tall = heights >= 0.5 * strip.height
    if not tall.any():
        return Usual(strip.height, strip.height / 2, 0.0)
    x = (strip.boxes[tall, 0] + strip.boxes[tall, 2]) / 2
    y = (strip.boxes[tall, 1] + strip.boxes[tall, 3]) / 2
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > strip.height**2 else 0.0
    slope = float(np.clip(slope, -0.5, 0.5))
    return Usual(float(np.median(heights[tall])), float(y.mean() - slope * x.mean()), slope)


def _features(strip: Strip, start: int, end: int, usual: Usual) -> NDArray[np.float64] | None:
    """Return the shape of pieces taken for one digit, in the order of `FEATURES`; None for what can be none."""
    boxes = strip.boxes[start:end]
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    wide, high = (right - left) / strip.height, (bottom - top) / strip.height
    reach = np.maximum.accumulate(boxes[:, 2])[:-1]
    gaps = (boxes[1:, 0] - reach) / strip.height
    if wide > WIDEST or high < LOWEST or (gaps.size and gaps.max() > FARTHEST):
        return None
    inner, outer = 0.0, []
    for piece in range(start, end):
        crossed = strip.cuts[piece]
        inner += float(np.exp(-crossed[piece + 1 : end][crossed[piece + 1 : end] > 0]).sum())
        outer += [float(c) for other, c in enumerate(crossed) if c > 0 and not start <= other < end]
    scale = high * strip.height / usual.height
    middle = (top + bottom) / 2 - usual.row - usual.slope * (left + right) / 2
    count = len(set(strip.whole[start:end].tolist()))
    before = (left - strip.boxes[:start, 2].max()) / strip.height if start else FAR
    after = (strip.boxes[end:, 0].min() - right) / strip.height if end < len(strip.boxes) else FAR
    room = float(np.clip(min(before, after), -FAR, FAR))
    return np.array([
        1.0, 0.0, 0.0, max(0.0, -np.log(scale) - 0.15), max(0.0, np.log(scale) - 0.15), max(0.0, wide - 0.9),
        max(0.0, 0.2 - wide), max(0.0, float(gaps.max())) if gaps.size else 0.0, float(len(outer)), float(sum(outer)),
        inner, float(count - 1), abs(float(middle)) / strip.height, room, float(not outer),
        float(not outer) * max(0.0, float(wide) - 0.8), float(wide),
    ])  # fmt: skip


def lattice_from(
    strip: Strip,
    features: Shapes,
    known: Answers,
    weights: Weights,
) -> Lattice:
    """Return the lattice of a strip: an edge for each span as a digit, and for each piece as a mark or dirt."""
    edges: list[Edge] = []
    for (start, end), values in features.items():
        edges.append(Edge(start, end, score(*as_told(values, known[start, end]), weights)))
    for start, end, mark, values in others(strip):
        edges.append(Edge(start, end, None, float(weights.others @ values), mark))
    return Lattice(len(strip.boxes), edges)


Told = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]


def as_told(shape: NDArray[np.float64], answer: NDArray[np.float32]) -> Told:
    """Return what is known of a span: the logarithms of its digits (10,), `FEATURES`, and `BY_DIGIT`."""
    chances = np.log(np.maximum(answer.astype(np.float64), 1e-6))
    features = shape[:-1].copy()
    features[1] = np.log(max(float(np.sort(answer)[-2:].sum()), 1e-6))
    features[2] = -np.log(1.001 - float(answer.max()))
    each = np.array([1.0, shape[3], shape[-1], shape[-1] ** 2, shape[8], features[2]])
    return chances, features, each


def score(
    chances: NDArray[np.float64], features: NDArray[np.float64], each: NDArray[np.float64], weights: Weights
) -> NDArray[np.float64]:
    """Return the score (10,) of a span as each digit."""
    return weights.network * chances + weights.digits @ features + weights.each @ each


def others(strip: Strip) -> list[tuple[int, int, str, NDArray[np.float64]]]:
    """Return each piece, and each two that make a double dash, as a mark and as dirt, with the values of `OTHERS`."""
    usual = _usual(strip)
    found: list[tuple[int, int, str, NDArray[np.float64]]] = []
    height, width = strip.ink.shape
    for piece, box in enumerate(strip.boxes.tolist()):
        left, top, right, bottom = box
        high, wide = (bottom - top) / usual.height, (right - left) / usual.height
        border = float(left <= 5 or top <= 5 or right >= width - 5 or bottom >= height - 5)
        mass = float(strip.mass[piece]) / (strip.height * strip.stroke)
        found.append((piece, piece + 1, "", np.array([0, 0, 0, 1.0, mass, high, border, 0])))
        mark = _mark(box, usual)
        if mark:
            found.append((piece, piece + 1, mark, np.array([1.0, high, wide, 0, 0, 0, 0, float(mark == "/")])))
    for piece in range(len(strip.boxes) - 1):
        first, second = strip.boxes[piece], strip.boxes[piece + 1]
        if _is_double(first, second, usual.height):
            high = (max(first[3], second[3]) - min(first[1], second[1])) / usual.height
            wide = (max(first[2], second[2]) - min(first[0], second[0])) / usual.height
            found.append((piece, piece + 2, "=", np.array([1.0, high, wide, 0, 0, 0, 0, 0])))
    return found


def _mark(box: list[int], usual: Usual) -> str:
    """Return what mark a piece looks like, or "": by its size and where it lies beside the digits."""
    left, top, right, bottom = box
    high, wide = (bottom - top) / usual.height, (right - left) / usual.height
    below = ((top + bottom) / 2 - usual.row - usual.slope * (left + right) / 2) / usual.height
    if high <= 0.3 and wide >= 1.4 * high and wide <= 1.2:
        return "-" if below < 0.35 or wide > 2 * high else "."
    if high <= 0.32 and wide <= 0.4:
        return "."
    if high <= 0.55 and wide <= 0.4 and below > 0.15:
        return ","
    if high >= 0.9 and 0.1 <= wide <= 0.8:
        return "/"
    return ""


def _is_double(first: NDArray[np.int64], second: NDArray[np.int64], height: float) -> bool:
    """Whether two pieces are the dashes of a double dash."""
    flat = all((box[3] - box[1]) <= 0.3 * height and (box[2] - box[0]) >= 0.12 * height for box in (first, second))
    shared = min(first[2], second[2]) - max(first[0], second[0])
    apart = max(first[1], second[1]) - min(first[3], second[3])
    return bool(flat and shared >= 0.4 * min(first[2] - first[0], second[2] - second[0]) and 0 < apart < 0.6 * height)
