"""A digit as a PNG inside the page: ink on nothing, so that the page's own paper shows through."""

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

GREY_ALPHA = 4  # PNG colour type
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def ink_png(picture: NDArray[np.uint8]) -> bytes:
    """Return (h, w) uint8, ink bright on 0, as a PNG of black ink whose opacity is the picture."""
    height, width = picture.shape
    pixels = np.zeros((height, 1 + 2 * width), np.uint8)  # each row: its filter (none), then grey, alpha, grey, …
    pixels[:, 2::2] = picture
    header = struct.pack(">IIBBBBB", width, height, 8, GREY_ALPHA, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(pixels.tobytes(), 9)), (b"IEND", b"")
    return SIGNATURE + b"".join(_chunk(name, data) for name, data in chunks)


def ink_uri(picture: NDArray[np.uint8]) -> str:
    """Return the same as a data URI, for `<img src>`."""
    return "data:image/png;base64," + base64.b64encode(ink_png(picture)).decode()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
