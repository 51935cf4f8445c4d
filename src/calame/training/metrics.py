"""How good a classifier is, counted: accuracy, confusion, scores by class, losses, and one model against another.

Knows probabilities and labels as arrays; nothing of networks, files or words. How far confidence can be
trusted is in `reliability`, what it buys in `selective`, intervals in `intervals`.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.errors import BadArray
from calame.types import DIGITS

LEAST = 1e-12  # stands for a probability of 0, whose logarithm is infinite
Probabilities = NDArray[np.floating]
Labels = NDArray[np.integer]


def check(probabilities: Probabilities, labels: Labels) -> None:
    """Refuse what cannot be scored.

    Raises:
        BadArray: `probabilities` are not (n, 10) numbers of 0-1, or `labels` not as many integers of 0-9.
    """
    if probabilities.ndim != 2 or probabilities.shape[1] != DIGITS or labels.shape != probabilities.shape[:1]:
        found = f"{probabilities.shape} probabilities with {labels.shape} labels"
        raise BadArray(found=found, expected=f"(n, {DIGITS}) with (n,)")
    if not np.all((probabilities >= 0) & (probabilities <= 1 + 1e-5)):  # also refuses NaN
        raise BadArray(found="probabilities outside 0-1", expected="0-1")
    if labels.size and not (labels.min() >= 0 and labels.max() < DIGITS):
        raise BadArray(found=f"labels {labels.min()} to {labels.max()}", expected=f"0 to {DIGITS - 1}")


def top_k(probabilities: Probabilities, labels: Labels, k: int) -> float:
    """Return the share of pictures whose true digit is among the `k` most probable (the lower digit wins a tie)."""
    mine = np.take_along_axis(probabilities, labels[:, None].astype(np.intp), axis=1)
    lower = np.arange(probabilities.shape[1]) < labels[:, None]
    ahead = np.sum((probabilities > mine) | ((probabilities == mine) & lower), axis=1)
    return float(np.mean(ahead < k))


def negative_log_likelihood(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean of -ln p(true digit), in nats; a probability below 1e-12 counts as 1e-12."""
    mine = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.mean(np.log(np.maximum(mine, LEAST))))


def brier(probabilities: Probabilities, labels: Labels) -> float:
    """Return the mean squared distance to the truth summed over the classes: 0 (perfect) to 2 (sure and wrong).

    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950 (his original, two-sided form).
    """
    truth = np.eye(probabilities.shape[1])[labels]
    return float(np.mean(np.sum((probabilities - truth) ** 2, axis=1)))


def confusion(read: Labels, labels: Labels, classes: int = DIGITS) -> NDArray[np.int64]:
    """Return (classes, classes) counts: row = true digit, column = digit read."""
    cells = labels.astype(np.int64) * classes + read.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


@dataclass(frozen=True, eq=False)
class ClassScores:
    """Scores by class, each (classes,); NaN where a score has no denominator.

    Attributes:
        precision: of what was read as this digit, the share that is.
        recall: of this digit's pictures, the share that was read so.
        f1: the harmonic mean of both.
        support: pictures of this digit.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]

    def macro(self) -> tuple[float, float, float]:
        """Return the plain means of precision, recall and F1 over the classes that occur; a NaN counts as 0."""
        occur = self.support > 0
        if not occur.any():
            return math.nan, math.nan, math.nan
        means = [float(np.nan_to_num(values[occur]).mean()) for values in (self.precision, self.recall, self.f1)]
        return means[0], means[1], means[2]


def class_scores(matrix: NDArray[np.integer]) -> ClassScores:
    """Return the scores by class of a confusion matrix (rows true, columns read)."""
    hits = np.diag(matrix).astype(np.float64)
    support, taken = matrix.sum(1), matrix.sum(0)
    return ClassScores(
        precision=_divide(hits, taken),
        recall=_divide(hits, support),
        f1=_divide(2 * hits, support + taken),
        support=support.astype(np.int64),
    )


def _divide(above: NDArray[np.floating], below: NDArray[np.integer]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)


class McNemar(NamedTuple):
    """Two models on the same pictures: what only one of them reads right, and how likely so uneven a split is.

    `p` is two-sided and exact: 1 where they are wrong equally often, small where one is truly better.
    """

    only_first: int
    only_second: int
    p: float


def mcnemar(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> McNemar:
    """Compare two models picture by picture; accuracies alone cannot tell 99.74 from 99.75 %.

    Only the pictures on which they differ count; were both equally good, each would be a coin toss.
    Source: McNemar, "Note on the sampling error of the difference between correlated proportions", 1947, in its
    exact form; advised for classifiers by Dietterich, "Approximate statistical tests", 1998.

    Args:
        first_right: (n,) whether the first model read each picture right.
        second_right: the same, in the same order, for the second.

    Raises:
        BadArray: not as many of one as of the other.
    """
    if first_right.shape != second_right.shape:
        raise BadArray(found=f"{first_right.shape} and {second_right.shape}", expected="the same pictures")
    first = int(np.sum(first_right & ~second_right))
    second = int(np.sum(~first_right & second_right))
    tosses, fewer = first + second, min(first, second)
    below = sum(math.comb(tosses, heads) for heads in range(fewer + 1))  # integers: exact for any n
    return McNemar(first, second, min(1.0, 2 * below / 2**tosses))
