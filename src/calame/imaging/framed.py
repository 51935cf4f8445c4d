"""Boxes with round corners around a number, or around each of its digits: their outlines go, the digits stay.

`rules` takes a box apart into lines that meet; here no line meets another. The paper in a box is one hole in the ink
of its outline, and nearly a rectangle, whatever is written across it. What a digit is, this module does not know: the
hole of none is a rectangle with ink in it.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey, Wall

LOW, NARROW = 0.6, 0.5  # of a digit's height: a box is no lower; of its own height: it is no narrower
SQUARE = 0.88  # of the rectangle around it that the hull of its hole fills: that of an ellipse fills 0.79
WHOLE = 0.5  # of the hull that is the hole: strokes that touch the outline take the rest
ROUND, MOST = (
    2.0,
    0.5,
)  # pixels from each corner of that rectangle to the hull: nearer, and it is sharp; boxes that are so
THICK, SHOWN = 0.1, 0.6  # of the height of a box: its outline is no thicker; share of it that is ink
WRITTEN = 0.25  # of the height of a box: what is in it is as high
ALIKE = 0.1  # share of the height by which boxes of one row differ at most
NEXT = np.ones((3, 3), np.uint8)


class Box(NamedTuple):
    """A box: where it is, what is printed of it there, (h, w) 0/1, its height, is it round, has it ink in it."""

    rows: slice
    columns: slice
    printed: Grey
    high: int
    is_round: bool
    is_written: bool


def without_round_boxes(mask: Grey, size: float) -> tuple[Grey, list[Wall]]:
    """Return (h, w) 0/1 ink without the outlines of boxes with round corners, and where their sides were.

    Args:
        mask: all ink.
        size: about how high a digit is.
    """
    found = list(_boxes(mask, size))
    heights = np.array([box.high for box in found if box.is_written])
    boxes = [box for box in found if (np.abs(heights - box.high) <= ALIKE * heights).any()]
    if sum(box.is_round for box in boxes) <= MOST * len(boxes):
        return mask, []
    printed = np.zeros_like(mask)
    for box in boxes:
        printed[box.rows, box.columns] |= box.printed
    other = cv2.subtract(mask, printed)
    crossing = cv2.dilate(other, NEXT, iterations=2)  # a stroke goes on within the line that it crosses
    left = cv2.bitwise_or(other, cv2.bitwise_and(cv2.bitwise_and(mask, printed), crossing))
    walls = [
        Wall(float(column), 0.0, box.rows.start, box.rows.stop)
        for box in boxes for column in (box.columns.start, box.columns.stop)
    ]  # fmt: skip
    return left.astype(np.uint8, copy=False), walls


def _boxes(mask: Grey, size: float) -> Iterator[Box]:
    """Yield what may be boxes."""
    outlines, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for place in np.flatnonzero(np.asarray(levels)[0, :, 3] >= 0).tolist() if outlines else ():  # the holes
        outline = outlines[place]
        _, _, wide, high = cv2.boundingRect(outline)
        if high < LOW * size or wide < NARROW * high:
            continue
        hull = np.asarray(cv2.convexHull(outline), np.int32)
        area, rectangle = cv2.contourArea(hull), cv2.minAreaRect(hull)
        if area < SQUARE * rectangle[1][0] * rectangle[1][1] or cv2.contourArea(outline) < WHOLE * area:
            continue
        corners = np.asarray(cv2.boxPoints(rectangle), np.float64)
        apart = np.linalg.norm(corners[:, None] - hull[:, 0], axis=2).min(axis=1)
        if (box := _box(mask, hull, high, is_round=bool((apart >= ROUND).all()))) is not None:
            yield box


def _box(mask: Grey, hull: NDArray[np.int32], high: int, *, is_round: bool) -> Box | None:
    """Return the box whose paper has this hull; None when what is around it is no outline."""
    most = max(3, int(THICK * high))
    (left, top), (right, bottom) = hull[:, 0].min(axis=0).tolist(), hull[:, 0].max(axis=0).tolist()
    rows = slice(max(0, top - most - 2), bottom + most + 3)
    columns = slice(max(0, left - most - 2), right + most + 3)
    ink = mask[rows, columns]
    paper = np.zeros_like(ink)
    cv2.fillConvexPoly(paper, hull - np.array([columns.start, rows.start]), 1)
    inner = _grown(paper, -2)  # the hull is that of the first pixels of the outline
    outer = paper
    for _ in range(most + 1):
        wider = _grown(outer, 1)
        around = ink[wider > outer]
        if np.count_nonzero(around) < SHOWN * around.size:
            within = cv2.bitwise_and(ink, inner)
            inked = np.flatnonzero(within.any(axis=1))
            is_written = bool(inked.size and np.ptp(inked) >= WRITTEN * high)
            printed = cv2.subtract(wider, inner).astype(np.uint8, copy=False)
            return Box(rows, columns, printed, high, is_round, is_written)
        outer = wider
    return None


def _grown(part: NDArray[Any], pixels: int) -> Grey:
    """Return a part with so many pixels more at its edge, or less."""
    change = cv2.dilate if pixels > 0 else cv2.erode
    return change(part, NEXT, iterations=abs(pixels)).astype(np.uint8, copy=False)
