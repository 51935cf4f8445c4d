"""Marks a digit network: how large, how good, how fast, against goals. Knows nothing of how it was made or of Calame.

    >>> marked = mark(my_model, images, labels, Goals(accuracy=0.99, parameters=100_000), reference=course_model)
    >>> marked.passed, marked.accuracy, marked.parameters, marked.slower

A network is anything with `predict(array, batch_size=…, verbose=0)` and `count_params()`, as Keras's are.
"""

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

BATCH = 256
TURNS = 5  # of timing; the median counts
TIMED = 512  # pictures a turn
CLASSES = 10


@dataclass(frozen=True)
class Goals:
    """What a network should reach: at least this accuracy, at most so many weights, at most so many times slower."""

    accuracy: float
    parameters: int
    slower: float = 3.0


@dataclass(frozen=True)
class Marked:
    """What was measured.

    Attributes:
        accuracy: share read right, 0-1.
        parameters: weights, trainable or not.
        milliseconds: for 1,000 pictures in batches, on this machine.
        slower: times the reference's milliseconds; measured in turn with it, so that a busy machine slows both.
        goals: what it was held against.
    """

    accuracy: float
    parameters: int
    milliseconds: float
    slower: float
    goals: Goals

    @property
    def results(self) -> dict[str, bool]:
        """Whether each goal is reached."""
        return {
            "accuracy": self.accuracy >= self.goals.accuracy,
            "parameters": self.parameters <= self.goals.parameters,
            "slower": self.slower <= self.goals.slower,
        }

    @property
    def passed(self) -> bool:
        """Whether all goals are reached."""
        return all(self.results.values())


def mark(
    model: Any, images: NDArray[np.uint8], labels: NDArray[np.integer[Any]], goals: Goals, *, reference: Any
) -> Marked:
    """Measure a network on pictures that it has not learned from.

    Args:
        model: (n, 28, 28, 1) float32 in 0..1 to (n, 10) probabilities or logits.
        images: (n, 28, 28) uint8, ink bright on 0.
        labels: (n,) 0-9.
        goals: what to reach.
        reference: the network that times are compared with.

    Raises:
        ValueError: the network does not give ten numbers a picture, or gives some that are none.
    """
    pixels = images[..., None].astype(np.float32) / np.float32(255)
    answers = np.asarray(model.predict(pixels, batch_size=BATCH, verbose=0))
    if answers.shape != (len(images), CLASSES):
        raise ValueError(f"the network gives {answers.shape}; expected ({len(images)}, {CLASSES})")
    if not np.isfinite(answers).all():
        raise ValueError("some answers are no numbers: did the training diverge?")
    timed = np.resize(pixels, (TIMED, *pixels.shape[1:]))
    ours, theirs = _times([model, reference], timed)
    return Marked(
        accuracy=float((answers.argmax(axis=1) == labels).mean()),
        parameters=int(model.count_params()),
        milliseconds=1e6 * ours / TIMED,
        slower=ours / theirs,
        goals=goals,
    )


def _times(models: list[Any], pixels: NDArray[np.float32]) -> list[float]:
    """Seconds for all pictures, of each network: the median of turns taken one after the other, after a warm-up."""
    taken: list[list[float]] = [[] for _ in models]
    for model in models:
        model.predict(pixels, batch_size=BATCH, verbose=0)
    for _ in range(TURNS):
        for model, seconds in zip(models, taken, strict=True):
            started = time.perf_counter()
            model.predict(pixels, batch_size=BATCH, verbose=0)
            seconds.append(time.perf_counter() - started)
    return [median(seconds) for seconds in taken]
