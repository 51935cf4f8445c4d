"""The test sheet as one page to look at, to write on, and to print: pictures, figures, and room for remarks.

The page asks nothing of the network and runs no script; it wears the clothes of the evaluation report. Its style is
allowed by its hash, so that it also opens under a strict content security policy.
"""

import base64
import hashlib
from datetime import UTC, datetime, tzinfo
from functools import cache
from importlib import resources

from calame.drawing.png import uri
from calame.service.exports import REMARKS, answer, heads, left_out, moment, small, totals, verdict
from calame.service.sheet import Sheet
from calame.service.store import Entry
from calame.training.report.elements import each, el, head, listed, row, section, table
from calame.training.report.words import Words
from calame.types import DIGITS

SHADES = 10  # of a confusion
HOT = 0.62  # of the darkest, from which white is read better than black
BESIDE = ("n", "right", "rate", "interval")  # figures that the headline shows already


@cache
def style() -> str:
    """Return the style of the page: the report's, and what a sheet has of its own."""
    report = resources.files("calame.training.report").joinpath("page.css").read_text(encoding="utf-8")
    own = resources.files("calame.service").joinpath("printed.css").read_text(encoding="utf-8")
    shades = "\n".join(f".heat-{shade} {{ --heat: {shade / SHADES}; }}" for shade in range(1, SHADES + 1))
    return f"{report}\n{own}\n{shades}\n"


@cache
def policy() -> str:
    """Return the content security policy that the page needs: its own style, its own pictures, and nothing else."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def as_html(found: Sheet, language: str = "en", zone: tzinfo | None = None) -> bytes:
    """Return the whole page."""
    words = Words(language)
    title = words.text("sheet.title")
    main = el(
        "main",
        _headline(found, words),
        el("div", _by_digit(found, words), _confusion(found, words), class_="pair digits"),
        _rows(found, words, zone),
        _remarks(words),
    )
    page = el("html", head(title, style()), el("body", _header(title, words, zone), main), lang=language)
    return f"<!doctype html>\n{page}\n".encode()


def _header(title: str, words: Words, zone: tzinfo | None) -> str:
    day = moment(datetime.now(UTC), words.language, zone)
    blanks = "".join(
        el("p", el("b", words.text(f"sheet.{name}")), _blank(words.text(f"sheet.{name}"))) for name in ("who", "group")
    )
    return el(
        "header",
        el("p", el("b", "calame"), words.text("sheet.made", day=day), class_="kind"),
        el("h1", title),
        el("div", blanks, class_="who"),
        el("p", words.text("sheet.print"), class_="note screen"),
    )


def _blank(name: str, kind: str = "line") -> str:
    """A place to write on, by keyboard or by pen."""
    return el(
        "span", contenteditable="plaintext-only", role="textbox", aria_label=name, spellcheck="false", class_=kind
    )


def _headline(found: Sheet, words: Words) -> str:
    if not found.n:
        mark = el("p", words.text("sheet.no_tests"))
    else:
        of = words.text("sheet.of", right=words.number(found.right), n=words.number(found.n))
        low, high = (words.percent(end, 1) for end in found.interval)
        between = (
            f"{words.text('sheet.total.interval')}{_colon(words)} {words.text('sheet.interval', low=low, high=high)}"
        )
        figure = el("p", words.percent(found.rate, 1), class_="figure")
        mark = figure + el("p", f"{words.text('sheet.total.rate')} · {of}", class_="label") + el("p", between)
    hidden = {words.plain(f"sheet.total.{name}") for name in BESIDE}
    facts = [(words.safe(name), words.safe(said)) for name, said in totals(found, words.language) if name not in hidden]
    return el("section", el("div", mark), listed(facts, "budgets totals"), class_="headline")


def _colon(words: Words) -> str:
    return words.safe(" :" if words.language == "fr" else ":")


def _by_digit(found: Sheet, words: Words) -> str:
    names = [words.text(key) for key in ("sheet.digit", "sheet.tests", "sheet.total.right", "sheet.total.rate")]
    rows = [
        row(str(score.digit), words.number(score.n), words.number(score.right), words.percent(score.rate, 0))
        for score in found.digits
    ]
    return el("div", el("h3", words.text("sheet.by_digit")), table(names, rows))


def _confusion(found: Sheet, words: Words) -> str:
    counts = found.confusion
    most = max(1, *(counts[truth][read] for truth in range(DIGITS) for read in range(DIGITS) if truth != read))
    corner = el(
        "td", words.text("sheet.confusion.truth"), " ↓<br>", words.text("sheet.confusion.read"), " →", class_="corner"
    )
    top = el("thead", el("tr", corner, each("th", map(str, range(DIGITS)), scope="col")))
    rows = [
        row(str(truth), *(_cell(counts[truth][read], most, hit=truth == read) for read in range(DIGITS)))
        for truth in range(DIGITS)
    ]
    caption = el("caption", words.text("sheet.confusion.caption"))
    made = el("table", caption, top, el("tbody", *rows), class_="confusion")
    return el("div", el("h3", words.text("sheet.confusion")), made)


def _cell(count: int, most: int, *, hit: bool) -> str:
    """One count; its shade is the square root of its share, so that one mistake is still seen beside fifty."""
    if hit or not count:
        return el("td", str(count), class_="hit" if hit else "zero")
    heat = (count / most) ** 0.5
    shade = max(1, round(heat * SHADES))
    return el("td", str(count), class_=f"miss heat-{shade}{' hot' if heat > HOT else ''}")


def _rows(found: Sheet, words: Words, zone: tzinfo | None) -> str:
    if not found.rows:
        return ""
    number, time, truth, digit, confidence, right, note, name, model = map(words.safe, heads(words.language))
    pictures = words.text("sheet.image"), words.text("sheet.prepared")
    names = [number, *pictures, truth, digit, confidence, right, note, f"{name}, {model}, {time}"]
    made = table(names, [_row(entry, words, zone) for entry in found.rows], class_="tests")
    more = (
        el("p", words.safe(left_out(found, words.language)), class_="note") if left_out(found, words.language) else ""
    )
    return section(words.text("sheet.rows"), made, more)


def _row(entry: Entry, words: Words, zone: tzinfo | None) -> str:
    said = words.safe(answer(entry, words.language))
    pictures = (_picture(entry.image, words.safe(entry.name) or said), _picture(entry.prepared, ""))
    about = (words.safe(part) for part in (entry.name, entry.model, moment(entry.time, words.language, zone)) if part)
    return row(
        words.number(entry.id),
        *(el("td", picture) for picture in pictures),
        el("td", "" if entry.truth is None else str(entry.truth), class_="answer"),
        el("td", said, class_="answer" if entry.digit is not None else "refusal"),
        words.percent(entry.confidence, 1),
        el("td", words.safe(verdict(entry, words.language)), class_="wrong" if entry.right is False else None),
        el("td", words.safe(entry.note) or _blank(words.text("sheet.column.note")), class_="names"),
        el("td", "<br>".join(about), class_="names about"),
    )


def _picture(png: bytes | None, said: str) -> str:
    return el("img", src=uri(small(png)), alt=said) if png else ""


def _remarks(words: Words) -> str:
    parts = (
        el("div", el("h3", words.text(f"sheet.remarks.{part}")), _blank(words.text(f"sheet.remarks.{part}"), "lines"))
        for part in REMARKS
    )
    return section(words.text("sheet.remarks"), el("div", *parts, class_="remarks"))
