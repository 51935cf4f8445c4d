"""Scores against hand-made tables."""

import math

import numpy as np
import pytest

from calame.errors import BadArray
from calame.training.metrics import (
    brier,
    check,
    class_scores,
    confusion,
    mcnemar,
    negative_log_likelihood,
    top_k,
)


def rows(*best: dict[int, float]) -> np.ndarray:
    """Probabilities (n, 10): those given, the rest shared evenly."""
    made = np.zeros((len(best), 10))
    for row, given in zip(made, best, strict=True):
        row[:] = (1 - sum(given.values())) / (10 - len(given))
        for digit, probability in given.items():
            row[digit] = probability
    return made


THREE = rows({3: 0.7, 5: 0.2}, {8: 0.5, 3: 0.4}, {1: 1.0})
LABELS = np.array([3, 3, 7])


def test_top_k():
    assert [top_k(THREE, LABELS, k) for k in (1, 2, 10)] == pytest.approx([1 / 3, 2 / 3, 1])


def test_lower_digit_wins_a_tie_as_argmax_has_it():
    even = np.full((10, 10), 0.1)
    assert top_k(even, np.arange(10), 1) == 0.1
    assert top_k(even, np.arange(10), 4) == 0.4


def test_losses():
    assert negative_log_likelihood(THREE, LABELS) == pytest.approx(
        -(math.log(0.7) + math.log(0.4) + math.log(1e-12)) / 3
    )
    first = 0.3**2 + 0.2**2 + 8 * 0.0125**2
    second = 0.6**2 + 0.5**2 + 8 * 0.0125**2
    assert brier(THREE, LABELS) == pytest.approx((first + second + 2) / 3)


def test_confusion_has_the_truth_in_rows():
    matrix = confusion(np.array([1, 1, 7, 0]), np.array([1, 7, 7, 0]))
    assert matrix[7, 1] == 1
    assert matrix[1, 7] == 0
    assert np.diag(matrix).tolist() == [1, 1, 0, 0, 0, 0, 0, 1, 0, 0]


def test_class_scores_of_a_table_done_by_hand():
    # true a: 8 right, 2 read as b; true b: 1 read as a, 3 right; c does not occur and is read once; d nowhere
    scores = class_scores(np.array([[8, 2, 0, 0], [1, 3, 1, 0], [0, 0, 0, 0], [0, 0, 0, 0]]))
    assert scores.precision == pytest.approx([8 / 9, 3 / 5, 0, math.nan], nan_ok=True)
    assert scores.recall == pytest.approx([8 / 10, 3 / 5, math.nan, math.nan], nan_ok=True)
    assert scores.f1 == pytest.approx([16 / 19, 3 / 5, 0, math.nan], nan_ok=True)
    assert scores.support.tolist() == [10, 5, 0, 0]
    assert scores.macro() == pytest.approx(((8 / 9 + 3 / 5) / 2, (0.8 + 0.6) / 2, (16 / 19 + 3 / 5) / 2))


def test_macro_counts_a_digit_that_is_never_read_as_nothing():
    scores = class_scores(np.array([[2, 0], [2, 0]]))
    assert scores.macro() == pytest.approx((0.25, 0.5, 1 / 3))
    assert all(math.isnan(mean) for mean in class_scores(np.zeros((2, 2), int)).macro())


def test_mcnemar():
    first = np.array([True] * 9 + [False] * 1 + [True] * 90)
    second = np.array([False] * 9 + [True] * 1 + [True] * 90)
    assert mcnemar(first, second) == (9, 1, 2 * (1 + 10) / 2**10)
    assert mcnemar(first, first) == (0, 0, 1.0)
    assert mcnemar(np.array([True, False]), np.array([False, True])).p == 1.0
    with pytest.raises(BadArray, match="same pictures"):
        mcnemar(first, second[:-1])


@pytest.mark.parametrize(
    ("probabilities", "labels", "message"),
    [
        (np.zeros((3, 9)), np.zeros(3, int), r"\(3, 9\)"),
        (np.zeros((3, 10)), np.zeros(2, int), r"\(2,\) labels"),
        (np.full((1, 10), math.nan), np.zeros(1, int), "outside 0-1"),
        (np.full((1, 10), 2.0), np.zeros(1, int), "outside 0-1"),
        (np.zeros((1, 10)), np.array([10]), "labels 10"),
    ],
)
def test_what_cannot_be_scored_is_refused(probabilities, labels, message):
    with pytest.raises(BadArray, match=message):
        check(probabilities, labels)
