"""The preparation steps by name, and the simple ones among them.

A step is a frozen dataclass whose fields are its parameters; called with a `Frame` it returns the next one.
Nothing here knows in which order the steps are run, or who looks at what is between them: `recipe` does.
"""

from dataclasses import dataclass
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.background import Background
from calame.imaging.frame import Frame, Step
from calame.imaging.ink import Clahe, Contrast, Ink, Stroke
from calame.imaging.lines import Lines
from calame.imaging.paper import Even, Flatten, Illumination, Polarity, halved, shrink
from calame.imaging.pen import Pen
from calame.imaging.quantiles import median
from calame.imaging.rules import Rules
from calame.imaging.segment import Check, Main, bounds
from calame.imaging.table import Table
from calame.types import SIDE

SPARE = 2  # times the pixels of the longer side that must be left for the last step of shrinking: it blurs less
SAMPLE = 128  # pixels a side of the part that the noise is measured on


@dataclass(frozen=True)
class Grey:
    """Reduce colour to its luminance (ITU-R BT.601)."""

    def __call__(self, frame: Frame) -> Frame:
        if frame.pixels.ndim == 2:
            return frame
        if frame.pixels.strides[2] == 0:  # one channel seen as three: its luminance is what it says
            return frame._replace(pixels=frame.pixels[..., 0])
        return frame._replace(pixels=cv2.cvtColor(frame.pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False))


@dataclass(frozen=True)
class Limit:
    """Shrink a large picture; a digit needs 20 pixels, and all that follows takes time by the pixel.

    Args:
        longer: pixels of the longer side.
    """

    longer: int = 400

    def __call__(self, frame: Frame) -> Frame:
        pixels = shrink(halved(frame.pixels, SPARE * self.longer), self.longer)
        return frame._replace(pixels=pixels, scale=frame.scale * max(pixels.shape) / max(frame.pixels.shape))


@dataclass(frozen=True)
class Denoise:
    """Blur as much as the picture is noisy: the grain of paper and sensor goes, a pen stroke stays.

    Args:
        strength: standard deviation of the Gaussian, in pixels, for noise of 10 grey levels; it grows with the
            noise's square root.
        widest: and at most this share of the longer side.
        least: noise, in grey levels, below which nothing is done.
    """

    strength: float = 1.5
    widest: float = 0.02
    least: float = 1.5

    def __call__(self, frame: Frame) -> Frame:
        noise = 0.0 if frame.even else noise_of(frame.pixels)
        if noise < self.least:
            return frame
        sigma = min(self.strength * (noise / 10) ** 0.5, self.widest * max(frame.pixels.shape))
        if sigma < 0.3:
            return frame
        return frame._replace(pixels=cv2.GaussianBlur(frame.pixels, (0, 0), sigma).astype(np.uint8, copy=False))


def noise_of(pixels: NDArray[np.uint8]) -> float:
    """Return the standard deviation of the noise of (h, w) uint8, in grey levels.

    From what a second difference leaves, which slopes and most edges do not reach: its median, so that ink does
    not count (after Immerkær, "Fast Noise Variance Estimation", 1996).
    """
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    height, width = pixels.shape
    top, left = max(0, height - SAMPLE) // 2, max(0, width - SAMPLE) // 2  # noise is the same everywhere
    rough = cv2.filter2D(pixels[top : top + SAMPLE, left : left + SAMPLE], cv2.CV_32F, kernel)
    return median(np.abs(rough).ravel()) / 0.6745 / 6


@dataclass(frozen=True)
class Crop:
    """Cut the digit's box out."""

    def __call__(self, frame: Frame) -> Frame:
        box = frame.box or bounds(frame.pixels)
        return frame._replace(pixels=frame.pixels[box.top : box.bottom, box.left : box.right], box=box)


@dataclass(frozen=True)
class Scale:
    """Bring the longer side to MNIST's 20 pixels, the aspect kept, each pixel the mean of what it covers.

    Args:
        side: pixels of the longer side.
    """

    side: int = 20

    def __call__(self, frame: Frame) -> Frame:
        height, width = frame.pixels.shape
        ratio = self.side / max(height, width)
        size = max(1, round(width * ratio)), max(1, round(height * ratio))
        how = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
        return frame._replace(pixels=cv2.resize(frame.pixels, size, interpolation=how).astype(np.uint8, copy=False))


@dataclass(frozen=True)
class Centre:
    """Lay the digit on an empty square with its centre of mass in the middle, as MNIST's are.

    Whole pixels, so that nothing is blurred. What does not fit is cut off.

    Args:
        side: pixels of the square.
    """

    side: int = SIDE

    def __call__(self, frame: Frame) -> Frame:
        ink = frame.pixels
        sums = cv2.moments(ink)
        mass = max(sums["m00"], 1.0)
        row, column = sums["m01"] / mass, sums["m10"] / mass
        top, left = round(self.side / 2 - row), round(self.side / 2 - column)
        square = np.zeros((self.side, self.side), np.uint8)
        part = ink[max(0, -top) : self.side - top, max(0, -left) : self.side - left]
        top, left = max(0, top), max(0, left)
        square[top : top + part.shape[0], left : left + part.shape[1]] = part
        return frame._replace(pixels=square)


@dataclass(frozen=True)
class Close:
    """Bridge the gaps of a broken stroke by a light morphological closing.

    Args:
        gap: the widest gap, as a share of the longer side of the frame.
    """

    gap: float = 0.02

    def __call__(self, frame: Frame) -> Frame:
        side = round(self.gap * max(frame.pixels.shape)) | 1
        if side < 3:
            return frame
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
        closed = cv2.morphologyEx(frame.pixels, cv2.MORPH_CLOSE, kernel)
        return frame._replace(pixels=closed.astype(np.uint8, copy=False))


KINDS = (
    Background, Grey, Even, Table, Limit, Denoise, Flatten, Polarity, Illumination, Clahe, Lines, Ink, Pen, Rules, Main,
    Check, Crop, Close, Stroke, Scale, Contrast, Centre,
)  # fmt: skip
STEPS: MappingProxyType[str, type[Step]] = MappingProxyType({kind.__name__.lower(): kind for kind in KINDS})
