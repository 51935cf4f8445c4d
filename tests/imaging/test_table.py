"""The step table: a sheet on a dark table is cut out, and nothing else is."""

import cv2
import numpy as np
import pytest

from calame import CodeReader, DigitReader
from calame.imaging.frame import Frame
from calame.imaging.table import Table


def slip(width=240, height=90):
    """A sheet with 407 on it."""
    sheet = np.full((height, width), 225, np.uint8)
    for x, text in ((40, "4"), (100, "0"), (160, "7")):
        cv2.putText(sheet, text, (x, 68), cv2.FONT_HERSHEY_SIMPLEX, 2, 50, 4, cv2.LINE_AA)
    return sheet


def on_table(sheet, tone=25, margin=80, turn=0.0):
    height, width = sheet.shape
    size = width + 2 * margin, height + 2 * margin
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1)
    matrix[:, 2] += margin
    laid = cv2.warpAffine(sheet, matrix, size, borderMode=cv2.BORDER_CONSTANT, borderValue=tone)
    grain = np.random.default_rng(3).normal(0, 3, laid.shape)
    return np.clip(laid + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("turn", [0, 6, -11])
@pytest.mark.parametrize("tone", [5, 40, 90, 125])
def test_a_sheet_is_cut_out_of_the_table_around_it(tone, turn):
    cut = Table()(Frame(on_table(slip(), tone, turn=turn)))
    assert float((cut.pixels < 130).mean()) < 0.2  # ink, and no table
    if not turn:
        assert (cut.left, cut.top) == (pytest.approx(80, abs=8), pytest.approx(80, abs=8))
        assert cut.pixels.shape == (pytest.approx(90, abs=12), pytest.approx(240, abs=12))


@pytest.mark.parametrize("deep", [0.3, 0.5])
def test_a_slip_half_in_shadow_is_cut_out_whole(deep):
    laid = on_table(slip(), 50)
    laid[:, 190:] = (laid[:, 190:] * (1 - deep)).astype(np.uint8)
    cut = Table()(Frame(laid))
    assert cut.pixels.shape == (pytest.approx(90, abs=12), pytest.approx(240, abs=12))


def test_two_slips_are_both_kept():
    both = np.vstack([on_table(slip()), on_table(slip())])
    cut = Table()(Frame(both))
    assert cut.pixels.shape[0] > 300
    assert float((cut.pixels < 130).mean()) < 0.2


def plain():
    return slip()


def half_in_shadow():
    sheet = slip()
    sheet[:, :110] = (sheet[:, :110] * 0.4).astype(np.uint8)
    return sheet


def ring_on_a_board():
    board = np.full((200, 200), 20, np.uint8)
    cv2.circle(board, (100, 100), 50, 230, 26, cv2.LINE_AA)
    return board


def bar_on_a_board():
    board = np.full((200, 200), 20, np.uint8)
    cv2.line(board, (105, 40), (95, 160), 230, 26, cv2.LINE_AA)
    return board


def chalk():
    return 245 - slip()


def under_a_lamp():
    """Paper with 407 on it, of which a lamp lights the left half alone."""
    sheet = cv2.copyMakeBorder(slip(), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=225).astype(np.float32)
    light = np.zeros_like(sheet)
    cv2.fillPoly(light, [np.array([(30, 20), (175, 20), (190, 190), (30, 190)], np.int32)], 1)
    return (sheet * (0.2 + 0.8 * cv2.GaussianBlur(light, (0, 0), 1.5))).astype(np.uint8)


def black():
    return np.zeros((80, 80), np.uint8)


@pytest.mark.parametrize(
    "picture",
    [plain, half_in_shadow, under_a_lamp, ring_on_a_board, bar_on_a_board, chalk, black],
    ids=lambda f: f.__name__,
)
def test_what_is_no_sheet_on_a_table_is_left_as_it_is(picture):
    frame = Frame(picture())
    assert Table()(frame) is frame


def test_a_number_on_a_slip_on_a_black_table_is_read_where_it_is():
    alone, laid = slip(), on_table(slip())
    expected, got = (CodeReader().read(picture) for picture in (alone, laid))
    assert got.text == expected.text
    assert got.digits[0].box.left == pytest.approx(expected.digits[0].box.left + 80, abs=6)


def test_a_digit_on_a_note_on_a_black_table_is_read():
    note = np.full((160, 160), 225, np.uint8)
    cv2.polylines(note, [np.array([(50, 40), (105, 40), (75, 125)])], False, 50, 8, cv2.LINE_AA)
    assert DigitReader().read(on_table(note, 10, 150)).digit == 7


def test_a_light_spot_is_no_sheet():
    rows, columns = np.mgrid[-1:1:120j, -1:1:160j]
    lamp = (np.clip(1.3 - np.hypot(rows, columns), 0.1, 1) * 230).astype(np.uint8)
    cv2.putText(lamp, "7", (65, 80), cv2.FONT_HERSHEY_SIMPLEX, 2, 30, 4, cv2.LINE_AA)
    frame = Frame(lamp)
    assert Table()(frame) is frame
