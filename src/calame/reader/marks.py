"""What stands between the digits of a line: the points, commas, dashes and slashes that are really there.

Most small ink among digits is no mark: strokes that broke, print above, what is left of boxes. A mark is a piece of ink
of its own, of a mark's shape and in a mark's place, where the line network, too, sees one; and all marks of a number
are such as numbers have (`plausible`). A mark in a wrong place is worse than none. Chosen on made numbers of held-out
hands, 1600 with a mark and 2900 without. Knows what both readers say of a line; changes none of its digits.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from calame.imaging.cuts import Strip
from calame.imaging.segment import union
from calame.reader.cutting import CutReading, Part, Usual, usual_of
from calame.reader.line import LineReading

SEEN = 0.3  # least probability of a mark where its ink is, as the line network has it
LOW, LEVEL = (0.2, 0.9), (-0.35, 0.35)  # heights from the digits' middle down to a point's or comma's, and to another's
BEHIND = -0.1  # heights from a digit to the mark behind it: one that lies further back may stand before it as well
LONG = 0.2  # heights: a dash is as long
SLIM = 0.14  # heights: a low mark higher by so much than half its width is a comma
DECIMALS, THOUSAND = 2, 3  # digits behind a decimal mark, at most; of a group


def marks_of(cut: CutReading, line: LineReading, text: str) -> list[tuple[int, Part]]:
    """Return the marks between the digits of a text, each after how many, in order; none where no cuts give the text.

    Boxes are in pixels of the ink that was read. Ink that was read as a part of a digit may be a mark all the same.
    """
    if cut.lattice is None or cut.strip is None:
        return []
    strip, edges, usual = cut.strip, cut.lattice.edges, usual_of(cut.strip)
    path = (edges[number] for number in cut.lattice.along(text)[1])
    digits = [range(edge.start, edge.end) for edge in path if edge.digits is not None]
    shapes = {edge.start: edge.mark for edge in edges if edge.mark and edge.end == edge.start + 1}
    found: list[tuple[int, Part]] = []
    for piece, shape in sorted(shapes.items()):
        letter, box = _letter(shape, strip.boxes[piece], usual), strip.back(piece, piece + 1)
        sure = line.mark_at(box)
        after = _place(piece, shape, strip, usual, digits) if letter and sure >= SEEN else 0
        if 0 < after < len(digits):
            found.append((after, Part(letter, sure, box)))
    return found


def _letter(shape: str, ink: Sequence[int], usual: Usual) -> str:
    """Return the mark that ink of the shape of one is in its place, "" for none."""
    left, top, right, bottom = ink
    below = (top + bottom) / 2 - usual.row - usual.slope * (left + right) / 2
    low, high = LOW if shape in ".," else LEVEL
    if not low <= below / usual.height <= high or (shape == "-" and right - left < LONG * usual.height):
        return ""
    slim = bottom - top - (right - left) / 2 > SLIM * usual.height
    return shape if shape not in ".," else "," if slim else "."


def _place(piece: int, shape: str, strip: Strip, usual: Usual, digits: Sequence[range]) -> int:
    """Return after how many digits a piece stands; 0 for one that is a digit, was cut off one, or is not clear of it.

    Each digit counts without the piece: a comma that was read as a part of the digit behind it stands before that.
    """
    part = any(piece in digit for digit in digits)
    rest = [[one for one in digit if one != piece] for digit in digits]
    cut_off = np.count_nonzero(strip.whole == strip.whole[piece]) > 1
    if not all(rest) or cut_off or (part and shape == "/"):  # a bar as high as a digit is a stroke of it
        return 0
    left, _, right, _ = strip.boxes[piece].tolist()
    boxes = [union(strip.boxes[some].tolist()) for some in rest]
    after = sum(box.left + box.right < left + right for box in boxes)
    return after if after and left - boxes[after - 1].right >= BEHIND * usual.height else 0


def plausible(marks: Sequence[tuple[int, str]], count: int) -> bool:
    """Whether a number of `count` digits may be written with these marks between them, each after how many, in order.

    An amount has at most one decimal mark, and points or commas by threes before it; a date or a code has the same mark
    between all its groups.
    """
    if not marks:
        return True
    groups = [after - before for before, after in pairwise([0, *(place for place, _ in marks), count])]
    *others, last = (letter for _, letter in marks)
    if min(groups) < 1:
        return False
    if last in ".," and groups[-1] <= DECIMALS and last not in others and set(others) < {".", ","}:
        return not others or _by_three(groups[:-1])
    alike = last != "," and len(groups) > 2 and len(set(groups[:-1])) == 1  # 12.05.1998
    return set(others) <= {last} and (last in "-/" or alike or _by_three(groups))


def _by_three(groups: Sequence[int]) -> bool:
    return groups[0] <= THOUSAND and set(groups[1:]) == {THOUSAND}
