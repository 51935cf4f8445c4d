"""The smallest change that flips the answer is small, and it does flip it."""

import numpy as np
import pytest

from calame import explain
from calame.errors import BadParameter
from calame.explain.attack import BUDGET

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("digit", [7, 5])
def test_the_changed_picture_is_read_as_another_digit(network, samples, digit):
    found = explain.flip(network, samples[digit])
    assert found.before == digit
    assert network.classify(found.picture[None])[0].argmax() == found.after != digit
    np.testing.assert_array_equal(samples[digit] + found.change, found.picture)
    assert np.abs(found.change).max() == found.level <= BUDGET
    np.testing.assert_allclose(found.probabilities, network.classify(np.stack([samples[digit], found.picture])))


def test_noise_of_the_same_size_does_not_flip_it(network, seven):
    level = explain.flip(network, seven).level
    signs = np.random.default_rng(0).choice([-level, level], (20, 28, 28))
    noisy = np.clip(seven.astype(int) + signs, 0, 255).astype(np.uint8)
    assert (network.classify(noisy).argmax(1) == 7).mean() >= 0.9


def test_nothing_is_found_within_a_budget_that_is_too_small(network, seven):
    assert explain.flip(network, seven, budget=1, steps=2) is None


@pytest.mark.parametrize("budget", [0, 256])
def test_a_budget_that_cannot_be_is_refused(network, seven, budget):
    with pytest.raises(BadParameter, match="expected 1 – 255"):
        explain.flip(network, seven, budget=budget)
