"""The test sheet as a file: CSV, XLSX and Markdown here, the page to print in `printed`. In French or English.

What people have typed (names, remarks) and what came in with a file is text and stays text: no spreadsheet takes it
for a formula, and no Markdown for markup. This module knows sheets, not requests.
"""

import csv
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from io import BytesIO, StringIO
from typing import Any, Literal, get_args

import numpy as np

from calame.drawing.png import png
from calame.imaging.codec import decode
from calame.locale import text
from calame.locale.numbers import THIN, number, percent
from calame.service.cells import BOM, harmless, png_size
from calame.service.sheet import LEAST, Sheet, confusions, surety
from calame.service.store import Entry
from calame.types import DIGITS, Rejection

Form = Literal["csv", "xlsx", "md", "html"]
THUMB = 56  # pixels: the longer side of a picture in a cell
ROW = 47  # points: the height of a row with pictures
MARKUP = re.compile(r"([\\`*_\[\]|~>])")
MEDIA: dict[Form, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
COLUMNS = ("number", "time", "truth", "digit", "confidence", "right", "note", "name", "model")
WIDTHS = (6, 17, 9, 22, 12, 9, 40, 24, 18)  # characters, of the columns in a workbook


def export(found: Sheet, form: Form, language: str = "en", zone: tzinfo | None = None) -> bytes:
    """Return the sheet as a file.

    Args:
        found: the sheet; its rows bring their pictures for "xlsx" and "html".
        form: which kind of file.
        language: "en" or "fr".
        zone: of the times; None for this machine's.
    """
    return _writer(form)(found, language, zone)


def _writer(form: Form) -> Callable[[Sheet, str, tzinfo | None], bytes]:
    if form == "html":
        from calame.service.printed import as_html  # with the report's style, which nothing else here needs

        return as_html
    writers: dict[str, Callable[[Sheet, str, tzinfo | None], bytes]] = {
        "csv": as_csv,
        "xlsx": as_xlsx,
        "md": as_markdown,
    }
    return writers[form]


def file_name(form: Form, language: str, day: datetime) -> str:
    """Return what to call the file, e.g. calame-fiche-de-test-2026-11-21.csv."""
    return f"{text('sheet.file', language)}-{day:%Y-%m-%d}.{form}"


def as_csv(found: Sheet, language: str = "en", zone: tzinfo | None = None) -> bytes:
    """Return the rows, as the spreadsheets of each country open them: a BOM, and in French `;` and a decimal comma."""
    french = language == "fr"
    made = StringIO()
    writer = csv.writer(made, delimiter=";" if french else ",")
    names = heads(language)
    names[COLUMNS.index("confidence")] += " (%)"
    writer.writerow(names)
    for entry in found.rows:
        confidence = f"{entry.confidence * 100:.2f}".replace(".", "," if french else ".")
        typed = (harmless(part) for part in (entry.note, entry.name, entry.model))
        writer.writerow(
            [entry.id, f"{entry.time.astimezone(zone):%Y-%m-%d %H:%M:%S}", _digit(entry.truth), answer(entry, language),
             confidence, verdict(entry, language), *typed]
        )  # fmt: skip
    return (BOM + made.getvalue()).encode()


def as_markdown(found: Sheet, language: str = "en", zone: tzinfo | None = None) -> bytes:
    """Return totals, rows, confusion matrix and room for remarks, without the pictures."""
    says = [f"- **{name}**{colon(language)} {value}" for name, value in totals(found, language)]
    rows = (
        [entry.id, moment(entry.time, language, zone), _digit(entry.truth), answer(entry, language),
         percent(entry.confidence, 1, language), verdict(entry, language),
         *(unmarked(part) for part in (entry.note, entry.name, entry.model))]
        for entry in found.rows
    )  # fmt: skip
    matrix = [[f"**{truth}**", *row] for truth, row in enumerate(found.confusion)]
    remarks = [f"### {text(f'sheet.remarks.{part}', language)}\n\n1. …\n2. …\n3. …" for part in REMARKS]
    parts = [
        f"# {text('sheet.title', language)}",
        "\n".join(says),
        *([left_out(found, language)] if left_out(found, language) else []),
        f"## {text('sheet.rows', language)}",
        _table(heads(language), rows),
        f"## {text('sheet.confusion', language)}",
        text("sheet.confusion.caption", language),
        _table(["", *map(str, range(DIGITS))], matrix),
        f"## {text('sheet.remarks', language)}",
        *remarks,
    ]
    return ("\n\n".join(parts) + "\n").encode()


REMARKS = ("strengths", "limits", "ideas")


def unmarked(typed: str) -> str:
    """Return text as one line of Markdown that shows itself and nothing else."""
    line = " ".join(typed.split()).replace("&", "&amp;").replace("<", "&lt;")
    return MARKUP.sub(r"\\\1", line)


def _table(heads: Sequence[object], rows: Iterable[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def as_xlsx(found: Sheet, language: str = "en", zone: tzinfo | None = None) -> bytes:
    """Return a workbook: the rows with their pictures beside; on a second sheet the totals and the matrix."""
    from xlsxwriter import Workbook

    made = BytesIO()
    # In memory: the service may run where no file can be written. No cell is guessed to be anything but text.
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(made, plain) as book:
        styles = _styles(book)
        _rows_sheet(book, found, language, zone, styles)
        _totals_sheet(book, found, language, styles)
    return made.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    middle = {"valign": "vcenter"}
    return {
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, **middle}),
        "text": book.add_format({"num_format": "@", "text_wrap": True, **middle}),
        "centre": book.add_format({"num_format": "@", "align": "center", **middle}),
        "wrong": book.add_format(
            {"num_format": "@", "align": "center", "bold": True, "font_color": "#B04A0F", **middle}
        ),
        "percent": book.add_format({"num_format": "0.0%", **middle}),
        "time": book.add_format({"num_format": "yyyy-mm-dd hh:mm", **middle}),
        "number": book.add_format(middle),
        "title": book.add_format({"bold": True, "font_size": 14}),
        "hit": book.add_format({"bold": True, "bg_color": "#F4F2EC", "align": "center"}),
        "count": book.add_format({"align": "center"}),
        "miss": book.add_format({"align": "center", "bold": True, "bg_color": "#F6D9C8"}),
    }


def _rows_sheet(book: Any, found: Sheet, language: str, zone: tzinfo | None, styles: dict[str, Any]) -> None:
    page = book.add_worksheet(text("sheet.title", language))
    names = [text("sheet.image", language), text("sheet.prepared", language), *heads(language)]
    for column, (name, width) in enumerate(zip(names, (10, 10, *WIDTHS), strict=True)):
        page.write_string(0, column, name, styles["head"])
        page.set_column(column, column, width)
    page.freeze_panes(1, 3)
    page.ignore_errors({"number_stored_as_text": f"E2:F{len(found.rows) + 1}"})  # a digit is a name, not an amount
    for row, entry in enumerate(found.rows, start=1):
        page.set_row(row, ROW)
        for column, picture in enumerate((entry.image, entry.prepared)):
            if picture:
                page.insert_image(row, column, f"{entry.id}.png", _placed(small(picture), answer(entry, language)))
        page.write_number(row, 2, entry.id, styles["number"])
        page.write_datetime(row, 3, entry.time.astimezone(zone).replace(tzinfo=None), styles["time"])
        page.write_string(row, 4, _digit(entry.truth), styles["centre"])
        page.write_string(row, 5, answer(entry, language), styles["centre"])
        page.write_number(row, 6, entry.confidence, styles["percent"])
        page.write_string(row, 7, verdict(entry, language), styles["wrong" if entry.right is False else "centre"])
        for column, typed in enumerate((entry.note, entry.name, entry.model), start=8):
            page.write_string(row, column, typed, styles["text"])
    if left_out(found, language):
        page.write_string(len(found.rows) + 1, 2, left_out(found, language))
    page.autofilter(0, 2, max(1, len(found.rows)), len(names) - 1)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def _placed(picture: bytes, said: str) -> dict[str, object]:
    """How a PNG stands in its cell: small, moving with it, and described for those who do not see it."""
    scale = THUMB / max(png_size(picture))
    return {
        "image_data": BytesIO(picture), "x_scale": scale, "y_scale": scale, "x_offset": 4, "y_offset": 3,
        "object_position": 1, "description": said,
    }  # fmt: skip


def small(picture: bytes) -> bytes:
    """Return a PNG at most twice as large as it is shown: photos by the hundred would weigh down the file.

    Each of its pixels is the mean of a square of theirs.
    """
    every = -(-max(png_size(picture)) // (2 * THUMB))
    if every < 2:
        return picture
    pixels = decode(picture).pixels
    down, across = (min(every, side) for side in pixels.shape[:2])
    whole = pixels[: pixels.shape[0] // down * down, : pixels.shape[1] // across * across]
    total = np.zeros((whole.shape[0] // down, whole.shape[1] // across, *whole.shape[2:]), np.uint32)
    for row in range(down):
        for column in range(across):
            total += whole[row::down, column::across]
    return png((total // (down * across)).astype(np.uint8))


def _totals_sheet(book: Any, found: Sheet, language: str, styles: dict[str, Any]) -> None:
    page = book.add_worksheet(text("sheet.totals", language))
    page.set_column(0, 0, 34)
    page.set_column(1, 11, 8)
    page.write_string(0, 0, text("sheet.totals", language), styles["title"])
    row = 1
    for row, (name, value) in enumerate(totals(found, language), start=1):
        page.write_string(row, 0, name)
        page.write_string(row, 1, value)
    row += 2
    page.write_string(row, 0, text("sheet.confusion", language), styles["title"])
    page.write_string(row + 1, 0, text("sheet.confusion.caption", language))
    for digit in range(DIGITS):
        page.write_string(row + 2, digit + 1, str(digit), styles["hit"])
        page.write_string(row + 3 + digit, 0, str(digit), styles["head"])
        for read, count in enumerate(found.confusion[digit]):
            style = "hit" if read == digit else "miss" if count else "count"
            page.write_number(row + 3 + digit, read + 1, count, styles[style])
    page.ignore_errors({"number_stored_as_text": f"A1:L{row + 14}"})


def heads(language: str) -> list[str]:
    """Return the names of the columns."""
    return [text(f"sheet.column.{name}", language) for name in COLUMNS]


def answer(entry: Entry, language: str) -> str:
    """Return what was read, or why nothing was."""
    if entry.digit is not None:
        return str(entry.digit)
    key = f"reading.rejected.{entry.rejected}"
    return text(key, language) if entry.rejected in REASONS else text("sheet.refused", language)


REASONS: tuple[str, ...] = get_args(Rejection)


def verdict(entry: Entry, language: str) -> str:
    """Return "yes", "no", or a dash where nobody can say."""
    return "–" if entry.right is None else text(f"sheet.{'yes' if entry.right else 'no'}", language)


def _digit(digit: int | None) -> str:
    return "" if digit is None else str(digit)


def moment(time: datetime, language: str, zone: tzinfo | None) -> str:
    """Return a time of day as a reader of the language writes it, to the minute."""
    local = time.astimezone(zone)
    return f"{local:%d/%m/%Y %H:%M}" if language == "fr" else f"{local:%Y-%m-%d %H:%M}"


def colon(language: str) -> str:
    """Return the colon, with its no-break space in French."""
    return "\u00a0:" if language == "fr" else ":"


def totals(found: Sheet, language: str) -> list[tuple[str, str]]:
    """Return the figures of the sheet in words, in the order of their weight."""
    say = _Teller(found, language)
    said = [("n", say.count(found.n)), ("right", say.count(found.right)), ("rate", say.rate())]
    if found.n:
        said += [("interval", say.interval())]
    said += [("mean_confidence", say.mean()), ("best", say.digits(found.best)), ("hardest", say.digits(found.hardest))]
    if confusions(found):
        said += [("confused", say.confused())]
    said += [("refused", say.count(found.refused)), ("unjudged", say.count(found.unjudged))]
    return [(text(f"sheet.total.{name}", language), value) for name, value in said]


class _Teller:
    """Words the figures of one sheet in one language."""

    def __init__(self, found: Sheet, language: str) -> None:
        self.found, self.language = found, language

    def count(self, value: int) -> str:
        return number(value, 0, self.language)

    def percent(self, share: float | None) -> str:
        return "–" if share is None else percent(share, 1, self.language)

    def rate(self) -> str:
        return self.percent(self.found.rate)

    def interval(self) -> str:
        low, high = map(self.percent, self.found.interval)
        return text("sheet.interval", self.language, low=low, high=high)

    def mean(self) -> str:
        said = surety(self.found)
        return self.percent(self.found.mean_confidence) + (
            "" if said is None else text(f"sheet.surety.{said}", self.language)
        )

    def digits(self, named: Sequence[int]) -> str:
        if named:
            share = self.percent(self.found.digits[named[0]].rate)
            return text("sheet.digits", self.language, digits=", ".join(map(str, named)), share=share)
        enough = sum(score.n >= LEAST for score in self.found.digits) >= 2
        return text("sheet.none" if enough else "sheet.too_few", self.language, least=LEAST)

    def confused(self) -> str:
        pairs = confusions(self.found)
        times = "\u00a0×" if self.language == "en" else f"{THIN}×"
        return ", ".join(f"{truth} → {read} ({count}{times})" for truth, read, count in pairs)


def left_out(found: Sheet, language: str) -> str:
    """Return a sentence on the rows that are not listed; empty when all are."""
    if len(found.rows) == found.entries:
        return ""
    listed, entries = (number(value, 0, language) for value in (len(found.rows), found.entries))
    return text("sheet.left_out", language, listed=listed, entries=entries)
