"""The step pen: ink apart from a printed pattern, and nothing on blank paper."""

import cv2
import numpy as np
import pytest

from calame.data import prints
from calame.imaging.frame import Frame
from calame.imaging.pen import Pen


def written(pattern, seed=0):
    """A 7 of darkness 180 on white paper with a pattern of a given darkness; the picture and where the ink is."""
    sheet = np.full((60, 120), 255, np.float32)
    sheet -= pattern * prints.pattern(60, 120, 36, np.random.default_rng(seed))
    ink = np.zeros((60, 120), np.uint8)
    cv2.polylines(ink, [np.array([(40, 12), (70, 12), (52, 48)])], False, 255, 5, cv2.LINE_AA)
    return np.minimum(sheet, 255 - 0.7 * ink).astype(np.uint8), ink > 128


@pytest.mark.parametrize("pattern", [0, 40, 60])
@pytest.mark.parametrize("seed", range(4))
def test_the_pen_is_kept_and_the_pattern_is_not(pattern, seed):
    picture, ink = written(pattern, seed)
    found = Pen()(Frame(picture)).pixels
    assert (found[ink] > 128).mean() > 0.9
    far = cv2.dilate(ink.astype(np.uint8), np.ones((9, 9))) == 0
    assert (found[far] > 128).mean() < 0.02


def test_blank_paper_is_blank_and_faint_dirt_no_ink():
    assert Pen()(Frame(np.full((40, 80), 200, np.uint8))).rejected == "blank"
    grain = np.random.default_rng(0).normal(220, 9, (40, 80)).clip(0, 255).astype(np.uint8)
    assert Pen()(Frame(grain)).rejected == "no_ink"


def test_the_frame_that_was_given_is_left_as_it_is():
    picture, _ = written(40)
    before = picture.copy()
    Pen()(Frame(picture))
    np.testing.assert_array_equal(picture, before)


def beside(paler, *, pattern=0.0, seed=3):
    """White paper with a black word, and a paler 7 beside it; where the 7 is."""
    sheet = np.full((60, 200), 255.0, np.float32)
    sheet -= pattern * prints.pattern(60, 200, 36, np.random.default_rng(seed))
    word, ink = np.zeros((2, 60, 200), np.uint8)
    cv2.putText(word, "Total", (4, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.1, 255, 3, cv2.LINE_AA)
    cv2.polylines(ink, [np.array([(130, 12), (160, 12), (142, 48)])], False, 255, 5, cv2.LINE_AA)
    return (sheet - 0.92 * np.minimum(word, sheet) - paler * ink).clip(0, 255).astype(np.uint8), ink > 128


@pytest.mark.parametrize("paler", [0.25, 0.35, 0.45, 0.55])
def test_a_pencil_beside_black_print_is_as_much_ink_as_by_itself(paler):
    picture, ink = beside(paler)
    found = Pen()(Frame(picture)).pixels
    alone = Pen()(Frame(picture[:, 110:])).pixels
    assert (found[ink] > 128).mean() > 0.95
    assert np.abs(found[:, 110:].astype(int) - alone).mean() < 3


@pytest.mark.parametrize("pattern", [40, 80])
@pytest.mark.parametrize("seed", [3, 6, 9])
def test_what_is_left_beside_print_on_a_patterned_cheque_is_its_pattern_and_no_ink(pattern, seed):
    picture, _ = beside(0.0, pattern=pattern, seed=seed)
    assert (Pen()(Frame(picture)).pixels[:, 110:] > 128).mean() < 0.02


def test_pale_boxes_beside_a_dark_number_are_no_ink():
    picture, ink = beside(0.9)
    for left in (105, 136, 167):
        cv2.rectangle(picture, (left, 4), (left + 28, 56), 150, 2)
    picture[ink] = 20
    assert not (Pen()(Frame(picture)).pixels[:, 164:] > 128).any()
