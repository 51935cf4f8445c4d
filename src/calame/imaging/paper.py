"""The steps that make any sheet a flat white page with dark ink: `even`, `flatten`, `polarity` and `illumination`.

They compare each pixel with the paper around it and look for no digit. What counts as near or wide is a share of the
picture's longer side, so that a picture and its enlargement come out alike.
"""

from dataclasses import dataclass
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame, Grey
from calame.imaging.quantiles import median

LOGARITHMS = np.log(np.arange(256) + 8.0)  # of grey levels, held away from 0
SMALL = 160  # pixels of the longer side of the copy on which the paper is studied


@dataclass(frozen=True)
class Even:
    """Take the short way with paper of one exact tone (a drawing made on a screen): cut it to its ink, dark on white.

    The steps after this one that clean paper then leave the picture as it is. Paper is even when the whole border has
    one tone, all that differs is on one side of it, and that is strokes: a photo on a border is not.

    Args:
        longer: pixels of the longer side of what is cut out.
        apart: grey levels from which on a pixel differs from the paper.
        full: more of its box full of what differs, if the box is no bar, is not strokes.
    """

    longer: int = 128
    apart: int = 24
    full: float = 0.6

    def __call__(self, frame: Frame) -> Frame:
        pixels = frame.pixels
        tone = int(pixels[0, 0])
        below, across = (max(1, side - 1) for side in pixels.shape)
        if (pixels[::below] != tone).any() or (pixels[:, ::across] != tone).any():  # the border, two sides at a time
            return frame
        low, high, _, _ = cv2.minMaxLoc(pixels)
        light = high - tone > tone - low
        if min(high - tone, tone - low) > self.apart or high - low < 2 * self.apart:
            return frame
        if light:
            ink = cv2.threshold(pixels, tone + self.apart, 255, cv2.THRESH_BINARY)[1]
        else:
            ink = cv2.threshold(pixels, tone - self.apart - 1, 255, cv2.THRESH_BINARY_INV)[1]
        left, top, width, height = cv2.boundingRect(ink)
        slim = min(width, height) < 0.4 * max(width, height)
        if not slim and cv2.countNonZero(ink) > self.full * width * height:
            return frame
        margin = 4 + max(width, height) // 8
        start, first = max(0, left - margin), max(0, top - margin)
        part = pixels[first : top + height + margin, start : left + width + margin]
        small, shrunk = shrink_whole(255 - part if light else part, self.longer)
        scale = frame.scale * shrunk
        return frame._replace(pixels=small, scale=scale, left=frame.left + start, top=frame.top + first, even=True)


@dataclass(frozen=True)
class Flatten:
    """Divide by a smooth surface, so that a lamp to one side and a vignette are gone before anything is compared.

    The surface is a paraboloid, fitted to the logarithm of a small copy by least squares, again and again without
    what lies far from it (ink, shadows, another page), whether that is darker or lighter.

    Args:
        small: pixels of the longer side of the copy.
        rounds: how often it is fitted.
        rough: spread of the logarithm about the surface from which on the picture is left as it is.
    """

    small: int = 48
    rounds: int = 4
    rough: float = 0.06

    def __call__(self, frame: Frame) -> Frame:
        if frame.even:
            return frame
        small = np.log(shrink(frame.pixels, self.small).astype(np.float32) + 8)
        basis = _paraboloid(*small.shape)
        values, weight = small.ravel(), np.ones(small.size, np.float32)
        surface, spread, held = values, 0.0, 1e-6 * np.eye(basis.shape[1])
        for _ in range(self.rounds):
            weighed = basis * weight[:, None]
            solution = np.linalg.solve(weighed.T @ basis + held, weighed.T @ values)
            surface = basis @ solution
            apart = values - surface
            spread = 1.4826 * median(np.abs(apart)) + 0.01
            weight = (1 / (1 + (apart / (2 * spread)) ** 2) ** 2).astype(np.float32)
        if spread > self.rough:
            return frame  # no smooth light: a hard shadow, which a smooth surface would only tilt
        # As bright as the brightest part stays; the darker parts are lifted, four times at most.
        gain = np.exp(np.minimum(surface.max() - surface, np.log(4))).reshape(small.shape).astype(np.float32)
        if float(gain.max()) < 1.05:
            return frame
        height, width = frame.pixels.shape
        wide = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
        pixels = cv2.multiply(frame.pixels, wide, dtype=cv2.CV_8U)
        return frame._replace(pixels=pixels.astype(np.uint8, copy=False))


@lru_cache(maxsize=64)
def _paraboloid(height: int, width: int) -> NDArray[np.float32]:
    """Return (h·w, 6): 1, x, y, x², xy, y² over the unit square about the middle; read-only."""
    y, x = (part.ravel() for part in np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32))
    basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
    basis.flags.writeable = False
    return basis


@dataclass(frozen=True)
class Polarity:
    """Turn light ink on dark paper (a blackboard, an MNIST picture) into dark ink on light paper.

    Ink is a minority that lies to one side of its paper: on a small copy, how far pixels lie from the median around
    them tells to which. They are compared in ratios, so that ink in the shade counts as much as ink in the light, and
    with what is near alone, so that neither the dark corners of a photo nor the table beside the sheet is taken for
    ink. What is in the middle counts most.

    Args:
        small: pixels of the longer side of the copy.
        near: what is around a pixel, as a share of the shorter side: wider than two strokes, narrower than a shadow.
    """

    small: int = 96
    near: float = 0.4

    def __call__(self, frame: Frame) -> Frame:
        if frame.even:
            return frame
        small = shrink(frame.pixels, self.small)
        apart = cv2.LUT(small, LOGARITHMS) - cv2.LUT(around(small, self.near), LOGARITHMS)
        light = float((apart * apart * apart * centre_weight(*small.shape)).sum()) > 0  # `** 3` takes ten times as long
        return frame._replace(pixels=255 - frame.pixels) if light else frame


def around(small: Grey, share: float) -> Grey:
    """Return the median of what is around each pixel, within a window of that share of the shorter side."""
    side = odd(share * min(small.shape))
    margin = side // 2  # continues the paper beyond the border
    wide = cv2.copyMakeBorder(small, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    height, width = small.shape
    return cv2.medianBlur(wide, side)[margin : margin + height, margin : margin + width].astype(np.uint8, copy=False)


@dataclass(frozen=True)
class Illumination:
    """Divide by the paper, so that shadows, gradients and tinted paper become white.

    The paper is the grey-level closing of the picture: it fills whatever is dark and narrower than its
    window, and follows the edge of a shadow exactly. The window must be wider than the stroke and narrower
    than the shadows, and the stroke is not known yet: `_window` measures it (a granulometry; Serra, "Image
    Analysis and Mathematical Morphology", 1982).

    What is so dark and wide that no shadow makes it so, up to a border, is no paper: the table beside the sheet. It
    becomes white whole, for its texture would be lifted to look like ink.

    Args:
        growth: the window is wide enough when the next wider one fills less than this many times more.
        least: and when it fills at least this share of what the widest one does, so that specks do not count.
        table: share of the paper's median tone below which it is a table.
        dim: the same of what is connected to such.
    """

    growth: float = 1.3
    least: float = 0.005
    table: float = 0.2
    dim: float = 0.4

    def __call__(self, frame: Frame) -> Frame:
        if frame.even:
            return frame
        window = self._window(frame.pixels) * max(frame.pixels.shape)
        paper = close(frame.pixels, window)
        pixels = cv2.divide(frame.pixels, np.maximum(paper, 1), scale=255).astype(np.uint8, copy=False)
        return frame._replace(pixels=self._without_table(pixels, paper))

    def _without_table(self, pixels: Grey, paper: Grey) -> Grey:
        """Return the pixels with what lies beside the sheet made white."""
        darkest = cv2.minMaxLoc(paper)[0]
        if darkest >= 255 * self.table or darkest >= self.table * (sheet := float(np.median(paper[::4, ::4]))):
            return pixels
        count, found = cv2.connectedComponents(cv2.inRange(paper, 0, int(self.dim * sheet)), connectivity=8)
        labels = np.asarray(found, np.int32)
        at_border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        dark = labels[paper <= int(self.table * sheet)]
        beside = (np.bincount(at_border, minlength=count) > 0) & (np.bincount(dark, minlength=count) > 0)
        beside[0] = False
        return np.where(beside[labels], np.uint8(255), pixels)

    def _window(self, pixels: Grey) -> float:
        """Return the side of the window as a share of the longer side."""
        small = shrink(pixels, SMALL)
        longer = max(small.shape)
        weight = centre_weight(small.shape[0], small.shape[1])
        sides = sorted({odd(share * longer) for share in WINDOWS})

        def below(paper: Grey) -> float:
            depth = 1 - cv2.divide(small, np.maximum(paper, 1), dtype=cv2.CV_32F)
            depth = cv2.threshold(depth, TEXTURE, 0, cv2.THRESH_TOZERO)[1] * weight
            return float(np.vdot(depth, depth))

        @cache
        def filled(side: int) -> float:
            return below(close(small, side))

        # The widest takes as long as all others together, and no window fills more than up to the lightest pixel.
        lightest = np.full_like(small, cv2.minMaxLoc(small)[1])
        here, most = filled(sides[0]), below(lightest)
        for wider in sides[1:]:
            there = filled(wider)
            if here < self.least * most:
                most = filled(sides[-1])
            if here >= self.least * most and there < self.growth * here:
                return wider / longer  # one size of margin: the stroke is wider in places than where it first counts
            here = there
        return sides[-1] / longer


WINDOWS = (0.05, 0.08, 0.13, 0.2, 0.3, 0.45, 0.7)  # shares of the longer side, each about 1.6 times the last
TEXTURE = 0.08  # relative darkness below which a dent is texture and not ink


def odd(pixels: float) -> int:
    """Return the odd number of pixels, at least 3, for a window of about that side."""
    return max(3, round(pixels)) | 1


def close(pixels: Grey, side: float) -> Grey:
    """Return the grey-level closing by a square window of about `side` pixels (odd, at least 3)."""
    side = odd(side)
    reach = side // 2  # the paper goes on beyond the border; further out is what has been seen already
    wide = cv2.copyMakeBorder(pixels, reach, reach, reach, reach, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return closed[reach:-reach, reach:-reach].astype(np.uint8, copy=False)


def shrink(pixels: Grey, longer: int) -> Grey:
    """Return the picture with its longer side at most `longer` pixels, area-averaged; never enlarged."""
    height, width = pixels.shape[:2]
    ratio = longer / max(height, width)
    if ratio >= 1:
        return pixels
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def halved(pixels: Grey, least: int) -> Grey:
    """Return the picture halved as often as its longer side keeps at least so many pixels, each the mean of four.

    It takes a fortieth of the time of `shrink`. Of a side that is odd, the last pixel is lost each time.
    """
    while max(pixels.shape[:2]) >= 2 * least and min(pixels.shape[:2]) > 1:
        height, width = (side // 2 for side in pixels.shape[:2])
        whole = pixels[: 2 * height, : 2 * width]
        pixels = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return pixels


def shrink_whole(pixels: Grey, longer: int) -> tuple[Grey, float]:
    """Return the picture with whole blocks of pixels averaged, its longer side at most `longer`, and the scale.

    Up to a block's side less one pixels are lost at the right and at the bottom. Blocks of whole pixels take a tenth of
    the time of `shrink`.
    """
    height, width = pixels.shape[:2]
    side = -(-max(height, width) // longer)
    if side == 1:
        return pixels, 1.0
    rows, columns = max(1, height // side), max(1, width // side)
    whole = pixels[: rows * side, : columns * side]
    return cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False), 1 / side


@lru_cache(maxsize=16)
def centre_weight(height: int, width: int) -> NDArray[np.float32]:
    """Return (h, w) weights, 1 in the middle to 0.1 at the border, where page edges and neighbours are; read-only."""
    weight = np.minimum(_middle_weight(height)[:, None], _middle_weight(width))
    weight.flags.writeable = False
    return weight


@lru_cache(maxsize=1024)
def _middle_weight(length: int) -> NDArray[np.float32]:
    """Return the weights along one side, (length,): drawings differ in their two sides, and seldom in either alone."""
    return np.clip(1.1 - np.linspace(-1, 1, length) ** 2, 0, 1).astype(np.float32)
