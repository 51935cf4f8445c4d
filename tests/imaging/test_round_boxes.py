"""Boxes with round corners go as the sharp ones do, whole or cut by the picture's border, and the digits stay."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw
from test_rules import dark_elsewhere, kept, number

from calame.imaging.frame import Frame
from calame.imaging.rules import Rules


def rounded(sheet, box, radius, thick):
    """The same with a box of straight sides and quarter circles."""
    image = Image.fromarray(sheet)
    ImageDraw.Draw(image).rounded_rectangle(box, radius, outline=40, width=thick)
    return np.array(image)


@pytest.mark.parametrize("radius", [6, 10, 20, 26])
@pytest.mark.parametrize("left", [0, 60], ids=["whole", "cut by the picture's border"])
def test_a_box_with_round_corners_goes(radius, left):
    plain = number((70, 110, 150), width=320)
    sheet = rounded(plain, (20, 10, 300, 68), radius, 2)
    plain, sheet = plain[:, left:], sheet[:, left:]
    after = Rules()(Frame(sheet)).pixels
    assert kept(plain, after) > 0.97
    assert dark_elsewhere(plain, after) < 0.003


@pytest.mark.parametrize("apart", [0, 8])
def test_round_boxes_around_each_digit_go_the_empty_one_too(apart):
    plain = number((40, 80 + apart, 120 + 2 * apart), width=230)
    sheet = plain.copy()
    for place in range(4):
        left = 21 + place * (40 + apart)
        sheet = rounded(sheet, (left, 12, left + 38, 66), 8, 1)
    frame = Rules()(Frame(sheet))
    assert kept(plain, frame.pixels) > 0.97
    assert dark_elsewhere(plain, frame.pixels) < 0.003
    assert len(frame.walls) == 8


def test_a_digit_that_crosses_a_round_box_stays_whole():
    plain = np.full((76, 170), 255, np.uint8)
    cv2.polylines(plain, [np.array([(60, 24), (82, 24), (70, 74)])], False, 60, 4, cv2.LINE_AA)
    sheet = rounded(plain, (20, 14, 140, 62), 10, 2)
    after = Rules()(Frame(sheet)).pixels
    assert kept(plain, after) > 0.97
    assert cv2.connectedComponents((after < 128).astype(np.uint8), connectivity=8)[0] == 2


def test_a_0_with_specks_in_it_is_no_box():
    plain = number()
    for y in (30, 38, 46):
        cv2.circle(plain, (40, y), 2, 60, -1)
    np.testing.assert_array_equal(Rules()(Frame(plain)).pixels, plain)


def test_a_box_of_all_the_picture_is_no_error():
    sheet = np.full((60, 200), 40, np.uint8)
    sheet[2:-2, 2:-2] = 250
    cv2.line(sheet, (60, 15), (60, 45), 40, 4)
    assert Rules()(Frame(sheet)).pixels.shape == sheet.shape
