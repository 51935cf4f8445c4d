"""A sheet that is found by its edge, where no one tone parts it from the table: in a shadow, on light or grained wood.

It is even up to an edge of straight sides, beyond which all is darker, and it has strokes on it as nothing beside it
has. What is written, this module does not know.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.paper import LOGARITHMS, around, close

STEEP = 0.45, 0.25, 0.15, 0.09, 0.06  # change of the logarithm from which on there is an edge
LONGER = 120  # pixels of the longer side of a picture whose edges tell anything, at least
EDGED, MORE = 0.002, 1.03  # share of a picture with a sheet on it that is edge; times as much of it to look again
ALIKE = 2  # pixels by which two parts differ at most that are the same sheet
STROKE = 0.07  # of the longer side: a wider stroke is none
LOCAL = 0.4  # of the shorter side: what is around a stroke
LEAST, MOST = 0.015, 0.97  # share of the picture that is sheet
SOLID, SOLID_CUT = 0.82, 0.93  # share of its hull that a sheet fills; that goes on beyond the picture
SIDES, BENT, STRAIGHT = 6, 0.02, 0.9  # of the hull: corners at most, how far it may leave their sides, what they cover
DARKER, ROUND = 0.93, 0.85  # tone beyond the edge as a share of that within, at most, and for how much of the edge
NEAR, WITHIN, RIM = 5, 2, 1  # pixels beyond the edge that are its shadow still; within; of it that are cut off as well
FADING = 0.65  # share of the edge that is darker than what is further within, at most: it is the edge of a shadow
RINGED = 20  # pixels beyond the edge that are there to be compared, at least
DEEP = 0.35  # of the sheet's tone: what is darker, and goes on beyond the sheet, is table and no shadow
INK = 0.12  # relative darkness from which on a pixel of the sheet may be ink
WRITTEN = 0.0015, 0.5  # share of a sheet that is
AS_DARK, BESIDE = 0.6, 0.012  # of the sheet's dark ink: what is beside it and as dark, and its share there at most


def found_by_edge(small: Grey) -> Grey | None:
    """Return 255 on the sheet, (h, w) as the small copy of a picture; None when there is none."""
    if max(small.shape) < LONGER:
        return None
    tones = close(small, STROKE * max(small.shape))
    strokes = 1 - (small.astype(np.float32) + 8) / (tones.astype(np.float32) + 8)
    best = None
    for sheet in _sheets(tones):
        if (best is None or np.count_nonzero(sheet) < np.count_nonzero(best)) and _is_written(sheet, strokes):
            best = sheet
    if best is None or not _is_dark_on_light(small, best):
        return None
    return _shrunk(np.where(_table_within(best, tones), np.uint8(0), best), RIM)


def _sheets(tones: Grey) -> Iterator[Grey]:
    """Yield 255 on each place of the shape of a sheet that is lighter than what is around it."""
    logarithms = cv2.LUT(cv2.medianBlur(tones, 3), LOGARITHMS.astype(np.float32))
    across = np.ones((3, 3), np.uint8)
    steep = cv2.dilate(logarithms, across) - cv2.erode(logarithms, across)
    seen: list[NDArray[Any]] = []
    before = EDGED * tones.size
    for least in STEEP:
        even = cv2.threshold(steep, least, 1, cv2.THRESH_BINARY_INV)[1].astype(np.uint8)
        edge = tones.size - cv2.countNonZero(even)
        if edge < MORE * before:  # the same parts once more: to number them is what takes the time
            continue
        before = edge
        _, labels, stats, _ = cv2.connectedComponentsWithStats(even, connectivity=4)
        for label in 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= SOLID * LEAST * tones.size):
            if any(int(np.abs(stats[label, :4] - box).max()) <= ALIKE for box in seen):
                continue
            sheet = _outlined((labels == label).astype(np.uint8))
            if sheet is not None:
                seen.append(stats[label, :4])
                if _is_lighter(sheet, tones):
                    yield sheet


def _outlined(part: Grey) -> Grey | None:
    """Return 255 on the hull of a part of the picture; None when it has no sheet's size or shape."""
    outlines, _ = cv2.findContours(part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = np.asarray(cv2.convexHull(outlines[0]), np.int32)
    area = cv2.contourArea(hull)
    solid = SOLID if _is_whole(hull, part.shape) else SOLID_CUT
    if not LEAST * part.size <= area <= MOST * part.size or cv2.contourArea(outlines[0]) < solid * area:
        return None
    if not has_straight_sides(hull):
        return None
    return cv2.fillConvexPoly(np.zeros_like(part), hull, 255).astype(np.uint8, copy=False)


def has_straight_sides(hull: NDArray[np.int32]) -> bool:
    """Whether few straight lines make up (n, 1, 2) the corners of a convex shape; the picture may cut corners off."""
    corners = cv2.approxPolyDP(hull, BENT * cv2.arcLength(hull, True), True)
    return len(corners) <= SIDES and cv2.contourArea(corners) >= STRAIGHT * cv2.contourArea(hull)


def _is_whole(hull: NDArray[np.int32], shape: tuple[int, ...]) -> bool:
    """Whether a sheet lies in the picture with all of its edge."""
    left, top, width, height = cv2.boundingRect(hull)
    return min(left, top) > 1 and left + width < shape[1] - 1 and top + height < shape[0] - 1


def _is_lighter(sheet: Grey, tones: Grey) -> bool:
    """Whether nearly all just beyond the edge is darker than what is within, there, and not by and by: a shadow is."""
    beyond = (_grown(sheet, NEAR) > 0) & (_grown(sheet, NEAR - 2) == 0)
    if np.count_nonzero(beyond) < RINGED:
        return False
    rim = (sheet > 0) & (_shrunk(sheet, WITHIN) == 0)
    within, further = (
        _grown(np.where(part > 0, tones, np.uint8(0)), NEAR + 1) for part in (sheet, _shrunk(sheet, NEAR))
    )
    fading = float((tones[rim] < DARKER * further[rim]).mean())
    return fading <= FADING and float((tones[beyond] < DARKER * within[beyond]).mean()) >= ROUND


def _is_written(sheet: Grey, strokes: NDArray[np.float32]) -> bool:
    """Whether there is ink on the sheet, next to nothing as dark beside it, and none that goes on beyond its edge."""
    on = _shrunk(sheet, WITHIN) > 0
    beside = _grown(sheet, NEAR) == 0
    ink = strokes[on & (strokes > INK)]
    if not beside.any() or not WRITTEN[0] <= ink.size / max(1, np.count_nonzero(on)) <= WRITTEN[1]:
        return False
    dark = strokes > AS_DARK * np.quantile(ink, 0.8)
    if float(dark[beside].mean()) > BESIDE:
        return False
    count, found = cv2.connectedComponents(dark.astype(np.uint8), connectivity=8)
    labels = np.asarray(found, np.int32)
    both = (np.bincount(labels[on], minlength=count) > 0) & (np.bincount(labels[beside], minlength=count) > 0)
    return not both[1:].any()


def _table_within(sheet: Grey, tones: Grey) -> NDArray[np.bool_]:
    """Return where the table reaches into a hull: between two sheets that make one, or beside torn paper."""
    dark = (tones < DEEP * float(np.median(tones[sheet > 0]))).astype(np.uint8)
    count, found = cv2.connectedComponents(dark, connectivity=4)
    labels = np.asarray(found, np.int32)
    table = np.bincount(labels[sheet == 0], minlength=count) > 0
    table[0] = False
    return _grown(table[labels].astype(np.uint8), RIM) > 0


def _is_dark_on_light(small: Grey, sheet: Grey) -> bool:
    """Whether what is on the sheet is darker than it: else it is part of a board, and another is in the shade."""
    on = _shrunk(sheet, WITHIN) > 0
    alone = np.where(on, small, np.uint8(np.median(small[on])))
    apart = cv2.LUT(alone, LOGARITHMS) - cv2.LUT(around(alone, LOCAL), LOGARITHMS)
    return float((apart * apart * apart).sum()) < 0


def _shrunk(sheet: Grey, pixels: int) -> Grey:
    """Return a sheet without so many pixels at its edge; it goes on beyond the picture."""
    inner = np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)
    return cv2.erode(sheet, inner, borderType=cv2.BORDER_CONSTANT, borderValue=255).astype(np.uint8, copy=False)


def _grown(part: Grey, pixels: int) -> Grey:
    """Return the lightest tone within so many pixels of each."""
    return cv2.dilate(part, np.ones((2 * pixels + 1, 2 * pixels + 1), np.uint8)).astype(np.uint8, copy=False)
