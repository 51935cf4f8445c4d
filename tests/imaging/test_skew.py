"""How crooked a page lies is told to a tenth of a degree, and what shows no lines is left as it is."""

import cv2
import numpy as np
import pytest

from calame.imaging.skew import skew_of, straightened


def page(angle=0.0):
    """Print and a table, crooked by an angle: lines fall to the right where it is above 0; with a dark spot."""
    sheet = np.full((900, 700), 230, np.uint8)
    for row in range(8):
        cv2.putText(sheet, "the whole address", (60, 120 + 40 * row), cv2.FONT_HERSHEY_COMPLEX, 0.8, 40, 1, cv2.LINE_AA)
        cv2.line(sheet, (80, 480 + 45 * row), (620, 480 + 45 * row), 60, 2)
    cv2.circle(sheet, (500, 250), 9, 0, -1)
    turn = cv2.getRotationMatrix2D((350, 450), -angle, 1)
    return cv2.warpAffine(sheet, turn, (700, 900), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


@pytest.mark.parametrize("angle", [-4.0, -1.0, 0.5, 2.5])
def test_the_angle_of_a_page_is_told(angle):
    assert skew_of(page(angle)) == pytest.approx(angle, abs=0.1)
    shaded = page(angle)[..., None] * np.linspace(0.6, 1.0, 700)[None, :, None] * np.ones(3)
    assert skew_of(shaded.astype(np.uint8)) == pytest.approx(angle, abs=0.1)


@pytest.mark.parametrize("pixels", [page(), page(0.1), page(8.0), np.full((300, 300), 200, np.uint8)])
def test_what_lies_straight_or_shows_nothing_stays(pixels):
    same, back = straightened(pixels)
    assert same is pixels
    assert back is None


def test_a_place_on_the_straight_page_is_found_again_on_the_crooked_one():
    crooked = page(3.0)
    straight, back = straightened(crooked)
    spots = [
        np.argwhere(cv2.erode(255 - one, np.ones((9, 9), np.uint8)) > 200).mean(axis=0)[::-1]
        for one in (straight, crooked)
    ]
    assert back @ [*spots[0], 1] == pytest.approx(spots[1], abs=1.5)
    assert skew_of(straight) == 0.0
