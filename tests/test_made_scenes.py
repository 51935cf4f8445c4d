"""Made photos of numbers amid more: of a phone's size, the number whole in each, the same again from the same seed."""

import importlib
from pathlib import Path

import numpy as np
import pytest

from calame.data.hands import Hands, _european

RECIPES = Path(__file__).parent.parent / "recipes"
SCENES = (
    *("note", "shadow", "pencil", "squares", "notebook", "envelope", "tag", "boxes", "label", "next line", "far"),
    "printed page",
)


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    return importlib.import_module("made_scenes")


@pytest.fixture(scope="module")
def hands():
    known = [_european(np.random.default_rng(number)) for number in range(3)]
    return Hands({"mnist": known, "unipen": known})


def test_these_are_the_scenes(recipe):
    assert tuple(recipe.SCENES) == SCENES
    assert tuple(recipe.NOTHING) == (*SCENES, "table")


@pytest.mark.parametrize("scene", SCENES)
def test_a_scene_has_its_number_whole_in_the_picture(recipe, hands, scene):
    photo = recipe.made(hands, scene, 2)
    height, width = photo.ink.shape
    assert photo.pixels.dtype == np.uint8
    assert photo.pixels.shape == (height, width, 3)
    assert 700 <= min(height, width) <= max(height, width) <= 1600
    assert photo.text.isdecimal()
    assert 1 <= len(photo.text) <= 10
    inked = photo.ink > 0.5
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    assert 0 < rows[0] < rows[-1] < height - 1
    assert 0 < columns[0] < columns[-1] < width - 1
    around = np.zeros_like(inked)
    around[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
    grey = photo.pixels.mean(axis=2)
    assert grey[inked].mean() < grey[around & ~inked].mean() - 12  # there is ink where ink is said to be


def test_digits_are_small_from_far_away(recipe, hands):
    photo = recipe.made(hands, "far", 3)
    rows = np.flatnonzero((photo.ink > 0.5).any(axis=1))
    assert 0.015 < (rows[-1] - rows[0]) / len(photo.ink) < 0.07  # a line of them, which may rise


def test_the_same_seed_makes_the_same_photo(recipe, hands):
    one, again, other = (recipe.made(hands, "tag", number) for number in (4, 4, 5))
    assert (one.jpeg, one.text) == (again.jpeg, again.text)
    assert other.jpeg != one.jpeg


@pytest.mark.parametrize("scene", ["pencil", "next line", "boxes", "table"])
def test_nothing_is_written_where_a_scene_is_bare(recipe, hands, scene):
    photo = recipe.made(hands, scene, 1, bare=True)
    assert (photo.text, float(photo.ink.max())) == ("", 0.0)
    assert min(photo.pixels.shape[:2]) >= 700
