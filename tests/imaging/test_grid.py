"""The lines of ruled and squared paper, seen straight on and aslant, and what is none."""

import tracemalloc

import cv2
import numpy as np
import pytest

from calame.imaging.grid import without_grid

HIGH, WIDE = 360, 480


def squared(corners, *, level=True, upright=True, every=40):
    """Lines of 2 pixels on paper of which the camera sees this at its corners."""
    mask = np.zeros((HIGH, WIDE), np.uint8)
    square = np.array([[0, 0], [WIDE, 0], [WIDE, HIGH], [0, HIGH]], np.float32)
    seen = cv2.getPerspectiveTransform(square, np.array(corners, np.float32))
    for at in range(20, 480, every):
        ends = [[(0, at), (WIDE, at)]] * (level and at < HIGH) + [[(at, 0), (at, HIGH)]] * upright
        for line in ends:
            points = cv2.perspectiveTransform(np.array([line], np.float32), seen)[0].astype(int).tolist()
            cv2.line(mask, points[0], points[1], 1, 2)
    return mask


def number():
    mask = np.zeros((HIGH, WIDE), np.uint8)
    cv2.putText(mask, "2749", (130, 205), cv2.FONT_HERSHEY_SIMPLEX, 2.2, 1, 6)
    return mask


STRAIGHT = [(0, 0), (WIDE, 0), (WIDE, HIGH), (0, HIGH)]
ASLANT = [(-30, -20), (WIDE + 40, -70), (WIDE + 10, HIGH + 20), (-60, HIGH + 60)]
CUT = [(-30, 60), (WIDE + 40, 20), (WIDE + 30, HIGH - 60), (-40, HIGH - 10)]


@pytest.mark.parametrize("corners", [STRAIGHT, ASLANT, CUT], ids=["straight", "aslant", "cut"])
@pytest.mark.parametrize("upright", [True, False])
def test_a_grid_goes_however_it_is_seen_and_the_number_stays(corners, upright):
    grid, digits = squared(corners, upright=upright), number()
    left, walls = without_grid(cv2.bitwise_or(grid, digits))
    assert bool(walls) == upright
    far = cv2.dilate(digits, np.ones((9, 9))) == 0
    assert left[far].sum() < 0.03 * grid[far].sum()
    assert left[digits > 0].mean() > 0.97


def test_walls_stand_where_the_upright_lines_are():
    _, walls = without_grid(squared(ASLANT))
    there = [wall.row + wall.slope * HIGH / 2 for wall in walls]
    mask = squared(ASLANT, level=False)
    assert all(mask[HIGH // 2, max(0, round(at) - 1) : round(at) + 2].any() for at in there if 0 <= at < WIDE)


def test_two_strokes_across_the_picture_and_a_number_are_no_grid():
    mask = number()
    cv2.line(mask, (0, 90), (WIDE, 40), 1, 3)
    cv2.line(mask, (0, 300), (WIDE, 330), 1, 3)
    left, walls = without_grid(mask)
    assert np.array_equal(left, mask)
    assert not walls


def test_a_page_of_hatching_takes_no_more_memory_than_a_few_pictures():
    mask = np.tile(np.array([[1], [1], [0], [0]], np.uint8), (HIGH // 4, WIDE))
    mask[:, ::20] = 0
    cv2.line(mask, (0, 100), (WIDE, 160), 1, 3)  # without which nothing is looked for
    tracemalloc.start()
    without_grid(mask)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 80 * mask.size  # all slopes at once took 510 bytes a pixel


def test_two_strokes_upright_on_ruled_paper_may_be_1s():
    bars = np.zeros((HIGH, WIDE), np.uint8)
    bars[:, 150:154] = bars[:, 300:304] = 1
    left, walls = without_grid(cv2.bitwise_or(squared(STRAIGHT, upright=False), bars))
    assert not walls
    assert np.array_equal(left, bars)


def test_bands_half_as_thick_as_they_are_apart_are_no_lines():
    bands = np.zeros((HIGH, WIDE), np.uint8)
    for row in range(20, HIGH, 80):
        bands[row : row + 40] = 1
    assert np.array_equal(without_grid(bands)[0], bands)
