"""Hands and pens: the same strokes as another hand would write them, in ink of any width, pressure and grain.

Makes coverage, how much of each pixel is inked; colour, paper and light are `scene`'s. Knows no labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data.strokes import SHIFT

Strokes = Sequence[NDArray[np.floating]]
Coverage = NDArray[np.float32]

FINE = 3  # times: drawn so much larger, then averaged
STEP = 0.04  # distance between two points of a resampled stroke, as a share of the digit's longer side
BEND = 4  # nodes a side of the coarse field that bends a hand


@dataclass(frozen=True)
class Pen:
    """What a pen leaves on paper.

    Attributes:
        width: of the stroke, as a share of the digit's longer side.
        pressure: largest relative change of the width along a stroke, 0-1.
        flat: how much narrower a stroke along `angle` is, 0-1: 0 is a ball, 0.7 a broad nib.
        angle: of a flat nib, radians.
        grain: share of the ink that the paper's tooth keeps off, 0-1: a pencil or a dry felt.
        gap: share of strokes' points where the ball skips, 0-1.
    """

    width: float = 0.06
    pressure: float = 0.0
    flat: float = 0.0
    angle: float = 0.0
    grain: float = 0.0
    gap: float = 0.0


def any_pen(rng: np.random.Generator) -> Pen:
    """Return a random pen: half of them balls, the rest nibs, felts and pencils."""
    width = float(np.exp(rng.uniform(np.log(0.022), np.log(0.2))))
    kind = rng.random()
    return Pen(
        width=width,
        pressure=float(rng.uniform(0, 0.45)),
        flat=float(rng.uniform(0.2, 0.7)) if 0.5 < kind < 0.7 else 0.0,
        angle=float(rng.uniform(0, np.pi)),
        grain=float(rng.uniform(0.1, 0.6)) if kind > 0.8 else 0.0,
        gap=float(rng.uniform(0, 0.04)) if rng.random() < 0.15 else 0.0,
    )


def vary(strokes: Strokes, rng: np.random.Generator, amount: float = 1.0) -> list[NDArray[np.float32]]:
    """Return strokes as another hand would write them: slanted, turned, stretched, bent and a little shaky.

    Args:
        strokes: each (k, 2), x to the right and y down, in any unit.
        rng: where the hand comes from.
        amount: 1 for as far as hands differ, 0 for a copy.

    Returns:
        As many strokes, (k, 2) float32, in a unit where the longer side is about 1.
    """
    points, ends = _unit(strokes)
    turn = amount * np.deg2rad(rng.normal(0, 5))
    slant = amount * rng.normal(0, 0.16)
    stretch = np.exp(amount * rng.normal(0, 0.14))
    linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [[stretch, -slant], [0, 1]]
    points = points @ linear.T
    points += _bend(points, amount * rng.uniform(0, 0.045), rng)
    points += rng.normal(0, amount * rng.uniform(0, 0.006), points.shape)
    return [stroke.astype(np.float32) for stroke in np.split(points, ends)]


def write(
    strokes: Strokes, height: int, width: int, pen: Pen, rng: np.random.Generator, *, box: tuple[float, float, float]
) -> Coverage:
    """Return how much of each pixel of a (height, width) sheet is inked, 0-1.

    Args:
        strokes: each (k, 2), x to the right and y down, in any unit.
        height: of the sheet, in pixels.
        width: of the sheet, in pixels.
        pen: what writes.
        rng: of the pressure, the gaps and the grain.
        box: middle x, middle y and longer side of the written strokes, in pixels.
    """
    points, ends = _unit(strokes)
    x, y, size = box
    fine = np.zeros((height * FINE, width * FINE), np.uint8)
    for stroke in np.split(points, ends):
        line = resample(stroke, STEP)
        middles = (line[1:] + line[:-1]) / 2
        along = np.arctan2(*(line[1:] - line[:-1]).T[::-1])
        wide = pen.width * (1 + pen.pressure * _wander(len(middles), rng))
        wide = wide * (1 - pen.flat * np.abs(np.cos(along - pen.angle)))
        thick = np.maximum(1, np.rint(wide * size * FINE)).astype(int)
        placed = (line * size + (x, y)) * FINE
        whole = np.rint(placed * (1 << SHIFT)).astype(np.int32)
        skip = rng.random(len(middles)) < pen.gap if pen.gap else np.zeros(len(middles), bool)
        for start, end, thickness, missing in zip(whole[:-1], whole[1:], thick.tolist(), skip.tolist(), strict=True):
            if not missing:
                cv2.line(fine, start.tolist(), end.tolist(), 255, thickness, cv2.LINE_8, SHIFT)
    coverage = (cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA) / np.float32(255)).astype(np.float32)
    return grainy(coverage, pen.grain, rng) if pen.grain else coverage


def grainy(coverage: Coverage, grain: float, rng: np.random.Generator) -> Coverage:
    """Take ink off in spots of one or two pixels, up to a share `grain` of it."""
    spots = cv2.GaussianBlur(rng.standard_normal(coverage.shape, dtype=np.float32), (0, 0), 0.7) * 2
    return coverage * np.clip(1 - grain * (0.5 + spots), 0, 1).astype(np.float32)


def resample(stroke: NDArray[np.floating], step: float) -> NDArray[np.float64]:
    """Return points along a stroke (k, 2), about `step` apart, its ends among them; at least two."""
    stroke = np.asarray(stroke, np.float64)
    lengths = np.hypot(*np.diff(stroke, axis=0).T) if len(stroke) > 1 else np.zeros(0)
    way = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, way[-1], max(2, round(way[-1] / step) + 1))
    return np.stack([np.interp(at, way, stroke[:, axis]) for axis in (0, 1)], axis=1)


def _unit(strokes: Strokes) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return all points, the longer side 1 and the middle of the box 0, and where to split them again."""
    points = np.concatenate([np.asarray(stroke, np.float64) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    ends = np.cumsum([len(stroke) for stroke in strokes])[:-1]
    return (points - (low + high) / 2) / max(float((high - low).max()), 1e-9), ends


def _bend(points: NDArray[np.float64], amount: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a smooth random displacement at each point, (k, 2), of standard deviation about `amount`."""
    field = rng.normal(0, amount, (BEND, BEND, 2)).astype(np.float32)
    at = ((points + 0.5) * (BEND - 1)).astype(np.float32)
    moved = cv2.remap(field, at[:, None, 0], at[:, None, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.float64).reshape(-1, 2)


def _wander(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return (count,) values between -1 and 1 that change slowly."""
    nodes = rng.uniform(-1, 1, max(2, count // 8 + 2))
    return np.interp(np.linspace(0, len(nodes) - 1, count), np.arange(len(nodes)), nodes)
