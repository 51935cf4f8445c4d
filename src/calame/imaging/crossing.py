"""Whether strokes go on across what is taken for the edge of a sheet: nobody writes over it, so it is a shadow's edge.

The tones are compared along the outline, a little within it and a little beyond. What they are there does not count,
for a shadow is as dark as a table: only what is darker than its neighbours along the outline does, in the same place on
either side. What lies across a real edge, a pencil, is told from writing by the table: it has a grain of its own.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey

OFF = 2.0, 4.0  # pixels from the edge, within and beyond, where a stroke must be; nearer, the edge itself is blurred
SMOOTH = 4.0  # pixels, standard deviation: an outline of steps gets a direction
ALONG = 41  # pixels along the outline that a stroke is compared with, an odd number
SHIFT = 2  # pixels along the outline that a stroke, which may cross aslant, is off on the other side
CORNER, TURN = 8, 0.94  # pixels before and behind, whose directions agree less (cosine) around a corner
DARKER = 0.4  # of the tone beside it: how much darker a stroke is
GRAIN = 4.0  # times as much as the tones along the outline usually differ
RIM = 3  # pixels of the picture's border, along which a sheet is cut off and has no edge


def is_crossed(picture: Grey, sheet: Grey) -> bool:
    """Whether a stroke crosses the edge of a sheet.

    Args:
        picture: (h, w) uint8, about 240 pixels wide or high.
        sheet: (h, w) uint8, not 0 on the sheet.
    """
    outlines, _ = cv2.findContours(sheet, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return any(_crosses(picture, np.asarray(outline[:, 0], np.float32), sheet) for outline in outlines)


def _crosses(picture: Grey, outline: NDArray[np.float32], sheet: Grey) -> bool:
    """The same of one outline, (n, 2) columns and rows."""
    outward, straight = _directions(outline, sheet)
    height, width = picture.shape
    inner = (outline >= RIM).all(axis=1) & (outline < (width - RIM, height - RIM)).all(axis=1) & straight
    if len(outline) <= ALONG or not inner.any():
        return False
    strokes: list[NDArray[np.float32]] = []
    for off in (-OFF[1], -OFF[0], *OFF):
        x, y = (outline + off * outward).T[:, None]
        tones = cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        strokes.append(_darker(np.asarray(tones, np.uint8)))
    there = np.stack(strokes).min(axis=0)
    return bool((there[inner] > 0).any())


def _directions(outline: NDArray[np.float32], sheet: Grey) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return what is outward, (n, 2) of length 1, along an outline, and where it is straight."""
    soft = cv2.GaussianBlur((sheet > 0).astype(np.float32), (0, 0), SMOOTH)
    x, y = outline.astype(int).T
    slopes = [cv2.Sobel(soft, cv2.CV_32F, *order)[y, x] for order in ((1, 0), (0, 1))]
    outward = -np.stack(slopes, axis=1)
    outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-6)
    agree = (np.roll(outward, CORNER, axis=0) * np.roll(outward, -CORNER, axis=0)).sum(axis=1)
    return outward.astype(np.float32), agree > TURN


def _darker(tones: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return by how much each of (1, n) tones along a closed outline is a stroke, below 0 where it is none: (n,)."""
    around = np.concatenate([tones[:, -ALONG:], tones, tones[:, :ALONG]], axis=1)
    usual = cv2.medianBlur(around, ALONG)[:, ALONG:-ALONG]
    darker = 1 - (tones.astype(np.float32) + 4) / (usual.astype(np.float32) + 4)
    least = max(DARKER, GRAIN * 1.4826 * float(np.median(np.abs(darker))))
    return cv2.dilate(darker - least, np.ones((1, 2 * SHIFT + 1), np.uint8))[0]
