"""What spoils a picture spoils it as much as it says, and leaves the one it was given alone."""

import cv2
import numpy as np
import pytest

from calame.data import harm


def page():
    picture = np.full((300, 400, 3), 200, np.uint8)
    cv2.line(picture, (200, 60), (200, 240), (40, 40, 60), 12)
    return picture


def spoiled(name, seed=0):
    return harm.HARMS[name](page(), np.random.default_rng(seed))


@pytest.mark.parametrize("name", harm.HARMS)
def test_every_harm_changes_a_copy(name):
    before = page()
    after = harm.HARMS[name](before, np.random.default_rng(0))
    np.testing.assert_array_equal(before, page())
    assert after.dtype == np.uint8
    assert after.ndim == 3
    assert after.shape != before.shape or np.abs(after.astype(int) - before).max() > 10


def test_the_light_falls_to_a_third_and_a_shadow_halves_it():
    lit = spoiled("falloff").astype(float)
    assert lit.min() / 40 == pytest.approx(1 / 3, abs=0.35)
    assert lit[..., 0].max() / lit[lit[..., 0] > 50][..., 0].min() == pytest.approx(3, abs=0.4)
    dark = spoiled("shadow")
    assert {100, 200} <= set(dark[..., 0].ravel().tolist())


def test_a_pencil_is_less_than_half_as_dark():
    assert 200 - spoiled("pencil")[150, 200, 0] < 0.5 * 160


def test_small_is_small():
    assert 100 <= max(spoiled("small").shape) <= 160
