"""A unit answers to its picture at least five times as strongly as to noise."""

import numpy as np
import pytest

from calame import explain
from calame.errors import BadParameter

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("layer", ["stage1", "stage2_1", "stage2_2"])
def test_filters_are_raised_at_least_five_times_over_noise(network, layer):
    found = explain.visualise(network, layer, range(6))
    assert found.pictures.shape == (6, 28, 28)
    assert (found.responses >= 5 * np.maximum(found.noise, 0)).all()
    assert found.responses.min() > 0
    seen = explain.feature_maps(network, found.pictures[3])[layer]
    np.testing.assert_allclose(found.responses[3], seen[seen.shape[0] // 2, seen.shape[1] // 2, 3], atol=1e-4)


def test_a_digit_grown_from_noise_is_read_as_that_digit(network):
    found = explain.visualise(network, "output", [2, 7, 3])
    assert network.classify(found.pictures).argmax(1).tolist() == [2, 7, 3]
    assert (found.responses >= 5 * np.maximum(found.noise, 0)).all()


def test_the_seed_makes_the_picture(network):
    one, same, other = (explain.visualise(network, "stage1", 4, steps=8, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.pictures, same.pictures)
    assert (one.pictures != other.pictures).any()


def test_progress_is_told(network):
    told = []
    explain.visualise(network, "stage1", 0, steps=3, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(("layer", "unit"), [("nowhere", 0), ("stage1", 32), ("output", 10), ("stage1", -1)])
def test_what_is_not_there_is_refused(network, layer, unit):
    with pytest.raises(BadParameter, match="expected"):
        explain.visualise(network, layer, unit)
