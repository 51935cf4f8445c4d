"""What is printed beside a number, its name before it or its unit behind it, is no part of it.

The line network has learned to take print for a mark (`data/captions.py`). What lies beyond such a mark, seen from the
digits, is taken off, so that it is neither cut up into digits nor counts for how high the digits are.
"""

import math

import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.rules import height_of, pieces_of
from calame.imaging.segment import FAINT
from calame.reader.line import LineReading
from calame.types import DIGITS, Box

LIKELY = math.log(0.5)  # of a column that is of a digit, or of a mark
FAR = 44  # pixels from a line's end to its next digit: so wide no digit is, and what is there was not taken for one
WIDE, HIGH = 8, 8  # pixels of a levelled line: what is narrower or lower is a point or a dash, and stays
BROAD = 0.5  # widths of a height: a word has a letter as broad as this
AS_HIGH = 0.75  # of a digit's height, at least: what may be a digit that the network took for print
TOWERS = 1.6  # times as high as the print beyond it, such a piece is no letter of it
DOT = 3  # pixels: what is lower says nothing about how high print is
SLIM = 0.25  # breadth of a bar's ink by its length
CLOSE, WORD = 0.5, 0.5  # heights of the number: as near to it, and as far from what is beyond it,
ALONE = 1.5  # as narrow
SIMILAR = 0.75  # and as high, a piece that was taken off may be its digit, or a letter of a code


def number_in(read: LineReading) -> Box | None:
    """Return where the number is in the ink that was read; None where nothing is printed beside it."""
    if read.level is None:
        return None
    pixels, stride = read.level.pixels, read.level.pixels.shape[1] / len(read.columns)
    digits = (np.flatnonzero(read.columns[:, :DIGITS].max(axis=1) > LIKELY) * stride).astype(int)
    inked = pixels > FAINT
    columns = np.flatnonzero(inked.any(axis=0))
    if not digits.size or not columns.size:  # levelled strokes as thin as a hair may all be fainter than ink
        return None
    marks = (np.flatnonzero(read.marks > LIKELY) * stride).astype(int)
    before, behind = marks[marks < digits[0]], marks[marks > digits[-1]]
    start, end = 0, pixels.shape[1]
    if before.size or digits[0] - columns[0] > FAR:
        place = _gap(inked, int(before[-1] if before.size else columns[0]), int(digits[0]))
        start = _shy_of_digits(inked, place, before=True) if is_print(inked[:, :place]) else start
    if behind.size or columns[-1] - digits[-1] > FAR:
        place = _gap(inked, int(digits[-1]), int(behind[0] if behind.size else columns[-1]))
        end = _shy_of_digits(inked, place, before=False) if place and is_print(inked[:, place:]) else end
    return None if (start, end) == (0, pixels.shape[1]) else read.level.back(start, end)


def _shy_of_digits(inked: NDArray[np.bool_], place: int, *, before: bool) -> int:
    """Return a place to cut print off, from `place` on outwards, that spares digits: a bare 1 looks like print.

    Such pieces are as high as the number, and tower over the print beyond them, or are bars nearer to the number.
    """
    if not before:
        return inked.shape[1] - _shy_of_digits(inked[:, ::-1], inked.shape[1] - place, before=True)
    left, top, width, height = pieces_of(inked.astype(np.uint8)).T[:4].astype(int)
    right, bottom = left + width, top + height
    tall = height[(left >= place) & (height >= HIGH)]
    lowest = np.inf  # of the pieces so far
    for piece in sorted(np.flatnonzero(right <= place), key=lambda one: -right[one]) if tall.size else ():
        beyond = (right <= left[piece]) & (height >= DOT)
        if not beyond.any() or height[piece] < AS_HIGH * np.median(tall):
            break
        lowest = min(lowest, height[piece])
        apart = int(left[piece] - right[beyond].max())
        near = left[left >= place].min() - right[piece] <= apart
        bar = near and is_bar(inked[top[piece] : bottom[piece], left[piece] : right[piece]])
        if bar or lowest >= TOWERS * height[beyond].max():
            place = int(left[piece]) - apart // 2
    return place


def may_belong(ink: Grey, number: Box) -> bool:
    """Whether what was taken off beside a number may be a digit of it, or a letter of a code: one sign, close and high.

    Args:
        ink: (h, w) uint8, bright on 0, of the whole line.
        number: where in it the number is; see `number_in`.
    """
    inked = ink > FAINT
    return _has_sign(inked, number.left) or _has_sign(inked[:, ::-1], max(0, inked.shape[1] - number.right))


def _has_sign(inked: NDArray[np.bool_], start: int) -> bool:
    """The same of what is left of a number that starts at `start` or behind it."""
    height = height_of(pieces_of(inked[:, start:].astype(np.uint8)), len(inked))
    before, own = np.flatnonzero(inked[:, :start].any(axis=0)), np.flatnonzero(inked[:, start:].any(axis=0))
    if not before.size or not own.size or start + own[0] - before[-1] > CLOSE * height:
        return False
    apart = np.flatnonzero(np.diff(before) > WORD * height)
    first, last = int(before[apart[-1] + 1 if apart.size else 0]), int(before[-1]) + 1
    highest = pieces_of(inked[:, first:last].astype(np.uint8))[:, 3].max()
    return last - first <= ALONE * height and bool(highest >= SIMILAR * height)


def is_bar(inked: NDArray[np.bool_]) -> bool:
    """Whether ink (h, w) is one straight stroke."""
    breadth, length = np.linalg.eigvalsh(np.cov(np.nonzero(inked)))
    return bool(breadth <= SLIM**2 * length)


def _gap(inked: NDArray[np.bool_], first: int, last: int) -> int:
    """Return the middle of the widest run of columns without ink between two; 0 when there is none."""
    inside = inked[:, first:last].any(axis=0)
    edges = np.flatnonzero(np.diff(np.concatenate([[1], inside, [1]])))
    runs = edges.reshape(-1, 2)
    if not len(runs):
        return 0
    left, right = runs[(runs[:, 1] - runs[:, 0]).argmax()].tolist()
    return first + (left + right) // 2


def is_print(inked: NDArray[np.bool_]) -> bool:
    """Whether ink of a levelled line, (32, w), is as wide and high as a word in print, and not a row of strokes: 1s."""
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    if not columns.size or np.ptp(columns) < WIDE or np.ptp(rows) < HIGH:
        return False
    _, _, wide, high, _ = pieces_of(inked.astype(np.uint8)).T
    return bool(((high >= HIGH) & (wide > BROAD * high)).any())
