"""The sample pictures: complete, small, honest to their labels, read right, and made by the recipe beside them."""

import csv
import importlib
from pathlib import Path

import cv2
import numpy as np
import pytest

import calame

ROOT = Path(__file__).parent.parent
FOLDER = Path(calame.__file__).parent / "samples"
SHEET = ROOT / "docs" / "images" / "samples.png"
with (FOLDER / "labels.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
NAMES = [row["path"] for row in ROWS]


@pytest.fixture
def recipe(monkeypatch):
    """The recipe's module; it finds its neighbour as it does when run as a script."""
    monkeypatch.syspath_prepend(str(ROOT / "recipes"))
    return importlib.import_module("samples")


def decoded(path: Path) -> np.ndarray:
    picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None, f"{path} does not decode"
    return picture


def test_the_labels_name_every_picture_once():
    assert sorted(NAMES) == sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".jpg", ".png"})
    assert all(row["what"] for row in ROWS)


def test_every_digit_is_there():
    assert {row["digit"] for row in ROWS} == set("0123456789")


def test_they_are_light():
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 300_000
    assert SHEET.stat().st_size < 300_000


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_decodes_at_the_size_of_a_sample(name):
    height, width, _ = decoded(FOLDER / name).shape
    assert 320 <= min(height, width) <= max(height, width) <= 480


@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_the_shipped_model_reads_it(row):
    reading = calame.DigitReader().read(FOLDER / row["path"])
    assert reading.digit == int(row["digit"]), f"rejected: {reading.rejected}, {reading.top(3)}"


def test_the_recipe_lists_what_is_shipped(recipe):
    listed = [(scene.name, scene.digit, scene.what) for scene in recipe.SCENES]
    assert listed == [(row["path"], row["digit"], row["what"]) for row in ROWS]


@pytest.mark.parametrize("name", ["pencil-five.jpg", "fax-two.png"])
def test_the_recipe_makes_the_picture_again(recipe, name, tmp_path):
    (scene,) = (scene for scene in recipe.SCENES if scene.name == name)
    recipe.save(tmp_path / name, recipe.render(scene))
    again, shipped = (decoded(folder / name).astype(float) for folder in (tmp_path, FOLDER))
    assert again.shape == shipped.shape
    assert np.abs(again - shipped).mean() < 2  # of 255: another OpenCV may round and compress a little differently


def test_the_contact_sheet_shows_them_all(recipe):
    sheet = cv2.imdecode(np.fromfile(SHEET, np.uint8), cv2.IMREAD_UNCHANGED)
    (width, height), gap = recipe.TILE, recipe.GUTTER
    rows = -(-len(ROWS) // recipe.COLUMNS)
    assert sheet.shape == (rows * (height + gap) - gap, recipe.COLUMNS * (width + gap) - gap, 4)
    assert (sheet[..., 3] == 255).sum() == len(ROWS) * width * height
