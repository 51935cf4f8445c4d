"""Ranking: what fits is put forward, and what only fits after a change is flagged, listed and never accepted."""

import numpy as np
import pytest

from calame.reader.checks import parse_check
from calame.reader.ranking import Candidate, changes, rank, refusal
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


def test_what_nobody_can_have_written_is_not_put_forward():
    ranked = rank([Candidate("79927398718", -0.2), Candidate("79927398713", -8.0)], [LUHN])
    assert (ranked.best.text, ranked.repaired, ranked.failed) == ("79927398718", False, (LUHN,))


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


def test_a_repaired_reading_cannot_even_be_made_accepted():
    with pytest.raises(ValueError, match="never accepted"):
        CodeReading("18", 0.99, repaired=True)
    with pytest.raises(ValueError, match="never accepted"):
        CodeReading("18", 0.99, repaired=True, rejected="repaired")


KINDS = {
    "luhn": lambda rng: luhn_of("".join(map(str, rng.integers(0, 10, 9)))),
    "mod97": lambda rng: mod97_of("".join(map(str, rng.integers(0, 10, 8)))),
    "ean13": lambda rng: ean13_of("".join(map(str, rng.integers(0, 10, 12)))),
    "length(7)": lambda rng: "".join(map(str, rng.integers(0, 10, 7))),
}


def luhn_of(body):
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def mod97_of(body):
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def ean13_of(body):
    return body + str(-sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(body)) % 10)


def spoiled(text, rng):
    """A slip: a digit read as another, left out, read twice, or two in the wrong order."""
    place, slip = int(rng.integers(len(text))), int(rng.integers(4))
    if slip == 0:
        return text[:place] + str((int(text[place]) + int(rng.integers(1, 10))) % 10) + text[place + 1 :]
    if slip == 1:
        return text[:place] + text[place + 1 :]
    if slip == 2:
        return text[:place] + text[place] + text[place:]
    return text[:place] + text[place : place + 2][::-1] + text[place + 2 :]


@pytest.mark.slow
def test_of_100_000_codes_read_with_errors_not_one_that_was_repaired_is_accepted():
    rng = np.random.default_rng(0)
    checks = {name: parse_check(name) for name in KINDS}
    repaired = refused = 0
    for number in range(100_000):
        name = list(KINDS)[number % len(KINDS)]
        truth = KINDS[name](rng)
        own = spoiled(truth, rng)
        others = [Candidate(spoiled(own, rng), -3.0), Candidate(truth, -2.0)]  # as good a second choice as can be
        ranked = rank([Candidate(own, -1e-9), *others], [checks[name]])
        fault = refusal(ranked, 1.0, 0.0)  # the surest that a reader can be, and nothing else to refuse it for
        assert fault is not None or ranked.best.text == own
        if ranked.repaired:
            assert fault == "repaired"
            assert ranked.changes
            with pytest.raises(ValueError, match="never accepted"):
                CodeReading(ranked.best.text, 1.0, repaired=ranked.repaired)
        repaired += ranked.repaired
        refused += fault is not None
    assert repaired > 50_000
    assert refused >= repaired
