"""One value of a network, written out: what goes in, by what it is multiplied, what comes out, and what follows.

A convolution's value is a sum of products over its window; a pooling's is the largest or the mean of its window; a
class's score is a sum over features. The numbers are the network's own, and the sum is checked against what ONNX
Runtime computes for the same place (`tests/explain`). Source: Dumoulin and Visin, "A guide to convolution
arithmetic for deep learning", 2016; in pictures, Wang and others, "CNN Explainer", 2020.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from calame.engine.graph import LAYERS, Node
from calame.engine.session import Floats
from calame.errors import BadParameter
from calame.explain.gradient import Tape
from calame.explain.network import Model, Network, Picture, one_of, opened, seen
from calame.explain.operators import POINTWISE
from calame.explain.windows import Window, window

Operation = Literal["sum", "max", "mean"]
POOLS: dict[str, Operation] = {
    "MaxPool": "max", "AveragePool": "mean", "GlobalMaxPool": "max", "GlobalAveragePool": "mean",
}  # fmt: skip
SUMS = ("Conv", "Gemm")
EACH = (*POINTWISE, "Mul", "Add", "Clip", "Softmax")  # what is done to each value by itself, or to all at a place
KINDS = {LAYERS[operation] for operation in (*SUMS, *POOLS)} | {"DepthwiseConv2D"}


Value = TypeVar("Value", float, Floats)  # one place's, or those of all places of a map


@dataclass(frozen=True, eq=False)
class Then(Generic[Value]):
    """What happens to the value, or to all values of a map, next.

    Attributes:
        layer: in which layer.
        kind: "ReLU", "BatchNormalization", "Softmax" ... as in `engine.graph`.
        value: what it becomes.
        scale, shift: of a normalisation: value = before × scale + shift.
    """

    layer: str
    kind: str
    value: Value
    scale: float | None = None
    shift: float | None = None


@dataclass(frozen=True, eq=False)
class Arithmetic:
    """How one value of a layer comes about.

    Attributes:
        layer, kind: of the layer, "Conv2D", "MaxPooling2D", "Dense" ...
        source: the layer whose values go in, or "image".
        operation: what is done with them: "sum" (of products, plus bias), "max" or "mean".
        inputs: (h, w, channels) for a window; (n,) for a dense layer. Where a window hangs over the edge a
            convolution sees 0, and a pooling nothing at all: not a number.
        weights: of the same shape; None for a pooling.
        corner: row and column, on the source's maps, of the window's first cell; None for a dense layer.
        spread: from one cell of the window to the next, down and across.
        channels: which of the source's maps the inputs are from, first and one past the last.
        bias: 0 where there is none.
        total: the sum, the largest or the mean.
        then: what follows at this place: normalisation, ReLU, softmax; until another window slides over it.
        output: what ONNX Runtime has at this place of `layer`: `total`, or the end of what follows inside it.
    """

    layer: str
    kind: str
    source: str
    operation: Operation
    inputs: Floats
    weights: Floats | None
    corner: tuple[int, int] | None
    spread: tuple[int, int]
    channels: tuple[int, int]
    bias: float
    total: float
    then: tuple[Then[float], ...]
    output: float

    @property
    def products(self) -> Floats:
        """Inputs × weights; the inputs themselves where there are no weights."""
        return self.inputs if self.weights is None else self.inputs * self.weights

    @property
    def chosen(self) -> tuple[int, ...] | None:
        """Where among the inputs the largest is, for a maximum."""
        if self.operation != "max":
            return None
        return tuple(int(place) for place in np.unravel_index(np.nanargmax(self.inputs), self.inputs.shape))

    def to_json(self) -> dict[str, Any]:
        """Return plain values, arrays as nested lists, null where there is nothing."""
        plain = {name: value for name, value in vars(self).items() if name not in ("inputs", "weights", "then")}
        arrays = {"inputs": self.inputs, "weights": self.weights, "products": self.products}
        listed = {name: None if value is None else _listed(value) for name, value in arrays.items()}
        return plain | listed | {"chosen": self.chosen, "then": [vars(step) for step in self.then]}


@dataclass(frozen=True, eq=False)
class Making:
    """How all values of one map come about: what `Arithmetic` tells of one place, for every place at once.

    Attributes:
        layer, kind, source, operation, channels, bias: as in `Arithmetic`.
        inputs: (h, w, channels), the whole maps that the window slides over; (n,) for a dense layer.
        weights: (rows, columns, channels) of the window, or (n,); None for a pooling.
        sliding: how the window slides; None for a dense layer, and for what looks at the whole map.
        totals: (h', w') or (), the sums, the largest values or the means, before what follows.
        then: what follows, each (h', w') or ().
        output: the same, what ONNX Runtime has for the map in the layer that was asked for.
    """

    layer: str
    kind: str
    source: str
    operation: Operation
    inputs: Floats
    weights: Floats | None
    sliding: Window | None
    channels: tuple[int, int]
    bias: float
    totals: Floats
    then: tuple[Then[Floats], ...]
    output: Floats


def making(model: Model, picture: Picture, layer: str, map: int) -> Making:  # noqa: A002
    """Return how all values of one map come about, from one pass through the network.

    Args, errors and source as for `arithmetic`.

    Example:
        >>> found = making("digits", reading.prepared, "stage1_conv", map=5)
        >>> found.inputs.shape, found.weights.shape, found.totals.shape
        ((28, 28, 1), (5, 5, 1), (28, 28))
    """
    network = opened(model)
    asked, (layer, node) = layer, _main(network, network.need(layer))
    number = one_of("map", map, network.layers[layer][-1])
    shown = network.inspector.activations(seen(picture), [asked])[asked][0]
    followers = list(_followers(network, node))
    tape = network.run(network.pixels(picture[None]), followers[-1].name if followers else node.outputs[0])
    at = () if node.operation == "Gemm" else (0, 0)
    values, weights, _, first, sliding = _terms(network, tape, node, (number, *at))
    last = first + values.shape[-1]
    whole = values if node.operation == "Gemm" else tape.values[node.inputs[0]][0, first:last].transpose(1, 2, 0)
    passed = [Then(one.layer, one.kind, _map_of(tape, one.name, number), *one.linear(number))
              for one in followers]  # fmt: skip
    return Making(
        layer=layer,
        kind=network.graph.layer(layer).kind,
        source=_layer(node.inputs[0]),
        operation=POOLS.get(node.operation, "sum"),
        inputs=whole,
        weights=weights,
        sliding=None if node.operation.startswith("Global") else sliding,
        channels=(first, last),
        bias=_bias(network, node, number),
        totals=_map_of(tape, node.outputs[0], number),
        then=tuple(passed),
        output=shown[..., number],
    )


def arithmetic(
    model: Model,
    picture: Picture,
    layer: str,
    map: int,  # noqa: A002
    row: int = 0,
    column: int = 0,
) -> Arithmetic:
    """Return how one value of a layer comes about.

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0.
        layer: a convolution, a pooling or a dense layer; the last one's values are the classes. A layer that changes
            each value by itself (a normalisation, an activation) stands for the one before it, and is told there,
            under `then`.
        map: which of its maps, features or classes.
        row: of the place on the map; 0 where the layer has no places.
        column: the same.

    Raises:
        BadArray, BadParameter: another picture; a layer, map or place that is not there, or a layer that only
            moves values about.

    Example:
        >>> found = arithmetic("digits", reading.prepared, "stage1_conv", map=5, row=12, column=14)
        >>> abs(found.products.sum() + found.bias - found.output) < 1e-4
        True
    """
    network = opened(model)
    layer, node = _main(network, network.need(layer))
    shape = network.layers[layer]
    number = one_of("map", map, shape[-1])
    at: tuple[int, ...] = ()
    if len(shape) == 3:
        at = one_of("row", row, shape[0]), one_of("column", column, shape[1])
    place = (number, *at)
    shown = network.inspector.activations(seen(picture), [layer])[layer][0]
    followers = list(_followers(network, node))
    tape = network.run(network.pixels(picture[None]), followers[-1].name if followers else node.outputs[0])
    inputs, weights, corner, first, sliding = _terms(network, tape, node, place)
    return Arithmetic(
        layer=layer,
        kind=network.graph.layer(layer).kind,
        source=_layer(node.inputs[0]),
        operation=POOLS.get(node.operation, "sum"),
        inputs=inputs,
        weights=weights,
        corner=corner,
        spread=sliding.spread if sliding else (1, 1),
        channels=(first, first + inputs.shape[-1]),
        bias=_bias(network, node, number),
        total=_at(tape, node.outputs[0], place),
        then=tuple(Then(one.layer, one.kind, _at(tape, one.name, place), *one.linear(number)) for one in followers),
        output=float(shown[(*at, number)]),
    )


def _main(network: Network, layer: str) -> tuple[str, Node]:
    """The layer that is meant and the operation that makes it what it is: the last of it that sums or pools."""
    asked = layer
    while True:
        inside = f"{layer}/"
        own = [node for node in network.graph.nodes if node.outputs[0] == layer or node.outputs[0].startswith(inside)]
        found = [node for node in own if node.operation in (*SUMS, *POOLS)]
        if found:
            return layer, found[-1]
        layer = _layer(own[0].inputs[0])
        if own[0].operation not in EACH or layer not in network.layers:
            able = [name for name in network.layers if network.graph.layer(name).kind in KINDS]
            raise BadParameter(name="layer", found=repr(asked), expected=", ".join(able))


Terms = tuple[Floats, Floats | None, tuple[int, int] | None, int, Window | None]


def _terms(network: Network, tape: Tape, node: Node, place: tuple[int, ...]) -> Terms:
    """What goes in at a place: values, weights, the window's corner, the first map, and how it slides."""
    values, (number, *at) = tape.values[node.inputs[0]][0], place
    if node.operation == "Gemm":
        return values, network.graph.weights[node.inputs[1]][:, number], None, 0, None
    if node.operation.startswith("Global"):
        return values[number][..., None], None, (0, 0), number, None
    if node.operation == "Conv":
        kernel = network.graph.weights[node.inputs[1]]
        first = number // (len(kernel) // int(node.number("group", 1))) * kernel.shape[1]
        weights, count, sliding = kernel[number].transpose(1, 2, 0), kernel.shape[1], window(node, kernel.shape[2:])
    else:
        first, weights, count, sliding = number, None, 1, window(node, node.sizes("kernel_shape", (1, 1)))
    corner = sliding.corner(at[0], at[1])
    outside = np.nan if weights is None else 0.0
    return _window(values[first : first + count], sliding, corner, outside), weights, corner, first, sliding


def _window(maps: Floats, sliding: Window, corner: tuple[int, int], outside: float) -> Floats:
    """(c, h, w) -> (rows, columns, c): what the window sees with its first cell at `corner`."""
    rows, columns = (
        start + spread * np.arange(size)
        for start, spread, size in zip(corner, sliding.spread, sliding.size, strict=True)
    )
    inside = np.outer((rows >= 0) & (rows < maps.shape[1]), (columns >= 0) & (columns < maps.shape[2]))
    found = maps[:, np.clip(rows, 0, maps.shape[1] - 1)][:, :, np.clip(columns, 0, maps.shape[2] - 1)]
    return np.where(inside, found, outside).transpose(1, 2, 0).astype(np.float32)


@dataclass(frozen=True, eq=False)
class _Follower:
    """A layer that changes each value by itself: the name of its value, and what a normalisation has for each map."""

    layer: str
    kind: str
    name: str
    scale: Floats | None = None
    shift: Floats | None = None

    def linear(self, number: int) -> tuple[float | None, float | None]:
        """Return scale and shift of a map; constants are (c,), (c, 1, 1) or one for all."""
        both = (None if one is None else one.reshape(-1) for one in (self.scale, self.shift))
        scale, shift = (None if one is None else float(one[number if one.size > 1 else 0]) for one in both)
        return scale, shift


def _followers(network: Network, node: Node) -> Iterator[_Follower]:
    """What each cell goes through by itself after `node`, in order."""
    name, scale = node.outputs[0], None
    while True:
        readers = network.readers(name)
        if len(readers) != 1 or not _each(readers[0], network):
            return
        (reader,) = readers
        name = reader.outputs[0]
        layer = _layer(name)
        constants = [network.graph.weights[one] for one in reader.inputs if one in network.graph.weights]
        if reader.operation == "Mul" and f"{layer}/scale" in reader.inputs and constants[0].size > 1:
            scale = constants[0]
        elif reader.operation == "Add" and f"{layer}/shift" in reader.inputs:
            yield _Follower(layer, "BatchNormalization", name, scale, constants[0])
        elif reader.operation != "Identity":
            yield _Follower(layer, LAYERS.get(reader.operation, reader.operation), name)


def _each(node: Node, network: Network) -> bool:
    """Whether it is done to one value, and to nothing else that the network computes."""
    constants = {*network.graph.weights, *network.graph.integers}
    alone = sum(source not in constants for source in node.inputs) == 1
    return alone and node.operation in EACH


def _bias(network: Network, node: Node, number: int) -> float:
    added = node.inputs[2:]  # the name of its bias, if it has one
    return float(network.graph.weights[added[0]][number]) if added else 0.0


def _at(tape: Tape, name: str, place: tuple[int, ...]) -> float:
    """A value with its channel first; a map without places has one all the same."""
    values, (number, *at) = tape.values[name], place
    return float(values[(0, number, *(at or (0,) * (values.ndim - 2)))])


def _map_of(tape: Tape, name: str, number: int) -> Floats:
    """All values of a map, (h, w) or ()."""
    values = tape.values[name][0, number]
    return np.asarray(values if values.size > 1 else values.reshape(()), np.float32)


def _layer(name: str) -> str:
    return name.rpartition("/")[0] or name


def _listed(values: Floats) -> object:
    plain = values.astype(object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()
