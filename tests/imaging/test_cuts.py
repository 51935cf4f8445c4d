"""Cuts: pieces from left to right, joined digits cut where they join, slant measured and undone."""

import itertools

import cv2
import numpy as np
import pytest

from calame.imaging.cuts import HEIGHT, SIDESTEP, _cheapest, cut, sheared, slant, strip_of


def rings(*middles, axes=(12, 20), slanted=0.0):
    """0s with their middles at the given columns, 40 pixels high."""
    sheet = np.zeros((60, max(middles) + 40), np.uint8)
    for x in middles:
        cv2.ellipse(sheet, (x, 30), axes, 0, 0, 360, 255, 4, cv2.LINE_AA)
    return sheared(sheet, slanted) if slanted else sheet


def test_pieces_come_from_left_to_right_at_one_height():
    small = np.zeros((90, 220), np.uint8)
    for x, size in ((40, 20), (100, 22), (160, 19)):
        cv2.ellipse(small, (x, 45), (12, size), 0, 0, 360, 255, 5, cv2.LINE_AA)
    strip = strip_of(small)
    assert len(strip.boxes) == 3
    assert (np.diff(strip.boxes[:, 0]) > 0).all()
    assert np.median(strip.boxes[:, 3] - strip.boxes[:, 1]) == pytest.approx(HEIGHT, abs=3)


def test_the_box_of_a_piece_is_where_it_was():
    strip = strip_of(rings(40, 90, slanted=0.3))
    ink = rings(40, 90, slanted=0.3)
    columns = np.flatnonzero(ink.max(axis=0) > 128)
    box = strip.back(0, 2)
    assert box.left == pytest.approx(columns[0], abs=3)
    assert box.right == pytest.approx(columns[-1] + 1, abs=3)
    assert strip.back(0, 1).right < strip.back(1, 2).right


def test_a_part_shows_its_own_pieces_and_no_other():
    strip = strip_of(rings(40, 70, 110))
    alone, two = strip.part(0, 1), strip.part(0, 2)
    assert alone.sum() / 255 == pytest.approx(strip.mass[0])
    assert two.sum() / 255 == pytest.approx(strip.mass[:2].sum())
    assert two.shape[1] > alone.shape[1]


@pytest.mark.parametrize("seed", range(3))
def test_a_seam_crosses_the_least_ink_that_any_path_does(seed):
    dark = np.random.default_rng(seed).random((1, 6, 5), np.float32)
    cost, steps = _cheapest(dark)
    walks = (np.cumsum((start, *walk)) for start in range(5) for walk in itertools.product((-1, 0, 1), repeat=5))
    least = np.full(5, np.inf)
    for path in walks:
        if path.min() >= 0 and path.max() < 5:
            crossed = dark[0, range(6), path].sum() + SIDESTEP * np.count_nonzero(np.diff(path))
            least[path[-1]] = min(least[path[-1]], crossed)
    np.testing.assert_allclose(cost[0, -1], least, rtol=1e-5)
    assert set(np.unique(steps)) <= {-1, 0, 1}


def test_no_ink_is_no_strip_and_specks_are_no_pieces():
    assert strip_of(np.zeros((40, 80), np.uint8)) is None
    sheet = rings(40)
    sheet[5, 5] = 255
    assert len(strip_of(sheet).boxes) == 1


@pytest.mark.parametrize("lean", [-0.3, 0.0, 0.2, 0.5])
def test_the_slant_is_told(lean):
    sheet = np.zeros((60, 200), np.uint8)
    for x in (40, 80, 120, 160):
        cv2.line(sheet, (x, 8), (x, 52), 255, 5, cv2.LINE_AA)
    assert slant(sheared(sheet, lean) if lean else sheet) == pytest.approx(lean, abs=0.12)


@pytest.mark.parametrize("apart", [20, 24, 26])
def test_joined_digits_are_cut_where_they_join(apart):
    strip = strip_of(rings(40, 40 + apart))
    assert len(strip.boxes) == 1
    pieces = cut(strip, [0])
    assert len(pieces.boxes) >= 2
    middle = (strip.boxes[0, 0] + strip.boxes[0, 2]) / 2
    assert np.abs(pieces.boxes[:, 2] - middle).min() < 5
    assert set(pieces.whole.tolist()) == {0}
    assert pieces.mass.sum() == pytest.approx(strip.mass.sum(), rel=0.02)
    assert pieces.cuts.max() > 0
    np.testing.assert_array_equal(pieces.cuts, pieces.cuts.T)


def test_only_what_is_asked_for_is_cut():
    strip = strip_of(rings(40, 64, 120))
    pieces = cut(strip, [0])
    assert (pieces.whole == 1).sum() == 1
    assert (pieces.whole == 0).sum() > 1
