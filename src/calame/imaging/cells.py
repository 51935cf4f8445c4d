"""What stands in one cell, what a gap parts: numbers between upright printed lines, of a table or of a comb.

Knows the boxes of pieces of ink and where upright lines stand; sees no pixels.
"""

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Wall
from calame.imaging.segment import union
from calame.types import Box

FAR, FARTHER = 1.2, 0.9  # heights of a digit: a gap as wide, by so much wider than the others, ends a number
WIDER = 0.35  # heights of a digit: by so much wider, one with an upright printed line in it does
SAME_LINE = 0.4  # of the lower one's height: boxes that share so many rows stand side by side
LONG = 2.5  # heights of a digit: an upright line so long is a table's, and parts numbers however narrow the gap
SIDES = 0.3  # heights of a digit: upright lines as near to each other are the sides of one
PITCH = 2.2  # heights of a digit: a tooth of a comb stands at most so far from the next
TEETH, EVENLY, MOSTLY = 3, 0.2, 0.7  # distances at least; from the usual one, a share of it; so many of them
LOW, HANGS = 0.6, 0.1  # of the height: a piece so low beside a number is a comma, and need not share more of its rows
TOWERS = 4.5  # times as high: what towers so over a digit is none of its number


def ends(gaps: NDArray[np.float64], walled: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return between which pieces or digits side by side a number ends and another begins, (n - 1,).

    A gap there is much wider than the others; where an upright printed line is in it, and none in the others, somewhat
    wider is enough. In a comb there is one in every gap.

    Args:
        gaps: (n - 1,) from one to the next, in heights of a digit.
        walled: (n - 1,) whether an upright printed line is in it.
    """
    if not gaps.size:
        return walled
    others = float(np.median(np.sort(gaps)[:-1])) if gaps.size > 1 else 0.0
    free = gaps[~walled]
    usual = float(np.median(free)) if free.size else max(others, FAR)
    return (gaps > max(FAR, others + FARTHER)) | (walled & (gaps > usual + WIDER))


def parted_by(columns: NDArray[np.float64], boxes: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return between the middles of which boxes an upright printed line stands, (n - 1,); teeth of a comb part nothing.

    Args:
        columns: where upright lines stand, from left to right.
        boxes: (n, 4) from left to right.
    """
    if _is_comb(columns, boxes):
        return np.zeros(max(0, len(boxes) - 1), bool)
    before = np.searchsorted(columns, (boxes[:, 0] + boxes[:, 2]) / 2)
    return np.diff(before) > 0


def celled(
    boxes: NDArray[np.int64], chains: list[list[int]], walls: Sequence[Wall], reach: float = math.inf
) -> list[list[int]]:
    """Join the chains that stand side by side in one cell of a table, or in one comb: of unlike digits, or of far ones.

    In a cell at most as far as `reach`, in heights of the higher one; in a comb as far as its next tooth but one.
    """
    if not walls:
        return chains
    done: list[tuple[list[int], tuple[int, int]]] = []
    for chain in sorted(chains, key=lambda chain: boxes[chain, 0].min()):
        box = union(boxes[chain])
        there = standing(walls, (box.top + box.bottom) / 2)
        cell = int((there < box.right).sum()), len(there)
        closed = 0 < (there < box.left + box.width / 2).sum() == cell[0] < len(there)
        for other, its in done:
            around = union(boxes[other])
            apart = (box.left - around.right) / max(box.height, around.height)
            beside = shared(around, box) >= (SAME_LINE if box.height > LOW * around.height else HANGS)
            beside = beside and not towers(around, box)
            in_cell = closed and its == cell and apart <= reach
            if beside and (in_cell or (apart <= PITCH and _is_comb(there, boxes[[*other, *chain]]))):
                other.extend(chain)
                break
        else:
            done.append((list(chain), cell if closed else (0, 0)))
    return [chain for chain, _ in done]


def parted(boxes: NDArray[np.int64], chain: list[int], walls: Sequence[Wall]) -> list[list[int]]:
    """Return the parts of a chain, of numbers of rows of `boxes`, that are numbers of their own."""
    chain = sorted(chain, key=lambda piece: int(boxes[piece, 0]))
    some = boxes[chain]
    middle, height = float(some[:, [1, 3]].mean()), _height(some)
    there = standing(walls, middle)
    gaps = np.array([_blank(boxes, before, after) for before, after in pairwise(some)]) / height
    long = standing([wall for wall in walls if wall.bottom - wall.top >= LONG * height], middle)
    walled = parted_by(there, some)
    places = np.flatnonzero(ends(gaps, walled) | (walled & parted_by(long, some))) + 1
    return [part.tolist() for part in np.split(np.array(chain), places)]


def shared(one: Box, other: Box) -> float:
    """Return how many rows two boxes share, as a part of the lower one's height."""
    return -one.apart(other)[1] / max(1, min(one.height, other.height))


def towers(one: Box, other: Box) -> bool:
    """Whether one of two is so much higher that it is no digit beside the other, but an upright line that stayed."""
    return max(one.height, other.height) > TOWERS * min(one.height, other.height)


def standing(walls: Sequence[Wall], row: float) -> NDArray[np.float64]:
    """Return where walls stand at a row, from left to right."""
    return np.sort([wall.column + wall.slope * row for wall in walls if wall.top <= row <= wall.bottom])


def _height(boxes: NDArray[np.int64]) -> float:
    """Return the height of a number's digits: its low zeros say less than its other digits."""
    return float(np.quantile(boxes[:, 3] - boxes[:, 1], 0.75))


def _blank(boxes: NDArray[np.int64], before: NDArray[np.int64], after: NDArray[np.int64]) -> float:
    """Return how wide the gap between two boxes is: the widest part of it, when some of `boxes` are in it."""
    middles = (boxes[:, :2] + boxes[:, 2:]) // 2
    low, high = min(before[1], after[1]), max(before[3], after[3])
    inside = (middles > (before[2], low)).all(axis=1) & (middles < (after[0], high)).all(axis=1)
    edges = np.concatenate([[before[2]], boxes[inside][:, [0, 2]].ravel(), [after[0]]])
    return float(np.diff(np.sort(edges))[::2].max())


def _is_comb(columns: NDArray[np.float64], boxes: NDArray[np.int64]) -> bool:
    """Whether upright lines stand at even distances, with room for a digit between two, or two and two so."""
    if len(boxes) < 2:
        return False
    height = _height(boxes)
    near = columns[(columns > boxes[:, 0].min() - 2 * height) & (columns < boxes[:, 2].max() + 2 * height)]
    teeth = near[np.diff(near, prepend=-np.inf) > SIDES * height]  # both sides of a thick line are one
    for stride in (1, 2):
        pitches = teeth[stride:] - teeth[:-stride]
        if len(pitches) < TEETH:
            continue
        usual = float(np.median(pitches))
        even = np.abs(pitches - usual) <= EVENLY * usual
        if usual <= PITCH * height and even.mean() >= MOSTLY:
            return True
    return False
