"""Rows: which digits are one number, and in which order the numbers come."""

import cv2
import numpy as np
import pytest

from calame.imaging import rows
from calame.imaging.frame import Wall
from calame.imaging.rows import highest, one_row, reading_order, rows_of, turned
from calame.imaging.segment import FAINT
from calame.types import Box


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


TWO = [*[(30 + 28 * n, 60) for n in range(3)], *[(138 + 28 * n, 62) for n in range(3)]]
COLUMN = Wall(112.0, 0.0, 10, 120)


def test_a_column_of_a_table_parts_numbers_and_the_teeth_of_a_comb_do_not():
    assert counts(rows_of(sheet(*TWO), None, 1.6)) == [6]
    rows = rows_of(sheet(*TWO), None, 1.6, [Wall(10.0, 0.0, 10, 120), COLUMN, Wall(220.0, 0.0, 10, 120)])
    assert [(row.count, row.in_cell) for row in rows] == [(3, True), (3, True)]
    comb = [Wall(16.0 + 28 * tooth, 0.0, 40, 80) for tooth in range(7)]
    assert counts(rows_of(sheet(*[(30 + 28 * n, 60) for n in range(6)]), None, 1.6, comb)) == [6]
    (row,) = rows_of(sheet(*TWO), 36, 3.0, [COLUMN])  # of one number, a reader may doubt it
    assert (row.count, row.columns) == (6, (112.0,))


def test_what_stands_in_one_cell_is_one_number_however_unlike_its_digits():
    ink = sheet((60, 60))
    cv2.ellipse(ink, (100, 72), (4, 6), 0, 0, 360, 255, 3, cv2.LINE_AA)
    assert len(rows_of(ink, None, 1.6)) == 2
    assert len(rows_of(ink, None, 1.6, [Wall(20.0, 0.0, 10, 120), Wall(160.0, 0.0, 10, 120)])) == 1


def test_a_digit_that_reached_over_from_the_cell_beside_joins_its_own_cell():
    ink = sheet((30, 60), (58, 60), (86, 60), (138, 60))
    cv2.ellipse(ink, (162, 72), (4, 6), 0, 0, 360, 255, 3, cv2.LINE_AA)
    assert counts(rows_of(ink, None, 1.6)) == [4, 1]
    walls = [Wall(column, 0.0, 10, 120) for column in (12.0, 112.0, 190.0)]
    assert counts(rows_of(ink, None, 1.6, walls)) == [3, 2]


@pytest.mark.parametrize("slope", [-0.04, 0.0, 0.04])
def test_boxes_are_read_line_by_line_even_where_lines_slope(slope):
    places = [(x, y) for y in (100, 160, 220) for x in (50, 400, 800)]
    boxes = [Box(x, round(y + slope * x), x + 80, round(y + slope * x) + 40 + x % 7) for x, y in places]
    mixed = [4, 0, 8, 2, 6, 1, 3, 7, 5]
    assert [mixed[place] for place in reading_order([boxes[one] for one in mixed])] == list(range(9))


def test_a_comb_with_a_broken_digit_is_one_number_and_so_is_one_of_boxes_apart():
    middles = [(30 + 40 * n, 60) for n in range(6)]
    comb = [Wall(10.0 + 40 * tooth, 0.0, 30, 90) for tooth in range(7)]
    assert counts(rows_of(sheet(*middles[:2], *middles[3:]), None, 1.6, comb)) == [5]  # one cell is empty
    thick = [wall._replace(column=wall.column + off) for wall in comb for off in (0, 4)]
    gaps = sheet(*middles)
    cv2.line(gaps, (148, 72), (150, 72), 255, 2)  # a speck, and no tooth between it and the digit
    assert counts(rows_of(gaps, None, 1.6, thick)) == [6]
    apart = [Wall(30.0 + 40 * n + side, 0.0, 30, 90) for n in range(6) for side in (-14, 14)]
    assert counts(rows_of(sheet(*middles), None, 1.6, apart)) == [6]


def test_a_comma_that_hangs_from_a_number_in_its_cell_is_no_number():
    ink = sheet((40, 60), (70, 60))
    cv2.line(ink, (98, 74), (94, 86), 255, 4)
    assert len(rows_of(ink, None, 1.6, [Wall(15.0, 0.0, 10, 120), Wall(160.0, 0.0, 10, 120)])) == 1


def test_an_upright_line_that_stayed_takes_no_digits_of_its_column():
    ink = sheet((60, 40), (60, 100), (60, 160))
    cv2.line(ink, (120, 10), (121, 200), 255, 3)
    cv2.line(ink, (20, 10), (21, 200), 255, 3)
    walls = [Wall(15.0, 0.0, 5, 210), Wall(160.0, 0.0, 5, 210)]
    assert sum(row.box.height < 40 for row in rows_of(ink, None, 1.6, walls)) == 3


def test_a_broken_digit_is_one_of_its_number():
    ink = sheet((40, 60), (80, 60), (160, 60))
    cv2.rectangle(ink, (112, 44), (128, 56), 255, 3)
    cv2.rectangle(ink, (112, 61), (128, 76), 255, 3)
    (row,) = rows_of(ink, None, 1.6)
    assert (row.count, row.box.left, row.box.right) == (4, 28, 173)


def test_parts_of_a_line_that_nearly_touch_are_one_though_their_ends_chose_others():
    ink = sheet((40, 60), (76, 60), (140, 60))
    cv2.line(ink, (100, 66), (112, 50), 255, 4)  # the upstroke of a 1, and its bar
    cv2.line(ink, (118, 40), (118, 78), 255, 4)
    assert len(rows_of(ink, None, 1.6)) == 1


def test_a_long_upright_line_parts_numbers_that_fill_their_cells():
    ink = sheet(*[(30 + 28 * n, 60) for n in range(6)])
    assert counts(rows_of(ink, None, 1.6, [Wall(100.0, 0.0, 40, 80)])) == [6]
    assert counts(rows_of(ink, None, 1.6, [Wall(100.0, 0.0, 10, 180)])) == [3, 3]


@pytest.mark.parametrize("height", [36, None])
def test_of_more_pieces_than_a_page_has_the_lowest_are_grain(height, monkeypatch):
    ink = sheet((40, 60), (70, 62), (100, 58))
    grain = ink.copy()
    grain[40::9, 150::9] = 255
    grain[30:33, 70:72] = 255
    monkeypatch.setattr(rows, "MOST", 3)
    (row,) = rows_of(grain, height, 3.0)
    (alone,) = rows_of(ink, height, 3.0)
    assert (row.left, row.top, row.height, row.count) == (alone.left, alone.top, alone.height, 3)
    np.testing.assert_array_equal(row.ink, alone.ink)


def test_the_highest_lines_keep_their_order():
    some = [one_row(sheet((40, 60), axes=(9, half)), 2.0 * half) for half in (8, 20, 12, 20, 12)]
    assert highest(some, 9) == some
    assert highest(some, 3) == some[1:4]
    assert highest(some, 0) == []
