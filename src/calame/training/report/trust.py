"""How far confidence can be trusted: whether it comes true, and what it buys. Each chart beside its table."""

from calame.training.findings import Evaluation
from calame.training.report.elements import el, listed, row, section, table
from calame.training.report.plots import reliability_plot, risk_plot
from calame.training.report.words import Words
from calame.training.selective import Point


def trust(found: Evaluation, words: Words) -> str:
    """Return the section."""
    scores = found.scores
    charts = [
        el(
            "div",
            el("div", reliability_plot(scores.width.bins, words)),
            el("div", _bins(found, words)),
            class_="pair chart",
        ),
        el(
            "div",
            el("div", risk_plot(scores.curve, scores.share.count, words)),
            el("div", _points(found, words)),
            class_="pair chart",
        ),
    ]
    return section(
        words.text("report.confidence.title"),
        el("h3", words.text("report.confidence.reliability")),
        el("p", _calibrated(found, words), class_="intro"),
        charts[0],
        el("h3", words.text("report.confidence.risk")),
        el("p", _selective(found, words), class_="intro"),
        charts[1],
        el("h3", words.text("report.confidence.budgets")),
        listed(((_budget(budget, words), _kept(point, found, words)) for budget, point in scores.budgets), "budgets"),
        el("p", words.text("report.confidence.budget_note"), class_="note"),
        class_="trust",
    )


def _calibrated(found: Evaluation, words: Words) -> str:
    width, mass = found.scores.width, found.scores.mass
    low, high = (words.percent(end) for end in width.interval)
    ece, other = words.percent(width.error), words.percent(mass.error)
    return words.text("report.confidence.reliability_intro", ece=ece, low=low, high=high, mass=other)


def _selective(found: Evaluation, words: Words) -> str:
    said = words.text("report.confidence.risk_intro")
    if found.scores.auroc is None:
        return said
    return said + " " + words.text("report.confidence.auroc", auroc=words.percent(found.scores.auroc, 1))


def _bins(found: Evaluation, words: Words) -> str:
    heads = [words.text(f"report.confidence.{name}") for name in ("range", "count", "mean", "right")]
    rows = [
        row(
            f"{words.number(entry.low * 100)}–{words.percent(entry.high, 0)}",
            words.number(entry.count),
            words.percent(entry.confidence, 1),
            words.percent(entry.accuracy, 1),
        )
        for entry in found.scores.width.bins
        if entry.count
    ]
    return table(heads, rows)


def _points(found: Evaluation, words: Words) -> str:
    heads = [words.text(f"report.confidence.{name}") for name in ("answered", "threshold", "wrong", "most")]
    rows = [
        row(
            words.percent(point.coverage, 1),
            words.percent(point.threshold, 1),
            words.percent(point.risk),
            words.percent(point.bound),
        )
        for point in dict.fromkeys(found.scores.points)  # equal confidences make neighbours the same point
    ]
    return table(heads, rows)


def _budget(budget: float, words: Words) -> str:
    return words.text("report.confidence.budget", count=words.number(1 / budget))


def _kept(point: Point | None, found: Evaluation, words: Words) -> str:
    if point is None:
        return words.text("report.confidence.budget_none", count=words.number(found.scores.share.count))
    if point.coverage == 1:
        return words.text("report.confidence.budget_all")
    return words.text(
        "report.confidence.budget_kept",
        threshold=words.percent(point.threshold, 1),
        share=words.percent(point.coverage, 1),
        person=words.percent(1 - point.coverage, 1),
    )
