"""Taking lines off ink: each in its own thickness, and what crosses one stays whole."""

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.straight import Rule

EDGE, MOSTLY = 3, 0.85  # pixels by which a rule may be thicker than was measured, and share of it that must be


def rub(mask: Grey, level: list[Rule], upright: list[Rule]) -> Grey:
    """Return (h, w) 0/1 ink without lines: across each its own thickness, unless ink that is no line goes on beside it.

    Args:
        mask: all ink.
        level: lines of `mask`.
        upright: lines of the turned `mask`.
    """
    if not (level or upright):
        return mask.copy()
    printed = np.zeros_like(mask)
    bands = [band(rule, mask) for rule in level]
    posts = [band(rule, mask.T) for rule in upright]
    for rows, columns in bands:
        printed[rows, columns] = 1
    for columns, rows in posts:
        printed[rows, columns] = 1
    other = cv2.subtract(mask, printed).astype(np.uint8, copy=False)  # what is no line, as far as no line hides it
    rubbed = other.copy()
    for rows, columns in bands:
        _keep_crossing(rubbed, mask, other, rows, columns)
    for columns, rows in posts:
        _keep_crossing(rubbed.T, mask.T, other.T, columns, rows)
    return rubbed


def band(rule: Rule, mask: Grey) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return rows and columns (k, n) of what a rule covers of `mask`, k thick: as far as most of it goes on."""
    half = max(1, round(rule.half))
    columns = np.arange(max(0, rule.start - half), min(mask.shape[1], rule.end + half))
    middle = np.rint(rule.row + rule.slope * columns).astype(np.int64)
    last = len(mask) - 1
    above = below = half
    while above < half + EDGE and mask[(middle - above - 1).clip(0, last), columns].mean() > MOSTLY:
        above += 1
    while below < half + EDGE and mask[(middle + below + 1).clip(0, last), columns].mean() > MOSTLY:
        below += 1
    rows = middle + np.arange(-above, below + 1)[:, None]
    return rows.clip(0, last), np.broadcast_to(columns, rows.shape)


def _keep_crossing(rubbed: Grey, mask: Grey, other: Grey, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
    """Put back, in place, what of the ink under a line goes on for two pixels or more above or below it."""
    last, thick = len(other) - 1, len(rows)
    above = (rows[0] > 1) & (other[rows[0] - 1, columns[0]] & other[rows[0] - 2, columns[0]] > 0)
    under, next_under = (rows[-1] + 1).clip(0, last), (rows[-1] + 2).clip(0, last)
    below = (rows[-1] < last - 1) & (other[under, columns[0]] & other[next_under, columns[0]] > 0)
    between = np.ones((1, 2 * thick - 1), np.uint8)  # a stroke that crosses aslant leaves farther on than it came
    crossing = cv2.morphologyEx((above | below).astype(np.uint8)[None], cv2.MORPH_CLOSE, between)[0] > 0
    there = rows[:, crossing], columns[:, crossing]
    rubbed[there] = mask[there]


def taken_off(mask: Grey, rubbed: Grey, fringe: int) -> Grey:
    """Return 255 on what was rubbed out and its fringe, never on that of the ink that stays."""
    gone = cv2.dilate(mask - rubbed, np.ones((3, 3), np.uint8), iterations=fringe)
    gone[cv2.dilate(rubbed, np.ones((3, 3), np.uint8)) > 0] = 0
    return np.where((gone > 0) | (mask > rubbed), 255, 0).astype(np.uint8)
