"""Where on a page numbers may be: which parts of its lines of writing the line network reads as digits.

A look at a whole line costs a tenth of cutting it, and most lines of a page are no numbers. Where a line as a whole
is none, its words are judged one by one by what the same look found in each: a number may follow what is printed before
it.
What is found here is only a candidate; the readers of codes decide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from calame.imaging.frame import Grey
from calame.imaging.rows import CROOKED, Row, one_row, turned
from calame.imaging.rules import height_of, pieces_of
from calame.imaging.segment import FAINT
from calame.reader.line import LineNetwork, LineReading, LineText, search
from calame.reader.written import FEWEST

DOUBTFUL = -0.6  # log-probability of each digit: a line that is read with less is no number
UNLIKELY = -4.0  # of all digits together: likewise; printed lines are long, and hardly one is read with more
LOW = 3  # pixels of ink in a column of it: no more than of dots, or of a line that is written on
APART = 11  # pixels of the levelled line without ink: what is after them is another word

Span = tuple[int, int]  # columns of a levelled line: the first, and one past the last


def numbers_in(row: Row, network: LineNetwork) -> list[Row]:
    """Return the parts of a line that may be numbers, from left to right: all of it, some words, or nothing."""
    crooked = abs(np.rad2deg(row.slope)) > CROOKED
    read = network.read(turned(row, row.slope)[0] if crooked else row.ink)
    if _is_likely(read.texts[:1], FEWEST):
        return [row]
    if crooked or read.level is None:
        return []
    return [_part(row, read, span) for span in _spans(read)]


def _spans(read: LineReading) -> Iterator[Span]:
    """Yield words side by side that are read as digits, together of digits enough."""
    assert read.level is not None
    words = words_of(read.level.pixels)
    if len(words) < 2:
        return
    stride = read.level.pixels.shape[1] / len(read.columns)
    texts = [search(read.columns[int(first / stride) : int(last / stride) + 1])[:1] for first, last in words]
    able = [_is_likely(text, 1) for text in texts]
    for likely, some in groupby(range(len(words)), able.__getitem__):
        places = list(some)
        together = LineText("".join(texts[k][0].text for k in places), sum(texts[k][0].score for k in places))
        if likely and _is_likely([together], FEWEST):
            yield words[places[0]][0], words[places[-1]][1]


def words_of(pixels: Grey) -> list[Span]:
    """Return the words of a levelled line, (32, w): runs of columns with ink enough, no wide gap among them."""
    inked = np.flatnonzero((pixels > FAINT).sum(axis=0) > LOW)
    if not inked.size:
        return []
    ends = np.flatnonzero(np.diff(inked) > APART)
    firsts, lasts = inked[np.r_[0, ends + 1]], inked[np.r_[ends, len(inked) - 1]] + 1
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _is_likely(texts: Sequence[LineText], fewest: int) -> bool:
    """Whether the first text has digits enough, and the network little doubt of them."""
    return bool(
        texts and len(texts[0].text) >= fewest and texts[0].score > max(DOUBTFUL * len(texts[0].text), UNLIKELY)
    )


def _part(row: Row, read: LineReading, span: Span) -> Row:
    """Return some words of a line as a line."""
    assert read.level is not None
    box = read.level.back(span[0] - APART // 2, span[1] + APART // 2)
    ink = row.ink[:, box.left : box.right]
    pieces = pieces_of((ink > FAINT).astype(np.uint8))
    return replace(one_row(ink, height_of(pieces, len(ink)), pieces), left=row.left + box.left, top=row.top)
