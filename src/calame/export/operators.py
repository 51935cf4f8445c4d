"""What each Keras layer is in ONNX: one function for each kind, in a table.

A function takes the writer, the step and its input tensors, writes nodes, and returns the output. Axes and
shapes of Keras are channels last; where an operator wants channels first, the function asks for it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from calame.errors import UnsupportedModel
from calame.export.steps import NUMBER, Floats, Shape, Step, scale_and_shift
from calame.export.writer import Tensor, Writer
from calame.locale import Phrase

Operator = Callable[[Writer, Step, list[Tensor]], Tensor]
Pair = tuple[int, int]

PLAIN_ACTIVATIONS = {
    "relu": "Relu",
    "elu": "Elu",
    "selu": "Selu",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "exponential": "Exp",
    "hard_silu": "HardSwish",
    "hard_swish": "HardSwish",
}


def refuse(step: Step, option: str, found: object) -> UnsupportedModel:
    """Return the error for an option that has no operator here."""
    return UnsupportedModel(path="-", layer=step.name, problem=Phrase("import.bad_option", option=option, found=found))


def activate(writer: Writer, step: Step, value: Tensor, activation: object) -> Tensor:
    """Apply an activation by its Keras name; "linear" writes nothing."""
    name = value.name
    if activation == "linear":
        return value
    if activation == "softmax":
        return _softmax(writer, step, value, -1)
    if isinstance(activation, str) and activation in PLAIN_ACTIVATIONS:
        output = writer.node(PLAIN_ACTIVATIONS[activation], [name])
    elif activation == "relu6":
        output = _clip(writer, name, 0.0, 6.0)
    elif activation == "leaky_relu":
        output = writer.node("LeakyRelu", [name], alpha=0.2)
    elif activation in {"silu", "swish"}:
        output = writer.node("Mul", [name, writer.node("Sigmoid", [name])])
    elif activation == "gelu":
        output = _gelu(writer, name)
    else:
        raise refuse(step, "activation", activation)
    return Tensor(output, value.shape, value.channels_first)


def _softmax(writer: Writer, step: Step, value: Tensor, axis: object) -> Tensor:
    if axis not in (-1, len(value.shape)):
        raise refuse(step, "axis", axis)
    output = writer.node("Softmax", [value.name], axis=1 if value.channels_first else -1)
    return Tensor(output, value.shape, value.channels_first)


def _clip(writer: Writer, name: str, low: float, high: float) -> str:
    bounds = [writer.constant(label, np.array(bound, np.float32)) for label, bound in (("low", low), ("high", high))]
    return writer.node("Clip", [name, *bounds])


def _gelu(writer: Writer, name: str) -> str:
    """Write x · (1 + erf(x / √2)) / 2."""
    scaled = writer.node("Mul", [name, writer.constant("root", np.array(0.5**0.5, np.float32))], "scaled")
    shifted = writer.node("Add", [writer.node("Erf", [scaled]), writer.constant("one", np.array(1, np.float32))])
    doubled = writer.node("Mul", [name, shifted], "doubled")
    return writer.node("Mul", [doubled, writer.constant("half", np.array(0.5, np.float32))], "Gelu")


def _pads(step: Step, given: Shape, kernel: Pair, strides: Pair, dilation: Pair) -> list[int]:
    """Return ONNX pads [top, left, bottom, right]; "same" puts the odd pixel at the bottom and the right."""
    if step.config["padding"] == "valid":
        return [0, 0, 0, 0]
    if step.config["padding"] != "same":
        raise refuse(step, "padding", step.config["padding"])
    starts, ends = [], []
    for side, size, stride, spread in zip(given[:2], kernel, strides, dilation, strict=True):
        reach = (size - 1) * spread + 1
        missing = max((-(-side // stride) - 1) * stride + reach - side, 0)
        starts.append(missing // 2)
        ends.append(missing - missing // 2)
    return starts + ends


def _channels_last_only(step: Step) -> None:
    if step.config.get("data_format", "channels_last") != "channels_last":
        raise refuse(step, "data_format", step.config["data_format"])


def _convolve(
    writer: Writer, value: Tensor, kernel: Floats, bias: Floats | None, label: str = "Conv", **options: Any
) -> str:
    """Write one Conv; `kernel` is already (out, in / group, height, width)."""
    tag = "" if label == "Conv" else f"{label}_"
    names = [value.name, writer.constant(f"{tag}kernel", kernel)]
    if bias is not None:
        names.append(writer.constant(f"{tag}bias", bias))
    return writer.node("Conv", names, label, kernel_shape=list(kernel.shape[2:]), **options)


def _geometry(step: Step, given: Shape, kernel: Pair) -> dict[str, Any]:
    strides, dilation = tuple(step.config["strides"]), tuple(step.config["dilation_rate"])
    pads = _pads(step, given, kernel, strides, dilation)
    return {"strides": strides, "dilations": dilation, "pads": pads}


def conv2d(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Kernel (h, w, in, out) → (out, in, h, w)."""
    _channels_last_only(step)
    value, kernel = writer.channels_first(inputs[0]), step.weights["kernel"]
    options = _geometry(step, value.shape, kernel.shape[:2]) | {"group": step.config.get("groups", 1)}
    output = _convolve(writer, value, kernel.transpose(3, 2, 0, 1), step.weights.get("bias"), **options)
    return activate(writer, step, Tensor(output, step.shape, True), step.config["activation"])


def _depthwise_kernel(kernel: Floats) -> Floats:
    """(h, w, in, multiplier) → (in · multiplier, 1, h, w)."""
    height, width, channels, multiplier = kernel.shape
    return kernel.transpose(2, 3, 0, 1).reshape(channels * multiplier, 1, height, width)


def depthwise(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """One group for each input channel."""
    _channels_last_only(step)
    value, kernel = writer.channels_first(inputs[0]), step.weights["kernel"]
    options = _geometry(step, value.shape, kernel.shape[:2]) | {"group": kernel.shape[2]}
    output = _convolve(writer, value, _depthwise_kernel(kernel), step.weights.get("bias"), **options)
    return activate(writer, step, Tensor(output, step.shape, True), step.config["activation"])


def separable(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Depthwise, then 1x1."""
    _channels_last_only(step)
    value, kernel = writer.channels_first(inputs[0]), step.weights["depthwise_kernel"]
    options = _geometry(step, value.shape, kernel.shape[:2]) | {"group": kernel.shape[2]}
    deep = Tensor(_convolve(writer, value, _depthwise_kernel(kernel), None, "depthwise", **options), step.shape, True)
    point = step.weights["pointwise_kernel"].transpose(3, 2, 0, 1)
    output = _convolve(writer, deep, point, step.weights.get("bias"), "pointwise")
    return activate(writer, step, Tensor(output, step.shape, True), step.config["activation"])


def dense(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Over the last axis, whatever comes before it."""
    value = writer.channels_last(inputs[0])
    kernel = writer.constant("kernel", step.weights["kernel"])
    bias = [writer.constant("bias", step.weights["bias"])] if "bias" in step.weights else []
    if len(value.shape) == 1:
        output = writer.node("Gemm", [value.name, kernel, *bias])
    else:
        output = writer.node("MatMul", [value.name, kernel])
        output = writer.node("Add", [output, *bias], "biased") if bias else output
    return activate(writer, step, Tensor(output, step.shape), step.config["activation"])


def channels_only(values: Floats, beside: Tensor) -> Floats:
    """Return one number for each channel in the shape that lies along them; a single number as it is."""
    return values.reshape((-1, 1, 1) if values.ndim and beside.channels_first else values.shape)


def scaled(writer: Writer, step: Step, value: Tensor, scale: Floats, shift: Floats | None = None) -> Tensor:
    """Write x · scale + shift, each a number or one for each channel, the last axis."""
    output = writer.node("Mul", [value.name, writer.constant("scale", channels_only(scale, value))])
    if shift is not None:
        output = writer.node("Add", [output, writer.constant("shift", channels_only(shift, value))])
    return Tensor(output, step.shape, value.channels_first)


def batch_normalization(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """As a multiplication and an addition for each channel, the last axis."""
    return scaled(writer, step, inputs[0], *scale_and_shift(step))


def _pool(operator: str, **extra: Any) -> Operator:
    def pool(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
        _channels_last_only(step)
        value, size = writer.channels_first(inputs[0]), tuple(step.config["pool_size"])
        strides = tuple(step.config["strides"] or size)
        pads = _pads(step, value.shape, size, strides, (1, 1))
        output = writer.node(operator, [value.name], kernel_shape=size, strides=strides, pads=pads, **extra)
        return Tensor(output, step.shape, True)

    return pool


def _global(operator: str) -> Operator:
    def pool(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
        _channels_last_only(step)
        output = writer.node(operator, [writer.channels_first(inputs[0]).name])
        if step.config.get("keepdims"):
            return Tensor(output, step.shape, True)
        return Tensor(writer.node("Flatten", [output], axis=1), step.shape)

    return pool


def zero_padding(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Keras gives ((top, bottom), (left, right)); ONNX wants all starts, then all ends."""
    _channels_last_only(step)
    (top, bottom), (left, right) = step.config["padding"]
    pads = writer.constant("pads", np.array([0, 0, top, left, 0, 0, bottom, right], np.int64))
    return Tensor(writer.node("Pad", [writer.channels_first(inputs[0]).name, pads]), step.shape, True)


def reshape(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Flatten and Reshape: values keep the order that they have with channels last."""
    _channels_last_only(step)
    target = writer.constant("shape", np.array([0, *step.shape], np.int64))
    return Tensor(writer.node("Reshape", [writer.channels_last(inputs[0]).name, target]), step.shape)


def permute(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Keras counts axes from 1, the batch being 0."""
    order = [0, *step.config["dims"]]
    return Tensor(writer.node("Transpose", [writer.channels_last(inputs[0]).name], perm=order), step.shape)


def activation(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """The layer Activation; "linear" becomes an Identity, so that the layer still has an output of its own."""
    if step.config["activation"] == "linear":
        return Tensor(writer.node("Identity", [inputs[0].name]), step.shape, inputs[0].channels_first)
    return activate(writer, step, inputs[0], step.config["activation"])


def relu(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """The layer ReLU, with its ceiling; a threshold has no operator."""
    value, ceiling, slope = inputs[0], step.config.get("max_value"), step.config.get("negative_slope") or 0.0
    if step.config.get("threshold"):
        raise refuse(step, "threshold", step.config["threshold"])
    if slope and ceiling is not None:
        raise refuse(step, "max_value", ceiling)
    if slope:
        output = writer.node("LeakyRelu", [value.name], alpha=slope)
    else:
        output = writer.node("Relu", [value.name]) if ceiling is None else _clip(writer, value.name, 0.0, ceiling)
    return Tensor(output, value.shape, value.channels_first)


def leaky_relu(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Called `alpha` in Keras 2; the configuration of a live layer has the name of Keras 3."""
    output = writer.node("LeakyRelu", [inputs[0].name], alpha=float(step.config["negative_slope"]))
    return Tensor(output, step.shape, inputs[0].channels_first)


def elu(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """The layer ELU, with its alpha."""
    output = writer.node("Elu", [inputs[0].name], alpha=float(step.config["alpha"]))
    return Tensor(output, step.shape, inputs[0].channels_first)


def softmax(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """The layer Softmax, over the last axis."""
    return _softmax(writer, step, inputs[0], step.config["axis"])


def rescaling(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """One scale and one offset for all values, or one for each channel."""
    scale, offset = (np.asarray(step.config[name], np.float32) for name in ("scale", "offset"))
    if max(scale.ndim, offset.ndim) > 1:
        raise refuse(step, "scale", step.config["scale"])
    return scaled(writer, step, inputs[0], scale, offset)


def _alike(writer: Writer, step: Step, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Bring several tensors to the same side; Keras aligns the axes of different ranks in ways of its own."""
    if len({len(value.shape) for value in inputs}) > 1:
        raise refuse(step, "shapes", [value.shape for value in inputs])
    turn = writer.channels_first if any(value.channels_first for value in inputs) else writer.channels_last
    return [turn(value) for value in inputs]


def _merge(operator: str) -> Operator:
    def merge(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
        values = _alike(writer, step, inputs)
        output = values[0].name
        if NUMBER in step.config:
            output = writer.node(operator, [output, writer.constant(NUMBER, np.array(step.config[NUMBER], np.float32))])
        for number, value in enumerate(values[1:], start=1):
            output = writer.node(operator, [output, value.name], "" if number == 1 else f"{operator}{number}")
        return Tensor(output, step.shape, values[0].channels_first)

    return merge


def concatenate(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Along one axis, counted with the batch as 0."""
    values, axis, rank = _alike(writer, step, inputs), step.config["axis"], len(step.shape)
    axis = axis + rank + 1 if axis < 0 else axis
    if not 0 < axis <= rank:
        raise refuse(step, "axis", step.config["axis"])
    if values[0].channels_first:
        axis = axis % rank + 1  # height 1 → 2, width 2 → 3, channels 3 → 1
    return Tensor(
        writer.node("Concat", [value.name for value in values], axis=axis), step.shape, values[0].channels_first
    )


OPERATORS: dict[str, Operator] = {
    "Conv2D": conv2d,
    "DepthwiseConv2D": depthwise,
    "SeparableConv2D": separable,
    "Dense": dense,
    "BatchNormalization": batch_normalization,
    "MaxPooling2D": _pool("MaxPool"),
    "AveragePooling2D": _pool("AveragePool", count_include_pad=0),
    "GlobalMaxPooling2D": _global("GlobalMaxPool"),
    "GlobalAveragePooling2D": _global("GlobalAveragePool"),
    "ZeroPadding2D": zero_padding,
    "Flatten": reshape,
    "Reshape": reshape,
    "Permute": permute,
    "Activation": activation,
    "ReLU": relu,
    "LeakyReLU": leaky_relu,
    "ELU": elu,
    "Softmax": softmax,
    "Rescaling": rescaling,
    "Add": _merge("Add"),
    "Subtract": _merge("Sub"),
    "Multiply": _merge("Mul"),
    "Maximum": _merge("Max"),
    "Minimum": _merge("Min"),
    "Concatenate": concatenate,
}
