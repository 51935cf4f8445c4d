"""Where a cell lies on the picture: an impulse there is what it sees."""

import numpy as np
import pytest

from calame.explain.places import Grid, grid


@pytest.mark.parametrize("name", ["stage1_conv/Conv", "stage1/Relu", "stage2_1/Relu"])
def test_a_cell_sees_its_field_around_its_middle_and_nothing_else(network, name):
    found = grid(network, name)
    random = np.random.default_rng(0)
    base = random.uniform(0, 1, (1, 28, 28, 1)).astype(np.float32)
    tape = network.run(base, name)
    wanted = np.zeros_like(tape.values[name])
    wanted[:, :, 6, 7] = random.normal(0, 1, wanted.shape[1])
    rows, columns = np.nonzero(np.abs(network.slopes(tape, {name: wanted})[0, ..., 0]))
    middle = found.middle(6, 7)
    for side, at, field in zip((rows, columns), middle, found.field, strict=True):
        assert at - field / 2 < side.min() <= side.max() < at + field / 2
    assert found.field == {"stage1_conv/Conv": (5, 5), "stage1/Relu": (6, 6), "stage2_1/Relu": (10, 10)}[name]


def test_the_last_maps_cover_the_picture_in_squares_of_four(network):
    found = grid(network, "stage3_3/Relu")
    assert (found.start, found.step) == ((1.5, 1.5), (4.0, 4.0))
    assert found.under(0, 0) == (slice(0, 4), slice(0, 4))
    assert found.under(6, 3) == (slice(24, 28), slice(12, 16))


def test_what_has_no_place_has_no_grid(network):
    assert grid(network, "pooled") is None
    assert grid(network, "image") == Grid()


def test_a_map_is_spread_in_straight_lines():
    values = np.arange(49, dtype=np.float32).reshape(7, 7)
    spread = Grid((1.5, 1.5), (4.0, 4.0)).spread(values)
    np.testing.assert_allclose(spread[13, 14], (values[2, 3] + 7 * (13 - 9.5) / 4 + (14 - 13.5) / 4), atol=1e-5)
    assert spread[0, 0] == values[0, 0]
    assert spread[27, 27] == values[6, 6]
    np.testing.assert_allclose(Grid().spread(np.eye(28)), np.eye(28))
    np.testing.assert_allclose(Grid((13.5, 13.5), (28.0, 28.0)).spread(np.full((1, 1), 3.0)), 3.0)
