"""Ink comes out at 255 on 0 however faint it was; paper without ink is refused; strokes are measured and widened."""

import cv2
import numpy as np
import pytest

from calame.imaging.frame import Frame
from calame.imaging.ink import Contrast, Ink, Stroke, hysteresis, stroke_width


def page(ink, noise=0.0, pen=8):
    sheet = np.full((200, 200), 250, np.float32)
    cv2.line(sheet, (60, 30), (140, 170), float(ink), pen, cv2.LINE_AA)
    sheet += np.random.default_rng(0).normal(0, noise, sheet.shape) if noise else 0
    return np.clip(sheet, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("ink", [0, 120, 210])
def test_faint_and_black_ink_come_out_alike(ink):
    frame = Ink()(Frame(page(ink, noise=2)))
    assert frame.rejected is None
    assert frame.pixels[100, 100] > 240
    assert frame.pixels[:, :30].max() == 0
    assert frame.contrast == pytest.approx((250 - ink) / 255, abs=0.04)


def test_specks_fainter_than_ink_go_and_what_fades_along_a_stroke_stays():
    sheet = page(40)
    sheet[20:24, 170:174] = 190  # alone
    sheet[100:104, 100:130] = 160  # joined to the stroke
    pixels = Ink()(Frame(sheet)).pixels
    assert pixels[22, 172] == 0
    assert pixels[102, 120] > 80


@pytest.mark.parametrize(("sheet", "reason"), [
    (np.full((50, 60), 255, np.uint8), "blank"),
    (np.full((50, 60), 0, np.uint8), "blank"),
    (np.random.default_rng(1).normal(200, 6, (90, 90)).astype(np.uint8), "no_ink"),
    (np.random.default_rng(1).integers(0, 256, (90, 90)).astype(np.uint8), "no_ink"),
    (np.full((1, 1), 9, np.uint8), "blank"),
])  # fmt: skip
def test_paper_without_ink_is_refused(sheet, reason):
    frame = Ink()(Frame(sheet))
    assert frame.rejected == reason
    assert frame.pixels.max() == 0


def test_the_edge_is_as_wide_as_the_blur():
    crisp, soft = (Ink()(Frame(cv2.GaussianBlur(page(20, pen=24), (0, 0), sigma))).edge for sigma in (0.5, 4))
    assert crisp < 2.5
    assert 7 < soft < 14  # of a blurred step the steepest slope is 1 / (sigma * sqrt(2 pi)): 10 pixels


def test_hysteresis_keeps_the_faint_only_where_it_touches_the_strong():
    row = np.array([[150, 20, 150, 230, 150, 150]], np.uint8)
    np.testing.assert_array_equal(hysteresis(row, 160, 100), [[255, 255, 255, 0, 0, 0]])


@pytest.mark.parametrize(("pen", "blur"), [(1, 0), (3, 0), (9, 0), (21, 0), (9, 1.5), (21, 3)])
def test_stroke_width_is_the_pen_when_the_blur_is_narrower(pen, blur):
    ink = np.zeros((240, 120), np.float32)
    ink[20:220, 60 - pen // 2 : 60 - pen // 2 + pen] = 255
    ink = cv2.GaussianBlur(ink, (0, 0), blur) if blur else ink
    assert stroke_width(ink.astype(np.uint8)) == pytest.approx(pen, rel=0.12, abs=0.1)


def test_a_thin_stroke_is_widened_to_the_least_and_a_wide_one_left():
    ink = np.zeros((200, 60), np.uint8)
    ink[:, 28:31] = 255  # 0.3 of a pixel where the digit has 20
    wider = Stroke(least=1.5)(Frame(ink)).pixels
    assert stroke_width(wider) == pytest.approx(15, abs=2)
    assert Stroke(least=0.2)(Frame(ink)).pixels is ink


def test_a_fat_stroke_is_narrowed_to_the_most_and_its_thin_parts_stay():
    ink = np.zeros((200, 200), np.uint8)
    cv2.ellipse(ink, (100, 100), (60, 60), 0, 0, 360, 255, 60)  # 6 pixels where the digit has 20
    assert stroke_width(Stroke(most=4)(Frame(ink)).pixels) == pytest.approx(40, abs=3)
    assert Stroke(most=7)(Frame(ink)).pixels is ink
    cv2.ellipse(ink, (100, 100), (85, 85), 0, 0, 40, 0, 40)  # thinner there
    narrow = Stroke(most=4)(Frame(ink)).pixels
    assert stroke_width(narrow) < stroke_width(ink)
    assert cv2.connectedComponents(255 - narrow)[0] == 3  # still a ring: its hole and what is around it


def test_contrast_brings_grey_ink_to_full_and_no_further_than_told():
    grey = np.full((5, 5), 51, np.uint8)
    assert Contrast()(Frame(grey)).pixels.max() == 255
    assert Contrast(most=2.0)(Frame(grey)).pixels.max() == 102
    assert Contrast()(Frame(grey * 0)).pixels.max() == 0
