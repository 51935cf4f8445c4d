"""Where the darkest ink of a picture is gathered: what is worth a closer look when all of it says nothing.

A digit that is small on a photo is lost among what else is on it: ruling, the edge of a sheet, a shadow. It is darker
than these nearly always, and in one place. This module finds the place; it does not know what a digit is.
"""

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame
from calame.imaging.recipe import Recipe, before
from calame.types import Box, Picture

TOP, FEWEST = 2e-4, 20  # share of the pixels whose mean is how dark the darkest ink is, and pixels at least
HALF = 0.5  # of that, from which on a pixel is of it
DARK = 8  # grey levels, at least: paper varies by less
BRIDGED = 0.02  # of the longer side: what is so near to each other is of one place
AT_BORDER = 0.1  # of its weight has what touches the border: the desk, a finger, a shadow
ALONE = 0.25  # of its weight has every other place at most: else nobody knows which is meant
ROOM = 1.0  # of the longer side of the ink: what is shown around it
MOST = 0.6  # of the picture: a larger part of it is no closer look
LEAST = 16  # pixels a side: a smaller part shows none


def closer(picture: Picture, recipe: Recipe) -> Picture | None:
    """Return the part of a picture around its darkest ink, with room on each side; None where that is nearly all of it.

    Args:
        picture: which.
        recipe: how it is prepared: the paper is made even as it says, up to the step `ink`, or up to `lines`: what is
            left of ruling that was half rubbed out may be as dark as ink.
    """
    if min(picture.pixels.shape[:2]) < LEAST:
        return None
    frames = before(("lines", "ink"), recipe, picture)
    parts = (_part(picture, frames[name]) for name in ("ink", "lines") if name in frames)
    return next((part for part in parts if part is not None), None)


def _part(picture: Picture, frame: Frame) -> Picture | None:
    """Return the part of a picture around the darkest ink of a frame of it."""
    ink = None if frame.even else _darkest(255 - frame.pixels)  # a drawing has nothing beside its ink
    if ink is None:
        return None
    height, width = picture.pixels.shape[:2]
    room = ROOM * max(ink.width, ink.height)
    left, right = ((side / frame.scale) + frame.left for side in (ink.left - room, ink.right + room))
    top, bottom = ((side / frame.scale) + frame.top for side in (ink.top - room, ink.bottom + room))
    box = Box(max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom)))
    if min(box.width, box.height) < LEAST or box.width * box.height > MOST * width * height:
        return None
    part = picture.pixels[box.top : box.bottom, box.left : box.right]
    return replace(picture, pixels=np.ascontiguousarray(part))


def _darkest(dark: NDArray[np.uint8]) -> Box | None:
    """Return where darkness (h, w), 0-255, that stands out is gathered most; None where none does."""
    apart = dark - np.minimum(dark, np.uint8(np.median(dark)))
    count = min(apart.size, max(FEWEST, round(TOP * apart.size)))
    level = HALF * float(np.partition(apart.ravel(), -count)[-count:].mean())
    if level < DARK:
        return None
    inked = (apart >= level).astype(np.uint8)
    side = max(3, round(BRIDGED * max(dark.shape)) | 1)
    places = cv2.morphologyEx(inked, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    count, labels, facts, _ = cv2.connectedComponentsWithStats(places, connectivity=8)
    weights = np.bincount(np.asarray(labels).ravel(), (apart * inked).ravel(), count)
    boxes = np.asarray(facts)[:, :4].astype(int)
    boxes[:, 2:] += boxes[:, :2]
    height, width = dark.shape
    at_border = (boxes[:, :2] <= 1).any(axis=1) | (boxes[:, 2] >= width - 1) | (boxes[:, 3] >= height - 1)
    weights = weights[1:] * np.where(at_border, AT_BORDER, 1.0)[1:]
    if not weights.size:
        return None
    second, first = np.sort(np.append(weights, 0.0))[-2:]
    return Box(*boxes[1 + int(weights.argmax())].tolist()) if second <= ALONE * first else None
