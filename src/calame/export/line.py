"""The trained line network in, its model folder out, and only if ONNX Runtime computes what Keras does.

The width of a line stays free. Weights are kept in float16: half the bytes; they are float32 again once opened.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from calame.artifact import INT8, MODEL, DataSource, Manifest, ModelFolder, write
from calame.engine.columns import LOGITS, ColumnSession
from calame.errors import ParityError, UsageError
from calame.export.emit import IDENTITIES, IR_VERSION, OPSET
from calame.export.operators import OPERATORS
from calame.export.quantise import from_float16, to_float16, to_int8
from calame.export.steps import fold, steps
from calame.export.writer import Tensor, Writer
from calame.locale import Phrase
from calame.models.line import CLASSES, HEIGHT, build
from calame.types import DIGITS

INPUT = "line"
SOME = 64  # pixels: a width to write the graph at; it holds for any
LONGEST = 2048  # pixels, the widest line that the manifest promises
TOLERANCE = 0.05  # of a logarithm of a probability, between Keras and the export with rounded weights, on average
# In eight bits the first two and the answers cost a third of a point; the others are next to nothing to compute.
LEFT = ("beside1_conv/Conv", "beside2_conv/Conv", "answers/Conv", "hand_conv/Conv", "style/Conv")
NAMES = (*map(str, range(DIGITS)), "mark", "blank")


def export_line(
    model: Any,
    path: str | Path,
    *,
    check: Sequence[NDArray[np.uint8]],
    version: str,
    preparation: str,
    training: Mapping[str, object],
    data: Sequence[DataSource],
    scores: Mapping[str, object],
) -> ModelFolder:
    """Write a line network as a model folder.

    Args:
        model: as `models.line.build` makes it, in float32.
        path: the folder to make; one that is there is replaced.
        check: (32, w) lines on which the export must agree with Keras.
        version: this and the next four are what the manifest says, see `calame.artifact.Manifest`.
        preparation: recipe of the pictures that the lines were cut from.
        training: the record of the run.
        data: what it learned from, with licences.
        scores: how good it is.

    Raises:
        ParityError: Keras and ONNX Runtime disagree; nothing is kept.
    """
    manifest = Manifest(
        name="line",
        version=version,
        architecture=model.name,
        parameters=model.count_params(),
        preparation=preparation,
        task="line",
        input={"name": INPUT, "shape": [HEIGHT, LONGEST, 1], "dtype": "float32", "range": [0.0, 1.0]},
        classes=NAMES,
        training=training,
        data=tuple(data),
        scores=scores,
    )
    content = to_float16(emit_line(model).SerializeToString())
    return write(path, manifest, {MODEL: content}, over=True, check=lambda made: compare(made, model, check))


def with_int8(folder: ModelFolder, path: str | Path, ranges: Sequence[NDArray[np.uint8]]) -> ModelFolder:
    """Write the model folder again with `model.int8.onnx` in it; return it.

    Args:
        folder: as `export_line` makes it.
        path: the folder to make; may be the same.
        ranges: (32, w) lines on which the ranges of eight bits are found, 200 or so.

    Raises:
        UsageError: no such lines.
    """
    if not len(ranges):
        raise UsageError(problem=Phrase("export.no_images", found="0 / -"))
    feeds = ({INPUT: _pixels(line)} for line in ranges)
    light = to_float16(to_int8(from_float16(folder.read(MODEL)), feeds, LEFT))
    return write(path, folder.manifest, {MODEL: folder.read(MODEL), INT8: light}, over=True)


def emit_line(model: Any) -> onnx.ModelProto:
    """Return the network as ONNX: `line` (n, 32, w, 1) float32 in 0..1 in, `logits` (n, w/2, 12) out."""
    fixed: Any = build(width=SOME)
    fixed.set_weights(model.get_weights())
    writer = Writer()
    network = fold(steps(fixed))
    known = {network[0].name: Tensor(INPUT, network[0].shape)}
    for step in network[1:]:
        inputs = [known[source] for source in step.inputs]
        writer.step = step.name
        if step.kind in IDENTITIES:
            known[step.name] = inputs[0]
        elif step.kind == "Reshape":  # its width is free: -1
            shape = writer.constant("shape", np.array([0, -1, CLASSES], np.int64))
            name = writer.node("Reshape", [writer.channels_last(inputs[0]).name, shape])
            known[step.name] = writer.rename(Tensor(name, step.shape), LOGITS)
        else:
            known[step.name] = OPERATORS[step.kind](writer, step, inputs)
    given = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["n", HEIGHT, "w", 1])
    made = helper.make_tensor_value_info(LOGITS, TensorProto.FLOAT, ["n", "t", CLASSES])
    graph = helper.make_graph(writer.nodes, "line", [given], [made], list(writer.constants.values()))
    opset = helper.make_opsetid("", OPSET)
    proto = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="calame")
    onnx.checker.check_model(proto, full_check=True)
    return proto


def weights_of(folder: ModelFolder) -> dict[str, NDArray[np.float32]]:
    """Return the weights of an exported line network by name, as `training.line.transfer` takes them: folded."""
    constants = onnx.load_model_from_string(from_float16(folder.read(MODEL))).graph.initializer
    return {one.name: numpy_helper.to_array(one) for one in constants}


def compare(folder: ModelFolder, model: Any, lines: Sequence[NDArray[np.uint8]]) -> None:
    """Compare the folder's network with Keras, line by line.

    Raises:
        ParityError: the logarithms of the probable classes differ by more than 0.05 on average, or are no numbers.
    """
    session = ColumnSession(folder)
    for line in lines:
        wanted = _logarithms(np.asarray(keras.ops.convert_to_numpy(model(_pixels(line), training=False)))[0])
        given = _logarithms(session(line))
        likely = wanted > np.log(0.01)
        difference = float(np.abs(given - wanted)[likely].mean()) if given.shape == wanted.shape else np.inf
        if not difference <= TOLERANCE:
            raise ParityError(name=folder.manifest, batch=1, difference=f"{difference:.2g}", tolerance=TOLERANCE)


def _pixels(line: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a line (32, w) as a batch of one, 0..1."""
    return line[None, :, :, None].astype(np.float32) / np.float32(255)


def _logarithms(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
