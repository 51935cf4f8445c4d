"""What may happen to a digit on its way to the network, each by one amount: to measure on, not to train on.

Every function takes pictures (n, h, w) uint8, ink bright on 0, one amount and a generator, and returns new ones of
the same shape. The amount is the same for all pictures, so that accuracy can be drawn over it; what is random
(directions, places, noise) comes from the generator. Training has its own variations, in `data.augment`.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
Perturb = Callable[[Images, float, np.random.Generator], Images]

FINE = 4  # stroke widths are changed on a picture this many times larger, so that half pixels count
DIGIT = 20 / 28  # part of the picture's side that an MNIST digit fills


def add_noise(images: Images, level: float, rng: np.random.Generator) -> Images:
    """Add Gaussian noise of standard deviation `level` on the scale 0-1, then clip: x + N(0, level)."""
    noisy = images + rng.standard_normal(images.shape, dtype=np.float32) * np.float32(255 * level)
    return np.rint(np.clip(noisy, 0, 255)).astype(np.uint8)


def rotate(images: Images, level: float, rng: np.random.Generator) -> Images:
    """Turn by `level` degrees about the middle, counter-clockwise when positive."""
    del rng  # nothing is random here; the signature is the same for all
    height, width = images.shape[1:]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), level, 1.0)
    return _warp(images, np.repeat(matrix[None], len(images), 0))


def scale(images: Images, level: float, rng: np.random.Generator) -> Images:
    """Zoom by the factor `level` about the middle; what leaves the picture is lost."""
    del rng
    height, width = images.shape[1:]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), 0.0, level)
    return _warp(images, np.repeat(matrix[None], len(images), 0))


def shift(images: Images, level: float, rng: np.random.Generator) -> Images:
    """Move by `level` pixels, each picture in its own random direction."""
    angles = rng.uniform(0, 2 * np.pi, len(images))
    matrices = np.repeat(np.eye(2, 3)[None], len(images), 0)
    matrices[:, 0, 2], matrices[:, 1, 2] = level * np.cos(angles), level * np.sin(angles)
    return _warp(images, matrices)


def stroke(images: Images, level: float, rng: np.random.Generator) -> Images:
    """Make every stroke `level` pixels wider, or thinner when negative, to a quarter of a pixel on either side."""
    del rng
    radius = round(abs(level) / 2 * FINE)
    if radius == 0:
        return images.copy()
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1))
    change = cv2.dilate if level > 0 else cv2.erode
    height, width = images.shape[1:]

    def widen(image: NDArray[np.uint8]) -> Any:
        fine = cv2.resize(image, (FINE * width, FINE * height), interpolation=cv2.INTER_CUBIC)
        return cv2.resize(change(fine, disc), (width, height), interpolation=cv2.INTER_AREA)

    return _each(images, widen)


def blur(images: Images, level: float, rng: np.random.Generator) -> Images:
    """Blur by a Gaussian of `level` pixels standard deviation."""
    del rng
    if level <= 0:
        return images.copy()
    return _each(images, lambda image: cv2.GaussianBlur(image, (0, 0), level, borderType=cv2.BORDER_CONSTANT))


def occlude(images: Images, level: float, rng: np.random.Generator) -> Images:
    """Blank a square of `level` pixels a side (rounded), its middle anywhere where a digit is expected."""
    count, height, width = images.shape
    side = round(level)
    margin = (1 - DIGIT) / 2
    tops = np.rint(rng.uniform(height * margin, height * (1 - margin), (count, 1)) - side / 2)
    lefts = np.rint(rng.uniform(width * margin, width * (1 - margin), (count, 1)) - side / 2)
    rows = (np.arange(height) >= tops) & (np.arange(height) < tops + side)
    columns = (np.arange(width) >= lefts) & (np.arange(width) < lefts + side)
    return np.where(rows[:, :, None] & columns[:, None, :], np.uint8(0), images)


def _warp(images: Images, matrices: NDArray[Any]) -> Images:
    """Apply (n, 2, 3) affine matrices (source to target) with bilinear interpolation, 0 outside."""
    size, of_each = (images.shape[2], images.shape[1]), iter(matrices)
    return _each(images, lambda image: cv2.warpAffine(image, next(of_each), size))


def _each(images: Images, change: Callable[[NDArray[np.uint8]], Any]) -> Images:
    """Change one picture after the other: 5 to 60 µs each, all of it in OpenCV's kernels."""
    changed = np.empty_like(images)
    for place, image in enumerate(images):
        changed[place] = change(image)
    return changed
