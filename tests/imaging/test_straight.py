"""Thin and straight lines in ink: which are found, and what is said along them."""

import numpy as np
import pytest

from calame.imaging.straight import Rule, look_along, straight


def ruled(*rows, shape=(60, 200), start=10, end=190):
    mask = np.zeros(shape, np.uint8)
    for row in rows:
        mask[row : row + 2, start:end] = 1
    return mask


@pytest.mark.parametrize("row", [0, 30, 58])
def test_beyond_the_border_there_is_nothing_written(row):
    mask = ruled(row)
    covered, bare, uneven = look_along(mask, Rule(10, 190, row + 0.5, 0.0, 1.0))
    assert (covered, bare) == (1.0, 1.0)
    assert uneven < 0.01
    mask[:, 10:55] = 1  # a quarter of it has ink above or below
    assert look_along(mask, Rule(10, 190, row + 0.5, 0.0, 1.0))[1] == pytest.approx(0.75)


def test_a_line_that_falls_is_found_with_its_slope_and_thickness():
    mask = np.zeros((60, 200), np.uint8)
    for column in range(10, 190):
        mask[20 + column // 20 : 22 + column // 20, column] = 1
    (rule,) = straight(mask, 8, 100, 20)
    assert (rule.start, rule.end, rule.half) == (10, 190, 1.0)
    assert rule.slope == pytest.approx(0.05, abs=0.003)


def test_of_lines_that_meet_no_base_only_those_across_are_looked_at():
    mask = ruled(20, start=0, end=60) + ruled(40, start=0, end=200)
    base = Rule(15, 25, 60.0, 0.0, 1.0)  # of the turned picture: at column 60, from row 15 to 25
    assert [rule.row for rule in straight(mask, 8, 30, 20, [base])] == [20.5, 40.5]
    assert [rule.row for rule in straight(mask, 8, 30, 20, [base._replace(row=90.0)])] == [40.5]
