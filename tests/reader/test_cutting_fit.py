"""The weights of the reader that cuts: the slope that they are fitted along, against finite differences."""

from pathlib import Path

import numpy as np
import pytest

from calame.reader.cutting import fitted

RECIPES = Path(__file__).parent.parent.parent / "recipes"


@pytest.fixture
def recipe(monkeypatch):
    monkeypatch.syspath_prepend(str(RECIPES))
    import cutting

    return cutting


def some_line(recipe, text):
    """A line of three pieces, whose shapes and answers are drawn at random."""
    rng = np.random.default_rng(3)
    weights, spans = fitted(), [(0, 1), (1, 2), (1, 3), (2, 3)]
    chances = np.log(rng.dirichlet(np.ones(10), len(spans)))
    shapes, each = rng.random((len(spans), weights.digits.size)), rng.random((len(spans), weights.each.shape[1]))
    others = [(piece, piece + 1, "", rng.random(weights.others.size)) for piece in range(3)]
    return recipe.Line(text, 3, spans, chances, shapes, each, others)


def test_the_slope_is_the_finite_difference_of_the_likelihood(recipe):
    line, weights, step = some_line(recipe, "17"), fitted(), 1e-5
    _, slope = recipe.slope(weights, line)
    values = recipe.flat(weights)
    for place in range(0, len(values), 5):
        up, down = (values + sign * step * (np.arange(len(values)) == place) for sign in (1, -1))
        high, low = (recipe.slope(recipe.shaped(moved, weights), line)[0] for moved in (up, down))
        assert slope[place] == pytest.approx((high - low) / (2 * step), rel=1e-4, abs=1e-6)


def test_fitting_makes_what_was_written_more_likely(recipe):
    lines = [some_line(recipe, text) for text in ("17", "17", "5")]
    start = fitted()
    after = recipe.fit(start, lines)
    assert recipe.judged(after, lines)["log_likelihood"] > recipe.judged(start, lines)["log_likelihood"]
    assert recipe.slope(start, some_line(recipe, "1234")) is None  # four digits on three pieces
