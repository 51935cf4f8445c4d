"""From what a network says to what comes true: calibration, and when not to answer."""

import numpy as np
from numpy.typing import NDArray

LEAST = 1e-12  # stands for a probability of 0, whose logarithm is not a number


def calibrate(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return softmax(log p / T), (n, c) float32: above 1 the temperature takes certainty away, below it adds some.

    The order of the classes stays. Method: Guo and others, "On Calibration of Modern Neural Networks", 2017.
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), LEAST)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def is_unsure(confidence: float, reject_below: float) -> bool:
    """Whether a reading is to be refused rather than answered."""
    return confidence < reject_below
