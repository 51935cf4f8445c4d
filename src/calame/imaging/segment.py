"""The steps `main` and `check`: which ink is the digit, and whether it has the shape of one.

A digit is one large piece of ink near the middle, or a few that lie close together; specks, ruled lines, the
edge of the page and the neighbours that the picture's border cuts are other pieces; a circle around the digit
is taken off first (`ring`). This module judges pieces by size, place and distance; it reads nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Frame, Grey
from calame.imaging.ring import unringed
from calame.types import Box, Rejection

FAINT = 0.35 * 255  # ink from here on connects; what is fainter is the soft edge of a stroke
OUTLINE = FAINT
FAINTEST = 16  # ink from here on is more than the rounding of grey levels
BAND, FRAMED = 0.12, 0.8  # a printed box has ink in this much of its width, along this much of each side
SMALLEST = 8  # pixels: a lower box holds no digit
SIDE, WITHIN = 0.1, 0.1  # thickness of a box that is open at a side, of its length; share of its ink that is not there
LEAST_IN_FRAME = 0.3  # longer side of what a printed box holds, a share of the box
PART = 0.15  # of the chosen digit's height: what is smaller beside it is a speck, no part of another
COMPANY = 0.25  # of the longer side of what was chosen in a drawing: as long as that, other ink is another digit
BAR, CLEAR = 0.35, 0.1  # width in heights, and distance in longer sides of the digit, of a stroke beside it
FLAT = 2.3  # times wider than high: a line that was drawn under a digit
BESIDE = 0.35  # of the height of the shorter: where two share less, one stands above the other
EQUAL, OVER = 0.75, 0.1  # share of the height that equals share, and of the width that one may reach over the other
ASIDE = 0.1  # how far from the middle, a share of the width, the chosen one of several digits lies
ALIKE, AMONG = 0.6, 2  # share of the higher that two digits of a hand have in height, and others that make a row
OFF_MIDDLE = 0.3  # share of the sides from the border to the middle of a digit that the border has cut
TALL = 0.88  # of the height of a drawing: what is less tall is a part of a digit
SQUARE = np.ones((3, 3), np.uint8)
MIDDLE = 0.35  # distance from the middle, a share of the sides, at which a piece counts 1/e of one in the middle


@dataclass(frozen=True, eq=False)
class Pieces:
    """The connected pieces of ink, by label; 0 is the paper, whose figures mean nothing.

    Attributes:
        labels: (h, w) int32.
        boxes: (n, 4) left, top, right, bottom.
        mass: (n,) sum of the ink, in pixels of full ink.
        middle: (n,) distance of the centre of mass from the middle of the picture, a share of its sides.
        touch: (n,) pixels on the border of the picture.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int64]
    mass: NDArray[np.float64]
    middle: NDArray[np.float64]
    touch: NDArray[np.int64]

    @property
    def longer(self) -> NDArray[np.int64]:
        """(n,) longer side of each box."""
        return np.maximum(self.boxes[:, 2] - self.boxes[:, 0], self.boxes[:, 3] - self.boxes[:, 1])

    def mask(self, some: Sequence[int]) -> Grey:
        """(h, w) uint8: 255 on these pieces, 0 elsewhere."""
        if len(some) == 1:
            return cv2.inRange(self.labels, some[0], some[0]).astype(np.uint8, copy=False)
        wanted = np.zeros(len(self.mass), np.uint8)
        wanted[list(some)] = 255
        return wanted[self.labels]


def pieces(ink: Grey, some: Grey | None = None) -> Pieces:
    """Find the connected pieces of ink, (h, w) uint8, ink bright on 0; `some` is what `inked` found in it."""
    some = inked(ink) if some is None else some
    return _measured(ink, some, *cv2.connectedComponentsWithStats(some, connectivity=8)[:3])


def inked(ink: Grey) -> Grey:
    """(h, w) uint8: 255 where ink is dark enough to connect, 0 elsewhere."""
    some = cv2.threshold(ink, math.ceil(FAINT) - 1, 255, cv2.THRESH_BINARY)[1]  # a third of the time of `inRange`
    return some.astype(np.uint8, copy=False)


def _measured(ink: Grey, some: Grey, count: int, labels: NDArray[Any], stats: NDArray[Any]) -> Pieces:
    height, width = ink.shape
    places = np.flatnonzero(some)
    rows, columns = np.divmod(places, width)
    here, weight = labels.ravel()[places], ink.ravel()[places] / 255.0
    mass = np.bincount(here, weight, count)
    safe = np.maximum(mass, 1e-6)
    x = np.bincount(here, weight * (columns + 0.5), count) / safe / width - 0.5
    y = np.bincount(here, weight * (rows + 0.5), count) / safe / height - 0.5
    border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    boxes = stats[:, :4].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    return Pieces(
        np.asarray(labels, np.int32),
        boxes,
        mass.astype(np.float64),
        np.hypot(x, y),
        np.bincount(border, minlength=count),
    )


@dataclass(frozen=True)
class Main:
    """Keep the main digit: the best piece and the pieces that belong to it, a 5's bar or a 4's leg.

    Args:
        gap: a piece this near, as a share of the digit's size, may belong to it.
        above: the same for a piece above or below, where no other digit is written.
        piece: it must be at least this long, as a share of the digit's size: less is a dot or a speck.
        widest: side by side, the two may be this many times wider than high: more are two digits.
        apart: in a drawing, where no other ink is to be expected, a piece this near may belong to it.
    """

    gap: float = 0.12
    above: float = 0.25
    piece: float = 0.15
    widest: float = 1.3
    apart: float = 0.4

    def __call__(self, frame: Frame) -> Frame:
        some = inked(frame.pixels)
        # One piece, and nothing to be asked about it: to count pieces takes a ninth of the time to measure them.
        count, labels = cv2.connectedComponents(some, connectivity=8)
        alone = count == 2 and not _touches(bounds(some), some.shape)
        if alone and frame.even:  # a drawing: to look for a ring that its digit touches takes as long as all the rest
            return self._keep(frame, some)
        found = None if alone else pieces(frame.pixels, some)
        labels = found.labels if found else np.asarray(labels, np.int32)
        boxes = found.boxes if found else np.array([(0, 0, 0, 0), bounds(some)])
        free = unringed(frame.pixels, labels, boxes, frame.edge)
        if free is not None:
            return self(frame._replace(pixels=free))
        if found is None:
            return self._keep(frame, some)
        found = unframed(found)
        if len(found.mass) == 1:
            return frame._replace(pixels=np.zeros_like(frame.pixels), rejected="no_ink")
        kept = [int(np.argmax(self._scores(found)))]
        while (piece := self._next(found, kept, frame.even)) is not None:
            kept.append(piece)
        others = [piece for piece in range(1, len(found.mass)) if piece not in kept]
        apart = found.mask(others) if others else None
        return self._keep(frame, found.mask(kept), apart, _fault(found, kept, frame))

    def _keep(self, frame: Frame, chosen: Grey, apart: Grey | None = None, fault: Rejection | None = None) -> Frame:
        """Keep what was chosen with the fringe of its strokes, but nothing of what is `apart`."""
        soft = max(1, round(frame.edge / 2))
        fringe = cv2.dilate(chosen, SQUARE, iterations=soft)
        if apart is not None:
            fringe[apart > 0] = 0
        pixels = cv2.bitwise_and(frame.pixels, fringe).astype(np.uint8, copy=False)
        box = bounds(pixels, OUTLINE * min(1, max(0, frame.edge - 1.5) / 2))
        return frame._replace(pixels=pixels, box=box, rejected=frame.rejected or fault)

    def _scores(self, found: Pieces) -> NDArray[np.float64]:
        """Large and long, near the middle, and not along the border."""
        along = np.minimum(1, 2.5 * found.touch / np.maximum(found.longer, 1))
        score = np.sqrt(found.mass * found.longer) * np.exp(-((found.middle / MIDDLE) ** 2)) * (1 - 0.9 * along)
        score[0] = -1
        return score

    def _next(self, found: Pieces, kept: list[int], even: bool) -> int | None:
        """Return the largest piece not yet kept that belongs to the kept ones, or None."""
        box = union(found.boxes[kept])
        size = max(box.width, box.height)
        able = (found.mass > 0) & (found.longer >= self.piece * size)
        if not found.touch[kept].any():
            able &= found.touch == 0
        able[[0, *kept]] = False
        if not able.any():
            return None
        near = cv2.distanceTransform(255 - found.mask(kept), cv2.DIST_L2, 3)
        for piece in sorted(np.flatnonzero(able).tolist(), key=lambda piece: -found.mass[piece]):
            other = Box(*(int(side) for side in found.boxes[piece]))
            reach = max(self._reach(box, other), self._reach_in_drawing(box, other) if even else 0) * size
            if reach and near[found.labels == piece].min() <= reach:
                return piece
        return None

    def _reach(self, box: Box, piece: Box) -> float:
        """Return how far a part of the digit may be, as a share of its size, by how the boxes lie; 0 for never."""
        shared_columns, shared_rows = (-away for away in box.apart(piece))
        if shared_rows < BESIDE * min(box.height, piece.height):  # one above the other: no neighbour lies there
            return self.above if shared_columns > 0 else self.gap
        both = union([box, piece])
        if both.width > self.widest * both.height and shared_columns < 0.8 * piece.width:
            return 0
        return self.gap

    def _reach_in_drawing(self, box: Box, piece: Box) -> float:
        """Return the same for a drawing: two that are both as tall as the two together are two digits."""
        both = union([box, piece])
        shorter = min(box.height, piece.height)
        return self.apart if both.width <= self.widest * both.height and shorter < TALL * both.height else 0


@dataclass(frozen=True)
class Check:
    """Reject as "not_a_digit" what has no digit's shape; the preparation goes on, so that it can be looked at.

    Args:
        wide: more times wider than high is a line.
        full: more of its box full of ink, when the box is no upright bar, is a blot.
    """

    wide: float = 2.3
    full: float = 0.85

    def __call__(self, frame: Frame) -> Frame:
        box = frame.box or bounds(frame.pixels)
        inside = frame.pixels[box.top : box.bottom, box.left : box.right]
        blot = inside.size > 0 and inside.mean() > self.full * 255 and box.width > 0.6 * box.height
        if box.width > self.wide * box.height or blot:
            return frame._replace(rejected=frame.rejected or "not_a_digit")
        return frame


def _touches(box: Box, shape: tuple[int, ...]) -> bool:
    """Whether a box reaches the border of a picture (h, w)."""
    return box.left == 0 or box.top == 0 or box.right == shape[1] or box.bottom == shape[0]


def unframed(found: Pieces) -> Pieces:
    """Return the pieces without a printed box around others: ink along the sides of its own box, none within.

    One side may be open, as a comb's is, or lie beyond the picture.

    Its labels become paper; the other pieces keep theirs, and its figures are emptied.
    """
    framed = [piece for piece in range(1, len(found.mass)) if _is_frame(found, piece)]
    if not framed:
        return found
    mass, touch = found.mass.copy(), found.touch.copy()
    mass[framed], touch[framed] = 0, 0
    labels = np.where(np.isin(found.labels, framed), 0, found.labels).astype(np.int32)
    return replace(found, labels=labels, mass=mass, touch=touch)


def _is_frame(found: Pieces, piece: int) -> bool:
    """Whether a piece is a box round others; a 0 is not: it leaves its corners free."""
    box = Box(*(int(side) for side in found.boxes[piece]))
    if min(box.width, box.height) < SMALLEST:
        return False
    own = found.labels[box.top : box.bottom, box.left : box.right] == piece
    band = max(2, round(BAND * min(own.shape)))
    sides = own[:, :band].any(axis=1), own[:band].any(axis=0), own[:, -band:].any(axis=1), own[-band:].any(axis=0)
    open_at = [place for place, side in enumerate(sides) if side.mean() <= FRAMED]
    if len(open_at) > 1 or (open_at and not _is_thin(own, band)):
        return False
    high = found.boxes[:, 3] - found.boxes[:, 1]
    reach = [box.left, box.top, box.right, box.bottom]
    for side in open_at:  # what it holds may reach beyond as far as it is high
        reach[side] += int(high[1:].max()) * (-1 if side < 2 else 1)
    left, top, right, bottom = found.boxes.T
    inside = (left > reach[0]) & (top > reach[1]) & (right < reach[2]) & (bottom < reach[3])
    inside[[0, piece]] = False
    return bool(inside.any()) and found.longer[inside].max() >= LEAST_IN_FRAME * min(box.width, box.height)


def _is_thin(own: NDArray[np.bool_], band: int) -> bool:
    """Whether a piece is three thin sides of its box, `band` pixels deep or as they are thick, and nothing more."""
    height, width = own.shape
    thick = int(own.sum()) / (width + height + min(width, height))
    band = max(band, round(1.5 * thick) + 1)
    return thick <= SIDE * max(own.shape) and own[band:-band, band:-band].sum() <= WITHIN * own.sum()


def _fault(found: Pieces, kept: list[int], frame: Frame) -> Rejection | None:
    """Return what is wrong with where the digit lies, or None."""
    company = frame.even and _has_company(found, kept, frame.pixels)
    if company or _is_row(found, kept, frame.pixels) or _is_among(found, kept):
        return "several_digits"
    return "cut_off" if found.touch[kept].any() and _is_cut(found, kept) else None


def _is_cut(found: Pieces, kept: list[int]) -> bool:
    """Whether the digit goes over a border and lies on that side of the picture; in a close crop it fills it."""
    height, width = found.labels.shape
    box = union(found.boxes[kept])
    across, down = (box.left + box.right) / 2 / width, (box.top + box.bottom) / 2 / height
    return (
        (box.left <= 0 and across < OFF_MIDDLE)
        or (box.right >= width and across > 1 - OFF_MIDDLE)
        or (box.top <= 0 and down < OFF_MIDDLE)
        or (box.bottom >= height and down > 1 - OFF_MIDDLE)
    )


def _is_row(found: Pieces, kept: list[int], ink: Grey) -> bool:
    """Whether other whole digits stand beside the chosen one, and the chosen one is not alone in the middle."""
    width = ink.shape[1]
    box = union(found.boxes[kept])
    left, right, top, bottom = found.boxes[:, 0], found.boxes[:, 2], found.boxes[:, 1], found.boxes[:, 3]
    shared = np.minimum(bottom, box.bottom) - np.maximum(top, box.top)
    as_tall = (found.mass > 0) & (shared >= EQUAL * np.maximum(bottom - top, box.height))
    aside = np.maximum(left - box.right, box.left - right) >= -OVER * box.width
    as_tall &= aside & (left > 0) & (right < width)  # a crop has half of a neighbour at its sides
    as_tall[[0, *kept]] = False
    if _stands_apart(found, kept, as_tall, ink):
        return True
    beside = (found.touch == 0) & (shared >= 0.6 * (bottom - top)) & (found.longer >= PART * box.height)
    beside[[0, *kept]] = False
    if not beside.any():
        return False
    middle = (left + right) / 2
    before, after = (_is_whole(found, kept, box, beside & side) for side in (middle < box.left, middle > box.right))
    if found.touch[kept].any():
        return before and after
    off = (box.left + box.right) / 2 - width / 2
    return (before and after) or (before and off > ASIDE * width) or (after and off < -ASIDE * width)


def _is_among(found: Pieces, kept: list[int]) -> bool:
    """Whether several pieces as high as the chosen digit are whole in the picture: a row that slopes, or a column."""
    high, size = found.boxes[:, 3] - found.boxes[:, 1], union(found.boxes[kept]).height
    alike = (found.mass > 0) & (found.touch == 0) & (high >= ALIKE * size) & (ALIKE * high <= size)
    alike[[0, *kept]] = False
    return int(alike.sum()) >= AMONG


def _has_company(found: Pieces, kept: list[int], ink: Grey) -> bool:
    """Whether more stands beside the chosen digit of a drawing: it has no neighbours by chance, as a crop has.

    What was taken for a part of the digit is more as well where it stands beside the largest part; well beside, where
    one of the two is a mere bar, as the last stroke of a 4 is.
    """
    box = union(found.boxes[kept])
    left, top, right, bottom = found.boxes.T
    high, size = bottom - top, max(box.width, box.height)
    beside = np.minimum(bottom, box.bottom) - np.maximum(top, box.top) >= BESIDE * np.minimum(high, box.height)
    first = kept[int(found.mass[kept].argmax())]
    apart = np.maximum(left - right[first], left[first] - right)
    slim = right - left < BAR * high
    clear = apart >= np.where(slim | slim[first], CLEAR * size, 0)
    clear |= ~np.isin(np.arange(len(high)), kept)
    other = (found.mass > 0) & beside & (found.longer >= COMPANY * size) & (right - left <= FLAT * high) & clear
    other[[0, first]] = False
    return _stands_apart(found, [first], other, ink)


def _stands_apart(found: Pieces, kept: list[int], some: NDArray[np.bool_], ink: Grey) -> bool:
    """Whether one of some pieces is not connected to those kept: what the faintest ink connects is one stroke."""
    if not some.any():
        return False
    faintly = np.asarray(cv2.connectedComponents(cv2.inRange(ink, FAINTEST, 255), connectivity=8)[1], np.int32)
    ours = {int(faintly[found.labels == piece][0]) for piece in kept}
    return any(int(faintly[found.labels == piece][0]) not in ours for piece in np.flatnonzero(some).tolist())


def _is_whole(found: Pieces, kept: list[int], box: Box, some: NDArray[np.bool_]) -> bool:
    """Whether some pieces on one side of the kept ones, a broken stroke's parts, make up a digit as tall as they."""
    if not some.any() or found.mass[some].sum() < 0.1 * found.mass[kept].sum():
        return False
    return union(found.boxes[some]).height >= 0.65 * box.height


def bounds(ink: Grey, over: float = 0) -> Box:
    """Return the box of all that is darker than `over`; the whole picture when nothing is."""
    left, top, width, height = cv2.boundingRect(cv2.threshold(ink, math.floor(over), 255, cv2.THRESH_BINARY)[1])
    return Box(left, top, left + width, top + height) if width else Box(0, 0, ink.shape[1], ink.shape[0])


def union(boxes: NDArray[np.int64] | Sequence[Sequence[int]]) -> Box:
    """Return the box around boxes, (n, 4) or n of left, top, right, bottom."""
    # Plain numbers: of the few boxes there are, NumPy's four reductions take five times as long.
    lefts, tops, rights, bottoms = zip(*(boxes.tolist() if isinstance(boxes, np.ndarray) else boxes), strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))
