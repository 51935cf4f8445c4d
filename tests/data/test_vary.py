"""A varied line is still that line: as high, about as wide, its ink there; the same seed, the same line."""

import numpy as np

from calame.data.vary import Variation


def line():
    pixels = np.zeros((32, 120), np.uint8)
    pixels[4:28, 20:100:16] = 255
    pixels[4:28, 21:101:16] = 255
    return pixels


def test_a_varied_line_keeps_its_height_and_about_its_ink():
    for seed in range(30):
        varied = Variation()(line(), np.random.default_rng(seed))
        assert varied.dtype == np.uint8
        assert varied.shape[0] == 32
        assert varied.shape[1] % 4 == 0
        assert 0.6 < varied.shape[1] / 120 < 1.65
        assert 0.2 < varied.astype(float).sum() / line().astype(float).sum() < 5


def test_the_same_seed_varies_alike():
    one, other = (Variation()(line(), np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(one, other)


def test_nothing_changes_when_nothing_may():
    still = Variation(stretch=0, slant=0, slope=0, lower=0, shift=0, bend=0, levels=0, blur=0, scratch=0, specks=0)
    moved = still(line(), np.random.default_rng(1))
    assert moved.shape == (32, 120)
    assert (moved.max(axis=0) > 100).sum() > 5
