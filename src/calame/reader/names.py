"""What is printed beside a number, its name before it or its unit behind it, is no part of it.

The line network has learned to take print for a mark (`data/captions.py`). What lies beyond such a mark, seen from the
digits, is taken off, so that it is neither cut up into digits nor counts for how high the digits are.
"""

import math

import numpy as np
from numpy.typing import NDArray

from calame.imaging.segment import FAINT
from calame.reader.line import LineReading
from calame.types import DIGITS, Box

LIKELY = math.log(0.5)  # of a column that is of a digit, or of a mark
WIDE, HIGH = 20, 10  # pixels of a levelled line: narrower or lower marks are a hand's, and part of the number


def number_in(read: LineReading) -> Box | None:
    """Return where the number is in the ink that was read; None where nothing is printed beside it."""
    if read.level is None:
        return None
    digits = np.flatnonzero(read.columns[:, :DIGITS].max(axis=1) > LIKELY)
    marks = np.flatnonzero(read.marks > LIKELY)
    if not digits.size or not marks.size:
        return None
    pixels = read.level.pixels
    stride, inked = pixels.shape[1] / len(read.columns), pixels > FAINT
    start, end = 0, pixels.shape[1]
    before, behind = marks[marks < digits[0]], marks[marks > digits[-1]]
    if before.size:
        place = _gap(inked, int(before[-1] * stride), int(digits[0] * stride))
        start = place if _is_print(inked[:, :place]) else start
    if behind.size:
        place = _gap(inked, int(digits[-1] * stride), int(behind[0] * stride))
        end = place if place and _is_print(inked[:, place:]) else end
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


def _is_print(inked: NDArray[np.bool_]) -> bool:
    """Whether ink is as wide and high as a word, or a sign, in print."""
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return bool(columns.size and np.ptp(columns) >= WIDE and np.ptp(rows) >= HIGH)
