"""The corpus: every kind of picture is made, prepared and labelled; held-out hands stay out."""

import numpy as np
import pytest

from calame.data import corpus
from calame.data.corpus import MAKERS, NONE, SHARES, Corpus, make
from calame.data.synth import european
from calame.imaging.recipe import DEFAULT, parse


@pytest.fixture(scope="module")
def small():
    rng = np.random.default_rng(0)
    return Corpus({"unipen": [european(digit, rng) for digit in range(10)]})


def test_the_shares_are_of_what_is_there(small):
    assert small.names == ("unipen", "european")
    assert sum(small.shares) == pytest.approx(1)
    assert sum(SHARES.values()) == pytest.approx(1)


@pytest.mark.parametrize("name", MAKERS)
def test_every_kind_is_made_prepared_and_labelled(small, name):
    images, labels, refused = make(name, small, parse(DEFAULT), 8, (1,))
    assert images.shape[1:] == (28, 28)
    assert len(images) == len(labels) == 8 - refused
    assert (labels == NONE).all() if name == "nothing" else (labels < 10).all()
    again = make(name, small, parse(DEFAULT), 8, (1,))
    np.testing.assert_array_equal(images, again[0])


def test_a_drawing_is_black_on_white_inside_the_pad(small):
    for seed in range(10):
        pad, _ = corpus.drawing(small, np.random.default_rng(seed))
        assert pad.shape == (280, 280)
        assert pad[0].min() == pad[:, 0].min() == 255
        assert pad.min() < 30


@pytest.mark.data("mnist", "qmnist", "unipen", "uci")
def test_held_out_hands_are_on_one_side_only(data):
    learn, held = (corpus.collect(data, held_out=side) for side in (False, True))
    for name in ("mnist", "unipen"):
        own, others = len(learn.written[name]), len(held.written[name])
        assert 0.12 < others / (own + others) < 0.21
    assert set(held.written) == {"mnist", "unipen"}


def line(*points):
    return np.array(points, np.float32)


@pytest.mark.parametrize(
    ("strokes", "label", "stray"),
    [
        ([line((0, 0), (2, 200))], 1, False),
        ([line((0, 0), (2, 200))], 4, True),  # its leg alone
        ([line((0, 0), (90, 91), (200, 200))], 0, True),  # the slash of a crossed 0
        ([line((0, 0), (0, 80), (60, 80)), line((40, 20), (40, 160))], 4, False),
        ([line((0, 0), (200, 200))], 1, False),
        ([line((0, 0), (200, 20))], 1, True),  # a dash
        ([line((5, 5))], 1, True),
        ([line((5, 5), (6, 5))], 6, True),
    ],
)
def test_a_piece_of_a_digit_is_told_from_a_digit(strokes, label, stray):
    assert corpus.is_fragment(strokes, label) is stray
