"""The short way to decode a PNG as browsers write it: 8 bits, grey or colour, opaque. Half of Pillow's time.

Anything else about a file, damage above all, is left to Pillow, which names what is wrong. This module knows the
chunks of a PNG (RFC 2083) and nothing of what the picture shows.
"""

import struct
import zlib
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

START = 8  # bytes of the signature
PLAIN = {b"IHDR", b"IDAT", b"IEND", b"sRGB", b"pHYs", b"gAMA", b"cHRM", b"tEXt", b"tIME"}  # change no pixel here
GREY, COLOUR, COLOUR_ALPHA = 0, 2, 6  # PNG's colour types


class Limited(Protocol):
    """What may be read at most."""

    @property
    def pixels(self) -> int:
        """Width by height."""
        ...


def plain_png(content: bytes, limits: Limited) -> NDArray[np.uint8] | None:
    """Return (h, w) or (h, w, 3) uint8 of a whole, undamaged, opaque PNG of 8 bits; None for any other file."""
    header = _header(content)
    if header is None:
        return None
    width, height, depth, kind, _, _, interlaced = header
    if not 0 < width * height <= limits.pixels or depth != 8 or interlaced or kind not in (GREY, COLOUR, COLOUR_ALPHA):
        return None
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint8 or pixels.shape[:2] != (height, width):
        return None
    if kind == GREY:
        return np.asarray(pixels, np.uint8) if pixels.ndim == 2 else None
    if kind == COLOUR_ALPHA:
        if cv2.minMaxLoc(cv2.extractChannel(pixels, 3))[0] < 255:
            return None
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def _header(content: bytes) -> tuple[int, int, int, int, int, int, int] | None:
    """Return the fields of IHDR when every chunk is plain and whole and the last one ends the file; else None."""
    place, seen = START, []
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        name, ends = content[place + 4 : place + 8], place + 12 + length
        if name not in PLAIN or ends > len(content):
            return None
        (checksum,) = struct.unpack_from(">I", content, ends - 4)
        if zlib.crc32(memoryview(content)[place + 4 : ends - 4]) != checksum:
            return None
        seen.append(name)
        place = ends
    if place != len(content) or seen[:1] != [b"IHDR"] or seen[-1] != b"IEND" or b"IDAT" not in seen:
        return None
    return struct.unpack_from(">IIBBBBB", content, START + 8)
