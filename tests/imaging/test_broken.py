"""Broken digits: which pieces are one, and which are words, or digits below each other."""

import numpy as np
import pytest

from calame.imaging.broken import mended

DIGIT = [0, 100, 30, 140]
UPPER, LOWER = [50, 100, 70, 118], [52, 121, 72, 140]


def together(*boxes):
    """Which pieces are one beside a whole digit, counted from 1."""
    found = np.array([[0, 0, 0, 0], DIGIT, *boxes])
    now = mended(found)
    return [tuple(np.flatnonzero(now == one).tolist()) for one in dict.fromkeys(now[2:].tolist())], found


def test_pieces_as_high_together_as_the_digit_beside_them_are_one():
    groups, boxes = together(UPPER, LOWER)
    assert groups == [(2, 3)]
    assert boxes[2:].tolist() == [[50, 100, 72, 140], [0, 0, 0, 0]]


def test_three_pieces_are_one_and_what_is_whole_now_has_others_beside_it():
    groups, _ = together(UPPER, [56, 119, 66, 124], [52, 125, 72, 140], [110, 100, 130, 118], [112, 121, 132, 140])
    assert groups == [(2, 3, 4), (5, 6)]


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([[50, 100, 70, 112], [52, 130, 72, 140]], id="far from each other"),
        pytest.param([[50, 60, 70, 78], [52, 81, 72, 100]], id="of the line above"),
        pytest.param([[120, 100, 140, 118], [122, 121, 142, 140]], id="far from the digit"),
        pytest.param([UPPER, LOWER, [76, 121, 90, 140]], id="a word"),
        pytest.param([[50, 100, 95, 118], [52, 121, 97, 140]], id="broader than high"),
        pytest.param([UPPER], id="one alone"),
    ],
)
def test_other_pieces_stay_what_they_are(others):
    groups, boxes = together(*others)
    assert [len(group) for group in groups] == [1] * len(others)
    assert boxes[2:].tolist() == others
