"""A page as JPEG: grey stays grey, and writing stays as it was."""

import io

import numpy as np
import pytest
from PIL import Image

from calame.drawing.jpeg import jpeg


@pytest.mark.parametrize(("shape", "mode"), [((40, 60), "L"), ((40, 60, 3), "RGB")])
def test_a_picture_comes_back_as_it_was(shape, mode):
    picture = np.full(shape, 255, np.uint8)
    picture[10:30, 20:24] = 0
    shown = Image.open(io.BytesIO(jpeg(picture)))
    assert (shown.format, shown.mode, shown.size) == ("JPEG", mode, (60, 40))
    assert np.abs(np.asarray(shown).astype(int) - picture).max() < 30
