"""IDX, the format of MNIST and QMNIST: a magic number, the lengths of the axes, then the numbers, big-endian.

Knows the format and nothing of what the numbers mean. Plain files are mapped, not read; a compressed one is
decompressed once, straight into the array that is returned.

Source: the format as written down at the foot of LeCun, Cortes and Burges's MNIST page.
"""

import gzip
import math
import mmap
import struct
import zlib
from pathlib import Path
from typing import Any, Never

import numpy as np
from numpy.typing import NDArray

from calame.errors import DamagedData
from calame.locale import Phrase

TYPES = {  # third byte of the magic number -> what the numbers are
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
DEFLATE_LIMIT = 1032  # times that deflate can shrink, at most: a header that declares more asks for memory in vain
AXES = 4  # at most; the sets have one to three
LENGTH = 4  # bytes: the magic number, and the length of each axis


def read_idx(path: Path) -> NDArray[Any]:
    """Read an IDX file, plain or gzip (known by its first bytes, not by its name).

    Returns:
        An array of as many axes as the file has, read-only, in the file's own byte order: `uint8`, `>i4`…

    Raises:
        DamagedData: another magic number, a file cut short, bytes after the end, or broken gzip.
        FileNotFoundError: nothing there.

    Example:
        >>> read_idx(Path("mnist/train-images-idx3-ubyte.gz")).shape
        (60000, 28, 28)
    """
    with path.open("rb") as file:
        if file.read(2) == b"\x1f\x8b":
            return _read_compressed(path)
        if file.seek(0, 2) < LENGTH:  # an empty file cannot be mapped
            _damaged(path, Phrase("idx.short", found=file.tell(), expected=LENGTH))
        # The map lives as long as the array that looks into it.
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    kind, shape, start = _read_header(mapped, path)
    expected = start + math.prod(shape) * kind.itemsize
    if len(mapped) < expected:
        _damaged(path, Phrase("idx.short", found=len(mapped), expected=expected))
    if len(mapped) > expected:
        _damaged(path, Phrase("idx.trailing", expected=expected))
    return np.frombuffer(mapped, kind, offset=start).reshape(shape)


def write_idx(path: Path, array: NDArray[Any]) -> None:
    """Write `array` (one of the format's types, in any byte order) to `path`; compressed if it ends in .gz.

    The same array gives the same bytes: no time and no name in the gzip header.
    """
    codes = {(kind.kind, kind.itemsize): code for code, kind in TYPES.items()}
    code = codes[array.dtype.kind, array.dtype.itemsize]
    header = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    content = header + array.astype(TYPES[code]).tobytes()
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def _read_compressed(path: Path) -> NDArray[Any]:
    try:
        with gzip.open(path) as stream:
            kind, shape, start = _read_header(stream, path)
            size = math.prod(shape) * kind.itemsize
            if size > path.stat().st_size * DEFLATE_LIMIT:
                _damaged(path, Phrase("idx.overlong", expected=start + size))
            content = np.empty(size, np.uint8)
            found = stream.readinto(content.data) if size else 0
            if found < size:
                _damaged(path, Phrase("idx.short", found=start + found, expected=start + size))
            if stream.read(1):
                _damaged(path, Phrase("idx.trailing", expected=start + size))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DamagedData(path=path, problem=Phrase("data.broken_gzip", problem=error)) from error
    content.flags.writeable = False  # as a mapped file is, so that no caller comes to rely on either
    return content.view(kind).reshape(shape)


def _read_header(stream: gzip.GzipFile | mmap.mmap, path: Path) -> tuple[np.dtype[Any], tuple[int, ...], int]:
    """Return the type, the shape and the place of the first number."""
    magic = stream.read(LENGTH)
    if len(magic) < LENGTH or magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= magic[3] <= AXES:
        _damaged(path, Phrase("idx.magic", found=magic.hex()))
    axes = magic[3]
    lengths = stream.read(LENGTH * axes)
    start = LENGTH + LENGTH * axes
    if len(lengths) < LENGTH * axes:
        _damaged(path, Phrase("idx.short", found=LENGTH + len(lengths), expected=start))
    return TYPES[magic[2]], struct.unpack(f">{axes}I", lengths), start


def _damaged(path: Path, problem: Phrase) -> Never:
    raise DamagedData(path=path, problem=problem)
