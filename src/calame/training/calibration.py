"""Fits the temperature that turns a network's probabilities into ones that come true."""

import numpy as np
from numpy.typing import NDArray

COLDEST, HOTTEST = 0.05, 20.0
PRECISION = 1e-4  # of the temperature's logarithm
GOLDEN = (5**0.5 - 1) / 2
LEAST = 1e-12  # stands for a probability of 0, whose logarithm is not a number


def fit_temperature(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Return the T that minimises the negative log-likelihood of softmax(log p / T).

    Args:
        probabilities: (n, c), rows sum to 1, of pictures that the network did not learn from.
        labels: (n,) the true classes.

    Above 1 the network was too sure of itself, below 1 not sure enough. Method: Guo and others, "On Calibration
    of Modern Neural Networks", 2017; the minimum is found by golden section, the loss being convex in 1/T.
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), LEAST))
    low, high = np.log(COLDEST), np.log(HOTTEST)
    while high - low > PRECISION:
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if _loss(logs, labels, np.exp(left)) < _loss(logs, labels, np.exp(right)):
            high = right
        else:
            low = left
    return float(np.exp((low + high) / 2))


def _loss(logs: NDArray[np.float64], labels: NDArray[np.integer], temperature: float) -> float:
    scaled = logs / temperature
    scaled -= scaled.max(1, keepdims=True)
    return float(np.mean(np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(labels)), labels]))
