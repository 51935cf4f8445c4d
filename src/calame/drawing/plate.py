"""A plate: pictures side by side with a title, a sentence on what one is looking at, and the scale of the colours.

A `Plate` is data; `png` draws it on paper, with its words, for a file or a notebook. A page that has words of its
own takes the `sheets` alone. Nothing is known here of what the pictures show.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from calame.drawing.colours import Colours, Palette, painted

PAPER, TEXT, QUIET = (252, 251, 248), (29, 28, 26), (103, 99, 91)
MARGIN, GUTTER = 36, 18  # pixels around the plate, and between pictures with captions
HAIR = 3  # least pixels between pictures without captions; as many as their own pixels have where that is more
WIDEST, NARROWEST = 1240, 560  # of what is inside the margins
TITLE, SENTENCE, CAPTION = 27, 17, 15  # sizes of letters
LEADING = 1.4  # line to line, in sizes
BAR = (260, 12)  # width and height of the scale

Weight = Literal["Regular", "Medium"]


@dataclass(frozen=True, eq=False)
class Tile:
    """One picture of a plate: (h, w, 3) uint8, and the words below it; lines are parted by a line feed."""

    colours: Colours
    caption: str = ""


@dataclass(frozen=True)
class Scale:
    """What the colours mean: a palette, and the words at its two ends and, for `balance`, in its middle."""

    palette: Palette
    low: str
    high: str
    middle: str = ""


@dataclass(frozen=True, eq=False)
class Plate:
    """Pictures with their words.

    Attributes:
        name: of the file, without its ending.
        title: what it is, in a few words.
        sentence: what one is looking at.
        tiles: the pictures; all have the same size.
        columns: in a row.
        zoom: pixels of the plate for one of a picture.
        scale: None where colours are no amounts.
    """

    name: str
    title: str
    sentence: str
    tiles: tuple[Tile, ...]
    columns: int
    zoom: int
    scale: Scale | None = None

    @property
    def captioned(self) -> bool:
        """Whether the pictures stand apart, each with its words, or close together."""
        return any(tile.caption for tile in self.tiles)

    def sheet(self) -> NDArray[np.uint8]:
        """Return the pictures alone, close together, pixel for pixel: (h, w, 4) uint8, gaps transparent."""
        height, width = self.tiles[0].colours.shape[:2]
        rows = -(-len(self.tiles) // self.columns)
        sheet = np.zeros((rows, height + 1, min(self.columns, len(self.tiles)), width + 1, 4), np.uint8)
        for place, tile in enumerate(self.tiles):
            row, column = divmod(place, self.columns)
            sheet[row, :height, column, :width, :3] = tile.colours
            sheet[row, :height, column, :width, 3] = 255
        return sheet.reshape(rows * (height + 1), -1, 4)[:-1, :-1]

    def png(self) -> bytes:
        """Return the plate with its words as a PNG."""
        picture = self._pictures()
        width = min(max(picture.width, NARROWEST), WIDEST)
        words = [(line, "Medium", TITLE, TEXT) for line in _lines(self.title, "Medium", TITLE, width)]
        words += [(line, "Regular", SENTENCE, QUIET) for line in _lines(self.sentence, "Regular", SENTENCE, width)]
        head = sum(round(size * LEADING) for _, _, size, _ in words) + GUTTER
        foot = 0 if self.scale is None else GUTTER + BAR[1] + round(CAPTION * 2)
        size = max(picture.width, width) + 2 * MARGIN, head + picture.height + foot + 2 * MARGIN
        page = Image.new("RGB", size, PAPER)
        draw, top = ImageDraw.Draw(page), MARGIN
        for line, weight, letters, colour in words:
            draw.text((MARGIN, top), line, colour, _font(weight, letters))
            top += round(letters * LEADING)
        page.paste(picture, (MARGIN, MARGIN + head))
        if self.scale is not None:
            _draw_scale(page, draw, self.scale, MARGIN + head + picture.height + GUTTER)
        return encoded(page)

    def _repr_png_(self) -> bytes:
        return self.png()

    def _pictures(self) -> Image.Image:
        """All pictures at their size, with their captions."""
        height, width = (side * self.zoom for side in self.tiles[0].colours.shape[:2])
        gap = GUTTER if self.captioned else max(HAIR, self.zoom)
        lines = max(tile.caption.count("\n") + 1 for tile in self.tiles) if self.captioned else 0
        words = round(lines * CAPTION * LEADING) + (8 if lines else 0)
        columns = min(self.columns, len(self.tiles))
        rows = -(-len(self.tiles) // self.columns)
        size = columns * (width + gap) - gap, rows * (height + words + gap) - gap
        page = Image.new("RGB", size, PAPER)
        draw = ImageDraw.Draw(page)
        for place, tile in enumerate(self.tiles):
            row, column = divmod(place, self.columns)
            left, top = column * (width + gap), row * (height + words + gap)
            picture = Image.fromarray(tile.colours).resize((width, height), Image.Resampling.NEAREST)
            page.paste(picture, (left, top))
            for number, line in enumerate(tile.caption.splitlines()):
                at = left, top + height + 6 + round(number * CAPTION * LEADING)
                draw.text(at, line, TEXT if number == 0 else QUIET, _font("Regular", CAPTION))
        return page


def encoded(page: Image.Image) -> bytes:
    """Return a picture as a PNG."""
    stream = io.BytesIO()
    page.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def sheet_png(sheet: NDArray[np.uint8]) -> bytes:
    """Return (h, w, 4) uint8 as a PNG; by palette, in a third of the bytes, where it has at most 256 colours."""
    packed = np.ascontiguousarray(sheet).view(np.uint32)[..., 0]
    colours, places = np.unique(packed, return_inverse=True)
    if len(colours) > 256:
        return encoded(Image.fromarray(sheet))
    page = Image.fromarray(places.reshape(packed.shape).astype(np.uint8), "P")
    page.putpalette(colours.view(np.uint8).tobytes(), "RGBA")
    return encoded(page)


def _draw_scale(page: Image.Image, draw: ImageDraw.ImageDraw, scale: Scale, top: int) -> None:
    width, height = BAR
    bar = painted(np.linspace(0, 1, width)[None].repeat(height, 0), 0, 1, scale.palette)
    page.paste(Image.fromarray(bar), (MARGIN, top))
    font, below = _font("Regular", CAPTION), top + height + 5
    draw.text((MARGIN, below), scale.low, QUIET, font)
    draw.text((MARGIN + width / 2, below), scale.middle, QUIET, font, anchor="ma")
    draw.text((MARGIN + width, below), scale.high, QUIET, font, anchor="ra")


def _lines(sentence: str, weight: Weight, size: int, width: int) -> Iterable[str]:
    """Break a sentence into lines of at most `width` pixels."""
    font, line = _font(weight, size), ""
    for word in sentence.split(" "):
        longer = f"{line} {word}" if line else word
        if line and font.getlength(longer) > width:
            yield line
            line = word
        else:
            line = longer
    if line:
        yield line


@cache
def _font(weight: Weight, size: int) -> ImageFont.FreeTypeFont:
    content = resources.files("calame.drawing").joinpath(f"Roboto-{weight}.ttf").read_bytes()
    return ImageFont.truetype(io.BytesIO(content), size)
