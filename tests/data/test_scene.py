"""Paper, light and camera: each thing that may happen to a picture does happen, and nothing else."""

import dataclasses

import cv2
import numpy as np
import pytest

from calame.data import scene
from calame.data.scene import Conditions

NEVER = Conditions(**{field.name: 0.0 for field in dataclasses.fields(Conditions)})


def ink():
    coverage = np.zeros((90, 110), np.float32)
    cv2.circle(coverage, (55, 45), 25, 1.0, 4)
    return coverage


def photo(seed=0, **always):
    return scene.photograph(ink(), np.random.default_rng(seed), dataclasses.replace(NEVER, **always))


def test_ink_is_darker_than_its_paper_all_over():
    picture = photo().astype(float).mean(axis=2)
    assert photo().shape == (90, 110, 3)
    assert photo().dtype == np.uint8
    assert picture[ink() > 0.9].max() < picture[ink() == 0].min()


def test_dark_paper_has_light_ink():
    picture = photo(dark=1.0).astype(float).mean(axis=2)
    assert picture[ink() > 0.9].min() > picture[ink() == 0].max()


@pytest.mark.parametrize("condition", [field.name for field in dataclasses.fields(Conditions)])
def test_every_condition_changes_the_picture(condition):
    apart = [np.abs(photo(seed, **{condition: 1.0}).astype(float) - photo(seed)).mean() for seed in range(5)]
    assert max(apart) > 0.5


def test_the_same_seed_is_the_same_picture():
    first, again = (scene.photograph(ink(), np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_a_shadow_has_an_edge_and_a_lamp_has_none():
    def steepest(**how):
        light = scene.light(200, 200, np.random.default_rng(8), **how)[..., 1]
        return float(np.abs(np.diff(light, axis=1)).max() / light.mean())

    assert steepest(shade=True, shadow=False) < 0.02 < steepest(shade=False, shadow=True)


def test_rulings_go_across_and_leave_most_of_the_paper_free():
    for seed in range(20):
        lines = scene.rulings(120, 150, np.random.default_rng(seed))
        assert 0 <= lines.min() <= lines.max() <= 1
        assert lines.mean() < 0.5


def test_a_table_shows_at_a_side_and_leaves_the_ink_alone():
    sheet = np.full((90, 110, 3), 0.9, np.float32)
    for seed in range(20):
        seen = scene.on_table(sheet, ink(), np.random.default_rng(seed))
        table = (seen != sheet).any(axis=2)
        border = np.concatenate([table[0], table[-1], table[:, 0], table[:, -1]])
        assert border.any()
        assert not table[ink() > 0.3].any()
        assert seen[table].mean() < 0.9
    blank = np.zeros((90, 110), np.float32)
    np.testing.assert_array_equal(scene.on_table(sheet, blank, np.random.default_rng(0)), sheet)


def test_a_sheet_lies_whole_on_the_table():
    sheet = np.full((60, 100, 3), 250, np.uint8)
    laid = scene.laid_on_table(sheet, 0.2, np.random.default_rng(0))
    assert laid.shape[0] >= 60 + 2 * 15
    assert int((laid[..., 1] > 200).sum()) == pytest.approx(6000, rel=0.05)
    assert laid[:, 0].max() < 128
