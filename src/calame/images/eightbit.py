"""MobileNetV2 in eight bits: read from a TFLite file, written as ONNX, or turned back into float32 arrays.

The file's own scales are kept, so that ONNX Runtime computes what TFLite would, but for the rounding of halves
(Jacob and others, "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference",
2018). What follows the last maps is computed in float32: it is one product in three hundred, and the probabilities
gain the steps between 0 and 1/256. The layout of a TFLite file is that of its schema, `schema.fbs` in TensorFlow.
"""

import struct
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.errors import DamagedModel
from calame.images.flatbuffer import Table, root
from calame.images.mobilenet import (
    HEAD,
    IMAGE,
    SIDE,
    Floats,
    Layer,
    geometry,
    head,
    no_mobilenet,
    places_of,
    plan,
    turned,
)
from calame.images.onnxfile import OnnxFile
from calame.locale import Phrase

IDENTIFIER = b"TFL3"
ADD, CONV, DEPTHWISE = 0, 3, 4  # of TFLite's operations, those whose numbers matter here
STRIDE = 1  # the field of both convolutions' options
INT8 = 9  # TFLite's type of a tensor
LOWEST, HIGHEST, TOP = -128, 127, 6.0  # of eight bits; of the activation
SHIFT = 128  # from signed activations to unsigned, which processors multiply faster
KINDS: dict[int, type[np.generic]] = {0: np.float32, 2: np.int32, 3: np.uint8, INT8: np.int8}


@dataclass(frozen=True, eq=False)
class Scaled:
    """A tensor in whole numbers: `(values - zero) * scale` is what it stands for.

    `values` are empty where the network computes them; `scale` is (1,), or one for each of the last axis.
    """

    values: NDArray[Any]
    scale: Floats
    zero: int

    def floats(self) -> Floats:
        """Return what it stands for."""
        return ((self.values.astype(np.float32) - np.float32(self.zero)) * self.scale).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Step:
    """A convolution with the scales around it; `total` is the scale of the sum, where it adds its block's input."""

    layer: Layer
    kernel: Scaled
    bias: NDArray[np.int32]
    output: Scaled
    total: Scaled | None


@dataclass(frozen=True, eq=False)
class EightBit:
    """The whole network: the input's scale, the convolutions, and the last layer, (in, classes) and (classes,)."""

    entry: Scaled
    steps: tuple[Step, ...]
    kernel: Scaled
    bias: Floats

    def without(self, first: int) -> "EightBit":
        """Return it without its first classes: the weights of TensorFlow's own count begin with a background."""
        kernel = replace(self.kernel, values=self.kernel.values[:, first:], scale=_part(self.kernel.scale, first))
        return replace(self, kernel=kernel, bias=self.bias[first:])

    def arrays(self) -> dict[str, Floats]:
        """Return all weights in float32, as `mobilenet.emit` takes them."""
        found: dict[str, Floats] = {}
        for step in self.steps:
            found[f"{step.layer.name}/kernel"] = step.kernel.floats()
            if step.layer.depthwise:  # its scales are one for each channel, which is not the last axis
                found[f"{step.layer.name}/kernel"] = _swapped(step.kernel).floats().swapaxes(2, 3)
        scales = self._bias_scales()
        found |= {
            f"{step.layer.name}/bias": (step.bias * scales[step.layer.name]).astype(np.float32) for step in self.steps
        }
        return found | {f"{HEAD}/kernel": self.kernel.floats(), f"{HEAD}/bias": self.bias}

    def _bias_scales(self) -> dict[str, Floats]:
        """Return what each bias is multiplied with: the scale of what comes in, times the kernel's."""
        scale, found = self.entry.scale, dict[str, Floats]()
        for step in self.steps:
            found[step.layer.name] = scale * step.kernel.scale
            scale = (step.total or step.output).scale
        return found


def read_tflite(path: Path) -> EightBit:
    """Read a MobileNetV2 in eight bits from a TFLite file.

    Raises:
        DamagedModel: no TFLite file, one that is damaged, or no such network.
    """
    content = path.read_bytes()
    if content[4:8] != IDENTIFIER:
        raise DamagedModel(path=path, problem=Phrase("images.not_tflite"))
    try:
        return _network(root(content))
    except (struct.error, ValueError, LookupError, TypeError) as error:
        raise DamagedModel(path=path, problem=Phrase("images.bad_tflite", problem=error)) from error


class _File:
    """The tensors and operations of the file's one graph."""

    def __init__(self, model: Table) -> None:
        self.buffers = model.tables(4)
        self.codes = [max(one.whole(0, kind="b"), one.whole(3)) for one in model.tables(1)]
        (graph,) = model.tables(2)
        self.tensors, self.operations = graph.tables(0), graph.tables(3)

    def code(self, operation: Table) -> int:
        return self.codes[operation.whole(0, kind="I")]

    def tensor(self, number: int) -> Scaled:
        """Return a tensor in its own shape; one that the network computes has no values."""
        table = self.tensors[number]
        shape, kind = table.array(0, np.int32), table.whole(1, kind="b")
        raw = self.buffers[table.whole(2, kind="I")].array(0, np.uint8)
        values = raw.view(KINDS[kind]).reshape(shape) if len(raw) else np.empty(0, KINDS[kind])
        scales = table.table(4)
        scale = np.empty(0, np.float32) if scales is None else scales.array(2, np.float32)
        zeros = np.empty(0, np.int64) if scales is None else scales.array(3, np.int64)
        if len(zeros) and zeros.min() != zeros.max():
            raise ValueError(zeros)
        return Scaled(values, scale, int(zeros[0]) if len(zeros) else 0)


def _network(model: Table) -> EightBit:
    file = _File(model)
    convolutions = [one for one in file.operations if file.code(one) in (CONV, DEPTHWISE)]
    names = [f"block_{block}_expand/kernel" for block in range(1, (len(convolutions) - 5) // 3 + 1)]
    ends = {int(one.array(2, np.int32)[0]): place for place, one in enumerate(convolutions)}
    sums = [one for one in file.operations if file.code(one) == ADD]
    lasts = [max(ends.get(int(term), 0) for term in one.array(1, np.int32)) for one in sums]  # of each block that adds
    added = {(last - 2) // 3: int(one.array(2, np.int32)[0]) for last, one in zip(lasts, sums, strict=True)}
    layers = plan(names, added)
    if len(layers) != len(convolutions) - 1:
        raise ValueError(len(convolutions))
    totals = {f"block_{block}_project": file.tensor(total) for block, total in added.items()}
    steps = tuple(
        _step(file, layer, one, totals.get(layer.name)) for layer, one in zip(layers, convolutions, strict=False)
    )
    first, last = convolutions[0].array(1, np.int32), convolutions[-1].array(1, np.int32)
    kernel, pooled = file.tensor(int(last[1])), file.tensor(int(last[0]))
    scale = pooled.scale * kernel.scale
    bias = file.tensor(int(last[2])).values * scale
    matrix = Scaled(kernel.values[:, 0, 0, :].T, kernel.scale, kernel.zero)
    return EightBit(file.tensor(int(first[0])), steps, matrix, bias.astype(np.float32))


def _step(file: _File, layer: Layer, operation: Table, total: Scaled | None) -> Step:
    """Read a convolution, and make sure that it is the one that the architecture has in this place."""
    inputs, options = operation.array(1, np.int32), operation.table(4)
    kernel, output = file.tensor(int(inputs[1])), file.tensor(int(operation.array(2, np.int32)[0]))
    depthwise = file.code(operation) == DEPTHWISE
    highest = float((HIGHEST - output.zero) * output.scale[0])
    clips = output.zero == LOWEST and highest <= TOP * 1.001  # the numbers end where the activation does
    if options is None or (depthwise, options.whole(STRIDE), clips) != (layer.depthwise, layer.stride, layer.clipped):
        raise no_mobilenet(layer.name)
    order = (1, 2, 3, 0)  # (out, h, w, in), depthwise (1, h, w, channels): both turn into what Keras has
    return Step(
        layer, replace(kernel, values=kernel.values.transpose(order)), file.tensor(int(inputs[2])).values, output, total
    )


def emit_eight_bit(network: EightBit, *, side: int = SIDE, inspect: bool = False) -> bytes:
    """Return the network as ONNX, in and out as `mobilenet.emit`; all but the last layer computes in eight bits."""
    file = OnnxFile("mobilenetv2-int8")
    entry = file.node("Transpose", [IMAGE], "input/channels_first", perm=[0, 3, 1, 2])
    last, scaled = (
        file.node("QuantizeLinear", [entry, *_scales(file, "input", network.entry)], "input/int8"),
        network.entry,
    )
    block, block_scaled = last, scaled
    for step in network.steps:
        if step.layer.name.endswith("_expand"):
            block, block_scaled = last, scaled
        last, scaled = _convolve(file, step, last, scaled), step.output
        if step.total is not None:
            last = _add(file, step, (last, scaled), (block, block_scaled))
            scaled = step.total
    name = network.steps[-1].layer.name
    maps = file.node("DequantizeLinear", [last, *_scales(file, f"{name}/output", scaled)], f"{name}/float")
    arrays = {f"{HEAD}/kernel": network.kernel.floats(), f"{HEAD}/bias": network.bias}
    outputs = head(file, maps, arrays, places=places_of([step.layer for step in network.steps], side), inspect=inspect)
    return file.to_bytes({IMAGE: (side, side, 3)}, outputs)


def _convolve(file: OnnxFile, step: Step, value: str, scaled: Scaled) -> str:
    name, layer, kernel = step.layer.name, step.layer, step.kernel.values
    scales = file.constant(f"{name}/kernel/scale", step.kernel.scale)
    zeros = file.constant(f"{name}/kernel/zero", np.zeros(len(step.kernel.scale), np.int8))
    inputs = [value, *_scales(file, f"{name}/input", scaled), file.constant(f"{name}/kernel", turned(kernel, layer))]
    inputs += [scales, zeros, *_scales(file, f"{name}/output", step.output), file.constant(f"{name}/bias", step.bias)]
    return file.node("QLinearConv", inputs, f"{name}/Conv", **geometry(layer, kernel.shape[0], kernel.shape[2]))


def _add(file: OnnxFile, step: Step, *terms: tuple[str, Scaled]) -> str:
    """Write a sum as ONNX has it: both turned to floats, added, and back; ONNX Runtime makes one operation of it."""
    name, total = step.layer.name, step.total or step.output
    floats = [
        file.node("DequantizeLinear", [value, *_scales(file, f"{name}/term{place}", scaled)], f"{name}/float{place}")
        for place, (value, scaled) in enumerate(terms)
    ]
    added = file.node("Add", floats, f"{name}/Add")
    return file.node("QuantizeLinear", [added, *_scales(file, f"{name}/total", total)], f"{name}/total")


def _scales(file: OnnxFile, name: str, scaled: Scaled) -> list[str]:
    """Store the scale and the zero of an activation, unsigned."""
    scale = file.constant(f"{name}/scale", np.array(scaled.scale[0], np.float32))
    return [scale, file.constant(f"{name}/zero", np.array(scaled.zero + SHIFT, np.uint8))]


def _swapped(kernel: Scaled) -> Scaled:
    return replace(kernel, values=kernel.values.swapaxes(2, 3))


def _part(scale: Floats, first: int) -> Floats:
    return scale[first:] if len(scale) > 1 else scale
