"""Trains a network by a plan: fit, judge each epoch on held-out writers, keep the best, go on after a kill.

1. build the network in the plan's precision, from the plan's seed;
2. take up an unfinished run of the same plan, if the folder holds one;
3. train; after each epoch judge the averaged weights on the validation split and write everything down;
4. end with the best weights, also when the user stops it with Ctrl-C.

This module knows nothing of where the pictures come from, of the test set, or of model folders.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.training.batches import Batches
from calame.training.keeper import Keeper
from calame.training.plan import Plan, build_network
from calame.training.precision import precision

MOMENTUM = 0.9
Labelled = tuple[NDArray[np.uint8], NDArray[np.integer]]  # (n, 28, 28) images, (n,) labels


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes:
        model: with the best weights (the last, when there was nothing to judge by), averaged if the plan says so.
        history: per epoch: loss, accuracy, seconds, learning_rate, and val_loss, val_accuracy when judged.
        best: the epoch, from 1, whose weights these are.
        seconds: of training, over all its sittings.
        interrupted: stopped by Ctrl-C.
        precision: "float32" or "bfloat16".
    """

    model: Any
    history: dict[str, list[float]]
    best: int
    seconds: float
    interrupted: bool
    precision: str


def fit(
    plan: Plan,
    train: Labelled,
    valid: Labelled | None,
    folder: Path,
    *,
    start: Sequence[NDArray[np.float32]] | None = None,
    watchers: Sequence[keras.callbacks.Callback] = (),
) -> Outcome:
    """Train by `plan` and return the best model.

    Args:
        plan: what to do.
        train: images (n, 28, 28) uint8, ink bright on 0, and labels (n,) 0-9.
        valid: the same from writers that `train` does not have; None trains for all epochs and keeps the last.
        folder: where the state for resuming is kept while the run lasts.
        start: the weights to go on from, of a network of the same name; None for random ones.
        watchers: Keras callbacks, such as a progress display.

    Raises:
        UsageError: `folder` holds an unfinished run of another plan.
    """
    started = time.perf_counter()
    keras.utils.set_random_seed(plan.seed)
    with precision(plan.precision) as chosen:
        model = build_network(plan.network)
    if start is not None:
        model.set_weights(start)
    images, labels = train
    batches = Batches(images[: plan.limit], labels[: plan.limit], plan)
    compile_for(model, plan, steps=len(batches))
    keeper = Keeper(plan, valid, folder)
    begin = keeper.resume(model)
    # Set at each epoch's start: Keras calls the data set's own hooks once more than there are epochs.
    turn = keras.callbacks.LambdaCallback(on_epoch_begin=batches.turn)
    try:
        # The batches are shuffled already; Keras would do it from a random state that a resumed run has lost.
        model.fit(
            batches,
            initial_epoch=begin,
            epochs=plan.epochs,
            shuffle=False,
            verbose=0,
            callbacks=[turn, keeper, *watchers],
        )
        interrupted = False
    except KeyboardInterrupt:
        interrupted = True
    keeper.finish(model, keep_state=interrupted)
    return Outcome(
        model=model,
        history=keeper.history,
        best=keeper.best_epoch,
        seconds=round(keeper.seconds_before + time.perf_counter() - started, 1),
        interrupted=interrupted,
        precision=chosen,
    )


def compile_for(model: Any, plan: Plan, *, steps: int) -> None:
    """Give `model` the plan's optimiser, schedule and loss; `steps` is the number of batches an epoch."""
    rate: Any = plan.rate
    if plan.schedule == "one-cycle":
        rate = OneCycle(plan.rate, steps * plan.epochs, plan.warmup)
    common: dict[str, Any] = {
        "weight_decay": plan.decay or None,
        "use_ema": plan.ema > 0,
        "ema_momentum": plan.ema or 0.99,
    }
    if plan.optimizer == "sgd":
        optimizer = keras.optimizers.SGD(rate, momentum=MOMENTUM, nesterov=True, **common)
    else:
        optimizer = keras.optimizers.Adam(rate, **common)
    # XLA makes a step slower on a CPU.
    model.compile(optimizer, loss="categorical_crossentropy", metrics=["accuracy"], jit_compile=False)


@keras.saving.register_keras_serializable(package="calame")
class OneCycle(keras.optimizers.schedules.LearningRateSchedule):
    """Learning rate linearly up to `peak` for `warmup` of the `total` steps, then linearly down to 0."""

    def __init__(self, peak: float, total: int, warmup: float) -> None:
        self.peak, self.total, self.warmup = peak, total, warmup

    def __call__(self, step: Any) -> Any:
        """Return the rate at `step`, counted from 0."""
        done: Any = keras.ops.cast(step, "float32")
        done = done / self.total
        lowest: Any = keras.ops.minimum(done / self.warmup, (1.0 - done) / (1.0 - self.warmup))
        return lowest * self.peak

    def get_config(self) -> dict[str, Any]:
        """Return the arguments, as Keras asks for them when a model is saved."""
        return {"peak": self.peak, "total": self.total, "warmup": self.warmup}
