"""What passes between the layers is printed short."""

import numpy as np
import pytest

from calame.types import Box, CodeReading, DigitReading, Picture, Quality, Separator, Trace, TraceStep


def test_a_repr_leaves_the_pixels_out():
    pixels = np.zeros((28, 28), np.uint8)
    step = TraceStep("grey", 1.23, pixels)
    assert repr(step) == "TraceStep(name='grey', milliseconds=1.2)"
    reading = DigitReading(7, 0.99, prepared=pixels, trace=Trace((step,)), name="a.png")
    for value in (Picture(pixels, "a.png"), reading):
        assert "a.png" in repr(value)
        assert "array" not in repr(value)
        assert "\n" not in repr(value)


def test_no_more_and_no_fewer_digits_are_named_than_asked_for():
    reading = DigitReading(7, 0.99)
    assert [len(reading.top(count)) for count in (3, 99, 0, -1)] == [3, 10, 0, 0]


def test_advice_names_what_is_wanting_the_worst_first():
    assert Quality(1.0, "excellent", 1, 1, 1, 1).advice == ()
    assert Quality(0.3, "poor", contrast=0.5, size=0.1, aspect=1, sharpness=0.9).advice == ("closer", "light")


@pytest.mark.parametrize(
    ("between", "written"),
    [((), ""), ([(",", 3)], "619,08"), ([("-", 0), (",", 5)], ""), ([("-", 0), (",", 3), ("=", 5)], "619,08"),
     ([(" ", 1), ("\n", 3)], "6 19 08"), ([("/", 2), ("/", 4)], "61/90/8")],
)  # fmt: skip
def test_a_number_is_told_as_it_is_written(between, written):
    marks = tuple(Separator(mark, after) for mark, after in between)
    assert CodeReading(None, 0.4, guess="61908", rejected="unsure", separators=marks).written == written


@pytest.mark.parametrize(
    ("other", "apart"),
    [
        (Box(40, 10, 50, 20), (10, -10)),
        (Box(0, 35, 8, 40), (2, 15)),
        (Box(12, 12, 14, 14), (-2, -2)),
        (Box(30, 0, 31, 10), (0, 0)),
    ],
)
def test_boxes_are_so_far_apart_or_overlap(other, apart):
    box = Box(10, 10, 30, 20)
    assert box.apart(other) == other.apart(box) == apart
