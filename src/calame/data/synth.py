"""Pictures of digits to learn from, made of digits that somebody wrote: strokes or scans, on any paper, by any pen.

`Written` is one digit as it was collected; `picture_of` lays it on a sheet, perhaps with cut-off neighbours, and
photographs it. Everything random comes from the generator that is passed in.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import glyphs, pens, scene
from calame.data.pens import Coverage
from calame.data.scene import Conditions, Picture

SIDES = 26, 170  # pixels of the longer side of a made picture: a crop from a form to a small photo
EVEN = Conditions(lines=0, through=0, dark=0.5, colour=0, shade=0, shadow=0, blur=0.3, noise=0.2, jpeg=0.2, faint=0)


@dataclass(frozen=True, eq=False)
class Written:
    """One digit as it was written down: pen strokes, or a scan.

    Attributes:
        label: 0-9.
        strokes: each (k, 2), x to the right and y down; or None.
        scan: (h, w) uint8, ink bright on 0; or None.
    """

    label: int
    strokes: tuple[NDArray[np.floating], ...] | None = None
    scan: NDArray[np.uint8] | None = None


def european(label: int, rng: np.random.Generator) -> Written:
    """Return a digit in one of the forms of `glyphs`."""
    return Written(label, strokes=tuple(glyphs.draw(label, rng)))


def picture_of(
    digit: Written,
    rng: np.random.Generator,
    *,
    neighbours: Sequence[Written] = (),
    how: Conditions | None = None,
) -> Picture:
    """Return a photo-like picture (h, w, 3) uint8 of a digit.

    Args:
        digit: what is to be read; it lies about the middle, and is the largest.
        rng: of size, place, hand, pen, paper, light and camera.
        neighbours: digits of which the border of the picture cuts off some.
        how: how often which condition; None for `Conditions()`.
    """
    longer = int(np.exp(rng.uniform(*np.log(SIDES))))
    aspect = np.exp(rng.normal(0, 0.18))
    height, width = (
        (longer, max(24, round(longer / aspect))) if aspect > 1 else (max(24, round(longer * aspect)), longer)
    )
    size = min(height, width) * (rng.uniform(0.62, 0.93) if neighbours else rng.uniform(0.32, 0.92))
    room = (np.array([width, height]) - size) / 2
    x, y = np.array([width, height]) / 2 + room * np.clip(rng.normal(0, 0.35, 2), -0.9, 0.9)
    pen = pens.any_pen(rng)
    ink = ink_of(digit, height, width, pen, rng, box=(x, y, size))
    for neighbour in neighbours:
        ink = np.maximum(ink, _beside(neighbour, ink, pen, rng, size=size * rng.uniform(0.8, 1.1)))
    return scene.photograph(ink, rng, how)


def ink_of(
    digit: Written,
    height: int,
    width: int,
    pen: pens.Pen,
    rng: np.random.Generator,
    *,
    box: tuple[float, float, float],
    vary: float = 1.0,
) -> Coverage:
    """Return the coverage (height, width), 0-1, of a digit written into a box.

    Args:
        digit: what is written.
        height: of the sheet, in pixels.
        width: of the sheet, in pixels.
        pen: what writes strokes; a scan has its own pen, and is thickened or thinned a little.
        rng: of the hand.
        box: middle x, middle y and longer side, in pixels.
        vary: 1 for as far as hands differ, 0 for as it was collected.
    """
    if digit.strokes is not None:
        strokes = pens.vary(digit.strokes, rng, vary) if vary else digit.strokes
        return pens.write(strokes, height, width, pen, rng, box=box)
    if digit.scan is None:
        raise ValueError("a Written needs strokes or a scan")
    return _lay(digit.scan, height, width, rng, box=box, vary=vary)


def _lay(
    scan: NDArray[np.uint8],
    height: int,
    width: int,
    rng: np.random.Generator,
    *,
    box: tuple[float, float, float],
    vary: float,
) -> Coverage:
    """Return a scan's ink laid into a box: slanted, turned, stretched, its stroke smoothed and changed in width."""
    rows, columns = np.flatnonzero(scan.max(axis=1) > 64), np.flatnonzero(scan.max(axis=0) > 64)
    left, right, top, bottom = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    x, y, size = box
    zoom = size / max(right - left, bottom - top)
    turn, slant = vary * np.deg2rad(rng.normal(0, 4)), vary * rng.normal(0, 0.12)
    stretch = np.exp(vary * rng.normal(0, 0.1))
    linear = (
        zoom * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[stretch, -slant], [0, 1]]
    )
    middle = np.array([(left + right - 1) / 2, (top + bottom - 1) / 2])
    matrix = np.hstack([linear, (np.array([x, y]) - linear @ middle)[:, None]])
    soft = cv2.GaussianBlur(scan, (0, 0), 0.5) if zoom > 1 else scan
    laid = cv2.warpAffine(soft, matrix, (width, height), flags=cv2.INTER_CUBIC if zoom > 1 else cv2.INTER_AREA)
    ink = laid.astype(np.float32) / 255
    # A scan enlarged is a blur: a steeper edge, at a level of its own, makes it ink of another width.
    level = 0.45 + vary * rng.uniform(-0.2, 0.2)
    return np.clip((ink - level) * max(1.0, min(zoom, 6.0)) + 0.5, 0, 1).astype(np.float32)


def _beside(digit: Written, ink: Coverage, pen: pens.Pen, rng: np.random.Generator, *, size: float) -> Coverage:
    """Return the ink of a neighbour that the left or the right border cuts, kept a little off what is there."""
    height, width = ink.shape
    columns = np.flatnonzero(ink.max(axis=0) > 0.3)
    first, last = (int(columns[0]), int(columns[-1])) if columns.size else (width // 2, width // 2)
    right = rng.random() < 0.5
    y = height / 2 + rng.normal(0, 0.06) * height
    x = width + rng.uniform(-0.1, 0.4) * size if right else -rng.uniform(-0.1, 0.4) * size
    other = ink_of(digit, height, width, pen, rng, box=(x, y, size))
    gap = max(2, round(0.03 * width))
    if right:
        other[:, : last + gap] = 0
    else:
        other[:, max(0, first - gap + 1) :] = 0
    return other
