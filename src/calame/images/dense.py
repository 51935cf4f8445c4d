"""The head of one's own network: dropout and a dense layer on the features of the frozen base, learned in NumPy.

A thousand photos have a thousand rows of 1,280 numbers: an epoch takes a few milliseconds, and Keras takes longer to
start. Adam (Kingma and Ba, 2015) on the cross-entropy, each class weighing the same, stopped by photos that it does
not learn from. This module knows features and labels; nothing of photos.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.images.mobilenet import Floats

EPOCHS, PATIENCE = 60, 10
BATCH, RATE, DECAY, DROPOUT = 32, 3e-3, 1e-3, 0.2
FIRST, SECOND, TINY = 0.9, 0.999, 1e-8  # of Adam
Labels = NDArray[np.int64]
Watch = Callable[[int, float, float], None]  # epoch, loss, accuracy on the photos that stop it


@dataclass(frozen=True, eq=False)
class Dense:
    """A dense layer: kernel (width, classes), bias (classes,)."""

    kernel: Floats
    bias: Floats

    def logits(self, features: Floats) -> Floats:
        """Return (n, classes) of (n, width)."""
        return features @ self.kernel + self.bias

    def scaled(self, factor: float) -> "Dense":
        """Return the layer whose logits are `factor` times these: a temperature, once and for all."""
        return Dense((self.kernel * factor).astype(np.float32), (self.bias * factor).astype(np.float32))


def softmax(logits: Floats) -> Floats:
    """Return probabilities, rows summing to 1."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def fit_dense(
    features: Floats,
    labels: Labels,
    stop: tuple[Floats, Labels],
    *,
    classes: int,
    epochs: int = EPOCHS,
    seed: int = 0,
    watch: Watch | None = None,
) -> Dense:
    """Return the layer as it was after the epoch that did best on the photos that stop it.

    Args:
        features: (n, views, width); each epoch sees one view of each photo, drawn anew.
        labels: (n,).
        stop: features (m, width) and labels of the photos that stop the training.
        classes: how many there are.
        epochs: at most; `PATIENCE` epochs without a gain end it before.
        seed: of the order, the views and the dropout.
        watch: told of each epoch.
    """
    random = np.random.default_rng(seed)
    middle, spread = features[:, 0].mean(axis=0), features[:, 0].std(axis=0) + 0.05
    weights = len(labels) / (classes * np.maximum(np.bincount(labels, minlength=classes), 1))
    adam = _Adam(np.zeros((features.shape[2] + 1, classes), np.float32))
    best, least, since = adam.values.copy(), np.inf, 0
    judged, truths = (stop[0] - middle) / spread, stop[1]
    for epoch in range(1, epochs + 1):
        order = random.permutation(len(labels))
        for start in range(0, len(order), BATCH):
            some = order[start : start + BATCH]
            shown = (features[some, random.integers(0, features.shape[1], len(some))] - middle) / spread
            kept = random.random(shown.shape) >= DROPOUT
            adam.step(_gradient(adam.values, shown * kept / (1 - DROPOUT), labels[some], weights))
        loss, accuracy = _judge(softmax(judged @ adam.values[:-1] + adam.values[-1]), truths, weights)
        if watch is not None:
            watch(epoch, loss, accuracy)
        since = 0 if loss < least - 1e-4 else since + 1
        if loss < least:
            best, least = adam.values.copy(), loss
        if since >= PATIENCE:
            break
    kernel = best[:-1] / spread[:, None]
    return Dense(kernel.astype(np.float32), (best[-1] - middle @ kernel).astype(np.float32))


def _judge(chances: Floats, truths: Labels, weights: NDArray[np.float64]) -> tuple[float, float]:
    """Return the weighted cross-entropy and the accuracy."""
    losses = -np.log(np.maximum(chances[np.arange(len(truths)), truths], 1e-12))
    return float(np.average(losses, weights=weights[truths])), float((chances.argmax(axis=1) == truths).mean())


def _gradient(values: Floats, shown: Floats, labels: Labels, weights: NDArray[np.float64]) -> Floats:
    """Return the gradient of the weighted cross-entropy, kernel and bias together; decay pulls at the kernel."""
    away = softmax(shown @ values[:-1] + values[-1])
    away[np.arange(len(labels)), labels] -= 1
    away *= (weights[labels] / len(labels))[:, None]
    return np.vstack([shown.T @ away + DECAY * values[:-1], away.sum(axis=0)]).astype(np.float32)


class _Adam:
    def __init__(self, values: Floats) -> None:
        self.values, self._steps = values, 0
        self._first, self._second = np.zeros_like(values), np.zeros_like(values)

    def step(self, gradient: Floats) -> None:
        self._steps += 1
        self._first += (1 - FIRST) * (gradient - self._first)
        self._second += (1 - SECOND) * (gradient * gradient - self._second)
        speed = np.sqrt(self._second / (1 - SECOND**self._steps)) + TINY
        self.values -= RATE * self._first / (1 - FIRST**self._steps) / speed
