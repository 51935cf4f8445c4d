"""Risk–coverage and AUROC against their definitions, and the promise of a threshold kept."""

import numpy as np
import pytest

from calame.errors import UsageError
from calame.training.intervals import upper_bound
from calame.training.selective import at_coverage, auroc, risk_coverage, threshold_for

CONFIDENCES = np.array([0.9, 0.6, 0.8, 0.7, 0.99])
RIGHTS = np.array([True, False, False, True, True])


def readings(count: int, seed: int):
    """Confident readings that are wrong more often the less sure they are: 2.5 % of them all."""
    rng = np.random.default_rng(seed)
    confidences = 1 - rng.random(count) ** 4
    return confidences, rng.random(count) < 0.5 + 0.5 * np.minimum(1, confidences * 1.25)


def test_curve_done_by_hand():
    curve = risk_coverage(CONFIDENCES, RIGHTS)
    assert curve.thresholds.tolist() == [0.99, 0.9, 0.8, 0.7, 0.6]
    assert curve.coverage == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    assert curve.risk == pytest.approx([0, 0, 1 / 3, 1 / 4, 2 / 5])
    assert curve.area == pytest.approx((1 / 3 + 1 / 4 + 2 / 5) / 5)


def test_equal_confidences_are_one_place_and_say_nothing():
    rights = np.array([True, False] * 10)
    curve = risk_coverage(np.full(20, 0.9), rights)
    assert curve.coverage.tolist() == [1.0]
    assert curve.area == pytest.approx(0.5)  # as good as chance, whatever their order
    assert auroc(np.full(20, 0.9), rights) == 0.5


def test_auroc_is_the_share_of_pairs_in_the_right_order():
    rng = np.random.default_rng(3)
    confidences, rights = rng.integers(0, 8, 60) / 8, rng.random(60) < 0.7
    pairs = [(a > b) + (a == b) / 2 for a in confidences[rights] for b in confidences[~rights]]
    assert auroc(confidences, rights) == pytest.approx(np.mean(pairs))
    assert auroc(np.ones(3), np.ones(3, bool)) is None


def test_point_at_a_coverage():
    point = at_coverage(CONFIDENCES, RIGHTS, 0.6)
    assert (point.coverage, point.threshold, point.answered, point.wrong) == (0.6, 0.8, 3, 1)
    assert point.risk == pytest.approx(1 / 3)
    assert point.bound == upper_bound(1, 3)
    assert at_coverage(CONFIDENCES, RIGHTS, 0.61).answered == 4
    assert at_coverage(CONFIDENCES, RIGHTS, 1).answered == 5


def test_threshold_answers_all_when_it_may():
    point = threshold_for(0.1, *readings(5000, seed=1))
    assert point is not None
    assert point.coverage == 1


def test_threshold_hands_over_the_unsure_readings_to_keep_its_promise():
    confidences, rights = readings(20000, seed=1)
    point = threshold_for(0.01, confidences, rights)
    assert point is not None
    assert 0.5 <= point.coverage < 1
    assert point.bound <= 0.01
    assert np.mean(confidences >= point.threshold) == point.coverage


def test_promise_holds_on_new_readings_as_often_as_it_says():
    others = readings(400_000, seed=99)
    kept = []
    for seed in range(60):
        point = threshold_for(0.01, *readings(5000, seed=seed))
        if point is not None:
            chosen = others[0] >= point.threshold
            kept.append(np.mean(~others[1][chosen]) <= 0.01)
    assert len(kept) > 50
    assert np.mean(kept) >= 0.95


def test_nothing_is_promised_from_too_few_readings():
    assert threshold_for(1 / 1000, np.linspace(0, 1, 2000), np.ones(2000, bool)) is None
    assert threshold_for(1 / 1000, np.linspace(0, 1, 6000), np.ones(6000, bool)) is not None


@pytest.mark.parametrize("share", [0, 1, -0.1, float("nan")])
def test_senseless_budget_is_refused(share):
    with pytest.raises(UsageError, match="max_wrong"):
        threshold_for(share, CONFIDENCES, RIGHTS)
