"""Marks between digits: ink of their own, in a mark's place, where the line network sees one; and no others."""

import cv2
import numpy as np
import pytest

from calame.imaging.level import level
from calame.reader.cutting import CuttingReader
from calame.reader.line import LineReading
from calame.reader.marks import marks_of, plausible

COMMA, POINT, DASH, SLASH = [(86, 47), (84, 58)], [(85, 49), (86, 50)], [(79, 32), (91, 32)], [(89, 10), (82, 54)]
ABOVE, BELOW, SPECK = [(85, 3), (86, 4)], [(65, 60), (66, 61)], [(84, 32), (87, 32)]


def read(*strokes, mark=1.0):
    """Four 0s with room in the middle, strokes there, and how sure the line network is of a mark from the second on."""
    ink = np.zeros((66, 178), np.uint8)
    for left in (16, 48, 104, 136):
        cv2.ellipse(ink, (left + 12, 32), (11, 20), 0, 0, 360, 255, 5, cv2.LINE_AA)
    for stroke in strokes:
        cv2.polylines(ink, [np.array(stroke)], False, 255, 4, cv2.LINE_AA)
    levelled = level(ink)
    assert levelled is not None
    count = levelled.pixels.shape[1] // 2
    line = LineReading((), np.zeros((count, 11)), np.full(count, np.log(0.001)), levelled)
    line.marks[line.columns_of(levelled.back(0, 1)._replace(left=55, right=92))] = np.log(mark)
    answers = np.full((1, 10), 1e-4, np.float32)
    answers[0, 0] = 1 - 9e-4
    return CuttingReader(lambda images: np.repeat(answers, len(images), axis=0)).read(ink), line


@pytest.mark.parametrize(("stroke", "mark"), [(COMMA, ","), (POINT, "."), (DASH, "-"), (SLASH, "/")])
def test_a_mark_is_told_where_both_its_ink_and_the_line_network_say_so(stroke, mark):
    ((after, part),) = marks_of(*read(stroke), "0000")
    assert (after, part.letter) == (2, mark)
    assert part.box.left <= np.min(stroke, axis=0)[0] < np.max(stroke, axis=0)[0] <= part.box.right
    assert marks_of(*read(stroke, mark=0.2), "0000") == []


def test_ink_in_no_marks_place_is_none():
    assert marks_of(*read(), "0000") == []
    assert marks_of(*read(ABOVE), "0000") == [], "print above the digits"
    assert marks_of(*read(BELOW), "0000") == [], "below a digit: before or behind it, who knows"
    assert marks_of(*read(SPECK), "0000") == [], "too short for a dash"
    assert marks_of(*read(COMMA), "00000000") == [], "no cuts give this text"


@pytest.mark.parametrize(
    ("written", "numbers_have_them"),
    [
        ("61908", True), ("619,08", True), ("619.8", True), ("1.234", True), ("1.234,56", True), ("1.234.567", True),
        ("12.05.1998", True), ("12-34567", True), ("12/05/98", True), ("123,456,789", True),
        ("16.0062", False), ("1.-389.5-9", False), ("1,2,3", False), ("12,34,56", False), ("1.2345,67", False),
        ("1.234.56", False), ("1-234,56", False), ("1,234,56", False), ("9.....633", False), ("12,05/98", False),
    ],
)  # fmt: skip
def test_only_marks_that_numbers_have_are_told(written, numbers_have_them):
    marks, count = [], 0
    for letter in written:
        if letter.isdigit():
            count += 1
        else:
            marks.append((count, letter))
    assert plausible(marks, count) is numbers_have_them
