"""The short way to decode a PNG as browsers write it: 8 bits, grey or colour, opaque. Half of Pillow's time.

A drawing says the same in red, green and blue, and nothing in alpha: one channel of it is decoded, in a third of
Pillow's time. Anything else about a file, damage above all, is left to Pillow, which names what is wrong. This module
knows the chunks and filters of a PNG (RFC 2083) and nothing of what the picture shows.
"""

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

try:
    from zlib_ng import zlib_ng as zlib
except ImportError:  # no wheel for this machine: the same answers, more slowly
    import zlib

SIGNATURE = b"\x89PNG\r\n\x1a\n"
START = len(SIGNATURE)
PLAIN = {b"IHDR", b"IDAT", b"IEND", b"sRGB", b"pHYs", b"gAMA", b"cHRM", b"tEXt", b"tIME"}  # change no pixel here
GREY, COLOUR, COLOUR_ALPHA = 0, 2, 6  # PNG's colour types
FIELDS = ">IIBBBBB"  # of IHDR: width, height, depth, colour type, compression, filter, interlaced
PACKED = 16  # times smaller than its pixels a drawing is packed, at least; of a hundred times, as a rule
LARGEST = 2**22  # bytes of filtered rows that are held at once: a megapixel, more than any pad draws
# What 255 in each pixel of a channel becomes by each of the five filters: in the first pixel of a row and in the
# others, of the first row and of those below it. Beyond the borders is 0.
OPAQUE_FIRST = np.array([[255, 255, 255, 255, 255], [255, 255, 0, 128, 0]], np.uint8)
OPAQUE_OTHERS = np.array([[255, 0, 255, 128, 0], [255, 0, 0, 0, 0]], np.uint8)
FILTERS = OPAQUE_FIRST.shape[1]


class Limited(Protocol):
    """What may be read at most."""

    @property
    def pixels(self) -> int:
        """Width by height."""
        ...


class Header(NamedTuple):
    """The fields of IHDR."""

    width: int
    height: int
    depth: int
    kind: int
    compression: int
    filters: int
    interlaced: int


def plain_png(content: bytes, limits: Limited) -> NDArray[np.uint8] | None:
    """Return (h, w) or (h, w, 3) uint8 of a whole, undamaged, opaque PNG of 8 bits; None for any other file."""
    chunks = _chunks(content)
    if chunks is None:
        return None
    header, packed = chunks
    width, height, kind = header.width, header.height, header.kind
    if not 0 < width * height <= limits.pixels or kind not in (GREY, COLOUR, COLOUR_ALPHA):
        return None
    if header.depth != 8 or header.interlaced or header.compression or header.filters:
        return None
    if kind == COLOUR_ALPHA and (drawn := _drawing(packed, width, height)) is not None:
        return np.broadcast_to(drawn[..., None], (height, width, 3))  # three times the same memory: see the step `grey`
    pixels = _decoded(content, width, height)
    if pixels is None:
        return None
    if kind == GREY:
        return pixels if pixels.ndim == 2 else None
    if kind == COLOUR_ALPHA:
        if cv2.minMaxLoc(cv2.extractChannel(pixels, 3))[0] < 255:
            return None
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGB), np.uint8)
    return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)


def _decoded(content: bytes, width: int, height: int) -> NDArray[np.uint8] | None:
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint8 or pixels.shape[:2] != (height, width):
        return None
    return np.asarray(pixels, np.uint8)


def _chunks(content: bytes) -> tuple[Header, list[memoryview]] | None:
    """Return IHDR and the parts of the data when every chunk is plain and whole and the last ends the file; or None."""
    place, seen, packed = START, list[bytes](), list[memoryview]()
    view = memoryview(content)
    while place + 12 <= len(content):
        (length,) = struct.unpack_from(">I", content, place)
        name, ends = content[place + 4 : place + 8], place + 12 + length
        if name not in PLAIN or ends > len(content):
            return None
        (checksum,) = struct.unpack_from(">I", content, ends - 4)
        if zlib.crc32(view[place + 4 : ends - 4]) != checksum:
            return None
        seen.append(name)
        if name == b"IDAT":
            packed.append(view[place + 8 : ends - 4])
        place = ends
    if place != len(content) or seen[:1] != [b"IHDR"] or seen[-1] != b"IEND" or not packed:
        return None
    return Header._make(struct.unpack_from(FIELDS, content, START + 8)), packed


def _drawing(packed: Sequence[memoryview], width: int, height: int) -> NDArray[np.uint8] | None:
    """Return (h, w) uint8 of RGBA data that is opaque and has no colour, as a drawing is; None for other data.

    A filter looks at one channel alone (RFC 2083, section 6): channels that are alike when they are filtered are alike.
    So three of them need not be decoded at all, and the one that is goes to the decoder as a PNG without compression:
    zlib-ng inflates in one piece in a tenth of the time that zlib takes, row by row, inside of it.
    """
    rows = _rows(packed, 1 + 4 * width, height)
    if rows is None or rows[:, 0].max() >= FILTERS:
        return None
    red, green, blue, alpha = cv2.split(np.ascontiguousarray(rows[:, 1:]).reshape(height, width, 4))
    if not (np.array_equal(red, green) and np.array_equal(red, blue) and _is_opaque(alpha, rows[:, 0])):
        return None
    return _decoded(_stored(rows[:, 0], red), width, height)


def _rows(packed: Sequence[memoryview], length: int, height: int) -> NDArray[np.uint8] | None:
    """Return filtered rows, (h, length) uint8, each behind the number of its filter; None of what is no drawing."""
    size = length * height
    if not sum(map(len, packed)) * PACKED <= size <= LARGEST:
        return None
    inflating = zlib.decompressobj()
    try:
        content = inflating.decompress(b"".join(packed), size + 1)  # with room for one more it is done in one piece
    except zlib.error:  # pyright: ignore[reportGeneralTypeIssues]  # a class, whatever the stub says
        return None
    whole = inflating.eof and len(content) == size
    return np.frombuffer(content, np.uint8).reshape(height, length) if whole else None


def _is_opaque(alpha: NDArray[Any], filters: NDArray[np.uint8]) -> bool:
    """Whether filtered rows of alpha, (h, w), stand for 255 everywhere."""
    first, others = OPAQUE_FIRST[1][filters], OPAQUE_OTHERS[1][filters]
    first[0], others[0] = OPAQUE_FIRST[0][filters[0]], OPAQUE_OTHERS[0][filters[0]]
    return bool((alpha[:, 0] == first).all() and (alpha[:, 1:] == others[:, None]).all())


def _stored(filters: NDArray[np.uint8], channel: NDArray[Any]) -> bytes:
    """Return filtered rows of one channel, (h, w), as a PNG without compression."""
    height, width = channel.shape
    header = struct.pack(FIELDS, width, height, 8, GREY, 0, 0, 0)
    rows = np.column_stack([filters, channel])
    parts = [SIGNATURE]
    for name, data in ((b"IHDR", header), (b"IDAT", zlib.compress(rows.data, 0)), (b"IEND", b"")):
        checksum = zlib.crc32(data, zlib.crc32(name))
        parts += [struct.pack(">I", len(data)), name, data, struct.pack(">I", checksum)]
    return b"".join(parts)
