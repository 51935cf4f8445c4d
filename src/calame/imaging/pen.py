"""The step `pen`: the ink of a line of writing, apart from what is printed faintly underneath it.

`ink` looks for the one level at which the edges of ink lie. On a cheque most edges are those of a pattern against
forgery: there the steepest edges are asked, and what is connected to ink must be darker than the pattern. This module
tells pen from print by darkness alone; dark rules and boxes are `rules`'.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame
from calame.imaging.ink import BLANK, Slopes, hysteresis
from calame.imaging.quantiles import of_counts, percentile

STEEP = 0.98  # share of the pixels that are less steep than the edges that are asked
HALF = 0.5  # of that steepness counts as well
AROUND = 0.06  # of the height: what is so near to ink is its fringe and says nothing of the pattern
PRINTED = 0.97  # share of the paper away from ink that is at most as dark as the pattern


@dataclass(frozen=True)
class Pen:
    """Stretch the paper's tone to 0 and the pen's ink to 255, and keep only what is connected to real ink.

    Args:
        faint: pixels at least this dark, as a share of the ink's darkness, are ink if connected to strong ones.
        strong: pixels at least this dark are ink for sure.
        clear: connected ones must be this many times as dark as the pattern.
        highest: and yet no more is asked of them than this.
        least: darkness of ink, 0-1.
        noise: ink must be this many times darker than the paper's noise.
    """

    faint: float = 0.32
    strong: float = 0.65
    clear: float = 1.15
    highest: float = 0.55
    least: float = 0.05
    noise: float = 1.2

    def __call__(self, frame: Frame) -> Frame:
        if frame.known is not None and frame.known.answers(self, frame):
            return frame.known.made
        dark = 255 - frame.pixels
        counts = _counts(dark)
        paper, spread = _paper(counts)
        slopes = Slopes(frame.pixels)
        depth = _depth(dark, counts, slopes) - paper
        if depth < 255 * max(self.least, self.noise * spread / 255):
            blank = int(dark.max()) - int(dark.min()) < 255 * BLANK
            return frame._replace(pixels=np.zeros_like(frame.pixels), rejected="blank" if blank else "no_ink")
        printed = _pattern(dark, paper + self.strong * depth) - paper
        faint = float(np.clip(self.clear * printed / depth, self.faint, self.highest))
        levels = [int(255 - paper - share * depth) for share in (faint, self.strong)]
        kept = hysteresis(frame.pixels, *levels)
        edge = slopes.edge(depth)
        kept = cv2.dilate(kept, np.ones((3, 3), np.uint8), iterations=max(1, round(edge / 2)))
        ink = np.clip((np.arange(256) - paper) * (255 / depth) + 0.5, 0, 255).astype(np.uint8)
        ink[np.arange(256) < paper + max(0.1 * depth, min(3 * spread, faint * depth))] = 0
        pixels = cv2.bitwise_and(cv2.LUT(dark, ink), kept).astype(np.uint8, copy=False)
        return frame._replace(pixels=pixels, contrast=depth / 255, noise=spread / depth, edge=edge)


def _paper(counts: NDArray[np.int64]) -> tuple[float, float]:
    """Return how dark the paper is, the median, and its spread: the standard deviation that the median one means."""
    paper = of_counts(counts, 0.5)
    away = np.abs(2 * np.arange(256) - round(2 * paper))  # the median may lie between two levels
    return paper, 1.4826 * of_counts(np.bincount(away, counts), 0.5) / 2


def _depth(dark: NDArray[np.uint8], counts: NDArray[np.int64], slopes: Slopes) -> float:
    """Return how dark ink is, 0-255: the upper quartile of what is darker than its edges, which are the steepest."""
    steep = cv2.magnitude(slopes.across, slopes.down)
    edges = steep >= max(HALF * percentile(steep.ravel(), STEEP), 1.0)
    if not edges.any():
        return 0.0
    weights = steep[edges]
    half = float((dark[edges] * weights).sum() / weights.sum())
    inside = counts * (np.arange(256) > half)
    return of_counts(inside, 0.75) if inside.any() else 0.0


def _pattern(dark: NDArray[np.uint8], strong: float) -> float:
    """Return how dark the print on the paper is, 0-255, away from what is ink for sure."""
    sure = (dark >= strong).astype(np.uint8)
    reach = max(1, round(AROUND * min(dark.shape)))
    near = cv2.dilate(sure, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    counts = _counts(dark, 1 - near)
    return of_counts(counts, PRINTED) if counts.any() else 0.0


def _counts(dark: NDArray[np.uint8], mask: NDArray[np.uint8] | None = None) -> NDArray[np.int64]:
    """Return how often each darkness (256,) is there, of all pixels or where the mask is not 0."""
    return np.asarray(cv2.calcHist([dark], [0], mask, [256], [0, 256]), np.int64).ravel()
