"""How much faster the engine answers than Keras does, for one picture and for 64.

    python benchmarks/engine.py [NETWORK]

The network (default `compact`, untrained: speed does not depend on the weights) is exported, and both sides answer
in turn in one process, each the way that it is used: `Session` from uint8 to probabilities, `model.predict`, and
the quicker `model(...)`. Prints one JSON object; each `ratio` is Keras's time over the engine's on one thread, by
the medians.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from calame.config import quiet_tensorflow
from calame.models.backend import load_keras
from calame.training.plan import NETWORKS

ROUNDS = {1: 200, 64: 20}


def milliseconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1e3


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "compact"
    quiet_tensorflow()
    load_keras()
    from calame.engine.session import Session
    from calame.export.exporter import export_model
    from calame.export.importer import drawn_strokes
    from calame.export.quantise import INT8, lighten

    model = NETWORKS[name]()
    images = drawn_strokes(64)
    card = {"name": name, "version": "0", "preparation": "-"}
    with tempfile.TemporaryDirectory() as scratch:
        folder = export_model(model, f"{scratch}/model", check_images=images, **card)
        folder = lighten(folder, folder.path, images, (images, np.zeros(len(images))))
        engine, int8 = Session(folder), Session(folder, INT8)
    result: dict[str, Any] = {"benchmark": "engine", "network": name}
    for batch, rounds in ROUNDS.items():
        chosen = images[:batch]
        pixels = chosen.reshape(batch, *model.input_shape[1:]).astype(np.float32) / 255
        sides: dict[str, Callable[[], object]] = {
            "engine": lambda chosen=chosen: engine(chosen),
            "int8": lambda chosen=chosen: int8(chosen),
            "predict": lambda pixels=pixels: model.predict(pixels, verbose=0),
            "call": lambda pixels=pixels: np.asarray(model(pixels, training=False)),
        }
        for side in sides.values():
            side()
        times = np.median([[milliseconds(side) for side in sides.values()] for _ in range(rounds)], axis=0)
        own, *others = times
        result[f"batch_{batch}"] = {
            "engine_ms": round(float(own), 3),
            **{
                f"ratio_{side}": round(float(other / own), 2)
                for side, other in zip(list(sides)[1:], others, strict=True)
            },
        }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
