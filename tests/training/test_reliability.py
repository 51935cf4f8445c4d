"""Calibration error against its definition, and against numbers made to be calibrated."""

import math

import numpy as np
import pytest

from calame.training.reliability import equal_mass, equal_width


def made(count: int, stretch: float = 0.0):
    """Confidences whose readings are right with just that probability, or `stretch` less."""
    rng = np.random.default_rng(7)
    confidences = rng.uniform(0.5, 1, count)
    return confidences, rng.random(count) < confidences - stretch


def test_error_of_a_table_done_by_hand():
    confidences = np.array([0.95, 0.95, 0.95, 0.55, 0.45])
    rights = np.array([True, True, False, True, False])
    found = equal_width(confidences, rights, bins=10)
    assert found.error == pytest.approx((3 * abs(2 / 3 - 0.95) + 0.45 + 0.45) / 5)
    assert [entry.count for entry in found.bins] == [0, 0, 0, 0, 1, 1, 0, 0, 0, 3]
    assert found.bins[9].accuracy == pytest.approx(2 / 3)
    assert (found.bins[0].accuracy, found.bins[0].confidence, found.bins[0].interval) == (None, None, (0, 1))


def test_a_confidence_on_an_edge_belongs_to_the_range_below():
    found = equal_width(np.array([0.0, 0.5, 1.0]), np.array([False, True, True]), bins=2)
    assert [entry.count for entry in found.bins] == [2, 1]


@pytest.mark.parametrize("judge", [equal_width, equal_mass])
def test_calibrated_confidences_have_a_small_error_and_flattering_ones_theirs(judge):
    assert judge(*made(20000)).error < 0.02
    confidences, rights = made(20000, stretch=0.1)
    flattering = judge(confidences, rights)
    gaps = confidences - rights
    assert flattering.error == pytest.approx(gaps.mean())  # every range flatters: nothing cancels out
    width = flattering.interval.high - flattering.interval.low
    assert width == pytest.approx(2 * 1.96 * gaps.std() / len(gaps) ** 0.5, rel=0.15)
    assert judge(confidences, rights).interval == flattering.interval


def test_equal_masses_are_equal_and_keep_equals_together():
    confidences = np.r_[np.full(60, 1.0), np.linspace(0.1, 0.9, 40)]
    found = equal_mass(confidences, np.ones(100, bool), bins=10)
    assert [entry.count for entry in found.bins] == [10, 10, 10, 10, 60]
    assert found.bins[0].low == pytest.approx(0.1)
    assert found.bins[-1].low == found.bins[-1].high == 1.0


def test_order_does_not_matter():
    confidences, rights = made(500)
    shuffled = np.random.default_rng(0).permutation(500)
    before, after = (equal_mass(confidences[order], rights[order]) for order in (slice(None), shuffled))
    assert after.error == pytest.approx(before.error)
    assert [entry.accuracy for entry in after.bins] == [entry.accuracy for entry in before.bins]


@pytest.mark.parametrize("judge", [equal_width, equal_mass])
def test_nothing_to_judge(judge):
    assert judge(np.zeros(0), np.zeros(0, bool)).error == 0


def binomial_quantile(count, share, level, of=lambda value: value):
    """The smallest value of `of(right)` that a binomial does not pass with probability `level`, by its definition."""
    chances = {
        right: math.comb(count, right) * share**right * (1 - share) ** (count - right) for right in range(count + 1)
    }
    values = sorted({of(right) for right in chances})
    return next(
        value for value in values if math.fsum(p for right, p in chances.items() if of(right) <= value) >= level
    )


def test_the_interval_of_one_range_is_the_binomials():
    found = equal_width(np.full(20, 0.5), np.arange(20) < 4, bins=1)  # a gap of -0.3: not yet evident
    assert found.error == pytest.approx(0.3)
    below = binomial_quantile(20, 0.5, 0.975, lambda right: abs(right - 10) / 20)
    above = binomial_quantile(20, 0.5, 0.975, lambda right: (right - 10) / 20)
    assert found.interval == pytest.approx((0.3 - below, 0.3 + above))


@pytest.mark.parametrize("judge", [equal_width, equal_mass])
@pytest.mark.parametrize("stretch", [0.0, 0.1])
def test_the_interval_holds_the_true_error_and_what_was_measured(judge, stretch):
    held = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        confidences = 1 - rng.beta(0.3, 3, 300) * (1 - stretch)
        rights = rng.random(300) < confidences - stretch
        found = judge(confidences, rights)
        assert found.interval.low <= found.error <= found.interval.high
        held += found.interval.low <= stretch <= found.interval.high
    assert held >= 36  # of 40, of which 38 are promised


@pytest.mark.parametrize("judge", [equal_width, equal_mass])
@pytest.mark.parametrize(("count", "wrong"), [(1, 0), (1, 1), (400, 0), (400, 400), (10000, 30)])
def test_an_error_lies_in_its_interval_however_few_are_wrong(judge, count, wrong):
    rights = np.arange(count) >= wrong
    found = judge(np.full(count, 0.998, np.float32), rights)
    assert found.error == pytest.approx(abs(rights.mean() - 0.998), rel=1e-4)
    assert 0 <= found.interval.low <= found.error <= found.interval.high <= 1
    assert (found.interval.low == 0) == (wrong / count < 0.01)  # by chance alone, or not
