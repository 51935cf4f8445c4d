"""Feeds a network: shuffled, varied batches, the same for the same seed, epoch and place.

Every batch draws from a generator of its own, seeded by (seed, epoch, batch), so that a run that was killed and
resumed sees exactly the pictures that an unbroken run sees.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.training.plan import Plan
from calame.types import DIGITS

FULL = 255.0  # grey levels in the unit of a network's input


class Batches(keras.utils.PyDataset):
    """Batches of ((b, 28, 28, 1) float32 in 0..1, (b, 10) float32 smoothed one-hot); the rest is left out.

    Args:
        images: (n, 28, 28) uint8, ink bright on 0.
        labels: (n,) integers 0-9, or 10 for what is no digit.
        plan: batch size, augmentation, smoothing and seed are taken from it.
    """

    def __init__(self, images: NDArray[np.uint8], labels: NDArray[np.integer], plan: Plan) -> None:
        # One thread prepares while the network computes; more would take a core from it.
        super().__init__(workers=1, use_multiprocessing=False, max_queue_size=8)
        self.images, self.labels, self.plan = images, labels, plan
        self.epoch = 0

    def __len__(self) -> int:
        return len(self.images) // self.plan.batch

    @property
    def epoch(self) -> int:
        """The epoch, from 0, whose order and variations are served."""
        return self._epoch

    @epoch.setter
    def epoch(self, epoch: int) -> None:
        self._epoch = epoch
        self._order = np.random.default_rng((self.plan.seed, epoch)).permutation(len(self.images))
        self._vary = self._variation(epoch)

    def turn(self, epoch: int, logs: Any = None) -> None:
        """Serve `epoch` from now on; the signature is that of a Keras callback."""
        self.epoch = epoch

    def _variation(self, epoch: int) -> Callable[..., NDArray[np.uint8]] | None:
        amounts, plan = self.plan.augmentation, self.plan
        if amounts is None or epoch < plan.epochs * (1 - plan.calm):
            return amounts
        names = ("rotation", "scale", "shear", "shift", "elastic")
        return replace(amounts, **{name: getattr(amounts, name) / 2 for name in names})

    def __getitem__(self, index: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        chosen = self._order[index * self.plan.batch : (index + 1) * self.plan.batch]
        images = self.images[chosen]
        if self._vary is not None:
            images = self._vary(images, np.random.default_rng((self.plan.seed, self._epoch, index)))
        return as_input(images), smoothed(self.labels[chosen], self.plan.smoothing)


def as_input(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(n, 28, 28) uint8 → (n, 28, 28, 1) float32 in 0..1."""
    return images[..., None].astype(np.float32) / np.float32(FULL)


def smoothed(labels: NDArray[np.integer], smoothing: float) -> NDArray[np.float32]:
    """(n,) labels → (n, 10) targets: 1 - smoothing on the label, the rest spread over all ten.

    A label of 10, no digit, is spread evenly, so that the network learns to be sure of nothing (Hendrycks and
    others, "Deep Anomaly Detection with Outlier Exposure", 2019).
    """
    one_hot = np.eye(DIGITS + 1, DIGITS, dtype=np.float32)
    one_hot[DIGITS] = 1 / DIGITS
    return one_hot[labels] * np.float32(1 - smoothing) + np.float32(smoothing / DIGITS)
