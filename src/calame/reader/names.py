"""What is printed beside a number, its name before it or its unit behind it, is no part of it.

The line network has learned to take print for a mark (`data/captions.py`). What lies beyond such a mark, seen from the
digits, is taken off, so that it is neither cut up into digits nor counts for how high the digits are.
"""

import math

import numpy as np
from numpy.typing import NDArray

from calame.imaging.rules import pieces_of
from calame.imaging.segment import FAINT
from calame.reader.line import LineReading
from calame.types import DIGITS, Box

LIKELY = math.log(0.5)  # of a column that is of a digit, or of a mark
FAR = 44  # pixels from a line's end to its next digit: so wide no digit is, and what is there was not taken for one
WIDE, HIGH = 8, 8  # pixels of a levelled line: what is narrower or lower is a point or a dash, and stays
BROAD = 0.5  # widths of a height: a word has a letter as broad as this


def number_in(read: LineReading) -> Box | None:
    """Return where the number is in the ink that was read; None where nothing is printed beside it."""
    if read.level is None:
        return None
    pixels, stride = read.level.pixels, read.level.pixels.shape[1] / len(read.columns)
    digits = (np.flatnonzero(read.columns[:, :DIGITS].max(axis=1) > LIKELY) * stride).astype(int)
    if not digits.size:
        return None
    inked = pixels > FAINT
    columns = np.flatnonzero(inked.any(axis=0))
    marks = (np.flatnonzero(read.marks > LIKELY) * stride).astype(int)
    before, behind = marks[marks < digits[0]], marks[marks > digits[-1]]
    start, end = 0, pixels.shape[1]
    if before.size or digits[0] - columns[0] > FAR:
        place = _gap(inked, int(before[-1] if before.size else columns[0]), int(digits[0]))
        start = place if is_print(inked[:, :place]) else start
    if behind.size or columns[-1] - digits[-1] > FAR:
        place = _gap(inked, int(digits[-1]), int(behind[0] if behind.size else columns[-1]))
        end = place if place and is_print(inked[:, place:]) else end
    return None if (start, end) == (0, pixels.shape[1]) else read.level.back(start, end)


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
