"""A pile is worked on a few at a time, in order; a single picture is no pile."""

import itertools

import pytest

from calame.engine.piles import a_few_at_a_time
from calame.errors import UsageError


def test_order_is_kept_and_no_more_is_taken_than_is_asked_for():
    taken = itertools.count()
    pile = a_few_at_a_time(taken, lambda one: one * 2, 3)
    assert next(pile) == [0, 2, 4]
    assert next(pile) == [6, 8, 10]
    assert next(taken) == 6
    assert list(a_few_at_a_time([], str, 3)) == []


@pytest.mark.parametrize("one", ["a.png", b"\x89PNG"])
def test_a_single_picture_is_no_pile(one):
    with pytest.raises(UsageError):
        next(a_few_at_a_time(one, str, 3))
