"""The sides of boxes whose corners are round: what bends from the end of one printed line into the end of another.

No rule meets them, for a corner is between the two; they are what is left of a box when its rules have gone. What a
digit is, this module does not know: none hangs from the end of one rule to that of the next.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey, Wall
from calame.imaging.straight import Rule

LOW = 0.8  # of a digit's height: the side of a box is no lower
WIDE = 0.7  # of its own height: it is no wider; one that is half a circle is half as wide
NEAR = 0.25  # of a digit's height, and four pixels at least: how far from the end of a rule it begins
THICK = 2.0  # times as much ink as a rule of its length would have, at most
RESTS = 3  # pixels beside a rule where it may have left some of its own ink


def rub_round_sides(rubbed: Grey, level: Sequence[Rule], size: float) -> list[Wall]:
    """Rub out, in place, of (h, w) 0/1 ink without its `level` rules, the sides of boxes that hang between their ends.

    Args:
        rubbed: the ink that is left.
        level: the rules that were in it.
        size: about how high a digit is.

    Returns:
        Where they were.
    """
    if len(level) < 2:
        return []
    beside = np.zeros_like(rubbed)
    for rule in level:
        rows, columns = _about(rule, rubbed)
        beside[rows, columns] = 1
    _, found, stats, _ = cv2.connectedComponentsWithStats(cv2.subtract(rubbed, beside), connectivity=8)
    labels = np.asarray(found, np.int32)
    thick = 2 * max(rule.half for rule in level) + 1
    high, wide, areas = stats[:, 3], stats[:, 2], stats[:, 4]
    likely = (high >= LOW * size) & (wide <= WIDE * high) & (areas <= THICK * thick * (high + wide))
    likely[0] = False
    sides = [label for label in np.flatnonzero(likely).tolist() if _hangs(stats[label], level, rubbed.shape[1], size)]
    if not sides:
        return []
    rubbed[np.isin(labels, sides)] = 0
    _rub_rests(rubbed, beside)
    return [
        Wall(left + wide / 2, 0.0, top, top + high)
        for left, top, wide, high in (stats[label, :4].tolist() for label in sides)
    ]


def _about(rule: Rule, mask: Grey) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns (k, n) of a rule and what is close beside it."""
    columns = np.arange(rule.start, rule.end)
    reach = round(rule.half) + RESTS
    rows = np.rint(rule.row + rule.slope * columns).astype(np.int64) + np.arange(-reach, reach + 1)[:, None]
    return rows.clip(0, len(mask) - 1), np.broadcast_to(columns, rows.shape)


def _hangs(piece: NDArray[np.int32], level: Sequence[Rule], width: int, size: float) -> bool:
    """Whether a piece begins where one rule has its end, if that is in the picture, and ends where another has."""
    left, top, wide, high = piece[:4].tolist()
    near = max(4.0, NEAR * size)
    for inner, ends in (
        (left + wide, [(rule, rule.start) for rule in level if rule.start > 1]),
        (left, [(rule, rule.end) for rule in level if rule.end < width - 1]),
    ):
        rows = np.array([rule.row + rule.slope * end for rule, end in ends if abs(end - inner) <= near])
        if (np.abs(rows - top) <= near).any() and (np.abs(rows - top - high) <= near).any():
            return True
    return False


def _rub_rests(rubbed: Grey, beside: Grey) -> None:
    """Rub out what lies beside rules and nowhere else."""
    count, found = cv2.connectedComponents(rubbed, connectivity=8)
    labels = np.asarray(found, np.int32)
    elsewhere = np.bincount(labels[beside == 0], minlength=count) > 0
    rubbed[~elsewhere[labels]] = 0
