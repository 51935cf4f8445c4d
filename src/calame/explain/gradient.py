"""The network run forwards and backwards in NumPy: what it computes, and how that would change with its input.

ONNX Runtime answers, but does not say how the answer depends on a pixel; Keras does, but is not in the base
install. The few operations of our files (`operators`) are therefore run here once more, each with its way back.
Known to agree: with ONNX Runtime at every layer, with finite differences, and with TensorFlow (`tests/explain`).
"""

from collections.abc import Mapping

import numpy as np

from calame.engine.graph import Graph, Node
from calame.errors import UnsupportedModel
from calame.explain.operators import OPERATORS
from calame.explain.windows import Array, Pullback
from calame.locale import Phrase


class Tape:
    """Everything that a network computes for some pictures, by the names of its file, and the way back.

    Args:
        graph: from `engine.graph.read_graph`.
        name: of the input.
        pixels: (n, 28, 28, 1), in the range that the network learned on; float64 makes all of it float64.
        path: of the file, for the message.
        until: the name of a value after which nothing more is computed; None computes everything.

    Raises:
        UnsupportedModel: an operation that is not known here; it is named.

    Example:
        >>> tape = Tape(graph, "image", pixels)
        >>> slopes = tape.back({logits: one_hot}, "image")  # by every pixel
    """

    def __init__(self, graph: Graph, name: str, pixels: Array, path: object = "-", until: str | None = None) -> None:
        self.values: dict[str, Array] = {name: pixels}
        self._steps: list[tuple[Node, Pullback]] = []
        constants: Mapping[str, Array] = {**graph.weights, **graph.integers}  # pyright: ignore[reportAssignmentType]
        for node in graph.nodes:
            if node.operation not in OPERATORS:
                problem = Phrase("explain.operation", operation=node.operation)
                raise UnsupportedModel(path=path, layer=node.outputs[0], problem=problem)
            inputs = [self.values[one] if one in self.values else constants[one] for one in node.inputs]
            self.values[node.outputs[0]], back = OPERATORS[node.operation](node, inputs)
            self._steps.append((node, back))
            if node.outputs[0] == until:
                break

    def back(self, slopes: Mapping[str, Array], to: str) -> Array:
        """Return how a quantity changes with the value `to`, of its shape.

        Args:
            slopes: by name, how the quantity changes with values of the network: a 1 for one class of the logits
                gives the slope of that logit. All of them must come after `to`, or be it.
            to: the name of a value, e.g. of the input.
        """
        known = dict(slopes)
        for node, back in reversed(self._steps):
            name = node.outputs[0]
            if name == to:
                break
            if name in known:
                for source, slope in zip(node.inputs, back(known.pop(name)), strict=False):
                    if slope is not None and source in self.values:
                        known[source] = known[source] + slope if source in known else slope
        return np.ascontiguousarray(known[to]) if to in known else np.zeros_like(self.values[to])
