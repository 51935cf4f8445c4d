"""Values at a share of the order: what NumPy's functions of these names give, without the time they take to begin.

A picture of a number has a few thousand pixels; NumPy's take longer to look at their arguments than at these.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def percentile(values: NDArray[Any], share: float) -> float:
    """Return the value below which a share of (n,) values lies, interpolated; n at least 1."""
    at = share * (values.size - 1)
    low = int(at)
    parted = np.partition(values, low)
    here = float(parted[low])
    return here if at == low else here + (float(parted[low + 1 :].min()) - here) * (at - low)


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
