"""Calibration error against its definition, and against numbers made to be calibrated."""

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
