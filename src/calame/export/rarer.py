"""What the layers of Keras's own networks are in ONNX, beside those that a course uses: see `operators`.

EfficientNet, ConvNeXt, NASNet and Inception-ResNet have them. No file is read with them, so nothing checks their
options but what is checked here.
"""

import numpy as np

from calame.export.operators import OPERATORS, Operator, refuse, scaled
from calame.export.steps import Step
from calame.export.writer import Tensor, Writer

LEAST_SPREAD = 1e-7  # Keras's own bound under a normalisation's standard deviation


def normalization(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Mean and variance are weights where they were learned, else options."""
    axis = step.config["axis"]
    if step.config["invert"] or tuple(axis if isinstance(axis, list | tuple) else [axis]) not in {(-1,), (3,)}:
        raise refuse(step, "axis", axis)
    known = {**step.config, **step.weights}
    mean, variance = (np.asarray(known[name], np.float64) for name in ("mean", "variance"))
    scale = 1 / np.maximum(np.sqrt(variance), LEAST_SPREAD)
    return scaled(writer, step, inputs[0], scale.astype(np.float32), (-mean * scale).astype(np.float32))


def layer_normalization(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Over the channels of each place."""
    value, axis = writer.channels_last(inputs[0]), step.config["axis"]
    if axis not in (-1, [-1], [len(step.shape)]) or step.config.get("rms_scaling"):
        raise refuse(step, "axis", axis)
    width = step.shape[-1:]
    given = {"gamma": np.ones(width, np.float32), "beta": np.zeros(width, np.float32)} | dict(step.weights)
    names = [writer.constant(name, given[name]) for name in ("gamma", "beta")]
    output = writer.node("LayerNormalization", [value.name, *names], axis=-1, epsilon=step.config["epsilon"])
    return Tensor(output, step.shape)


def layer_scale(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """One factor for each channel; Keras gives the weight no name of its own."""
    (gamma,) = step.weights.values()
    return scaled(writer, step, inputs[0], gamma)


def scaled_sum(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """The first and, by a factor, the second."""
    first, second = map(writer.channels_first, inputs)
    part = scaled(writer, step, second, np.array(step.config["scale"], np.float32))
    return Tensor(writer.node("Add", [first.name, part.name]), step.shape, True)


def cropping(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    """Keras gives ((top, bottom), (left, right))."""
    value = writer.channels_first(inputs[0])
    (top, bottom), (left, right) = step.config["cropping"]
    ends = value.shape[0] - bottom, value.shape[1] - right
    named = {"starts": [top, left], "ends": ends, "axes": [2, 3]}
    bounds = [writer.constant(name, np.array(numbers, np.int64)) for name, numbers in named.items()]
    return Tensor(writer.node("Slice", [value.name, *bounds]), step.shape, True)


ALL: dict[str, Operator] = OPERATORS | {
    "Normalization": normalization,
    "LayerNormalization": layer_normalization,
    "LayerScale": layer_scale,
    "CustomScaleLayer": scaled_sum,
    "Cropping2D": cropping,
}
