"""A MobileNetV2 with next to no weights, made at random: the same layers under the same names, for tests."""

import numpy as np

from calame.artifact import INSPECT, MODEL, write
from calame.images.mobilenet import HEAD, emit
from calame.images.weights import manifest_of

SIDE = 32
CLASSES = ("cat", "dog", "great_white_shark", "crane", "crane")


def arrays(classes: int = len(CLASSES), seed: int = 0) -> dict[str, np.ndarray]:
    """Three blocks: one that halves, one that adds its input, one that halves again."""
    random = np.random.default_rng(seed)
    made: dict[str, np.ndarray] = {}

    def convolution(name: str, *shape: int) -> None:
        wide = shape[2] if name.endswith("depthwise") else shape[3]
        fan = shape[0] * shape[1] * (1 if name.endswith("depthwise") else shape[2])
        made[f"{name}/kernel"] = random.normal(0, (2 / fan) ** 0.5, shape).astype(np.float32)
        made[f"{name}/bias"] = random.normal(0.1, 0.1, wide).astype(np.float32)

    convolution("Conv1", 3, 3, 3, 8)
    convolution("expanded_conv_depthwise", 3, 3, 8, 1)
    convolution("expanded_conv_project", 1, 1, 8, 4)
    for block, (into, out) in enumerate([(4, 6), (6, 6), (6, 8)], start=1):
        convolution(f"block_{block}_expand", 1, 1, into, 12)
        convolution(f"block_{block}_depthwise", 3, 3, 12, 1)
        convolution(f"block_{block}_project", 1, 1, 12, out)
    convolution("Conv_1", 1, 1, 8, 16)
    made[f"{HEAD}/kernel"] = random.normal(0, 1, (16, classes)).astype(np.float32)
    made[f"{HEAD}/bias"] = random.normal(0, 0.1, classes).astype(np.float32)
    return made


def folder(path, *, seed: int = 0, name: str = "small", classes=CLASSES, **changes):
    """A model folder of it that takes pictures of 32×32."""
    from dataclasses import replace

    weights = arrays(len(classes), seed)
    manifest = manifest_of(name, weights, classes, "mobilenetv2 small")
    given = {**manifest.input, "shape": [SIDE, SIDE, 3]}
    manifest = replace(manifest, preparation="shorter(36) | middle(32)", input=given, **changes)
    return write(path, manifest, {MODEL: emit(weights, side=SIDE), INSPECT: emit(weights, side=SIDE, inspect=True)})


def photo(seed: int = 0, height: int = 60, width: int = 80) -> np.ndarray:
    """Coloured spots, smooth enough to be a photo."""
    random = np.random.default_rng(seed)
    spots = random.integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return np.kron(spots, np.ones((height // 6, width // 8, 1), np.uint8))
