"""A line of ink at one height, for a network that reads it as a whole: levelled, scaled, its darkest ink 255.

The tall pieces say where the line lies and how high it is; what reaches far above or below them is cut. This module
judges pieces by size and place; it reads nothing.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.quantiles import percentile
from calame.imaging.rules import Stats, height_of, pieces_of
from calame.imaging.segment import FAINT
from calame.types import Box

HEIGHT = 32  # of a levelled line, in pixels
ROOM = 3.0  # pixels above and below its tall pieces
BESIDE = 8.0  # pixels left and right of its ink
TALL = 0.5  # of a digit's height: lower pieces do not say where the line lies
HIGHEST = 1.75  # heights of a digit: the line is no higher, whatever sticks out
STEEPEST = 0.35  # slope of a line that is levelled
COARSE = 0.6  # scale from which down pixels are averaged first
DARKEST = 0.97  # share of the ink that is not darker than what becomes 255
LONGEST = 2048  # pixels: a longer line is squeezed


class Pieces(NamedTuple):
    """What is connected: boxes (n, 4) left, top, right, bottom, and about how high a digit is."""

    boxes: NDArray[np.float64]
    size: float


@dataclass(frozen=True, eq=False)
class Level:
    """A levelled line.

    Attributes:
        pixels: (32, w) uint8, ink bright on 0; w is a multiple of 4.
        matrix: (2, 3), from pixels of the ink it was made from to these.
    """

    pixels: Grey
    matrix: NDArray[np.float64]

    def back(self, left: float, right: float) -> Box:
        """Return where columns `left` to `right` are in the ink that the line was made from."""
        inverse = np.asarray(cv2.invertAffineTransform(self.matrix))
        corners = np.array([(x, y, 1.0) for x in (left, right) for y in (ROOM, HEIGHT - ROOM)])
        points = corners @ inverse.T
        low, high = np.floor(points.min(axis=0)), np.ceil(points.max(axis=0))
        return Box(max(0, int(low[0])), max(0, int(low[1])), int(high[0]), int(high[1]))


def level(ink: Grey, stats: Stats | None = None) -> Level | None:
    """Return a line of ink, (h, w) uint8 bright on 0, at one height; None when there is no ink.

    Args:
        ink: the ink of one line of writing.
        stats: of its pieces, where they are known.
    """
    mask = (ink > FAINT).astype(np.uint8)
    columns = np.flatnonzero(mask.any(axis=0))
    if not columns.size:
        return None
    pieces = _pieces(pieces_of(mask) if stats is None else stats, len(ink))
    slope, middle = _slope(pieces)
    top, bottom = _extent(pieces, slope, middle)
    left, right = float(columns[0]), float(columns[-1]) + 1
    scale = (HEIGHT - 2 * ROOM) / (bottom - top)
    across = min(scale, (LONGEST - 2 * BESIDE) / (right - left))
    width = 4 * int(np.ceil(((right - left) * across + 2 * BESIDE) / 4))
    # A column is moved up or down as a whole: the digits keep standing as they do.
    linear = np.array([[across, 0.0], [-slope * scale, scale]])
    origin = np.array([left, top + slope * (left - middle)])
    matrix = np.hstack([linear, ((BESIDE, ROOM) - linear @ origin)[:, None]])
    return Level(_contrasted(_warped(ink, matrix, width)), matrix)


def varied(pixels: Grey, wide: float, slant: float) -> Grey:
    """Return a levelled line, (32, w), as it would be `wide` times as wide and slanted, in multiples of 4 pixels.

    Args:
        pixels: as `Level.pixels`.
        wide: times.
        slant: pixels to the right for each pixel up, on top of the writer's own.
    """
    old = pixels.shape[1] * wide
    width = 4 * int(np.ceil((old + abs(slant) * HEIGHT) / 4))
    aside = (width - old) / 2 + slant * (HEIGHT - 1) / 2
    matrix = np.array([[wide, -slant, aside], [0.0, 1.0, 0.0]])
    return cv2.warpAffine(pixels, matrix, (width, HEIGHT), flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _pieces(stats: Stats, high: int) -> Pieces:
    """Return the tall pieces of ink `high` pixels high, all of them when none is."""
    size = height_of(stats, high)
    boxes = stats[:, :4].astype(np.float64)
    boxes[:, 2:] += boxes[:, :2]
    tall = boxes[:, 3] - boxes[:, 1] >= TALL * size
    return Pieces(boxes[tall] if tall.any() else boxes, size)


def _slope(pieces: Pieces) -> tuple[float, float]:
    """Return the slope of the line through the pieces' middles, and the column where it is not to move anything."""
    x, y = (pieces.boxes[:, 0] + pieces.boxes[:, 2]) / 2, (pieces.boxes[:, 1] + pieces.boxes[:, 3]) / 2
    middle = float(x.mean())
    spread = float(((x - middle) ** 2).sum())
    if len(x) < 3 or spread < pieces.size**2:
        return 0.0, middle
    return float(np.clip(((x - middle) * (y - y.mean())).sum() / spread, -STEEPEST, STEEPEST)), middle


def _extent(pieces: Pieces, slope: float, middle: float) -> tuple[float, float]:
    """Return the first row of the levelled line and the one after its last."""
    moved = slope * ((pieces.boxes[:, 0] + pieces.boxes[:, 2]) / 2 - middle)
    tops, bottoms = pieces.boxes[:, 1] - moved, pieces.boxes[:, 3] - moved
    top, bottom = float(tops.min()), float(bottoms.max())
    if bottom - top > HIGHEST * pieces.size:
        centre, half = float(np.median(tops + bottoms)) / 2, HIGHEST / 2 * pieces.size
        top, bottom = max(top, centre - half), min(bottom, centre + half)
    return top, max(bottom, top + 4)


def _warped(ink: Grey, matrix: NDArray[np.float64], width: int) -> Grey:
    """Return the ink moved by the matrix, (32, width); averaged first where it becomes much smaller."""
    scale = float(matrix[1, 1])
    if scale < COARSE:
        before = ink.shape
        size = max(1, round(before[1] * scale / COARSE)), max(1, round(before[0] * scale / COARSE))
        ink = cv2.resize(ink, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        matrix = matrix.copy()
        matrix[:, 0] *= before[1] / size[0]
        matrix[:, 1] *= before[0] / size[1]
    return cv2.warpAffine(ink, matrix, (width, HEIGHT), flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _contrasted(pixels: Grey) -> Grey:
    """Return the line with its darkest ink at 255."""
    inked = pixels[pixels > FAINT]
    darkest = percentile(inked, DARKEST) if inked.size else 255.0
    return cv2.convertScaleAbs(pixels, alpha=255 / max(darkest, 32.0)).astype(np.uint8, copy=False)
