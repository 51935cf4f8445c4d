"""A line of ink in pieces that are at most one digit each: what is connected, and cuts through what is joined.

1. upright: the line is sheared until its strokes stand, so that a cut between two digits is about vertical;
2. size: it is scaled so that digits are `HEIGHT` pixels high;
3. pieces: each connected piece of ink; the wide ones are cut along seams, the paths from top to bottom that cross
   least ink (after Avidan and Shamir, "Seam carving", 2007), oblique where that is better.

More cuts than digits: which of them are right is not decided here. This module reads nothing.
"""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey
from calame.imaging.ink import stroke_width
from calame.imaging.rules import Stats, height_of, pieces_of
from calame.imaging.segment import FAINT, union
from calame.types import Box

HEIGHT = 40  # pixels of a digit's height in a strip
MARGIN = 3  # pixels around a part of a strip
LEANING = 0.3  # an edge that is this steep or steeper says how its stroke leans
USUAL, REACH, ROUNDS = 0.15, 1.0, 10  # of the mean shift: where it starts, how far it looks, how often
LEANS = 1.2  # at most, to either side, for a height of 1
SPECK = 0.07  # of the height: what is smaller in both directions is no ink of a pen
SIDESTEP = 0.2  # what a step aside costs a seam, in pixels of ink
THROUGH = 2.3  # widths of the stroke that a seam may cross: two strokes, as between two joined 0s
APART = 0.11  # of the height: two seams are further apart, and leave as much ink on either side
DENSE = 2.6  # seams, at most, for each height of width


@dataclass(frozen=True, eq=False)
class Strip:
    """A line of ink, upright and of one size, and its pieces from left to right.

    Attributes:
        ink: (h, w) uint8, ink bright on 0.
        labels: (h, w) int32: 0 for paper, i + 1 for piece i, the soft fringe of its strokes included.
        boxes: (n, 4) int64 left, top, right, bottom of each piece.
        whole: (n,) int32, which connected piece of ink each is of.
        mass: (n,) float64, sum of the ink of each, in pixels of full ink.
        cuts: (n, n) float32: what the seam between two pieces of one connected piece crosses, in widths of the
            stroke; 0 where there is none.
        height: of a digit, in pixels of the strip.
        stroke: width of the strokes, in pixels of the strip.
        shear: by which the line was sheared.
        matrix: (2, 3) from pixels of the line to pixels of the strip.
        edge: pixels over which the ink rises, in the strip.
    """

    ink: Grey
    labels: NDArray[np.int32]
    boxes: NDArray[np.int64]
    whole: NDArray[np.int32]
    mass: NDArray[np.float64]
    cuts: NDArray[np.float32]
    height: float
    stroke: float
    shear: float
    matrix: NDArray[np.float64]
    edge: float

    def part(self, start: int, end: int) -> Grey:
        """Return the ink of pieces `start` to `end`, the last excluded, alone, with `MARGIN` pixels of paper around."""
        left, top, right, bottom = union(self.boxes[start:end])
        there = slice(max(0, top - MARGIN), bottom + MARGIN), slice(max(0, left - MARGIN), right + MARGIN)
        own = cv2.inRange(self.labels[there], start + 1, end)
        return cv2.bitwise_and(self.ink[there], own).astype(np.uint8, copy=False)

    def back(self, start: int, end: int) -> Box:
        """Return the box of pieces `start` to `end`, the last excluded, in pixels of the line."""
        low, high = self.corners[start:end, :2].min(axis=0), self.corners[start:end, 2:].max(axis=0)
        return Box(round(float(low[0])), round(float(low[1])), round(float(high[0])), round(float(high[1])))

    @cached_property
    def corners(self) -> NDArray[np.float64]:
        """(n, 4) left, top, right, bottom of each piece, in pixels of the line."""
        inverse = np.asarray(cv2.invertAffineTransform(self.matrix), np.float64)
        (across, aside, right), (_, down, below) = inverse.tolist()  # rows stay rows
        half = 0.5 * abs(down)  # of a pixel of the strip
        found = np.empty((len(self.boxes), 4))
        for piece, (first, top, last, bottom) in enumerate(self.boxes.tolist()):
            own = cv2.inRange(self.labels[top:bottom, first:last], piece + 1, piece + 1)
            columns, rows = cv2.findNonZero(own).reshape(-1, 2).T
            x = across * (columns + (first + 0.5)) + aside * (rows + (top + 0.5)) + right
            found[piece] = (
                x.min() - half,
                down * (top + 0.5) + below - half,
                x.max() + half,
                down * (bottom - 0.5) + below + half,
            )
        return found


def strip_of(line: Grey, edge: float = 2.0, pieces: Stats | None = None) -> Strip | None:
    """Return a line of ink, (h, w) uint8 bright on 0, in its connected pieces, not cut; None when there is no ink.

    Args:
        line: the ink of one line of writing.
        edge: pixels over which the ink rises.
        pieces: of the line, where they are known.
    """
    mask = (line > FAINT).astype(np.uint8)
    if not mask.any():
        return None
    shear = slant(line)
    height = height_of(pieces_of(mask) if pieces is None else pieces, len(line))
    zoom = HEIGHT / height
    margin = 4
    wide = abs(shear) * len(line)
    matrix = np.array([[zoom, zoom * shear, margin + zoom * (wide if shear < 0 else 0)], [0, zoom, margin]])
    size = round(zoom * (line.shape[1] + wide)) + 2 * margin, round(zoom * len(line)) + 2 * margin
    ink = _warped(line, matrix, size, zoom)
    mask = (ink > FAINT).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    large = np.flatnonzero(np.maximum(stats[:, 2], stats[:, 3]) >= SPECK * HEIGHT)
    large = large[large > 0]
    if not large.size:
        return None
    order = large[np.argsort(stats[large, 0] + stats[large, 2] / 2, kind="stable")]
    renumbered = np.zeros(count, np.int32)
    renumbered[order] = np.arange(1, len(order) + 1)
    own = renumbered[np.asarray(labels, np.int32)]
    whole = np.arange(len(order), dtype=np.int32)
    none = np.zeros((len(order), len(order)), np.float32)
    stroke = max(1.0, stroke_width(ink))
    empty = np.zeros((0, 4), np.int64)
    return _measured(Strip(ink, own, empty, whole, np.zeros(0), none, HEIGHT, stroke, shear, matrix, edge * zoom))


def slant(ink: Grey) -> float:
    """Return how far the strokes of (h, w) ink lean to the right, for a height of 1.

    The direction of each edge pixel says how its stroke leans; where most agree is found by mean shift (Cheng, "Mean
    shift, mode seeking, and clustering", 1995), so that bows and level strokes do not count.
    """
    soft = cv2.GaussianBlur(ink, (0, 0), 1.0)
    across, down = cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)
    steep = np.abs(across) > LEANING * np.maximum(np.abs(down), float(np.abs(across).max()) * 0.5)
    if not steep.any():
        return 0.0
    lean, weight = down[steep] / across[steep], np.abs(across[steep])
    found = USUAL
    for _ in range(ROUNDS):
        near = weight * np.maximum(0, 1 - ((lean - found) / REACH) ** 2)
        found = float((near * lean).sum() / max(float(near.sum()), 1e-9))
    return min(max(found, -LEANS), LEANS)


def cut(strip: Strip, wholes: list[int]) -> Strip:
    """Return the strip with the given pieces, all of them whole, cut along their seams."""
    labels = strip.labels.copy()
    whole = strip.whole.tolist()
    costs: dict[tuple[int, int], float] = {}
    for piece in wholes:
        left, top, right, bottom = strip.boxes[piece].tolist()
        own = labels[top:bottom, left:right] == piece + 1
        seams = _seams(strip.ink[top:bottom, left:right] * own, strip)
        last = piece
        for cost, path in seams:
            beyond = own & (np.arange(right - left) >= path[:, None])
            whole.append(piece)
            labels[top:bottom, left:right][beyond] = len(whole)
            costs[last, len(whole) - 1] = cost
            last = len(whole) - 1
    return _ordered(replace(strip, labels=labels), whole, costs)


def _ordered(strip: Strip, whole: list[int], costs: dict[tuple[int, int], float]) -> Strip:
    """Return the strip with its pieces numbered from left to right, and without empty ones."""
    count = len(whole)
    firm = np.where(strip.ink > FAINT, strip.labels, 0)
    places = np.flatnonzero(firm > 0)
    own = firm.ravel()[places] - 1
    first, last = _extremes(own, places % firm.shape[1], count)
    there = np.flatnonzero(np.bincount(own, minlength=count))
    order: list[int] = there[np.argsort(first[there] + last[there], kind="stable")].tolist()
    rank = {piece: place for place, piece in enumerate(order)}
    renumbered = np.zeros(count + 1, np.int32)
    for piece, place in rank.items():
        renumbered[piece + 1] = place + 1
    cuts = np.zeros((len(order), len(order)), np.float32)
    for (one, other), cost in costs.items():
        if one in rank and other in rank:
            cuts[rank[one], rank[other]] = cuts[rank[other], rank[one]] = cost
    kept = np.array([whole[piece] for piece in order], np.int32)
    return _measured(replace(strip, labels=renumbered[strip.labels], whole=kept, cuts=cuts))


def _measured(strip: Strip) -> Strip:
    """Return the strip with its pieces measured; the soft fringe of a stroke goes to the piece beside it."""
    labels, ink = strip.labels, strip.ink
    soft = cv2.bitwise_and(cv2.inRange(labels, 0, 0), ink)
    if cv2.countNonZero(soft):
        rounds = max(1, round(strip.edge / 2))
        whole = labels.astype(np.float32)  # of the types that OpenCV dilates, the one that holds any number of pieces
        grown = cv2.dilate(whole, np.ones((3, 3), np.uint8), iterations=rounds)
        labels = cv2.copyTo(grown, soft, whole).astype(np.int32)
    count = len(strip.whole)
    places = np.flatnonzero(labels > 0)
    own, dark = labels.ravel()[places] - 1, ink.ravel()[places]
    mass = np.bincount(own, dark / 255.0, count)
    firm = dark > FAINT
    own, (rows, columns) = own[firm], np.divmod(places[firm], ink.shape[1])
    (left, right), (top, bottom) = _extremes(own, columns, count), _extremes(own, rows, count)
    boxes = np.stack([left, top, right + 1, bottom + 1], axis=1)
    return replace(strip, labels=labels, boxes=boxes, mass=mass)


def _extremes(own: NDArray[np.int32], values: NDArray[Any], count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the least and the greatest of the values, at least one, of each of `count` pieces that have any."""
    least, greatest = np.full(count, values.max()), np.full(count, values.min())
    np.minimum.at(least, own, values)
    np.maximum.at(greatest, own, values)
    return least, greatest


def sheared(ink: Grey, lean: float) -> Grey:
    """Return ink (h, w) leaning to the right by `lean` for a height of 1, nothing of it cut off."""
    height, width = ink.shape
    wide = abs(lean) * height
    matrix = np.array([[1, -lean, wide if lean > 0 else 0.0], [0, 1, 0]])
    size = width + math.ceil(wide), height
    return cv2.warpAffine(ink, matrix, size, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _warped(line: Grey, matrix: NDArray[np.float64], size: tuple[int, int], zoom: float) -> Grey:
    """Return the line sheared and scaled; when it shrinks, each pixel is about the mean of what it covers."""
    if zoom < 0.7:
        line = cv2.GaussianBlur(line, (0, 0), 0.4 / zoom).astype(np.uint8, copy=False)
    return cv2.warpAffine(line, matrix, size, flags=cv2.INTER_LINEAR).astype(np.uint8, copy=False)


def _seams(ink: Grey, strip: Strip) -> list[tuple[float, NDArray[np.int64]]]:
    """Return seams through one piece, from left to right: what each crosses, in widths of the stroke, and its columns.

    A seam is a path from the first row to the last, one column aside at most in a row.
    """
    height, width = ink.shape
    if width < 2 * APART * strip.height:
        return []
    dark = ink.astype(np.float32) / np.float32(255)
    (down, up), (steps_down, steps_up) = _cheapest(np.stack([dark, dark[::-1]]))
    through = down + up[::-1] - dark
    rows = slice(height // 4, max(height // 4 + 1, 3 * height // 4))
    best = through[rows].min(axis=0)
    starts = through[rows].argmin(axis=0) + rows.start
    lowest = best <= cv2.erode(best[None], np.ones((1, 5), np.uint8))[0] + 1e-6  # of their neighbours
    lowest &= best <= THROUGH * strip.stroke
    columns = np.flatnonzero(lowest)
    firm = ink > FAINT
    costs: list[float] = []
    paths = np.empty((max(1, round(DENSE * width / strip.height)), height), np.int64)
    for column in columns[np.argsort(best[columns], kind="stable")].tolist():
        path = _path(int(starts[column]), column, steps_down, steps_up, height)
        apart = np.abs(paths[: len(costs)] - path).sum(axis=1) / height
        if apart.min(initial=np.inf) >= APART * strip.height and _divides(firm, path, strip.height):
            paths[len(costs)] = path
            costs.append(float(best[column]) / strip.stroke)
        if len(costs) == len(paths):
            break
    order = np.argsort(paths[: len(costs)].sum(axis=1), kind="stable").tolist()
    return [(costs[number], paths[number]) for number in order]


def _cheapest(dark: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Return the least ink crossed from the first row to each pixel, itself included, and the step that led there.

    Of several pictures of one size, (n, h, w), at once.
    """
    count, height, width = dark.shape
    cost = np.full((height, count, width + 2), np.inf, np.float32)  # nothing comes from beyond the sides
    left, here, right = cost[..., :-2], cost[..., 1:-1], cost[..., 2:]
    here[0] = dark[:, 0]
    cheapest = np.empty((count, width), np.float32)
    for before, above, after, row, ink in zip(left, here, right, here[1:], dark.transpose(1, 0, 2)[1:], strict=False):
        np.minimum(before, after, out=cheapest)
        np.add(cheapest, SIDESTEP, out=cheapest)
        np.minimum(above, cheapest, out=cheapest)
        np.add(ink, cheapest, out=row)
    steps = np.zeros((height, count, width), np.int8)
    straight = here <= np.minimum(left, right) + SIDESTEP
    steps[1:] = np.where(straight, 0, np.where(left <= right, -1, 1))[:-1]
    return here.transpose(1, 0, 2), steps.transpose(1, 0, 2)


def _path(row: int, column: int, down: NDArray[np.int8], up: NDArray[np.int8], height: int) -> NDArray[np.int64]:
    """Return the columns (h,) of the cheapest seam through a pixel."""
    path = np.empty(height, np.int64)
    path[row] = column
    at = column
    for above in range(row, 0, -1):
        at += int(down[above, at])
        path[above - 1] = at
    at = column
    for below in range(row, height - 1):
        at += int(up[height - 1 - below, at])
        path[below + 1] = at
    return path


def _divides(firm: NDArray[np.bool_], path: NDArray[np.int64], height: float) -> bool:
    """Whether a seam leaves ink as wide as may be a stroke, and not a mere crumb, on either side."""
    before = firm & (np.arange(firm.shape[1]) < path[:, None])
    for side in (before, firm ^ before):
        _, _, wide, high = cv2.boundingRect(side.view(np.uint8))
        if wide < max(1, 0.5 * APART * height) or high < 0.25 * height:
            return False
    return True
