"""How far to trust a share that was counted on a sample: intervals for proportions, and bootstraps.

Knows counts and 0/1 outcomes, nothing of digits. Every level is two-sided unless the name says otherwise.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
DRAWS = 1000  # bootstrap samples: the ends of a 95 % interval are then the 25th of either side
SEED = 20260101
Z95 = 1.959963984540054  # normal quantile at 0.975


class Interval(NamedTuple):
    """Lower and upper end, in the unit of what was estimated."""

    low: float
    high: float


def wilson(right: int, count: int, z: float = Z95) -> Interval:
    """Return the score interval of a proportion; (0, 1) for an empty sample.

    Source: Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22, 1927;
    preferred for every n by Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", 2001.

    Example:
        >>> wilson(9975, 10000)
        Interval(low=0.9963..., high=0.9983...)
    """
    if count == 0:
        return Interval(0.0, 1.0)
    share, square = right / count, z * z / count
    middle = (share + square / 2) / (1 + square)
    half = math.sqrt(share * (1 - share) * square + square * square / 4) / (1 + square)
    # At the ends the formula is exactly 0 or 1; rounding may miss it by 1e-17.
    return Interval(0.0 if right == 0 else middle - half, 1.0 if right == count else middle + half)


def upper_bound(wrong: int, count: int, level: float = LEVEL) -> float:
    """Return the one-sided Clopper-Pearson bound: with `level` confidence the true share of wrong is not above it.

    Exact, hence never too low: 0 wrong of 300 gives 0.00994 (the "rule of three": 3 / n).
    Source: Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the
    binomial", Biometrika 26, 1934.
    """
    if wrong >= count:
        return 1.0
    low, high = wrong / count, 1.0
    for _ in range(60):  # halvings: beyond the precision of a float
        middle = (low + high) / 2
        low, high = (low, middle) if binomial_tail(wrong, count, middle) <= 1 - level else (middle, high)
    return high


def binomial_tail(successes: int, count: int, share: float) -> float:
    """Return P(X ≤ successes) of a binomial of `count` trials, each a success with probability `share`.

    Summed from logarithms, so that 10,000 trials do not underflow.
    """
    if successes >= count or share <= 0:
        return 1.0
    if share >= 1:
        return 0.0
    chosen = np.arange(1, successes + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log((count - chosen + 1) / chosen))])  # log of count over i
    picked = np.arange(successes + 1)
    logs += picked * math.log(share) + (count - picked) * math.log1p(-share)
    return min(1.0, float(np.exp(np.logaddexp.reduce(logs))))


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
