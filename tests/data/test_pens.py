"""Other hands and other pens: the same digit, written otherwise, the same for the same seed."""

import numpy as np
import pytest

from calame.data import pens
from calame.data.pens import Pen

SEVEN = [np.array([[0, 0], [60, 0], [20, 100]]), np.array([[15, 50], [55, 50]])]


def rng(seed=0):
    return np.random.default_rng(seed)


def written(pen=Pen(), seed=0, size=80):  # noqa: B008 (frozen)
    return pens.write(SEVEN, 100, 120, pen, rng(seed), box=(60, 50, size))


def test_ink_has_the_size_the_place_and_the_width_that_were_asked_for():
    ink = written(Pen(width=0.05))
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.5), np.flatnonzero(ink.max(axis=0) > 0.5)
    assert ink.shape == (100, 120)
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(50, abs=1.5)
    assert (columns[0] + columns[-1]) / 2 == pytest.approx(60, abs=1.5)
    assert rows[-1] - rows[0] == pytest.approx(80 + 4, abs=3)
    assert ink[:30, 45].sum() == pytest.approx(4, abs=1)  # across the head of the 7: 0.05 of 80 pixels


@pytest.mark.parametrize("pen", [Pen(pressure=0.9), Pen(flat=0.8, angle=1.0), Pen(grain=0.6), Pen(gap=0.3)])
def test_every_property_of_a_pen_shows(pen):
    assert np.abs(written(pen) - written()).mean() > 0.002
    assert written(pen).min() >= 0
    assert written(pen).max() <= 1


def test_a_hand_keeps_the_strokes_and_moves_the_points():
    other = pens.vary(SEVEN, rng())
    assert [stroke.shape for stroke in other] == [(3, 2), (2, 2)]
    same = pens.vary(SEVEN, rng(), amount=0)
    np.testing.assert_allclose(same[0][1] - same[0][0], [0.6, 0], atol=1e-6)
    assert not np.allclose(other[0], same[0], atol=0.01)


def test_the_same_seed_is_the_same_hand():
    np.testing.assert_array_equal(pens.vary(SEVEN, rng(3))[0], pens.vary(SEVEN, rng(3))[0])
    np.testing.assert_array_equal(written(pens.any_pen(rng(3)), 3), written(pens.any_pen(rng(3)), 3))


def test_resampling_keeps_the_ends_and_spaces_evenly():
    line = pens.resample(SEVEN[0], 5)
    np.testing.assert_allclose(line[[0, -1]], SEVEN[0][[0, -1]])
    assert np.hypot(*np.diff(line, axis=0).T).max() < 5.5
    assert len(pens.resample(np.zeros((1, 2)), 5)) == 2
