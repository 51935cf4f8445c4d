"""Why a person should look at a number all the same, though it is sure enough to be told.

What the readers' probabilities do not know: how the picture may lie, what stands beside the number, and that it may be
more than one. Knows lines that were read; decides nothing about them.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from calame.imaging.cells import ends, parted_by
from calame.imaging.rules import pieces_of
from calame.imaging.segment import FAINT
from calame.reader.checks import Check
from calame.reader.joining import has_more_ones
from calame.reader.line import LineNetwork
from calame.reader.names import is_bar
from calame.reader.written import Written, moved
from calame.types import Box, CodeDoubt, Separator

ASIDE = 2  # lines as high as a number and none of it, at least as many as its digits: it lies on its side
LONE, LONE_BY = 0.6, 0.3  # of the height: a gap as wide, by so much wider than all others, may be between two numbers
HIGH, BROAD, LITTLE = 0.75, 0.3, 0.2  # heights of the number, and share of its width that digits cover: of a sign
QUITE_SURE = -0.005  # log-probability of the line network from which on a line is not looked at upside down
UPSIDE_DOWN = str.maketrans("0123456789", "01????9?86")  # what a digit is then


def doubt_of(
    lines: Sequence[Written],
    boxes: Sequence[Box],
    between: Sequence[Separator],
    aside: int,
    network: LineNetwork,
    *,
    likely: bool = False,
    on_page: bool = False,
    checks: Sequence[Check] = (),
) -> CodeDoubt | None:
    """Return why a person should look at a number, None when nothing speaks for it.

    Args:
        lines: of the number, at least one.
        boxes: of its digits, in pixels of the picture.
        between: what stands between them.
        aside: how many lines as high are none of the number's.
        network: for a look at what may stand upside down.
        likely: whether it is only likely.
        on_page: whether it is one number of several.
        checks: what it must be; a text with more 1s that fits none of it is no reason to look.
    """
    if len(lines) > 1:
        return "lines"
    if aside >= max(ASIDE, len(boxes)):
        return "turned"
    if likely:
        return "likely"
    (line,) = lines
    if may_be_several(line, boxes, between, on_page=on_page):
        return "several"
    if line.beside or has_unread_sign(line, boxes):
        return "beside"
    whole, cut = (answer.text for answer in line.answers)
    if has_more_ones(cut, whole) and all(check(cut) for check in checks):
        return "ones"
    upright = low_marks(between)  # upside down they would be above the digits
    return "turned" if not upright and is_surer_upside_down(line, network) else None


def low_marks(between: Sequence[Separator]) -> list[tuple[int, Box]]:
    """Return the points and commas, each after how many digits."""
    return [(one.after, one.box) for one in between if one.mark in ".," and one.box is not None]


def may_be_several(line: Written, boxes: Sequence[Box], between: Sequence[Separator], *, on_page: bool) -> bool:
    """Whether a line, whose digits have these boxes, may be several numbers: one ends before the last digit.

    Among others on a page, a gap wider than all others is enough, or an upright printed line in few of the gaps. A gap
    with a point or a comma in it is as wide as the wider part of it.
    """
    gaps = np.array([after.left - before.right for before, after in itertools.pairwise(boxes)]) / line.height
    for after, box in low_marks(between):
        parts = box.left - boxes[after - 1].right, boxes[after].left - box.right
        gaps[after - 1] = min(gaps[after - 1], max(parts) / line.height)
    walled = parted_by(np.array(line.columns), np.array(boxes, np.int64).reshape(-1, 4))
    if not gaps.size or not on_page:
        return bool(ends(gaps, walled).any())
    second, widest = np.sort(np.append(gaps, 0.0))[-2:]
    few = 0 < walled.sum() < len(gaps) / 2
    return bool(few or widest > max(LONE, second + LONE_BY) or ends(gaps, walled).any())


def has_unread_sign(line: Written, boxes: Sequence[Box]) -> bool:
    """Whether a line has ink as high and broad as a digit, and no straight stroke, in no box of its digits."""
    stretch = line.stretch
    pieces = pieces_of((stretch.ink > FAINT).astype(np.uint8)) if stretch.pieces is None else stretch.pieces
    scale = float(np.sqrt(abs(np.linalg.det(stretch.back[:, :2]))))
    unit = line.height / scale  # in pixels of ink
    large = pieces[(pieces[:, 2] >= BROAD * unit) & (pieces[:, 3] >= HIGH * unit), :4]
    for left, top, width, height in large.astype(int).tolist():
        box = moved(Box(left, top, left + width, top + height), stretch.back)
        covered = -sum(min(0, box.apart(one)[0]) for one in boxes)
        if covered < LITTLE * box.width and not is_bar(stretch.ink[top : top + height, left : left + width] > FAINT):
            return True
    return False


def is_surer_upside_down(line: Written, network: LineNetwork) -> bool:
    """Whether the line network, where it is not quite sure of a line, is surer of it turned by 180 degrees."""
    upright = line.line.best
    if upright is None or upright.score > QUITE_SURE:
        return False
    if upright.text[::-1].translate(UPSIDE_DOWN) == upright.text:  # 11 and 69 are the same either way
        return False
    turned = network.read(line.stretch.ink[::-1, ::-1].copy()).best
    return turned is not None and turned.score > upright.score
