"""Intervals against published values and direct definitions."""

import math

import numpy as np
import pytest

from calame.training.intervals import binomial_tail, percentiles, upper_bound, wilson, writer_interval

# Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I.
NEWCOMBE = [
    # right, count, Wilson (his method 3), Clopper-Pearson's upper end (method 5)
    (81, 263, (0.2553, 0.3662), 0.3676),
    (15, 148, (0.0624, 0.1605), 0.1617),
    (0, 20, (0.0, 0.1611), 0.1684),
    (1, 29, (0.0061, 0.1718), 0.1776),
]


@pytest.mark.parametrize(("right", "count", "score", "exact"), NEWCOMBE)
def test_published_intervals(right, count, score, exact):
    assert wilson(right, count) == pytest.approx(score, abs=5e-5)
    assert upper_bound(right, count, level=0.975) == pytest.approx(exact, abs=5e-5)


def test_interval_ends():
    assert wilson(0, 0) == (0, 1)
    assert wilson(20, 20).high == 1.0
    assert wilson(0, 20).low == 0.0
    assert upper_bound(5, 5) == 1.0


def test_no_error_in_300_is_the_rule_of_three():
    assert upper_bound(0, 300) == pytest.approx(1 - 0.05 ** (1 / 300), abs=1e-12)


@pytest.mark.parametrize(("successes", "count", "share"), [(0, 7, 0.2), (3, 12, 0.5), (20, 40, 0.3), (9, 10, 0.99)])
def test_binomial_tail_is_the_sum_of_its_terms(successes, count, share):
    terms = [math.comb(count, i) * share**i * (1 - share) ** (count - i) for i in range(successes + 1)]
    assert binomial_tail(successes, count, share) == pytest.approx(math.fsum(terms), rel=1e-12)


def test_binomial_tail_of_many_trials_does_not_underflow():
    assert binomial_tail(5000, 10000, 0.5) == pytest.approx(
        0.5 + 0.5 * 0.00797877, abs=1e-6
    )  # half, and half of P(5000)
    assert (binomial_tail(3, 3, 0.9), binomial_tail(1, 3, 0.0), binomial_tail(1, 3, 1.0)) == (1, 1, 0)


def test_writers_that_stand_and_fall_together_widen_the_interval():
    rng = np.random.default_rng(1)
    writers = np.repeat(np.arange(40), 50)
    right = rng.random(40)[writers] < 0.9  # a writer is read wholly or not at all
    narrow, wide = wilson(int(right.sum()), right.size), writer_interval(right, writers)
    assert wide.low < right.mean() < wide.high
    # 40 writers instead of 2,000 pictures: √50 times as wide.
    assert (wide.high - wide.low) / (narrow.high - narrow.low) == pytest.approx(math.sqrt(50), rel=0.15)
    assert writer_interval(right, writers) == wide


def test_percentiles():
    assert percentiles(np.arange(1001.0)) == pytest.approx((25, 975))
