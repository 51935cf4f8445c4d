"""Rows: which digits are one number, and in which order the numbers come."""

import cv2
import numpy as np
import pytest

from calame.imaging.rows import one_row, rows_of, turned
from calame.imaging.segment import FAINT


def sheet(*middles, shape=(240, 400), axes=(9, 16)):
    ink = np.zeros(shape, np.uint8)
    for x, y in middles:
        cv2.ellipse(ink, (x, y), axes, 0, 0, 360, 255, 4, cv2.LINE_AA)
    return ink


def counts(rows):
    return [row.count for row in rows]


def test_lines_come_from_top_to_bottom_with_their_own_ink():
    first, second = [(40 + 30 * n, 50) for n in range(5)], [(60 + 30 * n, 120) for n in range(3)]
    ink = sheet(*second, *first)
    rows = rows_of(ink, 36, 3.0)
    assert counts(rows) == [5, 3]
    assert sum(int((row.ink > FAINT).sum()) for row in rows) == int((ink > FAINT).sum())
    assert rows[0].box.top < 40 < rows[0].box.bottom < rows[1].box.top


def test_groups_of_a_number_are_one_line_and_numbers_on_a_page_are_not():
    ink = sheet(*[(30 + 28 * n, 60) for n in range(3)], *[(230 + 28 * n, 62) for n in range(3)])
    assert counts(rows_of(ink, 36, 3.0)) == [6]
    assert sorted(counts(rows_of(ink, None, 1.6))) == [3, 3]


def test_numbers_below_each_other_on_a_page_are_not_one():
    ink = sheet(*[(30 + 28 * n, 60) for n in range(3)], *[(130 + 28 * n, 96) for n in range(3)])
    assert counts(rows_of(ink, 36, 3.0)) == [6]
    assert sorted(counts(rows_of(ink, None, 1.6))) == [3, 3]


@pytest.mark.parametrize("angle", [-35, -20, 20, 35])
def test_a_line_that_slopes_is_one_line_and_its_slope_is_told(angle):
    slope = np.tan(np.deg2rad(angle))
    ink = sheet(*[(60 + 45 * n, round(120 + slope * (45 * n - 135))) for n in range(7)], shape=(340, 420))
    (row,) = rows_of(ink, 36, 3.0)
    assert row.count == 7
    assert np.rad2deg(row.slope) == pytest.approx(angle, abs=3)
    level, _ = turned(row, row.slope)
    rows = np.flatnonzero(level.max(axis=1) > 128)
    assert np.ptp(rows) < 50


def test_dots_and_dashes_join_the_line_beside_them_and_far_dirt_does_not():
    ink = sheet(*[(40 + 30 * n, 60) for n in range(4)])
    cv2.circle(ink, (145, 76), 3, 255, -1)
    cv2.circle(ink, (300, 200), 3, 255, -1)
    (row,) = rows_of(ink, 36, 3.0)
    assert row.box.right == pytest.approx(148, abs=6)
    assert row.box.bottom < 100


def test_all_ink_can_be_taken_for_one_line():
    ink = sheet((40, 40), (80, 44), (120, 48), shape=(80, 160))
    row = one_row(ink, 36)
    assert row.count == 3
    assert np.rad2deg(row.slope) == pytest.approx(5.7, abs=1.5)
    assert rows_of(np.zeros((20, 20), np.uint8), 10, 3.0) == []
