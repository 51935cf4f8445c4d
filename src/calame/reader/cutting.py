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
import math
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate, pairwise
from statistics import fmean, median
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import Classifier
from calame.imaging.cuts import Strip, cut, sheared, strip_of
from calame.imaging.frame import Frame, Grey, Step
from calame.imaging.recipe import DEFAULT, Recipe, name_of, parse
from calame.imaging.rules import Stats
from calame.imaging.segment import OUTLINE, bounds, union
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
Shapes = dict[Span, list[float]]  # `FEATURES` of each, and how wide it is
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
        """Return the digits on the best path of a text, each with its share of all paths; marks are for `marks`.

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

    def read(self, line: Grey, edge: float = 2.0, pieces: Stats | None = None) -> CutReading:
        """Read the ink of one line.

        Args:
            line: (h, w) uint8, bright on 0.
            edge: over how many pixels the ink rises.
            pieces: of the line, where they are known.
        """
        found = self.lattice_of(line, edge, pieces)
        if found is None:
            return CutReading()
        strip, lattice = found
        return CutReading(tuple(lattice.texts()), lattice, strip)

    def lattice_of(self, line: Grey, edge: float = 2.0, pieces: Stats | None = None) -> tuple[Strip, Lattice] | None:
        """Return the pieces of a line and all ways to read them; None when there is no ink."""
        found = self.spans_of(line, edge, pieces)
        return None if found is None else (found[0], lattice_from(*found, self.weights))

    def spans_of(
        self, line: Grey, edge: float = 2.0, pieces: Stats | None = None
    ) -> tuple[Strip, Shapes, Answers] | None:
        """Return the pieces of a line and, of each few that may be one digit, its shape and what the network says."""
        strip = strip_of(line, edge, pieces)
        if strip is None:
            return None
        strip, known = self._cut(strip)
        sure = _sure(strip, known)
        features = {span: shape for span, shape in spans(strip).items() if not _has_two(strip, span, sure)}
        missing = [span for span in features if span not in known]
        if missing:
            answers = self._look(strip, missing)
            known |= dict(zip(missing, answers, strict=True))
        return strip, features, known

    def _cut(self, strip: Strip) -> tuple[Strip, Answers]:
        """Cut the pieces that may be several digits; return what is known already of those that stay whole."""
        widths = (strip.boxes[:, 2] - strip.boxes[:, 0]) / strip.height
        heights = (strip.boxes[:, 3] - strip.boxes[:, 1]) / strip.height
        large = (widths > NARROW) & (heights >= 0.4)
        usual = (widths <= WIDE) & (heights <= 1.4)
        able = np.flatnonzero((heights >= LOWEST) & (widths <= WIDEST) & (usual | ~large)).tolist()
        answers = self._look(strip, [(piece, piece + 1) for piece in able])
        sure = {piece for piece, answer in zip(able, answers, strict=True) if answer.max() >= SURE and usual[piece]}
        doubtful = [piece for piece in np.flatnonzero(large).tolist() if piece not in sure]
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
        ink = strip.part(*span)
        lean = min(max(strip.shear, LEANS[0]), LEANS[1])
        if abs(lean) > 0.03:
            ink = sheared(ink, lean)
        frame = Frame(ink, edge=strip.edge, box=bounds(ink, OUTLINE * min(1, max(0, strip.edge - 1.5) / 2)))
        for step in self._steps:
            frame = step(frame)
        return frame.pixels if frame.pixels.shape == (SIDE, SIDE) else np.zeros((SIDE, SIDE), np.uint8)


def _sure(strip: Strip, known: Answers) -> set[int]:
    """Return the pieces that are tall digits for sure."""
    tall = ((strip.boxes[:, 3] - strip.boxes[:, 1]) >= TALL * strip.height).tolist()
    return {
        start for (start, end), answer in known.items()
        if end == start + 1 and tall[start] and answer.max() >= SURE
    }  # fmt: skip


def _has_two(strip: Strip, span: Span, sure: set[int]) -> bool:
    """Whether whole pieces, two of them digits for sure, make up a span: nobody need ask whether it is one."""
    if len(sure.intersection(range(*span))) < 2:
        return False
    return len(set(strip.whole[slice(*span)].tolist())) == span[1] - span[0]


class PlainPieces(NamedTuple):
    """What there is to know about pieces, as plain numbers: of so few, NumPy's would take ten times as long.

    Attributes:
        height: of a digit.
        boxes: left, top, right, bottom of each.
        whole: which connected piece of ink each is of.
        joined: the pieces that each was cut from, and what the cut crosses.
        reach: where all the ink before each piece ends, and last where all ends.
        rest: where all the ink from each piece on begins.
    """

    height: float
    boxes: list[list[int]]
    whole: list[int]
    joined: list[list[tuple[int, float]]]
    reach: list[float]
    rest: list[float]


def _pieces(strip: Strip) -> PlainPieces:
    boxes = strip.boxes.tolist()
    joined: list[list[tuple[int, float]]] = [[] for _ in boxes]
    for one, other in np.argwhere(strip.cuts > 0).tolist():
        joined[one].append((other, float(strip.cuts[one, other])))
    reach = list(accumulate((box[2] for box in boxes), max, initial=-math.inf))
    rest = list(accumulate((box[0] for box in reversed(boxes)), min, initial=math.inf))[::-1]
    return PlainPieces(strip.height, boxes, strip.whole.tolist(), joined, reach, rest)


def spans(strip: Strip) -> Shapes:
    """Return each few neighbouring pieces that may be one digit, with their `FEATURES` and their width."""
    found: Shapes = {}
    pieces, line = _pieces(strip), usual_of(strip)
    for start, whole in enumerate(pieces.whole):
        ends = list(range(start + 1, min(start + LONGEST, len(pieces.whole)) + 1))
        own = [piece for piece, other in enumerate(pieces.whole) if other == whole]
        if own[0] == start and own[-1] >= ends[-1] and own[-1] - start < len(own):
            ends.append(own[-1] + 1)  # a whole piece, into however many it was cut
        for end in ends:
            features = _features(pieces, start, end, line)
            if features is not None:
                found[start, end] = features
    return found


class Usual(NamedTuple):
    """What is usual in a line: the height of a digit, and the line through the middles: row at column 0, slope."""

    height: float
    row: float
    slope: float


def usual_of(strip: Strip) -> Usual:
    """Return what is usual in a strip, as its tall pieces have it."""
    tall = [box for box in strip.boxes.tolist() if box[3] - box[1] >= 0.5 * strip.height]
    if not tall:
        return Usual(strip.height, strip.height / 2, 0.0)
    middles = [((left + right) / 2, (top + bottom) / 2) for left, top, right, bottom in tall]
    x, y = (fmean(some) for some in zip(*middles, strict=True))
    spread = sum((across - x) ** 2 for across, _ in middles)
    rise = sum((across - x) * (down - y) for across, down in middles)
    slope = min(0.5, max(-0.5, rise / spread)) if spread > strip.height**2 else 0.0
    return Usual(float(median(box[3] - box[1] for box in tall)), y - slope * x, slope)


def _features(pieces: PlainPieces, start: int, end: int, usual: Usual) -> list[float] | None:
    """Return the shape of pieces taken for one digit, in the order of `FEATURES`, and its width.

    None for what can be none.
    """
    boxes = pieces.boxes[start:end]
    left, top, right, bottom = union(boxes)
    wide, high = (right - left) / pieces.height, (bottom - top) / pieces.height
    ends = accumulate((box[2] for box in boxes), max)
    gap = max((box[0] - reached for box, reached in zip(boxes[1:], ends, strict=False)), default=0) / pieces.height
    if wide > WIDEST or high < LOWEST or gap > FARTHEST:
        return None
    cuts = [(piece, other, cost) for piece in range(start, end) for other, cost in pieces.joined[piece]]
    inner = sum(math.exp(-cost) for piece, other, cost in cuts if piece < other < end)
    outer = [cost for _, other, cost in cuts if not start <= other < end]
    scale = math.log(high * pieces.height / usual.height)
    middle = (top + bottom) / 2 - usual.row - usual.slope * (left + right) / 2
    count = len(set(pieces.whole[start:end]))
    before = (left - pieces.reach[start]) / pieces.height if start else FAR
    after = (pieces.rest[end] - right) / pieces.height if end < len(pieces.boxes) else FAR
    alone = float(not outer)
    return [
        1.0, 0.0, 0.0, max(0.0, -scale - 0.15), max(0.0, scale - 0.15), max(0.0, wide - 0.9),
        max(0.0, 0.2 - wide), max(0.0, gap), float(len(outer)), sum(outer),
        inner, count - 1.0, abs(middle) / pieces.height, max(-FAR, min(before, after, FAR)), alone,
        alone * max(0.0, wide - 0.8), wide,
    ]  # fmt: skip


def lattice_from(
    strip: Strip,
    features: Shapes,
    known: Answers,
    weights: Weights,
) -> Lattice:
    """Return the lattice of a strip: an edge for each span as a digit, and for each piece as a mark or dirt."""
    edges: list[Edge] = []
    if features:
        told = as_told(np.array(list(features.values())), np.array([known[span] for span in features]))
        edges += [Edge(*span, row) for span, row in zip(features, score(*told, weights), strict=True)]
    rest = others(strip)
    scores = np.array([values for *_, values in rest]) @ weights.others
    edges += [
        Edge(start, end, None, one, mark) for (start, end, mark, _), one in zip(rest, scores.tolist(), strict=True)
    ]
    return Lattice(len(strip.boxes), edges)


Floats = NDArray[np.float64]


def as_told(shapes: Floats, answers: NDArray[np.float32]) -> tuple[Floats, Floats, Floats]:
    """Return what is known of n spans.

    Args:
        shapes: (n, 17) `FEATURES` of each, and its width.
        answers: (n, 10) what the network says.

    Returns:
        The logarithms of their digits (n, 10), `FEATURES` (n, 16), and `BY_DIGIT` (n, 6).
    """
    chances = np.log(np.maximum(answers.astype(np.float64), 1e-6))
    features, wide = shapes[:, :-1].copy(), shapes[:, -1]
    best = np.sort(answers, axis=1)[:, -2:]
    features[:, 1] = np.log(np.maximum(best.sum(axis=1), 1e-6))
    features[:, 2] = -np.log(1.001 - best[:, 1].astype(np.float64))
    each = [np.ones(len(shapes)), features[:, 3], wide, wide**2, features[:, 8], features[:, 2]]
    return chances, features, np.stack(each, axis=1)


def score(chances: Floats, features: Floats, each: Floats, weights: Weights) -> Floats:
    """Return the scores (n, 10) of n spans as each digit; the arguments are those that `as_told` returns."""
    return weights.network * chances + (features @ weights.digits)[:, None] + each @ weights.each.T


def others(strip: Strip) -> list[tuple[int, int, str, list[float]]]:
    """Return each piece, and each two that make a double dash, as a mark and as dirt, with the values of `OTHERS`."""
    usual = usual_of(strip)
    found: list[tuple[int, int, str, list[float]]] = []
    height, width = strip.ink.shape
    boxes, mass = strip.boxes.tolist(), (strip.mass / (strip.height * strip.stroke)).tolist()
    for piece, box in enumerate(boxes):
        left, top, right, bottom = box
        high, wide = (bottom - top) / usual.height, (right - left) / usual.height
        border = float(left <= 5 or top <= 5 or right >= width - 5 or bottom >= height - 5)
        found.append((piece, piece + 1, "", [0, 0, 0, 1.0, mass[piece], high, border, 0]))
        mark = _mark(box, usual)
        if mark:
            found.append((piece, piece + 1, mark, [1.0, high, wide, 0, 0, 0, 0, float(mark == "/")]))
    for piece, (first, second) in enumerate(pairwise(boxes)):
        if _is_double(first, second, usual.height):
            high = (max(first[3], second[3]) - min(first[1], second[1])) / usual.height
            wide = (max(first[2], second[2]) - min(first[0], second[0])) / usual.height
            found.append((piece, piece + 2, "=", [1.0, high, wide, 0, 0, 0, 0, 0]))
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


def _is_double(first: list[int], second: list[int], height: float) -> bool:
    """Whether two pieces are the dashes of a double dash."""
    flat = all((box[3] - box[1]) <= 0.3 * height and (box[2] - box[0]) >= 0.12 * height for box in (first, second))
    shared = min(first[2], second[2]) - max(first[0], second[0])
    apart = max(first[1], second[1]) - min(first[3], second[3])
    return flat and shared >= 0.4 * min(first[2] - first[0], second[2] - second[0]) and 0 < apart < 0.6 * height
