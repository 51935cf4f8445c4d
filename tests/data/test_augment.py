"""Augmentation varies what it should, by as much as it should, and nothing else."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from calame.data.augment import Augmentation, erase, vary_blur, vary_grey, vary_stroke, warp

STILL = Augmentation(rotation=0, scale=0, shear=0, shift=0, elastic=0)


@pytest.fixture
def images():
    picture = np.zeros((28, 28), np.uint8)
    cv2.line(picture, (8, 6), (18, 21), 255, 3)
    cv2.circle(picture, (14, 14), 4, 180, 1)
    return np.repeat(picture[None], 200, 0)


def rng():
    return np.random.default_rng(7)


def centres(images):
    weights = images.astype(float) / images.sum((1, 2), keepdims=True)
    return np.stack([(weights * grid).sum((1, 2)) for grid in np.mgrid[:28, :28]], 1)


def test_nothing_asked_is_nothing_done(images):
    np.testing.assert_array_equal(STILL(images, rng()), images)


def test_same_generator_same_pictures(images):
    full = Augmentation(stroke=0.5, blur=0.5, noise=20, contrast=0.3, erase=0.5)
    np.testing.assert_array_equal(full(images, rng()), full(images, rng()))
    assert (full(images, rng()) != full(images, np.random.default_rng(8))).any()


def test_shift_moves_by_at_most_its_amount_and_uses_all_of_it(images):
    moved = centres(warp(images, replace(STILL, shift=3.0), rng())) - centres(images)
    assert np.abs(moved).max() <= 3.05
    assert np.abs(moved).max() > 2.5
    assert np.abs(moved.mean(0)).max() < 0.5


def test_rotation_agrees_with_opencv():
    """Oracle: `cv2.warpAffine` about the centre; the only angle of a distribution of width zero is searched for."""
    picture = np.zeros((1, 28, 28), np.uint8)
    cv2.line(picture[0], (13, 4), (13, 14), 255, 3)
    turned = warp(picture, replace(STILL, rotation=30.0), rng())[0].astype(int)
    fits = []
    for angle in np.arange(-30, 30.01, 0.25):
        matrix = cv2.getRotationMatrix2D((13.5, 13.5), angle, 1)
        fits.append(np.abs(cv2.warpAffine(picture[0], matrix, (28, 28)).astype(int) - turned).mean())
    assert min(fits) < 0.6
    assert max(fits) > 5


def test_elastic_moves_by_its_standard_deviation():
    ramp = np.tile(np.arange(28, dtype=np.uint8) * 9, (300, 28, 1))
    bent = warp(ramp, replace(STILL, elastic=1.0, grid=5), rng())[:, 8:20, 8:20].astype(float)
    assert (bent - ramp[:, 8:20, 8:20]).std() / 9 == pytest.approx(0.75, abs=0.25)  # cubics average the nodes


def test_neighbours_in_the_stack_do_not_mix():
    images = np.zeros((3, 28, 28), np.uint8)
    images[1] = 255
    for varied in (vary_stroke(images, 1.0, rng()), vary_blur(images, 1.0, rng()), warp(images, STILL, rng())):
        assert not varied[[0, 2]].any()


def test_stroke_thickens_some_and_thins_others(images):
    ink = vary_stroke(images, 1.0, rng()).sum((1, 2)) / images[0].sum()
    assert ink.min() < 0.9
    assert ink.max() > 1.3
    assert (vary_stroke(images, 0.0, rng()) == images).all()


def test_erase_takes_a_square_from_its_share(images):
    full = np.full((400, 28, 28), 200, np.uint8)
    lost = (erase(full, 0.5, rng(), side=6) == 0).sum((1, 2))
    assert 0.4 < (lost > 0).mean() < 0.6
    assert lost.max() <= 49


def test_grey_levels_stay_in_range_and_vary(images):
    varied = vary_grey(images, 0.4, 30, rng())
    assert varied.dtype == np.uint8
    peaks = varied.reshape(200, -1).max(1)
    assert peaks.min() < 220
    assert varied[:, 0, 0].std() > 2
