"""Which numbers of a page may be print beside handwriting: they are lower than it, and even as no hand is.

A font's digits are of one height and stand on one line; a hand's differ by a tenth. Knows readings; sees no pixels.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from calame.types import CodeReading

SURE = 0.5  # probability from which on a reading says how high writing is
HALF = 0.5  # of the height of what is surely written by hand: a number so much lower is not the one that is asked for
LOWER = 0.66  # of the height of what is written: a number so much lower may be print beside it,
EVEN, LEVEL = (0.04, 1.5), (0.02, 1.0)  # when the heights and the feet of most of its digits differ by no more from
TELLING = 3  # digits, at least, of which somebody can say
MOST = 0.7  # the median one's, shares of a height or pixels


def doubting_print(found: Sequence[CodeReading]) -> list[CodeReading]:
    """Return the numbers of a page, those with a doubt that may be print beside what a hand has written for sure.

    These are lower and look like print, or half as high, however they look.
    """
    hand = _by_hand(found)

    def is_print(one: CodeReading) -> bool:
        lower = LOWER if len(one.guess) >= TELLING and is_even(one) else HALF
        return _height(one) < lower * hand

    return [replace(one, doubt="print") if one.text and not one.doubt and is_print(one) else one for one in found]


def without_print(found: list[CodeReading]) -> list[CodeReading]:
    """Return the numbers of a page without those that are lower than the highest and look like print.

    What is lower than half of what is surely written by hand goes, however it looks. All stay where none of the others
    fits the checks.
    """
    heights = [_height(one) for one in found]
    several = [high for one, high in zip(found, heights, strict=True) if set(one.guess) != {"1"} and len(one.guess) > 1]
    highest = max(several, default=0.0)  # a lone digit, or ones, may be an edge
    half, least = HALF * _by_hand(found), LOWER * highest
    kept = [
        one for one, high in zip(found, heights, strict=True) if high >= half and (high >= least or not is_even(one))
    ]
    return kept if any(not one.failed for one in kept) else found


def _by_hand(found: Sequence[CodeReading]) -> float:
    """Return how high the highest number is that was surely written by hand, pixels; 0 where none was."""
    return max((_height(one) for one in found if one.confidence >= SURE and not is_even(one)), default=0.0)


def _height(reading: CodeReading) -> float:
    """Return the height of its digits, pixels; 0 where nothing is known of them."""
    heights = [digit.box.height for digit in reading.digits]
    return float(np.median(heights)) if heights else 0.0


def is_even(reading: CodeReading) -> bool:
    """Whether most of its digits are as high, and stand as level, as print does: of one or two nobody can say."""
    others = [digit for digit in reading.digits if digit.digit != 1]  # a printed stroke between digits is read as 1
    digits = others if len(others) >= TELLING else reading.digits
    boxes = np.array([digit.box for digit in digits], np.float64).reshape(-1, 4)
    if len(boxes) < TELLING:
        return True
    left, top, right, bottom = boxes.T
    heights, middles = bottom - top, (left + right) / 2
    feet = bottom - np.polyval(np.polyfit(middles, bottom, 1), middles)
    usual = float(np.median(heights))
    alike = [
        np.abs(values - np.median(values)) <= max(share * usual, pixels)
        for values, (share, pixels) in ((heights, EVEN), (feet, LEVEL))
    ]
    return bool(np.mean(alike[0] & alike[1]) >= MOST)
