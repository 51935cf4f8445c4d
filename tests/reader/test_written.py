"""Lines of one number: which are its own, and which lower one may be a digit of it."""

from types import SimpleNamespace

import numpy as np
import pytest

from calame.reader import written
from calame.reader.cutting import Part
from calame.reader.written import Stretch, Written, left_over, of_one_number, separators
from calame.types import Box

FOUR = Box(199, 18, 253, 63)


def line(text, sure, box):
    stretch = Stretch(np.zeros((8, 8), np.uint8), np.eye(2, 3), box, float(box.height), 1.0)
    read = SimpleNamespace()
    return Written(stretch, read, read, [(text, sure)], ())


@pytest.mark.parametrize(
    ("low", "beside"),
    [
        (("0", 0.99, Box(233, 64, 259, 84)), True),  # a small 0 below the 4 of 40
        (("0", 0.5, Box(233, 64, 259, 84)), False),
        (("0", 0.99, Box(233, 90, 259, 110)), False),
        (("0", 0.99, Box(300, 64, 326, 84)), False),
    ],
)
def test_a_low_line_that_is_surely_digits_and_close_may_be_a_part_of_the_number(low, beside):
    lines = [line("4", 0.99, FOUR), line(*low)]
    (kept,) = of_one_number(lines)
    assert (kept.text, kept.beside) == ("4", beside)
    assert left_over(lines, [kept]) == 0


def test_a_low_line_beside_a_number_on_two_lines_is_no_digit_of_it(monkeypatch):
    monkeypatch.setattr(written, "is_number", lambda one: one.height > 30)
    two = [line("4", 0.99, FOUR), line("5", 0.99, Box(199, 90, 253, 135))]
    assert of_one_number([*two, line("0", 0.99, Box(233, 64, 259, 84))]) == two


def told(text, *gaps):
    """What is told between digits of 30 by 45 pixels, with these gaps, in a text with marks."""
    parts, left, room = [], 0, iter(gaps)
    for letter in text:
        if letter.isdigit():
            parts.append(Part(letter, 0.9, Box(left, 0, left + 30, 45)))
            left += 30 + next(room, 0)
        else:
            parts.append(Part(letter, 0.9, Box(left - 5, 40, left - 2, 50)))
    return [(one.mark, one.after) for one in separators(parts, [line(text, 0.9, Box(0, 0, left, 45))])]


def test_marks_that_no_number_has_are_not_told():
    assert told("619,08", 9, 9, 9, 9) == [(",", 3)]
    assert told("6.1.90-8", 9, 9, 9, 9) == []
    assert told("6.1908", 9, 9, 60, 9) == [(" ", 3)], "a space is no mark"


def test_a_space_is_wider_than_the_others():
    assert told("61908", 9, 9, 60, 9) == [(" ", 3)]
    assert told("61908", 56, 60, 56, 52) == [], "in boxes"
