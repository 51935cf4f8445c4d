"""Made numbers: every kind can be made, its text is what is written, and the same seed makes the same picture."""

import re
from dataclasses import replace

import numpy as np
import pytest

from calame.data import compose, lines, pens, prints
from calame.data.compose import INKED
from calame.data.hands import Hand, Hands, _european, collect_hands
from calame.types import DIGITS


@pytest.fixture(scope="module")
def hands():
    known = [_european(np.random.default_rng(number)) for number in range(3)]
    return Hands({"mnist": known, "unipen": known})


@pytest.mark.parametrize("kind", lines.KINDS)
def test_every_kind_shows_what_its_text_says(kind, hands):
    for number in range(4):
        line = lines.make(kind, hands, np.random.default_rng(number))
        height, width = line.picture.shape[:2]
        assert line.picture.dtype == np.uint8
        assert line.text == "".join(letter for letter in line.written if letter.isdigit())
        assert line.boxes.shape == (len(line.text), 4)
        assert np.ptp(line.picture) > 20
        inside = (line.boxes[:, :2] < (width, height)).all(axis=1) & (line.boxes[:, 2:] > 0).all(axis=1)
        assert inside.all()


def test_digits_stand_in_the_order_in_which_they_are_read(hands):
    line = lines.make("form", hands, np.random.default_rng(5))
    middles = (line.boxes[:, 0] + line.boxes[:, 2]) / 2
    assert (np.diff(middles) > 0).all()


def test_what_is_printed_beside_the_digits_touches_none_of_them(hands):
    for number in range(8):
        rng = np.random.default_rng(number)
        look = lines.Look(even=True, ink=(1, 1), blur=(0, 0), noise=(0, 0), jpeg=0, named=1)
        line = lines.draw("4207", hands.any(rng), lines.Manner(40), look, rng)
        assert line.before[2] <= line.boxes[:, 0].min()
        assert line.behind is None or line.behind[0] >= line.boxes[:, 2].max()
        for left, top, right, bottom in (*line.boxes, line.before):
            assert line.picture[max(0, int(top)) : int(bottom), int(left) : int(right)].min() < 230


def test_a_line_of_print_has_no_digit(hands):
    line = lines.make(lines.PRINT, hands, np.random.default_rng(3))
    assert (line.text, line.written, len(line.boxes)) == ("", "", 0)
    assert line.before is not None
    assert np.ptp(line.picture) > 20


def test_the_same_seed_makes_the_same_picture(hands):
    one, other = (lines.make("cheque", hands, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(one.picture, other.picture)
    assert one.written == other.written


def test_a_joined_number_is_fewer_pieces_than_a_loose_one(hands):
    def columns(gap):
        manner = lines.Manner(60, gap=lines.GAPS[gap], uneven=0, wander=0)
        line = lines.draw("2222", hands.known["mnist"][0], manner, lines.Look(even=True), np.random.default_rng(0))
        ink = line.picture.min(axis=2).min(axis=0) < 200
        return int((np.diff(ink.astype(int)) == 1).sum())

    assert columns("loose") == 4
    assert columns("joined") < 4


def test_a_drawing_is_on_exact_white(hands):
    line = lines.make("drawing", hands, np.random.default_rng(1))
    assert len(np.unique(line.picture[0, :, 0])) == 1


def test_amounts_dates_and_codes_are_what_people_write():
    rng = np.random.default_rng(0)
    amounts = [lines.amount(rng) for _ in range(300)]
    assert any("." in text[:-1] for text in amounts)
    assert not any(text.lstrip("=-").startswith("0") for text in amounts)
    days = [[int(part) for part in re.split(r"[-/. ]", lines.day(rng))] for _ in range(300)]
    assert all(1 <= day <= 31 and 1 <= month <= 12 for day, month, _ in days)
    sizes = [sum(letter.isdigit() for letter in lines.code(rng)) for _ in range(300)]
    assert min(sizes) == 1
    assert max(sizes) >= 10


def test_patterns_and_rules_are_coverage():
    rng = np.random.default_rng(0)
    for _ in range(20):
        for drawn in (
            prints.pattern(40, 90, 30, rng), prints.base_line(40, 90, 35, 30, rng), prints.rulings(40, 90, 30, rng)
        ):  # fmt: skip
            assert drawn.shape == (40, 90)
            assert drawn.dtype == np.float32
            assert 0 <= drawn.min() <= drawn.max() <= 1
    cells = prints.cells(60, 120, 45, 30, [20, 60, 100], 40, rng)
    assert cells.max() == 1


@pytest.mark.data("mnist", "qmnist", "unipen")
def test_hands_of_both_sides_are_other_people(data):
    learned, held = (collect_hands(data, held_out=side) for side in (False, True))
    for name in ("mnist", "unipen"):
        assert len(learned.known[name]) > 3 * len(held.known[name]) > 60
        for hand in (*learned.known[name][:40], *held.known[name][:40]):
            assert len(hand.digits) == DIGITS
            assert all(one.label == digit for digit, known in enumerate(hand.digits) for one in known)
    assert all(0.05 < hand.width < 0.3 for hand in held.known["mnist"])
    assert isinstance(held.any(np.random.default_rng(0)), Hand)


def test_a_point_is_as_wide_as_the_pen_or_wider():
    """A cap on the width of marks once made every point a speck, and what people write was read as a 0."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        pen = replace(pens.any_pen(rng), width=0.1, flat=0.0, pressure=0.0, grain=0.0)
        point = compose._mark(".", pen, compose.Manner(size=60), rng) > INKED
        high, wide = point.any(axis=1).sum() / 60, point.any(axis=0).sum() / 60
        assert 0.09 < min(high, wide) <= max(high, wide) < 0.4
