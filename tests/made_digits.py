"""Digits made here: ten bars at ten places on noise, which a small network learns in an epoch or two, and a photo."""

import gzip
import struct

import cv2
import numpy as np

from calame.data.sets import FILES


def bars(count, seed):
    """Return (n, 28, 28) uint8, ink bright, and labels (n,) uint8."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count).astype(np.uint8)
    images = rng.integers(0, 60, (count, 28, 28)).astype(np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[4:24, 2 * label + 4 : 2 * label + 6] = 255
    return images, labels


def make_sets(folder, train=900, test=100, writers=12):
    """Lay them out as MNIST and QMNIST are; return the folder."""
    for part, count in (("train", train), ("test", test)):
        images, labels = bars(count, count)
        rows = np.zeros((count, 8), np.int32)
        rows[:, 0], rows[:, 2] = labels, np.arange(count) % writers
        for name, array in zip(FILES[part], (images, labels, rows), strict=True):
            write_idx(folder / name, array)
    return folder


def write_idx(path, array):
    """Write an array as MNIST's files are written."""
    kind = {"uint8": 8, "int32": 12}[array.dtype.name]
    head = struct.pack(">BBBB", 0, 0, kind, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(head + array.astype(array.dtype.newbyteorder(">")).tobytes(), mtime=0))


def small_on_squared_paper():
    """A digit of a fourteenth of the picture, on a grid that is nearly as dark and lies too crooked for `lines`."""
    pixels = np.full((840, 640), 208, np.uint8)
    for x in range(-300, 640, 25):
        cv2.line(pixels, (x, 0), (x + 280, 840), 170, 1, cv2.LINE_AA)
    for y in range(0, 1100, 25):
        cv2.line(pixels, (0, y), (640, y - 215), 170, 1, cv2.LINE_AA)
    cv2.polylines(pixels, [np.array([(380, 500), (418, 500), (394, 560)])], False, 50, 6, cv2.LINE_AA)
    noise = np.random.default_rng(0).normal(0, 3, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8)
