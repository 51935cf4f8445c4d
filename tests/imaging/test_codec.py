"""Every format and mode comes out upright and right; whatever is hostile comes out as an InputError that names it."""

import io
import os
import struct
import sys
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import cv2
import numpy as np
import pytest
from PIL import Image

from calame import errors
from calame.imaging.codec import FORMATS, Limits, decode

GREY = np.linspace(0, 255, 24 * 30).reshape(24, 30).astype(np.uint8)
COLOUR = np.stack([GREY, GREY[::-1], 255 - GREY], axis=2)


def saved(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def bomb(width, height):
    """A small PNG that declares a great many pixels."""

    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width + 1) * 64), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WebP", "BMP", "TIFF", "GIF"])
def test_each_format_gives_its_pixels(kind):
    exact = kind in ("PNG", "BMP", "TIFF")
    pixels = decode(saved(Image.fromarray(COLOUR), kind)).pixels
    assert pixels.shape == (24, 30, 3)
    assert pixels.dtype == np.uint8
    assert np.abs(pixels.astype(int) - COLOUR).mean() <= (0 if exact else 25)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB", "I", "F", "I;16", "LA", "RGBA"])
def test_each_mode_of_an_image_keeps_black_and_white(mode):
    halves = np.zeros((10, 20), np.uint8)
    halves[:, 10:] = 255
    image = Image.fromarray(halves)
    if mode == "I;16":
        image = Image.fromarray(halves.astype(np.uint16) * 257)
    elif mode == "LAB":
        image = Image.merge("LAB", [image, Image.new("L", image.size, 128), Image.new("L", image.size, 128)])
    else:
        image = image.convert("RGB").convert(mode) if mode != "F" else image.convert(mode)
    pixels = decode(image).pixels
    assert pixels[:, :10].max() <= 1
    assert pixels[:, 10:].min() >= 254


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_clipped(kind):
    deep = (GREY.astype(np.uint16) * 257)[::-1]
    assert np.abs(decode(saved(Image.fromarray(deep), kind)).pixels.astype(int) - GREY[::-1]).max() <= 1


@pytest.mark.parametrize(("scale", "dtype"), [(1 / 255, "f4"), (1, "f4"), (257, "i4"), (2**23, "i4")])
def test_tiffs_of_32_bits_are_scaled_by_the_range_they_use(scale, dtype):
    content = saved(Image.fromarray((GREY * np.float64(scale)).astype(dtype)), "TIFF")
    expected = GREY * (0.5 if scale == 2**23 else 1.0)  # 2**23 * 255 is half of an unsigned 32 bits
    assert np.abs(decode(content).pixels - expected).max() <= 1


def test_cmyk_jpeg_is_not_inverted():
    pixels = decode(saved(Image.new("CMYK", (16, 16), (0, 0, 0, 0)), "JPEG")).pixels
    assert pixels.min() >= 250


def test_transparency_is_white_and_white_ink_on_nothing_is_kept():
    clear = np.zeros((8, 8, 4), np.uint8)
    assert decode(saved(Image.fromarray(clear), "PNG")).pixels.min() == 255
    clear[2:6, 2:6] = 255
    pixels = decode(saved(Image.fromarray(clear), "WebP", lossless=True)).pixels
    assert (pixels[0, 0, 0], pixels[3, 3, 0]) == (0, 255)
    palette = Image.new("P", (4, 4), 0)
    palette.putpalette([10, 10, 10, 200, 0, 0])
    assert decode(saved(palette, "PNG", transparency=0)).pixels.min() == 255


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(kind, orientation):
    upright = np.full((32, 48), 255, np.uint8)
    upright[:8, :8] = 0  # a mark in the corner where reading starts
    upright[:8, 8:16] = 128
    turned = {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.T, 6: np.rot90(upright, 1), 7: upright[::-1, ::-1].T, 8: np.rot90(upright, -1),
    }[orientation]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = decode(saved(Image.fromarray(np.ascontiguousarray(turned)).convert("RGB"), kind, exif=exif)).pixels
    assert pixels.shape == (32, 48, 3)
    assert np.abs(pixels[..., 0].astype(int) - upright).mean() < 4


def test_the_first_of_an_animation_and_of_pages():
    frames = [Image.new("RGB", (9, 9), colour) for colour in ("black", "white")]
    for kind in ("GIF", "TIFF", "WebP"):
        assert decode(saved(frames[0], kind, save_all=True, append_images=frames[1:])).pixels.max() < 10


def test_arrays_come_as_they_are_and_others_are_told_the_way_out():
    assert decode(GREY).pixels is not None
    np.testing.assert_array_equal(decode(COLOUR).pixels, COLOUR)
    assert decode(np.dstack([COLOUR, np.zeros_like(GREY)])).pixels.min() == 255
    np.testing.assert_array_equal(decode(GREY[..., None]).pixels, GREY)
    way_out = {
        r"pass \(array \* 255\)": (GREY / 255, GREY > 3, (GREY / 255)[..., None]),
        r"pass array\.astype": (GREY.astype(int), GREY.astype(float)),
        "NaN": (np.full_like(GREY, np.nan, float),),
        r"255 white$": (GREY[0], GREY[None, None], COLOUR[..., :2], GREY / 255 - 0.5, GREY.astype(object)),
    }
    for match, bads in way_out.items():
        for bad in bads:
            with pytest.raises(errors.BadArray, match=match):
                decode(bad)
    with pytest.raises(errors.EmptyPicture):
        decode(np.zeros((0, 5), np.uint8))
    with pytest.raises(errors.BadItem, match="item is NoneType"):
        decode(None)


def test_an_open_file_is_read_from_its_start_and_stays_open(tmp_path):
    content = saved(Image.fromarray(GREY), "PNG")
    path = tmp_path / "grey.png"
    path.write_bytes(content)
    buffer = io.BytesIO()
    buffer.write(content)  # its position is at its end
    with path.open("rb") as file:
        for source in (buffer, file, file):
            np.testing.assert_array_equal(decode(source).pixels, GREY)
        assert decode(file).name == str(path)
    with pytest.raises(errors.InputError, match=r"grey\.png.*closed file"):
        decode(file)
    with path.open(encoding="utf-8") as text, pytest.raises(errors.BadItem, match=r"TextIOWrapper; .* binary mode"):
        decode(text)
    with pytest.raises(errors.FileTooLarge, match="<file>"):
        decode(buffer, limits=Limits(bytes=10))
    with pytest.raises(errors.EmptyPicture, match="<file>"):
        decode(io.BytesIO())


def test_what_cannot_be_rewound_is_read_on():
    read, write = os.pipe()
    with open(read, "rb") as source:
        with open(write, "wb") as other:
            other.write(saved(Image.fromarray(GREY), "PNG"))
        np.testing.assert_array_equal(decode(source).pixels, GREY)


def test_declared_pixels_are_refused_before_decoding(monkeypatch):
    def never(self):
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", never)
    with pytest.raises(errors.PictureTooLarge, match=r"20000 × 20000.*50000000"):
        decode(bomb(20000, 20000))
    for kind in FORMATS:
        with pytest.raises(errors.PictureTooLarge):
            decode(saved_before(kind), limits=Limits(pixels=24 * 30 - 1))


FILES = {kind: saved(Image.fromarray(COLOUR), kind) for kind in FORMATS}
FILES["WebP lossless"] = saved(Image.fromarray(COLOUR), "WebP", lossless=True)
FILES["PDF"] = saved(Image.fromarray(COLOUR), "PDF")
FILES["TIFF deflate"] = saved(Image.fromarray(COLOUR), "TIFF", compression="tiff_adobe_deflate")
FILES["JPEG progressive"] = saved(Image.fromarray(np.kron(GREY, np.ones((8, 8), np.uint8))), "JPEG", progressive=True)
FILES["PNG palette"] = saved(Image.fromarray(COLOUR).convert("P"), "PNG")


def saved_before(kind):
    return FILES[kind]


def test_a_bomb_warns_of_nothing():
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with pytest.raises(errors.PictureTooLarge):
            decode(bomb(10000, 9500))
    assert said == []


@pytest.mark.parametrize("kind", FILES)
def test_a_file_cut_short_is_an_error(kind):
    for share in (0.4, 0.7, 0.9):
        with pytest.raises(errors.DamagedPicture, match="<bytes>: damaged"):
            decode(FILES[kind][: int(len(FILES[kind]) * share)])


def mutate(content, rng):
    """One of: other bytes, a run of zeros, cut, doubled part, extreme 32-bit number."""
    body = bytearray(content)
    where = int(rng.integers(len(body)))
    kind = rng.integers(5)
    if kind == 0:
        for place in rng.integers(len(body), size=int(rng.integers(1, 9))):
            body[place] = rng.integers(256)
    elif kind == 1:
        body[where : where + 16] = bytes(min(16, len(body) - where))
    elif kind == 2:
        del body[where:]
    elif kind == 3:
        body[where:where] = body[where : where + int(rng.integers(1, 64))]
    else:
        body[where : where + 4] = rng.choice([b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\x80", b"\0\0\xff\xff"])
    return bytes(body)


@pytest.mark.parametrize("kind", FILES)
def test_mutated_files_give_a_picture_or_an_input_error(kind):
    rng = np.random.default_rng(sum(kind.encode()))
    for _ in range(60):
        with suppress(errors.InputError):
            picture = decode(mutate(FILES[kind], rng))
            assert picture.pixels.dtype == np.uint8
            assert picture.pixels.size


def test_what_is_no_picture_is_named(tmp_path):
    found = {
        b"PK\x03\x04 a zip": "ZIP", b"hello, this is text": "text", b"<!DOCTYPE html><p>": "HTML",
        b'<?xml version="1.0"?><svg>': "SVG", b"\0\0\0\x18ftypheic": "HEIC", b"\x7fELF\x02\x01\0": "7f 45 4c 46",
        b"P6 2 1 255\n......": "Netpbm", b"P5\n# drawn\n2 1": "Netpbm", b"p1 is text": "text",
    }  # fmt: skip
    for content, name in found.items():
        path = tmp_path / "scan.png"
        path.write_bytes(content)
        with pytest.raises(errors.ForeignPicture, match=rf"scan\.png: not a picture.*{name}"):
            decode(path)


def test_what_is_no_file_is_named(tmp_path):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").touch()
    os.symlink("loop.png", tmp_path / "loop.png")
    os.mkfifo(tmp_path / "pipe.png")
    for name, kind, words in (
        ("folder.png", errors.InputError, "a folder"),
        ("empty.png", errors.EmptyPicture, "empty"),
        ("loop.png", errors.InputError, "symbolic links"),
        ("pipe.png", errors.InputError, "standard input"),
        ("none.png", errors.PictureNotFound, "no such file"),
        ("n\0ne.png", errors.PictureNotFound, "no such file"),
    ):
        with pytest.raises(kind, match=words) as caught:
            decode(tmp_path / name)
        assert name in caught.value.message("fr")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path):
    (tmp_path / "secret.png").write_bytes(FILES["PNG"])
    (tmp_path / "secret.png").chmod(0)
    with pytest.raises(errors.InputError, match="permission denied"):
        decode(tmp_path / "secret.png")


def test_bytes_over_the_limit_are_refused(tmp_path):
    (tmp_path / "large.png").write_bytes(FILES["PNG"])
    for source in (tmp_path / "large.png", FILES["PNG"]):
        with pytest.raises(errors.FileTooLarge, match="at most 50 are read"):
            decode(source, limits=Limits(bytes=50))


def test_floats_that_are_not_numbers_are_damage():
    values = np.full((5, 5), np.nan, np.float32)
    with pytest.raises(errors.DamagedPicture, match="not finite"):
        decode(saved(Image.fromarray(values), "TIFF"))


def test_decoding_in_threads_leaves_the_warning_filters_alone():
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decode, [FILES["TIFF"]] * 200))
    assert list(warnings.filters) == before


def test_a_large_jpeg_is_decoded_as_small_as_is_enough(monkeypatch):
    large = cv2.resize(COLOUR, (480, 384), interpolation=cv2.INTER_CUBIC)
    content = saved(Image.fromarray(large), "JPEG", quality=95)
    assert decode(content).pixels.shape == (384, 480, 3)
    small = decode(content, limits=Limits(enough=80)).pixels
    assert small.shape == (96, 120, 3)  # the next eighth that is no less
    expected = cv2.resize(large, (120, 96), interpolation=cv2.INTER_AREA)
    assert np.abs(small.astype(int) - expected).mean() < 3
    assert decode(content, limits=Limits(enough=200)).pixels.shape == (384, 480, 3)


@pytest.mark.parametrize(("declared", "limit", "fits"), [(384 * 480, 96 * 120, False), (384 * 480, 384 * 120, True)])
def test_a_jpeg_decoded_smaller_may_declare_more_but_not_any_number(declared, limit, fits):
    content = saved(Image.fromarray(cv2.resize(COLOUR, (480, 384))), "JPEG")
    limits = Limits(pixels=limit, enough=80)
    if fits:
        assert decode(content, limits=limits).pixels.size < declared
    else:
        with pytest.raises(errors.PictureTooLarge, match="480"):
            decode(content, limits=limits)


def test_a_progressive_jpeg_is_held_whole_and_counted_whole():
    content = saved(Image.fromarray(cv2.resize(COLOUR, (480, 384))), "JPEG", progressive=True)
    with pytest.raises(errors.PictureTooLarge):
        decode(content, limits=Limits(pixels=384 * 120, enough=80))
