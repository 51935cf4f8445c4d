"""A line of writing that both readers have read: its texts with their probabilities, its digits and what is between.

Knows what readers say and where; neither how they read, nor what becomes of it.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame, Grey
from calame.imaging.rows import Row
from calame.imaging.rules import Stats, height_of, pieces_of
from calame.imaging.segment import FAINT, bounds
from calame.reader.cutting import CutReading, Part
from calame.reader.line import LineReading
from calame.reader.marks import marks_of, plausible
from calame.types import DIGITS, Answer, Box, CodeReaderName, Mark, Separator

WIDE, WIDER = 1.1, 0.5  # of the height: room between two digits that is a space, by so much wider than usual
FEWEST = 2  # digits of a number that is looked for on a page
SHORT = 0.5  # of the height of the tallest line: a lower one beside it is no second line of the number
LIKELY = 0.3  # least probability of the text of a line of several
NEAR, NEAR_SURE = 0.5, 0.9  # heights of the number, and how sure of a low line: from there on it may be a digit of it
DIGIT_LIKE = 0.6  # least mean confidence of its digits
MOST = 24  # texts of several lines together

Shares = list[tuple[str, float]]  # texts with their probabilities, best first


@dataclass(frozen=True, eq=False)
class Stretch:
    """The ink of a line, or of a part of one, and where it is.

    Attributes:
        ink: (h, w) uint8, bright on 0.
        back: (2, 3) from pixels of `ink` to those of the picture.
        box: of the ink, in pixels of the picture.
        height: of a digit, likewise.
        edge: pixels over which the ink rises.
        pieces: of `ink`, where they are known.
    """

    ink: Grey
    back: NDArray[np.float64]
    box: Box
    height: float
    edge: float
    pieces: Stats | None = None

    @classmethod
    def of(cls, ink: Grey, way: NDArray[np.float64], row: Row, frame: Frame) -> Self:
        """Return the line of a row of a frame; `way` is (2, 3) from pixels of `ink` to those of the row."""
        back = way.copy()
        back[:, 2] += row.left, row.top
        back /= frame.scale
        back[:, 2] += frame.left, frame.top
        whole = np.array([[1, 0, frame.left * frame.scale], [0, 1, frame.top * frame.scale]]) / frame.scale
        pieces = row.pieces if ink is row.ink else None
        return cls(ink, back, moved(row.box, whole), row.height / frame.scale, frame.edge, pieces)

    def part(self, box: Box) -> Self:
        """Return a part of the line, from edge to edge of a box of its ink."""
        ink, back = self.ink[:, box.left : box.right], self.back.copy()
        back[:, 2] += back[:, 0] * box.left
        pieces = pieces_of((ink > FAINT).astype(np.uint8))
        height = height_of(pieces, len(ink)) * float(np.sqrt(abs(np.linalg.det(back[:, :2]))))
        return type(self)(ink, back, moved(bounds(ink), back), height, self.edge, pieces)


@dataclass(frozen=True, eq=False)
class Written:
    """A line that was read.

    Attributes:
        stretch: its ink.
        cutting: what the cutting reader makes of it; it knows where the digits are.
        line: what the line network makes of it.
        shares: its texts with their probabilities, best first.
        answers: what each reader says by itself.
        columns: of the picture, where upright printed lines stand at it.
        beside: whether there is other ink at it that may belong to it.
    """

    stretch: Stretch
    cutting: CutReading
    line: LineReading
    shares: Shares
    answers: tuple[Answer, ...]
    columns: tuple[float, ...] = ()
    beside: bool = False

    @property
    def box(self) -> Box:
        """The box of its ink, in pixels of the picture."""
        return self.stretch.box

    @property
    def height(self) -> float:
        """Of a digit, in pixels of the picture."""
        return self.stretch.height

    @property
    def text(self) -> str:
        """The most probable text, "" for none."""
        return self.shares[0][0] if self.shares else ""

    def parts(self, text: str) -> list[Part]:
        """Return the digits of a text, with boxes in pixels of the picture."""
        parts = [_seen_whole(part, self.line) for part in self.cutting.parts(text)]
        if not parts:
            parts = [
                Part(one.letter, one.confidence, one.box, _chances(self.line, one.box)) for one in self.line.parts(text)
            ]
        return [replace(part, box=moved(part.box, self.stretch.back)) for part in parts] or _spread(text, self.box)

    def marked(self, text: str) -> list[Part]:
        """Return the digits of a text and the marks between them, likewise."""
        parts = self.parts(text)
        for after, mark in reversed(marks_of(self.cutting, self.line, text)):
            parts.insert(after, replace(mark, box=moved(mark.box, self.stretch.back)))
        return parts


def _seen_whole(part: Part, line: LineReading) -> Part:
    """Return a digit with the mean of what both readers hold of it."""
    if part.chances is None:
        return part
    chances = _chances(line, part.box)
    sure = float(chances[int(part.letter)]) if chances is not None else 0.0
    both = part.chances if chances is None else (part.chances + chances / chances.sum()) / 2
    return replace(part, confidence=(part.confidence + min(1.0, sure)) / 2, chances=both)


def _chances(line: LineReading, box: Box) -> NDArray[np.float32] | None:
    """Return how probable the line network holds each digit where a box of its ink is, (10,); None off the line."""
    there = line.columns[line.columns_of(box), :DIGITS]
    return np.exp(there.max(axis=0)).astype(np.float32) if len(there) else None


def _spread(text: str, box: Box) -> list[Part]:
    """Return digits of which nobody knows where they are, side by side over the whole line."""
    edges = np.linspace(box.left, box.right, len(text) + 1).round().astype(int).tolist()
    chances = np.eye(10, dtype=np.float32)
    return [
        Part(letter, 0.0, Box(left, box.top, max(right, left + 1), box.bottom), chances[int(letter)])
        for letter, left, right in zip(text, edges[:-1], edges[1:], strict=True)
    ]


def is_number(line: Written, likely: float = LIKELY, like: float = DIGIT_LIKE, least: int = FEWEST) -> bool:
    """Whether a line is a number: of digits enough, each of which the network takes for one.

    Args:
        line: which.
        likely: least probability of its text, 0-1.
        like: least mean confidence of its digits, 0-1.
        least: how many digits.
    """
    if not line.shares or line.shares[0][1] < likely:
        return False
    digits = [part.confidence for part in line.parts(line.text) if part.letter.isdigit()]
    return len(digits) >= least and float(np.mean(digits)) >= like


def of_one_number(lines: Sequence[Written]) -> list[Written]:
    """Return the lines that are the number's: those that have digits and are not much lower than the largest.

    A lower one may be a small digit all the same, where one that is surely digits is close to the only line.
    """
    with_digits = [line for line in lines if line.text]
    if not with_digits:
        return []
    main = max(with_digits, key=lambda line: len(line.text) * line.shares[0][1])
    kept = [
        line for line in with_digits
        if line is main or (SHORT * main.height <= line.height <= main.height / SHORT and is_number(line))
    ]  # fmt: skip
    if len(kept) == 1 and any(_may_belong(line, main) for line in with_digits if line is not main):
        return [replace(main, beside=True)]
    return kept


def _may_belong(line: Written, main: Written) -> bool:
    """Whether a line is surely digits and close to another, of which it may be a part."""
    return line.shares[0][1] >= NEAR_SURE and max(line.box.apart(main.box)) <= NEAR * main.height


def left_over(every: Sequence[Written], kept: Sequence[Written]) -> int:
    """Return how many lines are as high as those that are kept, and none of the number's."""
    if not kept:
        return 0
    height = max(line.height for line in kept)
    others = (line for line in every if all(line.stretch is not one.stretch for one in kept))
    return sum(SHORT * height <= line.height <= height / SHORT for line in others)


def together(lines: Sequence[Written]) -> Shares:
    """Return the texts of several lines one after the other, with their probabilities, best first."""
    if len(lines) == 1:
        return lines[0].shares
    texts: dict[str, float] = {"": 1.0} if lines else {}
    for line in lines:
        more: dict[str, float] = {}
        for (text, share), (other, part) in itertools.product(texts.items(), line.shares):
            more[text + other] = more.get(text + other, 0.0) + share * part
        texts = dict(sorted(more.items(), key=lambda item: -item[1])[:MOST])
    return list(texts.items())


def mean(first: Shares, again: Shares) -> Shares:
    """Return the texts of two looks with their mean probabilities, best first; a look that found none says nothing."""
    if not first or not again:
        return first or again
    one, other = dict(first), dict(again)
    shares = {text: (one.get(text, 0.0) + other.get(text, 0.0)) / 2 for text in one | other}
    return sorted(shares.items(), key=lambda item: -item[1])


def answers_of(lines: Sequence[Written]) -> tuple[Answer, ...]:
    """Return what each reader says of all lines, one after the other."""
    names: list[CodeReaderName] = [answer.reader for answer in lines[0].answers] if lines else []
    by_reader = zip(*(line.answers for line in lines), strict=True)
    return tuple(
        Answer(name, "".join(one.text for one in said), math.prod(one.confidence for one in said))
        for name, said in zip(names, by_reader, strict=True)
    )


def parts_of(lines: Sequence[Written], text: str) -> list[Part]:
    """Return the digits and marks of a text, line by line: of each line its surest text that goes on with it."""
    if len(lines) == 1:
        return lines[0].marked(text)
    if not lines:
        return []
    first, rest = lines[0], lines[1:]
    for own, _ in first.shares:
        if text.startswith(own) and (after := parts_of(rest, text[len(own) :])):
            return [*first.marked(own), *after]
    return []


def separators(parts: Sequence[Part], lines: Sequence[Written]) -> tuple[Separator, ...]:
    """Return the marks, the wide spaces and the ends of lines between digits, in order; no marks that numbers have not.

    A space is wide, and wider than most gaps are: digits that stand in boxes are one number.
    """
    found: list[Separator] = []
    digits: list[Box] = []
    for part in parts:
        if part.letter.isdigit():
            digits.append(part.box)
        else:
            mark: Mark = part.letter  # pyright: ignore[reportAssignmentType]  # of `marks`, which knows these alone
            found.append(Separator(mark, len(digits), part.box))
    if not plausible([(one.after, one.mark) for one in found], len(digits)):
        found = []
    marked = {one.after for one in found}
    height = float(np.median([line.height for line in lines]))
    gaps = [after.left - before.right for before, after in itertools.pairwise(digits)]
    least = max(WIDE * height, np.median(gaps) + WIDER * height) if gaps else 0.0
    for after, (last, box) in enumerate(itertools.pairwise(digits), 1):
        if box.left < last.left and box.top > last.bottom - 0.3 * height:
            found.append(Separator("\n", after))
        elif gaps[after - 1] > least and after not in marked:
            found.append(Separator(" ", after))
    return tuple(sorted(found, key=lambda one: one.after))


def moved(box: Box, way: NDArray[np.float64]) -> Box:
    """Return the box, in whole pixels, around a box that went a (2, 3) way; nothing of it is left of or above 0."""
    (across, aside, right), (along, down, below) = way.tolist()
    corners = [(x, y) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    columns = [across * x + aside * y + right for x, y in corners]
    rows = [along * x + down * y + below for x, y in corners]
    left, top = (max(0, math.floor(min(some) + 1e-6)) for some in (columns, rows))
    return Box(left, top, math.ceil(max(columns) - 1e-6), math.ceil(max(rows) - 1e-6))
