"""Random variations of digit pictures, a whole batch at a time.

Each is one pass over the batch stacked into one tall picture, so that the time goes into OpenCV's kernels and
not into Python: a batch of 128 takes one to three milliseconds. This module knows nothing of networks.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Images = NDArray[np.uint8]
GAP = 2  # empty rows between stacked pictures, so that no kernel or interpolation reaches a neighbour


@dataclass(frozen=True)
class Augmentation:
    """How much to vary; every amount is the limit of a uniform distribution unless said otherwise, 0 is off.

    Attributes:
        rotation: degrees, either way.
        scale: log of the zoom, each axis apart: 0.1 is 90 % to 110 %.
        shear: tangent of the slant, either way.
        shift: pixels, either way, each axis.
        elastic: standard deviation, in pixels, of a smooth random displacement (Simard, Steinkraus and Platt,
            "Best Practices for Convolutional Neural Networks", 2003; here drawn on a coarse grid).
        grid: nodes a side of that grid; more is finer.
        stroke: share of pictures whose stroke is thickened or thinned by up to one pixel.
        blur: share of pictures that are blurred.
        noise: largest standard deviation of Gaussian noise, in grey levels of 255.
        contrast: largest relative change of the ink's brightness.
        erase: share of pictures that lose a small square.
    """

    rotation: float = 10.0
    scale: float = 0.1
    shear: float = 0.15
    shift: float = 2.0
    elastic: float = 0.5
    grid: int = 5
    stroke: float = 0.0
    blur: float = 0.0
    noise: float = 0.0
    contrast: float = 0.0
    erase: float = 0.0

    def __call__(self, images: Images, rng: np.random.Generator) -> Images:
        """Return varied copies of `images`, (n, h, w) uint8, ink bright on 0; same shape and dtype."""
        images = warp(images, self, rng)
        if self.stroke:
            images = vary_stroke(images, self.stroke, rng)
        if self.blur:
            images = vary_blur(images, self.blur, rng)
        if self.erase:
            images = erase(images, self.erase, rng)
        if self.contrast or self.noise:
            images = vary_grey(images, self.contrast, self.noise, rng)
        return images


def warp(images: Images, amounts: Augmentation, rng: np.random.Generator) -> Images:
    """Rotate, zoom, slant, shift and bend every picture by its own random amounts, in one interpolation."""
    count, height, width = images.shape
    grid_y, grid_x = np.mgrid[:height, :width].astype(np.float32)
    middle = np.array([(width - 1) / 2, (height - 1) / 2], np.float32)
    points = np.stack([grid_x.ravel() - middle[0], grid_y.ravel() - middle[1]])  # (2, h·w)
    move = rng.uniform(-amounts.shift, amounts.shift, (count, 2)).astype(np.float32) + middle
    source = _linear_maps(count, amounts, rng) @ points + move[:, :, None]  # (n, 2, h·w), x then y
    if amounts.elastic:
        source += _bends(count, height, width, amounts, rng)
    map_x = np.clip(source[:, 0], -1, width).reshape(count * height, width)
    map_y = np.clip(source[:, 1], -1, height).reshape(count, height, width)
    tops = np.arange(count, dtype=np.float32) * (height + GAP) + GAP // 2
    map_y = (map_y + tops[:, None, None]).reshape(-1, width)
    warped = cv2.remap(_stack(images), map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(warped, np.uint8).reshape(images.shape)


def vary_stroke(images: Images, share: float, rng: np.random.Generator) -> Images:
    """Thicken (half of them) or thin a `share` of the pictures by a random part of a 3x3 dilation or erosion."""
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    stacked = _stack(images)
    thick = _unstack(cv2.dilate(stacked, kernel), images)
    # Erosion would break a stroke of one pixel: thinning goes half as far.
    thin = _unstack(cv2.erode(stacked, kernel), images)
    amount = _chosen(len(images), share, rng) * rng.uniform(-0.5, 1.0, (len(images), 1, 1)).astype(np.float32)
    return _mix(images, np.where(amount > 0, thick, thin), np.abs(amount))


def vary_blur(images: Images, share: float, rng: np.random.Generator) -> Images:
    """Blur a `share` of the pictures by a random part of a Gaussian of one pixel."""
    soft = _unstack(cv2.GaussianBlur(_stack(images), (5, 5), 1.0), images)
    amount = _chosen(len(images), share, rng) * rng.uniform(0.3, 1.0, (len(images), 1, 1)).astype(np.float32)
    return _mix(images, soft, amount)


def erase(images: Images, share: float, rng: np.random.Generator, side: int = 6) -> Images:
    """Blank a random square of `side` pixels in a `share` of the pictures (DeVries and Taylor, Cutout, 2017)."""
    count, height, width = images.shape
    top, left = rng.integers(0, (height, width), (count, 2)).T[:, :, None]
    rows = np.abs(np.arange(height)[None] - top) < side / 2
    columns = np.abs(np.arange(width)[None] - left) < side / 2
    gone = rows[:, :, None] & columns[:, None, :] & (_chosen(count, share, rng) > 0)
    return np.where(gone, np.uint8(0), images)


def vary_grey(images: Images, contrast: float, noise: float, rng: np.random.Generator) -> Images:
    """Scale the brightness of each picture by up to `contrast`, and add noise of up to `noise` grey levels."""
    count = len(images)
    gain = rng.uniform(1 - contrast, 1 + contrast, (count, 1, 1)).astype(np.float32)
    varied = images * gain
    if noise:
        level = rng.uniform(0, noise, (count, 1, 1)).astype(np.float32)
        varied += rng.standard_normal(images.shape, dtype=np.float32) * level
    return np.clip(varied, 0, 255).astype(np.uint8)


def _linear_maps(count: int, amounts: Augmentation, rng: np.random.Generator) -> NDArray[np.float32]:
    """Random rotation · shear · zoom from output to source coordinates, (n, 2, 2)."""
    angle = np.deg2rad(rng.uniform(-amounts.rotation, amounts.rotation, count))
    zoom_x, zoom_y = np.exp(rng.uniform(-amounts.scale, amounts.scale, (2, count)))
    slant = rng.uniform(-amounts.shear, amounts.shear, count)
    cos, sin = np.cos(angle), np.sin(angle)
    rows = [[cos / zoom_x, (cos * slant - sin) / zoom_x], [sin / zoom_y, (sin * slant + cos) / zoom_y]]
    return np.array(rows, np.float32).transpose(2, 0, 1)


def _bends(count: int, height: int, width: int, amounts: Augmentation, rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth random displacements, (n, 2, h·w): normal numbers on a coarse grid, interpolated by cubics."""
    nodes = rng.standard_normal((count, 2, amounts.grid, amounts.grid), dtype=np.float32) * amounts.elastic
    bent = _cubic(amounts.grid, height) @ nodes @ _cubic(amounts.grid, width).T
    return bent.astype(np.float32, copy=False).reshape(count, 2, -1)


def _cubic(nodes: int, length: int) -> NDArray[np.float32]:
    """The matrix that interpolates `nodes` values to `length` by cubics, (length, nodes)."""
    matrix = cv2.resize(np.eye(nodes, dtype=np.float32), (nodes, length), interpolation=cv2.INTER_CUBIC)
    return np.asarray(matrix, np.float32)


def _stack(images: Images) -> Images:
    """(n, h, w) → (n·(h + GAP), w), each picture with empty rows around it."""
    count, height, width = images.shape
    tall = np.zeros((count, height + GAP, width), np.uint8)
    tall[:, GAP // 2 : GAP // 2 + height] = images
    return tall.reshape(-1, width)


def _unstack(tall: NDArray[Any], like: Images) -> Images:
    count, height, width = like.shape
    return np.asarray(tall, np.uint8).reshape(count, height + GAP, width)[:, GAP // 2 : GAP // 2 + height]


def _chosen(count: int, share: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """1 for a random `share` of the pictures, 0 for the others, (n, 1, 1)."""
    return (rng.random((count, 1, 1)) < share).astype(np.float32)


def _mix(images: Images, other: Images, amount: NDArray[np.float32]) -> Images:
    return np.rint(images + (other.astype(np.float32) - images) * amount).astype(np.uint8)
