"""Does confidence come true? Of readings at 0.9, nine in ten should be right.

Knows confidences (0-1) and whether each reading was right. A small calibration error alone proves little
(a model that says its mean accuracy every time has none): read it beside `selective`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.training.intervals import DRAWS, SEED, Interval, percentiles, wilson

BINS = 15  # as in Guo and others, so that figures can be compared

Confidences = NDArray[np.floating]
Rights = NDArray[np.bool_]


@dataclass(frozen=True)
class Bin:
    """The readings with confidences in one range.

    Attributes:
        low: smallest confidence of the range.
        high: largest confidence of the range.
        count: readings in it.
        confidence: their mean confidence, None without any.
        accuracy: the share of them that is right, None without any.
        interval: Wilson, 95 %, of that share.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None
    interval: Interval


@dataclass(frozen=True)
class Calibration:
    """The expected calibration error, its 95 % bootstrap interval and the table behind it.

    The error is biased upwards in small samples (Kumar, Liang and Ma, "Verified uncertainty calibration", 2019),
    and its interval with it: compare models on the same pictures.
    """

    error: float
    interval: Interval
    bins: tuple[Bin, ...]


def equal_width(confidences: Confidences, rights: Rights, bins: int = BINS) -> Calibration:
    """Judge calibration over `bins` ranges of the same width, each with its upper end.

    Source: Naeini, Cooper and Hauskrecht, "Obtaining well calibrated probabilities using Bayesian binning", 2015;
    Guo and others, "On calibration of modern neural networks", 2017.

    Args:
        confidences: (n,) 0-1.
        rights: (n,) whether each reading is right.
        bins: how many ranges.
    """
    which = np.clip(np.ceil(confidences.astype(np.float64) * bins) - 1, 0, bins - 1).astype(np.intp)
    edges = np.linspace(0, 1, bins + 1)
    table = [_bin(confidences, rights, which == place, edges[place], edges[place + 1]) for place in range(bins)]
    return _calibration(confidences, rights, which, table)


def equal_mass(confidences: Confidences, rights: Rights, bins: int = BINS) -> Calibration:
    """Judge calibration over ranges with the same number of readings; equal confidences stay together.

    Where nearly all confidences are near 1, equal widths put nearly all of them into one range; this does not.
    Source: Nguyen and O'Connor, "Posterior calibration and exploratory analysis for NLP models", 2015.
    """
    ordered = np.sort(confidences)
    below = np.searchsorted(ordered, confidences, side="left")  # how many are smaller: the same for equals
    _, which = np.unique(below * bins // max(1, len(ordered)), return_inverse=True)
    table: list[Bin] = []
    for place in range(int(which.max(initial=-1)) + 1):
        inside = which == place
        table.append(_bin(confidences, rights, inside, confidences[inside].min(), confidences[inside].max()))
    return _calibration(confidences, rights, which, table)


def _bin(confidences: Confidences, rights: Rights, inside: Rights, low: float, high: float) -> Bin:
    count, right = int(inside.sum()), int(rights[inside].sum())
    return Bin(
        low=float(low),
        high=float(high),
        count=count,
        confidence=float(confidences[inside].mean(dtype=np.float64)) if count else None,
        accuracy=right / count if count else None,
        interval=wilson(right, count),
    )


def _calibration(confidences: Confidences, rights: Rights, which: NDArray[np.intp], table: list[Bin]) -> Calibration:
    """ECE = Σ (n_b / n) · |accuracy_b - confidence_b| = Σ |Σ_b (right - confidence)| / n."""
    gaps = rights - confidences.astype(np.float64)
    count = len(gaps)
    if not count:
        return Calibration(0.0, Interval(0.0, 0.0), tuple(table))

    def error(chosen: NDArray[np.intp] | slice) -> float:
        return float(np.abs(np.bincount(which[chosen], weights=gaps[chosen])).sum() / count)

    rng = np.random.default_rng(SEED)
    draws = np.array([error(rng.integers(0, count, count)) for _ in range(DRAWS)])
    return Calibration(error(slice(None)), percentiles(draws), tuple(table))
