"""What happens when pictures get worse: a small chart for each harm, over a strip of examples and its numbers."""

from collections.abc import Sequence

from calame.training.report.elements import each, el, section
from calame.training.report.plots import harm_plot
from calame.training.report.png import ink_uri
from calame.training.report.words import Words
from calame.training.robustness import Curve


def harms(curves: Sequence[Curve], words: Words) -> str:
    """Return the section; nothing when no harm was tried."""
    if not curves:
        return ""
    intro = words.text("report.harms.intro", count=words.number(curves[0].levels[0].count))
    return section(
        words.text("report.harms.title"),
        el("p", intro, class_="intro"),
        el("div", *(_figure(curve, words) for curve in curves), class_="harms"),
        class_="worse",
    )


def _figure(curve: Curve, words: Words) -> str:
    ends = el("div", el("span", words.percent(1, 0)), el("span", "0"), class_="ends", aria_hidden="true")
    name, unit = words.text(f"report.harm.{curve.name}"), words.text(f"report.unit.{curve.name}")
    return el(
        "figure",
        el("figcaption", el("h3", name), el("span", unit)),
        el("div", ends, harm_plot(curve, words), class_="plot"),
        _strip(curve, words),
        class_="harm",
    )


def _strip(curve: Curve, words: Words) -> str:
    """Each column stands under its place on the chart: an example, the level, the share read right."""
    shown = each("td", (el("img", src=ink_uri(picture), alt="", width=28, height=28) for picture in curve.examples))
    levels = each("th", (words.short(level.level) for level in curve.levels), scope="col")
    rights = each("td", (words.number(level.accuracy * 100, 1) for level in curve.levels))
    head = el(
        "thead", el("tr", "<td></td>", shown), el("tr", el("th", words.text("report.harms.level"), scope="row"), levels)
    )
    return el("table", head, el("tbody", el("tr", el("th", words.text("report.harms.right"), scope="row"), rights)))
