"""Cells: where a number ends, and which upright lines are a comb's."""

import numpy as np
import pytest

from calame.imaging.cells import ends, parted_by, towers
from calame.types import Box

DIGITS = np.array([(20 + 40 * n, 40, 44 + 40 * n, 76) for n in range(5)])


@pytest.mark.parametrize(
    ("gaps", "walled", "last"),
    [
        ([0.2, 0.1, 0.3], "   ", []),
        ([0.2, 1.6, 0.3], "   ", [1]),
        ([1.5, 1.6, 1.4], "   ", []),  # written wide
        ([0.2, 0.7, 0.3], " | ", [1]),
        ([0.6, 0.7, 0.6], "|||", []),
        ([0.2, 0.3, 0.3], " | ", []),  # the side of a box that nobody saw the others of
        ([0.7], "|", []),
        ([1.5], " ", [0]),
    ],
)
def test_a_number_ends_at_a_gap_unlike_the_others(gaps, walled, last):
    found = ends(np.array(gaps), np.array([one == "|" for one in walled]))
    assert np.flatnonzero(found).tolist() == last


def test_an_upright_line_parts_what_it_stands_between():
    assert parted_by(np.array([10.0, 132.0, 230.0]), DIGITS).tolist() == [False, False, True, False]
    assert parted_by(np.array([]), DIGITS).tolist() == [False] * 4


@pytest.mark.parametrize("sides", [(0,), (0, 5)], ids=["thin", "thick"])
def test_teeth_at_even_distances_part_nothing(sides):
    comb = np.array([12.0 + 40 * tooth + side for tooth in range(6) for side in sides])
    assert not parted_by(comb, DIGITS).any()
    assert parted_by(comb[: len(comb) // 2], DIGITS).any()  # two distances are no comb


def test_a_line_that_stayed_towers_over_a_digit_and_a_digit_over_none():
    assert towers(Box(0, 0, 4, 200), Box(10, 80, 30, 120))
    assert not towers(Box(0, 0, 20, 60), Box(30, 20, 50, 60))
