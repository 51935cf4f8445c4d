"""From what a network says to what comes true: calibration, and when not to answer."""

import numpy as np
from numpy.typing import NDArray

from calame.types import Rejection

BETWEEN_TWO = 0.8  # together, two digits have at least this much when the doubt is between them
LEAST = 1e-12  # stands for a probability of 0, whose logarithm is not a number


def calibrate(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return softmax(log p / T), (n, c) float32: above 1 the temperature takes certainty away, below it adds some.

    The order of the classes stays. Method: Guo and others, "On Calibration of Modern Neural Networks", 2017.
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), LEAST)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def doubt(probabilities: NDArray[np.float32], reject_below: float) -> Rejection | None:
    """Return why a reading is to be refused rather than answered, or None.

    A digit that might be another one splits its probability between the two: "unsure". What is no digit was taught
    to have no favourite (see `training.batches.smoothed`): "not_a_digit".

    Args:
        probabilities: (10,), calibrated.
        reject_below: smallest confidence that is answered, 0-1.
    """
    second, first = np.sort(probabilities)[-2:]
    if first >= reject_below:
        return None
    return "unsure" if first + second >= BETWEEN_TWO else "not_a_digit"
