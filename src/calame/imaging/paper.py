"""The steps that make any sheet a flat white page with dark ink: `polarity` and `illumination`.

Both compare each pixel with the paper around it and look for no digit. What counts as near or wide is a share of the
picture's longer side, so that a picture and its enlargement come out alike.
"""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame, Grey

SMALL = 160  # pixels of the longer side of the copy on which the paper is studied


@dataclass(frozen=True)
class Flatten:
    """Divide by a smooth surface, so that a lamp to one side and a vignette are gone before anything is compared.

    The surface is a paraboloid, fitted to the logarithm of a small copy by least squares, again and again without
    what lies far from it (ink, shadows, another page), whether that is darker or lighter.

    Args:
        small: pixels of the longer side of the copy.
        rounds: how often it is fitted.
    """

    small: int = 48
    rounds: int = 4

    def __call__(self, frame: Frame) -> Frame:
        small = np.log(shrink(frame.pixels, self.small).astype(np.float32) + 8)
        basis = _paraboloid(*small.shape)
        values, weight = small.ravel(), np.ones(small.size, np.float32)
        surface = values
        for _ in range(self.rounds):
            weighed = basis * weight[:, None]
            solution = np.linalg.solve(weighed.T @ basis + 1e-6 * np.eye(basis.shape[1]), weighed.T @ values)
            surface = basis @ solution
            apart = values - surface
            spread = 1.4826 * float(np.median(np.abs(apart))) + 0.01
            weight = (1 / (1 + (apart / (2 * spread)) ** 2) ** 2).astype(np.float32)
        # As bright as the brightest part stays; the darker parts are lifted, four times at most.
        gain = np.exp(np.minimum(surface.max() - surface, np.log(4))).reshape(small.shape).astype(np.float32)
        if float(gain.max()) < 1.05:
            return frame
        height, width = frame.pixels.shape
        wide = cv2.resize(gain, (width, height), interpolation=cv2.INTER_LINEAR)
        pixels = cv2.multiply(frame.pixels, wide, dtype=cv2.CV_8U)
        return replace(frame, pixels=pixels.astype(np.uint8, copy=False))


def _paraboloid(height: int, width: int) -> NDArray[np.float32]:
    """Return (h·w, 6): 1, x, y, x², xy, y² over the unit square about the middle."""
    y, x = (part.ravel() for part in np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32))
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


@dataclass(frozen=True)
class Polarity:
    """Turn light ink on dark paper (a blackboard, an MNIST picture) into dark ink on light paper.

    Paper goes on beyond the border of a picture, and ink, as a rule, does not. Both readings are tried on a small
    copy: in each, what is darker than half way up its edges is taken for ink, and the reading with less of
    it along the border is right. How far pixels lie from the median around them is asked too: ink is a minority,
    and lies to one side of its paper only.

    Args:
        small: pixels of the longer side of the copy.
    """

    small: int = 64

    def __call__(self, frame: Frame) -> Frame:
        small = shrink(frame.pixels, self.small)
        less = _inked_border(small) - _inked_border(255 - small)
        return replace(frame, pixels=255 - frame.pixels) if less + skewness(small) > 0 else frame


def skewness(small: Grey) -> float:
    """Return how much further pixels lie above the paper around them than below it, -1 to 1; ink is a minority."""
    margin = max(small.shape) // 2  # continues the paper beyond the border
    wide = cv2.copyMakeBorder(small, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
    paper = cv2.medianBlur(wide, odd(AROUND * max(small.shape)))[margin:, margin:]
    apart = (small.astype(np.float32) - paper[: small.shape[0], : small.shape[1]]) ** 3
    return float(apart.sum() / max(float(np.abs(apart).sum()), 1.0))


def _inked_border(small: Grey) -> float:
    """Return the share of the border that would be ink if ink were dark, and half the share of the whole."""
    paper = close(small, 0.6 * max(small.shape)).astype(np.float32)
    dark = 1 - small / np.maximum(paper, 1)
    across, down = cv2.Sobel(dark, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(dark, cv2.CV_32F, 0, 1, scale=1 / 8)
    slope = np.maximum(np.abs(across), np.abs(down)) * centre_weight(*small.shape)
    half = float((slope * dark).sum()) / max(float(slope.sum()), 1e-6)
    ink = dark > half
    border = np.concatenate([ink[0], ink[-1], ink[:, 0], ink[:, -1]])
    return float(border.mean()) + 0.5 * float(ink.mean())


@dataclass(frozen=True)
class Illumination:
    """Divide by the paper, so that shadows, gradients and tinted paper become white.

    The paper is the grey-level closing of the picture: it fills whatever is dark and narrower than its
    window, and follows the edge of a shadow exactly. The window must be wider than the stroke and narrower
    than the shadows, and the stroke is not known yet: `_window` measures it (a granulometry; Serra, "Image
    Analysis and Mathematical Morphology", 1982).

    Args:
        growth: the window is wide enough when the next wider one fills less than this many times more.
        least: and when it fills at least this share of what the widest one does, so that specks do not count.
    """

    growth: float = 1.3
    least: float = 0.005

    def __call__(self, frame: Frame) -> Frame:
        window = self._window(frame.pixels) * max(frame.pixels.shape)
        paper = close(frame.pixels, window)
        return replace(frame, pixels=cv2.divide(frame.pixels, np.maximum(paper, 1), scale=255))

    def _window(self, pixels: Grey) -> float:
        """Return the side of the window as a share of the longer side."""
        small = shrink(pixels, SMALL)
        longer = max(small.shape)
        weight = centre_weight(small.shape[0], small.shape[1])
        sides = sorted({odd(share * longer) for share in WINDOWS})
        filled: list[float] = []
        for side in sides:
            paper = close(small, side).astype(np.float32)
            depth = 1 - small / np.maximum(paper, 1)
            filled.append(float((np.where(depth > TEXTURE, depth * weight, 0) ** 2).sum()))
        for here, wider in enumerate(sides[1:]):
            if filled[here] >= self.least * filled[-1] and filled[here + 1] < self.growth * filled[here]:
                return wider / longer  # one size of margin: the stroke is wider in places than where it first counts
        return sides[-1] / longer


WINDOWS = (0.05, 0.08, 0.13, 0.2, 0.3, 0.45, 0.7)  # shares of the longer side, each about 1.6 times the last
TEXTURE = 0.08  # relative darkness below which a dent is texture and not ink


AROUND = 0.3  # share of the longer side over which paper is the majority


def odd(pixels: float) -> int:
    """Return the odd number of pixels, at least 3, for a window of about that side."""
    return max(3, round(pixels)) | 1


def close(pixels: Grey, side: float) -> Grey:
    """Return the grey-level closing by a square window of about `side` pixels (odd, at least 3)."""
    side = odd(side)
    wide = cv2.copyMakeBorder(pixels, side, side, side, side, cv2.BORDER_REPLICATE)
    closed = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    return closed[side:-side, side:-side].astype(np.uint8, copy=False)


def shrink(pixels: Grey, longer: int) -> Grey:
    """Return the picture with its longer side at most `longer` pixels, area-averaged; never enlarged."""
    height, width = pixels.shape[:2]
    ratio = longer / max(height, width)
    if ratio >= 1:
        return pixels
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    return cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def centre_weight(height: int, width: int) -> NDArray[np.float32]:
    """Return (h, w) weights, 1 in the middle to 0.1 at the border, where page edges and neighbours are."""
    rows, columns = np.linspace(-1, 1, height)[:, None], np.linspace(-1, 1, width)[None]
    return np.clip(1.1 - np.maximum(rows**2, columns**2), 0, 1).astype(np.float32)
