"""A model opened to be looked into: its graph, its answers, its layers, and the way back to its pixels.

Every function of this part takes a `Model` and a picture as the network sees it, (28, 28) uint8, ink 255 on 0:
what `DigitReading.prepared` holds. Opening takes some 50 ms: open once what is asked often.
"""

from collections.abc import Sequence
from functools import cached_property
from numbers import Integral
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calame.artifact import INSPECT, ModelFolder
from calame.engine.graph import Graph, Node, read_graph
from calame.engine.session import PROBABILITIES, Floats, Inspector, Session
from calame.errors import BadArray, BadParameter, UnsupportedModel
from calame.explain.gradient import Tape
from calame.explain.windows import Array
from calame.locale import Phrase
from calame.shelf import Shelf
from calame.types import DIGITS, SIDE, described

Picture = NDArray[np.uint8]
TURNED = "Transpose"  # how `inspect.onnx` shows maps with their channels last; the network itself goes on without


class Network:
    """A model folder, opened.

    Args:
        folder: a model folder, as `DigitReader().folder` has one, or the name or path of one; None: the shipped model.

    Raises:
        MissingModel: see `Shelf.find`.
        DamagedModel: see `engine.session.Inspector`.

    Example:
        >>> network = Network("digits")
        >>> network.layers["stage3_3"]
        (7, 7, 128)
    """

    def __init__(self, folder: ModelFolder | str | Path | None = None) -> None:
        self.folder = folder = folder if isinstance(folder, ModelFolder) else Shelf(None).find(folder)
        self.graph: Graph = read_graph(folder)
        self.classify = Session(folder)
        self.inspector = Inspector(folder)
        self.layers = self.inspector.layers
        self._makers: dict[str, Node] = {node.outputs[0]: node for node in self.graph.nodes}

    def pixels(self, pictures: Picture | Floats) -> Floats:
        """Return (n, 28, 28), 0-255, as the network's input, (n, 28, 28, 1) float32 in its own range."""
        low, high = self.folder.manifest.input["range"]
        return (pictures.astype(np.float32) * np.float32((high - low) / 255) + np.float32(low))[..., None]

    def run(self, pixels: Array, until: str | None = None) -> Tape:
        """Compute everything, or all `until` a value, for `pixels` (n, 28, 28, 1); raises as `Tape` does."""
        return Tape(self.graph, self.folder.manifest.input["name"], pixels, self.path, until)

    def slopes(self, tape: Tape, quantities: dict[str, Array]) -> Array:
        """Return how the quantities change with every pixel, (n, 28, 28, 1)."""
        return tape.back(quantities, self.folder.manifest.input["name"])

    @property
    def path(self) -> Path:
        """Where the network's file is."""
        return self.folder.path / INSPECT

    @property
    def digest(self) -> str:
        """What tells this network from any other: the SHA-256 of its file."""
        return self.folder.manifest.files[INSPECT]["sha256"]

    @cached_property
    def logits(self) -> str:
        """The value, (n, 10), that the softmax makes probabilities of.

        Raises:
            UnsupportedModel: the network ends in something else.
        """
        node = self._makers[PROBABILITIES]
        while node.operation == "Identity":
            node = self._makers[node.inputs[0]]
        if node.operation != "Softmax":
            raise self.unsupported(node.outputs[0], "explain.no_softmax")
        return node.inputs[0]

    @cached_property
    def last(self) -> Node:
        """The dense layer that gives the logits: its inputs are the features, a kernel, and perhaps a bias.

        Raises:
            UnsupportedModel: something else gives them.
        """
        node = self._makers[self.logits]
        if node.operation != "Gemm":
            raise self.unsupported(node.outputs[0], "explain.no_dense")
        return node

    @property
    def bias(self) -> Floats:
        """What the last layer adds to each class, (10,)."""
        return self.graph.weights[self.last.inputs[2]] if len(self.last.inputs) > 2 else np.zeros(DIGITS, np.float32)

    def maker(self, name: str) -> Node | None:
        """Return the operation that a value comes from; None for the input and for constants."""
        return self._makers.get(name)

    def readers(self, name: str) -> list[Node]:
        """Return the operations that go on with a value; showing it is not going on."""
        return [node for node in self.graph.nodes if name in node.inputs and not self._shows(node)]

    def inner(self, layer: str) -> str:
        """Return the name of the value of a layer that the network goes on with: maps have their channels first."""
        node = self._makers[layer]
        return node.inputs[0] if self._shows(node) else layer

    def need(self, layer: str) -> str:
        """Return the name of a layer that is there.

        Raises:
            BadParameter: there is none of this name; the message lists those that there are.
        """
        if layer not in self.layers:
            raise BadParameter(name="layer", found=repr(layer), expected=", ".join(self.layers))
        return layer

    def unsupported(self, layer: str, key: str) -> UnsupportedModel:
        """Return the error for a network that cannot be explained in the way that was asked for."""
        return UnsupportedModel(path=self.path, layer=layer, problem=Phrase(key))

    def _shows(self, node: Node) -> bool:
        return node.operation == TURNED and node.outputs[0] in self.layers


Model = Network | ModelFolder | str | Path | None
"""An opened network, a model folder, or the name or path of one; None: the shipped model."""


def opened(model: Model) -> Network:
    """Open what is not open yet; errors as for `Shelf.find` and `Network`."""
    return model if isinstance(model, Network) else Network(model)


def seen(picture: Picture) -> Picture:
    """Return the picture as a batch of one, (1, 28, 28).

    Raises:
        BadArray: another shape or dtype, or no array, as `prepared` of a reading that found no ink.
    """
    is_array = isinstance(picture, np.ndarray)  # pyright: ignore[reportUnnecessaryIsInstance]  # users' own calls
    if not is_array or picture.dtype != np.uint8 or picture.shape != (SIDE, SIDE):
        raise BadArray(found=described(picture), expected=f"({SIDE}, {SIDE}) uint8")
    return picture[None]


def one_of(name: str, value: int, count: int) -> int:
    """Return a number that is at least 0 and below `count`.

    Raises:
        BadParameter: it is not, or no whole number at all, as `digit` of a reading that was refused.
    """
    if not (isinstance(value, Integral) and 0 <= value < count):  # what NumPy counts with is Integral, not int
        raise BadParameter(name=name, found=repr(value), expected=f"0 – {count - 1}")
    return int(value)


def one_hot(classes: int | Sequence[int], dtype: type[np.floating] = np.float32) -> Array:
    """Return (n, 10): for each class a row that is 1 there and 0 elsewhere."""
    return np.eye(DIGITS, dtype=dtype)[np.atleast_1d(classes)]
