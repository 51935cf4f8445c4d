"""How far to trust a share that was counted on a sample: intervals for proportions (`odds`), and bootstraps.

Knows counts and 0/1 outcomes, nothing of digits. Every level is two-sided unless the name says otherwise.
"""

import numpy as np
from numpy.typing import NDArray

from calame.odds import LEVEL, Interval, binomial_tail, upper_bound, wilson

__all__ = ["LEVEL", "Interval", "binomial_tail", "percentiles", "upper_bound", "wilson", "writer_interval"]

DRAWS = 1000  # bootstrap samples: the ends of a 95 % interval are then the 25th of either side
SEED = 20260101


def writer_interval(
    right: NDArray[np.bool_], writers: NDArray[np.integer], draws: int = DRAWS, seed: int = SEED
) -> Interval:
    """Return a 95 % interval of the accuracy that holds for *new writers*: whole writers are drawn anew.

    Digits of one hand stand and fall together, so that the interval over pictures is too narrow for the next
    writer. Percentile method (Efron, 1979) with clusters as units (Davison and Hinkley, *Bootstrap Methods and
    their Application*, 1997, section 3.8).

    Args:
        right: (n,) whether each picture was read right.
        writers: (n,) who wrote it.
        draws: bootstrap samples.
        seed: same seed, same interval.
    """
    _, who = np.unique(writers, return_inverse=True)
    counts = np.bincount(who)
    rights = np.bincount(who, weights=right)
    drawn = np.random.default_rng(seed).integers(0, len(counts), (draws, len(counts)))
    return percentiles(rights[drawn].sum(1) / counts[drawn].sum(1))


def percentiles(values: NDArray[np.floating], level: float = LEVEL) -> Interval:
    """Return the middle `level` of bootstrap values."""
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high))
