import numpy as np
import pytest

from calame.imaging.level import Level
from calame.reader.line import LineReading
from calame.reader.names import may_belong, number_in
from calame.types import Box

WORD, DASH, DIGIT, BAR = (18, 6, 26), (14, 14, 4), (12, 4, 28), (4, 4, 26)  # columns wide, first row, rows high
SMALL = 16, 18, 10
MARK = 10


def reading(*pieces):
    """A line 200 wide: (left, shape, class or None) each; a piece's class is said at its middle."""
    pixels, columns, marks = np.zeros((32, 200), np.uint8), np.full((100, 11), -9.0), np.full(100, -9.0)
    for left, (wide, top, high), said in pieces:
        pixels[top : top + high, left : left + wide] = 255
        at = (left + wide // 2) // 2
        if said == MARK:
            marks[at] = -0.1
        elif said is not None:
            columns[at, said] = -0.1
    return LineReading(columns=columns, marks=marks, level=Level(pixels, np.array([[1.0, 0, 0], [0, 1, 0]])))


NAME = (10, WORD, MARK), (30, WORD, None)
NUMBER = (70, DIGIT, 4), (90, DIGIT, 2)
UNIT = (120, WORD, None), (142, WORD, MARK)


@pytest.mark.parametrize(
    ("pieces", "columns"),
    [
        ((*NAME, *NUMBER), (59, 200)),
        ((*NUMBER, *UNIT), (0, 111)),
        ((*NAME, *NUMBER, *UNIT), (59, 111)),
    ],
    ids=["before", "behind", "both"],
)
def test_print_is_taken_off_at_the_widest_gap(pieces, columns):
    box = number_in(reading(*pieces))
    assert (box.left, box.right) == columns


@pytest.mark.parametrize(
    ("pieces", "columns"),
    [
        (((10, SMALL, MARK), (30, SMALL, None), (60, BAR, None), *NUMBER), (53, 200)),
        (((10, SMALL, MARK), (30, SMALL, None), (54, DIGIT, None), *NUMBER), (50, 200)),
        ((*NUMBER, (108, BAR, None), (122, SMALL, None), (142, SMALL, MARK)), (0, 117)),
        ((*NUMBER, (108, DIGIT, None), (124, BAR, MARK), (131, SMALL, None), (152, SMALL, MARK)), (0, 129)),
        ((*NAME, (64, BAR, MARK), *NUMBER), (56, 200)),
    ],
    ids=["1-before", "digit-before", "1-behind", "two-behind", "1-as-high-as-the-name"],
)
def test_digits_that_the_network_took_for_print_stay_with_the_number(pieces, columns):
    box = number_in(reading(*pieces))
    assert (box.left, box.right) == columns


@pytest.mark.parametrize(
    "pieces",
    [
        NUMBER,
        NAME,
        ((50, DASH, MARK), *NUMBER, (110, DASH, MARK)),
        (NUMBER[0], (90, WORD, MARK), (115, DIGIT, 2)),
        ((50, (20, 6, 26), MARK), *NUMBER),
        ((34, BAR, MARK), (50, BAR, None), *NUMBER),
    ],
    ids=["alone", "no-number", "dashes", "between", "touching", "strokes"],
)
def test_what_a_hand_wrote_stays(pieces):
    assert number_in(reading(*pieces)) is None


def test_nothing_is_in_an_empty_line():
    assert number_in(LineReading()) is None


@pytest.mark.parametrize(
    ("pieces", "belongs"),
    [
        (((48, DIGIT, MARK), *NUMBER), True),
        ((*NUMBER, (108, DIGIT, MARK)), True),
        (((30, DIGIT, MARK), *NUMBER), False),
        (((10, WORD, MARK), (30, WORD, None), (50, WORD, None), *NUMBER), False),
        (((48, SMALL, MARK), *NUMBER), False),
        (NUMBER, False),
    ],
    ids=["before", "behind", "far", "word", "low", "alone"],
)
def test_a_sign_close_to_the_number_and_as_high_may_belong_to_it(pieces, belongs):
    ink = reading(*pieces).level.pixels
    assert may_belong(ink, Box(64, 0, 105, 32)) is belongs


def test_a_line_whose_ink_is_too_faint_once_it_is_levelled_has_nothing_beside_it():
    read = reading(*NUMBER)
    read.level.pixels[:] //= 4
    assert number_in(read) is None
