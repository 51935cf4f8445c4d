"""A picture of one number that has more on it: when it is read as a page is, too, and which reading is the number's.

The edge of a sheet, a shadow or a table is one long stroke beside a number, and a line of print is one more line of it;
where the numbers of a page are looked for, each line speaks for itself. Knows readings; sees no pixels.
"""

from collections.abc import Sequence
from dataclasses import replace

from calame.reader.printed import is_even, without_print
from calame.types import Box, CodeReading

SURE = 0.5  # probability from which on a reading speaks for itself
LIKELY = 0.3  # from which on the best of a page of so many lines is the answer, before each is read by itself:
PRINT = 12  # lines of a picture of one number
WITHIN, AS_HIGH = 0.7, 0.5  # share of a reading's box that is in another's, and of its height: it is of the same line
AT_EDGE = 0.005  # of the picture's sides: what is so near to one touches it
NOTHING = CodeReading(None, 0.0)


def is_alone(reading: CodeReading, lines: int) -> bool:
    """Whether a reading, of a picture with so many lines, speaks for itself: a lone digit may be an edge of a sheet."""
    return reading.confidence >= SURE and len(reading.guess) > 1 and lines == 1 and not reading.failed


def number_among(found: Sequence[CodeReading], reading: CodeReading) -> CodeReading:
    """Return the number of a picture that was read as one, `reading`, and as a page, on which `found` was read.

    The longest and surest of the page is the number unless it is a part of what was read, or that is sure of itself;
    print beside writing is none. Where the page has more that is as sure, a person must look.
    """
    every = [one for one in found if one.confidence > min(reading.confidence, SURE)]
    sure = without_print(every)
    if reading.digits and reading not in without_print([*every, reading]):
        reading = NOTHING  # it was print that was read
    best = max(sure, key=lambda one: (not one.failed, len(one.guess) * one.confidence), default=None)
    if best is None or not (_is_other(best, reading) if reading.confidence < SURE else _is_better(sure, best, reading)):
        return reading
    likely = every if is_even(best) else sure
    more = any(one.confidence >= min(SURE, best.confidence) for one in likely if one is not best)
    return replace(best, doubt="several" if more and best.text is not None else best.doubt)


def _is_other(best: CodeReading, reading: CodeReading) -> bool:
    """Whether a number of the page is more than a part of what was hardly read: sure of a part is sure of nothing."""
    part = _is_within(best.box, reading.box) or best.guess in reading.guess
    return len(best.guess) > len(reading.guess) or not part


def _is_better(found: Sequence[CodeReading], best: CodeReading, reading: CodeReading) -> bool:
    """Whether the best number of a page says that one which was read is its part, or it and lines that are none."""
    if reading.failed and not best.failed:
        return not _is_within(best.box, reading.box)
    if len(best.guess) > len(reading.guess):
        return len(reading.guess) == 1 or reading.guess in best.guess
    a_line = best.guess in reading.guess and not _is_within(best.box, reading.box)
    alone = len(found) == 1 and best.confidence > reading.confidence
    return a_line and alone and reading.doubt == "lines"  # two numbers of a page may be one on two lines


def _is_within(one: Box | None, other: Box | None) -> bool:
    """Whether a box is a part of another along one line."""
    if one is None or other is None:
        return False
    across, down = one.apart(other)
    within = min(0, across) * min(0, down) >= WITHIN * one.width * one.height
    return within and one.height >= AS_HIGH * other.height


def as_far_as_the_edge(reading: CodeReading, size: tuple[int, ...]) -> CodeReading:
    """Return a reading with a doubt where it is a lone digit that touches a border of the picture.

    Args:
        reading: which.
        size: width and height of the picture.
    """
    if reading.box is None or len(reading.guess) != 1 or reading.text is None or reading.doubt:
        return reading
    width, height = size
    left, top, right, bottom = reading.box
    across, down = AT_EDGE * width, AT_EDGE * height
    touches = left <= across or top <= down or right >= width - across or bottom >= height - down
    return replace(reading, doubt="edge") if touches else reading
