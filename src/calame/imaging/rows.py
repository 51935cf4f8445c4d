"""Which ink belongs to one line of writing, and in which order the lines come.

Each tall piece of ink looks for the next one to its right; those that choose each other are one line, however it
slopes. Dots, dashes and the parts of broken digits join the line that is nearest. This module judges pieces by size,
place and distance; it reads nothing, and does not know whether they are digits.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.broken import mended
from calame.imaging.cells import FAR, SAME_LINE, TOWERS, celled, parted, shared, standing
from calame.imaging.frame import Grey, Wall
from calame.imaging.quantiles import median
from calame.imaging.rules import Stats, pieces_of
from calame.imaging.segment import FAINT, bounds, union
from calame.types import Box

TALL = 0.45  # of the height of the line: lower pieces do not make a line, they join one
ALIKE = 2.6  # times as high: two pieces of one line differ by no more
ALIKE_ON_PAGE = 1.9  # the same among lines of any size: a number written behind a printed word is another line
RISE, RISE_ON_PAGE = 0.8, 0.2  # steepest slope from one piece to the next; among several lines
LEVEL = 0.55  # of the height: how far the next piece may lie off a level line, whatever its distance
NEAR = 0.9  # of the height: how far from its line a small piece may be
SIMILAR = 1.5  # times as high: parts of one line that stand
CLOSE, COMMON = 0.6, 0.6  # of the lower one's height so near, and with so many rows in common, differ by no more
MARGIN = 0.15  # of the height: paper left around a line
MOST = 12_000  # pieces: a page has no more, and each is compared with all; the lowest of more are grain
CROOKED = 7.0  # degrees of slope from which on a line is turned before it is read
Fits = Callable[[NDArray[np.int64], Box], NDArray[np.bool_]]  # which of the boxes (n, 4) of chains a box is of


@dataclass(frozen=True, eq=False)
class Row:
    """A line of writing.

    Attributes:
        ink: (h, w) uint8, ink bright on 0: this line's alone.
        left: column of `ink`'s first in the picture that it was found in.
        top: row of `ink`'s first in it.
        height: of its pieces: the median of the tall ones.
        slope: of the line through their middles, radians, y downward.
        count: of the tall pieces.
        pieces: of `ink`, where they are known.
        in_cell: whether it stands between two upright printed lines: of a table, or of a box.
        columns: of the picture that it was found in, where upright printed lines stand at the line.
        goes_on: whether it is a part of a line that may go on beside it.
    """

    ink: Grey
    left: int
    top: int
    height: float
    slope: float
    count: int
    pieces: Stats | None = None
    in_cell: bool = False
    columns: tuple[float, ...] = ()
    goes_on: bool = False

    @property
    def box(self) -> Box:
        """The box of the line's ink in the picture that it was found in."""
        left, top, right, bottom = bounds(self.ink, FAINT)
        return Box(self.left + left, self.top + top, self.left + right, self.top + bottom)


def rows_of(ink: Grey, height: float | None, reach: float, walls: Sequence[Wall] = ()) -> list[Row]:
    """Return the lines of writing on (h, w) ink, from top to bottom.

    Args:
        ink: bright on 0.
        height: of a digit, in pixels, where all lines are of one size; None where each piece speaks for itself.
        reach: how far the next piece of a line may be, in heights of a digit.
        walls: upright printed lines, which part numbers where pieces speak for themselves.
    """
    labels, boxes = _pieces((ink > FAINT).astype(np.uint8))
    count = len(boxes)
    if count == 1:
        return []
    if height is None:
        labels = mended(boxes)[labels.astype(np.int64)]
    heights = (boxes[:, 3] - boxes[:, 1]).astype(np.float64)
    usual = height if height is not None else _usual(heights[1:])
    tall = np.flatnonzero(heights >= TALL * usual)
    tall = tall[tall > 0]
    limits = (ALIKE, RISE) if height is not None else (ALIKE_ON_PAGE, RISE_ON_PAGE)
    chains = _chains(boxes, tall.tolist(), reach, *limits)
    if height is None:
        chains = _bridged(boxes, chains)
        parts = [part for chain in celled(boxes, chains, walls) for part in parted(boxes, chain, walls)]
        chains = celled(boxes, parts, walls, FAR)  # what an upright line has parted may be more of what is in a cell
    else:
        chains = _joined(boxes, chains)
    owner = np.full(count, -1, np.int64)
    for number, chain in enumerate(chains):
        owner[chain] = number
    _adopt(boxes, owner, chains, usual)
    fringe = cv2.dilate(labels.astype(np.float32), np.ones((3, 3), np.uint8)).astype(np.int64)
    owners = owner[np.where(labels > 0, labels, fringe)]
    found = [
        _row(ink, owners, number, boxes[owner == number], boxes[chain], walls) for number, chain in enumerate(chains)
    ]
    return sorted(found, key=lambda row: row.top + len(row.ink) / 2)


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return which box comes first, second, and so on: line by line from the top, each from left to right.

    A line may slope: each box of it shares rows with the one before.
    """
    lines: list[list[int]] = []
    for place in sorted(range(len(boxes)), key=lambda one: boxes[one].left):
        box = boxes[place]
        near = [(shared(boxes[line[-1]], box), number) for number, line in enumerate(lines)]
        most, number = max(near, default=(0.0, -1))
        if most >= SAME_LINE:
            lines[number].append(place)
        else:
            lines.append([place])
    lines.sort(key=lambda line: float(np.mean([boxes[one].top + boxes[one].bottom for one in line])))
    return [place for line in lines for place in line]


def highest(rows: Sequence[Row], most: int) -> list[Row]:
    """Return so many lines, those that come first of equals, in the order they came: what is lower is grain."""
    places = sorted(range(len(rows)), key=lambda place: -rows[place].height)[:most]
    return [rows[place] for place in sorted(places)]


def _pieces(mask: Grey) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the pieces of (h, w) 0/1 ink, the highest of too many: labels (h, w), and boxes (n, 4), the paper's first.

    A box is left, top, right, bottom.
    """
    count, found, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    labels = np.asarray(found, np.int32)
    if count > MOST + 1:
        kept = 1 + np.sort(np.argsort(-stats[1:, cv2.CC_STAT_HEIGHT], kind="stable")[:MOST])
        number = np.zeros(count, np.int32)
        number[kept] = np.arange(1, MOST + 1)
        labels, stats = number[labels], stats[[0, *kept]]
    boxes = stats[:, :4].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    return labels, boxes


def _usual(heights: NDArray[np.float64]) -> float:
    """Return the height that separates writing from dots: a share of the upper quartile of all that is no speck."""
    large = heights[heights >= max(6.0, 0.1 * float(np.quantile(heights, 0.95)))]
    return float(np.quantile(large, 0.5)) if large.size else float(heights.max())


def _bridged(boxes: NDArray[np.int64], chains: list[list[int]]) -> list[list[int]]:
    """Join chains of like height that stand on one level with hardly a gap, though their ends chose other pieces."""

    def follows(around: NDArray[np.int64], box: Box) -> NDArray[np.bool_]:
        _, top, right, bottom = around.T
        low, high = np.minimum(bottom - top, box.height), np.maximum(bottom - top, box.height)
        common = np.minimum(bottom, box.bottom) - np.maximum(top, box.top)
        gap = box.left - right
        return (-low < gap) & (gap <= CLOSE * low) & (high <= SIMILAR * low) & (common / np.maximum(low, 1) >= COMMON)

    return _gathered(boxes, sorted(chains, key=lambda chain: boxes[chain, 0].min()), follows)


def _chains(boxes: NDArray[np.int64], tall: list[int], reach: float, alike: float, rise: float) -> list[list[int]]:
    """Return chains of pieces, each the best to the right of the last, which is the best to its left."""
    if not tall:
        return []
    some = np.array(tall, np.int64)
    left, right = boxes[some, 0], boxes[some, 2]
    x, y = ((boxes[some, :2] + boxes[some, 2:]) / 2).T
    heights = boxes[some, 3] - boxes[some, 1]
    after = np.full(len(some), -1)
    before, cheapest = np.full(len(some), -1), np.full(len(some), np.inf)
    for one in range(len(some)):
        across, down = x - x[one], np.abs(y - y[one])
        size = (heights + heights[one]) / 2
        gap = left - right[one]
        far = gap > reach * size
        off = down > LEVEL * size + rise * across * (down > LEVEL * size)
        unlike = np.maximum(heights, heights[one]) > alike * np.minimum(heights, heights[one])
        cost = np.maximum(gap, 0) + 0.3 * across + 1.5 * down
        cost[(across <= 0) | unlike | far | off] = np.inf
        best = int(cost.argmin())
        if cost[best] < np.inf:
            after[one] = best
        better = cost < cheapest
        before[better], cheapest[better] = one, cost[better]
    links = {tall[one]: tall[other] for one, other in enumerate(after.tolist()) if other >= 0 and before[other] == one}
    started = set(links.values())
    chains: list[list[int]] = []
    for piece in tall:
        if piece not in started:
            chain = [piece]
            while chain[-1] in links:
                chain.append(links[chain[-1]])
            chains.append(chain)
    return _nested(boxes, chains)


def _nested(boxes: NDArray[np.int64], chains: list[list[int]]) -> list[list[int]]:
    """Give a lone piece that stands within the columns and rows of a longer chain to that chain."""

    def has(around: NDArray[np.int64], box: Box) -> NDArray[np.bool_]:
        left, top, right, bottom = around.T
        rows = np.minimum(bottom, box.bottom) - np.maximum(top, box.top)
        columns = np.minimum(right, box.right) - np.maximum(left, box.left)
        low, high = np.minimum(bottom - top, box.height), np.maximum(bottom - top, box.height)
        return (rows >= 0.5 * box.height) & (columns >= 0.5 * box.width) & (high <= TOWERS * low)

    return _gathered(boxes, sorted(chains, key=len, reverse=True), has, longest=2)


def _gathered(
    boxes: NDArray[np.int64], chains: list[list[int]], fits: Fits, longest: int | None = None
) -> list[list[int]]:
    """Give each chain, of at most `longest` pieces, to the first before it that fits: of specks there are thousands."""
    done: list[list[int]] = []
    around = np.empty((len(chains), 4), np.int64)
    for chain in chains:
        box = union(boxes[chain])
        short = longest is None or len(chain) <= longest
        first = np.flatnonzero(fits(around[: len(done)], box))[:1].tolist() if short else []
        for place in first:
            done[place].extend(chain)
            around[place] = union([around[place].tolist(), list(box)])
        if not first:
            around[len(done)] = box
            done.append(list(chain))
    return done


def _joined(boxes: NDArray[np.int64], chains: list[list[int]]) -> list[list[int]]:
    """Join chains that lie on one level line, however far apart: a number may be written in groups."""
    done: list[list[int]] = []
    last = np.empty((len(chains), 4), np.int64)  # piece of each
    for chain in sorted(chains, key=lambda chain: boxes[chain, 0].min()):
        left, top, _, bottom = boxes[chain[0]].tolist()
        lefts, tops, _, bottoms = last[: len(done)].T
        common = np.minimum(bottoms, bottom) - np.maximum(tops, top)
        level = (common >= 0.45 * np.minimum(bottoms - tops, bottom - top)) & (lefts <= left)
        place = int(level.argmax()) if level.any() else len(done)
        if place == len(done):
            done.append([])
        done[place].extend(chain)
        last[place] = boxes[chain[-1]]
    return done


def _adopt(boxes: NDArray[np.int64], owner: NDArray[np.int64], chains: list[list[int]], usual: float) -> None:
    """Give each small piece to the nearest chain, in place, when that is near enough."""
    if not chains:
        return
    tall = np.concatenate(chains)
    for piece in np.flatnonzero(owner < 0).tolist():
        if piece == 0:
            continue
        across = np.maximum(boxes[tall, 0] - boxes[piece, 2], boxes[piece, 0] - boxes[tall, 2]).clip(0)
        down = np.maximum(boxes[tall, 1] - boxes[piece, 3], boxes[piece, 1] - boxes[tall, 3]).clip(0)
        away = np.hypot(across, 1.5 * down)
        near = int(away.argmin())
        size = float(boxes[tall[near], 3] - boxes[tall[near], 1])
        if away[near] <= NEAR * max(size, 0.5 * usual) and boxes[piece, 3] - boxes[piece, 1] <= 1.2 * size:
            owner[piece] = owner[tall[near]]


def _row(
    ink: Grey,
    owners: NDArray[np.int64],
    number: int,
    every: NDArray[np.int64],
    tall: NDArray[np.int64],
    walls: Sequence[Wall],
) -> Row:
    """Cut one line out: `owners` (h, w) has its number, and the boxes of all its pieces and of the tall are given."""
    height, slope = _lies(tall, len(tall))
    around = union(every[every[:, 2] > every[:, 0]])  # some are a part of others now and have no box
    up, before = max(0, around.top - 1), max(0, around.left - 1)
    own = owners[up : around.bottom + 1, before : around.right + 1] == number
    rows, columns = np.flatnonzero(own.any(axis=1)) + up, np.flatnonzero(own.any(axis=0)) + before
    margin = max(2, round(MARGIN * height))
    top, left = max(0, int(rows[0]) - margin), max(0, int(columns[0]) - margin)
    bottom, right = int(rows[-1]) + 1 + margin, int(columns[-1]) + 1 + margin
    part = np.where(owners[top:bottom, left:right] == number, ink[top:bottom, left:right], 0).astype(np.uint8)
    return Row(part, left, top, height, slope, len(tall), None, *_among(walls, tall))


def _among(walls: Sequence[Wall], tall: NDArray[np.int64]) -> tuple[bool, tuple[float, ...]]:
    """Return whether a line, of whose tall pieces the boxes are given, is between two walls, and where they stand."""
    if not walls or not len(tall):
        return False, ()
    there = standing(walls, float(tall[:, [1, 3]].mean()))
    between = (there <= tall[:, 0].min()).any() and (there >= tall[:, 2].max()).any()
    return bool(between), tuple(there.tolist())


def _lies(tall: NDArray[np.int64], count: int) -> tuple[float, float]:
    """Return the height and the slope of a line from the boxes of its tall pieces."""
    height = median(tall[:, 3] - tall[:, 1])
    x, y = (tall[:, 0] + tall[:, 2]) / 2, (tall[:, 1] + tall[:, 3]) / 2
    spread = float(((x - x.mean()) ** 2).sum())
    level = spread < height**2 or count < 3
    return height, 0.0 if level else math.atan(float(((x - x.mean()) * (y - y.mean())).sum()) / spread)


def turned(row: Row, angle: float) -> tuple[Grey, NDArray[np.float64]]:
    """Return a line's ink turned by an angle, radians, nothing of it cut off, and the (2, 3) way back."""
    height, width = row.ink.shape
    cos, sin = math.cos(angle), math.sin(angle)
    wide, high = abs(width * cos) + abs(height * sin), abs(width * sin) + abs(height * cos)
    linear = np.array([[cos, sin], [-sin, cos]])
    offset = np.array([wide / 2, high / 2]) - linear @ [width / 2, height / 2]
    matrix = np.hstack([linear, offset[:, None]])
    size = math.ceil(wide), math.ceil(high)
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    return cv2.warpAffine(row.ink, matrix, size, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False), back


def one_row(ink: Grey, height: float, pieces: Stats | None = None, walls: Sequence[Wall] = ()) -> Row:
    """Return all ink as one line, with the slope of its tall pieces.

    Args:
        ink: (h, w) uint8, bright on 0, some of it above `FAINT`.
        height: of a digit, in pixels.
        pieces: of the ink, where they are known.
        walls: upright printed lines.
    """
    if pieces is None:
        pieces = pieces_of((ink > FAINT).astype(np.uint8))
    boxes = pieces[:, :4].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    tall = boxes[boxes[:, 3] - boxes[:, 1] >= TALL * height]
    height, slope = _lies(tall if len(tall) else boxes, len(tall))
    return Row(ink, 0, 0, height, slope, len(tall), pieces, *_among(walls, tall))
