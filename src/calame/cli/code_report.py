"""What `calame read --code --report` writes: one page with every reading that a person is to check, its picture beside.

The style is that of the report of `calame evaluate`. Nothing on it is asked of the network; it prints well.
"""

from collections import Counter
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from calame.cli.common import Context, writing
from calame.cli.ledger import picture_of
from calame.drawing.png import uri
from calame.service.code_sheet import READ, CodeRow
from calame.training.report.elements import el, head, listed
from calame.training.report.words import Words

OPTION = "--report"
LARGEST = 640  # pixels: the longer side of a picture


def write_report(rows: Sequence[CodeRow], path: Path, context: Context) -> None:
    """Write the page, and say where it is.

    Raises:
        BadOutput: it cannot be written.
    """
    with writing(path, OPTION):
        path.parent.mkdir(parents=True, exist_ok=True)
        made = page(rows, Words(context.settings.language))
        path.write_text(made, encoding="utf-8", errors="backslashreplace")  # of a file's name that is no UTF-8
    context.say("cli.codes.reported", path=path)


def page(rows: Sequence[CodeRow], words: Words) -> str:
    """Return the whole page."""
    count = Counter(row.state for row in rows)
    doubtful = [row for row in rows if row.state != "accepted"]
    kind = el("p", el("b", "calame"), words.text("codes.report.kind"), class_="kind")
    counts = listed([(words.text(f"codes.state.{state}"), words.number(count[state])) for state in READ], "counts")
    intro = el("p", words.text("codes.report.intro" if doubtful else "codes.report.none"), class_="intro")
    header = el("header", kind, el("h1", words.text("codes.report.title")), intro, counts)
    cards = el("ol", *(card(row, words) for row in doubtful), class_="doubtful")
    body = el("body", header, el("main", cards))
    style = "\n".join(
        resources.files(package).joinpath(file).read_text(encoding="utf-8")
        for package, file in (("calame.training.report", "page.css"), ("calame.cli", "code_report.css"))
    )
    return (
        "<!doctype html>\n"
        + el("html", head(words.text("codes.report.title"), style), body, lang=words.language)
        + "\n"
    )


def card(row: CodeRow, words: Words) -> str:
    """Return one number: its picture, the best guess, why it is doubtful, and room for what a person reads."""
    picture = picture_of(row, LARGEST, wide=True)
    shown = (
        "" if picture is None else el("img", src=uri(picture), alt=words.text("codes.report.picture", file=row.file))
    )
    read = row.text or row.guess
    guess = el("p", words.safe(read), class_="guess") if read else ""
    sure = f" · {words.percent(row.confidence, 1)}" if read else ""
    reason = el(
        "p", el("b", words.text(f"codes.state.{row.state}")), f"{sure} · {words.safe(row.reason)}", class_="reason"
    )
    told = [
        (words.text(f"codes.column.{name}"), words.safe(getattr(row, name)))
        for name in ("alternatives", "failed", "changes") if getattr(row, name)
    ]  # fmt: skip
    where = words.safe(f"{row.file} · {row.field}" if row.field else row.file)
    room = el("p", el("span", words.text("codes.report.right")), el("i"), class_="room")
    said = el("div", el("p", where, class_="file"), guess, reason, listed(told, "told") if told else "", room)
    return el("li", el("div", shown, class_="seen"), said, class_=row.state)
