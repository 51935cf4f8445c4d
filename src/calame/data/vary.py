"""A levelled line as it might have been written and seen as well: stretched, slanted, bent, blurred, scratched.

Cheap, so that a line can be changed anew each time that a network learns from it. Knows no labels.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Line = NDArray[np.uint8]


@dataclass(frozen=True)
class Variation:
    """How far a line is changed at most, or its standard deviation; lengths in pixels, chances 0-1."""

    stretch: float = 0.17
    slant: float = 0.13
    slope: float = 0.012
    lower: float = 0.22
    shift: float = 1.5
    bend: float = 0.9
    levels: float = 0.5
    blur: float = 0.4
    scratch: float = 0.12
    specks: float = 0.12

    def __call__(self, pixels: Line, rng: np.random.Generator) -> Line:
        """Return the line as it might have been written and seen as well; its width changes."""
        moved = self._moved(pixels, rng)
        if rng.random() < self.scratch:
            _scratch(moved, rng)
        if rng.random() < self.specks:
            _specks(moved, rng)
        if rng.random() < self.blur:
            moved = cv2.GaussianBlur(moved, (0, 0), float(rng.uniform(0.3, 0.9)))
        if rng.random() < self.levels:
            moved = moved - np.minimum(moved, np.uint8(rng.integers(0, 71)))
            moved = cv2.convertScaleAbs(moved, alpha=float(rng.uniform(0.75, 1.8)))
        return moved.astype(np.uint8, copy=False)

    def _moved(self, pixels: Line, rng: np.random.Generator) -> Line:
        """Stretch, slant, tilt, shift and bend, in one."""
        high, width = pixels.shape
        stretch = float(np.exp(np.clip(rng.normal(0, self.stretch), -0.45, 0.45)))
        wide = 4 * math.ceil(width * stretch / 4)
        tall = float(1 - self.lower * rng.beta(1, 2.5) + 0.05 * rng.random())
        slant, slope = rng.normal(0, self.slant), rng.normal(0, self.slope)
        rows = np.arange(high, dtype=np.float32)[:, None] - (high - 1) / 2
        columns = np.arange(wide, dtype=np.float32)[None] - (wide - 1) / 2
        down, across = rng.normal(0, self.shift), rng.uniform(-3, 3)
        x = columns / np.float32(stretch) + np.float32(slant) * rows + np.float32((width - 1) / 2 + across)
        y = rows / np.float32(tall) + np.float32(slope) * columns + np.float32((high - 1) / 2 + down)
        if self.bend:
            field = rng.normal(0, rng.uniform(0, self.bend), (2, 4, max(3, wide // 10))).astype(np.float32)
            x = x + cv2.resize(field[0], (wide, high), interpolation=cv2.INTER_LINEAR)
            y = y + cv2.resize(field[1], (wide, high), interpolation=cv2.INTER_LINEAR)
        return cv2.remap(pixels, x, y, cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _scratch(pixels: Line, rng: np.random.Generator) -> None:
    """Draw a thin line, in ink or rubbed out, in place."""
    high, width = pixels.shape
    for _ in range(int(rng.integers(1, 3))):
        x, y = int(rng.integers(0, width)), int(rng.integers(0, high))
        angle, long = rng.uniform(0, np.pi), rng.uniform(4, 24)
        end = int(x + long * np.cos(angle)), int(y + long * np.sin(angle))
        cv2.line(pixels, (x, y), end, int(rng.choice([0, 0, 130, 200])), 1)


def _specks(pixels: Line, rng: np.random.Generator) -> None:
    """Put a few specks of ink down, in place."""
    for _ in range(int(rng.integers(1, 5))):
        x, y = int(rng.integers(0, pixels.shape[1])), int(rng.integers(0, len(pixels)))
        cv2.circle(pixels, (x, y), int(rng.integers(0, 2)), int(rng.integers(80, 255)), -1)
