"""Ruling goes, the digit on it stays, and a 1 is no ruled line."""

import cv2
import numpy as np
import pytest

from calame.imaging.frame import Frame
from calame.imaging.lines import Lines


def ruled(fall=0, upright=False, dark=120):
    page = np.full((320, 320), 255, np.uint8)
    for place in range(20, 320, 45):
        cv2.line(page, (0, place), (319, place + fall), dark, 2, cv2.LINE_AA)
        if upright:
            cv2.line(page, (place, 0), (place - fall, 319), dark, 2, cv2.LINE_AA)
    return page


def seven(page, ink=30):
    cv2.polylines(page, [np.array([[110, 90], [210, 90], [150, 240]])], False, ink, 12, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("fall", [0, 9, -16, 40, -60])
@pytest.mark.parametrize("upright", [False, True])
def test_level_slanted_and_squared_ruling_goes(fall, upright):
    clean = Lines()(Frame(ruled(fall, upright))).pixels
    assert np.mean(clean < 215) < 0.02 * np.mean(ruled(fall, upright) < 215)


def test_ruling_that_ends_where_the_paper_does_goes():
    page = np.full((320, 320), 255, np.uint8)
    page[30:290, 40:270] = ruled(upright=True)[30:290, 40:270]
    clean = Lines()(Frame(page)).pixels
    assert np.mean(clean < 215) < 0.05 * np.mean(page < 215)


@pytest.mark.parametrize("lines", [1, 2])
def test_few_crooked_lines_may_be_strokes(lines):
    page = np.full((320, 320), 255, np.uint8)
    for place in range(100, 100 + 90 * lines, 90):
        cv2.line(page, (0, place), (319, place + 48), 60, 4, cv2.LINE_AA)
    np.testing.assert_array_equal(Lines()(Frame(page)).pixels, page)


def test_the_ink_that_crosses_is_kept():
    clean = Lines()(Frame(seven(ruled(upright=True)))).pixels
    alone = seven(np.full((320, 320), 255, np.uint8))
    ink = alone < 128
    assert np.mean(clean[ink] < 128) > 0.95
    away = cv2.dilate(ink.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
    assert np.mean(clean[away] < 200) < 0.005


def test_plain_paper_is_left_as_it_is():
    page = seven(np.full((320, 320), 255, np.uint8))
    np.testing.assert_array_equal(Lines()(Frame(page)).pixels, page)


@pytest.mark.parametrize("top", [0, 30])
def test_a_one_is_no_ruled_line(top):
    page = np.full((320, 200), 255, np.uint8)
    cv2.line(page, (100, top), (104, 319 - top), 20, 4, cv2.LINE_AA)
    assert Lines()(Frame(page)).pixels[160].min() < 60


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (20, 20), (500, 33)])
def test_small_and_narrow_pictures_pass(shape):
    assert Lines()(Frame(np.full(shape, 200, np.uint8))).pixels.shape == shape


@pytest.mark.parametrize("upright", [False, True])
def test_a_stroke_along_a_line_is_kept_where_it_is_darker(upright):
    page = ruled(upright=upright, dark=215)
    alone = np.full((320, 320), 255, np.uint8)
    for sheet in page, alone:  # the bars of a 5 on two lines
        cv2.polylines(sheet, [np.array([[210, 110], [110, 110], [110, 155], [200, 156], [150, 240]])], False, 30, 9)
    clean = Lines()(Frame(page)).pixels
    assert np.mean(clean[alone < 128] < 128) > 0.99
    away = cv2.dilate((alone < 128).astype(np.uint8), np.ones((13, 13), np.uint8)) == 0
    assert clean[away].min() > 225
