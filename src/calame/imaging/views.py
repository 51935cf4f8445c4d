"""Slightly different views of one prepared digit, for averaging over them (test-time augmentation)."""

import cv2
import numpy as np
from numpy.typing import NDArray

ANGLES = (0.0, -5.0, -3.0, 3.0, 5.0)  # degrees; the first view is the digit itself


def views(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return (n, 5, h, w) uint8: each of the (n, h, w) images as it is and turned by four small angles."""
    _, height, width = images.shape
    middle = (width - 1) / 2, (height - 1) / 2
    turns = [cv2.getRotationMatrix2D(middle, angle, 1.0) for angle in ANGLES]
    seen = [[cv2.warpAffine(image, turn, (width, height)) for turn in turns] for image in images]
    return np.asarray(seen, np.uint8).reshape(len(images), len(ANGLES), height, width)
