"""What confidence buys: answer the surest readings, hand the others to a person, and how much is still wrong.

Knows confidences and whether each reading was right. *Coverage* is the share answered, *risk* the share of the
answered that is wrong (El-Yaniv and Wiener, "On the foundations of noise-free selective classification", 2010).
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.errors import UsageError
from calame.training.intervals import LEVEL, Interval, upper_bound, wilson

LOOKS = (1, 0.999, 0.998, 0.995, 0.99, 0.98, 0.97, 0.95, 0.9, 0.8, 0.7, 0.5)  # coverages, most first

Confidences = NDArray[np.floating]
Rights = NDArray[np.bool_]


@dataclass(frozen=True)
class Point:
    """One place on the risk–coverage curve: everything at or above `threshold` is answered.

    Attributes:
        coverage: share answered, 0-1.
        threshold: smallest confidence that is answered.
        answered: readings.
        wrong: of them.
        risk: wrong / answered.
        interval: Wilson, 95 %, of the risk.
        bound: one-sided Clopper-Pearson, 95 %: the true risk is at most this.
    """

    coverage: float
    threshold: float
    answered: int
    wrong: int
    risk: float
    interval: Interval
    bound: float


@dataclass(frozen=True, eq=False)
class RiskCoverage:
    """The curve, from the surest reading to all: one place for each distinct confidence.

    Attributes:
        thresholds: (m,) falling.
        coverage: (m,) rising to 1.
        risk: (m,)
        area: AURC, the mean risk over all coverages; 0 is perfect, the error rate is what chance gives.
    """

    thresholds: NDArray[np.float64]
    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    area: float


def risk_coverage(confidences: Confidences, rights: Rights) -> RiskCoverage:
    """Return the risk–coverage curve and the area under it.

    The area is the mean of the risks among the surest 1, 2, …, n (Geifman, Uziel and El-Yaniv, "Bias-reduced
    uncertainty estimation for deep neural classifiers", 2019); among equal confidences, over all their orders.

    Args:
        confidences: (n,), n ≥ 1; any number that orders the readings.
        rights: (n,) whether each reading is right.
    """
    thresholds, answered, wrong = _steps(confidences, rights)
    count = int(answered[-1])
    places = np.arange(1, count + 1)
    # Within a tie the expected number of wrong grows evenly from one end to the other.
    expected = np.interp(places, np.r_[0, answered], np.r_[0, wrong])
    return RiskCoverage(thresholds, answered / count, wrong / answered, float(np.mean(expected / places)))


def _steps(
    confidences: Confidences, rights: Rights
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Distinct confidences, falling; how many readings are at or above each, and how many of them wrong."""
    order = np.argsort(-confidences.astype(np.float64), kind="stable")
    ranked = confidences[order].astype(np.float64)
    ends = np.r_[np.flatnonzero(np.diff(ranked)), len(ranked) - 1]  # the last of each run of equals
    wrong = np.cumsum(~rights[order], dtype=np.int64)
    return ranked[ends], ends + 1, wrong[ends]


def at_coverage(confidences: Confidences, rights: Rights, coverage: float) -> Point:
    """Return the smallest point of the curve that answers at least `coverage` (equals are answered together)."""
    thresholds, answered, wrong = _steps(confidences, rights)
    place = int(np.searchsorted(answered, math.ceil(coverage * answered[-1] - 1e-9)))
    place = min(place, len(answered) - 1)
    return _point(float(thresholds[place]), int(answered[place]), int(wrong[place]), int(answered[-1]))


def _point(threshold: float, answered: int, wrong: int, count: int) -> Point:
    return Point(
        coverage=answered / count,
        threshold=threshold,
        answered=answered,
        wrong=wrong,
        risk=wrong / answered,
        interval=wilson(wrong, answered),
        bound=upper_bound(wrong, answered),
    )


def auroc(confidences: Confidences, rights: Rights) -> float | None:
    """Return the chance that a right reading is surer than a wrong one (a tie counts half); None without both.

    0.5: confidence says nothing. Source: Hanley and McNeil, "The meaning and use of the area under a receiver
    operating characteristic (ROC) curve", 1982.
    """
    right, wrong = np.sort(confidences[rights]), confidences[~rights]
    if not len(right) or not len(wrong):
        return None
    surer = len(right) - np.searchsorted(right, wrong, side="right")
    equal = len(right) - np.searchsorted(right, wrong, side="left") - surer
    return float(np.sum(surer + equal / 2) / (len(right) * len(wrong)))


def threshold_for(max_wrong: float, confidences: Confidences, rights: Rights, level: float = LEVEL) -> Point | None:
    """Find the threshold that answers most while at most `max_wrong` of the answers are wrong, and can promise it.

    The promise: with probability `level` over samples like this one, the true risk is at most `max_wrong`. It
    holds for new readings of the same kind only (same paper, same pens, same writers); it does not carry over.

    Looking for the best threshold on the same sample flatters it. So only the coverages of `LOOKS`, fixed beforehand,
    are looked at, and each must pass an exact binomial test at (1 - level) / len(LOOKS): Angelopoulos, Bates and
    others, "Learn then test", 2021, with Bonferroni's correction.

    Args:
        max_wrong: tolerated share of wrong answers, above 0 and below 1: 1 / 1000 for "at most 1 wrong in 1,000".
        confidences: (n,) of readings that were used for nothing else.
        rights: (n,) whether each is right.
        level: of the promise.

    Returns:
        The point (its `bound` is without the correction for several looks), or None when no threshold can be
        promised: too many errors, or too few readings (without any error, about 5.5 / max_wrong are needed).

    Example:
        >>> threshold_for(1 / 1000, confidences, rights)
        Point(coverage=0.98..., threshold=0.93..., ...)
    """
    if not 0 < max_wrong < 1:
        raise UsageError(problem=f"max_wrong = {max_wrong}: 0 < max_wrong < 1")
    sure = 1 - (1 - level) / len(LOOKS)
    for coverage in LOOKS:
        point = at_coverage(confidences, rights, coverage)
        if upper_bound(point.wrong, point.answered, sure) <= max_wrong:
            return point
    return None
