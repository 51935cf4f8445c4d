"""How far each layer of an exported network is from what Keras computes, on digits: the proof of an import.

Keras is asked layer by layer, each on its own outputs of the layers before; the export shows its layers through
`inspect.onnx`. Whether a difference is too large is decided on the probabilities, in `exporter`.
"""

from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.artifact import ModelFolder
from calame.engine.session import Inspector
from calame.export.emit import shown_name
from calame.export.exporter import in_float32
from calame.export.steps import Floats, steps

COMPARED = 64  # digits


def layer_differences(
    folder: ModelFolder, model: Any, images: NDArray[np.uint8], brightest: float = 1.0
) -> dict[str, float]:
    """Return by how much the outputs of each layer differ at most, relative to the largest output where above 1.

    Args:
        folder: the export of `model`.
        model: built, Sequential or Functional.
        images: (n, 28, 28) uint8, of which the first 64 are used.
        brightest: what full ink was to the network in training, 1 or 255.

    Example:
        >>> max(layer_differences(folder, model, images).values()) < 1e-5
        True
    """
    model, network = in_float32(model), steps(model)
    given = Inspector(folder).activations(images[:COMPARED])
    pixels = images[:COMPARED].reshape(-1, *network[0].shape).astype(np.float32)
    values: dict[str, Any] = {network[0].name: pixels / np.float32(255) * np.float32(brightest)}
    differences: dict[str, float] = {}
    for step in network[1:]:
        inputs = [values[name] for name in step.inputs]
        values[step.name] = _layer(model, step.name)(inputs if len(inputs) > 1 else inputs[0])
        label = shown_name(step)
        if label in given:
            wanted: Floats = np.asarray(keras.ops.convert_to_numpy(values[step.name]))
            difference = float(np.abs(given[label] - wanted).max())
            differences[step.name] = difference / max(1.0, float(np.abs(wanted).max()))
    return differences


def _layer(model: Any, name: str) -> Any:
    """Find a layer; "outer/inner" lies inside another model."""
    for part in name.split("/"):
        model = model.get_layer(part)
    return model
