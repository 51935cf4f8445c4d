"""Lighter versions of an exported network, written beside it, with what they cost in accuracy.

int8: weights and activations in eight bits, ranges found on real digits (Jacob and others, "Quantization and
Training of Neural Networks for Efficient Integer-Arithmetic-Only Inference", 2018). A quarter of the bytes, and
faster. float16: weights alone; they become float32 again when the file is opened. Half the bytes, same speed.
Which networks and digits these are is not known here.
"""

import gzip
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from calame.artifact import INT8, MODEL, ModelFolder, write
from calame.engine.session import Session
from calame.errors import UsageError
from calame.locale import Phrase

FLOAT16 = "model.fp16.onnx"
LIGHTER = "lighter"  # where the manifest's scores say what the versions cost
BATCH = 64
HALF = "/float16"  # after the name of what is kept in it
KEPT = 256  # smaller constants stay in float32: shapes, scales and biases weigh nothing

Images = NDArray[np.uint8]
Labels = NDArray[np.integer[Any]]


def lighten(folder: ModelFolder, path: str | Path, calibration: Images, judge: tuple[Images, Labels]) -> ModelFolder:
    """Write the model folder again with `model.int8.onnx` and `model.fp16.onnx` in it; return it.

    Args:
        folder: what to lighten.
        path: the folder to make; may be the same.
        calibration: (n, 28, 28) uint8 digits that the ranges are found on, 500 or so.
        judge: images and labels on which all versions are compared; the manifest gets the result, in
            `scores["lighter"]`: for each file accuracy, `points` lost against `model.onnx`, answers that changed,
            bytes, and n.

    Raises:
        UsageError: no digits to find ranges on, or none to judge by.
    """
    if not len(calibration) or not len(judge[0]):
        raise UsageError(problem=Phrase("export.no_images", found=f"{calibration.shape} / {judge[0].shape}"))
    content = folder.read(MODEL)
    files: dict[str, Path | bytes] = {name: folder.read(name) for name in folder.manifest.files}
    files |= {INT8: to_int8(content, _feeds(folder, calibration)), FLOAT16: to_float16(content)}
    with tempfile.TemporaryDirectory() as scratch:
        made = write(Path(scratch) / "model", folder.manifest, files)
        costs = compare(made, (MODEL, FLOAT16, INT8), judge)
    manifest = replace(folder.manifest, scores={**folder.manifest.scores, LIGHTER: costs})
    return write(path, manifest, files, over=True)


def with_int8(folder: ModelFolder, path: str | Path, calibration: Images, leave: Sequence[str] = ()) -> ModelFolder:
    """Write the model folder again with `model.int8.onnx` in it; return it.

    The arguments are those of `lighten`, and `leave`: operations that stay in float32.

    Raises:
        UsageError: no digits to find ranges on.
    """
    if not len(calibration):
        raise UsageError(problem=Phrase("export.no_images", found=f"{calibration.shape} / -"))
    files: dict[str, Path | bytes] = {name: folder.read(name) for name in folder.manifest.files}
    files[INT8] = to_int8(folder.read(MODEL), _feeds(folder, calibration), leave)
    return write(path, folder.manifest, files, over=True)


def to_int8(model: bytes, feeds: Iterator[dict[str, NDArray[np.float32]]], leave: Sequence[str] = ()) -> bytes:
    """Return the network in eight bits, its ranges found on `feeds`, batches by input name.

    The operations named in `leave` stay in float32: those that lose by it.

    Weights keep to seven bits: processors without VNNI add pairs of products in 16 bits, which eight would
    overflow, and the same file must read the same everywhere. It costs nothing that we could measure.
    """
    # Loaded here, as it takes a second and brings its logger along.
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

    class Reader(CalibrationDataReader):
        def get_next(self) -> Any:  # None at the end, whatever the base class says
            return next(feeds, None)

    with tempfile.TemporaryDirectory() as scratch:
        source, target = Path(scratch) / "in.onnx", Path(scratch) / "out.onnx"
        proto = onnx.load_model_from_string(model)
        # The quantiser asks for a pass that folds and infers shapes; ours are folded and known.
        proto.metadata_props.add(key="onnx.quant.pre_process", value="onnxruntime.quant")
        source.write_bytes(proto.SerializeToString())
        quantize_static(
            str(source),
            str(target),
            Reader(),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            reduce_range=True,
            nodes_to_exclude=list(leave),
        )
        return target.read_bytes()


def to_float16(model: bytes) -> bytes:
    """Return the network with its weights in float16, each with a Cast that ONNX Runtime does once, at loading.

    Computing in float16 would gain nothing on a processor: it has no such kernels and would cast at every layer.
    """
    proto = onnx.load_model_from_string(model)
    casts: list[onnx.NodeProto] = []
    for constant in proto.graph.initializer:
        values = numpy_helper.to_array(constant)
        if constant.data_type != TensorProto.FLOAT or values.size < KEPT:
            continue
        name, half = constant.name, constant.name + HALF
        constant.CopyFrom(numpy_helper.from_array(values.astype(np.float16), half))
        casts.append(helper.make_node("Cast", [half], [name], name=f"{name}/Cast", to=TensorProto.FLOAT))
    nodes = [*casts, *proto.graph.node]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    return proto.SerializeToString()


def from_float16(model: bytes) -> bytes:
    """Return what `to_float16` made with its weights in float32 again, rounded as they are."""
    proto = onnx.load_model_from_string(model)
    for constant in proto.graph.initializer:
        if constant.name.endswith(HALF):
            values = numpy_helper.to_array(constant).astype(np.float32)
            constant.CopyFrom(numpy_helper.from_array(values, constant.name.removesuffix(HALF)))
    nodes = [node for node in proto.graph.node if not (node.op_type == "Cast" and node.input[0].endswith(HALF))]
    del proto.graph.node[:]
    proto.graph.node.extend(nodes)
    return proto.SerializeToString()


def compare(folder: ModelFolder, files: tuple[str, ...], judge: tuple[Images, Labels]) -> dict[str, dict[str, float]]:
    """Return accuracy, points lost against the first file, changed answers, n and bytes of each file."""
    images, labels = judge
    answers = {file: Session(folder, file)(images).argmax(axis=1) for file in files}
    first = answers[files[0]]
    right = {file: int((answer == labels).sum()) for file, answer in answers.items()}
    return {
        file: {
            "accuracy": right[file] / len(labels),
            "points": round(100 * (right[file] - right[files[0]]) / len(labels), 4),
            "changed": int((answer != first).sum()),
            "n": len(labels),
            "bytes": folder.manifest.files[file]["bytes"],
        }
        for file, answer in answers.items()
    }


def compressed_bytes(folder: ModelFolder, file: str) -> int:
    """Return the size of a file of the folder after gzip, level 9: what a download of it weighs."""
    return len(gzip.compress(folder.read(file), 9))


def _feeds(folder: ModelFolder, images: Images) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Yield batches as the network takes them."""
    wanted = folder.manifest.input
    low, high = wanted["range"]
    for start in range(0, len(images), BATCH):
        chunk = images[start : start + BATCH].reshape(-1, *wanted["shape"]).astype(np.float32)
        yield {wanted["name"]: chunk / np.float32(255) * np.float32(high - low) + np.float32(low)}
