"""The step `lines`: rub out the ruling of lined and squared paper, and leave the ink that crosses it.

A ruled line is thin, nearly level or upright, and goes from border to border; no stroke of a digit does all
three. This module knows lines by that alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame, Grey
from calame.imaging.paper import shrink

SMALL = 240  # pixels of the longer side of the copy that lines are searched on
DARKER = 2.5  # times as dark as the line: two that cross are no darker than twice, and what is, is ink
ALIKE = 0.04  # shares of the width by which the falls of lines that are alike differ at most:
FEWEST, MANY = 3, 5  # whole lines, or lines at all, are several
CORNER = 0.15  # of the width, so much of a line is on the picture
MARGIN = 16  # a line must reach the first and the last 1/16 of the picture


class Line(NamedTuple):
    """A line across the picture: its row in the middle, the rows it falls from left to right, how well it fits.

    It is whole when it shows at both sides of the picture; the paper may end before, or the line cut a corner off.
    """

    row: int
    fall: int
    fit: float
    whole: bool


class Slope(NamedTuple):
    """All lines of one slope, by their row in the middle, from `beyond` rows above the picture on.

    Attributes:
        fall: rows from left to right.
        beyond: rows above the picture, and below it.
        down: (w,) by how many rows the line of each column is lower than the middle of that which is `beyond` higher.
        seen: (h + 2 * beyond,) columns at which each is on the picture; endless where that is only a corner.
    """

    fall: int
    beyond: int
    down: NDArray[np.int64]
    seen: NDArray[np.float64]


@lru_cache(8)
def _slopes(height: int, width: int, most: int) -> tuple[Slope, ...]:
    """Return the slopes of lines across a picture that fall or rise by no more than so many rows."""
    beyond = most // 2 + 1
    middles = np.arange(-beyond, height + beyond)
    across = np.arange(width) / width - 0.5
    slopes: list[Slope] = []
    for fall in range(-most, most + 1):
        down = np.sort(np.rint(across * fall).astype(np.int64))
        seen = (np.searchsorted(down, height - middles) - np.searchsorted(down, -middles)).astype(np.float64)
        seen[seen < CORNER * width] = np.inf
        slopes.append(Slope(fall, beyond, (down if fall >= 0 else down[::-1]) - beyond, seen))
    return tuple(slopes)


@dataclass(frozen=True)
class Lines:
    """Rub out ruled lines: each column of a line becomes what is just above and just below it.

    So ink that crosses the line is kept. The whole is done once for level and once for upright lines.

    Args:
        cover: share of its length on which a line must show; ink and faint printing hide the rest.
        thin: half the width of the widest line, a share of the longer side.
        slope: steepest fall, a share of the width,
        crooked: and of one of several lines that are alike: of squared paper that lies crooked, or was seen aslant.
        least: darkness from which on there is anything to see, relative to the paper.
    """

    cover: float = 0.5
    thin: float = 0.012
    slope: float = 0.08
    crooked: float = 0.2
    least: float = 0.03

    def __call__(self, frame: Frame) -> Frame:
        if frame.even:
            return frame
        level, rows = self._rub(frame.pixels)
        turned, columns = self._rub(np.ascontiguousarray(level.T))
        if rows + columns == 1 and turned.min() > 128 > frame.pixels.min():
            return frame  # one line and nothing else: it is a 1 from border to border
        return frame._replace(pixels=np.ascontiguousarray(turned.T))

    def _rub(self, pixels: Grey) -> tuple[Grey, int]:
        """Return the picture without its level lines, and how many they were."""
        small = shrink(pixels, SMALL)
        if min(small.shape) < 2 * MARGIN:
            return pixels, 0
        ratio = pixels.shape[0] / small.shape[0]
        # In a small picture the digit's own strokes are as long and, in pixels, as thin as a line.
        cover = self.cover + (0.15 if min(pixels.shape) < 100 else 0)
        lines = list(self._find(small, cover))
        for line in lines:
            pixels = self._erase(pixels, line, ratio)
        return pixels, len(lines)

    def _find(self, small: Grey, least: float) -> Iterator[Line]:
        """Yield level lines, the best fitting first; those that are crooked, or not whole, where several are alike."""
        width = small.shape[1]
        taken: list[Line] = []
        for line in sorted(self._likely(small, least), key=lambda line: -line.fit):
            if all(abs(line.row - other.row) > 2 + self.thin * width for other in taken):
                taken.append(line)
        for line in taken:
            alike = [other.whole for other in taken if abs(line.fall - other.fall) <= ALIKE * width]
            several = sum(alike) >= FEWEST or len(alike) >= MANY
            if several or (line.whole and abs(line.fall) <= self.slope * width):
                yield line

    def _likely(self, small: Grey, least: float) -> list[Line]:
        """Return what may be level lines, in no order (a Hough transform of the ridges over few slopes)."""
        height, width = small.shape
        depth = self._ridges(small)
        wide = cv2.dilate((depth > 0).astype(np.uint8), np.ones((2, 1), np.uint8))  # a line may lie between two rows
        rows, columns = np.nonzero(wide)
        edge = width // MARGIN
        ends = columns < edge, columns >= width - edge
        if len(rows) < least * CORNER * width:
            return []
        deep = depth[rows, columns]
        found: list[Line] = []
        # Fewer pixels than of several whole lines, each two rows thick now: nothing crooked will count.
        steepest = max(self.slope, self.crooked) if len(rows) >= 2 * FEWEST * least * width else self.slope
        most = round(steepest * width)
        for slope in _slopes(height, width, most):
            level = rows - slope.down[columns]
            (likely,) = (np.bincount(level, None, len(slope.seen)) >= least * slope.seen).nonzero()
            if not likely.size:
                continue
            reach = np.minimum(*(np.bincount(level[end], None, len(slope.seen)) for end in ends)) / edge
            fit = np.bincount(level, deep, len(slope.seen))  # cover alone is a draw between near slopes
            found += [
                Line(place - slope.beyond, slope.fall, float(fit[place]), bool(reach[place] >= 0.5))
                for place in likely.tolist()
            ]
        return found

    def _ridges(self, small: Grey) -> NDArray[np.float32]:
        """Return how much darker, 0-255, a pixel is than those a line's width above and below it; 0 if hardly."""
        away = max(2, round(self.thin * max(small.shape)) + 1)
        dark = cv2.copyMakeBorder(255 - small, away, away, 0, 0, cv2.BORDER_REPLICATE).astype(np.float32)
        depth = dark[away:-away] - np.maximum(dark[: -2 * away], dark[2 * away :])
        return np.where(depth > 255 * self.least, depth, 0).astype(np.float32)

    def _erase(self, pixels: Grey, line: Line, ratio: float) -> Grey:
        """Replace the line by a blend, column by column, of what is above and below it; nothing gets darker."""
        height, width = pixels.shape
        columns = np.arange(width)
        middle = ((line.row + 0.5) + (columns / width - 0.5) * line.fall) * ratio - 0.5
        columns, middle = (of[(middle > -1) & (middle < height)] for of in (columns, middle))
        reach = max(3, round(2 * self.thin * max(pixels.shape)))
        offsets = np.arange(-reach, reach + 1)
        band = np.clip(np.round(middle).astype(np.int64) + offsets[:, None], 0, height - 1)
        profile = 255 - np.median(pixels[band, columns], axis=1)  # of the line alone: ink is a minority along it
        floor = max(float(profile.min()), 1.0)
        dark = np.flatnonzero(profile - floor > 0.2 * (profile.max() - floor))
        if profile.max() - floor < 255 * self.least or not dark.size:
            return pixels
        margin = 1 + round(ratio / 2)  # the slope is known to a pixel of the small copy
        above, below = max(0, int(dark[0]) - margin), min(len(offsets) - 1, int(dark[-1]) + margin)
        weight = ((np.arange(above, below + 1) - above) / max(1, below - above))[:, None]
        blend = (1 - weight) * pixels[band[above], columns] + weight * pixels[band[below], columns]
        there = band[above : below + 1], columns
        ink = 255.0 - pixels[there] > floor + DARKER * (profile.max() - floor)
        kept = cv2.dilate(ink.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0  # with its edge, which is paler
        rubbed = pixels.copy()
        rubbed[there] = np.where(kept, pixels[there], np.maximum(pixels[there], blend))
        return rubbed
