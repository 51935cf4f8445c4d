"""Pieces of ink above each other that are one digit: a pen that skipped, paper that was whitened too much.

Knows the boxes of pieces and what stands beside them; sees no pixels.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from calame.imaging.segment import union

LOWEST = 12  # pixels: beside lower digits nothing is put together
# All others are in heights of the digit beside which the pieces stand.
ASIDE, SPARE = 1.3, 0.25  # they are at most so far from it, and reach so far beyond its rows
PIECE = 0.75  # one of them is no higher
WHOLE, BROAD = (0.7, 1.3), 1.0  # together they are as high as this, and no broader
APART = 0.2  # so far is one from the next at most,
HALF = 0.5  # and no farther than this share of the higher one of the two
FREE = 0.4  # so far are more such pieces at least, which would make it a word:
SPECK = 0.3  # lower ones make none


def mended(boxes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Put the pieces of broken digits together, in place: one of them takes the box of all, the others have none then.

    Beside a digit, pieces above each other are a digit when together they are as high as it, and no word.

    Returns:
        Of each piece, (n,), the one that has it now.
    """
    now = np.arange(len(boxes))
    before = -1
    while before != (before := int((now != np.arange(len(now))).sum())):  # what is whole now is one to stand beside
        for one in range(1, len(boxes)):
            for pieces in _broken(boxes, one):
                now[np.isin(now, pieces)] = pieces[0]
                boxes[pieces[0]] = union(boxes[pieces])
                boxes[pieces[1:]] = 0
    return now


def _broken(boxes: NDArray[np.int64], one: int) -> Iterator[NDArray[np.int64]]:
    """Yield the pieces of a broken digit behind, and of one before, a piece that may be a whole one."""
    left, top, right, bottom = boxes[one].tolist()
    height = bottom - top
    if height < LOWEST:
        return
    heights = boxes[:, 3] - boxes[:, 1]
    inside = (boxes[:, 1] >= top - SPARE * height) & (boxes[:, 3] <= bottom + SPARE * height)
    low = np.flatnonzero(inside & (heights > 0) & (heights <= PIECE * height))
    for away in (boxes[low, 0] - right, left - boxes[low, 2]):
        near = np.flatnonzero((away >= 0) & (away <= (ASIDE + BROAD) * height))
        some = low[near[away[near].argsort()]]
        first = next((piece for piece in some.tolist() if heights[piece] >= SPECK * height), None)
        if first is not None and away[low == first] <= ASIDE * height:
            pieces = _stacked(boxes, first, some, height)
            if pieces is not None:
                yield pieces


def _stacked(boxes: NDArray[np.int64], first: int, some: NDArray[np.int64], height: int) -> NDArray[np.int64] | None:
    """Return a low piece and those of some above and below it when they may be a digit so high, else None."""
    found = [first]
    for piece in [one for one in some.tolist() if one != first]:
        box = union(boxes[found])
        if boxes[piece, 0] < box.right and boxes[piece, 2] > box.left:
            found.append(piece)
    box = union(boxes[found])
    if len(found) < 2 or box.width > BROAD * height or not WHOLE[0] * height <= box.height <= WHOLE[1] * height:
        return None
    rows = boxes[found][boxes[found, 1].argsort()][:, [1, 3]]
    gaps, high = rows[1:, 0] - np.maximum.accumulate(rows[:-1, 1]), np.diff(rows, axis=1)[:, 0]
    rest = boxes[[piece for piece in some.tolist() if piece not in found]]
    rest = rest[rest[:, 3] - rest[:, 1] >= SPECK * height]
    free = np.maximum(rest[:, 0] - box.right, box.left - rest[:, 2])
    near = gaps <= np.minimum(APART * height, HALF * np.maximum(high[1:], high[:-1]))
    return np.array(found) if near.all() and (free >= FREE * height).all() else None
