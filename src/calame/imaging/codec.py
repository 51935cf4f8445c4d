"""Bytes, a file, an image or an array -> `Picture`: upright, 8 bits, on white, and never larger than agreed.

Of a document of several pages, a PDF or a TIFF, it is one page: `scan.pdf#page=2` (see `pages`).

The format is told from the first bytes and the size from the header, before a pixel is decoded. Whatever a
damaged or hostile file does to a decoder comes out as an `InputError` that names the file. This module knows
formats and limits; it does not know what the picture shows.
"""

import math
import os
import re
import stat
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from io import BytesIO, TextIOBase, UnsupportedOperation
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from calame.errors import (
    BadArray,
    BadItem,
    DamagedPicture,
    EmptyPicture,
    FileTooLarge,
    ForeignPicture,
    InputError,
    NoSuchPage,
    PictureNotFound,
    PictureTooLarge,
)
from calame.imaging import pdf
from calame.imaging.pages import file_and_page, tiff_frames
from calame.imaging.plain_png import plain_png
from calame.imaging.shared import Shared
from calame.locale import Phrase
from calame.types import Picture, described


class Readable(Protocol):
    """What gives the bytes of a file: `open(path, "rb")`, `io.BytesIO`, the answer of a server."""

    def read(self, size: int, /) -> bytes:
        """Return at most so many bytes."""
        ...


Source = str | os.PathLike[str] | bytes | bytearray | memoryview | Readable | Image.Image | NDArray[Any]

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif"})
FORMATS = {  # name: first bytes, Pillow's module and class
    "PNG": ((b"\x89PNG\r\n\x1a\n",), "PngImagePlugin", "PngImageFile"),
    "JPEG": ((b"\xff\xd8\xff",), "JpegImagePlugin", "JpegImageFile"),
    "GIF": ((b"GIF87a", b"GIF89a"), "GifImagePlugin", "GifImageFile"),
    "TIFF": ((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"), "TiffImagePlugin", "TiffImageFile"),
    "WebP": ((b"RIFF",), "WebPImagePlugin", "WebPImageFile"),
    "BMP": ((b"BM",), "BmpImagePlugin", "BmpImageFile"),
}
PDF, PDF_WITHIN = b"%PDF-", 1024  # its first bytes, and how many others may come before them
NETPBM = re.compile(rb"p[1-6]\s+(#|\d)")
ORIENTATION = 0x0112  # EXIF tag: 1 upright, 2-8 as in `_upright`
SMALLER = 4  # times the pixels that may be decoded may be declared by a JPEG that is decoded smaller
FULL_SCALES = (1, 255, 65535, 2**32 - 1)  # what white can be in a picture of 16 or 32 bits or of floats


@dataclass(frozen=True)
class Limits:
    """The most that is read.

    Attributes:
        bytes: of a file.
        pixels: width by height, as its header declares them; of a JPEG that is decoded smaller, as it is decoded,
            and `SMALLER` times as many as declared.
        enough: pixels of the shorter side that are enough for what the picture is wanted for: a JPEG is then decoded
            at a half, a quarter or an eighth of its size, as long as it keeps so many, in a third of the time or less.
            0: every pixel is wanted.
    """

    bytes: int = 100_000_000
    pixels: int = 50_000_000
    enough: int = 0


def decode(source: Source, *, limits: Limits | None = None, page: int = 1) -> Picture:
    """Decode a path, the bytes of a file, an open file, a Pillow image or an array.

    Args:
        source: arrays are (h, w), (h, w, 1), (h, w, 3) RGB or (h, w, 4) RGBA, uint8, 0 black to 255 white. A path may
            name a page: `scan.pdf#page=2`, unless a file is called just so. A file is read from its start, where it
            can be put there, and stays open.
        limits: at most these; `Limits()` when None. A page of a PDF is drawn smaller rather than refused.
        page: of the bytes of a document, or of an open one, from 1 on.

    Returns:
        The picture, (h, w) or (h, w, 3) uint8. Of an animation, the first; of several pages, the first unless another
        is named.

    Raises:
        InputError: the one of its kinds that says what is wrong, with the name of the file.

    Example:
        >>> decode("photo.jpg").pixels.shape
        (3024, 4032, 3)
    """
    limits = limits or Limits()
    if isinstance(source, np.ndarray):
        return Picture(_from_array(source, limits))
    if isinstance(source, Image.Image):
        name = str(getattr(source, "filename", "") or "<image>")
        return Picture(_from_image(source, name, limits), name)
    if isinstance(source, (bytes, bytearray, memoryview)):
        return _from_bytes(bytes(source), "<bytes>", limits, page)
    if isinstance(source, (str, os.PathLike)):  # pyright: ignore[reportUnnecessaryIsInstance]  # users' own calls
        name = os.fspath(source)
        file, page = file_and_page(name)
        return _from_bytes(_read(file, limits, name), name, limits, page)
    if callable(getattr(source, "read", None)) and not isinstance(source, TextIOBase):
        name = getattr(source, "name", None)
        name = name if isinstance(name, str) else "<file>"
        return _from_bytes(_read_open(source, limits, name), name, limits, page)
    raise BadItem(found=type(source).__name__, expected=Phrase("picture.expected_source"))


def count_pages(path: str, *, limits: Limits | None = None) -> int:
    """Return how many pages a file has: of pictures and animations 1, of what cannot be opened 1 as well.

    What is wrong with a file is said when it is read. A TIFF's directories are walked through, not its pixels.
    """
    if not Path(path).is_file():  # a pipe would be emptied
        return 1
    try:
        with Path(path).open("rb") as stream:
            kind = _format(stream.read(PDF_WITHIN))
            if kind == "TIFF":
                stream.seek(0)
                return len(tiff_frames(stream))
        return pdf.count_pages(_read(path, limits or Limits(), path), path) if kind == "PDF" else 1
    except (InputError, OSError):
        return 1


def is_pdf(content: bytes) -> bool:
    """Whether these are the bytes of a PDF, whose pages are drawn."""
    return _format(content) == "PDF"


def _read(file: str, limits: Limits, name: str) -> bytes:
    """Read a regular file of at most `limits.bytes`, called `name`; a pipe or a device could be endless."""
    try:
        status = os.stat(file)
        if stat.S_ISDIR(status.st_mode):
            raise InputError(name=name, problem=Phrase("picture.is_folder"))
        if not stat.S_ISREG(status.st_mode):
            raise InputError(name=name, problem=Phrase("picture.not_regular"))
        if status.st_size > limits.bytes:
            raise FileTooLarge(name=name, size=status.st_size, limit=limits.bytes)
        with open(file, "rb") as stream:
            content = stream.read(limits.bytes + 1)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:  # ValueError: a null byte in the name
        raise PictureNotFound(name=name) from error
    except PermissionError as error:
        raise InputError(name=name, problem=Phrase("picture.no_permission")) from error
    except OSError as error:
        raise InputError(name=name, problem=error.strerror or error) from error
    return content


def _read_open(stream: Readable, limits: Limits, name: str) -> bytes:
    """Read an open file, called `name`, from its start: what was just written to a buffer is behind its position."""
    try:
        with suppress(AttributeError, UnsupportedOperation):  # a socket, a pipe
            getattr(stream, "seek")(0)  # noqa: B009  # a `Readable` need not have it
        content = stream.read(limits.bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: it is closed
        raise InputError(name=name, problem=error) from error
    if not isinstance(content, bytes | bytearray | memoryview):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise BadItem(found=type(stream).__name__, expected=Phrase("picture.expected_source"))
    return bytes(content)


def _from_bytes(content: bytes, name: str, limits: Limits, page: int) -> Picture:
    if not content:
        raise EmptyPicture(name=name)
    if len(content) > limits.bytes:
        raise FileTooLarge(name=name, size=len(content), limit=limits.bytes)
    kind = _format(content)
    if kind is None:
        raise ForeignPicture(name=name, found=_describe(content))
    if kind == "PDF":
        drawn, pages = pdf.draw_page(content, page, limits.pixels, name)
        return Picture(drawn, name, page, pages)
    frames = tiff_frames(BytesIO(content)) if kind == "TIFF" else [0]
    if not 1 <= page <= len(frames):
        raise NoSuchPage(name=name, page=page, pages=len(frames))
    return Picture(_from_file(content, kind, name, limits, frames[page - 1]), name, page, len(frames))


def _from_file(content: bytes, kind: str, name: str, limits: Limits, frame: int) -> NDArray[np.uint8]:
    if kind == "PNG" and (pixels := plain_png(content, limits)) is not None:
        return pixels
    if kind == "WebP":  # its plugin makes the canvas as soon as it is opened
        _check_size(*_webp_size(content, name), name, limits)
    module, plugin = FORMATS[kind][1:]
    with _quiet.held():  # to the end: each time it begins, Python looks at all its filters of warnings anew
        with _damage(name, kind):
            # The plugin itself, not `Image.open`: no other format is tried, and no process-wide bomb limit applies.
            image: Image.Image = getattr(import_module(f"PIL.{module}"), plugin)(BytesIO(content))
            if frame:
                image.seek(frame)
        return _from_image(image, name, limits, kind)


def _from_image(image: Image.Image, name: str, limits: Limits, kind: str = "image") -> NDArray[np.uint8]:
    declared = image.size
    if kind == "JPEG" and limits.enough:
        held = 1 if image.info.get("progressive") else SMALLER  # a progressive one is held whole all the same
        _check_size(*declared, name, replace(limits, pixels=held * limits.pixels))
        share = limits.enough / min(declared)
        with _damage(name, kind):
            image.draft("", (math.ceil(declared[0] * share), math.ceil(declared[1] * share)))
    if image.size == declared or image.width * image.height > limits.pixels:
        _check_size(*declared, name, limits)
    with _quiet.held(), _damage(name, kind):
        image.load()
        turned = image.getexif().get(ORIENTATION, 1)
        pixels = _eight_bits(image, name)
    return _upright(pixels, turned)


def _from_array(array: NDArray[Any], limits: Limits) -> NDArray[np.uint8]:
    shaped = array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))
    if array.dtype != np.uint8 or not shaped:
        raise BadArray(found=described(array), expected=_expected_of(array, shaped))
    _check_size(array.shape[1], array.shape[0], "<array>", limits)
    if array.ndim == 3 and array.shape[2] == 1:  # as Keras has its grey pictures
        array = array[..., 0]
    return _on_white(array) if array.ndim == 3 and array.shape[2] == 4 else np.ascontiguousarray(array)


def _expected_of(array: NDArray[Any], shaped: bool) -> Phrase:
    """Say what an array must be, and how one of the right shape, but of other values, becomes it."""
    expected = Phrase("picture.expected_array")
    if not shaped or not array.size or array.dtype.kind not in "biuf":
        return expected
    low, high = float(array.min()), float(array.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        return Phrase("picture.expected_finite", array=expected)
    if low >= 0 and high <= 1:
        return Phrase("picture.expected_shares", array=expected)
    return Phrase("picture.expected_bytes", array=expected) if low >= 0 and high <= 255 else expected


def _check_size(width: int, height: int, name: str, limits: Limits) -> None:
    if width < 1 or height < 1:
        raise EmptyPicture(name=name)
    if width * height > limits.pixels:
        raise PictureTooLarge(name=name, width=width, height=height, limit=limits.pixels)


def _format(content: bytes) -> str | None:
    for kind, (signatures, _, _) in FORMATS.items():
        if content.startswith(signatures) and (kind != "WebP" or content[8:12] == b"WEBP"):
            return kind
    return "PDF" if PDF in content[:PDF_WITHIN] else None


def _describe(content: bytes) -> object:
    """Say what a foreign file is, as far as its first bytes tell."""
    start = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content[4:8] == b"ftyp":
        return "HEIC" if content[8:11] in (b"hei", b"mif", b"hev") else "MP4/AVIF"
    known = {b"pk\x03\x04": "ZIP", b"<svg": "SVG", b"<!doctype html": "HTML", b"<html": "HTML"}
    for signature, kind in known.items():
        if start.startswith(signature):
            return kind
    if b"<svg" in start:
        return "SVG"
    if NETPBM.match(start):
        return "Netpbm (PBM, PGM, PPM)"
    readable = all(byte >= 32 or byte in b"\t\r\n" for byte in content[:512])
    return Phrase("picture.found_text") if readable else " ".join(f"{byte:02x}" for byte in content[:8])


def _webp_size(content: bytes, name: str) -> tuple[int, int]:
    """Read width and height from a WebP header (RFC 9649, sections 2.5 to 2.7)."""
    chunk, body = content[12:16], content[20:30]
    if len(body) < 10 or chunk not in (b"VP8X", b"VP8L", b"VP8 "):
        raise DamagedPicture(name=name, problem=Phrase("picture.truncated"))
    if chunk == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if chunk == b"VP8L":
        packed = int.from_bytes(body[1:5], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
    return width & 0x3FFF, height & 0x3FFF


def _eight_bits(image: Image.Image, name: str) -> NDArray[np.uint8]:
    """Turn any mode of Pillow into (h, w) or (h, w, 3) uint8."""
    if image.mode.startswith(("I", "F")):
        return _scaled(np.asarray(image.convert("I") if image.mode.startswith("I;") else image), image.mode, name)
    if "transparency" in image.info or image.mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        if image.mode in ("RGBA", "LA") and image.getchannel("A").getextrema() == (255, 255):  # a canvas, as a rule
            return np.asarray(image.convert("L" if image.mode == "LA" else "RGB"))
        through = {"La": "LA", "RGBa": "RGBA"}.get(image.mode, image.mode)  # premultiplied: one step at a time
        return _on_white(np.asarray(image.convert(through).convert("RGBA")))
    if image.mode == "LAB":
        return np.asarray(image.getchannel("L"))
    wanted = "L" if image.mode in ("1", "L") else "RGB"
    return np.asarray(image if image.mode == wanted else image.convert(wanted))  # else it would be copied


def _scaled(values: NDArray[Any], mode: str, name: str) -> NDArray[np.uint8]:
    """Bring integers of 16 or 32 bits, or floats, to 0-255 by the smallest full scale that holds them."""
    low, high = float(values.min()), float(values.max())
    if not np.isfinite((low, high)).all():
        raise DamagedPicture(name=name, problem=Phrase("picture.not_finite"))
    if low < 0:  # signed: only the range itself can tell black from white
        return ((values - low) * (255 / (high - low or 1))).astype(np.uint8)
    floor = {"F": 1, "I": 255}.get(mode, 65535)
    full = next((scale for scale in FULL_SCALES if scale >= max(high, floor)), high)
    return (values * np.float32(255 / full) + np.float32(0.5)).astype(np.uint8)


def _on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Lay (h, w, 4) RGBA on white, or on black when all it shows is white itself."""
    if rgba[..., 3].min() == 255:
        return np.ascontiguousarray(rgba[..., :3])
    colour, alpha = rgba[..., :3].astype(np.uint16), rgba[..., 3:].astype(np.uint16)
    paper = 0 if colour[rgba[..., 3] > 0].min(initial=255) == 255 and alpha.any() else 255
    return ((colour * alpha + paper * (255 - alpha) + 127) // 255).astype(np.uint8)


def _upright(pixels: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """Undo what the EXIF orientation says was done: a mirror (2, 4, 5, 7) and quarter turns."""
    if orientation in (2, 4, 5, 7):
        pixels = pixels[:, ::-1]
    quarters = {3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(orientation, 0)  # anticlockwise
    return np.ascontiguousarray(np.rot90(pixels, quarters))


@contextmanager
def _damage(name: str, kind: str) -> Generator[None]:
    """Turn whatever a decoder raises into `DamagedPicture`.

    All of `Exception`, because damaged bytes have made decoders raise almost each of its kinds, `MemoryError`
    for a made-up size among them; the size that the header declares was checked before.
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        cut = isinstance(error, EOFError) or "truncated" in str(error).lower()
        problem = Phrase("picture.truncated") if cut else Phrase("picture.undecodable", format=kind)
        raise DamagedPicture(name=name, problem=problem) from error


def _without_remarks() -> Callable[[], object]:
    saved = warnings.catch_warnings()
    saved.__enter__()
    warnings.filterwarnings("ignore", module=r"PIL\b")
    return lambda: saved.__exit__(None, None, None)


_quiet = Shared(_without_remarks)  # Pillow's remarks on odd metadata stay off stderr
