"""The middle of a photo, its place, its text; and a fingerprint that resizing keeps."""

import numpy as np
import pytest

import smallnet
from calame.errors import BadRecipe
from calame.imaging.middle import Middle, fingerprint, scaled_map


@pytest.mark.parametrize("shape", [(600, 800, 3), (300, 100), (1, 1, 3), (2, 50_000, 3), (9_000, 5), (224, 224, 3)])
def test_it_is_square_and_in_colour(shape):
    assert Middle()(np.full(shape, 7, np.uint8)).shape == (224, 224, 3)


def test_it_is_the_middle():
    picture = np.zeros((100, 300, 3), np.uint8)
    picture[:, 100:200] = 255
    assert Middle(50, 40)(picture).min() > 250
    assert Middle(50, 40).box(300, 100) == (110, 10, 190, 90)


def test_its_text_comes_back():
    assert Middle.parse(str(Middle(240, 192))) == Middle(240, 192)
    for text in ("grey | ink", "shorter(0) | middle(0)", "shorter(100) | middle(224)", ""):
        with pytest.raises(BadRecipe, match="shorter"):
            Middle.parse(text)


def test_a_fingerprint_outlives_resizing_and_tells_photos_apart():
    photo, other = smallnet.photo(1, 600, 800), smallnet.photo(2, 600, 800)
    apart = [(fingerprint(photo) ^ fingerprint(one)).bit_count() for one in (photo[::2, ::2], other, photo[..., 0])]
    assert apart[0] <= 4
    assert apart[1] > 12


def test_a_map_is_enlarged():
    assert scaled_map(np.ones((7, 7), np.float32), 14) == pytest.approx(np.ones((14, 14)))
