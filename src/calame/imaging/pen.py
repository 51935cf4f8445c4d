"""The step `pen`: the ink of a line of writing, apart from what is printed faintly underneath it.

`ink` looks for the one level at which the edges of ink lie. On a cheque most edges are those of a pattern against
forgery: there the steepest edges are asked, and what is connected to ink must be darker than the pattern. What is left
beside the darkest ink may be ink as well, a pencil's beside black print: it is asked once more, by itself. This module
tells pen from print by darkness alone; dark rules and boxes are `rules`'.
"""

from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame, Grey
from calame.imaging.ink import BLANK, Slopes, hysteresis
from calame.imaging.quantiles import of_counts, percentile

STEEP = 0.98  # share of the pixels that are less steep than the edges that are asked
HALF = 0.5  # of that steepness counts as well
AROUND = 0.06  # of the height: what is so near to ink is its fringe and says nothing of the pattern
PRINTED = 0.97  # share of the paper away from ink that is at most as dark as the pattern
SPREAD_OUT = 0.8  # the same of a pattern that covers more of the paper than a number does
TWICE = 2.0  # times as dark as such a pattern is paler ink
CLEARLY = 6.0  # times as dark as the paper's spread, which a pattern has much of, is paler ink
SPECK = 12  # pixels: what is smaller is no stroke
CORE = 0.5  # of the ink's darkness, from which on a pixel is inside a stroke
ALONG = 0.6  # of the height of the strokes: what runs on so far, level or upright, runs straight
STRAIGHT = 0.75  # of a piece that runs straight: then it is a rule, or a side of a box
BENT = 0.3  # of the paler ink, at least, that is in other pieces


class Paper(NamedTuple):
    """How dark paper is, 0-255: the median, and its spread, the standard deviation that the median one means."""

    tone: float
    spread: float


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
        pale: ink beside the darkest is at least this dark, as a share of it.
    """

    faint: float = 0.32
    strong: float = 0.65
    clear: float = 1.15
    highest: float = 0.55
    least: float = 0.05
    noise: float = 1.2
    pale: float = 0.22

    def __call__(self, frame: Frame) -> Frame:
        if frame.known is not None and frame.known.answers(self, frame):
            return frame.known.made
        dark = 255 - frame.pixels
        counts = _counts(dark)
        paper = _paper(counts)
        slopes = Slopes(frame.pixels)
        depth = _depth(dark, counts, slopes) - paper.tone
        if depth < 255 * max(self.least, self.noise * paper.spread / 255):
            blank = int(dark.max()) - int(dark.min()) < 255 * BLANK
            return frame._replace(pixels=np.zeros_like(frame.pixels), rejected="blank" if blank else "no_ink")
        edge = slopes.edge(depth)
        pixels, kept = self._inked(dark, paper, depth, edge)
        paler = self._paler(dark, paper, depth, edge, kept)
        if paler is not None:
            pixels = cv2.max(pixels, paler).astype(np.uint8, copy=False)
        return frame._replace(pixels=pixels, contrast=depth / 255, noise=paper.spread / depth, edge=edge)

    def _inked(self, dark: Grey, paper: Paper, depth: float, edge: float) -> tuple[Grey, Grey]:
        """Return the ink of one darkness, 255 on 0, and 255 where it is, its fringe included."""
        printed = _pattern(dark, paper.tone + self.strong * depth) - paper.tone
        faint = float(np.clip(self.clear * printed / depth, self.faint, self.highest))
        levels = [int(255 - paper.tone - share * depth) for share in (faint, self.strong)]
        kept = _with_fringe(hysteresis(255 - dark, *levels), edge)
        ink = np.clip((np.arange(256) - paper.tone) * (255 / depth) + 0.5, 0, 255).astype(np.uint8)
        ink[np.arange(256) < paper.tone + max(0.1 * depth, min(3 * paper.spread, faint * depth))] = 0
        return cv2.bitwise_and(cv2.LUT(dark, ink), kept).astype(np.uint8, copy=False), kept

    def _paler(self, dark: Grey, paper: Paper, depth: float, edge: float, kept: Grey) -> Grey | None:
        """Return the ink, 255 on 0, that is paler than the darkest and clear of it; None where there is none."""
        near = _with_fringe(kept, edge)
        away = cv2.bitwise_not(near).astype(np.uint8, copy=False)
        counts = _counts(dark, away)
        if not counts.any():
            return None
        pattern = of_counts(counts, SPREAD_OUT) - paper.tone
        least = max(self.pale * depth, TWICE * pattern, CLEARLY * paper.spread)
        if counts[min(255, int(paper.tone + least)) :].sum() < SPECK:
            return None
        rest = np.where(near > 0, np.uint8(round(paper.tone)), dark)
        slopes = Slopes(255 - rest)
        own = _depth(rest, counts, slopes) - paper.tone
        if not least <= own < depth:
            return None
        pixels, _ = self._inked(rest, paper, own, slopes.edge(own))
        return pixels if _has_bends(pixels) else None


def _with_fringe(kept: Grey, edge: float) -> Grey:
    """Return where ink is, 255 on 0, with the pixels around it over which an edge rises."""
    around = cv2.dilate(kept, np.ones((3, 3), np.uint8), iterations=max(1, round(edge / 2)))
    return around.astype(np.uint8, copy=False)


def _has_bends(pixels: Grey) -> bool:
    """Whether ink (h, w), 255 on 0, is more than straight rules and sides of boxes."""
    inside = (pixels > 255 * CORE).astype(np.uint8)
    count, labels, facts, _ = cv2.connectedComponentsWithStats(inside, connectivity=8)
    facts = np.asarray(facts)
    strokes = np.flatnonzero(facts[:, cv2.CC_STAT_AREA] >= SPECK)[1:]
    if not strokes.size:
        return False
    areas = facts[strokes, cv2.CC_STAT_AREA]
    run = max(5, int(ALONG * percentile(facts[strokes, cv2.CC_STAT_HEIGHT], 0.75)))
    level, upright = (
        cv2.morphologyEx(inside, cv2.MORPH_OPEN, np.ones(size, np.uint8)) for size in ((1, run), (run, 1))
    )
    along = cv2.max(level, upright)
    straight = np.bincount(np.asarray(labels)[along > 0], minlength=count)[strokes] / areas
    return bool(areas[straight < STRAIGHT].sum() >= BENT * areas.sum())


def _paper(counts: NDArray[np.int64]) -> Paper:
    """Return how dark the paper is."""
    paper = of_counts(counts, 0.5)
    away = np.abs(2 * np.arange(256) - round(2 * paper))  # the median may lie between two levels
    return Paper(paper, 1.4826 * of_counts(np.bincount(away, counts), 0.5) / 2)


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
