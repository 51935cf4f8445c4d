"""Where a cell of a map lies on the picture, and how much of the picture it can see.

Every window that slides has a size and a stride; from them follow, layer by layer, the distance between two cells
in pixels and the middle of the first: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning",
2016. What slides over nothing leaves places as they are.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calame.engine.graph import Node
from calame.explain.network import Network
from calame.explain.operators import PAIRWISE, POINTWISE
from calame.explain.windows import window
from calame.types import SIDE

AS_BEFORE = frozenset(POINTWISE) | frozenset(PAIRWISE) | {"Clip", "Softmax", "Transpose", "Concat"}


@dataclass(frozen=True)
class Grid:
    """The places of a map on the picture, in pixels; every pair is (down, across).

    Attributes:
        start: middle of the first cell; the middle of the first pixel is 0.
        step: from one cell to the next.
        field: what one cell can see, its receptive field.
    """

    start: tuple[float, float] = (0.0, 0.0)
    step: tuple[float, float] = (1.0, 1.0)
    field: tuple[int, int] = (1, 1)

    def middle(self, row: int, column: int) -> tuple[float, float]:
        """Return where the middle of a cell lies."""
        return self.start[0] + row * self.step[0], self.start[1] + column * self.step[1]

    def under(self, row: int, column: int) -> tuple[slice, slice]:
        """Return the pixels that are nearer to this cell than to any other: 4×4 for a map of 7×7."""
        sides: list[slice] = []
        for middle, step in zip(self.middle(row, column), self.step, strict=True):
            first = int(np.ceil(middle - step / 2))
            sides.append(slice(max(first, 0), min(max(int(np.ceil(middle + step / 2)), first + 1), SIDE)))
        return sides[0], sides[1]

    def spread(self, values: NDArray[np.floating]) -> NDArray[np.float32]:
        """Return a map (h, w) on the picture, (28, 28): between two middles in a straight line, flat outside."""
        along: list[NDArray[np.float64]] = []
        for side, start, step in zip(values.shape, self.start, self.step, strict=True):
            at = np.clip((np.arange(SIDE) - start) / step, 0, side - 1)
            low = np.minimum(at.astype(int), max(side - 2, 0))
            weights = np.zeros((SIDE, side))
            weights[np.arange(SIDE), low] = 1 - (at - low)
            weights[np.arange(SIDE), np.minimum(low + 1, side - 1)] += at - low
            along.append(weights)
        return (along[0] @ values @ along[1].T).astype(np.float32)


def grid(network: Network, name: str) -> Grid | None:
    """Return where the maps `name` of the network lie; None for a value without places, or one that lost them."""
    node = network.maker(name)
    if node is None:
        return Grid() if name == network.folder.manifest.input["name"] else None
    if node.operation in {"Conv", "MaxPool", "AveragePool", "Pad"} | AS_BEFORE:
        constants = {*network.graph.weights, *network.graph.integers}
        before = grid(network, next(one for one in node.inputs if one not in constants))
        return before and _after(network, node, before)
    if node.operation == "Reshape" and node.inputs[0] == network.folder.manifest.input["name"]:
        return Grid() if network.graph.integers[node.inputs[1]].size == 4 else None
    return None


def _after(network: Network, node: Node, before: Grid) -> Grid:
    if node.operation == "Pad":
        top, left = (int(side) for side in network.graph.integers[node.inputs[1]][2:4])
        return _moved(before, (-top, -left))
    if node.operation in AS_BEFORE:
        return before
    kernel = network.graph.weights[node.inputs[1]].shape[2:] if node.operation == "Conv" else ()
    sliding = window(node, kernel or node.sizes("kernel_shape", (1, 1)))
    reach = [(size - 1) * spread for size, spread in zip(sliding.size, sliding.spread, strict=True)]
    moved = _moved(before, (reach[0] / 2 - sliding.before[0], reach[1] / 2 - sliding.before[1]))
    down, across = (step * stride for step, stride in zip(before.step, sliding.stride, strict=True))
    rows, columns = (
        int(field + more * step) for field, more, step in zip(before.field, reach, before.step, strict=True)
    )
    return replace(moved, step=(down, across), field=(rows, columns))


def _moved(before: Grid, cells: tuple[float, float]) -> Grid:
    down, across = (start + by * step for start, by, step in zip(before.start, cells, before.step, strict=True))
    return replace(before, start=(down, across))
