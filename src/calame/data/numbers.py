"""Folders of labelled numbers: pictures of codes with what each says, as people have them.

Says what each picture is and where it is; decodes none and reads none.
"""

import csv
import io
import re
from pathlib import Path

from calame.errors import InputError, NoSuchData
from calame.imaging.codec import SUFFIXES
from calame.locale import Phrase

LABELS = "labels.csv"
NAMED = re.compile(r"([0-9]+)(_.*)?")
BETWEEN = str.maketrans("", "", " .,-/\u202f\xa0'")  # what people write between digits


def load_numbers(folder: Path) -> tuple[list[Path], list[str]]:
    """Read a folder of labelled numbers.

    Args:
        folder: with `labels.csv`, whose first column is a path relative to the folder and whose second is the number
            (a heading line is passed by), or with pictures named `12345.png` or `12345_anything.png`.

    Returns:
        Paths of pictures and, for each, the digits that it shows.

    Raises:
        NoSuchData: there is no such folder.
        InputError: no labels in it, or a line that has none; the message names the line.
    """
    if not folder.is_dir():
        raise NoSuchData(name=folder)
    table = folder / LABELS
    pairs = _listed(table) if table.is_file() else _named(folder)
    if not pairs:
        raise InputError(name=folder, problem=Phrase("numbers.no_labels"))
    return [path for path, _ in pairs], [text for _, text in pairs]


def _named(folder: Path) -> list[tuple[Path, str]]:
    pictures = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    found = [(path, NAMED.fullmatch(path.stem)) for path in pictures]
    return [(path, match[1]) for path, match in found if match]


def _listed(table: Path) -> list[tuple[Path, str]]:
    try:
        content = table.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(name=table, problem=Phrase("numbers.not_text")) from error
    delimiter = ";" if content.partition("\n")[0].count(";") else ","
    pairs: list[tuple[Path, str]] = []
    for line, row in enumerate(csv.reader(io.StringIO(content), delimiter=delimiter), 1):
        if not row or (line == 1 and len(row) > 1 and not any(map(str.isdigit, row[1]))):
            continue
        text = row[1].translate(BETWEEN) if len(row) > 1 else ""
        if not row[0] or not (text.isascii() and text.isdigit()):
            raise InputError(name=table, problem=Phrase("numbers.columns", line=line))
        pairs.append((table.parent / row[0], text))
    return pairs
