"""Batches are the plan's, all different, and the same for the same seed, epoch and place."""

import numpy as np
import pytest

pytestmark = pytest.mark.train

IMAGES = np.random.default_rng(0).integers(0, 256, (100, 28, 28)).astype(np.uint8)
LABELS = np.arange(100) % 10


def make(**changes):
    from calame.training.batches import Batches
    from calame.training.plan import Plan

    return Batches(IMAGES, LABELS, Plan("course", **{"epochs": 4, "batch": 32} | changes))


def test_an_epoch_shows_every_picture_once_but_for_the_rest():
    batches = make()
    assert len(batches) == 3
    pixels, targets = zip(*(batches[index] for index in range(3)), strict=True)
    assert pixels[0].shape == (32, 28, 28, 1)
    assert pixels[0].dtype == targets[0].dtype == np.float32
    shown = np.concatenate(pixels)[..., 0] * 255
    places = [int(np.abs(IMAGES - picture).sum((1, 2)).argmin()) for picture in shown]
    assert len(set(places)) == 96
    np.testing.assert_array_equal(np.concatenate(targets).argmax(1), LABELS[places])


def test_order_changes_by_epoch_and_not_by_asking_twice():
    batches = make()
    first = batches[0][1]
    np.testing.assert_array_equal(first, batches[0][1])
    batches.epoch = 1
    assert (first != batches[0][1]).any()
    batches.epoch = 0
    np.testing.assert_array_equal(first, batches[0][1])


def test_smoothing_spreads_over_all_ten():
    _, targets = make(smoothing=0.1)[0]
    np.testing.assert_allclose(targets.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(np.sort(targets[0])[[0, -1]], [0.01, 0.91], rtol=1e-5)


def test_calm_epochs_are_varied_by_half():
    from calame.data.augment import Augmentation

    amounts = Augmentation(rotation=0, scale=0, shear=0, shift=4, elastic=0)
    batches = make(augmentation=amounts, calm=0.5)
    assert batches._variation(1) == amounts
    assert batches._variation(2).shift == 2
