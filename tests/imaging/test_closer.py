"""A closer look: where the darkest ink is gathered, and where there is none to look at."""

import cv2
import numpy as np
import pytest

from calame.imaging.closer import closer
from calame.imaging.recipe import DEFAULT, parse
from calame.types import Picture

RECIPE = parse(DEFAULT)


def squared(*places, tone=70, size=40):
    """A photo of squared paper, grainy, with strokes around some places."""
    rng = np.random.default_rng(0)
    pixels = np.full((700, 520), 205, np.uint8)
    for x in range(-200, 520, 26):
        cv2.line(pixels, (x, 0), (x + 60, 700), 178, 1, cv2.LINE_AA)
    for y in range(0, 700, 26):
        cv2.line(pixels, (0, y), (520, y - 40), 178, 1, cv2.LINE_AA)
    for x, y in places:
        cv2.ellipse(pixels, (x, y), (size // 2, size), 0, 0, 360, tone, 4, cv2.LINE_AA)
    return Picture(np.clip(pixels + rng.normal(0, 3, pixels.shape), 0, 255).astype(np.uint8), "squared.png")


def test_the_part_around_the_darkest_ink_is_shown_with_room():
    part = closer(squared((300, 420)), RECIPE)
    assert part.name == "squared.png"
    height, width = part.pixels.shape
    assert (height, width) == (pytest.approx(3 * 84, abs=24), pytest.approx(44 + 2 * 84, abs=24))
    dark = np.argwhere(part.pixels < 120)
    assert dark.mean(axis=0) == pytest.approx([height / 2, width / 2], abs=12)


@pytest.mark.parametrize(
    "picture",
    [
        pytest.param(squared((120, 200), (380, 520)), id="two places"),
        pytest.param(squared((260, 350), size=300), id="nearly all of it"),
        pytest.param(squared(), id="nothing written"),
        pytest.param(
            Picture(cv2.line(np.full((280, 280), 255, np.uint8), (90, 90), (120, 150), 0, 15)), id="a drawing"
        ),
        pytest.param(Picture(np.full((300, 300), 200, np.uint8)), id="blank"),
        pytest.param(Picture(np.array([[9, 200, 9]] * 3, np.uint8)), id="nine pixels"),
    ],
)
def test_there_is_nothing_to_look_at_closer(picture):
    assert closer(picture, RECIPE) is None


def test_what_touches_the_border_is_the_desk():
    picture = squared((300, 420))
    picture.pixels[:, :60] = 60
    part = closer(picture, parse(DEFAULT.replace("table | ", "")))
    assert part.pixels.shape[1] < 300
    assert (part.pixels < 120).mean() < 0.1
