"""The short way for PNG: the same pixels as Pillow's, and nothing taken that is not plain and whole."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from calame.imaging.codec import Limits
from calame.imaging.plain_png import plain_png

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def file(shape=(6, 4), kind=2, depth=8, data=None, extra=b""):
    rows = bytes([0] + [7] * shape[1] * 3) * shape[0]
    header = struct.pack(">IIBBBBB", shape[1], shape[0], depth, kind, 0, 0, 0)
    body = zlib.compress(rows) if data is None else data
    return SIGNATURE + chunk(b"IHDR", header) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def pixels(mode, shape=(31, 17)):
    values = np.random.default_rng(1).integers(0, 256, (*shape, {"L": 1, "RGB": 3, "RGBA": 4}[mode]), np.uint8)
    if mode == "RGBA":
        values[..., 3] = 255
    return values[..., 0] if mode == "L" else values


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_the_pixels_are_pillows(mode):
    held, values = BytesIO(), pixels(mode)
    Image.fromarray(values).save(held, "PNG")
    np.testing.assert_array_equal(plain_png(held.getvalue(), Limits()), values[..., :3] if mode == "RGBA" else values)


def test_a_gamma_changes_no_pixel():
    content = file(extra=chunk(b"gAMA", struct.pack(">I", 100_000)))
    assert (plain_png(content, Limits()) == 7).all()


@pytest.mark.parametrize(
    "content",
    [
        file()[:-1],
        file() + b"x",
        file(extra=chunk(b"tRNS", bytes(6))),
        file(extra=chunk(b"eXIf", b"MM\0*")),
        file().replace(b"IDAT", b"IDAX"),
        file(data=b"no zlib"),
        file(data=zlib.compress(b"too short")),
        file(data=zlib.compress(bytes([0] + [7] * 12) * 6)[:-6]),
        file(shape=(0, 4)),
        file(depth=16),
        file(kind=9),
        SIGNATURE,
    ],
    ids=["cut", "more", "transparent", "turned", "checksum", "zlib", "short", "torn", "empty", "deep", "kind", "none"],
)
def test_all_else_is_left_to_pillow(content):
    assert plain_png(content, Limits()) is None


def test_a_picture_that_is_too_large_is_not_decoded():
    assert plain_png(file(), Limits(pixels=23)) is None


def test_a_transparent_picture_is_laid_on_white_elsewhere():
    held, values = BytesIO(), pixels("RGBA")
    values[3, 3, 3] = 0
    Image.fromarray(values).save(held, "PNG")
    assert plain_png(held.getvalue(), Limits()) is None
