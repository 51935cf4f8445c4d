"""Quantiles: what NumPy gives, of few and of many, of odd and of even numbers."""

import numpy as np
import pytest

from calame.imaging.quantiles import median, of_counts, percentile

COUNTS = (1, 2, 3, 10, 101, 1000, 150_001)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.97, 1.0])
def test_a_percentile_is_that_of_numpy(count, share):
    levels = np.random.default_rng(count).integers(0, 256, count).astype(np.uint8)
    expected = pytest.approx(np.percentile(levels, 100 * share), abs=1e-9)
    assert percentile(levels, share) == expected
    assert of_counts(np.bincount(levels, minlength=256), share) == expected


@pytest.mark.parametrize("count", COUNTS)
def test_a_median_is_that_of_numpy_to_the_last_bit(count):
    values = np.random.default_rng(count).normal(size=count).astype(np.float32)
    assert median(values) == float(np.median(values))


@pytest.mark.parametrize("every", [1, 64])
def test_a_percentile_of_many_is_that_of_numpy_though_those_looked_at_first_are_the_largest(every):
    values = np.random.default_rng(7).normal(size=150_000).astype(np.float32)
    values[::every] += 10
    assert percentile(values, 0.98) == pytest.approx(float(np.percentile(values.astype(np.float64), 98)), abs=1e-6)
