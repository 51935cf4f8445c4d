"""The network as it is written in an ONNX file: its operations, in order, and its weights. Nothing is run.

ONNX Runtime does not show weights, and the package `onnx` is not needed for the little that is read here: ONNX
is protobuf (https://protobuf.dev/programming-guides/encoding/), whose fields are numbers in `onnx.proto`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.artifact import INSPECT, ModelFolder
from calame.errors import DamagedModel
from calame.locale import Phrase

GRAPH = 7  # of a model
NODE, INITIALIZER = 1, 5  # of a graph
INPUT, OUTPUT, OPERATION = 1, 2, 4  # of a node
DIMENSIONS, TYPE, FLOATS, NAME, RAW = 1, 2, 4, 8, 9  # of a tensor
FLOAT32 = 1  # its type
VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5  # wire types
LONGEST = 70  # bits of a number: ten bytes of seven
LAYERS = {  # operation -> what a course calls the layer
    "Conv": "Conv2D", "MaxPool": "MaxPooling2D", "AveragePool": "AveragePooling2D", "Gemm": "Dense", "MatMul": "Dense",
    "GlobalAveragePool": "GlobalAveragePooling2D", "GlobalMaxPool": "GlobalMaxPooling2D", "Concat": "Concatenate",
    "ReduceMean": "GlobalAveragePooling2D", "ReduceMax": "GlobalMaxPooling2D", "Relu": "ReLU", "Softmax": "Softmax",
    "BatchNormalization": "BatchNormalization", "Add": "Add", "Mul": "Multiply", "Sigmoid": "Sigmoid", "Tanh": "Tanh",
}  # fmt: skip


@dataclass(frozen=True)
class Node:
    """One operation: its kind and the names of what goes in and what comes out."""

    operation: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


class Layer(NamedTuple):
    """One layer as a course would name it: its class, and how many weights it has in the file."""

    kind: str
    parameters: int


@dataclass(frozen=True)
class Graph:
    """The operations of a network, in order, and its weights by name."""

    nodes: tuple[Node, ...]
    weights: Mapping[str, NDArray[np.float32]]

    def layer(self, name: str) -> Layer:
        """Return what the layer of this name is; our exports call its operations and weights `name/…`.

        A normalisation is exported as a product and a sum: half the weights that it had in training.
        """
        inside = f"{name}/"
        own = {key: value for key, value in self.weights.items() if key.startswith(inside)}
        made = [node for node in self.nodes for output in node.outputs if output == name or output.startswith(inside)]
        kind = next((LAYERS[node.operation] for node in made if node.operation in LAYERS), "Reshape")
        if kind == "Multiply" and inside + "scale" in own:
            kind = "BatchNormalization"
        kernel = own.get(inside + "kernel")
        if kind == "Conv2D" and kernel is not None and kernel.shape[1] == 1 and self._comes_later(name):
            kind = "DepthwiseConv2D"  # one input map for each filter, and there was more than one map
        return Layer(kind, sum(value.size for value in own.values()))

    def kernels(self, name: str) -> NDArray[np.float32] | None:
        """Return the filters of a convolution, (height, width, inputs, filters); None for any other layer."""
        kernel = self.weights.get(f"{name}/kernel")
        return None if kernel is None or kernel.ndim != 4 else kernel.transpose(2, 3, 1, 0)

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
        weights: dict[str, NDArray[np.float32]] = {}
        for number, value in _fields(_bytes(graph)):
            if number == NODE:
                nodes.append(_node(value))
            elif number == INITIALIZER:
                weights.update(_tensor(value))
    except (IndexError, StopIteration, TypeError, ValueError) as error:
        raise DamagedModel(path=folder.path / file, problem=Phrase("model.not_onnx")) from error
    return Graph(tuple(nodes), weights)


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
    for number, value in _fields(_bytes(message)):
        if number in texts:
            texts[number].append(bytes(_bytes(value)).decode())
    return Node(texts[OPERATION][-1], tuple(texts[INPUT]), tuple(texts[OUTPUT]))


def _tensor(message: memoryview | int) -> dict[str, NDArray[np.float32]]:
    """Read one constant; those that are not float32 are shapes and axes, and are left out."""
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
    return {name: np.frombuffer(numbers, "<f4").reshape(shape)} if kind == FLOAT32 else {}


def _packed(value: memoryview) -> list[int]:
    found, place = list[int](), 0
    while place < len(value):
        number, place = _varint(value, place)
        found.append(number)
    return found
