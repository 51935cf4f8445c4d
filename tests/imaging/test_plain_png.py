"""The short way for PNG: the same pixels as Pillow's, and nothing taken that is not plain and whole."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from calame.imaging import plain_png as module
from calame.imaging.codec import Limits
from calame.imaging.plain_png import GREY, plain_png

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


# --- a drawing: one channel is decoded


def drawn(height=80, width=96):
    """RGBA of a stroke with soft edges, on white."""
    across = np.abs(np.arange(width) - width // 2 - np.arange(height)[:, None] // 4)
    grey = np.clip(across * 40 - 40, 0, 255).astype(np.uint8)
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)])


def guessed(kind, left, above, corner):
    """What a filter takes from a byte (RFC 2083, section 6)."""
    if kind == 4:
        near = [abs(above - corner), abs(left - corner), abs(left + above - 2 * corner)]
        return (left, above, corner)[near.index(min(near))]
    return (0, left, above, (left + above) // 2)[kind]


def filtered(values, filters):
    """Rows of RGBA behind the numbers of their filters, one of `filters` after the other."""
    height, width, channels = values.shape
    wide = np.zeros((height + 1, width + 1, channels), int)
    wide[1:, 1:] = values
    rows = []
    for row in range(1, height + 1):
        kind = filters[(row - 1) % len(filters)]
        around = zip(wide[row, :-1].flat, wide[row - 1, 1:].flat, wide[row - 1, :-1].flat, strict=True)
        guesses = [guessed(kind, *(int(one) for one in three)) for three in around]
        rows.append(bytes([kind]) + ((wide[row, 1:].ravel() - guesses) % 256).astype(np.uint8).tobytes())
    return b"".join(rows)


def rgba(values, rows, data=None):
    return file(shape=values.shape[:2], kind=6, data=zlib.compress(rows, 9) if data is None else data)


@pytest.mark.parametrize("filters", [(0,), (1,), (2,), (3,), (4,), (4, 3, 2, 1, 0), (2, 1, 2, 4, 3, 0)], ids=str)
def test_of_a_drawing_one_channel_is_decoded_whatever_its_filters(filters, monkeypatch):
    values, asked, decode = drawn(), [], module.cv2.imdecode
    monkeypatch.setattr(module.cv2, "imdecode", lambda content, how: asked.append(content[25]) or decode(content, how))
    found = plain_png(rgba(values, filtered(values, filters)), Limits())
    np.testing.assert_array_equal(found, values[..., :3])
    assert asked == [GREY]


@pytest.mark.parametrize("filters", [(0,), (1,), (2,), (3,), (4,), (4, 3, 2, 1, 0)], ids=str)
@pytest.mark.parametrize("place", [(0, 0), (0, 50), (40, 0), (41, 95), (42, 30), (79, 95)], ids=str)
@pytest.mark.parametrize("channel", range(4))
def test_one_pixel_with_colour_or_seen_through_makes_it_none(channel, place, filters):
    values = drawn()
    values[*place, channel] ^= 1
    content = rgba(values, filtered(values, filters))
    found, pillows = plain_png(content, Limits()), np.asarray(Image.open(BytesIO(content)))
    np.testing.assert_array_equal(pillows, values)
    if channel == 3:
        assert found is None
    else:
        np.testing.assert_array_equal(found, values[..., :3])


def test_a_drawing_of_one_row_or_one_column():
    for values in (drawn(1, 900), drawn(900, 1)):
        content = rgba(values, filtered(values, (4, 2)))
        np.testing.assert_array_equal(plain_png(content, Limits()), values[..., :3])


def test_what_is_wrong_with_a_drawing_is_left_to_pillow():
    values = drawn()
    rows = filtered(values, (2,))
    packed = zlib.compress(rows, 9)
    wrong_sum = packed[:-4] + bytes(4)
    no_filter = bytes([5]) + rows[1:]
    for data in (packed[:-9], wrong_sum, zlib.compress(rows[:-1], 9), zlib.compress(no_filter, 9)):
        assert plain_png(rgba(values, rows, data), Limits()) is None


def test_more_data_than_a_picture_needs_does_not_count():
    values = drawn()
    rows = filtered(values, (2,))
    for data in (zlib.compress(rows + bytes(99), 9), zlib.compress(rows, 9) + b"more"):
        np.testing.assert_array_equal(plain_png(rgba(values, rows, data), Limits()), values[..., :3])


def test_what_is_too_large_to_be_held_is_decoded_all_the_same(monkeypatch):
    monkeypatch.setattr(module, "LARGEST", 1000)
    values = drawn()
    np.testing.assert_array_equal(plain_png(rgba(values, filtered(values, (2,))), Limits()), values[..., :3])


def test_without_zlib_ng_the_pixels_are_the_same(monkeypatch):
    monkeypatch.setattr(module, "zlib", zlib)
    values = drawn()
    np.testing.assert_array_equal(plain_png(rgba(values, filtered(values, (4,))), Limits()), values[..., :3])
    assert plain_png(file(data=b"no zlib"), Limits()) is None
