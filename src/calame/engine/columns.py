"""A line in, scores of the classes along it out: a line network opened in ONNX Runtime on the processor.

This module knows the input and output of such a network, and nothing of what the classes are.
"""

from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from calame.artifact import MODEL, ModelFolder
from calame.engine.session import Floats, open_runtime
from calame.errors import BadArray, DamagedModel
from calame.locale import Phrase

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

LOGITS = "logits"


class ColumnSession:
    """A line network of a model folder.

    Args:
        folder: from `calame.artifact.load`.
        file: which of its networks.
        threads: processor threads for one call.

    Raises:
        DamagedModel: a file that is not what the manifest says, keeps data elsewhere, or has other inputs and
            outputs than a line network.
    """

    def __init__(self, folder: ModelFolder, file: str = MODEL, threads: int = 1) -> None:
        self.folder = folder
        self._runtime: InferenceSession = open_runtime(folder, file, threads)
        self._height = folder.manifest.input["shape"][0]
        self._name = folder.manifest.input["name"]
        given, made = self._runtime.get_inputs(), self._runtime.get_outputs()
        classes = len(folder.manifest.classes)
        if [one.name for one in given] != [self._name] or given[0].shape[1] != self._height:
            found = "; ".join(f"{one.name} {one.type} {one.shape}" for one in given)
            raise DamagedModel(path=folder.path / file, problem=Phrase("model.inputs", found=found))
        if [one.name for one in made] != [LOGITS] or made[0].shape[-1] != classes:
            found = "; ".join(f"{one.name} {one.type} {one.shape}" for one in made)
            raise DamagedModel(path=folder.path / file, problem=Phrase("model.outputs", found=found))

    def __call__(self, line: NDArray[np.uint8]) -> Floats:
        """Return the scores (t, classes) along a line (height, w) uint8, ink 255 on 0, w a multiple of 4."""
        if line.dtype != np.uint8 or line.ndim != 2 or line.shape[0] != self._height or line.shape[1] % 4:
            expected = f"({self._height}, 4·k) uint8"
            raise BadArray(found=f"{line.shape} {line.dtype}", expected=expected)
        pixels = line[None, :, :, None].astype(np.float32) / np.float32(255)
        return cast("Floats", self._runtime.run([LOGITS], {self._name: pixels})[0])[0]
