"""Writes ONNX nodes: tensors that know their Keras shape, and names that say which layer they are from.

ONNX convolutions want channels first, Keras has them last. A tensor changes side only where the next operator
needs it, so that a plain convolutional network has one Transpose, at its input. This module keeps that account;
what is computed is not known here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from calame.export.steps import Shape


@dataclass(frozen=True)
class Tensor:
    """A value of the graph: `shape` with channels last and without the batch, however it is stored."""

    name: str
    shape: Shape
    channels_first: bool = False


@dataclass
class Writer:
    """Collects nodes and constants; names them after the step that is being written."""

    step: str = ""
    nodes: list[onnx.NodeProto] = field(default_factory=list["onnx.NodeProto"])
    constants: dict[str, onnx.TensorProto] = field(default_factory=dict[str, "onnx.TensorProto"])
    turned: dict[tuple[str, bool], Tensor] = field(default_factory=dict[tuple[str, bool], Tensor])

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """Store `values` under `step/name` and return that name."""
        full = f"{self.step}/{name}"
        self.constants[full] = numpy_helper.from_array(np.ascontiguousarray(values), full)
        return full

    def node(self, operator: str, inputs: Sequence[str], label: str = "", **attributes: Any) -> str:
        """Write a node and return the name of its output, `step/label` (default: the operator)."""
        output = f"{self.step}/{label or operator}"
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def channels_first(self, tensor: Tensor) -> Tensor:
        """Return the tensor as (n, c, h, w), turned once however often it is asked for."""
        return self._turn(tensor, True)

    def channels_last(self, tensor: Tensor) -> Tensor:
        """Return the tensor as (n, h, w, c); what has no height and width is as it is."""
        return self._turn(tensor, False)

    def _turn(self, tensor: Tensor, first: bool) -> Tensor:
        if tensor.channels_first == first:
            return tensor
        key = (tensor.name, first)
        if key not in self.turned:
            order, label = ([0, 3, 1, 2], "channels_first") if first else ([0, 2, 3, 1], "channels_last")
            output = f"{tensor.name}/{label}"
            self.nodes.append(helper.make_node("Transpose", [tensor.name], [output], name=output, perm=order))
            self.turned[key] = Tensor(output, tensor.shape, first)
        return self.turned[key]

    def rename(self, tensor: Tensor, name: str) -> Tensor:
        """Give the output of the last node another name."""
        self.nodes[-1].output[0] = name
        return Tensor(name, tensor.shape, tensor.channels_first)
