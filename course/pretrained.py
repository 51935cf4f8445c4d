"""MobileNetV2 with the thousand classes of ImageNet, as a Keras network: from files at hand, or fetched by Keras.

Source: Sandler and others, "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018. The arrays at hand have
each batch normalisation folded into the convolution before it; it is unfolded here, so that the network is Keras's own.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.config import read_settings

ARRAYS = "images/mobilenetv2_dequant_from_ptq.npz"
LABELS = "images/imagenet_class_index.json"
CLASSES_URL = "https://storage.googleapis.com/download.tensorflow.org/data/imagenet_class_index.json"
SIDE = 224
BACKGROUND = 1  # classes before the thousand in the arrays: none of them


def at_hand(name: str) -> Path | None:
    """Return a file or folder under CALAME_DATA, or None where there is none."""
    root = read_settings().data
    return root / name if root is not None and (root / name).exists() else None


def mobilenet() -> tuple[Any, list[str]]:
    """Return the network, (n, 224, 224, 3) in −1..1 to (n, 1000) probabilities, and the names of its classes."""
    import keras

    arrays, names = at_hand(ARRAYS), at_hand(LABELS)
    if arrays is None or names is None:
        index = keras.utils.get_file("imagenet_class_index.json", CLASSES_URL)
        return keras.applications.MobileNetV2(weights="imagenet"), read_labels(Path(index))
    network = keras.applications.MobileNetV2(weights=None)
    with np.load(arrays, allow_pickle=False) as held:
        fill(network, dict(held))
    return network, read_labels(names)


def read_labels(path: Path) -> list[str]:
    """Return the names of the classes, in order."""
    index = json.loads(path.read_text(encoding="utf-8"))
    return [index[str(place)][1].replace("_", " ") for place in range(len(index))]


def fill(network: Any, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Set the network's weights: a convolution takes its kernel, the normalisation after it the folded bias."""
    bias: Any = None
    for layer in network.layers:
        if f"{layer.name}/kernel" in arrays:
            bias = arrays[f"{layer.name}/bias"]
            layer.set_weights([arrays[f"{layer.name}/kernel"]])
        elif layer.__class__.__name__ == "BatchNormalization":
            ones = np.ones_like(bias)
            layer.set_weights([ones, bias, 0 * ones, ones - layer.epsilon])
        elif layer.name == "predictions":
            kernel = arrays["Logits/kernel"].reshape(-1, len(arrays["Logits/bias"]))
            layer.set_weights([kernel[:, BACKGROUND:], arrays["Logits/bias"][BACKGROUND:]])


def prepared(picture: Any) -> NDArray[np.float32]:
    """Return a PIL picture's largest middle square at 224×224, (224, 224, 3) in −1..1, as MobileNetV2 learned them."""
    from PIL import ImageOps

    square = ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), (SIDE, SIDE))
    return np.asarray(square, np.float32) / np.float32(127.5) - np.float32(1)
