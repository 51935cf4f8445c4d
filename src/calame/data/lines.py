"""Numbers of several digits to learn from: written by one hand, on what forms and cheques are made of, in any light.

1. what: digits, in groups, with the marks that people put between and after them;
2. how: spacing from loose to joined, slant, a base line that rises or wanders, digits of uneven size;
3. where: plain paper, a dotted line, boxes, a comb, a pattern against forgery;
4. seen: scanned or photographed, cropped well or badly.

The digits are real ones (see `hands`); everything random comes from the generator that is passed in.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import captions, pens, prints, scene
from calame.data.compose import FEET, INKED, PLAIN_GAP, Manner, Sheet, compose
from calame.data.hands import Hand, Hands
from calame.data.pens import Coverage, Pen
from calame.data.scene import Picture

GAPS = {"loose": (0.3, 0.12), "plain": PLAIN_GAP, "tight": (0.04, 0.06), "joined": (-0.03, 0.06)}
GAP_SHARES = (0.22, 0.38, 0.25, 0.15)
LONGEST = 12  # digits
WHOLE = 1.2  # heights of a capital that a crop leaves of a name: less of it may look like a 1
SAME = 0.08  # of the codes have one or two digits over and over
OFTEN = 0.4  # of the digits are 1s, where they are asked for
STROKES = "17"  # digits that are one stroke or two, which in a row look like letters
# What people put behind and before an amount, so that nobody adds a digit; _ is a long dash.
AFTER = {"": 0.43, ".": 0.13, ",": 0.09, "-": 0.07, "=": 0.05, ".-": 0.05, ",-": 0.04, "_": 0.03, "._": 0.02, "~": 0.02,
         "#": 0.02, "*": 0.01, "/": 0.01, "//": 0.01, "--": 0.01, ".=": 0.01}  # fmt: skip
BEFORE = {"": 0.9, "=": 0.02, "-": 0.02, "#": 0.02, "_": 0.01, "*": 0.01, "--": 0.01, ".": 0.01}
Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Line:
    """A picture of a number.

    Attributes:
        picture: (h, w, 3) uint8.
        text: the digits alone.
        written: the same with the marks and wide spaces that were written.
        boxes: (n, 4) float32 left, top, right, bottom of each digit, in pixels.
        before, behind: the box of what is printed before and behind the digits; None where nothing is.
    """

    picture: Picture
    text: str
    written: str
    boxes: NDArray[np.float32]
    before: Box | None = None
    behind: Box | None = None


@dataclass(frozen=True)
class Look:
    """On what and through what a number is seen; each pair is a range, each single value a chance.

    Attributes:
        paper: tone of the paper.
        ink: how much light the ink takes.
        printed: how much what is printed takes.
        pattern: chance of a pattern against forgery.
        engraved: how much light the pattern takes.
        rule: chance of a line to write on.
        framed: chance of a box around all.
        squared: chance of paper that is ruled or squared all over.
        colour: chance of coloured paper and ink.
        shade: chance of uneven light.
        shadow: chance of a shadow.
        blur: in heights of a digit.
        noise: of the sensor.
        jpeg: chance of a JPEG.
        dark: chance of light ink on dark.
        beside: chance that the rows above or below reach into the picture.
        table: chance that the sheet does not fill the picture.
        named: chance of a printed name before the number; half of it, of a unit behind.
        even: whether the paper is one exact white, as on a screen.
    """

    paper: tuple[float, float] = (0.7, 1.0)
    ink: tuple[float, float] = (0.5, 0.92)
    printed: tuple[float, float] = (0.15, 0.85)
    pattern: float = 0.0
    engraved: tuple[float, float] = (0.05, 0.3)
    rule: float = 0.0
    framed: float = 0.0
    squared: float = 0.0
    colour: float = 0.0
    shade: float = 0.0
    shadow: float = 0.0
    blur: tuple[float, float] = (0.005, 0.02)
    noise: tuple[float, float] = (0.003, 0.02)
    jpeg: float = 0.4
    dark: float = 0.0
    beside: float = 0.0
    table: float = 0.0
    named: float = 0.0
    even: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of document: what is written on it, in which manner, and how it is seen."""

    text: Callable[[np.random.Generator], str]
    manner: Callable[[np.random.Generator], Manner]
    look: Look = field(default_factory=Look)


# 1. What


def code(rng: np.random.Generator) -> str:
    """Return 1 to 12 digits, sometimes in groups."""
    count = int(np.clip(rng.poisson(4.5) + 1, 1, LONGEST))
    text = _same(rng, count) if rng.random() < SAME else _digits(rng, count)
    if len(text) > 3 and rng.random() < 0.25:
        every, mark = int(rng.integers(2, 5)), str(rng.choice([" ", " ", "-", ".", "/"]))
        text = mark.join(text[place : place + every] for place in range(0, len(text), every))
    return text


def strokes(rng: np.random.Generator) -> str:
    """Return 1 to 8 digits that are 1s and 7s."""
    return "".join(rng.choice(list(STROKES), int(np.clip(rng.poisson(3) + 1, 1, 8))))


def ones(rng: np.random.Generator) -> str:
    """Return 2 to 8 digits, many of them 1s: bare bars in most hands, which beside print look like letters."""
    text = _digits(rng, int(rng.integers(2, 9)))
    return "".join("1" if rng.random() < OFTEN else digit for digit in text)


def plain(rng: np.random.Generator) -> str:
    """Return 1 to 12 digits and nothing else."""
    return _digits(rng, int(np.clip(rng.poisson(4.5) + 1, 1, LONGEST)))


def six(rng: np.random.Generator) -> str:
    """Return six digits and nothing else."""
    return _digits(rng, 6)


def amount(rng: np.random.Generator) -> str:
    """Return an amount: points between thousands or none, round ones often, and what people put before and after."""
    size = int(rng.choice([2, 3, 4, 5, 6, 7], p=[0.02, 0.08, 0.3, 0.4, 0.15, 0.05]))
    text = str(rng.integers(1, 10)) + _digits(rng, size - 1)
    if rng.random() < 0.3:
        kept = int(rng.integers(1, max(2, size - 1)))
        text = text[:kept] + "0" * (size - kept)
    if size > 3 and rng.random() < 0.55:
        text = f"{int(text):,}".replace(",", str(rng.choice([".", ".", ".", ",", " "])))
    after = str(rng.choice(list(AFTER), p=list(AFTER.values())))
    before = str(rng.choice(list(BEFORE), p=list(BEFORE.values())))
    return before + text + after


def day(rng: np.random.Generator) -> str:
    """Return a date."""
    mark = str(rng.choice(["/", "/", "-", ".", " "]))
    year = rng.integers(1930, 2030)
    ending = str(year) if rng.random() < 0.5 else f"{year % 100:02d}"
    return f"{rng.integers(1, 32):02d}{mark}{rng.integers(1, 13):02d}{mark}{ending}"


def _same(rng: np.random.Generator, count: int) -> str:
    return "".join(rng.choice(rng.integers(0, 10, 2).astype(str), count))


def _digits(rng: np.random.Generator, count: int) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


# 2. How


def any_manner(rng: np.random.Generator, sizes: tuple[float, float]) -> Manner:
    """Return a manner of writing with digits of `sizes` pixels."""
    leaning = rng.random() < 0.3
    return Manner(
        size=float(np.exp(rng.uniform(*np.log(sizes)))),
        gap=GAPS[str(rng.choice(list(GAPS), p=GAP_SHARES))],
        slant=float(rng.normal(0.35, 0.2) if leaning else rng.normal(0.02, 0.1)),
        stretch=float(np.exp(np.clip(rng.normal(0.03, 0.2), -0.4, 0.5))),
        slope=float(np.deg2rad(rng.normal(0, 1.8))),
        wander=float(rng.uniform(0, 0.09)),
        uneven=float(rng.uniform(0.02, 0.12)),
        zeros=float(rng.uniform(0.36, 0.9)) if rng.random() < 0.28 else 1.0,
        raised=float(rng.uniform(0, 0.6)) if rng.random() < 0.4 else 0.0,
        chained=bool(rng.random() < 0.2),
        ligature=float(rng.uniform(0.2, 0.7)) if rng.random() < 0.12 else 0.0,
        margins=_margins(rng, -0.06, 0.5),
    )


def _neatly(rng: np.random.Generator) -> Manner:
    """Digits that stand apart, each as high as the next: what most demonstrations call a handwritten number."""
    gap = GAPS[str(rng.choice(["loose", "plain"]))]
    return replace(any_manner(rng, (18, 64)), gap=gap, zeros=1.0, raised=0.0, chained=False, ligature=0.0)


def _margins(rng: np.random.Generator, low: float, high: float) -> tuple[float, float, float, float]:
    left, top, right, bottom = rng.uniform(low, high, 4).tolist()
    return left, top, right, bottom


def _on_cheque(rng: np.random.Generator) -> Manner:
    return replace(any_manner(rng, (20, 50)), margins=_margins(rng, -0.06, 0.35))


def _in_cells(rng: np.random.Generator) -> Manner:
    manner = any_manner(rng, (20, 64))
    slant = float(rng.normal(0, 0.1))
    return replace(manner, cell=float(rng.uniform(0.85, 1.6)), slant=slant, margins=_margins(rng, 0.35, 0.6), slope=0.0)


def _on_form(rng: np.random.Generator) -> Manner:
    return replace(any_manner(rng, (18, 64)), margins=_margins(rng, 0.02, 0.8))


def _on_photo(rng: np.random.Generator) -> Manner:
    manner = replace(any_manner(rng, (30, 110)), margins=_margins(rng, 0.1, 1.6))
    if rng.random() < 0.25:
        turned = float(np.deg2rad(rng.uniform(-38, 38)))
        manner = replace(manner, slope=turned, upright=float(rng.uniform(0, 0.8)), gap=GAPS["loose"])
    return manner


def _on_pad(rng: np.random.Generator) -> Manner:
    return replace(any_manner(rng, (60, 200)), margins=_margins(rng, 0.1, 1.2))


KINDS: dict[str, Kind] = {
    "cheque": Kind(
        amount,
        _on_cheque,
        Look((0.5, 0.95), (0.4, 0.85), pattern=0.9, engraved=(0.06, 0.32), rule=0.4, framed=0.1, blur=(0.012, 0.04),
             noise=(0.004, 0.025), jpeg=0.8, shade=0.15, beside=0.1, table=0.04, named=0.12),
    ),
    "form": Kind(
        code, _on_form,
        Look(rule=0.7, framed=0.15, squared=0.08, colour=0.4, pattern=0.1, engraved=(0.03, 0.12), jpeg=0.5, beside=0.1,
             table=0.08, named=0.35),
    ),
    "cells": Kind(plain, _in_cells, Look(colour=0.6, jpeg=0.5, shade=0.2, named=0.15)),
    "scan": Kind(code, lambda rng: any_manner(rng, (18, 64)), Look(squared=0.12, colour=0.2, table=0.05, named=0.25)),
    "six": Kind(six, lambda rng: any_manner(rng, (18, 64)), Look(colour=0.2)),
    "neat": Kind(six, _neatly, Look(colour=0.2)),
    "named": Kind(code, _on_form, Look(rule=0.5, framed=0.1, colour=0.4, jpeg=0.5, shade=0.2, named=1.0)),
    "pencil": Kind(
        code, _on_form,
        Look(ink=(0.22, 0.6), printed=(0.6, 0.95), rule=0.5, framed=0.1, colour=0.4, jpeg=0.5, shade=0.2, named=1.0),
    ),
    "ones": Kind(ones, _on_form, Look(rule=0.3, colour=0.3, jpeg=0.5, shade=0.2, named=0.6)),
    "strokes": Kind(
        strokes, lambda rng: any_manner(rng, (18, 120)), Look((0.6, 1.0), rule=0.2, colour=0.3, jpeg=0.5, shade=0.15)
    ),
    "date": Kind(day, _on_form, Look(rule=0.4, colour=0.3, named=0.25)),
    "photo": Kind(
        code, _on_photo,
        Look((0.45, 1.0), (0.4, 0.92), rule=0.15, squared=0.15, colour=0.7, shade=0.6, shadow=0.25, blur=(0.005, 0.035),
             noise=(0.004, 0.035), jpeg=0.7, dark=0.06, beside=0.05, table=0.2, named=0.2),
    ),
    "drawing": Kind(
        lambda rng: (strokes if rng.random() < 0.15 else code)(rng), _on_pad,
        Look(ink=(1.0, 1.0), blur=(0.0, 0.004), noise=(0.0, 0.0), jpeg=0.0, dark=0.1, even=True),
    ),
}  # fmt: skip


PRINT = "print"  # a kind without a number


def make(name: str, hands: Hands, rng: np.random.Generator) -> Line:
    """Return a number on a kind of document, a name of `KINDS`; or, for `PRINT`, a line of a form without a number."""
    if name == PRINT:
        return printed(replace(KINDS["form"].look, pattern=0.0, rule=0.2, framed=0.0, squared=0.0, beside=0.0), rng)
    kind = KINDS[name]
    return draw(kind.text(rng), hands.any(rng), kind.manner(rng), kind.look, rng)


def draw(written: str, hand: Hand, manner: Manner, look: Look, rng: np.random.Generator) -> Line:
    """Return a number written by a hand, in a manner, and seen.

    Args:
        written: digits, spaces and the marks . , - / = # * ~ and _
        hand: who writes.
        manner: how.
        look: on what, and through what.
        rng: of all that is left open.
    """
    wanted = hand.width or 0.05 + 0.1 * rng.beta(1.5, 3)
    pen = replace(pens.any_pen(rng), width=float(wanted))
    sheet = compose(written, hand, pen, manner, rng)
    laid = _laid(sheet, manner, look, rng)
    if look.beside and rng.random() < look.beside:
        laid.ink = np.maximum(laid.ink, _beside(laid.ink, hand, pen, manner, rng))
    if look.named and rng.random() < look.named:
        _name(laid, manner.size, rng)
    text = "".join(letter for letter in written if letter.isdigit())
    picture = _seen(laid.ink, laid.printed, manner.size, look, rng)
    return Line(picture, text, written, laid.boxes, laid.before, laid.behind)


def printed(look: Look, rng: np.random.Generator) -> Line:
    """Return a line of print without a digit, which stands before no number."""
    size = float(np.exp(rng.uniform(*np.log((16, 50)))))
    said = " ".join(captions.word(rng) for _ in range(int(rng.integers(1, 6))))
    words, standing = captions.printed(said, size, rng)
    above, below, beside = (max(1, round(size * room)) for room in rng.uniform(0.05, 0.6, 3))
    blank = np.zeros((above + len(words) + below, words.shape[1] + 2 * beside), np.float32)
    laid = Laid(blank, [], np.zeros((0, 4), np.float32), float(above + standing))
    laid.before = _print(laid, words, beside, standing, size, rng)
    return Line(_seen(laid.ink, laid.printed, size, look, rng), "", "", laid.boxes, laid.before)


# Laying: slant, slope, crop, and what is printed underneath


@dataclass(eq=False)
class Laid:
    """A number on its paper: its ink, what is printed, its boxes, the row of its feet, what is before and behind."""

    ink: Coverage
    printed: list[Coverage]
    boxes: NDArray[np.float32]
    foot: float
    before: Box | None = None
    behind: Box | None = None


def _laid(sheet: Sheet, manner: Manner, look: Look, rng: np.random.Generator) -> Laid:
    """Return a number as it lies on its paper."""
    size, feet = manner.size, FEET * manner.size
    turn = np.array([[np.cos(manner.slope), -np.sin(manner.slope)], [np.sin(manner.slope), np.cos(manner.slope)]])
    linear = turn @ [[manner.stretch, -manner.slant], [0, 1]]
    rows, columns = np.nonzero(sheet.ink > INKED)
    points = np.stack([columns, rows - feet], axis=1) @ linear.T
    margins = size * np.array(manner.margins)
    low, high = points.min(axis=0) - margins[:2], points.max(axis=0) + 1 + margins[2:]
    width, height = np.maximum(8, np.ceil(high - low)).astype(int).tolist()
    offset = np.array([0, -feet]) @ linear.T - low
    matrix = np.hstack([linear, offset[:, None]])
    ink = cv2.warpAffine(sheet.ink, matrix, (width, height), flags=cv2.INTER_LINEAR).astype(np.float32)
    boxes = [_box(digit, matrix) for digit in sheet.digits]
    foot = float(-low[1])  # the row of the base line at the sheet's first column
    printed = _printed(sheet, manner, look, (height, width, foot, float(-low[0])), rng)
    return Laid(ink, printed, np.array(boxes, np.float32), foot)


def _box(digit: NDArray[np.int64], matrix: NDArray[np.float64]) -> tuple[float, float, float, float]:
    """Return the box of a digit's ink, rows and columns (2, k), after it was moved."""
    corners = matrix[:, :2] @ (digit[::-1] + 0.5) + matrix[:, 2:]
    left, top = (corners.min(axis=1) - 0.5).tolist()
    right, bottom = (corners.max(axis=1) + 0.5).tolist()
    return left, top, right, bottom


def _printed(
    sheet: Sheet, manner: Manner, look: Look, place: tuple[int, int, float, float], rng: np.random.Generator
) -> list[Coverage]:
    """Return what is printed on the paper, layer by layer."""
    height, width, foot, start = place
    layers: list[Coverage] = []
    if manner.cell:
        middles = [start + middle for middle in sheet.middles]
        spare = [middles[-1] + manner.cell * manner.size * (more + 1) for more in range(int(rng.integers(0, 3)))]
        layers.append(
            prints.cells(height, width, foot, manner.size, [*middles, *spare], manner.cell * manner.size, rng)
        )
    if rng.random() < look.rule:
        layers.append(prints.base_line(height, width, foot + manner.size * rng.normal(0.05, 0.08), manner.size, rng))
        if rng.random() < 0.15:
            layers.append(
                prints.base_line(height, width, foot - manner.size * rng.uniform(1.05, 1.4), manner.size, rng)
            )
    if rng.random() < look.framed:
        layers.append(prints.frame(height, width, manner.size, rng))
    if look.squared and rng.random() < look.squared:
        layers.append(prints.rulings(height, width, manner.size, rng))
    return layers


def _name(laid: Laid, size: float, rng: np.random.Generator) -> None:
    """Print a name before the number, perhaps a unit behind; what the crop leaves of them."""
    high = size * rng.uniform(0.35, 1.0)
    words, standing = captions.printed(captions.name(rng), high, rng)
    if rng.random() < 0.4:
        words = words[:, -round(max(WHOLE * high, words.shape[1] * rng.uniform(0.1, 1))) :]  # the crop cuts it
    edge = round(float(laid.boxes[:, 0].min()) - size * rng.uniform(0.12, 0.9))
    laid.before = _print(laid, words, edge - words.shape[1], standing, size, rng)
    if rng.random() < 0.5:
        words, standing = captions.printed(captions.unit(rng), size * rng.uniform(0.35, 1.0), rng)
        edge = round(float(laid.boxes[:, 2].max()) + size * rng.uniform(0.12, 0.9))
        laid.behind = _print(laid, words, edge, standing, size, rng)


def _print(laid: Laid, words: Coverage, left: int, standing: int, size: float, rng: np.random.Generator) -> Box | None:
    """Print words from the column `left` on, on paper as wide as they need; return their box."""
    room = round(size * rng.uniform(0, 0.4))
    more = max(0, room - left), max(0, left + words.shape[1] + room - laid.ink.shape[1])
    laid.ink, *laid.printed = (np.pad(layer, ((0, 0), more)) for layer in (laid.ink, *laid.printed))
    moved = np.array([more[0], 0, more[0], 0], np.float32)
    laid.boxes = laid.boxes + moved
    if laid.before is not None:
        x, top, right, bottom = (np.array(laid.before) + moved).tolist()
        laid.before = x, top, right, bottom
    left, top = left + more[0], round(laid.foot + size * rng.normal(0, 0.06)) - standing
    layer = np.zeros_like(laid.ink)
    first = min(max(0, top), len(layer))
    last = max(first, min(len(layer), top + len(words)))
    layer[first:last, left : left + words.shape[1]] = words[first - top : last - top]
    laid.printed.append(layer)
    return (left, first, left + words.shape[1], last) if last > first else None


def _beside(ink: Coverage, hand: Hand, pen: Pen, manner: Manner, rng: np.random.Generator) -> Coverage:
    """Return the ends of another row's digits that reach into the picture from above or below."""
    other = compose(_digits(rng, int(rng.integers(1, 6))), hand, pen, manner, rng)
    deep = round(manner.size * rng.uniform(0.04, 0.16))
    rows = np.flatnonzero(other.ink.max(axis=1) > INKED)
    into = np.zeros_like(ink)
    if not rows.size or deep < 1:
        return into
    above = rng.random() < 0.5
    part = other.ink[rows[-1] + 1 - deep : rows[-1] + 1] if above else other.ink[rows[0] : rows[0] + deep]
    left = int(rng.integers(0, max(1, ink.shape[1] - part.shape[1] // 2)))
    part = part[: ink.shape[0], : ink.shape[1] - left]
    into[slice(0, len(part)) if above else slice(len(ink) - len(part), len(ink)), left : left + part.shape[1]] = part
    return into


# Seen: paper, print, ink, light, lens, sensor, file


def _seen(ink: Coverage, printed: list[Coverage], size: float, look: Look, rng: np.random.Generator) -> Picture:
    """Return the picture (h, w, 3) uint8."""
    height, width = ink.shape
    coloured = rng.random() < look.colour
    sheet = np.ones((height, width, 3), np.float32)
    if not look.even:
        sheet = scene.paper(height, width, rng, colour=coloured)
        sheet *= np.float32(rng.uniform(*look.paper) / max(float(sheet.mean()), 1e-3))
    if rng.random() < look.pattern:
        engraved = prints.pattern(height, width, size, rng)
        sheet *= 1 - engraved[..., None] * _tone(look.engraved, coloured, rng)
    for layer in printed:
        sheet *= 1 - layer[..., None] * _tone(look.printed, coloured, rng)
    sheet *= 1 - ink[..., None] * _tone(look.ink, coloured, rng)
    if rng.random() < look.dark:
        sheet = 1.03 - sheet
    if look.table and rng.random() < look.table:
        sheet = scene.on_table(sheet, ink, rng)
    shade, shadow = rng.random() < look.shade, rng.random() < look.shadow
    if shade or shadow:
        sheet = sheet * scene.light(height, width, rng, shade=bool(shade), shadow=bool(shadow))
    sigma = size * rng.uniform(*look.blur)
    seen = cv2.GaussianBlur(sheet, (0, 0), sigma) if sigma > 0.25 else sheet
    noise = rng.standard_normal(seen.shape[:2], dtype=np.float32)[..., None] * np.float32(rng.uniform(*look.noise))
    picture = np.clip((seen + noise) * 255 + 0.5, 0, 255).astype(np.uint8)
    return scene.as_jpeg(picture, int(rng.integers(40, 96))) if rng.random() < look.jpeg else picture


def _tone(span: tuple[float, float], coloured: bool, rng: np.random.Generator) -> NDArray[np.float32]:
    """Return how much of red, green and blue something takes: alike, or with a cast."""
    deep = rng.uniform(*span)
    cast = rng.uniform(-0.25, 0.25, 3) if coloured else np.zeros(3)
    return np.clip(deep * (1 + cast), 0, 1).astype(np.float32)
