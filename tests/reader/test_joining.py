"""Two readers together: what both say counts more than what one says."""

import math

import pytest

from calame.reader.joining import FLOOR, Weights, candidates, features, joined

EVEN = Weights(1, 1, 1, 1, -2, 0, 0)


def never(text):
    return -math.inf


def test_agreement_wins_over_one_readers_certainty():
    line = [("17", -0.4), ("11", -1.2)]
    cutting = [("17", -0.6), ("77", -0.9)]
    shares = joined(line, cutting, never, EVEN)
    assert shares[0][0] == "17"
    assert shares[0][1] > 0.85
    assert sum(share for _, share in shares) < 1


def test_a_text_that_one_reader_never_thought_of_is_asked_of_it():
    asked = []

    def cutting_of(text):
        asked.append(text)
        return -2.0

    rows = features(["17", "11"], [("17", -0.1), ("11", -3.0)], [("17", -0.1)], cutting_of)
    assert asked == ["11"]
    assert rows[1].tolist() == [-3.0, -2.0, 0, 0, 0, 0, 0, 0]
    assert rows[-1].tolist() == pytest.approx([0, 0, 0, 0, 1, -0.1, -0.1, 0])


def test_one_reader_alone_and_none_at_all():
    assert joined([], [("5", -0.1)], never, EVEN)[0][0] == "5"
    assert joined([("", -0.1)], [], never, EVEN) == []
    assert features(["5"], [], [("5", -0.1)], never)[0, 0] == FLOOR


def test_candidates_are_the_first_choices_of_both():
    assert candidates([("1", 0), ("2", -1)], [("3", 0), ("1", -1)]) == ["1", "3", "2"]


@pytest.mark.parametrize(("cutting", "more"), [("24931", 1), ("12493", 1), ("2493", 0), ("2437", 0), ("243", 0)])
def test_a_1_that_the_line_network_did_not_see_is_told(cutting, more):
    rows = features([cutting], [("2493", -0.1)], [(cutting, -0.1)], never)
    assert rows[:, -1].tolist() == [more, 0]
