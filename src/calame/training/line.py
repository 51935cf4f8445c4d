"""Trains the line network with CTC, on batches of lines of about one width, and averages its weights.

A line is (32, w) uint8 ink with the classes of what is written on it, from left to right. This module knows nothing of
how lines are made, nor of model folders.
"""

import json
import math
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.data.vary import Variation
from calame.models.line import BLANK, COLUMNS, HEIGHT, MARK, PLAIN, STRIDE, TRUNK, build
from calame.training.precision import precision

FULL = np.float32(255)
POOL = 40  # batches whose lines are sorted by width together
PADDED = 32  # widths of batches are multiples of it: fewer shapes to plan for
WIDEST = 720  # pixels: longer lines are left out of training
LOG = 100  # steps
WEIGHTS = "average.weights.h5"


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines and what is written on them.

    Attributes:
        pixels: each (32, w) uint8, ink bright on 0.
        labels: each (k,) int: digits 0-9 and 10 for a mark.
        kinds: the kind of document of each.
    """

    pixels: Sequence[NDArray[np.uint8]]
    labels: Sequence[NDArray[np.int64]]
    kinds: Sequence[str]

    def only(self, chosen: Sequence[int]) -> "Lines":
        """Return some of the lines."""
        return Lines(
            [self.pixels[one] for one in chosen],
            [self.labels[one] for one in chosen],
            [self.kinds[one] for one in chosen],
        )

    def and_those(self, others: "Lines") -> "Lines":
        """Return these lines and others."""
        return Lines([*self.pixels, *others.pixels], [*self.labels, *others.labels], [*self.kinds, *others.kinds])

    def texts(self) -> list[str]:
        """Return the digits of each line."""
        return ["".join(str(one) for one in label if one < MARK) for label in self.labels]


@dataclass(frozen=True)
class Plan:
    """One run: everything but its data and its folder.

    Attributes:
        seed: of the weights, the order and the variations.
        epochs: times that every line is seen.
        batch: lines a step.
        rate: the highest learning rate; up to it linearly for `warmup` of the steps, then down to 0 by a cosine.
        decay: weight decay, decoupled.
        ema: share of the average that is kept at each step.
        keep: steps after which the average is written down.
    """

    seed: int = 0
    epochs: int = 10
    batch: int = 64
    rate: float = 2e-3
    warmup: float = 0.04
    decay: float = 0.01
    ema: float = 0.998
    keep: int = 500


Batch = tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]


def batches(lines: Lines, plan: Plan, epoch: int, vary: Variation | None) -> Iterator[Batch]:
    """Yield the batches of an epoch: pixels (b, 32, w, 1) 0..1, labels (b, k) padded with -1, and their lengths.

    The last of the four are the numbers of answers (b,) that lie on each line.
    """
    rng = np.random.default_rng((plan.seed, epoch))
    order = rng.permutation(len(lines.pixels))
    for start in range(0, len(order), POOL * plan.batch):
        pool = order[start : start + POOL * plan.batch].tolist()
        varied = [lines.pixels[one] if vary is None else vary(lines.pixels[one], rng) for one in pool]
        sorted_by_width = np.argsort([one.shape[1] for one in varied], kind="stable")
        groups = [sorted_by_width[at : at + plan.batch] for at in range(0, len(pool), plan.batch)]
        for number in rng.permutation(len(groups)) if vary is not None else range(len(groups)):
            group = groups[number].tolist()
            yield together([varied[one] for one in group], [lines.labels[pool[one]] for one in group])


def together(pixels: Sequence[NDArray[np.uint8]], labels: Sequence[NDArray[np.int64]]) -> Batch:
    """Return lines and labels as one batch."""
    widths = [one.shape[1] for one in pixels]
    wide = PADDED * math.ceil(max(widths) / PADDED)
    images = np.zeros((len(pixels), HEIGHT, wide, 1), np.float32)
    for place, one in enumerate(pixels):
        images[place, :, : one.shape[1], 0] = one
    images /= FULL
    most = max(1, max(len(label) for label in labels))
    padded = np.full((len(labels), most), -1, np.int64)
    for place, label in enumerate(labels):
        padded[place, : len(label)] = label
    lengths = np.array([len(label) for label in labels], np.int32)
    return images, padded, lengths, np.array([width // STRIDE for width in widths], np.int32)


def ahead(made: Iterator[Batch], depth: int = 6) -> Iterator[Batch]:
    """Yield what another thread makes meanwhile."""
    waiting: queue.Queue[Batch | BaseException | None] = queue.Queue(depth)

    def work() -> None:
        try:
            for one in made:
                waiting.put(one)
            waiting.put(None)
        except BaseException as error:  # handed over, raised below
            waiting.put(error)

    threading.Thread(target=work, daemon=True).start()
    while (one := waiting.get()) is not None:
        if isinstance(one, BaseException):
            raise one
        yield one


def rate_at(plan: Plan, done: float) -> float:
    """Return the learning rate after a share `done`, 0-1, of the run."""
    if done < plan.warmup:
        return plan.rate * max(done / plan.warmup, 0.01)
    return plan.rate * 0.5 * (1 + math.cos(math.pi * min(1.0, (done - plan.warmup) / (1 - plan.warmup))))


def fit(
    plan: Plan,
    lines: Lines,
    folder: Path,
    start: Callable[[Any], None],
    judge: Callable[[Any], dict[str, float]],
) -> tuple[Any, dict[str, Any]]:
    """Train and return the averaged network in float32 and the history.

    Args:
        plan: what to do.
        lines: to learn from.
        folder: gets the averaged weights now and then, and after each epoch `history.json`.
        start: gives a new network the weights that it starts from.
        judge: of the averaged network, after each epoch.
    """
    lines = lines.only([place for place, line in enumerate(lines.pixels) if line.shape[1] <= WIDEST])
    trainer = Trainer(plan, start, plan.epochs * math.ceil(len(lines.pixels) / plan.batch))
    history: dict[str, Any] = {"plan": asdict(plan), "lines": len(lines.pixels), "steps": [], "epochs": []}
    began = time.perf_counter()
    for epoch in range(plan.epochs):
        losses: list[float] = []
        for batch in ahead(batches(lines, plan, epoch, Variation())):
            losses.append(trainer.learn(batch))
            if trainer.done % LOG == 0:
                loss, spent = round(float(np.mean(losses[-LOG:])), 4), time.perf_counter() - began
                history["steps"].append({"step": trainer.done, "loss": loss})
                each = spent / trainer.done * 1e3
                print(f"step {trainer.done}/{trainer.total} loss {loss} {each:.0f} ms a step", flush=True)
            if trainer.done % plan.keep == 0:
                trainer.average.save_weights(folder / WEIGHTS)
        told = judge(trainer.average) | {"seconds": round(time.perf_counter() - began, 1)}
        history["epochs"].append(told)
        print(f"epoch {epoch + 1}: {told}", flush=True)
        trainer.average.save_weights(folder / WEIGHTS)
        (folder / "history.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
    return trainer.average, history


class Trainer:
    """A network that learns, in the processor's fastest arithmetic, and the average of its weights in float32.

    Args:
        plan: what to do.
        start: gives a new network the weights that it starts from.
        total: steps that there will be.
    """

    def __init__(self, plan: Plan, start: Callable[[Any], None], total: int) -> None:
        keras.utils.set_random_seed(plan.seed)
        with precision("auto"):
            self.model: Any = build()
        with precision("float32"):
            self.average: Any = build()
        start(self.model)
        self.average.set_weights(self.model.get_weights())
        self.plan, self.total, self.done = plan, total, 0
        self.optimizer: Any = keras.optimizers.AdamW(plan.rate, weight_decay=plan.decay, clipnorm=5.0)
        self.optimizer.exclude_from_weight_decay(var_names=["gamma", "beta", "bias"])
        self._step = _compiled(self.model, self.average, self.optimizer)

    def learn(self, batch: Batch) -> float:
        """Learn from a batch and return the loss."""
        import tensorflow as tf

        self.optimizer.learning_rate.assign(rate_at(self.plan, self.done / self.total))
        # Less of the average is kept at first, so that the start is soon forgotten.
        kept = min(self.plan.ema, (1 + self.done) / (20 + self.done))
        self.done += 1
        return float(self._step(*map(tf.constant, batch), tf.constant(kept, tf.float32)))


def _compiled(model: Any, average: Any, optimizer: Any) -> Any:
    """Return a step, compiled: a function of a batch and of the share of the average that is kept, to the loss."""
    import tensorflow as tf

    def step(images: Any, labels: Any, lengths: Any, answers: Any, kept: Any) -> Any:
        places = tf.where(labels >= 0)
        known = tf.cast(tf.gather_nd(labels, places), tf.int32)
        sparse = tf.SparseTensor(places, known, tf.shape(labels, tf.int64))
        with tf.GradientTape() as tape:
            logits = model(images, training=True)
            loss = tf.compat.v1.nn.ctc_loss(
                sparse, logits, answers, time_major=False, ignore_longer_outputs_than_inputs=True
            )
            loss = tf.reduce_mean(loss / tf.sqrt(tf.cast(tf.maximum(lengths, 1), tf.float32)))
        weights = model.trainable_variables
        optimizer.apply(tape.gradient(loss, [one.value for one in weights]), weights)
        for mean, now in zip(average.variables, model.variables, strict=True):
            if "seed" not in now.path:
                mean.assign(kept * mean + (1 - kept) * now)
        return loss

    shapes = ((None, HEIGHT, None, 1), (None, None), (None,), (None,), ())
    kinds = (tf.float32, tf.int64, tf.int32, tf.int32, tf.float32)
    signature = [tf.TensorSpec(shape, kind) for shape, kind in zip(shapes, kinds, strict=True)]
    return tf.function(step, signature, jit_compile=False)


def answers(model: Any, lines: Lines, batch: int = 64) -> list[NDArray[np.float32]]:
    """Return the logits (w/2, 12) of each line, in order."""
    found: list[NDArray[np.float32]] = [np.zeros((0, BLANK + 1), np.float32)] * len(lines.pixels)
    order = np.argsort([one.shape[1] for one in lines.pixels], kind="stable").tolist()
    for start in range(0, len(order), batch):
        group = order[start : start + batch]
        images, _, _, counts = together([lines.pixels[g] for g in group], [lines.labels[g] for g in group])
        logits: NDArray[np.float32] = np.asarray(keras.ops.convert_to_numpy(model(images, training=False)), np.float32)
        for place, (one, count) in enumerate(zip(group, counts.tolist(), strict=True)):
            found[one] = logits[place, :count]
    return found


def best_path(logits: NDArray[np.float32]) -> str:
    """Return the digits on the most probable path."""
    path = logits.argmax(axis=1)
    first = np.concatenate([[True], path[1:] != path[:-1]])
    return "".join(str(one) for one in path[first].tolist() if one < MARK)


def transfer(model: Any, weights: Mapping[str, NDArray[np.float32]], pixels: NDArray[np.float32]) -> None:
    """Give the layers the weights of an exported network, those that it has, in place.

    A digit network has the layers of `TRUNK`, a line network all. An export keeps of a normalisation a product and a
    sum, or has them in the convolution. Statistics of the lines (b, 32, w, 1) are put under them, so that the layer
    computes the same as before, in training as well.
    """
    for name in TRUNK + COLUMNS:
        if f"{name}_conv/kernel" not in weights:
            continue
        layer, values = model.get_layer(f"{name}_norm"), model.get_layer(f"{name}_norm").input
        model.get_layer(f"{name}_conv").set_weights([weights[f"{name}_conv/kernel"].transpose(2, 3, 1, 0)])
        values = keras.Model(model.inputs[0], values)(pixels, training=False)
        values = np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(values, "float32")))
        mean, spread = values.mean(axis=(0, 1, 2)), values.var(axis=(0, 1, 2))
        root = np.sqrt(spread + layer.epsilon)
        folded = f"{name}_norm/scale" not in weights
        scale = np.ones_like(mean) if folded else weights[f"{name}_norm/scale"].ravel()
        shift = weights[f"{name}_conv/bias" if folded else f"{name}_norm/shift"].ravel()
        layer.set_weights([scale * root, shift + scale * mean, mean, spread])
    for name in PLAIN:
        if f"{name}/kernel" in weights:
            values = [weights[f"{name}/kernel"].transpose(2, 3, 1, 0), weights[f"{name}/bias"]]
            model.get_layer(name).set_weights(values)
