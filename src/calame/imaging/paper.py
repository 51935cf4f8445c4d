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
class Polarity:
    """Turn light ink on dark paper (a blackboard, an MNIST picture) into dark ink on light paper.

    Ink is the minority around every pixel, so a median is paper, and ink differs from it to one side only;
    the edge of a shadow differs as much upwards on its one side as downwards on the other. The window of the
    median that shows the greatest skewness decides: a small one for a thin stroke beside a dark table, the
    whole picture for a thick stroke that fills it.

    Args:
        small: pixels of the longer side of the copy that this is decided on.
    """

    small: int = 112

    def __call__(self, frame: Frame) -> Frame:
        small = shrink(frame.pixels, self.small)
        longer = max(small.shape)
        margin = longer // 2  # continues the paper beyond the border
        wide = cv2.copyMakeBorder(small, margin, margin, margin, margin, cv2.BORDER_REPLICATE)
        skewness = 0.0
        for share in (0.15, 0.4, 1.0):
            paper = cv2.medianBlur(wide, odd(share * longer))[margin:, margin:][: small.shape[0], : small.shape[1]]
            apart = (small.astype(np.float32) - paper) ** 3
            skewness = max(skewness, float(apart.sum() / max(np.abs(apart).sum(), 1)), key=abs)
        return replace(frame, pixels=255 - frame.pixels) if skewness > 0 else frame


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


def odd(pixels: float) -> int:
    """Return the odd number of pixels, at least 3, for a window of about that side."""
    return max(3, round(pixels)) | 1


def close(pixels: Grey, side: float) -> Grey:
    """Return the grey-level closing by a square window of about `side` pixels (odd, at least 3)."""
    return cv2.morphologyEx(pixels, cv2.MORPH_CLOSE, np.ones((odd(side), odd(side)), np.uint8)).astype(
        np.uint8, copy=False
    )


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
