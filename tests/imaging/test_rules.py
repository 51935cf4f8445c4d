"""The step rules: what is printed around a number goes, and the number stays."""

import cv2
import numpy as np
import pytest

from calame.imaging.frame import Frame
from calame.imaging.grid import without_grid
from calame.imaging.pen import Pen
from calame.imaging.rules import Rules, digit_height

SIZE = 40


def number(places=(40, 80, 120), width=170, height=76):
    """0s of 40 pixels with their feet on row 58."""
    sheet = np.full((height, width), 255, np.uint8)
    for x in places:
        cv2.ellipse(sheet, (x, 38), (10, 18), 0, 0, 360, 60, 4, cv2.LINE_AA)
    return sheet


def kept(before, after):
    """Share of the ink of `before` that is still dark."""
    return float((after[before < 128] < 128).mean())


def dark_elsewhere(before, after):
    far = cv2.erode(before, np.ones((7, 7))) == 255
    return float((after[far] < 128).mean())


def ruled(sheet):
    cv2.line(sheet, (0, 64), (sheet.shape[1], 66), 40, 2)


def crossing(sheet):
    cv2.line(sheet, (0, 50), (sheet.shape[1], 50), 40, 2)


def dotted(sheet):
    for x in range(2, sheet.shape[1], 8):
        cv2.circle(sheet, (x, 66), 1, 40, -1)


def boxed(sheet):
    for left in (20, 60, 100):
        cv2.rectangle(sheet, (left, 10), (left + 40, 68), 40, 1)


def apart(sheet):
    for left in (22, 62, 102):
        cv2.rectangle(sheet, (left, 10), (left + 36, 68), 40, 1)


def one_box(sheet):
    cv2.rectangle(sheet, (62, 12), (98, 66), 40, 1)


def two_boxes(sheet):
    for left in (62, 102):
        cv2.rectangle(sheet, (left, 12), (left + 36, 66), 40, 1)


def cut_boxes(sheet):
    for left in (22, 62, 102):
        cv2.rectangle(sheet, (left, -5), (left + 36, 68), 40, 1)


def squared(sheet):
    for place in range(6, 180, 22):
        cv2.line(sheet, (place, 0), (place + 2, sheet.shape[0]), 40, 1)
        cv2.line(sheet, (0, place), (sheet.shape[1], place - 4), 40, 1)


def lined(sheet):
    for place in range(5, 80, 12):
        cv2.line(sheet, (0, place), (sheet.shape[1], place + 3), 40, 1)


def combed(sheet):
    cv2.line(sheet, (20, 68), (140, 68), 40, 2)
    for x in (20, 60, 100, 140):
        cv2.line(sheet, (x, 46), (x, 68), 40, 2)


@pytest.mark.parametrize(
    "print_on",
    [ruled, crossing, dotted, boxed, apart, one_box, two_boxes, cut_boxes, squared, lined, combed],
    ids=lambda f: f.__name__,
)
def test_what_is_printed_goes_and_the_digits_stay(print_on):
    plain = number()
    sheet = plain.copy()
    print_on(sheet)
    after = Rules()(Frame(sheet)).pixels
    assert kept(plain, after) > 0.9
    assert dark_elsewhere(plain, after) < 0.003


@pytest.mark.parametrize("x", [20, 60, 97])
def test_a_stroke_across_the_side_of_a_box_stays_whole(x):
    sheet = np.full((76, 170), 255, np.uint8)
    cv2.polylines(sheet, [np.array([(x - 12, 24), (x + 14, 30), (x - 12, 54)])], False, 60, 4, cv2.LINE_AA)
    plain = sheet.copy()
    boxed(sheet)
    after = Rules()(Frame(sheet)).pixels
    assert kept(plain, after) > 0.97
    assert cv2.connectedComponents((after < 128).astype(np.uint8), connectivity=8)[0] == 2


def test_thick_and_soft_sides_of_boxes_go_whole():
    plain = cv2.resize(number(), None, fx=2, fy=2)
    sheet = plain.copy()
    for left in (42, 122, 202):
        cv2.rectangle(sheet, (left, 20), (left + 76, 136), 40, 4, cv2.LINE_AA)
    after = Rules()(Frame(cv2.GaussianBlur(sheet, (0, 0), 1.6))).pixels
    assert kept(plain, after) > 0.9
    assert dark_elsewhere(plain, after) < 0.003


def test_a_number_alone_is_left_as_it_is():
    plain = number()
    np.testing.assert_array_equal(Rules()(Frame(plain)).pixels, plain)


def test_joined_digits_with_flat_feet_are_no_rule():
    sheet = np.full((76, 200), 255, np.uint8)
    for left in (20, 55, 90, 125):
        cv2.polylines(
            sheet, [np.array([(left, 22), (left + 25, 30), (left, 56), (left + 36, 57)])], False, 60, 5, cv2.LINE_AA
        )
    assert kept(sheet, Rules()(Frame(sheet)).pixels) == 1


def test_bars_at_two_heights_are_no_ruled_paper():
    sheet = np.full((76, 200), 255, np.uint8)
    for left in range(12, 180, 28):
        cv2.rectangle(sheet, (left, 20), (left + 28, 56), 60, 3)
    assert kept(sheet, 255 - 255 * without_grid((sheet < 128).astype(np.uint8))[0]) == 1


def test_ones_are_no_teeth():
    sheet = np.full((76, 200), 255, np.uint8)
    cv2.line(sheet, (0, 66), (200, 66), 60, 2)
    for x in (40, 70, 130):
        cv2.line(sheet, (x + 8, 20), (x, 60), 60, 4, cv2.LINE_AA)
    plain = sheet[:62].copy()
    assert kept(plain, Rules()(Frame(sheet)).pixels[:62]) > 0.95


def test_the_height_of_digits_is_told_with_and_without_rules():
    mask = (number() < 128).astype(np.uint8)
    assert digit_height(mask) == pytest.approx(SIZE, abs=3)
    sheet = number()
    crossing(sheet)
    assert digit_height((sheet < 128).astype(np.uint8), ruled=True) == pytest.approx(SIZE, abs=12)


@pytest.mark.parametrize(("rows", "crooked"), [((0, 1, 2, 3, 4), 0), ((0, 1, 2, 3, 4), 6), ((0, 4), 0), ((0, 4), 6)])
def test_a_table_says_nothing_about_the_height_of_digits(rows, crooked):
    mask = np.zeros((400, 460), np.uint8)
    mask[:76, :170] = number() < 128
    for row in rows:
        cv2.line(mask, (40, 140 + 50 * row), (420, 140 + crooked + 50 * row), 1, 2)
    for column in range(5):
        cv2.line(mask, (40 + 95 * column, 140), (40 + 95 * column - crooked // 2, 340 + crooked), 1, 2)
    assert digit_height(mask, ruled=True) == pytest.approx(SIZE, abs=3)


def test_boxes_on_whose_lines_the_digits_hang_say_how_high_they_are():
    mask = np.zeros((120, 300), np.uint8)
    for left in range(20, 260, 60):
        cv2.rectangle(mask, (left, 20), (left + 60, 90), 1, 1)
        cv2.line(mask, (left + 30, 20), (left + 28, 90), 1, 5)
    assert digit_height(mask, ruled=True) == pytest.approx(71, abs=3)


def test_two_thin_eights_that_touch_are_no_table():
    eights = np.zeros((60, 80), np.uint8)
    for x in (20, 58):
        for y in (16, 44):
            cv2.ellipse(eights, (x, y), (19, 14), 0, 0, 360, 1, 1)
    assert digit_height(eights, ruled=True) == pytest.approx(57, abs=2)


def test_the_frame_that_was_given_is_left_as_it_is():
    sheet = number()
    boxed(sheet)
    before = sheet.copy()
    Rules()(Frame(sheet))
    np.testing.assert_array_equal(sheet, before)


def test_the_pen_is_asked_once_where_nothing_is_rubbed_out():
    frame = Rules()(Frame(number()))
    np.testing.assert_array_equal(frame.pixels, number())
    asked = Pen()(frame)
    assert asked is frame.known.made
    fresh = Pen()(Frame(number()))
    np.testing.assert_array_equal(asked.pixels, fresh.pixels)
    assert (asked.edge, asked.noise, asked.known) == (fresh.edge, fresh.noise, None)
    assert Pen(noise=0.6)(frame) is not asked  # another question
    assert not Pen()(frame._replace(pixels=np.full_like(number(), 255))).pixels.any()  # other pixels


def test_rules_go_from_perfect_paper_as_well():
    """A page that software whitened is no drawing: its boxes once stayed, and were read as 1s."""
    before = number()
    after = before.copy()
    ruled(after)
    frame = Rules()(Frame(after, even=True))
    assert kept(before, frame.pixels) > 0.95
    assert dark_elsewhere(before, frame.pixels) < 0.01


def test_a_margin_that_a_letter_touches_does_not_make_dots_of_digits():
    sheet = number((100, 140, 180, 220, 260, 300), 340, 300)
    cv2.line(sheet, (40, 0), (44, 299), 120, 3)
    cv2.ellipse(sheet, (52, 38), (10, 18), 0, 0, 360, 60, 4)
    digits = sheet[:, 80:]
    assert kept(digits, Rules()(Frame(sheet)).pixels[:, 80:]) > 0.98


def test_one_stroke_from_border_to_border_is_as_high_as_it_is():
    lone = np.zeros((60, 80), np.uint8)
    lone[:, 40:46] = 1
    lone[5:10, 5:10] = 1
    assert digit_height(lone) == 60


def test_four_dots_are_no_dotted_line_and_five_are():
    for count in (4, 5):
        sheet = number()
        dots = np.full_like(sheet, 255)
        for x in range(20, 20 + 8 * count, 8):
            for y in (8, 66):
                cv2.circle(dots, (x, y), 2, 40, -1)
        after = Rules()(Frame(np.minimum(sheet, dots))).pixels
        assert kept(dots, after) == (count == 4)


def test_a_digit_on_a_dotted_line_is_no_dot_however_high_digits_seem_to_be():
    """A frame may seem to be one: then a digit is as low beside it as dots are beside a digit."""
    sheet = np.zeros((300, 400), np.uint8)
    for x in range(10, 390, 8):
        cv2.circle(sheet, (x, 60), 1, 1, -1)
    sheet[40:75, 200:222] = 0
    cv2.ellipse(sheet, (211, 60), (8, 12), 0, 0, 360, 1, 3)
    rubbed = sheet.copy()
    Rules()._rub_dots(rubbed, 160.0)
    assert rubbed[40:75, 200:222].sum() == sheet[40:75, 200:222].sum()
    assert not rubbed[:, :190].any()
