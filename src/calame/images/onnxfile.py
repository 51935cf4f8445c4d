"""Writes an ONNX file: operations, constants, inputs and outputs, as bytes. Nothing is run or checked here.

ONNX is protobuf (https://protobuf.dev/programming-guides/encoding/) whose fields are numbers in `onnx.proto`;
`engine.graph` reads the same. The little that is written here needs no package, so that weights become a model
folder where only the base of Calame is installed.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

OPSET, IR_VERSION = 17, 8  # as `export.emit`
VARINT, BYTES, FOUR = 0, 2, 5  # wire types
KINDS = {"float32": 1, "uint8": 2, "int8": 3, "int32": 6, "int64": 7}  # of a tensor, by NumPy's name
FLOAT = KINDS["float32"]
Attribute = int | float | Sequence[int]


@dataclass
class OnnxFile:
    """A network as it is written: `node` and `constant` return the names of what they make."""

    name: str
    nodes: list[bytes] = field(default_factory=list[bytes])
    constants: dict[str, bytes] = field(default_factory=dict[str, bytes])

    def node(self, operation: str, inputs: Sequence[str], output: str, **attributes: Attribute) -> str:
        """Write an operation with one output; attributes are numbers or lists of whole numbers."""
        parts = [_text(1, one) for one in inputs] + [_text(2, output), _text(3, output), _text(4, operation)]
        self.nodes.append(b"".join([*parts, *(_bytes(5, _attribute(*one)) for one in attributes.items())]))
        return output

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Store an array of one of `KINDS`."""
        array = np.ascontiguousarray(values).reshape(values.shape)
        head = b"".join(_number(1, side) for side in array.shape) + _number(2, KINDS[array.dtype.name])
        raw = array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes()
        self.constants[name] = head + _text(8, name) + _bytes(9, raw)
        return name

    def to_bytes(self, inputs: Mapping[str, Sequence[int]], outputs: Mapping[str, Sequence[int]]) -> bytes:
        """Return the file; inputs and outputs are float32, their shapes without the batch."""
        graph = b"".join(_bytes(1, node) for node in self.nodes) + _text(2, self.name)
        graph += b"".join(_bytes(5, constant) for constant in self.constants.values())
        graph += b"".join(_bytes(11, _value(*one)) for one in inputs.items())
        graph += b"".join(_bytes(12, _value(*one)) for one in outputs.items())
        opset = _bytes(8, _text(1, "") + _number(2, OPSET))
        return _number(1, IR_VERSION) + _text(2, "calame") + _bytes(7, graph) + opset


def _varint(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first; a negative one as its complement in 64 bits."""
    value, out = value % (1 << 64), bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def _number(place: int, value: int) -> bytes:
    return _varint(place << 3 | VARINT) + _varint(value)


def _bytes(place: int, value: bytes) -> bytes:
    return _varint(place << 3 | BYTES) + _varint(len(value)) + value


def _text(place: int, value: str) -> bytes:
    return _bytes(place, value.encode())


def _attribute(name: str, value: Attribute) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _varint(2 << 3 | FOUR) + struct.pack("<f", value) + _number(20, 1)
    if isinstance(value, int):
        return _text(1, name) + _number(3, value) + _number(20, 2)
    return _text(1, name) + b"".join(_number(8, one) for one in value) + _number(20, 7)


def _value(name: str, shape: Sequence[int]) -> bytes:
    """Return the description of an input or output: float32, any number of pictures, each of `shape`."""
    sides = _bytes(1, _text(2, "n")) + b"".join(_bytes(1, _number(1, side)) for side in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, FLOAT) + _bytes(2, sides)))
