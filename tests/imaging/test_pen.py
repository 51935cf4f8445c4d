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
