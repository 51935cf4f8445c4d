"""Which parts of a picture the answer rests on: cover them one after the other and see what happens."""

from dataclasses import dataclass

import numpy as np

from calame.engine.session import Floats
from calame.errors import BadParameter
from calame.explain.network import Model, Picture, one_of, opened, seen
from calame.types import DIGITS, SIDE

SIZE, STRIDE = 5, 2  # pixels: a stroke is two or three wide


@dataclass(frozen=True, eq=False)
class Occlusion:
    """How the probability of a class falls as a square is blanked at each of many places.

    Attributes:
        digit: the class.
        before: its probability with nothing covered, 0-1.
        values: (rows, columns) float32: by how much it falls at each place; below 0 where it rises.
        size, stride: of the square, and from one place to the next, in pixels.
        tops: (rows,) first row that the square covers, also its first column: the places are the same both ways.
            Negative where it hangs over the edge.
    """

    digit: int
    before: float
    values: Floats
    size: int
    stride: int
    tops: tuple[int, ...]

    @property
    def picture(self) -> Floats:
        """For each pixel the mean fall of the squares that cover it, (28, 28) float32."""
        covers = np.array([_covered(top, self.size) for top in self.tops], np.float64)  # (rows, 28)
        count = np.outer(covers.sum(0), covers.sum(0))
        return (covers.T @ self.values @ covers / np.maximum(count, 1)).astype(np.float32)

    @property
    def peak(self) -> tuple[slice, slice]:
        """The pixels under the square where the probability falls most."""
        row, column = np.unravel_index(self.values.argmax(), self.values.shape)
        down, across = (np.flatnonzero(_covered(self.tops[int(place)], self.size)) for place in (row, column))
        return slice(int(down[0]), int(down[-1]) + 1), slice(int(across[0]), int(across[-1]) + 1)


def occlusion(model: Model, picture: Picture, digit: int, *, size: int = SIZE, stride: int = STRIDE) -> Occlusion:
    """Return how the probability of a digit falls where a square of blank paper covers the picture.

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0.
        digit: 0-9.
        size: side of the square in pixels, 1-28.
        stride: from one place to the next; 1 is the finest, and asks four times as often as 2.

    The covered pictures go through the network in batches: 225 of them with the defaults, some 50 ms.
    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.2; their
    square is grey, as the mean of a photo; ours is paper, as the mean of a digit's surroundings.

    Raises:
        BadArray, BadParameter: another picture, digit, size or stride.

    Example:
        >>> occlusion("digits", reading.prepared, 7).values.shape
        (15, 15)
    """
    network, whole = opened(model), seen(picture)
    one_of("digit", digit, DIGITS)
    for name, value in (("size", size), ("stride", stride)):
        if not 1 <= value <= SIDE:
            raise BadParameter(name=name, found=value, expected=f"1 – {SIDE}")
    first = -(size // 2)
    tops = tuple(range(first, SIDE - (size + 1) // 2 + stride, stride))
    hidden = np.stack([_covered(top, size) for top in tops])
    holes = hidden[:, None, :, None] & hidden[None, :, None, :]
    covered = np.where(holes, np.uint8(0), picture).reshape(-1, SIDE, SIDE)
    answers = network.classify(np.concatenate([whole, covered]))[:, digit]
    falls = (answers[0] - answers[1:]).reshape(len(tops), len(tops))
    return Occlusion(digit, float(answers[0]), falls, size, stride, tops)


def _covered(top: int, size: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of 28 rows a square covers that begins at `top`."""
    rows = np.arange(SIDE)
    return (rows >= top) & (rows < top + size)
