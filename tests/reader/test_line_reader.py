"""The line reader: its sums against an oracle that walks every path; the shipped network on lines drawn here."""

import itertools

import cv2
import numpy as np
import pytest

from calame.reader.line import (
    LIKELY,
    NEVER,
    VIEWS,
    WIDTH,
    LineNetwork,
    LineReading,
    of_digits,
    places,
    score,
    scores,
    search,
)


def some_columns(seed, count=5, digits=3):
    """Log-probabilities (count, 11) in which only the first few digits are likely."""
    values = np.full((count, 11), -40.0)
    values[:, [*range(digits), 10]] = np.random.default_rng(seed).normal(0, 2, (count, digits + 1))
    return values - np.logaddexp.reduce(values, axis=1, keepdims=True)


def walked(columns, digits=3):
    """Every text and its probability, path by path."""
    found = {}
    for path in itertools.product([*range(digits), 10], repeat=len(columns)):
        kept = [one for one, before in zip(path, (None, *path), strict=False) if one not in (before, 10)]
        text = "".join(map(str, kept))
        chance = np.exp(sum(row[one] for row, one in zip(columns, path, strict=True)))
        found[text] = found.get(text, 0.0) + chance
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_score_of_a_text_is_the_sum_over_all_its_paths(seed):
    columns = some_columns(seed)
    for text, chance in walked(columns).items():
        assert score(columns, text) == pytest.approx(np.log(chance), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_wide_search_finds_the_most_probable_texts(seed):
    columns = some_columns(seed)
    wanted = sorted(walked(columns).items(), key=lambda item: -item[1])[:3]
    found = search(columns, width=400)[:3]
    assert [one.text for one in found] == [text for text, _ in wanted]
    for one, (_, chance) in zip(found, wanted, strict=True):
        assert one.score == pytest.approx(np.log(chance), abs=1e-3)


def sparse_columns(seed, count=60):
    """Log-probabilities (count, 11) as a line has them: here and there a digit, and runs of nothing between."""
    rng = np.random.default_rng(seed)
    values = np.full((count, 11), -30.0)
    values[:, 10] = 0.0
    for column in rng.choice(count, count // 4, replace=False):
        values[column, rng.choice(10, 3, replace=False)] = rng.normal(0, 2, 3)
    return values - np.logaddexp.reduce(values, axis=1, keepdims=True)


def column_by_column(columns, width):
    """The best texts of a search that takes every column by itself and builds every longer text."""
    beams = {"": (1.0, 0.0)}
    for row in np.exp(columns).tolist():
        after = {}
        for text, (free, held) in beams.items():
            for digit in range(10):
                longer, reached = f"{text}{digit}", (free if text.endswith(str(digit)) else free + held) * row[digit]
                if row[digit] > np.exp(LIKELY):
                    after[longer] = after.get(longer, 0.0) + reached
            if text:
                after[text] = after.get(text, 0.0) + held * row[int(text[-1])]
        both = {text: (sum(beams.get(text, (0, 0))) * row[10], after.get(text, 0.0)) for text in {**beams, **after}}
        beams = dict(sorted(both.items(), key=lambda item: -max(item[1]))[:width])
    return sorted(((sum(ends), text) for text, ends in beams.items()), reverse=True)


@pytest.mark.parametrize("seed", range(6))
def test_columns_of_nothing_may_be_taken_together_and_what_is_not_kept_need_not_be_built(seed):
    columns = sparse_columns(seed)
    found, wanted = search(columns), column_by_column(columns, WIDTH)
    assert [one.text for one in found] == [text for _, text in wanted]
    np.testing.assert_allclose([one.score for one in found], np.log([chance for chance, _ in wanted]), atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_texts_that_are_scored_together_have_the_scores_that_they_have_alone(seed):
    columns, texts = sparse_columns(seed), ["", "7", "11", "2480", "123123"]
    np.testing.assert_allclose(scores(columns, texts), [score(columns, text) for text in texts], rtol=1e-12)


def test_a_text_that_the_columns_have_no_room_for_is_impossible():
    columns = some_columns(0, count=2)
    assert score(columns, "11") <= NEVER / 2
    assert places(columns, "11") == []
    assert score(columns, "12") > -60


def test_digits_stand_where_their_columns_are():
    columns = np.full((12, 11), -30.0)
    columns[:, 10] = 0.0
    for place, digit in ((2, 7), (6, 7), (9, 1)):
        columns[place, [digit, 10]] = 0.0, -30.0
    assert places(columns, "771") == [(2, 3), (6, 7), (9, 10)]


def test_a_mark_is_no_digit():
    logits = np.full((1, 12), -50.0, np.float32)
    logits[0, 10] = 0.0
    assert of_digits(logits)[0, 10] == pytest.approx(0.0, abs=1e-6)


@pytest.fixture(scope="module")
def network():
    return LineNetwork()


def ink(text, thick=5):
    """Digits of OpenCV's own plain strokes, bright on 0."""
    page = np.zeros((110, 70 * len(text) + 40), np.uint8)
    for place, letter in enumerate(text):
        cv2.putText(page, letter, (25 + 65 * place, 85), cv2.FONT_HERSHEY_SIMPLEX, 2.4, 255, thick, cv2.LINE_AA)
    return page


@pytest.mark.parametrize("text", ["2480", "3056", "86235"])
def test_the_shipped_network_reads_a_line_and_says_where_its_digits_are(network, text):
    reading = network.read(ink(text))
    assert reading.texts[0].text == text
    assert reading.texts[0].score == pytest.approx(reading.score(text), abs=0.05)
    assert sum(np.exp(one.score) for one in reading.texts) <= 1 + 1e-6
    for place, part in enumerate(reading.parts(text)):
        assert part.letter == text[place]
        middle = (part.box.left + part.box.right) / 2
        assert abs(middle - (25 + 65 * place + 22)) < 20
        assert part.box.top < 50 < part.box.bottom
        assert 0 < part.confidence <= 1


def test_no_ink_is_no_text(network):
    reading = network.read(np.zeros((40, 90), np.uint8))
    assert reading.texts == ()
    assert reading.best is None
    assert reading.parts("1") == ()


def test_an_empty_reading_knows_no_digits():
    assert LineReading().score("") == 0.0
    assert LineReading().score("1") == NEVER


def test_what_is_not_sure_is_looked_at_again_and_its_scores_are_the_mean_of_all_looks():
    line = ink("2480")
    once, again = LineNetwork().read(line), LineNetwork(sure=1.0).read(line)
    assert once.again == ()
    assert len(again.again) == len(VIEWS)
    assert again.texts[0].text == "2480"
    for text in ("2480", "248"):
        apart = [once.score(text), *(score(columns, text) for columns in again.again)]
        assert again.score(text) == pytest.approx(np.mean(apart))
    assert list(again.texts) == sorted(again.texts, key=lambda one: -one.score)
