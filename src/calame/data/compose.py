"""Digits side by side on one sheet, as one person writes them: near or far, joined or apart, up and down.

Row by row each digit comes as near to the ink before it as the manner has it, so that a 7 reaches over a 4. What is
printed on the sheet, how it lies and how it is seen are for `lines`.
"""

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import pens
from calame.data.hands import Hand
from calame.data.pens import Coverage, Pen
from calame.data.synth import Written, ink_of

PLAIN_GAP = 0.14, 0.08  # mean and spread of the distance between neighbours, in heights of a digit
CHAINED = -0.06, 0.05  # the same of 0s that touch
ROOM = 2.4  # height of the sheet that a line is composed on, in heights of a digit
FEET = 1.7  # row of the digits' feet on it
INKED = 0.3  # coverage from here on is ink that can touch other ink
WIDEST = 1.5  # width of a digit, in heights
PAUSED = 0.25  # of the points and commas: a gap after it as before a new word
IN_PLACE = 0.8  # of the marks; the others stand higher or lower
THICK = 1.0, 2.1  # widths of the pen that a point or a comma is wide
WIDEST_MARK = 0.3  # its stroke, in heights of a digit


@dataclass(frozen=True)
class Manner:
    """How a number is written, drawn anew for each; lengths are in heights of a digit.

    Attributes:
        size: pixels of a digit's height.
        gap: mean and spread of the distance between the ink of neighbours.
        slant: horizontal for a height of 1, of all digits together.
        stretch: width of all digits together, 1 as the hand writes.
        slope: of the base line, radians.
        upright: 0 when the digits turn with the base line, 1 when they stay upright.
        wander: how far digits leave the base line.
        uneven: spread of the digits' sizes.
        zeros: size of the 0s among the others.
        raised: where small 0s stand, 0 on the base line, 1 as high as the others reach.
        chained: whether 0s side by side touch, as in ∞.
        ligature: chance of a stroke from one digit to the next.
        cell: width of a cell where the digits stand in cells, else 0.
        margins: left, top, right and bottom of the ink; below 0 the crop cuts it.
    """

    size: float
    gap: tuple[float, float] = PLAIN_GAP
    slant: float = 0.0
    stretch: float = 1.0
    slope: float = 0.0
    upright: float = 0.0
    wander: float = 0.03
    uneven: float = 0.06
    zeros: float = 1.0
    raised: float = 0.0
    chained: bool = False
    ligature: float = 0.0
    cell: float = 0.0
    margins: tuple[float, float, float, float] = (0.3, 0.3, 0.3, 0.3)


@dataclass(eq=False)
class Sheet:
    """The line so far: its ink (ROOM·size, w), and of each digit the rows and columns of its ink, (2, k)."""

    ink: Coverage
    end: NDArray[np.int64]  # (h,) the last inked column of each row, -1 for none
    digits: list[NDArray[np.int64]] = field(default_factory=list[NDArray[np.int64]])
    middles: list[float] = field(default_factory=list[float])

    def paste(self, ink: Coverage, left: int, *, digit: bool) -> None:
        """Lay a glyph of the sheet's height down with its first column at `left`."""
        width = max(self.ink.shape[1], left + ink.shape[1])
        wide = np.zeros((len(self.ink), width), np.float32)
        wide[:, : self.ink.shape[1]] = self.ink
        part = wide[:, left : left + ink.shape[1]]
        np.maximum(part, ink, out=part)
        self.ink = wide
        rows, columns = np.nonzero(ink > INKED)
        np.maximum.at(self.end, rows, columns + left)
        if digit and rows.size:
            self.digits.append(np.stack([rows, columns + left]))


def compose(written: str, hand: Hand, pen: Pen, manner: Manner, rng: np.random.Generator) -> Sheet:
    """Write glyph after glyph, each as near to the ink before it as the manner has it."""
    height, size = round(ROOM * manner.size), manner.size
    sheet = Sheet(np.zeros((height, round(size)), np.float32), np.full(height, -1, np.int64))
    drift, space, cell, last = 0.0, 0.0, size * 0.8, ""
    for letter in written:
        if letter == " ":
            space += size * rng.uniform(0.3, 0.7)
            continue
        drift = 0.6 * drift + rng.normal(0, manner.wander)
        digit = letter.isdigit()
        glyph = _digit(int(letter), hand, pen, manner, drift, rng) if digit else _mark(letter, pen, manner, rng)
        spread = CHAINED if manner.chained and last == letter == "0" else manner.gap
        gap = size * rng.normal(*spread) + space + (0 if digit else size * rng.uniform(0.02, 0.15))
        left = _place(sheet.end, glyph, gap)
        if manner.cell and digit:
            middle = cell + space
            left = max(0, round(middle - glyph.shape[1] / 2 + size * rng.normal(0, 0.06)))
            sheet.middles.append(middle)
            cell = middle + size * manner.cell
        if digit and sheet.digits and rng.random() < manner.ligature:
            _join(sheet, glyph, left, pen, manner)
        sheet.paste(glyph, left, digit=digit)
        wide = letter in ".," and rng.random() < PAUSED
        space, last = size * rng.uniform(0.0, 0.5) if wide else 0.0, letter
    return sheet


def _digit(digit: int, hand: Hand, pen: Pen, manner: Manner, drift: float, rng: np.random.Generator) -> Coverage:
    """Return one digit on a sheet of the line's height, cut to its columns."""
    one = hand.write(digit, rng)
    size = manner.size * np.exp(rng.normal(0, manner.uneven)) * (manner.zeros if digit == 0 else 1.0)
    wide, high = _extent(one)
    longer = size * min(max(wide, high) / high, WIDEST)
    height = round(ROOM * manner.size)
    width = round(2.2 * max(longer, manner.size))
    y = FEET * manner.size - size / 2 + drift * manner.size
    if digit == 0:
        y -= manner.raised * max(0.0, manner.size - size)
    ink = ink_of(one, height, width, pen, rng, box=(width / 2, y, longer), vary=0.45)
    if manner.upright:
        turn = cv2.getRotationMatrix2D((width / 2, y), float(np.rad2deg(manner.slope * manner.upright)), 1.0)
        ink = cv2.warpAffine(ink, turn, (width, height)).astype(np.float32)
    return _cut(ink)


def _extent(one: Written) -> tuple[float, float]:
    """Return width and height of a digit as it was collected, in any unit."""
    if one.strokes is not None:
        wide, high = np.ptp(np.concatenate(one.strokes), axis=0).tolist()
    else:
        inked = np.zeros((1, 1)) if one.scan is None else one.scan > 64
        wide, high = float(np.ptp(np.flatnonzero(inked.any(0)))) + 1, float(np.ptp(np.flatnonzero(inked.any(1)))) + 1
    return max(wide, 1e-3), max(high, 1e-3)


def _mark(mark: str, pen: Pen, manner: Manner, rng: np.random.Generator) -> Coverage:
    """Return a mark between digits or beside them: . , - = / and # * ~ and _ for a long dash."""
    u = rng.uniform  # in heights of a digit, from the base line
    tilt, foot = rng.normal(0, 0.04), u(-0.05, 0.05) if rng.random() < IN_PLACE else u(-0.3, 0.15)
    dash = np.array([[0, 0], [u(0.15, 0.5), tilt]])
    lines = {
        ".": [[(0, foot), (u(-0.04, 0.03), foot + u(0, 0.07))]],
        ",": [[(u(0.03, 0.12), -0.05), (0, u(0.05, 0.2))]],
        "-": [dash - (0, u(0.3, 0.65))],
        "=": [dash - (0, u(0.5, 0.65)), dash - (0, u(0.25, 0.4))],
        "/": [[(u(0.2, 0.5), -u(0.9, 1.2)), (0, u(-0.05, 0.2))]],
        "_": [np.array([[0, 0], [u(0.6, 1.8), u(-0.25, 0.15)]]) - (0, u(0.1, 0.6))],
        "~": [[(0, -u(0.25, 0.5)), (0.2, -u(0.4, 0.6)), (0.45, -u(0.2, 0.4)), (u(0.6, 0.9), -u(0.35, 0.6))]],
        "*": _star(u(0.1, 0.25), u(0.3, 0.7)),
        "#": _sharp(u(0.5, 0.8), u(0.6, 1.0), u(0.0, 0.3)),
    }
    strokes = [np.array(line) for line in lines[mark]]
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    size, height = manner.size, round(ROOM * manner.size)
    longer = max(float((high - low).max()), 0.02) * size  # pixels
    middle = (low + high) / 2 * size + (0, FEET * size)
    width = round(longer + size)
    wide = min(WIDEST_MARK, pen.width * (rng.uniform(*THICK) if mark in ".," else 1))
    thick = replace(pen, width=wide * size / longer, gap=0.0)  # a share of the mark's own length
    return _cut(pens.write(strokes, height, width, thick, rng, box=(width / 2, float(middle[1]), longer)))


def _star(half: float, up: float) -> list[NDArray[np.float64]]:
    """Return three strokes through one point, `up` above the base line."""
    angles = np.pi * np.array([0.5, 1 / 6, -1 / 6])
    ends = half * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return [np.array([-end, end]) + np.array([half, -up]) for end in ends]


def _sharp(wide: float, high: float, lean: float) -> list[NDArray[np.float64]]:
    """Return two level strokes across two that lean."""
    level = [np.array([[0, -share * high], [wide, -share * high]]) for share in (0.35, 0.65)]
    steep = [np.array([[share * wide, 0], [share * wide + lean, -high]]) for share in (0.25, 0.6)]
    return level + steep


def _cut(ink: Coverage) -> Coverage:
    """Return the columns that have ink, at least one."""
    columns = np.flatnonzero(ink.max(axis=0) > 0.02)
    return ink[:, columns[0] : columns[-1] + 1] if columns.size else ink[:, :1]


def _place(end: NDArray[np.int64], glyph: Coverage, gap: float) -> int:
    """Return the column at which a glyph's ink comes as near as `gap` pixels to the ink that is there.

    Row by row, so that a 7 reaches over a 4 as it does when people write; a little above and below counts as well.
    """
    inked = glyph > INKED
    if end.max() < 0 or not inked.any():
        return max(0, round(gap))
    reach = max(1, round(0.05 * len(end)))
    near = cv2.dilate(end[:, None].astype(np.float32), np.ones((2 * reach + 1, 1), np.uint8))[:, 0]
    start = np.where(inked.any(axis=1), inked.argmax(axis=1), glyph.shape[1])
    common = inked.any(axis=1) & (near >= 0)
    kerned = (near[common] - start[common]).max() + 1 if common.any() else -np.inf
    most = float(end.max() - 0.5 * glyph.shape[1])  # nobody writes further back over the last digit
    return max(0, round(max(kerned, most) + gap))


def _join(sheet: Sheet, glyph: Coverage, left: int, pen: Pen, manner: Manner) -> None:
    """Draw a stroke between the nearest ink of the last digit and of the next, when they are near enough."""
    inked = glyph > INKED
    rows = np.flatnonzero(inked.any(axis=1) & (sheet.end >= 0))
    rows = rows[rows < (FEET - 0.1) * manner.size] if rows.size else rows
    if not rows.size:
        return
    apart = left + inked[rows].argmax(axis=1) - sheet.end[rows]
    best = int(apart.argmin())
    if not 0 < apart[best] < 0.4 * manner.size:
        return
    stroke = np.zeros((len(sheet.ink), int(apart[best]) + 3), np.uint8)
    thick = max(1, round(pen.width * manner.size * 0.8))
    cv2.line(stroke, (0, int(rows[best])), (stroke.shape[1] - 1, int(rows[best])), 255, thick, cv2.LINE_AA)
    sheet.paste((stroke / np.float32(255)).astype(np.float32), int(sheet.end[rows[best]]), digit=False)
