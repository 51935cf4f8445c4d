"""MobileNetV2 as ONNX, from arrays under the names of its Keras layers, batch normalisation folded in.

Sandler and others, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018. Which blocks there are and how
wide is read from the arrays; where the strides are is the architecture's. Two networks come of the same arrays:
`model.onnx` answers, and `inspect.onnx` tells beside the answer the `features` that the last layer sees, and the
`evidence` for each class at each place, whose mean over all places is exactly what the softmax is given (Zhou and
others, "Learning Deep Features for Discriminative Localization", 2016). Which classes they are is not known here.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import PROBABILITIES
from calame.errors import DamagedModel
from calame.images.onnxfile import OnnxFile
from calame.locale import Phrase

Floats = NDArray[np.float32]
Arrays = Mapping[str, Floats]
"""`layer/kernel` and `layer/bias`: (h, w, in, out), depthwise (h, w, channels, 1), the last layer (in, classes)."""

After = Callable[[OnnxFile, str, str], None]
"""Writes the probabilities from the logits and the softmax, both by name."""

IMAGE, FEATURES, EVIDENCE = "image", "features", "evidence"
SIDE = 224  # pixels: what the weights learned on
HEAD = "Logits"
HALVING = (1, 3, 6, 13)  # blocks whose depthwise convolution halves the sides
FIRST, LAST = "Conv1", "Conv_1"
BLOCK = re.compile(r"block_(\d+)_expand/kernel")


@dataclass(frozen=True)
class Layer:
    """One convolution: its name, its stride, whether it looks at each channel alone, clips to 0..6, adds the input."""

    name: str
    stride: int = 1
    depthwise: bool = False
    clipped: bool = True
    adds: bool = False


def plan(names: Iterable[str], adds: Iterable[int]) -> list[Layer]:
    """Return the convolutions in order; `adds` are the blocks whose input is added to their output."""
    blocks = sorted(int(found[1]) for name in names if (found := BLOCK.fullmatch(name)))
    kept = set(adds)
    layers = [Layer(FIRST, 2), Layer("expanded_conv_depthwise", depthwise=True)]
    layers.append(Layer("expanded_conv_project", clipped=False))
    for block in blocks:
        layers.append(Layer(f"block_{block}_expand"))
        layers.append(Layer(f"block_{block}_depthwise", 2 if block in HALVING else 1, depthwise=True))
        layers.append(Layer(f"block_{block}_project", clipped=False, adds=block in kept))
    return [*layers, Layer(LAST)]


def plan_of(arrays: Arrays) -> list[Layer]:
    """Return the convolutions of a network: a block adds its input where it neither halves nor changes the width.

    Raises:
        DamagedModel: arrays that are no MobileNetV2: one missing, or one that does not fit to the one before.
    """
    numbers = [int(found[1]) for name in arrays if (found := BLOCK.fullmatch(name))]
    adds = [block for block in numbers if block not in HALVING and _keeps_width(arrays, block)]
    layers, width = plan(arrays, adds), 3
    for layer in layers:
        kernel, bias = arrays.get(f"{layer.name}/kernel"), arrays.get(f"{layer.name}/bias")
        if kernel is None or bias is None or kernel.ndim != 4 or kernel.shape[2] != width:
            raise no_mobilenet(layer.name)
        width = kernel.shape[2] if layer.depthwise else kernel.shape[3]
        if bias.shape != (width,):
            raise no_mobilenet(layer.name)
    head, bias = arrays.get(f"{HEAD}/kernel"), arrays.get(f"{HEAD}/bias")
    if head is None or bias is None or head.ndim != 2 or head.shape != (width, len(bias)):
        raise no_mobilenet(HEAD)
    return layers


def no_mobilenet(layer: str) -> DamagedModel:
    """Return the error for arrays in which this layer is missing or has another shape."""
    return DamagedModel(path="MobileNetV2", problem=Phrase("images.no_mobilenet", layer=layer))


def _keeps_width(arrays: Arrays, block: int) -> bool:
    into, out = arrays.get(f"block_{block}_expand/kernel"), arrays.get(f"block_{block}_project/kernel")
    return into is not None and out is not None and into.shape[2] == out.shape[-1]


def emit(arrays: Arrays, *, side: int = SIDE, inspect: bool = False, after: After | None = None) -> bytes:
    """Return the network as ONNX: (n, side, side, 3) float32 in -1..1 -> probabilities (n, classes).

    Args:
        arrays: all its weights.
        side: pixels of the input.
        inspect: also give `features` (n, width) and `evidence` (n, h, w, classes).
        after: writes the probabilities in the softmax's place, and one more of them: of none of the classes.

    Raises:
        DamagedModel: the arrays are no MobileNetV2.
    """
    file = OnnxFile("mobilenetv2")
    layers = plan_of(arrays)
    block = last = file.node("Transpose", [IMAGE], "input/channels_first", perm=[0, 3, 1, 2])
    for layer in layers:
        block = last if layer.name.endswith("_expand") else block
        last = _convolve(file, layer, arrays, last)
        last = file.node("Add", [last, block], f"{layer.name}/Add") if layer.adds else last
    outputs = head(file, last, arrays, places=places_of(layers, side), inspect=inspect, after=after)
    return file.to_bytes({IMAGE: (side, side, 3)}, outputs)


def head(
    file: OnnxFile, maps: str, arrays: Arrays, *, places: int, inspect: bool, after: After | None = None
) -> dict[str, tuple[int, ...]]:
    """Write what follows the last maps (n, width, h, w): mean, product, softmax; return the network's outputs.

    `inspect` also gives the mean (features), and the product before the mean (evidence), place by place.
    """
    kernel, bias = arrays[f"{HEAD}/kernel"], arrays[f"{HEAD}/bias"]
    width, classes = kernel.shape
    pooled = file.node("GlobalAveragePool", [maps], f"{HEAD}/mean")
    flat = file.node("Flatten", [pooled], FEATURES, axis=1)
    weights = [file.constant(f"{HEAD}/kernel", kernel), file.constant(f"{HEAD}/bias", bias)]
    logits = file.node("Gemm", [flat, *weights], f"{HEAD}/Gemm")
    known = file.node("Softmax", [logits], PROBABILITIES if after is None else f"{HEAD}/known", axis=-1)
    if after is not None:
        after(file, logits, known)
    outputs: dict[str, tuple[int, ...]] = {PROBABILITIES: (classes + (after is not None),)}
    if inspect:
        last = file.node("Transpose", [maps], f"{EVIDENCE}/channels_last", perm=[0, 2, 3, 1])
        file.node("Add", [file.node("MatMul", [last, weights[0]], f"{EVIDENCE}/MatMul"), weights[1]], EVIDENCE)
        outputs |= {FEATURES: (width,), EVIDENCE: (places, places, classes)}
    return outputs


def places_of(layers: Iterable[Layer], side: int) -> int:
    """Return the side of the last maps for an input of this side."""
    for layer in layers:
        side = -(-side // layer.stride)
    return side


def geometry(layer: Layer, kernel_side: int, channels: int) -> dict[str, int | list[int]]:
    """Return a convolution's attributes: Keras pads below and to the right where it halves, else all around."""
    before, after = ((kernel_side - layer.stride) // 2, (kernel_side - 1) // 2) if kernel_side > 1 else (0, 0)
    return {
        "kernel_shape": [kernel_side, kernel_side],
        "strides": [layer.stride, layer.stride],
        "pads": [before, before, after, after],
        "group": channels if layer.depthwise else 1,
    }


def turned(kernel: NDArray[np.generic], layer: Layer) -> NDArray[np.generic]:
    """Return a kernel as ONNX has it: (out, in, h, w); depthwise (channels, 1, h, w)."""
    return kernel.transpose((2, 3, 0, 1) if layer.depthwise else (3, 2, 0, 1))


def _convolve(file: OnnxFile, layer: Layer, arrays: Arrays, value: str) -> str:
    kernel, name = arrays[f"{layer.name}/kernel"], layer.name
    inputs = [value, file.constant(f"{name}/kernel", turned(kernel, layer))]
    inputs.append(file.constant(f"{name}/bias", arrays[f"{name}/bias"]))
    output = file.node("Conv", inputs, f"{name}/Conv", **geometry(layer, kernel.shape[0], kernel.shape[2]))
    if not layer.clipped:
        return output
    bounds = [file.constant("zero", np.array(0, np.float32)), file.constant("six", np.array(6, np.float32))]
    return file.node("Clip", [output, *bounds], f"{name}/Clip")
