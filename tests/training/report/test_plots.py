"""The charts put figures where they belong."""

from xml.etree import ElementTree

import numpy as np
import pytest

from calame.training.intervals import Interval
from calame.training.reliability import equal_width
from calame.training.report.plots import Frame, harm_plot, interval_plot, nice, reliability_plot, risk_plot
from calame.training.report.words import Words
from calame.training.robustness import Curve, Level
from calame.training.selective import risk_coverage

WORDS = Words("en")


def parts(markup: str, tag: str, class_: str) -> list[ElementTree.Element]:
    return [part for part in ElementTree.fromstring(markup).iter(tag) if part.get("class") == class_]


def readings(count: int = 4000):
    rng = np.random.default_rng(0)
    confidences = 1 - rng.random(count) ** 4
    return confidences, rng.random(count) < np.minimum(1, 0.4 + confidences)


def test_frame_maps_values_upwards():
    frame = Frame(0.5, 1, 0, 2, width=100, height=50, left=10, top=5)
    assert (frame.x(0.5), frame.x(1), frame.y(0), frame.y(2), frame.y(99)) == (10, 110, 55, 5, 5)


@pytest.mark.parametrize(("step", "rounder"), [(0.013, 0.02), (0.2, 0.2), (0.21, 0.5), (6, 10), (1e-5, 1e-5)])
def test_nice_steps(step, rounder):
    assert nice(step) == pytest.approx(rounder)


@pytest.mark.parametrize(
    "interval", [Interval(0.9922, 0.9952), Interval(0.99, 1.0), Interval(0.0, 0.3), Interval(0, 1)]
)
def test_interval_lies_within_its_scale(interval):
    markup = interval_plot(sum(interval) / 2, interval, WORDS)
    scale = next(line for line in parts(markup, "line", "axis"))
    bar = parts(markup, "rect", "bar")[0]
    assert float(scale.get("x1")) <= float(bar.get("x"))
    assert float(bar.get("x")) + float(bar.get("width")) <= float(scale.get("x2")) + 0.02
    ticks = [text.text for text in parts(markup, "text", "tick")]
    assert 3 <= len(ticks) <= 9
    assert len(set(ticks)) == len(ticks)
    room = min(float(scale.get("x1")), 344 - float(scale.get("x2")))
    assert room >= max(map(len, ticks)) * 6.2 / 2, "a label at the end is cut on paper"  # a figure of 11 px: 6.2 wide


def test_reliability_has_a_dot_and_a_count_for_each_range_with_readings():
    bins = equal_width(*readings()).bins
    held = [entry for entry in bins if entry.count]
    markup = reliability_plot(bins, WORDS)
    dots = parts(markup, "circle", "dot")
    assert len(dots) == len(parts(markup, "rect", "count")) == len(held)
    frame = Frame(0, 1, 0, 1, height=0.8 * 340)
    assert float(dots[-1].get("cy")) == pytest.approx(frame.y(held[-1].accuracy), abs=0.01)
    assert [text.text for text in parts(markup, "text", "small")] == [WORDS.number(entry.count) for entry in held]


def test_risk_rises_to_the_right_and_stays_below_its_bound():
    confidences, rights = readings()
    markup = risk_plot(risk_coverage(confidences, rights), len(rights), WORDS)
    risk, bound = (places(parts(markup, "path", name)[0]) for name in ("curve", "bound"))
    assert risk[-1][1] < risk[0][1]  # higher on the page: more wrong
    assert all(above[1] <= below[1] for above, below in zip(bound, risk, strict=True))


@pytest.mark.parametrize("rights", [np.ones(40, bool), np.zeros(40, bool), np.array([True])])
def test_risk_of_odd_samples_is_drawn_too(rights):
    curve = risk_coverage(np.linspace(0.1, 1, len(rights)), rights)
    assert parts(risk_plot(curve, len(rights), WORDS), "path", "curve")


def test_harm_stands_over_the_columns_of_its_table():
    levels = tuple(Level(level, right, 10, Interval(0.1, 0.9)) for level, right in ((0, 10), (1, 5), (2, 0)))
    curve = Curve("blur", "px", 0, levels, np.zeros((3, 28, 28), np.uint8))
    markup = harm_plot(curve, WORDS)
    assert [place[0] for place in places(parts(markup, "path", "curve")[0])] == [0.5, 1.5, 2.5]
    heights = [place[1] for place in places(parts(markup, "path", "curve")[0])]
    assert heights == pytest.approx([3, 50, 97])
    assert parts(markup, "line", "neutral")[0].get("x1") == "0.5"


def places(drawn: ElementTree.Element) -> list[tuple[float, float]]:
    return [tuple(map(float, place.split(","))) for place in drawn.get("d").strip("MZ").split("L")]
