"""A plate shows its pictures at whole pixels, and its words in both languages."""

import io

import numpy as np
import pytest
from PIL import Image

from calame.drawing.plate import MARGIN, PAPER, Plate, Scale, Tile, sheet_png
from calame.locale import LANGUAGES, catalogue


def tiles(count, caption="", side=6):
    random = np.random.default_rng(0)
    return tuple(Tile(random.integers(0, 200, (side, side, 3), np.uint8), caption) for _ in range(count))


def opened(content):
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


@pytest.mark.parametrize("caption", ["", "3\ndistance 1,2"])
def test_every_picture_is_there_enlarged_pixel_by_pixel(caption):
    plate = Plate("p", "Title", "A sentence.", tiles(5, caption), columns=3, zoom=7)
    page = opened(plate.png())
    first = plate.tiles[0].colours.repeat(7, 0).repeat(7, 1)
    rows = [row for row in range(len(page)) if (page[row, MARGIN : MARGIN + 42] == first[0]).all()]
    assert len(rows) >= 7
    np.testing.assert_array_equal(page[rows[0] : rows[0] + 42, MARGIN : MARGIN + 42], first)
    assert (page[0] == PAPER).all()


def test_a_long_sentence_makes_the_plate_higher_not_wider():
    short, long = (Plate("p", "Title", "word " * n, tiles(2), columns=2, zoom=4) for n in (3, 90))
    assert opened(long.png()).shape[1] == opened(short.png()).shape[1]
    assert opened(long.png()).shape[0] > opened(short.png()).shape[0]


def test_the_scale_is_drawn_with_its_colours():
    plain = Plate("p", "T", "S", tiles(1), 1, 4)
    scaled = Plate("p", "T", "S", tiles(1), 1, 4, Scale("viridis", "0", "4"))
    page = opened(scaled.png())
    assert len(page) > len(opened(plain.png()))
    bar = page[len(opened(plain.png())) - MARGIN + 24, MARGIN : MARGIN + 260]
    assert bar[0].tolist() == [71, 1, 85]
    assert bar[-1][0] > 240


def test_a_sheet_has_gaps_that_show_nothing():
    plate = Plate("p", "T", "S", tiles(5), columns=3, zoom=4)
    sheet = plate.sheet()
    assert sheet.shape == (13, 20, 4)
    assert (sheet[:, 6, 3] == 0).all()
    np.testing.assert_array_equal(sheet[7:, 7:13, :3], plate.tiles[4].colours)
    for content in (sheet, (sheet // 128) * 128):  # in many colours, and in so few that a palette holds them
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(sheet_png(content))).convert("RGBA")), content)


def test_a_notebook_shows_it():
    plate = Plate("p", "T", "S", tiles(1), 1, 4)
    assert plate._repr_png_() == plate.png()


def test_the_font_has_every_letter_that_the_words_need():
    from calame.drawing.plate import _font

    missing = _font("Regular", 20).getmask("\uffff")
    for language in LANGUAGES:
        words = {letter for key, said in catalogue(language).items() if key.startswith("explain.") for letter in said}
        for letter in words - set(" \u00a0\u202f"):
            for weight in ("Regular", "Medium"):
                assert bytes(_font(weight, 20).getmask(letter)) != bytes(missing), letter
