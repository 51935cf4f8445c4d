"""MobileNetV2 in Keras, batch normalisation folded in, for learning on: S2's head on a base whose top is unfrozen.

The network is built from the same plan and the same arrays as its ONNX file (`images.mobilenet`), so that what was
learned goes back by name. Without normalisation there is none to go wrong on few photos. Keras is loaded with this
module.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

HEAD, LAST = "Logits", "Conv_1"
RATE, BATCH, PATIENCE, DROPOUT = 1e-4, 16, 3, 0.2
Floats = NDArray[np.float32]
Watch = Callable[[int, float, float], None]  # epoch, loss, accuracy on the photos that stop it


def build(layers: Sequence[Any], arrays: Mapping[str, Floats], side: int) -> Any:
    """Return the network in Keras, (n, side, side, 3) in -1..1 -> (n, classes), with these weights.

    Args:
        layers: the plan, from `images.mobilenet.plan_of`.
        arrays: all weights, by name.
        side: pixels of the input.
    """
    given = last = block = keras.Input((side, side, 3), name="image")
    for layer in layers:
        block = last if layer.name.endswith("_expand") else block
        last = _convolve(layer, arrays, last)
        last = keras.layers.Add(name=f"{layer.name}_add")([last, block]) if layer.adds else last
    pooled = keras.layers.GlobalAveragePooling2D(name="mean")(last)
    dropped = keras.layers.Dropout(DROPOUT, name="dropout")(pooled)
    classes = arrays[f"{HEAD}/bias"].size
    model = keras.Model(given, keras.layers.Dense(classes, "softmax", name=HEAD)(dropped), name="mobilenetv2")
    for name in (*(layer.name for layer in layers), HEAD):
        model.get_layer(name).set_weights([arrays[f"{name}/kernel"], arrays[f"{name}/bias"]])
    return model


def _convolve(layer: Any, arrays: Mapping[str, Floats], value: Any) -> Any:
    size, name = arrays[f"{layer.name}/kernel"].shape[0], layer.name
    if layer.stride == 2:
        value = keras.layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{name}_pad")(value)
    options: dict[str, Any] = {
        "strides": layer.stride,
        "padding": "valid" if layer.stride == 2 else "same",
        "name": name,
    }
    if layer.depthwise:
        value = keras.layers.DepthwiseConv2D(size, **options)(value)
    else:
        value = keras.layers.Conv2D(arrays[f"{name}/kernel"].shape[3], size, **options)(value)
    return keras.layers.ReLU(6.0, name=f"{name}_relu")(value) if layer.clipped else value


def arrays_of(model: Any, layers: Sequence[Any]) -> dict[str, Floats]:
    """Return the weights of a network that `build` made, by name."""
    found: dict[str, Floats] = {}
    for name in (*(layer.name for layer in layers), HEAD):
        kernel, bias = model.get_layer(name).get_weights()
        found |= {f"{name}/kernel": np.asarray(kernel, np.float32), f"{name}/bias": np.asarray(bias, np.float32)}
    return found


def unfreeze(model: Any, blocks: int) -> list[str]:
    """Let the last `blocks` blocks, the last convolution and the head learn; return the names of those that do."""
    names = [layer.name for layer in model.layers if layer.name.endswith("_expand")][-blocks:] if blocks else []
    tops = {name.removesuffix("expand") for name in names}
    for layer in model.layers:
        layer.trainable = layer.name in (LAST, HEAD) or any(layer.name.startswith(top) for top in tops)
    return [layer.name for layer in model.layers if layer.trainable and layer.weights]


def learn_on(
    model: Any,
    photos: NDArray[np.uint8],
    labels: NDArray[np.int64],
    stop: tuple[NDArray[np.uint8], NDArray[np.int64]],
    *,
    epochs: int,
    seed: int,
    watch: Watch | None = None,
) -> None:
    """Train what is unfrozen; the weights of the best epoch, by the loss on the photos that stop it, stay.

    Args:
        model: from `build`.
        photos: (n, views, side, side, 3) uint8; each epoch sees one view of each photo.
        labels: (n,); each class weighs the same.
        stop: photos (m, side, side, 3) and their labels.
        epochs: at most.
        seed: of the order and the views.
        watch: told of each epoch.
    """
    keras.utils.set_random_seed(seed)
    random, classes = np.random.default_rng(seed), model.output_shape[-1]
    weights = len(labels) / (classes * np.maximum(np.bincount(labels, minlength=classes), 1))
    model.compile(keras.optimizers.Adam(RATE), "sparse_categorical_crossentropy", weighted_metrics=["accuracy"])
    best, least, since = model.get_weights(), _judge(model, stop, weights)[0], 0
    for epoch in range(1, epochs + 1):
        order = random.permutation(len(labels))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            shown = photos[some, random.integers(0, photos.shape[1], len(some))]
            model.train_on_batch(as_input(shown), labels[some], sample_weight=weights[labels[some]])
        loss, accuracy = _judge(model, stop, weights)
        if watch is not None:
            watch(epoch, loss, accuracy)
        since = 0 if loss < least else since + 1
        if loss < least:
            best, least = model.get_weights(), loss
        if since >= PATIENCE:
            break
    model.set_weights(best)


def as_input(photos: NDArray[np.uint8]) -> Floats:
    """Return photos as the network takes them, as Keras's `preprocess_input` does."""
    return photos.astype(np.float32) / np.float32(127.5) - np.float32(1)


def _judge(model: Any, stop: tuple[Any, Any], weights: NDArray[np.float64]) -> tuple[float, float]:
    photos, labels = stop
    starts = range(0, len(photos), BATCH)
    answers = np.concatenate([np.asarray(model(as_input(photos[one : one + BATCH]), training=False)) for one in starts])
    losses = -np.log(np.maximum(answers[np.arange(len(labels)), labels], 1e-12))
    return float(np.average(losses, weights=weights[labels])), float((answers.argmax(axis=1) == labels).mean())
