"""How much faster a training step of `compact` is with the fused normalisation than with Keras's own.

    python benchmarks/batch_norm.py

Both networks train in turn in one process. Prints one JSON object; `ratio` is Keras's time over ours.
"""

import json
import time
from typing import Any

import numpy as np

from calame.config import quiet_tensorflow
from calame.models.backend import load_keras
from calame.training.plan import PLANS

ROUNDS = 8


def main() -> None:
    quiet_tensorflow()
    load_keras()
    import keras

    from calame.models import compact, layers
    from calame.training.fit import compile_for
    from calame.training.precision import precision

    plan = PLANS["compact"]
    fused = layers.FusedBatchNormalization
    models: dict[str, Any] = {}
    with precision(plan.precision) as chosen:
        for name, kind in (("fused", fused), ("keras", keras.layers.BatchNormalization)):
            layers.FusedBatchNormalization = kind  # type: ignore[misc]
            models[name] = compact.build()
            compile_for(models[name], plan, steps=400)
    images = np.random.default_rng(0).random((plan.batch, 28, 28, 1), np.float32)
    targets = np.eye(10, dtype=np.float32)[np.arange(plan.batch) % 10]
    times: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(ROUNDS + 1):
        for name, model in models.items():
            started = time.perf_counter()
            model.train_on_batch(images, targets)
            if turn:  # the first compiles
                times[name].append((time.perf_counter() - started) * 1e3)
    fused_ms, keras_ms = (float(np.median(times[name])) for name in ("fused", "keras"))
    print(
        json.dumps(
            {
                "benchmark": "batch_norm",
                "precision": chosen,
                "fused_ms": round(fused_ms, 1),
                "keras_ms": round(keras_ms, 1),
                "ratio": round(keras_ms / fused_ms, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
