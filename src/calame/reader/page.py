"""Where on a page numbers may be: which parts of its lines of writing the line network reads as digits.

A look at a whole line costs a tenth of cutting it, and most lines of a page are no numbers. Where a line as a whole
is none, or has print in it, its words are judged one by one by what the same look found in each.
What is found here is only a candidate; the readers of codes decide.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.rows import CROOKED, Row, highest, one_row, turned
from calame.imaging.rules import height_of, pieces_of
from calame.imaging.segment import FAINT
from calame.reader.line import LineNetwork, LineReading, LineText, search
from calame.reader.names import is_print
from calame.reader.written import FEWEST, moved
from calame.types import Box, CodeReading

DOUBTFUL = -0.6  # log-probability of each digit: a line that is read with less is no number
UNLIKELY = -4.0  # of all digits together: likewise; printed lines are long, and hardly one is read with more
NUMBER = 0.15, 0.5  # least probability of a number's text, and mean confidence of its digits: print is left out already
CLEARLY = -0.2  # log-probability of a word without digits from which on it is print
LOW = 3  # pixels of ink in a column of it: no more than of dots, or of a line that is written on
CLOSE = 0.8  # heights of a number: what stands so near beside it may be a digit of it,
STANDS = 0.5  # when it has so much of its rows,
SMALL, ALL = 0.4, 0.9  # or is a small 0: of its height so much at least, and with so much of itself in its rows
LINES = 500  # of a page: a table of forty rows and a dozen columns. Of those as high as the last of these,
GRAIN = 2000  # no more are looked at all the same
APART = 11  # pixels of the levelled line without ink: what is after them is another word
NEAR = 28  # likewise: a word so near, unless it is print without a digit, may be of the same number

Span = tuple[int, int]  # columns of a levelled line: the first, and one past the last


class Word(NamedTuple):
    """A word of a line: its columns, its digits as far as it has some, and whether it is as high and wide as print."""

    span: Span
    text: LineText
    is_print: bool


def fewest(row: Row) -> int:
    """Return how many digits a number has at least that is looked for there: in a cell of a table, one is enough."""
    return 1 if row.in_cell else FEWEST


class Seen(NamedTuple):
    """A line of a page: the parts that may be numbers, from left to right, and where it has what is no clear print."""

    parts: list[Row]
    unprinted: list[Box]


def numbers_on(rows: Sequence[Row], network: LineNetwork) -> list[Row]:
    """Return what may be numbers among the lines of a page; one goes on where another line has ink beside it.

    Of more lines than a page has, which are grain, the highest are looked at.
    """
    least = sorted((row.height for row in rows), reverse=True)[:LINES][-1:]
    seen = [numbers_in(row, network) for row in highest([row for row in rows if row.height >= least[0]], GRAIN)]
    found: list[Row] = []
    for one in seen:
        others = [box for other in seen if other is not one for box in other.unprinted]
        found += [replace(part, goes_on=part.goes_on or _is_beside(part, others)) for part in one.parts]
    return found


def _is_beside(part: Row, others: list[Box]) -> bool:
    return any(_stands_by(part, box) for box in others)


def _stands_by(part: Row, other: Box) -> bool:
    """Whether ink of another line stands as near to a number as one more digit would, and no upright line between."""
    own = part.box
    across, down = own.apart(other)
    low, high = (own.right, other.left) if other.left > own.left else (other.right, own.left)
    apart = any(low <= column <= high for column in part.columns)
    small = other.height >= SMALL * part.height and -down >= ALL * other.height
    return across <= CLOSE * part.height and (small or -down >= STANDS * part.height) and not apart


def numbers_in(row: Row, network: LineNetwork) -> Seen:
    """Return what may be numbers of a line: all of it, some words, or nothing."""
    crooked = abs(np.rad2deg(row.slope)) > CROOKED
    read = network.read(turned(row, row.slope)[0] if crooked else row.ink)
    words = _words(read)
    spans = [] if crooked else list(_spans(words, fewest(row)))
    parts = [_part(row, read, span, words) for span, _ in spans]
    whole = [row] if read.best is not None and _is_likely(read.best, fewest(row)) else []
    fewer = sum(digits for _, digits in spans) < (len(read.best.text) if read.best else 0)
    printed = any(_is_printed(word) for word in words) and not (whole and row.in_cell and fewer)
    return Seen(
        (parts or whole) if printed else (whole or parts), [row.box] if crooked else _unprinted(row, read, words)
    )


def only_numbers(found: Iterable[CodeReading]) -> list[CodeReading]:
    """Return the readings of a page that have digits: what only says that there are none is left out."""
    return [reading for reading in found if reading.rejected != "no_digits"]


def as_it_came(reading: CodeReading, back: NDArray[np.float64] | None, size: tuple[int, int]) -> CodeReading:
    """Return a reading with its boxes where they are on the picture as it came, none of them empty or beyond it.

    Args:
        reading: which.
        back: (2, 3) from pixels of what was read to those of the picture as it came; None where these are the same.
        size: width and height of the picture.
    """

    def placed(box: Box) -> Box:
        return _within(box if back is None else moved(box, back), *size)

    return replace(
        reading,
        digits=tuple(one._replace(box=placed(one.box)) for one in reading.digits),
        separators=tuple(one._replace(box=one.box and placed(one.box)) for one in reading.separators),
        box=reading.box and placed(reading.box),
    )


def _within(box: Box, width: int, height: int) -> Box:
    """Return what of a box is in a picture, one pixel at least: scaled and turned back, it may reach beyond by some."""
    left, top = min(max(0, box.left), width - 1), min(max(0, box.top), height - 1)
    return Box(left, top, min(max(left + 1, box.right), width), min(max(top + 1, box.bottom), height))


def _words(read: LineReading) -> list[Word]:
    """Return the words of a line, each with what the look at the whole found in it."""
    if read.level is None:
        return []
    stride = read.level.pixels.shape[1] / len(read.columns)
    found: list[Word] = []
    for first, last in words_of(read.level.pixels):
        text = search(read.columns[int(first / stride) : int(last / stride) + 1])[0]
        found.append(Word((first, last), text, is_print(read.level.pixels[:, first:last] > FAINT)))
    return found


def _unprinted(row: Row, read: LineReading, words: list[Word]) -> list[Box]:
    """Return where a line has words that are no clear print, each as high as its highest piece: a colon is low.

    In pixels of the picture that the line was found in.
    """
    found: list[Box] = []
    for word in words:
        if read.level is not None and not _is_printed(word):
            first, last = word.span
            _, top, _, height, _ = max(
                pieces_of((read.level.pixels[:, first:last] > FAINT).astype(np.uint8)), key=_height
            )
            (_, scale, start), there = read.level.matrix[1], read.level.back(first, last)
            rows = [row.top + round((y - start) / scale) for y in (top, top + height)]
            found.append(Box(row.left + there.left, rows[0], row.left + there.right, rows[1]))
    return found


def _height(piece: NDArray[np.int32]) -> int:
    return int(piece[3])


def _is_printed(word: Word) -> bool:
    return word.is_print and not word.text.text and word.text.score > CLEARLY


def _spans(words: list[Word], least: int) -> Iterator[tuple[Span, int]]:
    """Yield words side by side that are read as digits, together of digits enough, and how many digits they are."""
    if len(words) < 2:
        return
    for likely, some in groupby(words, lambda word: _is_likely(word.text, 1)):
        spans, texts, _ = zip(*some, strict=True)
        together = LineText("".join(one.text for one in texts), sum(one.score for one in texts))
        if likely and _is_likely(together, least):
            yield (spans[0][0], spans[-1][1]), len(together.text)


def words_of(pixels: Grey) -> list[Span]:
    """Return the words of a levelled line, (32, w): runs of columns with ink enough, no wide gap among them."""
    inked = np.flatnonzero((pixels > FAINT).sum(axis=0) > LOW)
    if not inked.size:
        return []
    ends = np.flatnonzero(np.diff(inked) > APART)
    firsts, lasts = inked[np.r_[0, ends + 1]], inked[np.r_[ends, len(inked) - 1]] + 1
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _is_likely(one: LineText, least: int) -> bool:
    """Whether a text has digits enough, and the network little doubt of them."""
    return len(one.text) >= least and one.score > max(DOUBTFUL * len(one.text), UNLIKELY)


def _part(row: Row, read: LineReading, span: Span, words: list[Word]) -> Row:
    """Return some words of a line as a line."""
    assert read.level is not None
    box = read.level.back(span[0] - APART // 2, span[1] + APART // 2)
    ink = row.ink[:, box.left : box.right]
    pieces = pieces_of((ink > FAINT).astype(np.uint8))
    part = one_row(ink, height_of(pieces, len(ink)), pieces)
    beside = [word for word in words if 0 <= span[0] - word.span[1] < NEAR or 0 <= word.span[0] - span[1] < NEAR]
    goes_on = not all(map(_is_printed, beside))
    return replace(
        part, left=row.left + box.left, top=row.top, in_cell=row.in_cell, columns=row.columns, goes_on=goes_on
    )
