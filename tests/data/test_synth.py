"""Made pictures: the digit is there, large and about the middle, whoever wrote it."""

import numpy as np
import pytest

from calame.data import others, synth
from calame.data.pens import Pen
from calame.data.synth import Written, european, ink_of, picture_of


def bar():
    scan = np.zeros((28, 28), np.uint8)
    scan[4:24, 12:16] = 255
    return Written(1, scan=scan)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("digit", [bar(), european(7, rng())], ids=["scan", "strokes"])
def test_ink_fills_the_box_it_was_given(digit):
    ink = ink_of(digit, 100, 100, Pen(), rng(), box=(50, 50, 70), vary=0)
    rows = np.flatnonzero(ink.max(axis=1) > 0.5)
    assert rows[-1] - rows[0] == pytest.approx(70, abs=8)
    assert (rows[-1] + rows[0]) / 2 == pytest.approx(50, abs=4)
    assert 0 <= ink.min() <= ink.max() <= 1


def test_nothing_written_is_no_digit():
    with pytest.raises(ValueError, match="strokes or a scan"):
        ink_of(Written(1), 10, 10, Pen(), rng(), box=(5, 5, 8))


def test_a_neighbour_is_cut_by_the_border_and_does_not_touch():
    for seed in range(20):
        ink = np.zeros((80, 80), np.float32)
        ink[20:60, 35:45] = 1
        other = synth._beside(bar(), ink, Pen(), rng(seed), size=50)
        assert not (other[:, 35:45] > 0).any()
        assert not (other[:, :35].any() and other[:, 45:].any())  # it comes from one side


def test_pictures_are_in_colour_and_of_many_sizes_and_a_seed_makes_the_same():
    pictures = [picture_of(european(3, rng(seed)), rng(seed), neighbours=[bar()]) for seed in range(12)]
    assert all(picture.ndim == 3 and picture.dtype == np.uint8 for picture in pictures)
    assert len({picture.shape for picture in pictures}) > 8
    np.testing.assert_array_equal(pictures[5], picture_of(european(3, rng(5)), rng(5), neighbours=[bar()]))


@pytest.mark.parametrize("kind", others.KINDS)
def test_every_kind_of_no_digit_is_a_picture_and_a_seed_makes_the_same(kind):
    digits = [bar(), european(4, rng())]
    for seed in range(5):
        picture = others.KINDS[kind](rng(seed), digits)
        assert picture.ndim == 3
        assert picture.shape[2] == 3
        assert min(picture.shape[:2]) >= 24
        np.testing.assert_array_equal(picture, others.KINDS[kind](rng(seed), digits))
