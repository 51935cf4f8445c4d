"""What `calame read --code --out FILE` has read: every answer on disk the moment it is there.

A CSV file is its own journal. Of a workbook, which cannot be written bit by bit, the journal is such a CSV file beside
it, `codes.xlsx.part`; the workbook is made of it at the end, or at Ctrl-C. Whoever calls again finds what is done.

Each row says how it was read: rows read in two ways would look alike, and be taken as checked when they are not. Of
a form each field has a row of its own, and a picture is done when all of them are there.
"""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calame.cli.common import Context, check_writable, writing
from calame.drawing.png import png
from calame.errors import InputError, UsageError
from calame.imaging.codec import decode
from calame.imaging.pages import file_and_page
from calame.imaging.paper import shrink
from calame.locale import LANGUAGES, Phrase
from calame.service.cells import BOM, harmless
from calame.service.code_sheet import (
    END,
    RESUMED,
    SEEN,
    CodeRow,
    Table,
    as_xlsx,
    csv_head,
    csv_row,
    csv_rows,
    with_field,
)
from calame.types import Box

OPTION = "--out"
JOURNAL = ".part"
NAMES = "utf-8", "surrogateescape"  # a file whose name is no UTF-8 has its own bytes here, and is found again by them
ROUND = 0.4  # of the number's height: what is shown around it,
ASIDE = 2.5  # and to its left and right where there is room: what stands there may be why a person is to look
WISH = re.compile(r" (?=(?:check|max-wrong|kind|calibration|region)=|several$)")  # between the options in *Read with*
BAR = 0.05  # of that height, at least a pixel: how thick the bar is that then tells the number from the rest


class Ledger:
    """The rows that are done, and where the next ones go.

    Args:
        out: `codes.csv` or `codes.xlsx`.
        language: of the words; a file that is there keeps its own.
        settings: how the rows to come are read, in words, by the name of their field, "" where fields have none; a
            table of rows that were read otherwise, or of other fields, is refused.
        plain: nothing is asked for but the usual.
        pictures: the paths of the pile. A table of the page *Codes* knows no folders: its rows are found by name.

    Raises:
        UsageError: another kind of file, a table of others or of other settings, or a workbook that is finished; a row
            that may be of two pictures.
        BadOutput: it cannot be written.
    """

    def __init__(
        self, out: Path, language: str, settings: Mapping[str, str], *, plain: bool, pictures: Sequence[str] = ()
    ) -> None:
        kind = out.suffix.lower()
        if kind not in (".csv", ".xlsx"):
            raise UsageError(problem=Phrase("cli.codes.out_kind", path=out))
        check_writable(out.absolute().parent, OPTION)
        self.out, self.is_book = out, kind == ".xlsx"
        self.journal = out.with_name(out.name + JOURNAL) if self.is_book else out
        if self.is_book and out.exists() and not self.journal.exists():
            raise UsageError(problem=Phrase("cli.codes.finished", path=out))
        self.settings, self.plain = settings, plain
        self.named = "" not in settings
        columns = with_field(RESUMED) if self.named else RESUMED
        self.rows, self.language, self.columns = self._found() or Table([], language, columns)
        self.paths = self._paths(pictures)
        self.names = {path: name for name, path in self.paths.items()}
        self.done = set(map(self._key, self.rows))
        self._begin()

    def left(self, paths: Sequence[str]) -> list[str]:
        """Return those of the paths that have no row yet, or of a form not one for every field."""
        return [path for path in paths if any((harmless(path), field) not in self.done for field in self.settings)]

    def try_again(self, paths: Iterable[str]) -> None:
        """Take out the rows of what could not be read and is asked for again: a share that was away may be back.

        A document that did not open has one row, and its pages are asked for when it does.
        """
        asked = {harmless(name) for path in paths for name in (path, file_and_page(path)[0])}
        kept = [row for row in self.rows if row.state != "failed" or self._key(row)[0] not in asked]
        if len(kept) == len(self.rows):
            return
        with writing(self.journal, OPTION):
            place = self.journal.resolve()
            made = place.with_name(place.name + ".new")
            lines = "".join(csv_row(row, self.language, self.columns) for row in kept)
            made.write_bytes((csv_head(self.language, self.columns) + lines).encode(*NAMES))
            os.replace(made, place)
        self.rows, self.done = kept, set(map(self._key, kept))

    def _found(self) -> Table | None:
        """Return the rows that are there; a line that a sudden end has torn is cut off."""
        if not self.journal.exists():
            return None
        try:
            content = self.journal.read_bytes()
            whole = content[: content.rfind(END.encode()) + len(END)] if END.encode() in content else b""
            found = csv_rows(whole.decode(*NAMES))
        except (OSError, ValueError) as error:
            raise UsageError(problem=Phrase("cli.codes.foreign_out", path=self.journal)) from error
        heads = [csv_head(language, columns) for language in LANGUAGES for columns in (RESUMED, with_field(RESUMED))]
        heads += [head.removeprefix(BOM) for head in heads]  # of a former version
        if found is None and not any(head.encode().startswith(content) for head in heads):
            raise UsageError(problem=Phrase("cli.codes.foreign_out", path=self.journal))
        if found is not None and not found.rows and ("field" in found.columns) != self.named:
            found, whole = None, b""  # nothing is in it, and its head is another's
        if found is not None:
            self._compare(found)
        with writing(self.journal, OPTION):
            os.truncate(self.journal, len(whole))
        return found

    def _compare(self, found: Table) -> None:
        """Refuse a table whose rows were read otherwise than those to come.

        A table of a former version, of the page *Codes* as well, does not say how it was read. It is gone on with, in
        its own columns, as long as nothing is asked for: that is how most were read, and no row promises more than it
        did. What is asked for now would not hold for the rows that are there, so it is refused. Of one picture alone
        a field may be missing: a sudden end.
        """
        asked = " / ".join(self.settings.values())
        if "settings" not in found.columns:
            if not self.plain or "field" in found.columns:
                raise UsageError(problem=Phrase("cli.codes.unknown_settings", path=self.journal, asked=asked))
            return
        fields, pictures = {row.field for row in found.rows}, {row.file for row in found.rows}
        others = [row for row in found.rows if row.settings != self.settings.get(row.field)]
        if len(pictures) > 1 and fields != set(self.settings):
            others = found.rows
        if not all(row.settings for row in others):
            raise UsageError(problem=Phrase("cli.codes.unknown_settings", path=self.journal, asked=asked))
        if others:
            rows = ((row.field, row.settings) for row in found.rows)
            raise UsageError(problem=_difference(self.journal, _wishes(rows), _wishes(self.settings.items())))

    def _paths(self, pictures: Sequence[str]) -> dict[str, str]:
        """Return the pictures that rows without a folder are of, by the name that the rows have.

        A name that is a picture of the pile as it stands, or another file here, is that of no picture elsewhere. Of a
        document that did not open, the file itself is one, as its pages are.
        """
        asked, by_name, paths = set(pictures), dict[str, dict[str, None]](), dict[str, str]()
        for path in (part for picture in pictures for part in (picture, file_and_page(picture)[0])):
            by_name.setdefault(os.path.basename(path), {})[path] = None
        for name in dict.fromkeys(row.file for row in self.rows if row.file not in asked):
            found = [path for path in by_name.get(name, ()) if _may_be(name, path)]
            if len(found) > 1:
                problem = Phrase("cli.codes.two_of_name", path=self.journal, name=name, one=found[0], other=found[1])
                raise UsageError(problem=problem)
            if found:
                paths[name] = found[0]
        return paths

    def located(self, row: CodeRow) -> CodeRow:
        """Return a row with the path of its picture, where it has the name alone."""
        return replace(row, file=self.paths.get(row.file, row.file))

    def _key(self, row: CodeRow) -> tuple[str, str]:
        """Return what a row is of: a picture, and its field; "" where fields have no names."""
        return harmless(self.located(row).file), row.field

    def _begin(self) -> None:
        with writing(self.journal, OPTION):
            self.journal.parent.mkdir(parents=True, exist_ok=True)
            if not self.journal.exists() or not self.journal.stat().st_size:
                self._write(csv_head(self.language, self.columns))

    def _write(self, content: str) -> None:
        """Append all of it or nothing: a disk that fills up takes a part, which is taken back."""
        with self.journal.open("ab", buffering=0) as file:
            before, left = file.tell(), content.encode(*NAMES)
            try:
                while left:
                    left = left[file.write(left) :]
            except OSError:
                file.truncate(before)
                raise

    def add(self, rows: Sequence[CodeRow]) -> list[CodeRow]:
        """Write the rows of one picture, all in one go, and return them; a field that has its row gets no other."""
        new = [row for row in rows if not row.field or self._key(row) not in self.done]
        new = [replace(row, file=self.names.get(row.file, row.file), settings=self.settings[row.field]) for row in new]
        with writing(self.journal, OPTION):
            self._write("".join(csv_row(row, self.language, self.columns) for row in new))
        self.rows.extend(new)
        self.done.update(map(self._key, new))
        return new

    def close(self, *, complete: bool) -> None:
        """Make the workbook, if it is one; its journal stays until everything is in it."""
        if not self.is_book:
            return
        with writing(self.out, OPTION):
            made = self.out.with_name(self.out.name + ".new")
            pictures = [picture_of(self.located(row)) for row in self.rows]
            made.write_bytes(as_xlsx(self.rows, self.language, pictures, self.columns))
            os.replace(made, self.out)
            if complete:
                self.journal.unlink()


def _wishes(settings: Iterable[tuple[str, str]]) -> list[str]:
    """Return the options, each once, of fields and how they were read; a check says of which field it is."""
    found = dict[str, None]()
    for field, told in settings:
        for word in WISH.split(told):
            found[f"{field}: {word}" if field and word.startswith("check=") else word] = None
    return list(found)


def _difference(path: Path, read: Sequence[str], asked: Sequence[str]) -> Phrase:
    """Return what two lists of options do not have in common, in words."""
    gone, new = ([word for word in some if word not in others] for some, others in ((read, asked), (asked, read)))
    if gone and not new:
        return Phrase("cli.codes.fewer_settings", path=path, read=" ".join(gone))
    if new and not gone:
        return Phrase("cli.codes.more_settings", path=path, asked=" ".join(new))
    return Phrase("cli.codes.other_settings", path=path, read=" ".join(gone or read), asked=" ".join(new or asked))


def _may_be(name: str, path: str) -> bool:
    """Return whether a row with this name alone may be of the picture: not where another file here has the name."""
    here = file_and_page(name)[0]
    return not os.path.exists(here) or os.path.realpath(here) == os.path.realpath(file_and_page(path)[0])


def picture_of(row: CodeRow, longer: int = 2 * SEEN[0], *, wide: bool = False) -> bytes | None:
    """Return the number as a PNG, for what a person is to look at; None for what nobody needs to, or cannot, see.

    `wide`: with what stands beside it, and a bar beneath the number itself.
    """
    if row.state != "check":
        return None
    try:
        pixels = decode(row.file).pixels
    except InputError:  # it is gone, or came from stdin: the row says which it was
        return None
    shown = with_beside(pixels, row.box) if wide and row.box else around(pixels, row.box)
    return png(np.ascontiguousarray(shrink(shown, longer)))


def around(pixels: NDArray[np.uint8], box: Box | None) -> NDArray[np.uint8]:
    """Return a number with some paper around it; the whole picture when its place is not known."""
    if box is None:
        return pixels
    room = round(ROUND * (box.bottom - box.top))
    return pixels[max(0, box.top - room) : box.bottom + room, max(0, box.left - room) : box.right + room]


def with_beside(pixels: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return a number with what stands left and right of it, and a bar beneath the number."""
    height = box.bottom - box.top
    room, aside, thick = (max(1, round(share * height)) for share in (ROUND, ASIDE, BAR))
    left = max(0, box.left - aside)
    part = pixels[max(0, box.top - room) : box.bottom + room, left : box.right + aside]
    strip = np.full((3 * thick, *part.shape[1:]), 255, np.uint8)
    strip[thick : 2 * thick, box.left - left : box.right - left] = 0
    return np.concatenate([part, strip])


def say_found(ledger: Ledger, left: int, total: int, context: Context) -> None:
    """Say how much is done already."""
    done = total - left
    if done:
        key = "cli.codes.going_on" if left else "cli.codes.all_there"
        context.say(key, done=done, total=total, path=ledger.journal)
