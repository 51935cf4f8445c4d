"""The network as it is written in an ONNX file: its operations, in order, and its weights. Nothing is run.

ONNX Runtime does not show weights, and the package `onnx` is not needed for the little that is read here: ONNX
is protobuf (https://protobuf.dev/programming-guides/encoding/), whose fields are numbers in `onnx.proto`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.artifact import INSPECT, ModelFolder
from calame.errors import DamagedModel
from calame.locale import Phrase

GRAPH = 7  # of a model
NODE, INITIALIZER = 1, 5  # of a graph
INPUT, OUTPUT, OPERATION, ATTRIBUTE = 1, 2, 4, 5  # of a node
ATTRIBUTE_NAME, ATTRIBUTE_FLOAT, ATTRIBUTE_INTEGER, ATTRIBUTE_INTEGERS = 1, 2, 3, 8  # of an attribute
DIMENSIONS, TYPE, FLOATS, NAME, RAW = 1, 2, 4, 8, 9  # of a tensor
KINDS = {1: "<f4", 7: "<i8"}  # its type: weights are float32, shapes and pads int64
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5  # wire types
LONGEST = 70  # bits of a number: ten bytes of seven
NEGATIVE, WRAP = 1 << 63, 1 << 64  # a negative number is written as its complement in 64 bits
LAYERS = {  # operation -> what a course calls the layer
    "Conv": "Conv2D", "MaxPool": "MaxPooling2D", "AveragePool": "AveragePooling2D", "Gemm": "Dense", "MatMul": "Dense",
    "GlobalAveragePool": "GlobalAveragePooling2D", "GlobalMaxPool": "GlobalMaxPooling2D", "Concat": "Concatenate",
    "ReduceMean": "GlobalAveragePooling2D", "ReduceMax": "GlobalMaxPooling2D", "Relu": "ReLU", "Softmax": "Softmax",
    "BatchNormalization": "BatchNormalization", "Add": "Add", "Mul": "Multiply", "Sigmoid": "Sigmoid", "Tanh": "Tanh",
    "LeakyRelu": "LeakyReLU", "Elu": "ELU", "Selu": "SELU", "Clip": "ReLU", "Pad": "ZeroPadding2D", "Sub": "Subtract",
    "Max": "Maximum", "Min": "Minimum",
}  # fmt: skip


Attribute = int | float | tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One operation: its kind, the names of what goes in and what comes out, and its options.

    `attributes` holds numbers and lists of whole numbers, e.g. {"strides": (2, 2)}; no other kind is read.
    """

    operation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])

    def sizes(self, name: str, default: tuple[int, ...]) -> tuple[int, ...]:
        """Return an attribute that is a list of whole numbers."""
        found = self.attributes.get(name, default)
        return found if isinstance(found, tuple) else default

    def number(self, name: str, default: float) -> float:
        """Return an attribute that is one number."""
        found = self.attributes.get(name, default)
        return default if isinstance(found, tuple) else found


class Layer(NamedTuple):
    """One layer as a course would name it: its class, and how many weights it has in the file."""

    kind: str
    parameters: int


@dataclass(frozen=True)
class Graph:
    """The operations of a network, in order, its weights by name, and its other constants: shapes and pads."""

    nodes: tuple[Node, ...]
    weights: Mapping[str, NDArray[np.float32]]
    integers: Mapping[str, NDArray[np.int64]] = field(default_factory=dict[str, NDArray[np.int64]])

    def layer(self, name: str) -> Layer:
        """Return what the layer of this name is; our exports call its operations and weights `name/…`.

        A normalisation is exported as a product and a sum: half the weights that it had in training.
        """
        inside = f"{name}/"
        own = {key: value for key, value in self.weights.items() if key.startswith(inside)}
        made = [node for node in self.nodes for output in node.outputs if output == name or output.startswith(inside)]
        kind = next((LAYERS[node.operation] for node in made if node.operation in LAYERS), "Reshape")
        if kind == "Reshape" and any(self._lays_flat(node) for node in made):
            kind = "Flatten"
        if kind == "Multiply" and inside + "scale" in own:
            kind = "BatchNormalization" if inside + "shift" in own else "Rescaling"
        kernel = own.get(inside + "kernel")
        if kind == "Conv2D" and kernel is not None and kernel.shape[1] == 1 and self._comes_later(name):
            kind = "DepthwiseConv2D"  # one input map for each filter, and there was more than one map
        return Layer(kind, sum(value.size for value in own.values()))

    def kernels(self, name: str) -> NDArray[np.float32] | None:
        """Return the filters of a convolution, (height, width, inputs, filters); None for any other layer."""
        kernel = self.weights.get(f"{name}/kernel")
        return None if kernel is None or kernel.ndim != 4 else kernel.transpose(2, 3, 1, 0)

    def _lays_flat(self, node: Node) -> bool:
        """Whether each picture's values come out as one row, as `Flatten` of Keras lays them."""
        row = node.operation == "Reshape" and len(self.integers.get(node.inputs[1], ())) == 2
        return row or node.operation == "Flatten"

    def _comes_later(self, name: str) -> bool:
        first = next((node for node in self.nodes if node.operation == "Conv"), None)
        return first is not None and not first.outputs[0].startswith(f"{name}/")


def read_graph(folder: ModelFolder, file: str = INSPECT) -> Graph:
    """Return the network of a model folder.

    Raises:
        DamagedModel: bytes that are not ONNX.
    """
    content = memoryview(folder.read(file))
    try:
        graph = next(value for number, value in _fields(content) if number == GRAPH)
        nodes: list[Node] = []
        constants: dict[str, NDArray[Any]] = {}
        for number, value in _fields(_bytes(graph)):
            if number == NODE:
                nodes.append(_node(value))
            elif number == INITIALIZER:
                constants.update(_tensor(value))
    except (IndexError, StopIteration, TypeError, ValueError) as error:
        raise DamagedModel(path=folder.path / file, problem=Phrase("model.not_onnx")) from error
    weights = {name: value for name, value in constants.items() if value.dtype == np.float32}
    integers = {name: value for name, value in constants.items() if value.dtype == np.int64}
    return Graph(tuple(nodes), weights, integers)


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """Yield the fields of a message: numbers as they are, all others as their bytes."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire = key >> 3, key & 7
        if wire == VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        size, place = {EIGHT: (8, place), FOUR: (4, place)}.get(wire) or _varint(message, place)
        if place + size > len(message):
            raise ValueError(number)
        yield number, message[place : place + size]
        place += size


def _bytes(value: memoryview | int) -> memoryview:
    if isinstance(value, int):
        raise TypeError(value)
    return value


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[place]
        value |= (byte & 127) << shift
        place, shift = place + 1, shift + 7
        if byte < 128:
            return value, place
        if shift >= LONGEST:  # else a file of such bytes alone would take hours
            raise ValueError(shift)


def _node(message: memoryview | int) -> Node:
    texts: dict[int, list[str]] = {INPUT: [], OUTPUT: [], OPERATION: [""]}
    attributes: dict[str, Attribute] = {}
    for number, value in _fields(_bytes(message)):
        if number in texts:
            texts[number].append(bytes(_bytes(value)).decode())
        elif number == ATTRIBUTE:
            attributes.update(_attribute(value))
    return Node(texts[OPERATION][-1], tuple(texts[INPUT]), tuple(texts[OUTPUT]), attributes)


def _attribute(message: memoryview | int) -> dict[str, Attribute]:
    """Read one option of an operation; texts and tensors are left out."""
    name, found, several = "", list[Attribute](), list[int]()
    for number, value in _fields(_bytes(message)):
        if number == ATTRIBUTE_NAME:
            name = bytes(_bytes(value)).decode()
        elif number == ATTRIBUTE_FLOAT:
            found.append(float(np.frombuffer(_bytes(value), "<f4")[0]))
        elif number == ATTRIBUTE_INTEGER and isinstance(value, int):
            found.append(_signed(value))
        elif number == ATTRIBUTE_INTEGERS:
            several += map(_signed, [value] if isinstance(value, int) else _packed(value))
    if several:
        found = [tuple(several)]
    return {name: found[-1]} if found else {}


def _signed(value: int) -> int:
    return value - WRAP if value >= NEGATIVE else value


def _tensor(message: memoryview | int) -> dict[str, NDArray[Any]]:
    """Read one constant of float32 or int64; others are left out."""
    name, kind, shape, numbers = "", 0, list[int](), memoryview(b"")
    for number, value in _fields(_bytes(message)):
        if number == NAME:
            name = bytes(_bytes(value)).decode()
        elif number == TYPE and isinstance(value, int):
            kind = value
        elif number == DIMENSIONS:
            shape += [value] if isinstance(value, int) else _packed(value)
        elif number in (RAW, FLOATS):
            numbers = _bytes(value)
    return {name: np.frombuffer(numbers, KINDS[kind]).reshape(shape)} if kind in KINDS else {}


def _packed(value: memoryview) -> list[int]:
    found, place = list[int](), 0
    while place < len(value):
        number, place = _varint(value, place)
        found.append(number)
    return found
