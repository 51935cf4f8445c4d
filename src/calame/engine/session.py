"""Arrays in, probabilities out: a model folder opened in ONNX Runtime on the processor.

This module knows the input and output that every model folder promises; it knows nothing of pictures, of
preparation, or of how sure is sure enough. ONNX Runtime is loaded with the first session, not before.
"""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from calame.artifact import INSPECT, MODEL, ModelFolder
from calame.errors import BadArray, DamagedModel, UsageError
from calame.locale import Phrase
from calame.types import DIGITS

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

Floats = NDArray[np.float32]
Classifier = Callable[[NDArray[np.uint8]], Floats]
"""(n, 28, 28) uint8, ink 255 on 0 -> (n, 10) float32, not calibrated, each row summing to 1."""

PROBABILITIES = "probabilities"
CHUNK = 64  # pictures at a time: their activations still fit in the processor's cache
ROUNDING = 0.01  # by which ten probabilities may miss 1: half precision and eight bits do by less
SILENT = 4  # ONNX Runtime's severity "fatal": what goes wrong is raised, and need not be printed as well

# A tensor kept outside the model is a protobuf entry with the key "location" and a path as its value. ONNX
# Runtime would open that path. Field 1 (0a), length 8 (08), each also in a longer spelling of the same varint.
EXTERNAL_DATA = re.compile(rb"(?:\x0a|\x8a\x80*\x00)(?:\x08|\x88\x80*\x00)location")


class Session:
    """A `Classifier` from a model folder.

    Args:
        folder: from `calame.artifact.load` or `Shelf.find`.
        file: which of its networks: "model.onnx", or a lighter one such as "model.int8.onnx".
        threads: processor threads for one call.

    Raises:
        DamagedModel: a file that is not what the manifest says, keeps data elsewhere, or has other inputs and
            outputs than a model folder promises.

    Example:
        >>> classify = Session(Shelf(None).find("digits"))
        >>> classify(np.zeros((2, 28, 28), np.uint8)).shape
        (2, 10)
    """

    def __init__(self, folder: ModelFolder, file: str = MODEL, threads: int = 1) -> None:
        self.folder = folder
        self._runtime = _open(folder, file, threads)
        names = [output.name for output in self._runtime.get_outputs()]
        if names != [PROBABILITIES]:
            raise DamagedModel(path=folder.path / file, problem=Phrase("model.outputs", found=", ".join(names)))

    def __call__(self, images: NDArray[np.uint8]) -> Floats:
        """Return the probabilities of `images`, whatever their number, zero included."""
        probabilities = np.empty((len(images), len(self.folder.manifest.classes)), np.float32)
        for start in range(0, len(images), CHUNK):
            chunk = slice(start, start + CHUNK)
            probabilities[chunk] = _run(self._runtime, [PROBABILITIES], _feed(self.folder, images[chunk]))[0]
        return probabilities


class Inspector:
    """The same network with what every layer computes on the way; arguments and errors as for `Session`.

    Its `layers` are the shapes, without the batch, of what each layer gives, by name, in order.
    """

    def __init__(self, folder: ModelFolder, file: str = INSPECT, threads: int = 1) -> None:
        self.folder = folder
        self._runtime = _open(folder, file, threads)
        outputs = self._runtime.get_outputs()[1:]
        self.layers: dict[str, tuple[int, ...]] = {one.name: tuple(one.shape[1:]) for one in outputs}

    def activations(self, images: NDArray[np.uint8], layers: Sequence[str] | None = None) -> dict[str, Floats]:
        """Return what each layer, or each of `layers`, computes for `images`, in order, under the layer's name.

        The first entry is "probabilities"; the maps of a convolution are (n, height, width, channels).
        All `images` go through at once: a few hundred at most.
        """
        names = [PROBABILITIES, *(self.layers if layers is None else layers)]
        return dict(zip(names, _run(self._runtime, names, _feed(self.folder, images)), strict=True))


def checked(classify: Classifier) -> Classifier:
    """Return a callable of the caller's own as a `Classifier` that raises `UsageError` when it answers otherwise."""
    return partial(_answers, classify)


def _answers(classify: Classifier, images: NDArray[np.uint8]) -> Floats:
    answers = np.asarray(classify(images))
    found = f"{answers.shape} {answers.dtype}"
    if answers.shape == (len(images), DIGITS) and answers.dtype.kind in "fiu":
        low, off = answers.min(initial=0.0), np.abs(answers.sum(axis=1) - 1).max(initial=0.0)
        if low >= 0 and off <= ROUNDING:  # nan neither
            return answers.astype(np.float32, copy=False)
        found += f", min {low:.3g}, |Σ − 1| ≤ {off:.3g}"
    raise UsageError(problem=Phrase("model.answers", found=found, count=len(images)))


def _run(runtime: "InferenceSession", names: list[str], feed: dict[str, Floats]) -> list[Floats]:
    return cast("list[Floats]", runtime.run(names, feed))


def _feed(folder: ModelFolder, images: NDArray[np.uint8]) -> dict[str, Floats]:
    """Scale 0..255 to the range that the network learned on; (n, 28, 28) becomes (n, 28, 28, 1)."""
    wanted = folder.manifest.input
    shape = tuple(wanted["shape"])
    if images.dtype != np.uint8 or images.shape[1:] not in {shape, shape[:-1] if shape[-1] == 1 else shape}:
        expected = ", ".join(str(side) for side in shape if side != 1)
        raise BadArray(found=f"{images.shape} {images.dtype}", expected=f"(n, {expected}) uint8")
    low, high = wanted["range"]
    scaled = images.reshape(len(images), *shape).astype(np.float32) * np.float32((high - low) / 255)
    return {wanted["name"]: scaled + np.float32(low) if low else scaled}


def _open(folder: ModelFolder, file: str, threads: int) -> "InferenceSession":
    """Load a checked file into ONNX Runtime and compare its input and first output with the manifest."""
    session, path = open_runtime(folder, file, threads), folder.path / file
    wanted, given, outputs = folder.manifest.input, session.get_inputs(), session.get_outputs()
    if (
        len(given) != 1
        or (given[0].name, given[0].type) != (wanted["name"], "tensor(float)")
        or list(given[0].shape[1:]) != wanted["shape"]
    ):
        found = "; ".join(f"{one.name} {one.type} {one.shape}" for one in given)
        raise DamagedModel(path=path, problem=Phrase("model.inputs", found=found))
    classes = len(folder.manifest.classes)
    if outputs[0].name != PROBABILITIES or outputs[0].type != "tensor(float)" or outputs[0].shape[1:] != [classes]:
        found = f"{outputs[0].name} {outputs[0].type} {outputs[0].shape}"
        raise DamagedModel(path=path, problem=Phrase("model.outputs", found=found))
    return session


def open_runtime(folder: ModelFolder, file: str, threads: int = 1) -> "InferenceSession":
    """Load a checked file of a model folder into ONNX Runtime; what goes in and comes out is for the caller to check.

    Raises:
        DamagedModel: a file that is not what the manifest says, or keeps data elsewhere.
    """
    content, path = folder.read(file), folder.path / file
    if EXTERNAL_DATA.search(content):
        raise DamagedModel(path=path, problem=Phrase("model.external_data"))
    return _load(content, path, threads)


def _load(content: bytes, path: object, threads: int) -> "InferenceSession":
    import onnxruntime as ort

    ort.disable_telemetry_events()
    ort.set_default_logger_severity(SILENT)
    options: Any = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = SILENT
    try:
        return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's exceptions have no common base but Exception
        raise DamagedModel(path=path, problem=str(error).partition("\n")[0]) from error
