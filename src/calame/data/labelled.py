"""Sets of labelled digits to be measured on, in the forms that people have them: a folder, an .npz, a table.

Says what each picture is and where it is; decodes no picture file and knows nothing of how digits are read. What
is damaged is an `InputError` that names the file and, in a text, the line.
"""

import csv
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.data.files import BROKEN_GZIP
from calame.errors import InputError, NoSuchData
from calame.imaging.codec import SUFFIXES
from calame.locale import Phrase
from calame.types import DIGITS, SIDE

LABELS = "labels.csv"
LARGEST = 2 << 30  # bytes, unpacked: 2.7 million pictures of 28×28
NAMED = re.compile(r"([0-9])_.*")
PEAKS = (1, 16, 255)  # what full ink is in the tables that are around
NUMBERS = re.compile(r"[\s,;]+")


@dataclass(frozen=True, eq=False)
class LabelledSet:
    """Pictures and what they are; either `images` or `paths`, in the order of `labels`.

    Attributes:
        labels: (n,) uint8, 0-9, n ≥ 1.
        images: (n, h, w) uint8 grey, as they were found: ink may be bright or dark.
        paths: of picture files; one that is not there is left for the reader to say so.
        writers: (n,) who wrote each, or None.
    """

    labels: NDArray[np.uint8]
    images: NDArray[np.uint8] | None = None
    paths: tuple[Path, ...] = ()
    writers: NDArray[Any] | None = None

    @property
    def network_ready(self) -> bool:
        """Whether the pictures look like a network's input as they are: 28×28, and dark round the edge."""
        if self.images is None or self.images.shape[1:] != (SIDE, SIDE):
            return False
        edge = np.ones((SIDE, SIDE), bool)
        edge[1:-1, 1:-1] = False
        return float(np.median(self.images[:, edge])) < 64


def load_labelled(path: Path) -> LabelledSet:
    """Read a set.

    Args:
        path: a folder with `labels.csv` (columns path, digit and perhaps writer), with sub-folders 0 to 9, or with
            pictures named `7_anything.png`; an .npz with arrays images, labels and perhaps writers; such a
            `labels.csv` by itself; or a table (.csv, .txt, .gz), a line a picture: its digit, then its values row by
            row, which may lie in -1…1 (USPS), 0…1, 0…16 or 0…255.

    Raises:
        NoSuchData: nothing is there.
        InputError: no labels, damaged, or not a set at all.

    Example:
        >>> load_labelled(Path("photos")).labels
    """
    if not path.exists():
        raise NoSuchData(name=path)
    if path.is_dir():
        found = _folder(path)
    elif path.suffix == ".npz":
        found = _npz(path)
    elif path.suffix in {".csv", ".txt", ".gz"}:
        found = _text(path)
    else:
        raise InputError(name=path, problem=Phrase("labelled.foreign"))
    if not len(found.labels):
        raise InputError(name=path, problem=Phrase("labelled.empty"))
    return found


def _folder(folder: Path) -> LabelledSet:
    if (folder / LABELS).is_file():
        return _listed(folder / LABELS, _decoded(folder / LABELS))
    pairs = [
        (path, int(sub.name))
        for sub in sorted(folder.iterdir())
        if sub.is_dir() and re.fullmatch("[0-9]", sub.name)
        for path in _pictures(sub)
    ]
    if not pairs:
        named = [(path, NAMED.fullmatch(path.name)) for path in _pictures(folder)]
        pairs = [(path, int(match[1])) for path, match in named if match]
    if not pairs:
        raise InputError(name=folder, problem=Phrase("labelled.no_labels"))
    return LabelledSet(np.array([digit for _, digit in pairs], np.uint8), paths=tuple(path for path, _ in pairs))


def _pictures(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)


def _listed(path: Path, content: str) -> LabelledSet:
    """A table of picture paths, relative to the folder that it is in."""
    rows = list(csv.DictReader(io.StringIO(content)))
    for line, row in enumerate(rows, 2):
        if not row.get("path") or not re.fullmatch("[0-9]", (row.get("digit") or "").strip()):
            raise InputError(name=path, problem=Phrase("labelled.columns", line=line))
    writers = np.array([row["writer"] or "" for row in rows]) if rows and "writer" in rows[0] else None
    return LabelledSet(
        np.array([int(row["digit"]) for row in rows], np.uint8),
        paths=tuple(path.parent / row["path"] for row in rows),
        writers=writers,
    )


def _npz(path: Path) -> LabelledSet:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > LARGEST:
                raise InputError(name=path, problem=Phrase("labelled.large", limit=LARGEST))
        with np.load(path, allow_pickle=False) as arrays:
            held = {name: arrays[name] for name in ("images", "labels", "writers") if name in arrays}
    except (ValueError, OSError, EOFError, MemoryError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(name=path, problem=Phrase("labelled.not_npz", problem=error)) from error
    images, labels, writers = held.get("images"), held.get("labels"), held.get("writers")
    if (
        images is None
        or labels is None
        or images.dtype != np.uint8
        or images.ndim != 3
        or labels.dtype.kind not in "iu"
        or labels.shape != images.shape[:1]
        or (writers is not None and writers.shape != labels.shape)
        or (labels.size and not (labels.min() >= 0 and labels.max() < DIGITS))
    ):
        found = ", ".join(f"{name} {array.shape} {array.dtype}" for name, array in held.items()) or "–"
        raise InputError(name=path, problem=Phrase("labelled.arrays", found=found))
    return LabelledSet(labels.astype(np.uint8), images=images, writers=writers)


def _text(path: Path) -> LabelledSet:
    content = _decoded(path)
    first = content.partition("\n")[0].strip().lower().split(",")
    if "path" in first and "digit" in first:
        return _listed(path, content)
    return _table(path, content.splitlines())


def _decoded(path: Path) -> str:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InputError(name=path, problem=Phrase("labelled.large", limit=LARGEST))
        return content.decode("utf-8-sig")
    except BROKEN_GZIP as error:
        raise InputError(name=path, problem=Phrase("data.broken_gzip", problem=error)) from error
    except UnicodeDecodeError as error:
        raise InputError(name=path, problem=Phrase("data.not_text")) from error


def _table(path: Path, lines: Sequence[str]) -> LabelledSet:
    """Lines of a digit and the values of a square picture; the first may be a header."""
    rows: list[NDArray[np.float32]] = []
    for number, line in enumerate(lines, 1):
        words = [word for word in NUMBERS.split(line.strip()) if word]
        if not words or (number == 1 and not _is_number(words[0])):
            continue
        try:
            row = np.array(words, np.float32)
        except ValueError:
            row = np.zeros(0, np.float32)
        side = round(max(0, len(row) - 1) ** 0.5)
        if (
            side < 2
            or side * side + 1 != len(row)
            or (rows and len(row) != len(rows[0]))
            or row[0] not in range(DIGITS)
        ):
            raise InputError(name=path, problem=Phrase("labelled.table", line=number))
        rows.append(row)
    if not rows:
        return LabelledSet(np.zeros(0, np.uint8))
    table = np.stack(rows)
    side = round((table.shape[1] - 1) ** 0.5)
    values = table[:, 1:].reshape(-1, side, side)
    return LabelledSet(table[:, 0].astype(np.uint8), images=_grey(values))


def _grey(values: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Bring values to 0-255: from -1…1 when some are negative, else from the least of `PEAKS` that holds them."""
    if values.min() < 0:
        values = (values + 1) / 2
    peak = next((peak for peak in PEAKS if values.max() <= peak), values.max())
    return np.rint(np.clip(values / peak, 0, 1) * 255).astype(np.uint8)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
