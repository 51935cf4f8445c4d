"""How crooked a page lies, and the page turned straight: what is found on it by level and upright lines counts on that.

The feet of print and the rules of tables lie on straight lines. Seen along these, the dark pixels of a page gather in
few rows: the angle where they gather most is the page's (Postl, "Detection of linear oblique structures and skew scan
in digitized documents", 1986). This module knows no letters, and turns nothing by more than a scanner does.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey

LONGEST = 1000  # pixels of the longer side that is looked at
AROUND, DARKER = 31, 12  # pixels, grey levels: ink is darker by so much than what is around it
FARTHEST, COARSE, FINE = 6.0, 0.25, 0.05  # degrees
CLEARLY = 1.15  # times as gathered as it lies: a page that is turned for less gains nothing
LEAST = 0.2  # degrees: likewise
FEWEST = 500  # dark pixels: of fewer nothing is known


def skew_of(pixels: NDArray[np.uint8]) -> float:
    """Return by how many degrees the lines of a page fall from left to right, 0.0 where that is not clear.

    Args:
        pixels: (h, w) or (h, w, 3) uint8.
    """
    grey: Grey = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), np.uint8) if pixels.ndim == 3 else pixels
    scale = min(1.0, LONGEST / max(grey.shape))
    height, width = (max(1, round(side * scale)) for side in grey.shape)
    small = cv2.resize(grey, (width, height), interpolation=cv2.INTER_AREA) if scale < 1 else grey
    dark = cv2.adaptiveThreshold(small, 1, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, AROUND, DARKER)
    feet = (dark[:-1] > 0) & (dark[1:] == 0)
    rows, columns = np.nonzero(feet)
    if len(rows) < FEWEST:
        return 0.0
    at = columns - feet.shape[1] / 2
    coarse = np.arange(-FARTHEST, FARTHEST + COARSE / 2, COARSE)
    best = float(coarse[np.argmax([_gathered(rows, at, angle) for angle in coarse.tolist()])])
    fine = np.arange(best - COARSE, best + COARSE + FINE / 2, FINE)
    best = float(fine[np.argmax([_gathered(rows, at, angle) for angle in fine.tolist()])])
    clear = _gathered(rows, at, best) >= CLEARLY * _gathered(rows, at, 0.0)
    return best if clear and LEAST <= abs(best) < FARTHEST else 0.0


def _gathered(rows: NDArray[np.int64], columns: NDArray[np.float64], angle: float) -> float:
    """Return how far pixels gather in few rows, seen along lines that fall by an angle, degrees."""
    along = np.rint(rows - columns * np.tan(np.deg2rad(angle))).astype(np.int64)
    counts = np.bincount(along - along.min())
    return float((counts.astype(np.float64) ** 2).sum())


def straightened(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float64] | None]:
    """Return a page turned so that its lines are level, of the same size, and the (2, 3) way back to what it was.

    The way back is None where the page stays as it is.
    """
    angle = skew_of(pixels)
    if not angle:
        return pixels, None
    height, width = pixels.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8, copy=False), np.asarray(cv2.invertAffineTransform(matrix), np.float64)
