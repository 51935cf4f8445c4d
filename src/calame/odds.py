"""How far to trust a share that was counted on a sample: intervals and bounds of a proportion.

Knows counts alone. Every level is two-sided unless the name says otherwise.
"""

import math
from typing import NamedTuple

import numpy as np

LEVEL = 0.95
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
