"""What went wrong, to be looked at: the errors as a sheet of pictures, and what was refused."""

from calame.training.findings import Evaluation, Misreading
from calame.training.report.elements import el, row, section, table
from calame.training.report.png import ink_uri
from calame.training.report.words import Words

SHEET = 90  # errors shown: what an A4 page holds
NAMED = 12  # refused pictures named for each reason


def errors(found: Evaluation, words: Words) -> str:
    """Return the sheet of errors, the surest first."""
    shown = [error for error in found.errors[:SHEET] if error.picture is not None]
    intro = _intro(found, len(shown), words)
    if any(error.disputed for error in shown):
        intro += " " + words.text("report.errors.disputed")
    sheet = el("ul", *(_misreading(error, words) for error in shown), class_="sheet") if shown else ""
    return section(words.text("report.errors.title"), el("p", intro, class_="intro"), sheet)


def _intro(found: Evaluation, shown: int, words: Words) -> str:
    if not found.errors:
        return words.text("report.errors.none")
    if len(found.errors) == 1:
        return words.text("report.errors.one")
    count = words.number(len(found.errors))
    second = words.number(sum(error.second == error.true for error in found.errors))
    if shown == len(found.errors):
        return words.text("report.errors.all", count=count, second=second)
    return words.text("report.errors.some", shown=words.number(shown), count=count, second=second)


def _misreading(error: Misreading, words: Words) -> str:
    if error.picture is None:
        return ""
    where = words.safe(error.name) if error.name else words.text("report.errors.index", index=error.index)
    alt = words.text("report.errors.alt", true=error.true, read=error.read)
    mark = el("span", "◇", class_="disputed") if error.disputed else ""
    return el(
        "li",
        el("img", src=ink_uri(error.picture), alt=alt, width=28, height=28),
        el("p", el("b", str(error.true)), el("i", "→"), el("b", str(error.read), class_="read"), mark),
        el("p", words.percent(error.confidence, 0), class_="sure"),
        title=where,
    )


def refused(found: Evaluation, words: Words) -> str:
    """Return what got no answer, and why; nothing when all was answered."""
    if not found.refused:
        return ""
    rows: list[str] = []
    for reason, count in found.reasons():
        named = [words.safe(one.name or one.index) for one in found.refused if one.reason == reason][:NAMED]
        if count > NAMED:
            named += [words.text("report.refused.more", count=words.number(count - NAMED))]
        rows += [row(words.safe(words.reason(reason)), words.number(count), el("td", ", ".join(named), class_="names"))]
    heads = [words.text(f"report.refused.{name}") for name in ("reason", "count", "which")]
    intro = words.text(
        "report.refused.intro", refused=words.number(len(found.refused)), offered=words.number(found.offered)
    )
    made = table(heads, rows, class_="refused")
    return section(words.text("report.refused.title"), el("p", intro, class_="intro"), made)
