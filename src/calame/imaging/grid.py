"""Lines of ruled and squared paper in ink: right across it, and those upright to them.

Seen straight on, all have one slope. A camera that looks aslant gives each its own, which changes evenly from one to
the next. Either is found where it gathers the ink in the fewest rows (a Hough transform over few slopes).
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.rubbing import band, rub
from calame.imaging.straight import TRIED, Rule, has_runs

ACROSS, SHOWN = 0.2, 0.65  # of the width: paper may be ruled where a run is so long, and is where so much shows
ENDS, AT_ENDS = 0.05, 0.4  # of the width, at both sides, where at least so much of it shows
SLENDER = 0.35  # of the distance between the lines of ruled paper: they are no thicker
# Of lines that each have a slope of their own:
SLOPES = np.arange(-32, 33) * 0.005
FEWEST, MOST = 3, 60  # so many make a grid, and are looked for
ALIKE = 0.012  # so far is a slope at most from what those of the others say
LONG, CORNER = 0.5, 0.12  # of the width, so much of a line lies on the picture, and of one that cuts a corner off
STRIP = 0.25  # of the width: where the paper ends before the borders, its grid is so wide at least
THICK = 8  # pixels: ink that goes on farther, across a line, is none of it
NEAR = 3.0, 2.0  # pixels to a line from what it is fitted to, the first time and the second
MISSES = 6  # that look like lines and are none, one after the other, end the search
SPARSE = 0.2  # of its box: a piece of ink from side to side that covers no more may be lines


def without_grid(mask: Grey) -> tuple[Grey, list[Rule]]:
    """Return ink without the lines of ruled or squared paper: two or more right across, and those upright to them.

    The upright ones, lines of the turned picture, come with it.

    Args:
        mask: (h, w) uint8, 1 on 0.
    """
    level = _alike(mask) if has_runs(mask, ACROSS * mask.shape[1]) else []
    if len(level) > 1:
        upright = _alike(_turned(mask))
        upright = upright if len(upright) > 2 else []  # two could be 1s in a close crop
    elif _is_spanned(mask):
        level, upright = _slanting(mask)
    else:
        return mask, []
    return rub(mask, level, upright), upright


def _turned(mask: Grey) -> Grey:
    return np.ascontiguousarray(mask.T)


def _alike(mask: Grey) -> list[Rule]:
    """Return the level lines from border to border of one slope, thin beside their distance; none if there is one."""
    rows, columns = np.nonzero(mask)
    height, width = mask.shape
    aside = columns - (width - 1) / 2
    best, slope = np.zeros(0), 0.0
    for tried in TRIED / 2:
        sums = np.bincount((rows - np.rint(tried * aside).astype(np.int64)).clip(0, height - 1), minlength=height)
        if not best.size or float((sums.astype(float) ** 2).sum()) > float((best.astype(float) ** 2).sum()):
            best, slope = sums, float(tried)
    on = np.flatnonzero(np.diff(np.concatenate([[0], (best > SHOWN * width).astype(np.int8), [0]])))
    starts, ends = on[::2], on[1::2]
    middles = (starts + ends - 1) / 2
    if len(starts) < 2 or (ends - starts).max() > SLENDER * np.diff(middles).min():
        return []
    at_left = middles - slope * (width - 1) / 2
    lines = [
        Rule(0, width, float(row), slope, float(end - start) / 2)
        for row, start, end in zip(at_left, starts, ends, strict=True)
    ]
    return [rule for rule in lines if _is_through(mask, rule)]


def _is_through(mask: Grey, rule: Rule) -> bool:
    """Whether a line shows, and goes on close to both of its ends, where writing stops."""
    shown = mask[band(rule, mask)].max(axis=0)
    ends = max(2, round(ENDS * len(shown)))
    return bool(shown[:ends].mean() >= AT_ENDS and shown[-ends:].mean() >= AT_ENDS and shown.mean() >= SHOWN)


def _is_spanned(mask: Grey) -> bool:
    """Whether a thin piece of ink goes from one border to the one across."""
    height, width = mask.shape
    left, top, wide, high, area = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:].T
    level, upright = (left <= 1) & (wide >= width - 2), (top <= 1) & (high >= height - 2)
    return bool(((level | upright) & (area <= SPARSE * wide * high)).any())


def _slanting(mask: Grey) -> tuple[list[Rule], list[Rule]]:
    """Return the level and the upright lines of a grid that was seen aslant; only those where the paper ends before."""
    level, upright = _converging(mask), _converging(_turned(mask))
    if level and not upright:
        upright = _among(_turned(mask), level)
    elif upright and not level:
        level = _among(mask, upright)
    return level, upright


def _among(mask: Grey, others: list[Rule]) -> list[Rule]:
    """Return the level lines between others, upright ones of the same grid, and as far beyond as these are apart."""
    width = mask.shape[1]
    at_ends = np.array([[rule.row + rule.slope * end for end in (rule.start, rule.end - 1)] for rule in others])
    middles = np.sort(at_ends.mean(axis=1))
    first, last = at_ends[at_ends.mean(axis=1).argsort()][[0, -1]]
    start, end = max(0, round(first.max())), min(width, round(last.min()))
    if end - start < STRIP * width:
        return []
    beyond = round(float(np.diff(middles).max()))
    return [
        rule._replace(start=max(0, start - beyond), end=min(width, end + beyond), row=rule.row - rule.slope * start)
        for rule in _converging(np.ascontiguousarray(mask[:, start:end]))
    ]


def _converging(mask: Grey) -> list[Rule]:
    """Return the level lines whose slopes change evenly from one to the next; none if they are fewer than three."""
    found: list[Rule] = []
    votes = _Votes(mask)
    for rule in votes.lines(found):
        if _is_through(mask, rule):
            found.append(rule)
        if len(found) == MOST:
            break
    return found if len(found) >= FEWEST else []


class _Votes:
    """The pixels of thin level strokes, counted for each line that they may be of: by its slope, and its middle row."""

    def __init__(self, mask: Grey) -> None:
        height, self.width = mask.shape
        thick = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((THICK, 1), np.uint8))
        self.rows, self.columns = np.nonzero(cv2.subtract(mask, thick))
        self.beyond = round(float(SLOPES[-1]) * self.width / 2) + 2  # rows that the middle of a line may lie outside
        self.middles = np.arange(-self.beyond, height + self.beyond)
        self.votes = self._cast(self.rows, self.columns)
        self.first, self.last = self._seen(height)
        self.free = np.ones(len(self.rows), np.bool_)

    def _aside(self, columns: NDArray[np.int64]) -> NDArray[np.float64]:
        return columns - (self.width - 1) / 2

    def _cast(self, rows: NDArray[np.int64], columns: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how many of the pixels are on each line, (slopes, middles)."""
        votes = np.zeros((len(SLOPES), len(self.middles)), np.int64)
        aside = self._aside(columns)
        for place, slope in enumerate(SLOPES.tolist()):  # all at once, a page of hatching takes gigabytes
            middles = np.rint(rows - slope * aside).astype(np.int64) + self.beyond
            votes[place] = np.bincount(middles, minlength=len(self.middles))
        return votes

    def _seen(self, height: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first column at which each line is on the picture, and one past the last."""
        slopes = np.where(SLOPES == 0, 1e-9, SLOPES)[:, None]
        ends = np.sort([-self.middles / slopes, (height - 1 - self.middles) / slopes], axis=0)
        first, last = (ends + (self.width - 1) / 2).clip(-1, self.width)
        return np.ceil(first).astype(np.int64).clip(0), np.floor(last).astype(np.int64).clip(max=self.width - 1) + 1

    def lines(self, found: list[Rule]) -> Iterator[Rule]:
        """Yield what may be lines, the clearest first; `found` are those that were."""
        misses, long = 0, self.last - self.first
        while misses < MISSES:
            before = len(found)
            three = cv2.blur(self.votes.astype(np.float32), (3, 1), borderType=cv2.BORDER_CONSTANT) * 3
            share = np.where(long >= (CORNER if before >= FEWEST else LONG) * self.width, three / long.clip(1), 0)
            if before >= FEWEST:
                share[np.abs(SLOPES[:, None] - self._expected(found)) > ALIKE] = 0
            slope, middle = np.unravel_index(int(share.argmax()), share.shape)
            if share[slope, middle] < SHOWN:
                return
            yield self._taken(int(slope), int(middle))
            misses = 0 if len(found) > before else misses + 1

    def _expected(self, found: list[Rule]) -> NDArray[np.float64]:
        """Return the slope at each middle row, as those of the lines that were found say."""
        rows = [rule.row + rule.slope * (self.width - 1) / 2 for rule in found]
        return np.polyval(np.polyfit(rows, [rule.slope for rule in found], 1), self.middles)

    def _taken(self, place: int, middle: int) -> Rule:
        """Return the line closest to one of the votes by least squares, whose pixels vote no more."""
        slope, row = float(SLOPES[place]), float(self.middles[middle])
        aside = self._aside(self.columns)
        on = self.free
        for near in NEAR:
            on = self.free & (np.abs(self.rows - row - slope * aside) <= near)
            across = aside[on] - aside[on].mean()
            slope = float((across * self.rows[on]).sum()) / max(float((across**2).sum()), 1e-9)
            row = float(self.rows[on].mean() - slope * aside[on].mean())
        thick = np.bincount(self.columns[on])
        half = float(np.median(thick[thick > 0])) / 2
        gone = self.free & (np.abs(self.rows - row - slope * aside) <= max(NEAR[1], half + 1))
        self.votes -= self._cast(self.rows[gone], self.columns[gone])
        self.free &= ~gone
        first, last = int(self.first[place, middle]), int(self.last[place, middle])
        return Rule(first, last, row - slope * (self.width - 1) / 2, slope, half)
