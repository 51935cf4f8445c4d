"""A stroke across the edge of light says that it is no sheet's; across a table's grain it says nothing."""

import cv2
import numpy as np
import pytest

from calame.imaging.crossing import is_crossed


def lit(row, tone=60, grain=0.0, lean=0.0, ink=0.3):
    """Paper of which the middle is lit, and a stroke that starts on it and ends at a row; the light is what is 255."""
    light = np.zeros((180, 240), np.uint8)
    turn = cv2.getRotationMatrix2D((120, 80), lean, 1)
    corners = np.array([(50, 40), (190, 40), (190, 120), (50, 120)], np.float32) @ turn[:, :2].T + turn[:, 2]
    cv2.fillPoly(light, [corners.astype(np.int32)], 255)
    tones = np.where(light > 0, 220.0, tone)
    tones = cv2.GaussianBlur(tones, (0, 0), 1.0)
    stroke = np.zeros((180, 240), np.uint8)
    cv2.line(stroke, (120, 70), (130, row), 255, 5, cv2.LINE_AA)
    tones *= 1 - (1 - ink) * stroke / 255
    noise = np.random.default_rng(2).normal(0, grain, tones.shape) * (light == 0)
    return (tones + noise).clip(0, 255).astype(np.uint8), light


@pytest.mark.parametrize("tone", [40, 60, 120])
@pytest.mark.parametrize("lean", [0, 7, -20])
def test_a_stroke_that_goes_on_beyond_the_light_crosses_its_edge(tone, lean):
    assert is_crossed(*lit(160, tone, lean=lean))


@pytest.mark.parametrize("lean", [0, 7, -20])
def test_a_stroke_within_a_sheet_does_not_nor_do_its_corners(lean):
    assert not is_crossed(*lit(100, lean=lean))


def test_what_is_no_darker_than_the_grain_of_a_table_is_no_stroke():
    assert not is_crossed(*lit(160, grain=15.0))


def test_a_stroke_on_the_table_that_ends_at_the_sheet_does_not_cross_its_edge():
    picture, light = lit(100)
    cv2.line(picture, (120, 130), (120, 170), 10, 5)
    assert not is_crossed(picture, light)


def test_a_sheet_that_goes_on_beyond_the_picture_has_no_edge_there():
    picture = np.full((60, 240), 220, np.uint8)
    cv2.line(picture, (120, 0), (120, 59), 40, 5)
    assert not is_crossed(picture, np.full((60, 240), 255, np.uint8))
