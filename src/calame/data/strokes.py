"""Pen strokes -> pictures, as the page's drawing pad would show them: a round black pen on white paper.

Knows geometry alone; what a digit is, and what a network wants to see, are for others.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

PAPER, INK = 255, 0
FINE = 4  # times: drawn so much larger, then averaged; OpenCV's own smooth lines come out 2.4 pixels too wide
SHIFT = 4  # bits after the point in OpenCV's coordinates: a sixteenth of a (fine) pixel


def render(
    strokes: Sequence[NDArray[np.floating]], side: int = 280, width: float = 15, margin: float | None = None
) -> NDArray[np.uint8]:
    """Draw a digit in the middle of a square picture, as large as fits, its proportions kept.

    Args:
        strokes: each (k, 2), x to the right and y down, in any unit; one point, or k equal ones, make a dot.
        side: of the picture, in pixels.
        width: of the pen, in pixels, true to a quarter.
        margin: blank pixels between the edge and the ink of the longer side; by default an eighth of `side`.

    Returns:
        (side, side) uint8, ink 0 on 255, smooth at the edges.

    Example:
        >>> render([np.array([[0, 0], [0, 100]])]).shape
        (280, 280)
    """
    fine = np.full((side * FINE, side * FINE), PAPER, np.uint8)
    if strokes:
        points = np.concatenate(strokes).astype(np.float64)
        low, high = points.min(axis=0), points.max(axis=0)
        room = side - width - 2 * (side / 8 if margin is None else margin)  # for the pen's middle
        scale = FINE * max(room, 0) / max(float((high - low).max()), 1e-9)
        # OpenCV draws nothing for a single point, and a dot for a line from it to itself.
        lines = [stroke if len(stroke) > 1 else np.repeat(stroke, 2, axis=0) for stroke in strokes]
        placed = [(line - (low + high) / 2) * scale + (side * FINE - 1) / 2 for line in lines]
        whole = [np.rint(line * (1 << SHIFT)).astype(np.int32) for line in placed]
        cv2.polylines(fine, whole, False, INK, max(1, round(width * FINE)), cv2.LINE_8, SHIFT)
    return cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
