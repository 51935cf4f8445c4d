"""The test sheet's figures, against numbers worked out by hand."""

import random
import subprocess
import sys

import pytest

from calame.service.sheet import DigitScore, confusion_matrix, confusions, extremes, sheet, surety
from calame.service.store import Entry

TESTS = [(5, 5, 0.982), (7, 7, 0.965), (3, 8, 0.743), (9, 9, 0.881), (0, 0, 0.99)]  # written, read, confidence


def entries(tests):
    return [Entry(read, sure, truth=truth, id=place) for place, (truth, read, sure) in enumerate(tests, start=1)]


def test_five_drawings_of_a_lesson():
    found = sheet(entries(TESTS))
    assert (found.n, found.right, found.rate) == (5, 4, 0.8)
    # R: binom::binom.wilson(4, 5) and statsmodels' proportion_confint(4, 5, method="wilson")
    assert found.interval == pytest.approx((0.375535, 0.963776), abs=1e-6)
    assert found.mean_confidence == pytest.approx(0.9122)
    assert (found.best, found.hardest) == ((), ())  # one drawing of each says nothing about a digit
    assert confusions(found) == [(3, 8, 1)]
    assert sum(map(sum, found.confusion)) == 5
    assert found.confusion[3][8] == 1


def test_an_empty_sheet_claims_nothing():
    found = sheet([])
    assert (found.n, found.rate, found.mean_confidence, found.interval) == (0, None, None, (0, 1))
    assert (found.best, found.hardest, confusions(found)) == ((), (), [])
    assert found.digits[4].rate is None


def test_refused_and_unjudged_readings_are_no_tests():
    found = sheet([Entry(None, 0.3, truth=4), Entry(None, 0.1), Entry(8, 0.9), Entry(1, 0.5, truth=1)])
    assert (found.n, found.right, found.refused, found.unjudged) == (1, 1, 2, 1)
    assert (found.mean_confidence, len(found.rows)) == (0.5, 4)


def test_rows_are_oldest_first_and_figures_do_not_depend_on_the_order():
    made = entries(TESTS * 20)
    mixed = random.Random(7).sample(made, len(made))
    assert sheet(mixed) == sheet(made)
    assert [entry.id for entry in sheet(mixed).rows] == list(range(1, 101))


def test_the_matrix_has_what_was_written_in_its_rows():
    counts = confusion_matrix(entries([(4, 9, 0.5), (4, 9, 0.5), (9, 4, 0.5), (4, 4, 0.5)]))
    assert (counts[4][9], counts[9][4], counts[4][4]) == (2, 1, 1)


@pytest.mark.parametrize(
    ("confidence", "said"), [(0.3, "too_modest"), (0.5, "fair"), (0.9, "fair"), (0.97, "too_sure")]
)
def test_confidence_is_held_against_the_interval(confidence, said):
    assert surety(sheet(entries([(truth, read, confidence) for truth, read, _ in TESTS]))) == said
    assert surety(sheet([])) is None


@pytest.mark.parametrize(
    ("scores", "best", "hardest"),
    [
        ({}, (), ()),
        ({7: (9, 9)}, (), ()),  # nothing to compare with
        ({7: (9, 9), 1: (2, 0)}, (), ()),  # two tests of the 1 are too few
        ({7: (3, 3), 1: (3, 0)}, (7,), (1,)),
        ({0: (3, 2), 4: (6, 4), 9: (3, 1), 8: (30, 10)}, (0, 4), (8, 9)),  # ties: 2/3 is 4/6, 1/3 is 10/30
        ({0: (3, 3), 4: (6, 6)}, (0, 4), ()),  # always right: none is hard
        ({0: (3, 0), 4: (6, 0)}, (), (0, 4)),  # always wrong: none is best
        ({0: (3, 2), 4: (6, 4)}, (), ()),  # no difference
    ],
)
def test_best_and_hardest(scores, best, hardest):
    made = [DigitScore(digit, *scores.get(digit, (0, 0))) for digit in range(10)]
    assert extremes(made) == (best, hardest)


def test_neither_keras_nor_tensorflow_comes_with_the_sheet():
    asked = "import sys, calame.service.exports, calame.service.routes.history; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert "calame.service.sheet" in loaded
    assert not {"keras", "tensorflow", "matplotlib"} & set(loaded)
