"""Our PNG files are what another decoder reads in them."""

import io

import numpy as np
import pytest
from PIL import Image

from calame.drawing.png import png, sprite, uri


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("shape", [(1, 1), (28, 28), (3, 200), (40, 30, 3)])
def test_a_picture_survives(shape):
    picture = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    np.testing.assert_array_equal(np.asarray(opened(png(picture))), picture)


def test_a_view_of_a_picture_survives():
    picture = np.arange(200, dtype=np.uint8).reshape(10, 20)[::2, ::-1]
    np.testing.assert_array_equal(np.asarray(opened(png(picture))), picture)


def test_a_sprite_has_one_scale_and_gaps_that_show_nothing():
    maps = np.arange(4 * 5 * 10, dtype=np.float32).reshape(4, 5, 10) - 50
    drawn = sprite(maps)
    assert (drawn.columns, drawn.low, drawn.high) == (8, -149, 149)
    page = opened(drawn.png)
    assert page.size == (8 * 6 - 1, 2 * 5 - 1)
    levels, colours = np.asarray(page), np.asarray(page.convert("RGBA"))
    assert (levels[0, 0], levels[8, 6 + 4]) == (84, 254)  # the first pixel of the first map, the last of the tenth
    assert (colours[:, 5, 3] == 0).all()
    assert colours[0, 0, 2] > colours[0, 0, 0]  # blue: below 0
    assert colours[8, 10].tolist() == [112, 40, 4, 255]  # the darkest orange: the most


def test_a_sprite_of_what_is_never_negative_goes_from_violet_to_yellow():
    drawn = sprite(np.arange(4 * 5 * 2, dtype=np.float32).reshape(4, 5, 2))
    colours = np.asarray(opened(drawn.png).convert("RGB"))
    assert (drawn.low, drawn.high) == (0, 39)
    assert colours[0, 0].tolist() == [71, 1, 85]
    assert colours[3, 10, 0] > 240 > 150 > colours[3, 10, 2]


@pytest.mark.parametrize("shape", [(96,), (1, 1, 96)])
def test_values_without_place_are_one_row(shape):
    drawn = sprite(np.ones(shape, np.float32))
    assert opened(drawn.png).size == (96, 1)
    assert (drawn.low, drawn.high) == (0, 1)


def test_a_uri_is_for_an_img():
    assert uri(b"abc") == "data:image/png;base64,YWJj"
