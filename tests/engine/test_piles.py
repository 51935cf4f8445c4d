"""A pile is worked on a few at a time, in order; a single picture is no pile."""

import itertools

import numpy as np
import pytest
from PIL import Image

from calame.engine.piles import a_few_at_a_time
from calame.errors import UsageError


def test_order_is_kept_and_no_more_is_taken_than_is_asked_for():
    taken = itertools.count()
    pile = a_few_at_a_time(taken, lambda one: one * 2, 3)
    assert next(pile) == [0, 2, 4]
    assert next(pile) == [6, 8, 10]
    assert next(taken) == 6
    assert list(a_few_at_a_time([], str, 3)) == []


@pytest.mark.parametrize(
    "one",
    ["a.png", b"\x89PNG", Image.new("L", (9, 9)), np.zeros((9, 9)), np.zeros((9, 9, 3)), np.zeros((9, 9, 4)),
     np.zeros(()), None],
)  # fmt: skip
def test_a_single_picture_is_no_pile(one):
    with pytest.raises(UsageError, match="one picture where a list"):
        next(a_few_at_a_time(one, str, 3))


@pytest.mark.parametrize("shape", [(2, 9, 9), (2, 9, 9, 3), (2, 3, 3, 4)])
def test_an_array_of_pictures_is_a_pile(shape):
    assert list(a_few_at_a_time(np.zeros(shape), np.shape, 3)) == [[shape[1:]] * 2]
