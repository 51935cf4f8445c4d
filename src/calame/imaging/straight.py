"""Thin and straight lines in ink: where they are found, and what can be said along each.

A line is level; an upright one is level in the turned picture. Which lines are printed, `rules` decides.
"""

from collections.abc import Sequence
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.quantiles import percentile

THIN = 0.2  # of a digit's height: a rule is no thicker
BENT = 0.05  # of a digit's height: a rule leaves a straight line by no more
STEEP = 0.08  # slope of a rule
SLOPES = 13  # that are tried, between this much down and this much up
TRIED = np.linspace(-STEEP, STEEP, SLOPES)
AT_ONCE = 3  # rules that may lie so close that they look like one
NEAR = 2  # pixels from the edge of a rule at which a line upright to it ends there


class Rule(NamedTuple):
    """A level line: where it starts and ends, its row at column x is `row + slope * x`, and half its thickness."""

    start: int
    end: int
    row: float
    slope: float
    half: float


def has_runs(mask: Grey, least: float) -> bool:
    """Whether at least two rows have ink for `least` pixels without a break."""
    runs = cv2.erode(mask, np.ones((1, max(3, round(least))), np.uint8), borderValue=0)
    return int(np.count_nonzero(runs.any(axis=1))) > 1


def straight(mask: Grey, shown: float, least: float, size: float, bases: Sequence[Rule] = ()) -> list[Rule]:
    """Return the thin and straight level lines at least `least` long, of which parts about `shown` long show.

    Of those that, turned, neither meet one of the `bases` nor go from border to border, some may be left out.
    """
    runs = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, max(5, round(shown * 0.6))), np.uint8))
    bridged = cv2.dilate(runs, np.ones((3, max(3, round(size)) | 1), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(bridged, connectivity=8)
    reaches = _reaches(bases)
    found: list[Rule] = []
    for label in range(1, count):
        if stats[label, 2] < least:
            continue
        left, top, wide, high = stats[label, :4].tolist()
        part = slice(top, top + high), slice(left, left + wide)
        rows, columns = np.nonzero((labels[part] == label) & (runs[part] > 0))
        rows, columns = rows + top, columns + left
        for _ in range(AT_ONCE):
            if not rows.size:
                break
            first, last = int(columns.min()), int(columns.max())
            if last + 1 - first < least or (bases and not _may_meet(first, last, mask.shape[1], reaches)):
                break
            rule, on = _fitted(rows, columns, size)
            if np.ptp(columns[on]) + 1 >= least and rule.half < THIN / 2 * size:
                found.append(rule)
            rows, columns = rows[~on], columns[~on]
    return found


def _fitted(rows: NDArray[np.int64], columns: NDArray[np.int64], size: float) -> tuple[Rule, NDArray[np.bool_]]:
    """Fit a line to most of the pixels of a rule and perhaps other strokes; return it and which pixels lie on it.

    The slope that gathers most pixels in two rows wins (a Hough transform over few slopes), then least squares.
    """
    slopes = TRIED
    level = rows - np.rint(slopes[:, None] * (columns - columns.mean())).astype(np.int64)
    level -= level.min()
    size_of = int(level.max()) + 2
    counts = np.bincount((level + size_of * np.arange(SLOPES)[:, None]).ravel(), minlength=size_of * SLOPES)
    counts = counts.reshape(SLOPES, size_of)
    counts[:, :-1] += counts[:, 1:]
    level_first = counts * (1 - 0.5 * np.abs(slopes))[:, None]  # a thick and short line fits many slopes
    best, row = np.unravel_index(int(level_first.argmax()), counts.shape)
    on = np.abs(level[best] - row - 0.5) < 1
    across = columns[on] - columns[on].mean()
    slope = float((across * rows[on]).sum()) / max(float((across**2).sum()), 1e-9)
    start = float(rows[on].mean() - slope * columns[on].mean())
    away = np.abs(rows - start - slope * columns)
    on = away <= max(1.5, BENT * size)
    there = columns[on]
    thick = np.bincount(there - there.min()) if there.size else np.ones(1, np.int64)
    half = percentile(thick[thick > 0], 0.5) / 2
    return Rule(int(there.min()), int(there.max()) + 1, start, slope, half), on


def look_along(mask: Grey, rule: Rule) -> tuple[float, float, float]:
    """Look along a rule.

    Returns:
        The share of its columns that have ink at its row; the share that have no ink close above and below; and how
        much, in pixels, its middle and its thickness change along those: the feet of digits are curved.
    """
    columns = np.arange(rule.start, rule.end)
    rows = np.clip(np.rint(rule.row + rule.slope * columns).astype(np.int64), 0, len(mask) - 1)
    reach = round(2 * rule.half + 1.5)
    offsets = np.arange(-reach, reach + 1)
    places = rows + offsets[:, None]
    inside = (places >= 0) & (places < len(mask))
    band = np.where(inside, mask[places.clip(0, len(mask) - 1), columns], 0)
    on = band[reach - 1 : reach + 2].any(axis=0)
    bare = on & (band[0] == 0) & (band[-1] == 0)
    if not bare.any():
        return float(on.mean()), 0.0, 0.0
    thick = band[:, bare].sum(axis=0)
    exact = rule.row + rule.slope * columns[bare] - rows[bare]
    middle = (band[:, bare] * offsets[:, None]).sum(axis=0) / np.maximum(thick, 1) - exact
    return float(on.mean()), float(bare.mean()), float(max(middle.std(), thick.std()))


def _reaches(bases: Sequence[Rule]) -> NDArray[np.float64]:
    """Return the first and the last row, (n, 2), at which a line upright to each of the bases may end."""
    start, end, row, slope, half = np.array(bases, np.float64).reshape(-1, 5).T
    near = NEAR + half
    rows = row + slope * np.array([start - near, end + near])
    return np.stack([rows.min(axis=0) - near, rows.max(axis=0) + near], axis=1)


def _may_meet(first: int, last: int, length: int, reaches: NDArray[np.float64]) -> bool:
    """Whether a line of a turned picture, somewhere from `first` to `last`, may meet a base or go across `length`."""
    if first <= 1 and last >= length - 2:
        return True
    return bool(((first <= reaches[:, 1]) & (last >= reaches[:, 0])).any())
