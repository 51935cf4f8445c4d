"""Patterns mean what Python's mean, and none is slow."""

import itertools
import re

import pytest

from calame.reader.pattern import KEPT, compiled, matches

PATTERNS = [
    "", "12", r"\d", r"\d{3}", r"\d{2,}", r"1?2*3+", "1|23", "(1|12)(3|23)", r"(12){2}3?", "[0-4]{2}", "[^0]*", ".1.",
    "^12$", "(?:1|2){1,3}", "(1*)*2", r"((1?){2}2?){3}", r"\.?1", "[0-13]+", "(|1)2", "1{0}2", "1{0,2}3",
]  # fmt: skip
TEXTS = ["".join(digits) for size in range(5) for digits in itertools.product("0123", repeat=size)]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_same_language_as_pythons(pattern):
    python = re.compile(pattern)
    assert [text for text in TEXTS if matches(text, pattern)] == [text for text in TEXTS if python.fullmatch(text)]


@pytest.mark.parametrize("pattern", [r"(\d+)+x", r"(\d|\d\d|.)*x", r"(((\d*)*)*)*x", r"\d*" * 60 + "x", r"(1{9}){9}"])
def test_a_hostile_pattern_is_answered_at_once(pattern):
    assert not matches("1" * 60, pattern)


@pytest.mark.parametrize(
    "pattern",
    ["(", ")", "1)", "(1", "[", "[]", "[3-1]", r"[\d]", "*", "1**", "1{", "1{x}", "1{3,2}", "1{99}", r"\w", r"1\1",
     "\\", "(?=1)", "1{²}", "1^2", "(" * 9 + ")" * 9, "1" * 201],
)  # fmt: skip
def test_what_is_not_in_the_language_is_refused(pattern):
    with pytest.raises(ValueError, match=r"\d"):
        matches("1", pattern)


def test_of_the_patterns_of_all_callers_only_the_last_are_kept():
    for number in range(KEPT + 2):
        compiled(f"{number}")
    assert compiled.cache_info().currsize == KEPT
