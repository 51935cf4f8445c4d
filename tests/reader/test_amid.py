"""One number amid more: which of two readings is the number's, and which is not sure of itself."""

from dataclasses import replace

import pytest

from calame.reader.amid import NOTHING, as_far_as_the_edge, is_alone, number_among
from calame.types import Box
from made_readings import placed, read

STRIP = Box(0, 0, 500, 400)
EDGE = read("1", 0.96, STRIP)


@pytest.mark.parametrize(
    ("reading", "found", "guess"),
    [
        (EDGE, [read("147611", 0.99)], "147611"),
        (EDGE, [read("147611", 0.4)], "1"),
        (EDGE, [], "1"),
        (NOTHING, [read("42", 0.6)], "42"),
        (read("080", 0.98, Box(100, 100, 200, 150)), [read("0803724218", 0.99)], "0803724218"),
        (read("457105", 0.97), [read("4571105", 0.96)], "457105"),
        (read("9642", 0.97), [read("64", 0.99, Box(150, 100, 250, 150))], "9642"),
        (read("9642", 0.3), [read("64", 0.99, Box(150, 100, 250, 150))], "9642"),
        (read("9642", 0.3), [read("64", 0.2, Box(150, 200, 250, 250))], "9642"),
        (read("9642", 0.3), [read("64", 0.6, Box(150, 200, 250, 250))], "9642"),
        (read("662313426", 0.49, Box(0, 85, 435, 277)), [read("33426", 0.96, Box(193, 84, 435, 195))], "662313426"),
        (read("9612", 0.3), [read("9642", 0.95)], "9612"),
        (read("9642", 0.3), [read("65", 0.6, Box(150, 200, 250, 250))], "65"),
        (read("964211", 0.3, STRIP), [read("9642", 0.95)], "964211"),
        (read("969416111", 0.8, STRIP, doubt="lines"), [read("969416", 0.99)], "969416"),
        (read("969416111", 0.8, STRIP, doubt="lines"), [read("969416", 0.99), read("111", 0.7)], "969416111"),
        (read("969416111", 0.8, STRIP), [read("969416", 0.99)], "969416111"),
        (EDGE, [read("1234567", 0.99, failed=("luhn",)), read("5678", 0.9)], "5678"),
        (read("969416", 0.8), [read("1234567", 0.99, failed=("luhn",)), read("5678", 0.9)], "969416"),
        (read("969416", 0.8, failed=("luhn",)), [read("5678", 0.9, STRIP)], "5678"),
        (read("969416", 0.8, failed=("luhn",)), [read("5678", 0.9, failed=("luhn",))], "969416"),
    ],
)
def test_the_page_says_what_the_number_is_where_one_reading_cannot(reading, found, guess):
    assert number_among(found, reading).guess == guess


@pytest.mark.parametrize(("more", "doubt"), [([], None), ([read("88", 0.9)], "several"), ([read("88", 0.4)], None)])
def test_more_numbers_as_sure_make_a_person_look(more, doubt):
    assert number_among([read("147611", 0.99), *more], EDGE).doubt == doubt


WRITTEN = placed("471", 60, uneven=9)


@pytest.mark.parametrize(
    ("more", "guess", "doubt"),
    [
        ([placed("2018", 25, top=10)], "471", None),
        ([placed("2018", 25, uneven=1, top=10), placed("1999", 24, top=300), placed("2", 26, top=400)], "471", None),
        ([placed("2018", 25, uneven=6, top=10)], "471", None),
        ([placed("2018", 38, uneven=9, top=10)], "2018", "several"),
        ([placed("2018", 55, top=10)], "2018", "several"),
        ([placed("2018", 130, top=10)], "2018", "several"),
        ([placed("1111", 200, uneven=9, top=10)], "1111", "several"),
        ([placed("2018", 25, top=10, confidence=0.4)], "471", None),
    ],
)
def test_what_is_lower_and_as_even_as_print_is_not_the_number(more, guess, doubt):
    told = number_among([*more, WRITTEN], NOTHING)
    assert (told.guess, told.doubt) == (guess, doubt)


@pytest.mark.parametrize(("high", "guess"), [(25, "471"), (55, "20252026")])
def test_a_number_that_was_read_and_is_print_beside_what_is_written_is_not_the_number(high, guess):
    printed = placed("20252026", high, top=10)
    assert number_among([printed, WRITTEN], printed).guess == guess


def test_where_what_is_higher_is_as_even_as_print_a_person_must_look():
    told = number_among([placed("2018", 25, top=10), placed("471", 60)], NOTHING)
    assert (told.guess, told.doubt) == ("471", "several")


def test_what_fits_a_check_is_not_left_out_for_what_does_not():
    told = number_among([placed("2018", 25, top=10), replace(WRITTEN, failed=("luhn",))], NOTHING)
    assert told.guess == "2018"


def test_what_is_not_told_needs_no_doubt():
    found = [read(guess, 0.9, failed=("luhn",)) for guess in ("147611", "88")]
    told = number_among(found, EDGE)
    assert (told.guess, told.text, told.doubt) == ("147611", None, None)
    edge = Box(0, 50, 90, 300)
    for reading in (read("1", 0.4, edge), read("1", 0.99, edge, doubt="likely")):
        assert as_far_as_the_edge(reading, (500, 400)) == reading


@pytest.mark.parametrize(
    ("reading", "lines", "alone"),
    [(read("42", 0.9), 1, True), (read("42", 0.9), 2, False), (read("42", 0.4), 1, False), (read("4", 0.9), 1, False),
     (read("42", 0.9, failed=("luhn",)), 1, False)],
)  # fmt: skip
def test_a_reading_is_sure_of_itself(reading, lines, alone):
    assert is_alone(reading, lines) == alone


@pytest.mark.parametrize(
    ("guess", "box", "doubt"),
    [("1", Box(0, 50, 90, 300), "edge"), ("1", Box(30, 50, 499, 300), "edge"), ("1", Box(30, 50, 90, 300), None),
     ("11", Box(0, 50, 90, 300), None)],
)  # fmt: skip
def test_a_lone_digit_at_the_edge_is_in_doubt(guess, box, doubt):
    assert as_far_as_the_edge(read(guess, 0.99, box), (500, 400)).doubt == doubt
