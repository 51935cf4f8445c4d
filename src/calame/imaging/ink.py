"""The step `ink`: from dark on white to ink 255 on 0, without the paper's noise; and the steps on the stroke.

How dark ink is, is read off the picture itself: a pencil on grey paper comes out as black on white does.
This module tells ink from paper, pixel by pixel and by what is connected; it does not know what a digit is.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame
from calame.imaging.paper import centre_weight
from calame.imaging.quantiles import percentile

ENOUGH = 10_000  # pixels to find a median on
BLANK = 0.04  # relative darkness: a picture that varies by less is blank


@dataclass(frozen=True)
class Ink:
    """Stretch the paper's tone to 0 and the ink's to 255, and keep only what is connected to real ink.

    Args:
        faint: pixels at least this dark, as a share of the ink's darkness, are ink if connected to strong ones.
        strong: pixels at least this dark are ink for sure (both: Canny's hysteresis).
        noise: ink must be this many times darker than the paper's noise.
        least: and at least this much darker than the paper, 0-1.
    """

    faint: float = 0.35
    strong: float = 0.6
    noise: float = 2.0
    least: float = 0.06

    def __call__(self, frame: Frame) -> Frame:
        counts = np.asarray(cv2.calcHist([frame.pixels], [0], None, [256], [0, 256]), np.float64).ravel()[::-1]
        paper = _quantile(counts, 0.5)  # `counts` is by darkness, and all medians are read off it
        apart = np.bincount(np.abs(np.arange(256) - paper), counts).astype(np.float64)
        spread = 1.4826 * _quantile(apart, 0.5)  # of normal noise: its standard deviation
        slopes = Slopes(frame.pixels)
        depth = _level(counts, slopes, spread) - paper
        if depth < 255 * max(self.least, self.noise * spread / 255):
            darks = np.flatnonzero(counts)
            blank = int(darks[-1] - darks[0]) < 255 * BLANK
            return frame._replace(pixels=np.zeros_like(frame.pixels), rejected="blank" if blank else "no_ink")
        # 0 for paper, 255 for ink, by darkness; the pixels themselves are brightness.
        ink = (255 - np.arange(256) - paper) * (255 / depth)
        edge = slopes.edge(depth)
        table = np.clip(ink + 0.5, 0, 255).astype(np.uint8)
        table[ink < min(25.5, 255 * 3 * spread / depth)] = 0
        kept = hysteresis(
            frame.pixels, *(int(np.flatnonzero(ink >= 255 * share)[-1]) for share in (self.faint, self.strong))
        )
        kept = cv2.dilate(kept, np.ones((3, 3), np.uint8), iterations=max(1, round(edge / 2)))
        pixels = cv2.bitwise_and(cv2.LUT(frame.pixels, table), kept).astype(np.uint8, copy=False)
        return frame._replace(pixels=pixels, contrast=depth / 255, noise=spread / depth, edge=edge)


@dataclass(frozen=True)
class Stroke:
    """Bring a stroke towards MNIST's, half of which are 2.0 to 2.8 pixels wide: widen a thin one, narrow a fat one.

    Args:
        least: width to reach, in pixels of the final picture.
        most: width from which on a stroke is narrowed to it, in pixels of the final picture.
        side: pixels that the longer side of the digit will have there.
    """

    least: float = 1.3
    most: float = 28  # as wide as the picture: narrows nothing
    side: int = 20

    def __call__(self, frame: Frame) -> Frame:
        unit = max(frame.pixels.shape) / self.side
        width = stroke_width(frame.pixels)
        grow, shrink = round(self.least * unit - width), round(width - self.most * unit)
        if grow < 1 and shrink < 2:
            return frame
        if grow < 1:
            cut = shrink // 2
            thin = cv2.erode(frame.pixels, _round(2 * cut + 1), borderType=cv2.BORDER_CONSTANT, borderValue=0)
            return frame._replace(pixels=thin[cut:-cut, cut:-cut].astype(np.uint8, copy=False))
        roomy = cv2.copyMakeBorder(frame.pixels, grow, grow, grow, grow, cv2.BORDER_CONSTANT, value=0)
        return frame._replace(pixels=cv2.dilate(roomy, _round(grow + 1)).astype(np.uint8, copy=False))


def _round(side: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)


@dataclass(frozen=True)
class Contrast:
    """Bring the darkest ink to 255: a stroke thinner than a pixel has become grey when it was scaled down.

    Args:
        most: the ink is made at most this many times darker.
    """

    most: float = 6.0

    def __call__(self, frame: Frame) -> Frame:
        ink = frame.pixels[frame.pixels > 0]
        gain = min(self.most, 255 / max(percentile(ink, 0.95), 1)) if ink.size else 1.0
        return frame._replace(pixels=cv2.convertScaleAbs(frame.pixels, alpha=gain).astype(np.uint8, copy=False))


@dataclass(frozen=True)
class Clahe:
    """Equalise the grey levels tile by tile (CLAHE; Zuiderveld, "Graphics Gems IV", 1994). Off by default.

    Args:
        limit: of the contrast; 1 changes hardly anything.
        tiles: a side.
    """

    limit: float = 2.0
    tiles: int = 4

    def __call__(self, frame: Frame) -> Frame:
        equalise = cv2.createCLAHE(self.limit, (int(self.tiles), int(self.tiles)))
        return frame._replace(pixels=equalise.apply(frame.pixels).astype(np.uint8, copy=False))


def stroke_width(ink: NDArray[np.uint8]) -> float:
    """Return the mean width of the strokes of (h, w) ink in pixels: twice the area by the length of the outline.

    The outline's length is the integral of the gradient, which blur does not change.
    """
    padded = cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0).astype(np.float32)
    corner = padded[:-1, :-1]
    length = cv2.magnitude(padded[:-1, 1:] - corner, padded[1:, :-1] - corner)
    return 2 * cv2.sumElems(ink)[0] / max(cv2.sumElems(length)[0], 1.0)


def darkness(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return 0 for white to 1 for black, the shape kept."""
    return np.float32(1) - pixels.astype(np.float32) / np.float32(255)


class Slopes:
    """The gradient of (h, w) uint8 pixels, in grey levels a pixel."""

    def __init__(self, pixels: NDArray[np.uint8]) -> None:
        self.pixels = pixels
        self.across = cv2.Sobel(pixels, cv2.CV_32F, 1, 0, scale=1 / 8)
        self.down = cv2.Sobel(pixels, cv2.CV_32F, 0, 1, scale=1 / 8)

    def half(self, least: float) -> float:
        """Return the mean darkness, 0-255, weighted by what is steeper than `least`; 255 when nothing is."""
        steep = cv2.max(np.abs(self.across), np.abs(self.down))
        cv2.threshold(steep, least, 0, cv2.THRESH_TOZERO, dst=steep)
        cv2.multiply(steep, centre_weight(*self.pixels.shape), dst=steep)
        total = float(steep.sum())
        return 255 - float(np.vdot(steep, self.pixels.astype(np.float32))) / total if total else 255.0

    def edge(self, depth: float) -> float:
        """Return over how many pixels the steepest edges rise by `depth`; 1 is as crisp as pixels are, 0 for none."""
        slope = cv2.magnitude(self.across, self.down)
        steep = slope[slope > 0.05 * depth]
        return 1 / min(1.0, max(0.02, percentile(steep, 0.9) / depth)) if steep.size else 0.0


def _quantile(counts: NDArray[np.float64], share: float) -> int:
    """Return the value below or at which a share of all lies; `counts[v]` is how often v is there."""
    return int(np.searchsorted(np.cumsum(counts), share * counts.sum()))


def _level(counts: NDArray[np.float64], slopes: Slopes, spread: float) -> float:
    """Return how dark ink is, 0-255: the upper quartile of what is darker than the edges of the ink.

    The mean darkness weighted by the gradient lies half way up the edges, however little ink there is (the
    simple image statistic of Kittler, Illingworth and Föglein, "Threshold selection based on a simple image
    statistic", 1985).
    """
    inside = counts.copy()
    inside[: int(slopes.half(max(5.0, spread / 2))) + 1] = 0
    return _quantile(inside, 0.75) if inside.any() else 0


def hysteresis(pixels: NDArray[np.uint8], faint: int, strong: int) -> NDArray[np.uint8]:
    """Return 255 where `pixels` are at most `faint` and connected to some that are at most `strong`, 0 elsewhere."""
    some = cv2.threshold(pixels, faint, 255, cv2.THRESH_BINARY_INV)[1]  # a third of the time of `inRange`
    count, labels = cv2.connectedComponents(some, connectivity=8)
    if count == 2 and cv2.minMaxLoc(pixels)[0] <= strong:  # one piece, and what is darkest is in it
        return some.astype(np.uint8, copy=False)
    sure = np.zeros(count, np.uint8)
    pieces = np.asarray(labels, np.int32)
    sure[pieces[pixels <= strong]] = 255
    sure[0] = 0
    if sure[1:].all():
        return some.astype(np.uint8, copy=False)
    return sure[pieces]
