"""Readings of codes as a table, a row a number: CSV and XLSX, in French or English.

Of forms whose fields have names, a column says which field it is.

A code is a name and no amount: in every cell it is text, so that 0042 stays 0042. What came in with a file is text as
well, and no spreadsheet takes it for a formula. This module knows rows; nothing of requests, nor of who reads.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any, Literal, NamedTuple, get_args

from calame.locale import LANGUAGES, text
from calame.locale.numbers import percent
from calame.service.cells import BOM, as_typed, harmless, png_size
from calame.types import Box, Change, CodeDoubt, CodeReading

State = Literal["accepted", "check", "refused", "failed", "person"]
STATES: tuple[State, ...] = get_args(State)
READ: tuple[State, ...] = STATES[:-1]  # those that a reader can come to
COLUMNS = ("file", "text", "confidence", "state", "reason", "guess", "alternatives", "failed", "changes", "place")
STAMPED = (*COLUMNS, "settings")  # of a table that is gone on with: how each row was read, so that no other is added
RESUMED = (*STAMPED, "written")  # the columns of today; tables of former versions have fewer
OURS = RESUMED, STAMPED, COLUMNS
WIDTHS = {  # characters, of the columns in a workbook
    "field": 18, **dict(zip(RESUMED, (34, 20, 12, 12, 40, 20, 34, 18, 40, 18, 30, 20), strict=True)),
}  # fmt: skip
PICTURE, SEEN = 30, (240, 56)  # characters, of the column of pictures; pixels that one may take, width and height
TINTS = {"check": "#FBE3D3", "refused": "#E7E3DC", "failed": "#D3CDC3"}  # of a cell that stands without its reason
ROW = 46  # points: the height of a row with a picture
MANY: tuple[CodeDoubt | None, ...] = ("lines", "several")  # doubts by which it may be several numbers: no code yet
OTHERS, LIKELY = 3, 0.001  # other readings that are named: so many at most, each at least so probable
MOST_FIELDS = 200  # that have a sheet with a column each: of thousands, which no form has, it would take seconds
END = "\r\n"  # of a line of CSV


@dataclass(frozen=True)
class CodeRow:
    """One number of one picture.

    Attributes:
        file: the picture's path or name; several numbers of one picture have a row each, in reading order.
        text: the number, when there is an answer that is one number; else "". By hand it is "" where a person says
            that there is none.
        confidence: 0-1, of what was read: `guess`, or else `text`.
        state: "accepted"; "check": there is a guess, or an answer with a doubt, and a person is to look; "refused":
            there is nothing to say; "failed": the picture could not be read at all; "person": `text` is a person's,
            and `guess` what was read.
        reason: why it is not accepted as it is, in words; "" when it is.
        guess: the best guess where there is no answer, or where a person gave it.
        alternatives: other readings with how probable they are.
        failed: the checks that what was read does not fit.
        changes: what would have to be otherwise for it to fit.
        place: where the number is in the picture: left, top, right, bottom, in pixels.
        settings: how it was read, in a table of `STAMPED` or `RESUMED` columns; others do not have it.
        written: `text`, or else `guess`, with what stands between its digits; "" where nothing does.
        field: name of the field of a form that it was read in, in a table with that column; "" where fields have none.
    """

    file: str
    text: str = ""
    confidence: float = 0.0
    state: State = "refused"
    reason: str = ""
    guess: str = ""
    alternatives: str = ""
    failed: str = ""
    changes: str = ""
    place: str = ""
    settings: str = ""
    written: str = ""
    field: str = ""

    @property
    def says(self) -> bool:
        """Whether there is a number that the confidence is of."""
        return bool(self.guess or (self.text and self.state != "person"))

    @property
    def box(self) -> Box | None:
        """The place as numbers; None when there is none."""
        sides = self.place.split()
        return Box(*map(int, sides)) if len(sides) == 4 and all(map(str.isdecimal, sides)) else None


class Table(NamedTuple):
    """A table of ours as it was found: its rows, its language, and which columns it has."""

    rows: list[CodeRow]
    language: str
    columns: tuple[str, ...]


def row_of(file: str, reading: CodeReading, language: str = "en") -> CodeRow:
    """Return the row of a reading."""
    likely = [(other, share) for other, share in reading.alternatives[:OTHERS] if share >= LIKELY]
    code = "" if reading.doubt in MANY else reading.text or ""
    return CodeRow(
        file=file,
        text=code,
        confidence=reading.confidence,
        state=reading.state,
        reason=reason_of(reading, language),
        guess="" if code else reading.guess,
        alternatives=" · ".join(f"{other} ({percent(share, 1, language)})" for other, share in likely),
        failed=", ".join(reading.failed),
        changes="; ".join(change_words(change, language) for change in reading.changes),
        place="" if reading.box is None else " ".join(map(str, reading.box)),
        written=reading.written,
        field=reading.field,
    )


def reason_of(reading: CodeReading, language: str) -> str:
    """Return why a reading is not taken as it is, in words."""
    if reading.error is not None:
        return reading.error.message(language)
    if reading.rejected is not None:
        return text(f"reading.rejected.{reading.rejected}", language)
    return "" if reading.doubt is None else text(f"reading.doubt.{reading.doubt}", language)


def change_words(change: Change, language: str) -> str:
    """Say what a check would have otherwise, places counted from 1."""
    return text(
        "cli.codes.change", language, place=change.place + 1, read=change.read or "–", instead=change.instead or "–"
    )


def with_field(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a table whose rows have fields: the field stands behind the file."""
    return (columns[0], "field", *columns[1:])


def heads(language: str, columns: Sequence[str] = COLUMNS) -> list[str]:
    """Return the names of the columns."""
    return [text(f"codes.column.{name}", language) for name in columns]


def csv_head(language: str, columns: Sequence[str] = COLUMNS) -> str:
    """Return the first line of a table, after a BOM, by which Excel knows UTF-8."""
    return BOM + csv_lines([heads(language, columns)], language)


def csv_rows(content: str) -> Table | None:
    """Return what is in a CSV file of ours; None when it is another table's.

    Raises:
        ValueError: a row that is not as we write them.
    """
    plain = content.removeprefix(BOM)
    for language in LANGUAGES:
        lines = list(csv.reader(StringIO(plain, newline=""), delimiter=delimiter(language)))
        for columns in (*OURS, *map(with_field, OURS)):
            if lines and lines[0] == heads(language, columns):
                return Table([_row(cells, language, columns) for cells in lines[1:]], language, columns)
    return None


def _row(cells: list[str], language: str, columns: Sequence[str]) -> CodeRow:
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} / {len(columns)}")
    read = dict(zip(columns, map(as_typed, cells), strict=True))
    sure = float(read.pop("confidence").replace(",", ".") or 0) / 100
    states: dict[str, State] = {text(f"codes.state.{state}", language): state for state in STATES}
    told = read.pop("state")
    state = states.get(told)
    if state is None:
        raise ValueError(told)
    return CodeRow(**read, confidence=sure, state=state)


def csv_row(row: CodeRow, language: str, columns: Sequence[str] = COLUMNS) -> str:
    """Return a row as a line of CSV, as the spreadsheets of each country open it: in French `;` and a decimal comma."""
    sure = f"{row.confidence * 100:.2f}".replace(".", "," if language == "fr" else ".") if row.says else ""
    values = [sure if name == "confidence" else value for name, value in said(row, language, columns)]
    return csv_lines([[harmless(value) for value in values]], language)


def csv_lines(rows: Iterable[Sequence[str]], language: str) -> str:
    """Return lines of CSV; every cell in quotes, by which those who ask know text from numbers."""
    made = StringIO()
    csv.writer(made, delimiter=delimiter(language), quoting=csv.QUOTE_ALL, lineterminator=END).writerows(rows)
    return made.getvalue()


def delimiter(language: str) -> str:
    """Return what stands between cells."""
    return ";" if language == "fr" else ","


def said(row: CodeRow, language: str, columns: Sequence[str]) -> list[tuple[str, str]]:
    """Return the cells of a row in words, each with its column; the confidence is left to whoever formats it."""
    special = {"confidence": "", "state": text(f"codes.state.{row.state}", language)}
    return [(name, special[name] if name in special else str(getattr(row, name))) for name in columns]


def as_csv(rows: Iterable[CodeRow], language: str = "en", columns: Sequence[str] = COLUMNS) -> bytes:
    """Return rows as a CSV file."""
    return (csv_head(language, columns) + "".join(csv_row(row, language, columns) for row in rows)).encode()


def as_xlsx(
    rows: Sequence[CodeRow],
    language: str = "en",
    pictures: Sequence[bytes | None] | None = None,
    columns: Sequence[str] = COLUMNS,
) -> bytes:
    """Return rows as a workbook whose cells are text.

    Args:
        rows: in the order of the sheet.
        language: "en" or "fr".
        pictures: of each row a PNG that is shown beside it, or None; no column of pictures when it is left out.
        columns: one of `OURS`, or `with_field` of it.
    """
    from xlsxwriter import Workbook

    made = BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with Workbook(made, plain) as book:
        page = book.add_worksheet(text("codes.sheet", language))
        styles = _styles(book)
        shift = 0 if pictures is None else 1
        _head(page, columns, shift, language, styles)
        for line, row in enumerate(rows, start=1):
            if pictures is not None and (picture := pictures[line - 1]):
                page.set_row(line, ROW)
                page.insert_image(line, 0, f"{line}.png", _placed(picture, row))
            _cells(page, line, shift, said(row, language, columns), row, styles)
        page.ignore_errors({"number_stored_as_text": f"A1:N{len(rows) + 1}"})  # a code is a name, not an amount
        page.autofilter(0, shift, max(1, len(rows)), shift + len(columns) - 1)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        if 0 < len({row.field for row in rows} - {""}) <= MOST_FIELDS:
            _sheet_of_pictures(book, rows, language, styles)
    return made.getvalue()


def _styles(book: Any) -> dict[str, Any]:
    words = {"num_format": "@", "valign": "vcenter"}
    code = {**words, "font_name": "Consolas", "font_size": 12}
    tinted = {state: {**code, "bg_color": tint, "bold": state == "check"} for state, tint in TINTS.items()}
    return {
        **{f"{state}.code": book.add_format(tinted.get(state, code)) for state in STATES},
        "head": book.add_format({"bold": True, "bottom": 1, "valign": "vcenter"}),
        "text": book.add_format({**words, "text_wrap": True}),
        "code": book.add_format(code),
        "percent": book.add_format({"num_format": "0.0%", "valign": "vcenter"}),
        "accepted": book.add_format(words),
        "person": book.add_format({**words, "italic": True}),
        "check": book.add_format({**words, "bold": True, "font_color": "#B04A0F"}),
        "refused": book.add_format({**words, "font_color": "#6B655B"}),
        "failed": book.add_format({**words, "bold": True, "font_color": "#6B655B"}),
    }


def _head(page: Any, columns: Sequence[str], shift: int, language: str, styles: dict[str, Any]) -> None:
    names = [*([text("sheet.image", language)] * shift), *heads(language, columns)]
    widths = (*((PICTURE,) * shift), *(WIDTHS[name] for name in columns))
    for column, (name, width) in enumerate(zip(names, widths, strict=True)):
        page.write_string(0, column, name, styles["head"])
        page.set_column(column, column, width)
    page.freeze_panes(1, shift + columns.index("text") + 1)


def _cells(
    page: Any, line: int, shift: int, cells: list[tuple[str, str]], row: CodeRow, styles: dict[str, Any]
) -> None:
    for column, (name, value) in enumerate(cells, start=shift):
        if name == "confidence":
            if row.says:
                page.write_number(line, column, row.confidence, styles["percent"])
        else:
            style = "code" if name in ("text", "guess", "written") else row.state if name == "state" else "text"
            page.write_string(line, column, _holdable(value), styles[style])


def _sheet_of_pictures(book: Any, rows: Sequence[CodeRow], language: str, styles: dict[str, Any]) -> None:
    """Add the sheet that one pastes elsewhere: a row a picture, a column a field.

    Where a person is to look a cell is tinted, and its field named behind the file: no doubt is told by colour alone.
    """
    from xlsxwriter.utility import xl_range

    columns = {name: place for place, name in enumerate(dict.fromkeys(row.field for row in rows), start=2)}
    page = book.add_worksheet(text("codes.sheet.pictures", language))
    page.write_string(0, 0, text("codes.column.file", language), styles["head"])
    page.write_string(0, 1, text("codes.sheet.look", language), styles["head"])
    page.set_column(0, 0, WIDTHS["file"])
    page.set_column(1, 1, WIDTHS["field"])
    heading = {name: name or text("codes.column.text", language) for name in columns}
    for name, column in columns.items():
        page.write_string(0, column, heading[name], styles["head"])
        page.set_column(column, column, WIDTHS["text"])
    lines = by_picture(rows)
    for line, one in enumerate(lines, start=1):
        page.write_string(line, 0, _holdable(next(iter(one.values())).file), styles["text"])
        look = ", ".join(heading[name] for name in columns if name in one and one[name].state in TINTS)
        page.write_string(line, 1, look, styles["text"])
        for name, row in one.items():  # on the page one may have been left out
            page.write_string(line, columns[name], row.text, styles[f"{row.state}.code"])
    page.ignore_errors({"number_stored_as_text": xl_range(0, 0, len(lines), len(columns) + 1)})
    page.autofilter(0, 0, max(1, len(lines)), len(columns) + 1)
    page.freeze_panes(1, 2)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)


def by_picture(rows: Iterable[CodeRow]) -> list[dict[str, CodeRow]]:
    """Return the rows of each picture by their field; where two pictures have one name, each has its own."""
    of_file: dict[str, list[dict[str, CodeRow]]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    lines: list[dict[str, CodeRow]] = []
    for row in rows:
        same, place = of_file.setdefault(row.file, []), seen[row.file, row.field]
        if place == len(same):
            same.append({})
            lines.append(same[place])
        same[place][row.field] = row
        seen[row.file, row.field] += 1
    return lines


def _holdable(value: str) -> str:
    """Return text as a workbook can hold it: a file's name may be no UTF-8."""
    return value.encode("utf-8", "backslashreplace").decode()


def _placed(picture: bytes, row: CodeRow) -> dict[str, object]:
    """How a PNG stands in its cell: small, moving with it, and described for those who do not see it."""
    width, height = png_size(picture)
    scale = min(1, SEEN[0] / width, SEEN[1] / height)
    return {
        "image_data": BytesIO(picture), "x_scale": scale, "y_scale": scale, "x_offset": 4, "y_offset": 3,
        "object_position": 1, "description": row.text or row.guess or row.reason,
    }  # fmt: skip
