"""What share of a training step the augmentation takes: at most 15 %.

    python benchmarks/augment.py

Both sides run in turn in one process: a step of `compact` on a prepared batch, and the preparation of a batch
with the plan's augmentation (and with every variation switched on). Prints one JSON object.
"""

import json
import time
from collections.abc import Callable

import numpy as np

from calame.config import quiet_tensorflow
from calame.data.augment import Augmentation
from calame.models.backend import load_keras
from calame.training.plan import PLANS

ROUNDS = 15
EVERYTHING = Augmentation(stroke=0.5, blur=0.3, noise=20, contrast=0.3, erase=0.3)


def milliseconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return (time.perf_counter() - started) * 1e3


def main() -> None:
    quiet_tensorflow()
    load_keras()
    from calame.training.batches import Batches
    from calame.training.fit import compile_for
    from calame.training.plan import NETWORKS
    from calame.training.precision import precision

    plan = PLANS["compact"]
    images = np.random.default_rng(0).integers(0, 256, (plan.batch * 4, 28, 28)).astype(np.uint8)
    labels = np.arange(len(images)) % 10
    with precision(plan.precision) as chosen:
        model = NETWORKS[plan.network]()
    compile_for(model, plan, steps=400)
    batches = Batches(images, labels, plan)
    batch = batches[0]
    model.train_on_batch(*batch)
    rng = np.random.default_rng(0)
    rounds = [
        (
            milliseconds(lambda: model.train_on_batch(*batch)),
            milliseconds(lambda: batches[1]),
            milliseconds(lambda: EVERYTHING(images[: plan.batch], rng)),
        )
        for _ in range(ROUNDS)
    ]
    step, prepared, everything = np.median(rounds, axis=0)
    print(
        json.dumps(
            {
                "benchmark": "augment",
                "precision": chosen,
                "step_ms": round(step, 2),
                "plan_share": round(prepared / step, 4),
                "everything_share": round(everything / step, 4),
            }
        )
    )


if __name__ == "__main__":
    main()
