"""A sheet found by its edge, where its tone does not tell it from the table; and what is no such sheet."""

import cv2
import numpy as np
import pytest

from calame import DigitReader
from calame.imaging.edges import found_by_edge
from calame.imaging.frame import Frame
from calame.imaging.table import Table

SHEET = [(70, 40), (190, 52), (182, 122), (62, 110)]
CUT = [(-9, 90), (150, 80), (158, 200), (-9, 200)]  # goes on beyond the picture


def wood(tone):
    """A table with a grain, (180, 240)."""
    grain = np.random.default_rng(3).normal(0, 0.5, (180, 12))
    along = cv2.resize(np.cumsum(grain, axis=0), (240, 180), interpolation=cv2.INTER_LINEAR)
    return np.clip(tone + 9 * np.sin(along), 0, 255).astype(np.uint8)


def written(table, corners, left=90, bottom=95, ink=60):
    """The table with a sheet on it, and 47 on the sheet."""
    seen = cv2.fillPoly(table.copy(), [np.array(corners)], 215, cv2.LINE_AA)
    cv2.putText(seen, "47", (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 1.2, ink, 3, cv2.LINE_AA)
    return cv2.GaussianBlur(seen, (0, 0), 0.7)


def shaded(picture, depth=0.5):
    """A soft shadow from top to bottom."""
    shade = 1 - depth * np.exp(-(((np.arange(240) - 110) / 30.0) ** 4))
    return (picture * shade).astype(np.uint8)


@pytest.mark.parametrize("corners", [SHEET, CUT], ids=["whole", "cut off"])
@pytest.mark.parametrize("tone", [70, 130, 165])
def test_a_sheet_is_found_on_wood_as_light_as_a_shadow(tone, corners):
    left, bottom = (90, 95) if corners is SHEET else (30, 150)
    sheet = found_by_edge(written(wood(tone), corners, left, bottom))
    assert sheet is not None
    true = cv2.fillPoly(np.zeros((180, 240), np.uint8), [np.array(corners)], 255)
    assert np.count_nonzero((sheet > 0) & (true == 0)) == 0
    assert np.count_nonzero(sheet) > 0.9 * np.count_nonzero(true)


def test_the_table_between_two_sheets_that_make_one_is_no_sheet():
    seen = written(np.full((180, 240), 30, np.uint8), SHEET)
    cv2.fillPoly(seen, [np.array([(78, 5), (178, 15), (174, 60), (76, 50)])], 205, cv2.LINE_AA)
    sheet = found_by_edge(seen)
    assert sheet is not None
    assert float(seen[sheet > 0].min()) > 45  # ink alone


def test_a_shadow_on_sheet_and_table_makes_no_edge():
    assert found_by_edge(shaded(written(wood(130), SHEET))) is not None


def test_the_table_becomes_paper_and_the_digits_keep_their_place():
    cut = Table()(Frame(written(wood(130), SHEET)))
    assert (cut.left, cut.top) == (pytest.approx(62, abs=5), pytest.approx(40, abs=5))
    assert float((cut.pixels < 150).mean()) < 0.2


def lamp_and_shade():
    """One sheet, half in the light: a stroke of the number reaches into the shade."""
    seen = np.full((180, 240), 120, np.uint8)
    seen[:, 100:] = 215
    cv2.putText(seen, "477", (88, 110), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 40, 3, cv2.LINE_AA)
    return seen


def soft_shadow():
    """One sheet, half in a shadow without a hard edge, and the number in the light."""
    shade = 1 - 0.5 / (1 + np.exp((np.arange(240) - 90) / 5))
    return (written(np.full((180, 240), 215, np.uint8), CUT, 130, 110) * shade).astype(np.uint8)


def label_beside_the_number():
    """A light label with print on it, and the number on the darker paper below."""
    seen = written(np.full((180, 240), 140, np.uint8), SHEET)
    cv2.putText(seen, "80356", (60, 165), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 40, 3, cv2.LINE_AA)
    return seen


def chalk_in_light_and_shade():
    return written(np.full((180, 240), 120, np.uint8), CUT, 30, 150, ink=250)


def blank_sheet():
    return cv2.fillPoly(wood(130), [np.array(SHEET)], 215, cv2.LINE_AA)


def darker_sheet():
    return 255 - written(wood(130), SHEET, ink=250)


def thumbnail():
    return cv2.resize(written(wood(130), SHEET), (108, 81), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize(
    "picture",
    [
        lamp_and_shade,
        soft_shadow,
        label_beside_the_number,
        chalk_in_light_and_shade,
        blank_sheet,
        darker_sheet,
        thumbnail,
    ],
    ids=lambda f: f.__name__,
)
def test_what_is_no_written_sheet_on_a_darker_table_is_not_found(picture):
    assert found_by_edge(picture()) is None


def test_a_digit_on_a_small_note_on_wood_is_read():
    seen = cv2.resize(wood(130), (960, 720), interpolation=cv2.INTER_LINEAR)
    cv2.fillPoly(seen, [np.array([(400, 300), (600, 316), (586, 500), (386, 486)])], 215, cv2.LINE_AA)
    cv2.polylines(seen, [np.array([(450, 360), (540, 360), (490, 460)])], False, 60, 5, cv2.LINE_AA)
    assert DigitReader().read(seen).digit == 7
