"""A network of `keras.applications`, by name, as a model folder for general pictures.

Keras prepares each family of its networks in its own way, and each way is linear in a pixel: how black and the three
colours come out says all of it, and that becomes the first operation of the ONNX file. The folder then takes pixels
0..255 as they are, whatever the family. How the layers are written is `operators`'; where the weights come from is
Keras's. Keras is loaded with this module.
"""

import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

from calame.artifact import INSPECT, MODEL, DataSource, Manifest, ModelFolder, write
from calame.engine.session import PROBABILITIES, Session
from calame.errors import NoKerasWeights, ParityError, UnsupportedModel, UsageError
from calame.export.emit import IDENTITIES, IR_VERSION, OPSET
from calame.export.rarer import ALL
from calame.export.steps import Floats, Step, fold, steps
from calame.export.writer import Tensor, Writer
from calame.locale import Phrase

IMAGE, FEATURES, EVIDENCE = "image", "features", "evidence"
TOLERANCE = 1e-4  # of a probability, between Keras and ONNX Runtime
CHECKED = 2  # made pictures on which both must agree
FREE = (224, 224, 3)  # for a network that takes photos of any side: what its weights learned on
RESIZED = 8 / 7  # the shorter side to the square in its middle, as 256 to 224
LICENCE = "https://keras.io/api/applications/"

Prepare = Callable[[NDArray[np.float32]], Any]


def names() -> list[str]:
    """Return the networks that Keras has."""
    found = vars(keras.applications).items()
    return sorted(name for name, value in found if name[:1].isupper() and callable(value))


def check_name(name: str) -> None:
    """Make sure that Keras has a network of this name.

    Raises:
        UsageError: it has none; the message names those that it has.
    """
    if name not in names():
        raise UsageError(problem=Phrase("import.no_application", name=name, known=", ".join(names())))


def load(name: str, weights: str | None = "imagenet") -> tuple[Any, Prepare]:
    """Return a network of Keras with its weights, which Keras fetches when it has not yet, and its preparation.

    Raises:
        UsageError: as `check_name`.
        NoKerasWeights: its weights cannot be had.
    """
    check_name(name)
    make = getattr(keras.applications, name)
    try:
        with contextlib.redirect_stdout(sys.stderr):  # Keras tells of its download where a program reads the answer
            model = make(weights=weights)
            if model.input_shape[1] is None:  # MobileNetV3 takes any side, and a model folder one
                model = make(weights=weights, input_shape=FREE)
    except Exception as error:  # Keras's downloader raises a bare Exception
        raise NoKerasWeights(name=name, folder=Path("~/.keras/models"), problem=str(error)[:300]) from error
    return model, sys.modules[make.__module__].preprocess_input


def linear_of(prepare: Prepare) -> tuple[Floats, Floats]:
    """Return a preparation as `pixel @ matrix + shift`, pixels 0..255 in RGB.

    Raises:
        UnsupportedModel: it is not linear.
    """
    probe = np.concatenate([np.zeros((1, 3)), 255 * np.eye(3), [[12, 200, 77]]]).astype(np.float32)
    seen = np.asarray(prepare(probe.reshape(1, 1, 5, 3).copy()), np.float64).reshape(5, 3)
    shift, matrix = seen[0], (seen[1:4] - seen[0]) / 255
    if not np.allclose(probe[4] @ matrix + shift, seen[4], atol=1e-3):
        raise UnsupportedModel(path="-", layer="preprocess_input", problem=Phrase("import.not_linear"))
    return matrix.astype(np.float32), shift.astype(np.float32)


def import_network(
    model: Any, prepare: Prepare, place: Path, *, name: str, classes: Sequence[str], source: str = "keras.applications"
) -> ModelFolder:
    """Write a built network of Keras as a model folder for pictures, and only if both compute the same.

    Args:
        model: (n, h, h, 3) -> (n, classes) probabilities.
        prepare: what Keras does to pixels 0..255 first.
        place: the folder to make.
        name: of the model.
        classes: what each output stands for.
        source: said in the manifest.

    Raises:
        UnsupportedModel: a layer that has no operator here, or an input or output of another form.
        ParityError: Keras and ONNX Runtime disagree; nothing is kept.
    """
    network = steps(model)
    side, shape = network[0].shape[0], network[0].shape
    if shape != (side, side, 3) or network[-1].shape != (len(classes),):
        found = f"{shape} -> {network[-1].shape}"
        raise UnsupportedModel(path=name, layer=network[-1].name, problem=Phrase("import.output", found=found))
    folded, linear = fold(network), linear_of(prepare)
    files = {MODEL: emit(folded, linear).SerializeToString()}
    if _pooled(folded) is not None:  # then each place's part in the answer is known exactly
        files[INSPECT] = emit(folded, linear, inspect=True).SerializeToString()
    credit: DataSource = {"name": model.name, "source": source, "licence": LICENCE}
    manifest = Manifest(
        name=name,
        version=place.name,
        architecture=model.name,
        parameters=model.count_params(),
        preparation=f"shorter({round(side * RESIZED)}) | middle({side})",
        task="pictures",
        input={"name": IMAGE, "shape": [side, side, 3], "dtype": "float32", "range": [0.0, 255.0]},
        classes=tuple(classes),
        data=(credit,),
    )
    return write(place, manifest, files, check=lambda made: _check(made, model, prepare))


def emit(network: Sequence[Step], linear: tuple[Floats, Floats], *, inspect: bool = False) -> onnx.ModelProto:
    """Return the network as ONNX, pixels 0..255 in RGB in; `inspect` also gives `features` and `evidence`."""
    writer = Writer("prepare")
    pixels = writer.node("MatMul", [IMAGE, writer.constant("matrix", linear[0])])
    known = {
        network[0].name: Tensor(writer.node("Add", [pixels, writer.constant("shift", linear[1])]), network[0].shape)
    }
    for step in network[1:]:
        inputs = [known[name] for name in step.inputs]
        if step.kind not in IDENTITIES and step.kind not in ALL:
            raise UnsupportedModel(path="-", layer=step.name, problem=Phrase("import.kind", kind=step.kind))
        writer.step = step.name
        known[step.name] = inputs[0] if step.kind in IDENTITIES else ALL[step.kind](writer, step, inputs)
    writer.nodes.append(helper.make_node("Identity", [known[network[-1].name].name], [PROBABILITIES]))
    outputs = {PROBABILITIES: network[-1].shape} | (_inside(writer, network, known) if inspect else {})
    values = [helper.make_tensor_value_info(key, TensorProto.FLOAT, ["n", *shape]) for key, shape in outputs.items()]
    given = helper.make_tensor_value_info(IMAGE, TensorProto.FLOAT, ["n", *network[0].shape])
    graph = helper.make_graph(writer.nodes, "pictures", [given], values, list(writer.constants.values()))
    opset = helper.make_opsetid("", OPSET)
    made = helper.make_model(graph, opset_imports=[opset], ir_version=IR_VERSION, producer_name="calame")
    onnx.checker.check_model(made, full_check=True)
    return made


def _pooled(network: Sequence[Step]) -> Step | None:
    """Return the mean over all places that the last layer reads, when that is what it does."""
    by_name, last = {step.name: step for step in network}, network[-1]
    before = by_name[last.inputs[0]]
    while before.kind in IDENTITIES:
        before = by_name[before.inputs[0]]
    return before if (last.kind, before.kind) == ("Dense", "GlobalAveragePooling2D") else None


def _inside(writer: Writer, network: Sequence[Step], known: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Write features, what the last layer reads, and evidence, the same product place by place."""
    mean = _pooled(network)
    assert mean is not None
    last, maps = network[-1], writer.channels_last(known[mean.inputs[0]])
    writer.step = EVIDENCE
    product = writer.node("MatMul", [maps.name, writer.constant("kernel", last.weights["kernel"])])
    bias = last.weights.get("bias", np.zeros(last.shape, np.float32))
    writer.nodes.append(helper.make_node("Add", [product, writer.constant("bias", bias)], [EVIDENCE]))
    writer.nodes.append(helper.make_node("Identity", [known[mean.name].name], [FEATURES]))
    return {FEATURES: mean.shape, EVIDENCE: (*maps.shape[:2], *last.shape)}


def _check(made: ModelFolder, model: Any, prepare: Prepare) -> None:
    """Compare the folder with Keras on made pictures."""
    side = made.manifest.input["shape"][0]
    pictures = np.random.default_rng(0).integers(0, 256, (CHECKED, side, side, 3)).astype(np.uint8)
    wanted = np.asarray(keras.ops.convert_to_numpy(model(prepare(pictures.astype(np.float32)), training=False)))
    difference = float(np.abs(Session(made)(pictures) - wanted).max())
    if not difference <= TOLERANCE:
        raise ParityError(name=made.manifest, batch=CHECKED, difference=f"{difference:.2g}", tolerance=TOLERANCE)
