"""Keras network in, model folder out, and only if both compute the same on real digits.

The numbers of the trained network are read through Keras's public face and written as ONNX by our own emitter
(`docs/decisions/0002-own-onnx-emitter.md`). How the network was trained is known only as what the manifest says.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.artifact import INSPECT, MODEL, DataSource, Manifest, ModelFolder, write
from calame.engine.session import PROBABILITIES, Classifier, Inspector, Session
from calame.errors import ParityError, UsageError
from calame.export.emit import emit, head
from calame.export.steps import Floats, Step, fold, steps
from calame.locale import Phrase
from calame.types import SIDE

TOLERANCE = 1e-5  # of a probability, between Keras in float32 and ONNX Runtime
BATCHES = (1, 64)  # sizes at which both are asked

Images = NDArray[np.uint8]


def export_model(
    model: Any,
    path: str | Path,
    *,
    check_images: Images,
    name: str,
    version: str,
    preparation: str,
    calibration: Mapping[str, float] | None = None,
    training: Mapping[str, object] | None = None,
    data: Sequence[DataSource] = (),
    scores: Mapping[str, object] | None = None,
    brightest: float = 1.0,
    over: bool = False,
) -> ModelFolder:
    """Write a built Keras model as a model folder: `model.onnx`, `inspect.onnx`, `manifest.json`.

    A network trained in mixed precision is exported in float32, which its weights are in anyway; one that ends
    in logits gets a softmax.

    Args:
        model: Sequential or Functional, 784 values in, ten classes out; its name is the manifest's `architecture`.
        path: the folder to make.
        check_images: (n, 28, 28) uint8 real digits, ink bright, on which the export must agree with Keras.
        name: this and the next six are what the manifest says, see `calame.artifact.Manifest`.
        version: of the model.
        preparation: recipe of the pictures it learned on.
        calibration: temperature and rejection.
        training: the record of the run.
        data: what it learned from, with licences.
        scores: how good it is.
        brightest: what full ink was to the network in training, 1 or 255.
        over: replace a folder that is already there.

    Raises:
        UnsupportedModel: a layer that has no operator here.
        ParityError: Keras and ONNX Runtime disagree; nothing is kept.
        UsageError: no images to check on, or a folder is already there.
    """
    if check_images.shape[1:] != (SIDE, SIDE) or not len(check_images) or check_images.dtype != np.uint8:
        raise UsageError(problem=Phrase("export.no_images", found=f"{check_images.shape} {check_images.dtype}"))
    network = steps(model)
    folded = emit(fold(network), name=name, brightest=brightest)
    whole = emit(network, name=name, brightest=brightest, inspect=True)
    manifest = Manifest(
        name=name,
        version=version,
        architecture=model.name,
        parameters=model.count_params(),
        preparation=preparation,
        calibration=calibration or {},
        training=training or {},
        data=tuple(data),
        scores=scores or {},
    )
    files = {MODEL: folded.SerializeToString(), INSPECT: whole.SerializeToString()}
    reference = KerasClassifier(model, network, brightest)
    return write(path, manifest, files, over=over, check=lambda made: check_parity(made, reference, check_images))


def check_parity(folder: ModelFolder, reference: Classifier, images: Images) -> None:
    """Compare the folder's networks with Keras on `images`, one by one and 64 at a time.

    Raises:
        ParityError: a probability differs by more than 1e-5 at a batch size, or is not a number.
    """
    session, inspector = Session(folder), Inspector(folder)
    filled = np.resize(images, (max(BATCHES), SIDE, SIDE))
    for size in BATCHES:
        batches = [filled[start : start + size] for start in range(0, min(len(filled), 16 * size), size)]
        wanted = np.concatenate([reference(batch) for batch in batches])
        inspected = [inspector.activations(batch)[PROBABILITIES] for batch in batches]
        for answers in ([session(batch) for batch in batches], inspected):
            given = np.concatenate(answers)
            difference = float(np.max(np.abs(given - wanted)))
            if not difference <= TOLERANCE:
                raise ParityError(name=folder.manifest, batch=size, difference=f"{difference:.2g}", tolerance=TOLERANCE)


class KerasClassifier:
    """The Keras model itself as a classifier of uint8 pictures, in float32: what the export is compared with."""

    def __init__(self, model: Any, network: Sequence[Step], brightest: float) -> None:
        self._model = in_float32(model)
        self._shape = network[0].shape
        self._logits = head(network) == "logits"
        self._brightest = np.float32(brightest)

    def __call__(self, images: Images) -> Floats:
        """Return (n, 10) probabilities."""
        pixels = images.reshape(len(images), *self._shape).astype(np.float32) / np.float32(255) * self._brightest
        outputs = np.asarray(keras.ops.convert_to_numpy(self._model(pixels, training=False)), np.float32)
        if not self._logits:
            return outputs
        powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)


def in_float32(model: Any) -> Any:
    """Return the model computing in float32: itself, or a copy when a layer has another policy."""
    if all(name == "float32" for name in _policies(model)):
        return model
    copy = type(model).from_config(_with_float32(model.get_config()))
    copy.set_weights(model.get_weights())
    return copy


def _policies(model: Any) -> Iterator[str]:
    for layer in model.layers:
        yield layer.dtype_policy.name
        yield from _policies(layer) if hasattr(layer, "layers") else ()


def _with_float32(config: Any) -> Any:
    """Replace the dtype policy of every layer in a configuration."""
    if isinstance(config, dict):
        return {key: "float32" if key == "dtype" else _with_float32(value) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return type(config)(_with_float32(value) for value in config)
    return config
