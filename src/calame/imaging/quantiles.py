"""Values at a share of the order: what NumPy's functions of these names give, without the time they take to begin.

A picture of a number has a few thousand pixels; NumPy's take longer to look at their arguments than at these.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

MANY = 100_000  # values, from which on those that are surely lower are left out first
SAMPLED, SPARE = 64, 0.02  # one of so many is looked at for that, and so much of the order is left for its error


def percentile(values: NDArray[Any], share: float) -> float:
    """Return the value below which a share of (n,) values lies, interpolated; n at least 1."""
    at = share * (values.size - 1)
    low = int(at)
    if values.size > MANY:
        values, at, low = _without_lower(values, at, low)
    parted = np.partition(values, low)
    here = float(parted[low])
    return here if at == low else here + (float(parted[low + 1 :].min()) - here) * (at - low)


def _without_lower(values: NDArray[Any], at: float, low: int) -> tuple[NDArray[Any], float, int]:
    """Return the values without most of those below the place `low` of the order, and the places among the rest."""
    sample = values[::SAMPLED]
    first = int((low / values.size - SPARE) * sample.size)
    if first <= 0:
        return values, at, low
    rest = values[values >= np.partition(sample, first)[first]]
    gone = values.size - rest.size
    return (rest, at - gone, low - gone) if gone <= low else (values, at, low)


def median(values: NDArray[Any]) -> float:
    """Return the median of (n,) floats, n at least 1, to the last bit of their type as `np.median` does."""
    low = (values.size - 1) // 2
    parted = np.partition(values, low)
    return float(parted[low] if values.size % 2 else (parted[low] + parted[low + 1 :].min()) / 2)


def of_counts(counts: NDArray[Any], share: float) -> float:
    """Return the value below which a share of whole numbers lies, interpolated; `counts[v]` is how often v is there."""
    reached = np.cumsum(counts)
    at = share * (float(reached[-1]) - 1)
    low, high = np.searchsorted(reached, [math.floor(at), math.ceil(at)], side="right").tolist()
    return low + (high - low) * (at - math.floor(at))
