"""Print beside handwriting is lower and more even; what is as high, or uneven, is not taken for it."""

from dataclasses import replace

import pytest

from calame.reader.printed import doubting_print, is_even
from made_readings import placed

HAND = placed("471", 60, uneven=9)


@pytest.mark.parametrize(
    ("reading", "even"),
    [(placed("2018", 60), True), (placed("2018", 60, uneven=1), True), (placed("2018", 60, uneven=9), False),
     (placed("2018", 20, uneven=1), True), (placed("47", 60, uneven=9), True)],
)  # fmt: skip
def test_print_is_even_and_two_digits_say_nothing(reading, even):
    assert is_even(reading) == even


def test_a_stroke_between_printed_digits_that_is_read_as_a_1_makes_them_no_less_even():
    line = placed("201812019", 60)
    longer = tuple(
        one._replace(box=one.box._replace(bottom=one.box.bottom + 12)) if one.digit == 1 else one for one in line.digits
    )
    assert is_even(replace(line, digits=longer))
    assert not is_even(placed("111", 60, uneven=9))


def test_a_line_that_slopes_is_even():
    sloped = placed("2018", 60)
    digits = tuple(
        digit._replace(box=digit.box._replace(top=digit.box.top + 6 * place, bottom=digit.box.bottom + 6 * place))
        for place, digit in enumerate(sloped.digits)
    )
    assert is_even(replace(sloped, digits=digits))


@pytest.mark.parametrize(
    ("reading", "doubt"),
    [
        (placed("69003", 25), "print"),
        (placed("69003", 35), "print"),
        (placed("69003", 35, uneven=6), None),
        (placed("69003", 25, uneven=6), "print"),
        (placed("69003", 50), None),
        (placed("69", 35), None),
        (placed("69", 25), "print"),
        (placed("69003", 25, doubt="ones"), "ones"),
        (placed("69003", 25, confidence=0.4), None),
    ],
)
def test_print_beside_writing_is_in_doubt(reading, doubt):
    hand, other = doubting_print([HAND, reading])
    assert (hand.doubt, other.doubt) == (None, doubt)


@pytest.mark.parametrize("sure", [0.4, 0.95])
def test_a_page_on_which_nothing_is_surely_written_by_hand_has_no_such_doubt(sure):
    found = [placed("2018", 60), placed("471", 60, uneven=9, confidence=0.4), placed("69003", 25, confidence=sure)]
    assert doubting_print(found) == found
