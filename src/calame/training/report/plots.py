"""The charts of the report as inline SVG: no library, and colours that follow the page's light, dark and print.

Each function takes figures and words and returns one `<svg>` whose classes are dressed by `page.css`. Lengths are
in units of the view box, close to a pixel on the page.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calame.training.intervals import Interval, upper_bound
from calame.training.reliability import Bin
from calame.training.report.elements import el
from calame.training.report.words import Words
from calame.training.robustness import Curve
from calame.training.selective import RiskCoverage

LEFT, TOP, RIGHT = 46.0, 26.0, 14.0  # room around a chart for its labels
SIDE = 340.0  # of a chart
STARTS = (0.98, 0.95, 0.9, 0.8, 0.6)  # coverages from which the risk may be drawn
POINTS = 80  # of a drawn curve

Place = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """Where data goes on a chart: `x_from`–`x_to` over its width, `y_from`–`y_to` over its height, upwards."""

    x_from: float
    x_to: float
    y_from: float
    y_to: float
    width: float = SIDE
    height: float = SIDE
    left: float = LEFT
    top: float = TOP

    def x(self, value: float) -> float:
        """Where a value stands across."""
        return self.left + (value - self.x_from) / (self.x_to - self.x_from) * self.width

    def y(self, value: float) -> float:
        """Where a value stands in height; one above the frame stands on its edge."""
        return self.top + (1 - (min(value, self.y_to) - self.y_from) / (self.y_to - self.y_from)) * self.height

    def at(self, places: Sequence[Place]) -> list[Place]:
        """Where (x, y) values stand."""
        return [(self.x(x), self.y(y)) for x, y in places]

    def rows(self, values: Sequence[float], labels: Sequence[str]) -> list[str]:
        """Horizontal lines with their labels at the left."""
        return [
            line(self.x(self.x_from), self.y(value), self.x(self.x_to), self.y(value), "grid")
            + write(self.left - 8, self.y(value) + 4, label, "tick", "end")
            for value, label in zip(values, labels, strict=True)
        ]

    def columns(self, values: Sequence[float], labels: Sequence[str]) -> list[str]:
        """Labels below, without lines."""
        foot = self.top + self.height
        return [
            write(self.x(value), foot + 18, label, "tick", "middle")
            for value, label in zip(values, labels, strict=True)
        ]

    def names(self, x_name: str, y_name: str) -> list[str]:
        """What the axes are: above, and below."""
        return [
            write(self.left, self.top + self.height + 36, x_name, "axis-name"),
            write(self.left, self.top - 11, y_name, "axis-name"),
        ]


def interval_plot(accuracy: float, interval: Interval, words: Words) -> str:
    """Draw where the accuracy lies between round marks: a scale, the interval as a bar, the figure as a dot."""
    low, high, step = _round_range(interval)
    # 24 at each end for half a label: paper shows nothing outside the drawing.
    frame = Frame(low, high, 0, 1, width=296, height=0, left=24, top=22)
    base = frame.top
    body = [line(frame.x(low), base, frame.x(high), base, "axis")]
    for number in range(round((high - low) / step) + 1):
        mark = low + number * step
        label = words.short(round(mark * 100, 6)) + words.sign
        body += [line(frame.x(mark), base - 4, frame.x(mark), base + 4, "axis")]
        body += [write(frame.x(mark), base + 20, label, "tick", "middle")]
    wide = frame.x(interval.high) - frame.x(interval.low)
    body += [el("rect", class_="bar", x=_round(frame.x(interval.low)), y=base - 4, width=_round(wide), height=8, rx=4)]
    body += [el("circle", class_="dot", cx=_round(frame.x(accuracy)), cy=base, r=5.5)]
    label = words.text("report.alt.interval", low=words.percent(interval.low), high=words.percent(interval.high))
    return svg(344, 46, label, body, "interval")


def reliability_plot(bins: Sequence[Bin], words: Words) -> str:
    """Draw accuracy over confidence with Wilson whiskers, the diagonal of perfect calibration, and counts below."""
    frame = Frame(0, 1, 0, 1, height=0.8 * SIDE)
    quarters = (0, 0.25, 0.5, 0.75, 1)
    labels = [words.percent(share, 0) for share in quarters]
    body = [*frame.rows(quarters, labels), *frame.columns(quarters, labels)]
    body += [line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "ideal")]
    for entry in bins:
        if entry.accuracy is None or entry.confidence is None:
            continue
        at = frame.x(entry.confidence)
        radius = 2.6 + 0.7 * math.log10(entry.count)
        body += [line(at, frame.y(entry.interval.low), at, frame.y(entry.interval.high), "whisker")]
        body += [el("circle", class_="dot", cx=_round(at), cy=_round(frame.y(entry.accuracy)), r=_round(radius))]
    body += frame.names(words.text("report.axis.confidence"), words.text("report.axis.right"))
    foot = frame.top + frame.height + 98
    body += _counts(frame, bins, foot, words)
    return svg(LEFT + SIDE + RIGHT, foot + 20, words.text("report.alt.reliability"), body, "reliability")


def _counts(frame: Frame, bins: Sequence[Bin], foot: float, words: Words) -> list[str]:
    """How many readings each range holds: bars on a logarithmic scale that stand on `foot`, each with its number."""
    most = max(entry.count for entry in bins)
    body: list[str] = []
    for entry in bins:
        if entry.count:
            left, right = frame.x(entry.low), frame.x(entry.high)
            tall = 40 * math.log1p(entry.count) / math.log1p(most)
            shape = {"x": _round(left + 1), "y": _round(foot - tall), "width": _round(right - left - 2)}
            body += [el("rect", class_="count", height=_round(tall), **shape)]
            body += [write((left + right) / 2, foot - tall - 4, words.number(entry.count), "small", "middle")]
    body += [line(frame.x(0), foot, frame.x(1), foot, "axis")]
    return [*body, write(frame.left, foot + 15, words.text("report.axis.counts"), "axis-name")]


def risk_plot(curve: RiskCoverage, count: int, words: Words) -> str:
    """Draw the share of wrong answers over coverage, with its bound above, from where it begins to rise.

    `count` is the number of readings, from which the bounds follow.
    """
    start = _start(curve)
    inside = np.flatnonzero(curve.coverage >= start)
    inside = inside[np.unique(np.linspace(0, len(inside) - 1, POINTS).astype(int))]
    risks = [(float(curve.coverage[place]), float(curve.risk[place])) for place in inside]
    bounds = [(cover, upper_bound(round(risk * cover * count), round(cover * count))) for cover, risk in risks]
    # A bound on a handful of readings is near 1 and would flatten all the rest.
    highest = max(bound for cover, bound in bounds if cover >= start + 0.25 * (1 - start))
    step = nice(highest / 4)
    lines = math.ceil(highest / step)
    frame = Frame(start, 1, 0, lines * step, height=0.6 * SIDE)
    decimals = max(0, -math.floor(math.log10(step * 100) + 1e-9))
    covers = [start + quarter * (1 - start) / 4 for quarter in range(5)]
    body = [
        *frame.rows(
            [place * step for place in range(lines + 1)],
            [words.percent(place * step, decimals) for place in range(lines + 1)],
        ),
        *frame.columns(covers, [words.short(round(cover * 100, 2)) + words.sign for cover in covers]),
        el("path", class_="band", d=path([*frame.at(bounds), *reversed(frame.at(risks))]) + "Z"),
        el("path", class_="bound", d=path(frame.at(bounds))),
        el("path", class_="curve", d=path(frame.at(risks))),
        *frame.names(words.text("report.axis.coverage"), words.text("report.axis.risk")),
    ]
    return svg(LEFT + SIDE + RIGHT, TOP + frame.height + 44, words.text("report.alt.risk"), body, "risk")


def harm_plot(curve: Curve, words: Words) -> str:
    """Draw accuracy over the levels of one harm; the middle of each column stands over a column of its table.

    The page stretches it to the width of that table, whence only lines, which keep their own width, and no text.
    """
    frame = Frame(0, len(curve.levels), 0, 1, width=len(curve.levels), height=94, left=0, top=3)
    body = [line(0, frame.y(share), frame.x_to, frame.y(share), "grid") for share in (0, 0.5, 1)]
    places = [(place + 0.5, level) for place, level in enumerate(curve.levels)]
    neutral = next(place for place, level in places if level.level == curve.neutral)
    body += [line(neutral, frame.y(0), neutral, frame.y(1), "neutral")]
    upper = frame.at([(place, level.interval.high) for place, level in places])
    lower = frame.at([(place, level.interval.low) for place, level in reversed(places)])
    drawn = frame.at([(place, level.accuracy) for place, level in places])
    body += [el("path", class_="band", d=path([*upper, *lower]) + "Z"), el("path", class_="curve", d=path(drawn))]
    body += [el("path", class_="point", d=f"M{x:g},{y:.1f}h0") for x, y in drawn]
    label = words.text("report.alt.harm", harm=words.text(f"report.harm.{curve.name}"))
    return svg(len(curve.levels), 100, label, body, "harm", stretch=True)


def svg(width: float, height: float, label: str, body: Sequence[str], class_: str, *, stretch: bool = False) -> str:
    """Return the picture; `label` is what a screen reader says of it."""
    box = f"0 0 {width:g} {height:g}"
    fit = "none" if stretch else None
    return el("svg", *body, class_=class_, viewBox=box, preserveAspectRatio=fit, role="img", aria_label=label)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """Return a straight line."""
    return el("line", class_=class_, x1=_round(x1), y1=_round(y1), x2=_round(x2), y2=_round(y2))


def write(x: float, y: float, words: str, class_: str, anchor: str = "start") -> str:
    """Return words whose `anchor` (start, middle or end) and base line stand at the place."""
    return el("text", words, class_=class_, x=_round(x), y=_round(y), text_anchor=anchor)


def path(places: Sequence[Place]) -> str:
    """Return the `d` of a line through `places`."""
    return "M" + "L".join(f"{x:.2f},{y:.2f}" for x, y in places)


def nice(step: float) -> float:
    """Return the least of 1, 2, 5 × a power of ten that is not below `step`."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * (1 - 1e-9))


def _round_range(interval: Interval) -> tuple[float, float, float]:
    """A range on round marks that leaves the interval some room on either side, and the step of its marks."""
    room = max(interval.high - interval.low, 1e-4) / 3
    step = nice(4 * room / 3)
    low = max(0.0, math.floor((interval.low - room) / step) * step)
    return low, min(1.0, math.ceil((interval.high + room) / step) * step), step


def _start(curve: RiskCoverage) -> float:
    """The coverage from which to draw: the highest of a few at which the risk is small beside that of all."""
    for start in STARTS:
        place = int(np.searchsorted(curve.coverage, start))
        if place < len(curve.risk) - 8 and curve.risk[place] <= 0.2 * curve.risk[-1]:
            return start
    return 0.0


def _round(value: float) -> float:
    return round(value, 2)
