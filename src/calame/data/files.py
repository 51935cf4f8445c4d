"""Whether a file on disk is the one that the catalogue describes, and what is in it.

Knows bytes, sizes and checksums; nothing of the network, and nothing of what the contents mean.
"""

import gzip
import hashlib
import os
import zlib
from pathlib import Path
from typing import IO, cast

from calame.data.catalogue import File
from calame.errors import DamagedData, MissingData
from calame.locale import Phrase

CHUNK = 1 << 20  # bytes read at a time
BROKEN_GZIP = (gzip.BadGzipFile, EOFError, zlib.error)


def find_file(path: str, root: Path) -> Path | None:
    """Return where a file of the catalogue lies under `root`: at `path`, or unpacked beside it; else None."""
    for relative in (path, path.removesuffix(".gz")):
        if (root / relative).is_file():
            return root / relative
    return None


def need_file(path: str, root: Path) -> Path:
    """Return where a file lies, as `find_file`.

    Raises:
        MissingData: it is not under `root`.
    """
    found = find_file(path, root)
    if found is None:
        name, _, filename = path.partition("/")
        raise MissingData(name=name, files=filename, folder=root / name)
    return found


def read_content(path: Path) -> bytes:
    """Return what is in a plain or gzip file (known by its name).

    Raises:
        DamagedData: broken or truncated gzip.
    """
    try:
        with _open(path) as stream:
            return stream.read()
    except BROKEN_GZIP as error:
        raise DamagedData(path=path, problem=Phrase("data.broken_gzip", problem=error)) from error


def has_right_size(file: File, path: Path) -> bool:
    """Whether the content of `path` is as long as the catalogue says; quick, nothing is unpacked.

    A gzip file ends in the length of its content (RFC 1952), so one that is cut short, or was packed by
    another compressor, is told by its last four bytes alone.
    """
    size = path.stat().st_size
    if path.suffix != ".gz":
        return size == (file.content_size or file.size)
    if size == file.size:
        return True
    with path.open("rb") as stream:
        stream.seek(max(0, size - 4))
        return int.from_bytes(stream.read(4), "little") == file.content_size % (1 << 32)


def verify(file: File, path: Path) -> None:
    """Read all of `path` and compare it with the catalogue.

    Raises:
        DamagedData: another length or another SHA-256 than the catalogue's, or broken gzip.
    """
    if (path.stat().st_size, file_sha256(path)) == (file.size, file.sha256):
        return
    if not file.content_sha256:
        raise DamagedData(path=path, problem=Phrase("data.wrong_hash", expected=file.sha256))
    digest, size = hashlib.sha256(), 0
    try:
        with _open(path) as stream:
            while size <= file.content_size and (chunk := stream.read(CHUNK)):
                digest.update(chunk)
                size += len(chunk)
    except BROKEN_GZIP as error:
        raise DamagedData(path=path, problem=Phrase("data.broken_gzip", problem=error)) from error
    if (size, digest.hexdigest()) != (file.content_size, file.content_sha256):
        raise DamagedData(path=path, problem=Phrase("data.wrong_hash", expected=file.content_sha256))


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def pack(content: bytes, target: Path, name: str) -> None:
    """Gzip `content` to `target`, as a file called `name`; the same content gives the same bytes at any time."""
    with target.open("wb") as raw:
        with gzip.GzipFile(name, "wb", compresslevel=9, fileobj=raw, mtime=0) as packed:
            packed.write(content)
        raw.flush()
        os.fsync(raw.fileno())


def tidy_numbers(table: bytes) -> bytes:
    r"""Rewrite a table of whole numbers, separated by commas or blanks, without padding and decimals.

    Raises:
        ValueError, OverflowError: something in it is not a number.

    Example:
        >>> tidy_numbers(b" 47,100, 27,  0, 8\r\n")
        b'47,100,27,0,8\n'
    """
    lines: list[bytes] = []
    for line in table.splitlines():
        numbers = [float(word) for word in line.replace(b",", b" ").split()]
        separator = b"," if b"," in line else b" "
        lines += [separator.join(b"%d" % int(number) for number in numbers) + b"\n"] if numbers else []
    return b"".join(lines)


def _open(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")
