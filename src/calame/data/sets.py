"""The data sets as arrays: MNIST with its writers, the UCI sets, and UNIPEN's pen strokes.

Knows what the numbers in the files mean; every loader takes a data root, as `fetch.locate` returns it. Pictures
are ink bright on 0, as MNIST's are. Nothing here is shuffled, resized or left out without being counted.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.data.files import need_file, read_content
from calame.data.idx import read_idx
from calame.errors import DamagedData
from calame.locale import Phrase
from calame.types import DIGITS, SIDE

Images = NDArray[np.uint8]
Labels = NDArray[np.uint8]
Part = Literal["train", "test"]

FILES: dict[Part, tuple[str, str, str]] = {  # images, labels, and QMNIST's rows for them
    "train": (
        "mnist/train-images-idx3-ubyte.gz",
        "mnist/train-labels-idx1-ubyte.gz",
        "qmnist/qmnist-train-labels-idx2-int.gz",
    ),
    "test": (
        "mnist/t10k-images-idx3-ubyte.gz",
        "mnist/t10k-labels-idx1-ubyte.gz",
        "qmnist/qmnist-test-labels-idx2-int.gz",
    ),
}
QMNIST_CLASS, QMNIST_WRITER, QMNIST_COLUMNS = 0, 2, 8
BITMAP_SIDE = 32  # pixels: an optdigits scan
CLASSES = frozenset(map(str, range(DIGITS)))
# Contributors to UNIPEN whose segment boundaries and labels are out of step: looked at one by one, their "digits"
# are letters, words, brackets and single dots. 382 of 13,401 lines, 2.9 %.
OUT_OF_STEP = frozenset({"cea", "ceb", "pri", "tos"})


@dataclass(frozen=True, eq=False)
class Mnist:
    """MNIST: images (n, 28, 28) and labels (n,), uint8, read-only; n is 60,000 and 10,000."""

    train_images: Images
    train_labels: Labels
    test_images: Images
    test_labels: Labels


class Labelled(NamedTuple):
    """What a loader returns: one row of `images` (or points) for each of `labels` (n,), 0-9, uint8."""

    images: NDArray[Any]
    labels: Labels


@dataclass(frozen=True, eq=False)
class PenDigits:
    """Digits as they were written.

    Attributes:
        strokes: for each digit its strokes, in order; a stroke is (k, 2) float32, x to the right and y down,
            k at least 2, in the tablet's own unit.
        labels: (n,) uint8.
        sources: for each digit the file of the collection that it comes from: one session of one writer.
        dropped: lines that were left out, by `load_unipen`'s rule.
    """

    strokes: list[list[NDArray[np.float32]]]
    labels: Labels
    sources: list[str]
    dropped: int


def load_mnist(root: Path) -> Mnist:
    """Read MNIST.

    Raises:
        MissingData, DamagedData: a file is not there, is corrupt, or has another shape.

    Example:
        >>> load_mnist(locate("mnist", settings.data, settings.cache)).train_images.shape
        (60000, 28, 28)
    """
    train_images, train_labels = _mnist_part(root, "train")
    test_images, test_labels = _mnist_part(root, "test")
    return Mnist(train_images, train_labels, test_images, test_labels)


def load_writers(root: Path, part: Part = "train", *, mnist: Path | None = None) -> NDArray[np.int32]:
    """Return who wrote each digit of MNIST, from QMNIST.

    Args:
        root: data root of QMNIST.
        part: "train" gives (60000,) int32, "test" (10000,): QMNIST's test part goes on where MNIST's ends.
        mnist: data root of MNIST's labels, where it is another one.

    Raises:
        MissingData, DamagedData: a file is not there or is corrupt, or QMNIST's classes are not MNIST's labels,
            so that the writers would be other images'.
    """
    path = need_file(FILES[part][2], root)
    rows = read_idx(path)
    labels = read_idx(need_file(FILES[part][1], mnist or root))
    if rows.ndim != 2 or rows.shape[1] != QMNIST_COLUMNS or len(rows) < len(labels):
        raise _wrong_shape(path, rows.shape, (len(labels), QMNIST_COLUMNS))
    rows = rows[: len(labels)]
    different = np.flatnonzero(rows[:, QMNIST_CLASS] != labels)
    if different.size:
        raise DamagedData(
            path=path, problem=Phrase("data.other_classes", count=different.size, first=int(different[0]))
        )
    return rows[:, QMNIST_WRITER].astype(np.int32)


def split_by_writer(
    writers: NDArray[np.integer[Any]], share: float = 1 / 6, seed: int = 123
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Split so that no hand is on both sides.

    Args:
        writers: (n,) writer ids.
        share: of the writers (not of the digits) that go to validation.
        seed: of the draw; the same seed gives the same split on every machine.

    Returns:
        Masks (n,) bool of the training and of the validation part.
    """
    unique = np.unique(writers)
    order = np.random.default_rng(seed).permutation(unique)
    valid = np.isin(writers, order[: int(len(unique) * share)])
    return ~valid, valid


def load_optdigits_bitmaps(root: Path) -> Labelled:
    """Read UCI optdigits as scanned: (1934, 32, 32) uint8, 0 or 255; by 30 writers, who are not named.

    Raises:
        MissingData, DamagedData: the file is not there or is corrupt.
    """
    path = need_file("uci/optdigits-orig.tra.gz", root)
    lines = _read_text(path).split("\n")
    rows = [line for line in lines if len(line) == BITMAP_SIDE and not line.strip("01")]
    labels = [line.strip() for line in lines if line.startswith(" ")]
    declared = f"ntot = {len(labels)}"
    if not labels or declared not in lines or len(rows) != BITMAP_SIDE * len(labels) or not set(labels) <= CLASSES:
        raise DamagedData(path=path, problem=Phrase("data.not_table", columns=BITMAP_SIDE))
    bits = np.frombuffer("".join(rows).encode(), np.uint8).reshape(-1, BITMAP_SIDE, BITMAP_SIDE)
    return Labelled((bits - ord("0")) * np.uint8(255), np.array(labels).astype(np.uint8))


def load_pendigits(root: Path) -> Labelled:
    """Read UCI pendigits: (7494, 8, 2) float32, eight points (x, y) along the pen's path, 0-100, y down.

    The points are evenly spaced and pen lifts are lost: a 4 of two strokes is one line here.

    Raises:
        MissingData, DamagedData: the file is not there or is corrupt.
    """
    table = _read_table(need_file("uci/pendigits.tra.gz", root), columns=16 + 1, highest=100)
    points = table[:, :16].reshape(-1, 8, 2).astype(np.float32)
    points[:, :, 1] = 100 - points[:, :, 1]
    return Labelled(points, _labels(table))


def load_semeion(root: Path) -> Labelled:
    """Read UCI semeion: (1593, 16, 16) uint8, 0 or 255; about 80 Italian hands, each digit stretched to the box.

    Raises:
        MissingData, DamagedData: the file is not there or is corrupt.
    """
    path = need_file("uci/semeion.data.gz", root)
    table = _read_table(path, columns=256 + DIGITS, highest=1)
    if (table[:, 256:].sum(axis=1) != 1).any():
        raise DamagedData(path=path, problem=Phrase("data.not_table", columns=256 + DIGITS))
    labels = table[:, 256:].argmax(axis=1).astype(np.uint8)
    return Labelled(table[:, :256].reshape(-1, 16, 16) * np.uint8(255), labels)


def load_unipen(root: Path) -> PenDigits:
    """Read UNIPEN's digits as pen strokes.

    A stroke of one point is left out. A line is dropped, and counted, when its label is not a digit, when no
    stroke is left, or when its contributor is `OUT_OF_STEP`.

    Raises:
        MissingData, DamagedData: the file is not there or is corrupt.

    Example:
        >>> pen = load_unipen(locate("unipen", settings.data, settings.cache))
        >>> len(pen.labels), pen.dropped
        (13019, 382)
    """
    path = need_file("unipen/unipen_digits.jsonl.gz", root)
    lines = _read_text(path).splitlines()
    kept: list[tuple[list[NDArray[np.float32]], int, str]] = []
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            strokes = [_stroke(points) for points in entry["strokes"] if len(points) > 1]
            label, source = str(entry["label"]), str(entry["src"])
        except (ValueError, KeyError, TypeError) as error:
            raise DamagedData(path=path, problem=Phrase("data.not_strokes", line=number)) from error
        if strokes and label in CLASSES and OUT_OF_STEP.isdisjoint(source.split("/")):
            kept.append((strokes, int(label), source))
    return PenDigits(
        strokes=[strokes for strokes, _, _ in kept],
        labels=np.array([label for _, label, _ in kept], np.uint8),
        sources=[source for _, _, source in kept],
        dropped=len(lines) - len(kept),
    )


def _stroke(points: object) -> NDArray[np.float32]:
    stroke = np.array(points, np.float32)
    if stroke.ndim != 2 or stroke.shape[1] != 2 or not np.isfinite(stroke).all():
        raise ValueError(stroke.shape)
    return stroke * np.array([1, -1], np.float32)  # a tablet's y grows upward, a picture's downward


def _mnist_part(root: Path, part: Part) -> tuple[Images, Labels]:
    images_path, labels_path = (need_file(path, root) for path in FILES[part][:2])
    images, labels = read_idx(images_path), read_idx(labels_path)
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        raise _wrong_shape(images_path, images.shape, ("n", SIDE, SIDE))
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1]:
        raise _wrong_shape(labels_path, labels.shape, images.shape[:1])
    if labels.max(initial=0) >= DIGITS:
        raise DamagedData(path=labels_path, problem=Phrase("data.not_table", columns=1))
    return images, labels


def _read_text(path: Path) -> str:
    try:
        return read_content(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise DamagedData(path=path, problem=Phrase("data.not_text")) from error


def _read_table(path: Path, columns: int, highest: int) -> NDArray[np.uint8]:
    """Read whole numbers between 0 and `highest`, separated by commas or blanks, into (n, columns) uint8."""
    rows = [line.replace(",", " ").split() for line in _read_text(path).splitlines()]
    problem = DamagedData(path=path, problem=Phrase("data.not_table", columns=columns))
    if not rows or any(len(row) != columns for row in rows):
        raise problem
    try:
        table = np.array(rows).astype(np.float32)  # some copies of semeion say 1.0000
    except ValueError as error:
        raise problem from error
    if not ((table >= 0) & (table <= highest) & (table == np.floor(table))).all():
        raise problem
    return table.astype(np.uint8)


def _labels(table: NDArray[np.uint8]) -> Labels:
    return np.ascontiguousarray(table[:, -1])


def _wrong_shape(path: Path, found: tuple[object, ...], expected: tuple[object, ...]) -> DamagedData:
    written = "×".join(map(str, expected))
    return DamagedData(path=path, problem=Phrase("data.wrong_shape", found="×".join(map(str, found)), expected=written))
