"""The curves of a classifier whose answer to every harm is known."""

import numpy as np
import pytest

from calame.training.robustness import HARMS, Harm, robustness


def by_ink(images: np.ndarray) -> np.ndarray:
    """Read 1 where there is little ink, 8 where there is much."""
    probabilities = np.zeros((len(images), 10), np.float32)
    probabilities[np.arange(len(images)), np.where(images.mean((1, 2)) > 60, 8, 1)] = 1
    return probabilities


def digits(count: int) -> tuple[np.ndarray, np.ndarray]:
    labels = np.tile([1, 8], count // 2)
    return np.where(labels == 8, 200, 10).astype(np.uint8)[:, None, None].repeat(28, 1).repeat(28, 2), labels


def dim(images, level, rng):
    return (images * (1 - level)).astype(np.uint8)


def test_curve_counts_what_is_still_read_right():
    curve, *_ = robustness(by_ink, *digits(40), harms=(Harm("dim", dim, (0, 0.5, 0.9), 0, ""),))
    assert [(level.level, level.right, level.count) for level in curve.levels] == [
        (0, 40, 40),
        (0.5, 40, 40),
        (0.9, 20, 40),
    ]
    assert curve.levels[2].accuracy == 0.5
    assert curve.levels[2].interval.low < 0.5 < curve.levels[2].interval.high
    assert curve.examples.shape == (3, 28, 28)


def test_same_seed_same_curves_and_progress_to_the_end():
    seen = []
    first = robustness(by_ink, *digits(20), sample=10, progress=lambda done, total: seen.append((done, total)))
    assert first == robustness(by_ink, *digits(20), sample=10)
    total = sum(len(harm.levels) for harm in HARMS)
    assert seen == [(done, total) for done in range(1, total + 1)]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.name)
def test_levels_rise_evenly_and_hold_the_neutral_one(harm):
    steps = np.diff(harm.levels)
    assert steps[0] > 0
    assert steps == pytest.approx(steps[0])
    assert harm.neutral in harm.levels


def test_all_harms_start_from_the_same_pictures():
    curves = robustness(by_ink, *digits(60), sample=30)
    assert {level.right for curve in curves for level in curve.levels if level.level == curve.neutral} == {30}
