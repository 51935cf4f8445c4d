"""The steps of a network as an ONNX graph with the input and output that every model folder has.

Its names can be read: a layer `conv1` gives `conv1/kernel`, `conv1/Conv`, `conv1/Relu`. Which nodes a layer needs
is in `operators`; who asked for the graph, and whether it computes the right thing, is not known here.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from onnx import TensorProto, helper

from calame.artifact import digit_input
from calame.engine.session import PROBABILITIES
from calame.errors import UnsupportedModel
from calame.export.operators import OPERATORS
from calame.export.steps import Step
from calame.export.writer import Tensor, Writer
from calame.locale import Phrase

OPSET = 17  # what ONNX Runtime has read since 1.13, and its quantiser handles whole
IR_VERSION = 8
IDENTITIES = {  # what does something while training only
    *("Dropout", "SpatialDropout2D", "AlphaDropout", "GaussianNoise", "GaussianDropout", "ActivityRegularization"),
    *("RandomRotation", "RandomTranslation", "RandomZoom", "RandomFlip", "RandomContrast"),
}
SUPPORTED = frozenset(OPERATORS) | IDENTITIES


def emit(network: Sequence[Step], *, name: str, brightest: float = 1.0, inspect: bool = False) -> onnx.ModelProto:
    """Return the network as ONNX: `image` (n, 28, 28, 1) float32 in 0..1 in, `probabilities` (n, 10) out.

    Args:
        network: from `steps`, its first step the input; any input of 784 values is reshaped to.
        name: of the graph.
        brightest: what full ink is to the network, 1 or 255.
        inspect: give the activation of every layer too, channels last, under the layer's name.

    Raises:
        UnsupportedModel: a layer or an option that has no operator here, or an output that is not ten classes.
    """
    writer, wanted = Writer(), digit_input()
    known: dict[str, Tensor] = {network[0].name: _entry(writer, network[0], brightest)}
    shown: list[onnx.ValueInfoProto] = []
    for step in network[1:]:
        inputs = [known[source] for source in step.inputs]
        if step.kind in IDENTITIES:
            known[step.name] = inputs[0]
            continue
        writer.step = step.name
        known[step.name] = _apply(writer, step, inputs)
        if inspect:
            label = shown_name(step)
            known[step.name] = _show(writer, known[step.name], label)
            shown.append(_value(label, step.shape))
    _finish(writer, network, known[network[-1].name], inspect)
    graph = helper.make_graph(
        writer.nodes,
        name,
        [_value(wanted["name"], wanted["shape"])],
        [_value(PROBABILITIES, network[-1].shape), *shown],
        list(writer.constants.values()),
    )
    opset = helper.make_opsetid("", OPSET)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="calame")
    onnx.checker.check_model(model, full_check=True)
    return model


def shown_name(step: Step) -> str:
    """Return the name under which `inspect.onnx` shows a layer: its own, unless input or output have that."""
    return step.name + "_" * (step.name in {digit_input()["name"], PROBABILITIES})


def head(network: Sequence[Step], path: object = "-") -> str:
    """Say what the network ends in: "softmax", or "logits" that still need one.

    Raises:
        UnsupportedModel: neither, or not ten values for a picture.
    """
    last = next(step for step in reversed(network) if step.kind not in IDENTITIES)
    activation = "softmax" if last.kind == "Softmax" else last.config.get("activation", "linear")
    if last.shape != (10,) or activation not in {"softmax", "linear"}:
        found = f"{last.kind} {last.shape}, {activation}"
        raise UnsupportedModel(path=path, layer=last.name, problem=Phrase("import.output", found=found))
    return "softmax" if activation == "softmax" else "logits"


def _entry(writer: Writer, first: Step, brightest: float) -> Tensor:
    """Turn the input of every model folder into the one that this network was built for."""
    wanted = digit_input()
    shape = tuple(wanted["shape"])
    tensor = Tensor(wanted["name"], shape)
    writer.step = "input"
    if first.shape != shape:
        if np.prod(first.shape) != np.prod(shape):
            raise UnsupportedModel(
                path="-", layer=first.name, problem=Phrase("import.input_shape", found=(None, *first.shape))
            )
        target = writer.constant("shape", np.array([0, *first.shape], np.int64))
        tensor = Tensor(writer.node("Reshape", [tensor.name, target]), first.shape)
    if brightest != 1.0:
        scaled = writer.node("Mul", [tensor.name, writer.constant("scale", np.array(brightest, np.float32))])
        tensor = Tensor(scaled, first.shape)
    return tensor


def _apply(writer: Writer, step: Step, inputs: list[Tensor]) -> Tensor:
    if step.kind not in OPERATORS:
        raise UnsupportedModel(path="-", layer=step.name, problem=Phrase("import.kind", kind=step.kind))
    tensor = OPERATORS[step.kind](writer, step, inputs)
    if tensor.shape != step.shape:
        raise ValueError(f"{step.name}: wrote {tensor.shape}, Keras says {step.shape}")
    return tensor


def _show(writer: Writer, tensor: Tensor, name: str) -> Tensor:
    """Make the layer's own name an output, channels last, and go on with whichever side the tensor is on."""
    if not tensor.channels_first:
        return writer.rename(tensor, name)
    plain = writer.channels_last(tensor)
    writer.turned[tensor.name, False] = writer.rename(plain, name)
    return tensor


def _finish(writer: Writer, network: Sequence[Step], tensor: Tensor, inspect: bool) -> None:
    """Name the output, which to `inspect` is one more beside the last layer's; logits get the softmax they lack."""
    if head(network) == "softmax" and writer.nodes[-1].output[0] == tensor.name and not inspect:
        writer.rename(tensor, PROBABILITIES)
        return
    operator = "Softmax" if head(network) == "logits" else "Identity"
    writer.nodes.append(helper.make_node(operator, [tensor.name], [PROBABILITIES], name=f"{PROBABILITIES}/{operator}"))


def _value(name: str, shape: Sequence[int]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", *shape])
