"""What looks through a window that slides: convolution and pooling, each with its way back. NumPy, channels first.

A function takes the node and its inputs, (n, c, h, w) and constants, and returns the output and a `Pullback`: from
the slope of something by the output, its slope by the first input. The windows are laid side by side, so that a
convolution is one matrix product: Chellapilla and others, "High Performance Convolutional Neural Networks for
Document Processing", 2006. Ties of a maximum: the first place has it in a window, all share it over a whole map, as
in TensorFlow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.engine.graph import Node

Array = NDArray[np.floating[Any]]
Pullback = Callable[[Array], tuple[Array | None, ...]]
Outcome = tuple[Array, Pullback]


@dataclass(frozen=True)
class Window:
    """How a window slides over maps; every pair is (down, across).

    Attributes:
        size: of the window.
        stride: from one place to the next.
        spread: from one of its cells to the next (dilation).
        before, after: empty cells around the maps, at the top and left, at the bottom and right.
    """

    size: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    spread: tuple[int, int] = (1, 1)
    before: tuple[int, int] = (0, 0)
    after: tuple[int, int] = (0, 0)

    def places(self, sides: tuple[int, int]) -> tuple[int, int]:
        """Return how many places there are over maps of these sides."""
        down, across = (
            (side + before + after - (size - 1) * spread - 1) // stride + 1
            for side, size, stride, spread, before, after in zip(
                sides, self.size, self.stride, self.spread, self.before, self.after, strict=True
            )
        )
        return down, across

    def cells(self, sides: tuple[int, int]) -> list[tuple[slice, slice]]:
        """Return for each cell of the window, row by row, which cells of the padded maps it passes over."""
        down, across = self.places(sides)
        return [
            (
                slice(row * self.spread[0], row * self.spread[0] + (down - 1) * self.stride[0] + 1, self.stride[0]),
                slice(col * self.spread[1], col * self.spread[1] + (across - 1) * self.stride[1] + 1, self.stride[1]),
            )
            for row in range(self.size[0])
            for col in range(self.size[1])
        ]

    def corner(self, row: int, column: int) -> tuple[int, int]:
        """Return where the window's first cell lies at a place; negative on the empty cells around."""
        return row * self.stride[0] - self.before[0], column * self.stride[1] - self.before[1]


def window(node: Node, size: tuple[int, ...]) -> Window:
    """Read the window of a node from its options."""
    top, left, bottom, right = node.sizes("pads", (0, 0, 0, 0))
    down, across = node.sizes("strides", (1, 1))
    rows, columns = node.sizes("dilations", (1, 1))
    return Window((size[0], size[1]), (down, across), (rows, columns), (top, left), (bottom, right))


def laid_out(maps: Array, sliding: Window, empty: float = 0.0) -> Array:
    """Return (n, c, cells, places): what the window sees at every place; `empty` is seen outside the maps."""
    count, channels, *sides = maps.shape
    padded = _padded(maps, sliding, empty)
    down, across = sliding.places((sides[0], sides[1]))
    cells = sliding.cells((sides[0], sides[1]))
    seen = np.empty((count, channels, len(cells), down, across), maps.dtype)
    for number, (rows, columns) in enumerate(cells):
        seen[:, :, number] = padded[:, :, rows, columns]
    return seen.reshape(count, channels, len(cells), down * across)


def put_back(seen: Array, shape: tuple[int, ...], sliding: Window) -> Array:
    """Add up what `laid_out` has laid out: its transpose, (n, c, cells, places) -> `shape`."""
    count, channels, height, width = shape
    down, across = sliding.places((height, width))
    total = [side + sum(ends) for side, *ends in zip((height, width), sliding.before, sliding.after, strict=True)]
    padded = np.zeros((count, channels, *total), seen.dtype)
    spread = seen.reshape(count, channels, -1, down, across)
    for number, (rows, columns) in enumerate(sliding.cells((height, width))):
        padded[:, :, rows, columns] += spread[:, :, number]
    top, left = sliding.before
    return padded[:, :, top : top + height, left : left + width]


def convolve(node: Node, inputs: list[Array]) -> Outcome:
    """Multiply a kernel (out, in / group, h, w) with what it sees at every place, and add a bias (out,)."""
    maps, kernel, *bias = inputs
    groups = int(node.number("group", 1))
    sliding = window(node, kernel.shape[2:])
    down, across = sliding.places((maps.shape[2], maps.shape[3]))
    seen = laid_out(maps, sliding).reshape(len(maps), groups, -1, down * across)
    weights = kernel.reshape(groups, len(kernel) // groups, -1)
    output = (weights @ seen).reshape(len(maps), len(kernel), down, across)
    if bias:
        output += bias[0][:, None, None]

    def back(slope: Array) -> tuple[Array | None, ...]:
        grouped = slope.reshape(len(maps), groups, -1, down * across)
        spread = (weights.transpose(0, 2, 1) @ grouped).reshape(len(maps), maps.shape[1], -1, down * across)
        return (put_back(spread, maps.shape, sliding),)

    return output, back


def max_pool(node: Node, inputs: list[Array]) -> Outcome:
    """Take the largest value in each window."""
    (maps,) = inputs
    sliding = window(node, node.sizes("kernel_shape", (1, 1)))
    seen = laid_out(maps, sliding, -np.inf)
    best = seen.argmax(2)[:, :, None]
    output = np.take_along_axis(seen, best, 2)

    def back(slope: Array) -> tuple[Array | None, ...]:
        spread = np.zeros_like(seen)
        np.put_along_axis(spread, best, slope.reshape(output.shape), 2)
        return (put_back(spread, maps.shape, sliding),)

    return output.reshape(*maps.shape[:2], *sliding.places((maps.shape[2], maps.shape[3]))), back


def average_pool(node: Node, inputs: list[Array]) -> Outcome:
    """Take the mean of each window; cells outside the maps are not counted."""
    (maps,) = inputs
    sliding = window(node, node.sizes("kernel_shape", (1, 1)))
    inside = laid_out(np.ones((1, 1, *maps.shape[2:]), maps.dtype), sliding)
    share = inside / inside.sum(2, keepdims=True)
    output = (laid_out(maps, sliding) * share).sum(2)

    def back(slope: Array) -> tuple[Array | None, ...]:
        return (put_back(slope.reshape(*maps.shape[:2], 1, -1) * share, maps.shape, sliding),)

    return output.reshape(*maps.shape[:2], *sliding.places((maps.shape[2], maps.shape[3]))), back


def global_average(node: Node, inputs: list[Array]) -> Outcome:
    """Take the mean of each map: (n, c, h, w) -> (n, c, 1, 1)."""
    (maps,) = inputs
    size = maps.shape[2] * maps.shape[3]
    return maps.mean((2, 3), keepdims=True), lambda slope: (np.broadcast_to(slope / size, maps.shape),)


def global_max(node: Node, inputs: list[Array]) -> Outcome:
    """Take the largest value of each map: (n, c, h, w) -> (n, c, 1, 1)."""
    (maps,) = inputs
    output = maps.max((2, 3), keepdims=True)
    best = maps == output
    return output, lambda slope: (slope * best / best.sum((2, 3), keepdims=True),)


def pad(node: Node, inputs: list[Array]) -> Outcome:
    """Put zeros around every axis: all starts, then all ends."""
    values, ends = inputs[0], inputs[1].astype(int)
    pairs = list(zip(ends[: values.ndim], ends[values.ndim :], strict=True))
    inner = tuple(slice(start, start + side) for (start, _), side in zip(pairs, values.shape, strict=True))
    return np.pad(values, pairs), lambda slope: (slope[inner], None)


def _padded(maps: Array, sliding: Window, empty: float) -> Array:
    if not any((*sliding.before, *sliding.after)):
        return maps
    ends = list(zip(sliding.before, sliding.after, strict=True))
    return np.pad(maps, [(0, 0), (0, 0), *ends], constant_values=empty)
