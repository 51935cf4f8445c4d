"""Arrays -> PNG, for pages: grey, colour, and the sprite of a layer's maps on one colour scale.

Written with zlib alone, which lets go of Python's lock: a picture of 28×28 takes 20 µs.
"""

import base64
import math
import struct
import zlib
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.drawing.colours import Palette, fitting, painted

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, COLOUR, PALETTE = 0, 2, 3  # PNG colour types
EMPTY = 255  # the palette's last entry: transparent, for the gaps between maps
COLUMNS = 8  # maps in a row of a sprite
GAP = 1  # pixel between maps
FAST = 1  # zlib's level: a tenth more bytes than the best, in a fifth of the time


def _palette(name: Palette) -> bytes:
    return painted(np.linspace(0, 1, EMPTY), 0, 1, name).tobytes() + b"\0\0\0"


COLOURS: dict[Palette, bytes] = {name: _palette(name) for name in ("viridis", "balance")}
OPAQUE = b"\xff" * EMPTY + b"\0"


class Sprite(NamedTuple):
    """All maps of a layer in one PNG, `columns` in a row; the scale goes from `low` to `high`."""

    png: bytes
    columns: int
    low: float
    high: float


def png(picture: NDArray[np.uint8]) -> bytes:
    """Return (h, w) grey or (h, w, 3) RGB, uint8, as a PNG."""
    return _file(picture, GREY if picture.ndim == 2 else COLOUR)


def uri(encoded: bytes) -> str:
    """Return a PNG as a data URL, for `<img src>`."""
    return "data:image/png;base64," + base64.b64encode(encoded).decode()


def sprite(maps: NDArray[np.float32]) -> Sprite:
    """Return the maps (h, w, n) of one layer, or its n values, (n,), as one picture in the colours that fit them."""
    if maps.ndim == 1 or maps.shape[:2] == (1, 1):
        maps = maps.reshape(1, -1, 1)  # a row of values is one map
    height, width, count = maps.shape
    palette, low, high = fitting(maps)
    columns = min(COLUMNS, count)
    rows = math.ceil(count / columns)
    page = np.full((rows, height + GAP, columns, width + GAP), EMPTY, np.uint8)
    levels = ((maps - low) * ((EMPTY - 1) / ((high - low) or 1)) + 0.5).astype(np.uint8)
    for place in range(count):
        page[place // columns, :height, place % columns, :width] = levels[..., place]
    flat = page.reshape(rows * (height + GAP), columns * (width + GAP))[:-GAP, :-GAP]
    return Sprite(coloured(flat, palette), columns, low, high)


def coloured(levels: NDArray[np.uint8], palette: Palette = "viridis") -> bytes:
    """Return (h, w) levels 0..254 as a PNG in the colours of a palette; 255 is transparent."""
    return _file(levels, PALETTE, ((b"PLTE", COLOURS[palette]), (b"tRNS", OPAQUE)))


def _file(pixels: NDArray[np.uint8], kind: int, between: tuple[tuple[bytes, bytes], ...] = ()) -> bytes:
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + width * (3 if kind == COLOUR else 1)), np.uint8)  # each row: its filter, none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    chunks = (b"IHDR", header), *between, (b"IDAT", zlib.compress(rows.data, FAST)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(name)))
