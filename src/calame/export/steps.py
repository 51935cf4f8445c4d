"""A built Keras network as a flat list of steps: what is computed, from what, with which numbers.

Models inside models are opened, so that each step is one layer. Only the public face of Keras is used: the
configuration says how layers are connected, their weights say the numbers. What the steps become is not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.errors import UnsupportedModel
from calame.export.topology import Call, Graph, read
from calame.locale import Phrase

NUMBER = "number"  # in a step's configuration: what `x + 3` adds, for Keras an operation and no layer
Floats = NDArray[np.float32]
Shape = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Step:
    """One layer of the network.

    Attributes:
        name: the layer's; "outer/inner" inside another model.
        kind: the Keras class, e.g. "Conv2D"; for a subclass, the class of Keras that it extends.
        inputs: names of the steps it takes, in order; empty for the first step, the input.
        shape: of its output, channels last, without the batch.
        config: the layer's configuration.
        weights: name -> values, e.g. "kernel" (3, 3, 1, 32), float32.
    """

    name: str
    kind: str
    inputs: tuple[str, ...]
    shape: Shape
    config: Mapping[str, Any]
    weights: Mapping[str, Floats]


def steps(model: Any) -> list[Step]:
    """Return the steps of a built Sequential or Functional Keras model; the first is its input.

    Raises:
        UnsupportedModel: a graph that is not a plain one of layers; see `topology.read`.
    """
    config, numbers = _without_numbers(model.get_config())
    graph = read({"class_name": _family(model), "config": config}, model.name)
    shape = tuple(model.input_shape[1:])
    first = Step(graph.calls[0].name, "InputLayer", (), shape, {}, {})
    found = [first, *_walk(model, graph, first, "")[0]]
    return [replace(step, config=numbers[step.name]) if step.name in numbers else step for step in found]


def _without_numbers(config: dict[str, Any]) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """Take the numbers out of the calls `x + number` and `x * number` of a live model; return them by name.

    A file's configuration does not come this way: there a call takes tensors, or the file is refused.
    """
    layers, numbers = list[Any](), dict[str, dict[str, float]]()
    for layer in config.get("layers", ()):
        args = [node["args"] for node in layer.get("inbound_nodes", ()) if isinstance(node, dict)]
        if layer["class_name"] in {"Add", "Multiply"} and len(args) == 1 and isinstance(args[0][-1], float):
            numbers[layer["name"]] = {NUMBER: args[0][-1]}
            layer = {**layer, "inbound_nodes": [{"args": args[0][:-1], "kwargs": {}}]}
        layers.append(layer)
    return {**config, "layers": layers}, numbers


def _walk(model: Any, graph: Graph, feed: Step, prefix: str) -> tuple[list[Step], Step]:
    """Return the steps inside `model` when it is called on `feed`, and the one that is its output."""
    layers = {layer.name: layer for layer in getattr(model, "operations", model.layers)}
    made: list[Step] = []
    known = {graph.calls[0].name: feed}
    for call in graph.calls[1:]:
        inputs = [known[name] for name in call.inputs]
        if call.graph is None:
            known[call.name] = _step(call, layers[call.name], inputs, prefix)
            made.append(known[call.name])
        else:
            inner, known[call.name] = _walk(layers[call.name], call.graph, inputs[0], f"{prefix}{call.name}/")
            made += inner
    return made, known[graph.output]


def _step(call: Call, layer: Any, inputs: Sequence[Step], prefix: str) -> Step:
    shapes = [(None, *step.shape) for step in inputs]
    try:
        shape = tuple(layer.compute_output_shape(shapes[0] if len(shapes) == 1 else shapes)[1:])
    except (NotImplementedError, AttributeError):  # an operation, and some layers of Keras's own networks, cannot say
        shape = tuple(layer.output.shape[1:])
    weights = {weight.name: np.asarray(weight.numpy(), np.float32) for weight in getattr(layer, "weights", ())}
    names = tuple(step.name for step in inputs)
    return Step(prefix + call.name, _kind(layer), names, shape, layer.get_config(), weights)


def _family(model: Any) -> str:
    names = [kind.__name__ for kind in type(model).__mro__]
    return next((name for name in ("Sequential", "Functional") if name in names), type(model).__name__)


def _kind(layer: Any) -> str:
    """Name the class of Keras that the layer is, or that it extends."""
    kinds = [kind.__name__ for kind in type(layer).__mro__ if kind.__module__.partition(".")[0] == "keras"]
    return kinds[0] if kinds else type(layer).__name__


def fold(network: Sequence[Step]) -> list[Step]:
    """Multiply each batch normalisation into the convolution or dense layer before it, where only it reads that.

    After training it is one multiplication and one addition for each channel, which the weights can take over:
    Jacob and others, "Quantization and Training of Neural Networks", 2018, section 3.2.
    """
    readers: dict[str, int] = {}
    for step in network:
        for name in step.inputs:
            readers[name] = readers.get(name, 0) + 1
    folded: dict[str, Step] = {}
    stands_for: dict[str, str] = {}
    for step in network:
        inputs = tuple(stands_for.get(name, name) for name in step.inputs)
        before = folded.get(inputs[0]) if inputs else None
        if (
            step.kind == "BatchNormalization"
            and before is not None
            and readers[step.inputs[0]] == 1
            and _linear(before)
        ):
            folded[before.name] = _merged(before, step)
            stands_for[step.name] = before.name
        else:
            folded[step.name] = replace(step, inputs=inputs)
    return list(folded.values())


def _linear(step: Step) -> bool:
    return step.kind in {"Conv2D", "DepthwiseConv2D", "Dense"} and step.config.get("activation") == "linear"


def _merged(step: Step, norm: Step) -> Step:
    scale, shift = scale_and_shift(norm)
    kernel = step.weights["kernel"]
    channels = kernel.shape[-2:] if step.kind == "DepthwiseConv2D" else kernel.shape[-1:]
    weights = {"kernel": kernel * scale.reshape(channels), "bias": step.weights.get("bias", 0) * scale + shift}
    return replace(step, config={**step.config, "use_bias": True}, weights=weights)


def scale_and_shift(norm: Step) -> tuple[Floats, Floats]:
    """Return a batch normalisation as `x * scale + shift`, each (channels,) float32."""
    axis = norm.config["axis"]
    if axis not in (-1, len(norm.shape)):
        raise UnsupportedModel(
            path="-", layer=norm.name, problem=Phrase("import.bad_option", option="axis", found=axis)
        )
    values = {name: value.astype(np.float64) for name, value in norm.weights.items()}
    scale = values.get("gamma", np.float64(1)) / np.sqrt(values["moving_variance"] + norm.config["epsilon"])
    shift = values.get("beta", np.float64(0)) - values["moving_mean"] * scale
    return scale.astype(np.float32), shift.astype(np.float32)
