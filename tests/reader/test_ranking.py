"""Ranking: what fits is put forward, and what only fits after a change is flagged, listed and never accepted."""

import numpy as np
import pytest

from calame.reader.checks import parse_check
from calame.reader.ranking import Candidate, by_position, changes, rank
from calame.types import Change, CodeReading

LUHN = parse_check("luhn")


def test_the_readers_own_reading_is_taken_when_it_fits():
    ranked = rank([Candidate("18", -1), Candidate("79927398713", -0.1)], [LUHN])
    assert (ranked.best.text, ranked.repaired, ranked.fits, ranked.changes) == ("79927398713", False, True, ())
    assert rank([Candidate("1", -1)], []).fits


def test_a_reading_that_fits_after_a_change_is_repaired_and_says_what_was_changed():
    ranked = rank([Candidate("79927398718", -0.2), Candidate("79927398713", -1.9)], [LUHN])
    assert (ranked.best.text, ranked.own.text, ranked.repaired, ranked.fits) == (
        "79927398713",
        "79927398718",
        True,
        False,
    )
    assert ranked.changes == (Change(10, "8", "3"),)
    assert ranked.failed == (LUHN,)


def test_of_equals_the_first_is_the_readers_own():
    ranked = rank([Candidate("17", -1.0), Candidate("18", -1.0)], [LUHN])
    assert (ranked.own.text, ranked.best.text, ranked.repaired) == ("17", "18", True)


def test_what_nothing_mends_stays_as_it_was_read():
    ranked = rank([Candidate("17", -1), Candidate("19", -2), Candidate("17", -3)], [LUHN, parse_check("length(2)")])
    assert (ranked.best.text, ranked.repaired, ranked.fits, ranked.failed) == ("17", False, False, (LUHN,))
    with pytest.raises(ValueError, match="nothing to rank"):
        rank([], [LUHN])


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("123", "173", [(1, "2", "7")]),
        ("123", "1123", [(0, "", "1")]),
        ("12234", "1234", [(2, "2", "")]),
        ("12", "21", [(0, "1", "2"), (1, "2", "1")]),
    ],
)
def test_changes_are_few_and_in_order(own, other, expected):
    found = changes(own, other)
    text = list(own)
    for place, read, instead in reversed(found):
        assert "".join(text[place : place + len(read)]) == read
        text[place : place + len(read)] = instead
    assert "".join(text) == other
    assert len(found) == len(expected)


def test_the_most_probable_texts_come_in_order_and_are_all_there():
    probabilities = np.random.default_rng(0).dirichlet(np.ones(10) / 2, 3)
    found = by_position(probabilities, 2000)
    assert len(found) == 1000 == len({candidate.text for candidate in found})
    scores = [candidate.score for candidate in found]
    assert scores == sorted(scores, reverse=True)
    best = found[7]
    assert best.score == pytest.approx(sum(np.log(probabilities[place, int(d)]) for place, d in enumerate(best.text)))
    assert by_position(np.eye(10)[[1, 2]], 5) == [Candidate("12", 0.0)]


def test_a_repaired_reading_cannot_even_be_made_accepted():
    with pytest.raises(ValueError, match="never accepted"):
        CodeReading("18", 0.99, repaired=True)
    with pytest.raises(ValueError, match="never accepted"):
        CodeReading("18", 0.99, repaired=True, rejected="repaired")
