"""A network from somebody else's Keras file: read as data, built anew by our own code, turned into a model folder.

1. the container is opened (`kerasfile`) and the graph read (`topology`): JSON and numbers, nothing is executed;
2. every layer and option is looked up in the table (`allowed`), every weight's shape compared with what the layer
   must have, before Keras allocates anything;
3. the network is built layer by layer and its weights filled in;
4. it is exported like one of ours, parity check included, and compared with Keras layer by layer.

Keras is never given the file, its configuration or its code.
"""

import hashlib
import math
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import h5py
import keras
import numpy as np
from numpy.typing import NDArray

from calame.artifact import ModelFolder
from calame.errors import DamagedModel, UnsupportedModel
from calame.export.allowed import SEVERAL_INPUTS, SKIPPED, kind_of, options_of, weight_names, weight_shapes
from calame.export.emit import IDENTITIES, head
from calame.export.exporter import export_model
from calame.export.kerasfile import KerasFile, open_file
from calame.export.layers import layer_differences
from calame.export.steps import Step, steps
from calame.export.stored import Place, stored_weights
from calame.export.topology import Call, Graph, input_shape, read
from calame.locale import Phrase
from calame.types import SIDE

MOST_PARAMETERS = 50_000_000
LARGEST_OUTPUT = 1 << 20  # values that one layer may give for one picture
MOST_SCALE = 1 / 50  # a network that begins by multiplying with less was fed 0..255

Stored = Mapping[Place, list[h5py.Dataset]]


def import_file(
    path: str | Path,
    folder: str | Path,
    *,
    check_images: NDArray[np.uint8] | None = None,
    name: str,
    version: str,
    preparation: str,
    brightest: float | None = None,
    over: bool = False,
    told: Callable[[dict[str, float]], None] | None = None,
) -> ModelFolder:
    """Turn a `.h5` or `.keras` file of a digit network, Keras 2 or Keras 3, into a model folder.

    Args:
        path: the file.
        folder: the model folder to make.
        check_images: (n, 28, 28) uint8 digits for the parity check; None: drawn strokes, where no data set is.
        name: of the model; with `version` and `preparation`, what the manifest says.
        version: of the model.
        preparation: recipe that pictures go through before the network sees them.
        brightest: what full ink was in training; None: 255 if the network itself scales it down, else 1.
        over: replace a folder that is already there.
        told: called with the largest difference of each layer to Keras, see `layers.layer_differences`.

    Raises:
        UnsupportedModel: a layer, an option or a shape that is not read; the layer and the reason are named.
        ForeignModel, DamagedModel: see `kerasfile.open_file`.
        ParityError: see `exporter.export_model`.
    """
    file = open_file(path)
    model = build(file)
    network = steps(model)
    head(network, path)
    training = {
        "imported_from": Path(path).name,
        "sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(),
        "keras": file.version,
    }
    images, full_ink = drawn_strokes() if check_images is None else check_images, brightest or _brightest(network)
    made = export_model(
        model,
        folder,
        check_images=images,
        name=name,
        version=version,
        preparation=preparation,
        training=training,
        brightest=full_ink,
        over=over,
    )
    if told is not None:
        told(layer_differences(made, model, images, full_ink))
    return made


def name_of(path: str | Path) -> str:
    """Return the name that a file's network has, or "" for none; errors as for `kerasfile.open_file`."""
    file = open_file(path)
    file.weights.close()
    inner = file.config.get("config")
    return str(cast("Mapping[str, object]", inner).get("name") or "") if isinstance(inner, Mapping) else ""


def drawn_strokes(count: int = 64) -> NDArray[np.uint8]:
    """Return `count` pictures (n, 28, 28) of soft strokes, always the same: as bright, thick and placed as digits."""
    random = np.random.default_rng(0)
    rows, columns = np.mgrid[:SIDE, :SIDE]
    pictures = np.zeros((count, SIDE, SIDE))
    for picture in pictures:
        path = np.cumsum(random.normal(0, 1.2, (40, 2)), axis=0)
        path += SIDE / 2 - path.mean(axis=0)
        for y, x in path:
            picture += np.exp(-((rows - y) ** 2 + (columns - x) ** 2) / 2)
    return np.round(np.clip(pictures, 0, 1) * 255).astype(np.uint8)


def load_network(path: str | Path) -> Any:
    """Return the network of a file as a Keras model, built by our code; errors as for `import_file`."""
    return build(open_file(path))


def build(file: KerasFile) -> Any:
    """Build the network of an opened file, and close it."""
    try:
        graph = read(file.config, file.path)
        shape = input_shape(graph.calls[0], file.path)
        if math.prod(shape) != SIDE * SIDE:
            problem = Phrase("import.input_shape", found=shape)
            raise UnsupportedModel(path=file.path, layer=graph.calls[0].name, problem=problem)
        for call in _leaves(graph):
            kind_of(call, file.path)
        stored = stored_weights(file, graph)
        parameters = sum(math.prod(dataset.shape) for datasets in stored.values() for dataset in datasets)
        if parameters > MOST_PARAMETERS:
            problem = Phrase("import.parameters", found=parameters, limit=MOST_PARAMETERS)
            raise UnsupportedModel(path=file.path, layer=graph.name, problem=problem)
        return _network(file.path, graph, stored, ())
    finally:
        file.weights.close()


def _leaves(graph: Graph) -> list[Call]:
    """List the layers of a graph and of the models in it, without the inputs."""
    inner = [_leaves(call.graph) if call.graph else [call] for call in graph.calls[1:]]
    return [call for calls in inner for call in calls]


def _network(path: Path, graph: Graph, stored: Stored, around: Place) -> Any:
    inputs: Any = keras.Input(input_shape(graph.calls[0], path), name=_plain(graph.calls[0].name))
    made: dict[str, Any] = {graph.calls[0].name: inputs}
    for call in graph.calls[1:]:
        taken = [made[name] for name in call.inputs]
        try:
            made[call.name] = _call(path, call, taken, stored, around)
        except (
            ValueError,
            TypeError,
            LookupError,
            OverflowError,
        ) as error:  # Keras's words for options that do not fit together
            problem = str(error).partition("\n")[0][:300]
            raise UnsupportedModel(path=path, layer=call.name, problem=problem) from error
    return keras.Model(inputs, made[graph.output], name=_plain(graph.name))


def _call(path: Path, call: Call, taken: list[Any], stored: Stored, around: Place) -> Any:
    """Build one layer, fill in its weights and call it on `taken`."""
    if call.graph is not None:
        inner = _network(path, call.graph, stored, (*around, call.name))
        if len(taken) != 1 or inner.input_shape != tuple(taken[0].shape):
            raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.inputs", found=len(taken)))
        return inner(taken[0])
    kind = kind_of(call, path)
    if kind in SKIPPED:
        return keras.layers.Activation("linear", name=_plain(call.name), dtype="float32")(taken[0])
    if (len(taken) > 1) != (kind in SEVERAL_INPUTS):
        raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.inputs", found=len(taken)))
    options = options_of(call, kind, path)
    values = _values(path, call, weight_shapes(kind, options, tuple(taken[0].shape[1:])), stored, around)
    layer: Any = getattr(keras.layers, kind)(**options, name=_plain(call.name), dtype="float32")
    given = [tuple(one.shape) for one in taken]
    shape = layer.compute_output_shape(given if len(given) > 1 else given[0])
    if math.prod(shape[1:]) > LARGEST_OUTPUT:
        raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.large", found=shape[1:]))
    output = layer(taken if len(taken) > 1 else taken[0])
    if values:
        layer.set_weights(values)
    return output


def _values(
    path: Path, call: Call, shapes: Mapping[str, tuple[int, ...]], stored: Stored, around: Place
) -> list[NDArray[np.float32]]:
    """Read a layer's weights once their shapes are those that it must have."""
    learned, moving = weight_names(call)
    values: list[NDArray[np.float32]] = []
    for name, dataset in zip((*learned, *moving), stored.get((*around, call.name), []), strict=True):
        if dataset.shape != shapes[name]:
            problem = Phrase("import.weight_shape", weight=name, found=dataset.shape, expected=shapes[name])
            raise UnsupportedModel(path=path, layer=call.name, problem=problem)
        try:
            value = np.asarray(dataset[()], np.float32)
        except (OSError, RuntimeError, OverflowError) as error:
            raise DamagedModel(path=path, problem=error) from error
        if not np.isfinite(value).all():
            raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.not_finite", weight=name))
        values.append(value)
    return values


def _plain(name: str) -> str:
    """Keras has no slash in names, and a name also goes into ONNX and onto the screen."""
    return re.sub(r"[^A-Za-z0-9_.\-]", "_", name).strip("_.") or "layer"


def _brightest(network: list[Step]) -> float:
    """Guess what full ink was in training: a network that begins with Rescaling(1/255) was fed 0..255."""
    first = next(step for step in network[1:] if step.kind not in IDENTITIES)
    return 255.0 if first.kind == "Rescaling" and first.config["scale"] < MOST_SCALE else 1.0
