"""What the lessons share: the pace, the claims, the figures in each language."""

import numpy as np
import pytest

import lesson
from calame.drawing.colours import painted


@pytest.fixture(autouse=True)
def french(monkeypatch):
    monkeypatch.setattr(lesson, "language", "fr")


@pytest.mark.parametrize(("value", "expected"), [("short", 2), ("", 5), ("long", 5)])
def test_the_pace_is_short_only_when_asked(monkeypatch, value, expected):
    monkeypatch.setenv("CALAME_COURSE", value)
    assert lesson.pace(5, 2) == expected


def test_a_claim_is_held_against_its_bar():
    good, bad = lesson.claim("précision", 0.99, at_least=0.98), lesson.claim("écart", 2e-5, at_most=1e-5)
    assert (good.held, bad.held) == (True, False)
    assert str(good) == "✓ précision\u202f: 0,990 ≥ 0,980"
    assert str(bad) == "✗ écart\u202f: 2.0e-05 > 1.0e-05"
    assert good._repr_mimebundle_()[lesson.CLAIM]["held"]


def test_pictures_are_in_the_colours_of_the_app(monkeypatch):
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    monkeypatch.setattr(pyplot, "show", lambda: None)
    lesson.show([[[-2.0, 2.0]]], colours="balance")
    shown = pyplot.gcf().axes[0].images[0].get_array()
    pyplot.close("all")
    assert shown.tolist() == painted(np.array([[-2, 2]]), -2, 2, "balance").tolist()


def test_a_claim_without_a_bar_is_refused():
    with pytest.raises(ValueError, match="needs a bar"):
        lesson.claim("précision", 0.99)


def test_figures_are_written_as_the_language_writes_them():
    assert lesson.num(-1234.5, 1) == "−1\u202f234,5"
    assert lesson.pct(0.5, 0) == "50\u202f%"
