"""Scales that grow evenly, and that those who do not see all colours can read."""

import numpy as np
import pytest

from calame.drawing.colours import fitting, inked, painted, widest


def lightness(colours):
    linear = (colours / 255) ** 2.2
    return np.cbrt(linear @ [0.2126, 0.7152, 0.0722])


def test_viridis_and_ink_only_grow_lighter():
    for palette in ("viridis", "ink"):
        light = lightness(painted(np.linspace(0, 1, 64), 0, 1, palette))
        assert (np.diff(light) > 0).all()


def test_balance_is_lightest_at_nothing_and_bluer_below():
    colours = painted(np.linspace(-1, 1, 65), -1, 1, "balance").astype(int)
    light = lightness(colours)
    assert light.argmax() == 32
    assert colours[8, 2] > colours[8, 0]
    assert colours[56, 0] > colours[56, 2]
    np.testing.assert_allclose(light[:32], light[:32:-1], atol=0.12)  # as far from paper on either side


@pytest.mark.parametrize("shape", [(), (5,), (3, 4), (2, 3, 4)])
def test_any_shape_gets_colours_and_what_lies_outside_the_ends_of_the_scale(shape):
    assert painted(np.full(shape, 9.0), 0, 1, "ink").shape == (*shape, 3)
    assert (painted(np.full(shape, 9.0), 0, 1, "ink") == 255).all()
    assert (painted(np.full(shape, 2.0), 2, 2, "ink") == 0).all()


def test_a_digit_lies_dark_over_the_colours():
    colours = painted(np.zeros((2, 2)), -1, 1, "balance")
    both = inked(colours, np.array([[0, 255], [0, 128]], np.uint8))
    np.testing.assert_array_equal(both[:, 0], colours[:, 0])
    assert both[0, 1].max() < both[1, 1].min() < colours.min()


def test_a_scale_is_as_long_below_zero_as_above():
    assert widest(np.array([-3.0, 1.0])) == 3
    assert widest(np.zeros(4)) == 1


def test_what_can_be_negative_has_one_palette_and_what_cannot_another():
    assert fitting(np.array([-3.0, 1.0])) == ("balance", -3, 3)
    assert fitting(np.array([0.5, 2.0])) == ("viridis", 0, 2)
    assert fitting(np.zeros(0)) == ("viridis", 0, 0)
