"""A handwritten number on a sheet, the sheet on a table, a phone above it: what `made_scenes.py` puts together.

Papers, pens, lights and the camera are `studio`'s, the hands and how they write `calame.data`'s. Until the camera,
values are linear light, RGB float32, 1 for white; lengths are millimetres. This module does not know which scenes there
are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import studio
from calame.data import captions, lines
from calame.data.compose import INKED
from calame.data.hands import Hand, Hands
from calame.imaging.codec import decode
from made_pages import FONT
from samples import BALL_BLACK, BALL_BLUE, COOL, FELT, PENCIL, RED, WARM
from studio import Floats, Ink, Light, Random, linear, noise, ramp

LONGER = 1060, 1450  # pixels of a picture's longer side
SHAPES = (4 / 3, 4 / 3, 4 / 3, 3 / 2)  # of its sides
UPRIGHT = 0.5  # of the pictures are higher than wide
LENGTHS = (0.03, 0.05, 0.12, 0.16, 0.18, 0.17, 0.14, 0.09, 0.04, 0.02)  # how often a number has 1, 2, ... 10 digits
WIDEST = 0.72  # of the picture's width: a longer number is written smaller
ABOUT = 0.34, 0.66  # of the picture's sides: where the number is that the phone is held over
CLEAR = 0.025  # of the picture's longer side: free between the number and the picture's edge
INK = lines.Look(printed=(0, 0), ink=(1, 1), blur=(0, 0), noise=(0, 0), jpeg=0.0, even=True)  # nothing but coverage
PENS: Sequence[Ink] = (BALL_BLUE, BALL_BLACK, FELT, RED, PENCIL)
PEN_SHARES = (0.4, 0.35, 0.1, 0.05, 0.1)
WHITES = ((246, 246, 243), (240, 238, 232), (247, 243, 230), (236, 238, 240))  # sRGB of papers
TABLES = ((62, 58, 56), (96, 70, 52), (70, 78, 88), (120, 96, 74), (52, 60, 52))
Point = tuple[float, float]


class Photo(NamedTuple):
    """A photo as it is sent, the number on it, "" for none, and where its ink is, (h, w), 0-1."""

    jpeg: bytes
    text: str
    ink: Floats

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """The picture, (h, w, 3) RGB uint8."""
        return decode(self.jpeg).pixels


@dataclass(frozen=True)
class Shot:
    """What is to be photographed: by whom a number is written, whether it is, and how far away the phone is."""

    rng: Random
    known: Hands
    blank: bool
    size: tuple[int, int]  # width and height in pixels
    view: float  # millimetres that the height of the picture shows

    @property
    def k(self) -> float:
        """Pixels a millimetre."""
        return self.size[1] / self.view

    @property
    def wide(self) -> float:
        """Millimetres that its width shows."""
        return self.size[0] / self.k

    def between(self, low: float, high: float) -> float:
        """Return a number between these."""
        return float(self.rng.uniform(low, high))

    def chance(self, share: float) -> bool:
        """Return whether something happens that happens so often."""
        return bool(self.rng.random() < share)

    def number(self, most: int = len(LENGTHS)) -> str:
        """Return 1 to `most` digits."""
        shares = np.array(LENGTHS[:most]) / sum(LENGTHS[:most])
        return "".join(map(str, self.rng.integers(0, 10, 1 + int(self.rng.choice(most, p=shares)))))

    def white(self) -> Floats:
        """Return the colour of some paper."""
        return linear(*WHITES[self.rng.integers(len(WHITES))])

    def pen(self) -> Ink:
        """Return some pen."""
        return PENS[self.rng.choice(len(PENS), p=PEN_SHARES)]

    def pixels(self, wide: float, high: float) -> tuple[int, int]:
        """Return the shape (h, w) of so many millimetres."""
        return round(high * self.k), round(wide * self.k)


@dataclass(eq=False)
class Sheet:
    """What lies on the table: its light (h, w, 3), where it is (h, w), and the number on it with its box in mm."""

    shot: Shot
    light: Floats
    cover: Floats
    ink: Floats
    text: str = ""
    box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @property
    def wide(self) -> float:
        """Millimetres."""
        return self.ink.shape[1] / self.shot.k

    @property
    def high(self) -> float:
        """Millimetres."""
        return self.ink.shape[0] / self.shot.k

    @property
    def middle(self) -> Point:
        """Of the number, in mm."""
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2

    def place(self, left: int, top: int, shape: tuple[int, ...]) -> tuple[slice, slice]:
        """Return the rows and columns of what is so large and begins there, as far as it is on the sheet."""
        high, wide = self.ink.shape
        return slice(max(0, top), min(high, top + shape[0])), slice(max(0, left), min(wide, left + shape[1]))

    def print(self, cover: Floats, left: int, top: int, colour: Floats, strength: float = 0.96) -> None:
        """Print what is covered (h, w), from that pixel on; what is not on the sheet is lost."""
        rows, columns = self.place(left, top, cover.shape)
        part = cover[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
        if part.size:
            self.light[rows, columns] *= 1 - strength * part[..., None] * (1 - colour)

    def say(self, words: str, left: float, foot: float, high: float, colour: Floats) -> float:
        """Print words in some face with capitals of `high` mm; return where they end, in mm."""
        cover, standing = captions.printed(words, high * self.shot.k, self.shot.rng)
        start = round(left * self.shot.k)
        self.print(cover, start, round(foot * self.shot.k) - standing, colour)
        return left + cover.shape[1] / self.shot.k

    def set(self, text: Sequence[str], left: float, top: float, high: float, pitch: float, colour: Floats) -> None:
        """Print lines of text in the face of the made pages, its size and the lines' distance in mm."""
        k = self.shot.k
        font = ImageFont.truetype(str(FONT), max(6, round(high * k)))
        image = Image.new("L", self.ink.shape[::-1])
        draw = ImageDraw.Draw(image)
        for row, words in enumerate(text):
            draw.text((left * k, (top + row * pitch) * k), words, font=font, fill=255)
        self.print(np.asarray(image, np.float32) / np.float32(255), 0, 0, colour)


class Written(NamedTuple):
    """A number: its digits, its ink (h, w), the middles of its digits and the row of their feet, in pixels."""

    text: str
    ink: Floats
    middles: Floats
    foot: float


# --- what lies there --------------------------------------------------------------------------------------------------


def aimed(
    known: Hands, rng: Random, blank: bool, view: Point, *, upright: float = UPRIGHT,
    longer: tuple[int, int] = LONGER,
) -> Shot:  # fmt: skip
    """Return a shot of `view` millimetres from its upper to its lower edge."""
    long = int(rng.integers(*longer))
    sides = long, round(long / float(rng.choice(SHAPES)))
    size = sides[::-1] if rng.random() < upright else sides
    return Shot(rng, known, blank, size, float(np.exp(rng.uniform(*np.log(view)))))


def sheet_of(shot: Shot, light: Floats) -> Sheet:
    """Return a sheet that looks so, (h, w, 3), and has nothing on it."""
    high, wide = light.shape[:2]
    return Sheet(shot, light, np.ones((high, wide), np.float32), np.zeros((high, wide), np.float32))


def blank(shot: Shot, wide: float, high: float, colour: Floats | None = None) -> Sheet:
    """Return plain paper of so many millimetres."""
    colour = shot.white() if colour is None else colour
    return sheet_of(shot, studio.paper(shot.rng, shot.pixels(wide, high), shot.k, colour=colour))


def round_off(sheet: Sheet, corner: float) -> None:
    """Cut the corners of a sheet round, with a radius of so many mm."""
    high, wide = sheet.ink.shape
    half = wide / high / 2, 0.5
    away = studio.box((high, wide), 0, (0, 0), half, corner * sheet.shot.k / high)
    sheet.cover *= 1 - ramp(-1 / high, 1 / high, away)


def table(shot: Shot, colours: Sequence[tuple[int, int, int]] = TABLES, wooden: float = 0.4) -> Floats:
    """Return a table (h, w, 3) that fills the picture: wood, or some colour with a little structure."""
    shape = shot.size[::-1]
    if shot.chance(wooden):
        return studio.wood(shot.rng, shape, shot.k) * np.float32(shot.between(0.35, 0.95))
    colour = linear(*colours[shot.rng.integers(len(colours))]) * np.float32(shot.between(0.7, 1.2))
    fine, coarse = noise(shot.rng, shape, 1.2 * shot.k, 3), noise(shot.rng, shape, 40 * shot.k, 2)
    rough = shot.between(0.01, 0.07)
    return colour * np.clip(1 + rough * fine + 0.04 * coarse, 0.3, 2)[..., None]


# --- what is written --------------------------------------------------------------------------------------------------


def hand(shot: Shot, thin: bool = False) -> Hand:
    """Return a hand; a thin one has a sharp pencil, which those who are known by scans have not."""
    if not thin:
        return shot.known.any(shot.rng)
    drawn = shot.known.known["unipen"]
    return replace(drawn[shot.rng.integers(len(drawn))], width=shot.between(0.035, 0.06))


def written(shot: Shot, who: Hand, text: str, tall: float, cell: float = 0.0) -> Written:
    """Write digits `tall` mm high, in cells of so many heights of a digit where there are some."""
    rng, high = shot.rng, tall * shot.k
    manner = replace(
        lines.any_manner(rng, (high, high * 1.001)), margins=(0.02,) * 4, slope=float(np.deg2rad(rng.normal(0, 1.3))),
        gap=lines.GAPS[str(rng.choice(["loose", "plain", "plain", "tight"]))],
    )  # fmt: skip
    if cell:
        manner = replace(manner, cell=cell, slope=0.0, stretch=1.0, slant=float(rng.normal(0, 0.08)))
    line = lines.draw(text, who, manner, INK, rng)
    ink = 1 - line.picture[..., 0].astype(np.float32) / np.float32(255)
    return Written(text, ink, line.boxes[:, ::2].mean(axis=1), float(np.median(line.boxes[:, 3])))


def smaller(number: Written, scale: float) -> Written:
    """Return a number as it is written smaller."""
    if scale >= 1:
        return number
    ink = cv2.resize(number.ink, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return number._replace(ink=ink, middles=number.middles * scale, foot=number.foot * scale)


def fitting(shot: Shot, who: Hand, tall: float, room: float, text: str) -> Written:
    """Return a number that is no wider than `room` mm and than what the picture has room for."""
    number = written(shot, who, text, tall)
    return smaller(number, min(room * shot.k, WIDEST * shot.size[0]) / number.ink.shape[1])


def ink_it(sheet: Sheet, number: Written, left: float, top: float, pen: Ink) -> None:
    """Write a number on a sheet, from that millimetre on; where the sheet is to stay blank, only its place is kept."""
    shot, high, wide = sheet.shot, *number.ink.shape
    x = int(np.clip(round(left * shot.k), 2, max(2, sheet.ink.shape[1] - wide - 2)))
    y = int(np.clip(round(top * shot.k), 2, max(2, sheet.ink.shape[0] - high - 2)))
    rows, columns = sheet.place(x, y, number.ink.shape)
    sheet.box = x / shot.k, y / shot.k, (x + wide) / shot.k, (y + high) / shot.k
    if shot.blank:
        return
    ink = number.ink[: rows.stop - rows.start, : columns.stop - columns.start]
    sheet.light[rows, columns] = pen(shot.rng, sheet.light[rows, columns], [ink], shot.k).astype(np.float32)
    sheet.ink[rows, columns], sheet.text = ink, number.text


def write(sheet: Sheet, middle: Point, tall: float, *, pen: Ink | None = None, room: float = 1e3,
          most: int = len(LENGTHS), thin: bool = False) -> Written:  # fmt: skip
    """Write some number of at most so many digits around that point; return it."""
    shot = sheet.shot
    number = fitting(shot, hand(shot, thin), tall, min(room, sheet.wide - 6), shot.number(most))
    high, wide = number.ink.shape
    ink_it(sheet, number, middle[0] - wide / shot.k / 2, middle[1] - high / shot.k / 2, pen or shot.pen())
    return number


# --- how it is seen ---------------------------------------------------------------------------------------------------


def taken(
    sheet: Sheet, ground: Floats, *, aim: Point | None = None, at: Point | None = None, crooked: float = 3.5,
    lights: Sequence[Light] = (),
) -> Photo:  # fmt: skip
    """Photograph a sheet on a table.

    Args:
        sheet: what lies there.
        ground: the table, (h, w, 3), as large as the picture.
        aim: the point of the sheet, in mm, that comes `at` a place of the picture; None for its number's middle.
        at: that place, in widths and heights; None for about the middle.
        crooked: degrees: the spread of how far the sheet lies turned.
        lights: shadows and the like, in the picture.
    """
    shot = sheet.shot
    wide, high = shot.size
    at = at or (shot.between(*ABOUT), shot.between(*ABOUT))
    matrix = clear_of_edges(sheet, placed(shot, aim or sheet.middle, at, crooked))
    warp = partial(cv2.warpPerspective, M=matrix, dsize=(wide, high), flags=cv2.INTER_LINEAR)
    cover = warp(sheet.cover)
    fall = (np.array([shot.between(-1.5, 1.5), shot.between(0.3, 2)]) * shot.k).tolist()
    under = cv2.warpAffine(cover, np.array([[1, 0, fall[0]], [0, 1, fall[1]]]), (wide, high))
    under = cv2.GaussianBlur(under, (0, 0), max(0.5, shot.between(0.5, 1.8) * shot.k))
    view = ground * (1 - shot.between(0.25, 0.6) * under)[..., None]
    light = warp(sheet.light, borderMode=cv2.BORDER_REPLICATE)
    view = view + (light - view) * cover[..., None]
    return exposed(shot, view.astype(np.float32), sheet.text, warp(sheet.ink), lights)


def placed(shot: Shot, aim: Point, at: Point, crooked: float) -> NDArray[np.float64]:
    """Return how the sheet's pixels come into the picture: turned and, as the phone leans a little, in perspective."""
    wide, high = shot.size
    turn = np.radians(np.clip(shot.rng.normal(0, crooked), -2.5 * crooked, 2.5 * crooked))
    lean = np.clip(shot.rng.normal(0, 0.06, 2), -0.15, 0.15)
    moved = np.array([[1, 0, -aim[0] * shot.k], [0, 1, -aim[1] * shot.k], [0, 0, 1]])
    turned = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    leant = np.array([[1, 0, 0], [0, 1, 0], [lean[0] / wide, lean[1] / high, 1]])
    return np.array([[1, 0, at[0] * wide], [0, 1, at[1] * high], [0, 0, 1]]) @ leant @ turned @ moved


def clear_of_edges(sheet: Sheet, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return it with the phone moved as far as it takes to have the number whole in the picture."""
    rows, columns = np.nonzero(sheet.ink > INKED)
    if not rows.size:
        return matrix
    ends = matrix @ np.stack([columns, rows, np.ones(len(rows))])
    ends = ends[:2] / ends[2]
    size, clear = np.array(sheet.shot.size), CLEAR * max(sheet.shot.size)
    low, high = ends.min(axis=1), ends.max(axis=1)
    move = np.maximum(clear - low, 0) - np.maximum(high - (size - clear), 0)
    return np.array([[1, 0, move[0]], [0, 1, move[1]], [0, 0, 1]]) @ matrix


def exposed(shot: Shot, view: Floats, text: str, ink: Floats, lights: Sequence[Light]) -> Photo:
    """Light what the phone sees, take it and compress it."""
    rng = shot.rng
    tones = (WARM, COOL) if shot.chance(0.5) else (COOL, WARM)
    view = studio.lamp(view, angle=shot.between(0, 360), fall=shot.between(0.08, 0.45), near=tones[0], far=tones[1])
    for light in lights:
        view = light(view)
    cast = tuple((1 + 0.035 * rng.standard_normal(3)).tolist())
    picture = studio.phone(
        rng, view.astype(np.float32), exposure=shot.between(0.45, 0.8), blur=shot.between(0.45, 1.2),
        grain=shot.between(0.6, 2.4), cast=cast,
    )  # fmt: skip
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(68, 94))]
    done, packed = cv2.imencode(".jpg", np.ascontiguousarray(picture[..., ::-1]), quality)
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return Photo(packed.tobytes(), text, ink)


def hand_shadow(shot: Shot, towards: Point) -> Light:
    """Return the soft shadow of a hand, or of a phone, that reaches from the edge of the picture `towards` a place.

    The place is in picture heights from the middle.
    """
    edge, deep, angle = shot.between(0.02, 0.11), shot.between(0.25, 0.55), shot.between(-35, 35)
    if shot.chance(0.4):  # the phone, straight above
        half = shot.between(0.16, 0.3), shot.between(0.3, 0.5)
        return partial(studio.shadow, angle=angle, centre=towards, half=half, edge=edge, deep=deep)
    thumb, bent = shot.between(0.1, 0.16), shot.between(18, 35)

    def darkened(view: Floats) -> Floats:
        x, y = towards
        parts = (
            (angle, (x, y + 0.16), (0.13, 0.18), 0.1),  # the fingers, held together
            (angle, (x + 0.01, y + 0.36), (0.15, 0.22), 0.1),
            (angle, (x + 0.02, y + 1.0), (0.1, 0.7), 0.08),  # wrist and arm
            (angle - bent, (x - thumb, y + 0.36), (0.04, 0.16), 0.04),
        )
        away = np.min([studio.box(view.shape, *part) for part in parts], axis=0)
        dark = (1 - ramp(-edge, edge, away))[..., None]
        return view * (1 - deep * dark * np.array((1.0, 0.96, 0.88), np.float32))

    return darkened
