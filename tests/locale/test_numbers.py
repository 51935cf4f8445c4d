"""Numbers in the two languages, against what a careful typist would write."""

import doctest

import pytest

from calame.locale import numbers
from calame.locale.numbers import number, percent


def test_examples_of_the_docstrings_hold():
    assert doctest.testmod(numbers).failed == 0


@pytest.mark.parametrize(
    ("value", "digits", "english", "french"),
    [
        (0, 0, "0", "0"),
        (10000, 0, "10,000", "10\u202f000"),
        (-0.5, 2, "-0.50", "-0,50"),
        (1e6, 1, "1,000,000.0", "1\u202f000\u202f000,0"),
    ],
)
def test_number(value, digits, english, french):
    assert (number(value, digits), number(value, digits, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("share", "digits", "written"),
    [
        (1, 2, "100.00%"),
        (0.99996, 2, "99.99%"),
        (0.5, 0, "50%"),
        (0, 1, "0.0%"),
        (0.9986, 1, "99.9%"),
        (0.29, 0, "29%"),
    ],
)
def test_percent_keeps_100_for_a_whole_share(share, digits, written):
    assert percent(share, digits) == written


def test_percent_in_french_has_a_comma_and_a_narrow_space():
    assert percent(0.9975, language="fr") == "99,75\u202f%"
