"""Does confidence come true? Of readings at 0.9, nine in ten should be right.

Knows confidences (0-1) and whether each reading was right. A small calibration error alone proves little
(a model that says its mean accuracy every time has none): read it beside `selective`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.training.intervals import DRAWS, LEVEL, SEED, Interval, wilson

BINS = 15  # as in Guo and others, so that figures can be compared
EVIDENT = 3  # standard errors from which on it is no chance whether a range flatters or is too modest

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
    """The expected calibration error, a 95 % interval that holds it and the true one, and the table behind it.

    The error is biased upwards in small samples (Kumar, Liang and Ma, "Verified uncertainty calibration", 2019):
    compare models on the same pictures. The interval is not: its lower end is 0 where chance alone explains the error.
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
    if not len(rights):
        return Calibration(0.0, Interval(0.0, 0.0), tuple(table))
    gaps = _gaps(confidences.astype(np.float64), rights, which, len(table))
    error = float(np.abs(gaps).sum())
    below, above = _chance(confidences.astype(np.float64), rights, which, gaps)
    return Calibration(error, Interval(max(0.0, error - below), min(1.0, error + above)), tuple(table))


def _gaps(confidences: Confidences, rights: Rights, which: NDArray[np.intp], bins: int) -> NDArray[np.float64]:
    """Return what each range adds to the error, with its sign: (bins,), below 0 where it flatters."""
    return np.bincount(which, weights=rights - confidences, minlength=bins) / len(rights)


def _chance(
    confidences: Confidences, rights: Rights, which: NDArray[np.intp], gaps: NDArray[np.float64]
) -> tuple[float, float]:
    """Return how far the true error may lie below the measured one, and above it, each at 97.5 %.

    A bootstrap of the error itself adds the upward bias once more, until its interval lies above what was measured;
    taking it off again (the basic bootstrap) holds no 95 % where the true error is near 0, a corner of |g|. The gaps
    have neither corner nor bias. With G the measured gaps of the ranges, and g the true ones,

        Σ|G| - Σ|g| ≤ Σ|G - g|, without the bars, times the sign of G, where that sign is no chance;
        Σ|g| - Σ|G| ≤ Σ (g - G) · sign(g), which spreads alike whatever the signs are.

    G - g is drawn from the readings (Efron, 1979), and as if every confidence came true (Bröcker and Smith, "Increasing
    the reliability of reliability diagrams", 2007): where hardly one is wrong the readings alone show no chance at all.
    The wider of the two counts.
    """
    rng, count = np.random.default_rng(SEED), len(rights)
    again, calibrated = np.empty((2, DRAWS, len(gaps)))
    for place in range(DRAWS):
        drawn = rng.integers(0, count, count)
        again[place] = _gaps(confidences[drawn], rights[drawn], which[drawn], len(gaps)) - gaps
        calibrated[place] = _gaps(confidences, rng.random(count) < confidences, which, len(gaps))
    evident = np.abs(gaps) > EVIDENT * np.maximum(again.std(axis=0), calibrated.std(axis=0))
    ends = [(0.0, 0.0)]
    for moved in (again, calibrated):
        outwards = moved * np.sign(gaps)
        down, up = np.where(evident, outwards, np.abs(moved)).sum(axis=1), -outwards.sum(axis=1)
        ends.append((float(np.quantile(down, (1 + LEVEL) / 2)), float(np.quantile(up, (1 + LEVEL) / 2))))
    return max(below for below, _ in ends), max(above for _, above in ends)
