"""The step `ink`: from dark on white to ink 255 on 0, without the paper's noise; and the steps on the stroke.

How dark ink is, is read off the picture itself: a pencil on grey paper comes out as black on white does.
This module tells ink from paper, pixel by pixel and by what is connected; it does not know what a digit is.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame
from calame.imaging.paper import centre_weight

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
        dark = darkness(frame.pixels)
        some = dark[::2, ::2] if dark.size > 4 * ENOUGH else dark
        paper = float(np.median(some))
        spread = 1.4826 * float(np.median(np.abs(some - paper)))  # of normal noise: its standard deviation
        level = _level(dark, spread)
        if level - paper < max(self.least, self.noise * spread):
            blank = float(np.ptp(dark)) < BLANK
            return replace(frame, pixels=np.zeros_like(frame.pixels), rejected="blank" if blank else "no_ink")
        ink = ((dark - paper) / (level - paper)).astype(np.float32, copy=False)
        edge = _edge(ink)
        kept = cv2.dilate(
            hysteresis(ink, self.faint, self.strong), np.ones((3, 3), np.uint8), iterations=max(1, round(edge / 2))
        )
        ink[(kept == 0) | (ink < min(0.1, 3 * spread / (level - paper)))] = 0
        pixels = np.clip(ink * 255 + 0.5, 0, 255).astype(np.uint8)
        return replace(frame, pixels=pixels, contrast=level - paper, noise=spread / (level - paper), edge=edge)


@dataclass(frozen=True)
class Stroke:
    """Widen a stroke that would come out thinner than MNIST's (half of theirs are 2.0 to 2.8 pixels wide).

    Args:
        least: width to reach, in pixels of the final picture.
        side: pixels that the longer side of the digit will have there.
    """

    least: float = 1.3
    side: int = 20

    def __call__(self, frame: Frame) -> Frame:
        unit = max(frame.pixels.shape) / self.side
        grow = round(self.least * unit - stroke_width(frame.pixels))
        if grow < 1:
            return frame
        roomy = cv2.copyMakeBorder(frame.pixels, grow, grow, grow, grow, cv2.BORDER_CONSTANT, value=0)
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grow + 1, grow + 1))
        return replace(frame, pixels=cv2.dilate(roomy, kernel).astype(np.uint8, copy=False))


@dataclass(frozen=True)
class Contrast:
    """Bring the darkest ink to 255: a stroke thinner than a pixel has become grey when it was scaled down.

    Args:
        most: the ink is made at most this many times darker.
    """

    most: float = 6.0

    def __call__(self, frame: Frame) -> Frame:
        ink = frame.pixels[frame.pixels > 0]
        gain = min(self.most, 255 / max(float(np.percentile(ink, 95)), 1)) if ink.size else 1.0
        return replace(frame, pixels=cv2.convertScaleAbs(frame.pixels, alpha=gain).astype(np.uint8, copy=False))


def stroke_width(ink: NDArray[np.uint8]) -> float:
    """Return the mean width of the strokes of (h, w) ink in pixels: twice the area by the length of the outline.

    The outline's length is the integral of the gradient, which blur does not change.
    """
    padded = np.pad(ink, 1).astype(np.float32)
    across, down = np.diff(padded, axis=1)[:-1], np.diff(padded, axis=0)[:, :-1]
    return 2 * float(padded.sum()) / max(float(np.hypot(across, down).sum()), 1.0)


def darkness(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return 0 for white to 1 for black, the shape kept."""
    return np.float32(1) - pixels.astype(np.float32) / np.float32(255)


def _level(dark: NDArray[np.float32], spread: float) -> float:
    """Return how dark ink is: the upper quartile of what is darker than the edges of the ink.

    The mean darkness weighted by the gradient lies half way up the edges, however little ink there is (the
    simple image statistic of Kittler, Illingworth and Föglein, "Threshold selection based on a simple image
    statistic", 1985).
    """
    across, down = cv2.Sobel(dark, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(dark, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = np.maximum(np.abs(across), np.abs(down))
    slope[slope < max(0.02, spread / 2)] = 0
    slope *= centre_weight(*dark.shape)
    total = float(slope.sum())
    if total == 0:
        return 0.0
    half = float((slope * dark).sum()) / total
    inside = dark[dark > half]
    return float(np.percentile(inside, 75)) if inside.size else 0.0


def _edge(ink: NDArray[np.float32]) -> float:
    """Return the pixels over which the steepest edges rise from paper to ink; 1 is as crisp as pixels are."""
    across, down = cv2.Sobel(ink, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(ink, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = cv2.magnitude(across, down)
    steep = slope[slope > 0.05]
    return 1 / float(np.clip(np.percentile(steep, 90), 0.02, 1)) if steep.size else 0.0


def hysteresis(ink: NDArray[np.float32], faint: float, strong: float) -> NDArray[np.uint8]:
    """Return 1 where `ink` is at least `faint` and connected to somewhere at least `strong`, 0 elsewhere."""
    count, labels = cv2.connectedComponents((ink >= faint).astype(np.uint8), connectivity=8)
    pieces = np.asarray(labels, np.int32)
    sure = np.zeros(count, np.uint8)
    sure[np.unique(pieces[ink >= strong])] = 1
    sure[0] = 0
    return sure[pieces]
