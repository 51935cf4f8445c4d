"""What happens to a finished picture: bad light, a bad camera, a bad file. To measure on, never to train on.

Each takes a picture (h, w, 3) uint8 and a generator, and returns a new one. `scene` makes pictures from ink; this
spoils those that somebody took.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data.scene import as_jpeg
from calame.imaging.paper import shrink

Picture = NDArray[np.uint8]
Harm = Callable[[Picture, np.random.Generator], Picture]


def shadow(picture: Picture, rng: np.random.Generator) -> Picture:
    """A hard-edged shadow across the middle: half the light is gone behind it."""
    across = _across(picture, rng.uniform(0, 2 * np.pi)) + rng.uniform(-0.3, 0.3)
    return _lit(picture, 1 - 0.5 * np.clip(across * 60 + 0.5, 0, 1))


def falloff(picture: Picture, rng: np.random.Generator) -> Picture:
    """Light that falls to a third from one side of the picture to the other."""
    return _lit(picture, 1 - (2 / 3) * np.clip((_across(picture, rng.uniform(0, 2 * np.pi)) + 1) / 2, 0, 1))


def cast(picture: Picture, rng: np.random.Generator) -> Picture:
    """Coloured light: one or two of the three colours at half."""
    gain = rng.permutation([1.0, 0.5, rng.uniform(0.5, 1.0)])
    return _bytes(picture * gain)


def pencil(picture: Picture, rng: np.random.Generator) -> Picture:
    """Weak contrast: what differs from the brightest paper differs by 30 to 45 % of it only."""
    paper = np.percentile(picture, 90, axis=(0, 1))
    return _bytes(paper + (picture - paper) * rng.uniform(0.3, 0.45))


def turned(picture: Picture, rng: np.random.Generator) -> Picture:
    """Turned by 5 to 10 degrees either way, the border continued."""
    height, width = picture.shape[:2]
    angle = rng.choice([-1, 1]) * rng.uniform(5, 10)
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), float(angle), 1.0)
    return _bytes(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE))


def blurred(picture: Picture, rng: np.random.Generator) -> Picture:
    """Out of focus: a Gaussian of 0.4 to 0.8 % of the longer side."""
    return _bytes(cv2.GaussianBlur(picture, (0, 0), max(picture.shape) * float(rng.uniform(0.004, 0.008))))


def noisy(picture: Picture, rng: np.random.Generator) -> Picture:
    """Noise of 15 to 25 grey levels in every pixel of a picture of 800."""
    small = shrink(picture, 800)
    return _bytes(small + rng.normal(0, rng.uniform(15, 25), small.shape))


def small(picture: Picture, rng: np.random.Generator) -> Picture:
    """So small that the longer side has 100 to 160 pixels."""
    return shrink(picture, int(rng.integers(100, 161)))


def jpeg(picture: Picture, rng: np.random.Generator) -> Picture:
    """A JPEG of quality 40, from 640 pixels."""
    del rng
    return as_jpeg(shrink(picture, 640), 40)


HARMS: dict[str, Harm] = {
    harm.__name__: harm for harm in (shadow, falloff, cast, pencil, turned, blurred, noisy, small, jpeg)
}


def _across(picture: Picture, angle: float) -> NDArray[np.float64]:
    """Return -1 to 1 across the picture in a direction, (h, w)."""
    y, x = np.mgrid[-1 : 1 : picture.shape[0] * 1j, -1 : 1 : picture.shape[1] * 1j]
    return (x * np.cos(angle) + y * np.sin(angle)) / max(abs(np.cos(angle)) + abs(np.sin(angle)), 1e-9)


def _lit(picture: Picture, light: NDArray[np.float64]) -> Picture:
    return _bytes(picture * light[..., None])


def _bytes(values: NDArray[np.generic] | cv2.typing.MatLike) -> Picture:
    return np.clip(np.rint(np.asarray(values, np.float64)), 0, 255).astype(np.uint8)
