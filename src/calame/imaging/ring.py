"""Circles, rings and bubbles in which a digit was written: frames as boxes are, but they have the shape of a 0.

Rays from the middle of ink meet its outermost ink. Where that lies on one ellipse nearly all around, it may be a ring;
it is a frame when it holds other ink as high as a digit. What is written over the ring is cut free of it, for its
outline goes on underneath. This module knows places of ink; it reads nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.imaging.frame import Grey

RAYS = 96
ANGLES = np.arange(RAYS) * (2 * np.pi / RAYS)
COSINES, SINES = np.cos(ANGLES), np.sin(ANGLES)
REACH = 1.2  # radii, as far as rays go
POLAR = cv2.INTER_NEAREST + cv2.WARP_POLAR_LINEAR + cv2.WARP_FILL_OUTLIERS
LEAST = 24  # pixels: a smaller ring holds no digit that could be read
MOST = 3  # pieces are looked at, the largest first
ARCS = 3  # pieces or more may be a broken ring and what it holds
FEWEST = 8  # points that an ellipse is fitted to
SEEN = 0.45  # of an ellipse lies within the picture, at least
NEAR = (0.15, 0.1, 0.06)  # radii: fit by fit, so near to the ellipse is what it is fitted to next
# Of a digit's outline, axis to axis of its ellipse and the share that is near it: where there is more than one piece;
# and where it is alone, so that it could only be a ring that its digit touches. Half of all drawings go no further.
SOME, ALONE = (0.5, 0.5), (0.7, 0.75)
# How near to the ellipse, in radii, which share of the rays ends. Of 6,000 handwritten 0s 2,100 are as wide as a ring;
# none is as even as what is printed, and none that holds a curl is so exact with so thin a stroke.
ROUGH, DASHED, EXACT, PRINTED = (0.1, 0.75), (0.04, 0.55), (0.03, 0.85), (0.017, 0.9)
GAP = 0.15  # of all around, at most, between two dashes
THIN = 0.14  # radii: a thicker stroke is that of a 0 with a curl inside
SLIM, ROUND = 0.75, 0.8  # width of a ring to its height, at least; of one that the digit touches
HOLDS, TOUCHES = 0.28, 0.35  # height of what a ring holds to its own, at least; of what touches it
BAR = 0.25  # width to length of a bar, which is a 1 or the slash of a 0. It is a slash
SLASH = 0.75  # where it touches the ring and is as long as that, in diameters,
UPRIGHT = 0.9  # where the ring is slimmer than this,
LEANS = 0.6  # and where it leans by this slope, if a hand drew the ring
WIDER = 1.4  # times as thick as the ring is where something touches it

Ellipse = tuple[Sequence[float], Sequence[float], float]  # middle, axes, degrees that it is turned by: as OpenCV has it


@dataclass(frozen=True, eq=False)
class Ring:
    """What is known of a ring.

    Attributes:
        middle: x, y.
        radius: (RAYS,) of its ellipse.
        ends: (RAYS,) distance of the outermost ink; -1 for none.
        thick: (RAYS,) of the ink there.
        seen: (RAYS,) whether the ellipse is within the picture.
    """

    middle: tuple[float, float]
    radius: NDArray[np.float64]
    ends: NDArray[np.int64]
    thick: NDArray[np.int64]
    seen: NDArray[np.bool_]

    @property
    def width(self) -> float:
        """In pixels."""
        return float(np.ptp(self.radius * COSINES))

    @property
    def height(self) -> float:
        """In pixels."""
        return float(np.ptp(self.radius * SINES))

    @property
    def thickness(self) -> float:
        """Of its stroke, in pixels."""
        good = self.meets(ROUGH[0])
        return float(np.median(self.thick[good])) if good.any() else 0.0

    def fits(self, near: float, share: float) -> bool:
        """Whether a share of the rays that are seen end near the ellipse, in its mean radius."""
        good = self.meets(near)[self.seen]
        return bool(good.mean() >= share)

    def band(self, shape: tuple[int, ...], fringe: float) -> tuple[Grey, Grey]:
        """Return what lies inside its stroke, and that with the stroke: (h, w) uint8, 255 there."""
        good = self.meets(ROUGH[0])
        thick = self.thickness
        outer = np.where(good, self.ends, self.radius)
        inner = outer - np.where(good & (self.thick <= WIDER * thick + 1), self.thick, thick)
        return self._filled(shape, inner - fringe), self._filled(shape, outer + fringe)

    @property
    def points(self) -> NDArray[np.float32]:
        """(RAYS, 2) where the rays end."""
        return np.stack(
            [self.middle[0] + COSINES * self.ends, self.middle[1] + SINES * self.ends], axis=1, dtype=np.float32
        )

    @property
    def is_thin(self) -> bool:
        """Whether its stroke is thinner than those of 0s."""
        return self.thickness <= THIN * self.width / 2

    @property
    def is_printed(self) -> bool:
        """Whether what there is of it is too even for a hand."""
        near, share = PRINTED
        there = self.seen & self.meets(ROUGH[0])
        return bool(there.any() and self.meets(near, 1.0)[there].mean() >= share)

    @property
    def is_one(self) -> bool:
        """Whether it is a ring at all."""
        return self.width >= SLIM * self.height and (self.fits(*ROUGH) or self.is_dashed)

    @property
    def is_dashed(self) -> bool:
        """Whether there is some of it everywhere."""
        near, share = DASHED
        there = np.flatnonzero(self.meets(near))
        return self.fits(near, share) and int(np.diff(there, append=there[0] + RAYS).max()) <= GAP * RAYS

    @property
    def is_exact(self) -> bool:
        """Whether it is no 0 even where a stroke inside touches it."""
        return self.width >= ROUND * self.height and self.is_thin and self.fits(*EXACT)

    def holds(self, part: NDArray[np.bool_], *, touching: bool) -> bool:
        """Whether some ink (h, w) inside may be a digit: the ring is no 0 then, and the ink no part of a 0."""
        points = np.argwhere(part)[:, ::-1].astype(np.int32)
        shorter, longer = sorted(cv2.minAreaRect(points)[1])
        if shorter < BAR * longer and not self._holds_1(points, longer, touching=touching):
            return False
        height = float(np.ptp(points[:, 1]) + 1)
        return height >= TOUCHES * self.height and self.is_exact if touching else height >= HOLDS * self.height

    def _holds_1(self, bar: NDArray[np.int32], length: float, *, touching: bool) -> bool:
        """Whether a bar inside, (n, 2) pixels, is a 1."""
        across = touching and length > SLASH * min(self.width, self.height)
        if across or self.width < UPRIGHT * self.height or not self.is_thin:
            return False
        sideways, down, *_ = np.abs(np.ravel(cv2.fitLine(bar, cv2.DIST_L2, 0, 0.01, 0.01)))
        if sideways > LEANS * down:
            return self.is_printed
        return self.fits(*EXACT) or self.is_dashed

    def meets(self, near: float, least: float = 1.5) -> NDArray[np.bool_]:
        """(RAYS,) whether a ray ends near the ellipse, in shares of its mean radius; so many pixels are always near."""
        return (self.ends > 0) & (np.abs(self.ends - self.radius) <= max(near * float(self.radius.mean()), least))

    def _filled(self, shape: tuple[int, ...], radius: NDArray[np.float64]) -> Grey:
        x, y = self.middle
        outline = np.stack([x + COSINES * radius, y + SINES * radius], axis=1)
        return cv2.fillPoly(np.zeros(shape, np.uint8), [np.rint(outline).astype(np.int32)], 255).astype(np.uint8)


def unringed(ink: Grey, labels: NDArray[np.int32], boxes: NDArray[np.int64], edge: float) -> Grey | None:
    """Return ink (h, w), bright on 0, without a ring around a digit; None where there is none.

    Args:
        ink: in a picture of one digit.
        labels: (h, w) of its connected pieces; 0 is the paper.
        boxes: (n, 4) left, top, right, bottom of each.
        edge: pixels over which the darkness goes from paper to ink.
    """
    alone = len(boxes) == 2
    for mask in _candidates(labels, boxes):
        ring = _ring(mask, *(ALONE if alone else SOME))
        if ring is not None and (ring.is_exact if alone else ring.is_one):
            free = _freed(ink, labels, ring, max(1.0, edge / 2))
            if free is not None:
                return free
    return None


def _candidates(labels: NDArray[np.int32], boxes: NDArray[np.int64]) -> Iterator[Grey]:
    """Yield the largest pieces, (h, w) uint8, 255 there; and all of them, which may be a ring that is broken."""
    height, width = labels.shape
    large = list[tuple[int, int]]()
    for piece, (left, top, right, bottom) in enumerate(boxes[1:].tolist(), 1):
        wide, high = right - left, bottom - top
        cut = left == 0 or top == 0 or right == width or bottom == height
        if min(wide, high) >= LEAST and (cut or wide >= 0.9 * SLIM * high):
            large.append((wide * high, piece))
    for _, piece in sorted(large, reverse=True)[:MOST]:
        yield cv2.inRange(labels, piece, piece).astype(np.uint8, copy=False)
    if len(boxes) > ARCS:
        yield cv2.inRange(labels, 1, len(boxes)).astype(np.uint8, copy=False)


def _freed(ink: Grey, labels: NDArray[np.int32], ring: Ring, fringe: float) -> Grey | None:
    """Return ink without a ring, and without the pieces that are the ring alone; None where it holds no digit."""
    inside, whole = ring.band(ink.shape, fringe)
    within = inside > 0
    _, parts, facts, _ = cv2.connectedComponentsWithStats((within & (labels > 0)).astype(np.uint8), connectivity=8)
    parts, facts = np.asarray(parts, np.int32), np.asarray(facts)
    crossing = np.zeros(int(labels.max()) + 1, bool)
    crossing[labels[~within]] = True
    kept = set[int]()
    for part in np.flatnonzero(facts[:, cv2.CC_STAT_HEIGHT] >= HOLDS * ring.height)[1:].tolist():
        mask = parts == part
        piece = int(labels[mask][0])
        if ring.holds(mask, touching=bool(crossing[piece])):
            kept.add(piece)
    if not kept:
        return None
    stroke = (whole > 0) & ~within
    alone = [piece for piece in np.unique(labels[stroke]).tolist() if piece and crossing[piece] and piece not in kept]
    gone = (stroke & crossing[labels]) | np.isin(labels, alone)
    return np.where(gone, 0, ink).astype(np.uint8)


def _ring(mask: Grey, slimmest: float, share: float) -> Ring | None:
    """Return the ellipse on which the outermost of some ink (h, w) lies; None where that is no ellipse at all."""
    height, width = mask.shape
    outlines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    points = cv2.convexHull(np.vstack(outlines))[:, 0].astype(np.float32)
    ring = None
    for near in NEAR:
        points = points[((points >= 1) & (points < (width - 2, height - 2))).all(axis=1)]
        if len(points) < FEWEST:
            return None
        ellipse = cv2.fitEllipseDirect(points)
        shorter, longer = sorted(ellipse[1])
        if not (shorter >= max(LEAST / 2, slimmest * longer) and longer <= 2 * max(mask.shape)):  # nor where it is NaN
            return None
        ring = _measured(mask, ellipse)
        if ring.seen.mean() < SEEN or not ring.fits(near, share):
            return None
        points = ring.points[ring.meets(near)]
    return ring


def _measured(mask: Grey, ellipse: Ellipse) -> Ring:
    """Return what the rays from the middle of an ellipse meet of some ink (h, w)."""
    (x, y), axes, turned = ellipse
    height, width = mask.shape
    angles = ANGLES - np.deg2rad(turned)
    radius = 1 / np.hypot(np.cos(angles) / (axes[0] / 2), np.sin(angles) / (axes[1] / 2))
    far = int(REACH * max(axes) / 2) + 4
    # A quarter of the time of looking the places up with NumPy.
    met = cv2.warpPolar(mask, (far, RAYS), (x, y), far, POLAR) > 0
    ends = np.where(met.any(axis=1), far - 1 - met[:, ::-1].argmax(axis=1), -1)
    gaps = np.where(~met & (np.arange(far) < ends[:, None]), np.arange(far), -1).max(axis=1)
    columns, rows = x + COSINES * radius, y + SINES * radius
    seen = (columns > 1) & (rows > 1) & (columns < width - 2) & (rows < height - 2)
    return Ring((x, y), radius, ends, ends - gaps, seen)
