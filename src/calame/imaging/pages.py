"""Documents of several pages: how a page is called, and where the pages of a TIFF begin.

A page has the name of its file and the fragment that PDF viewers know (RFC 8118): `scan.pdf#page=2`.
"""

import os
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

SUFFIXES = frozenset({".pdf", ".tif", ".tiff"})  # of files that can have several pages
NAMED = re.compile(r"(?P<file>.+)#page=(?P<page>\d{1,9})", re.DOTALL)
SUBFILE = 254  # TIFF tag of what a directory shows; it is the lowest, and entries are in order
NO_PAGE = 0b101  # its bits for a smaller copy, and for a mask of another
FAR = 2**62  # no file is so long, and no stream goes further
MOST = 100_000  # directories that are looked at: each takes six bytes, and a hostile file has room for millions


def page_name(name: str, page: int) -> str:
    """Return what page `page`, from 1 on, of the document `name` is called."""
    return f"{name}#page={page}"


def file_and_page(name: str) -> tuple[str, int]:
    """Return the file and the page that a name means: the first, where it names none, or a file is called just so.

    Example:
        >>> file_and_page("scan.pdf#page=2"), file_and_page("photo.jpg")
        (('scan.pdf', 2), ('photo.jpg', 1))
    """
    found = NAMED.fullmatch(name)
    if found is None or os.path.lexists(name):
        return name, 1
    return found["file"], int(found["page"])


def short_name(name: str) -> str:
    """Return what to call a file or a page where files are named after it: without folders and suffix.

    Example:
        >>> short_name("in/scan.pdf#page=2"), short_name("in/photo.jpg")
        ('scan-p2', 'photo')
    """
    file, page = file_and_page(name)
    return Path(name).stem if file == name else f"{Path(file).stem}-p{page}"


@dataclass(frozen=True)
class Layout:
    """How a kind of TIFF writes its numbers: the classic one, or the one for more than 4 GB ("BigTIFF")."""

    first: int  # where the place of the first directory stands
    count: str  # of the entries of a directory
    entry: int  # bytes of an entry: tag, type, count, value
    place: str  # of another directory; counts and values are as wide


LAYOUTS = {42: Layout(4, "H", 12, "I"), 43: Layout(8, "Q", 20, "Q")}


def tiff_frames(stream: BinaryIO) -> list[int]:
    """Return which directories of a TIFF are pages, as Pillow counts them from 0; smaller copies and masks are none.

    Only directories are looked at, no pixels. One that a damaged file refers to and does not have counts, so that it
    is missed when it is read. The first is always a page: what it shows is what every reader of pictures shows.
    """
    order = ">" if stream.read(2) == b"MM" else "<"
    layout = LAYOUTS[_number(stream, order + "H")]
    stream.seek(layout.first)
    place = _number(stream, order + layout.place)
    frames, seen = list[int](), set[int]()
    while 0 < place < FAR and place not in seen and len(seen) < MOST:
        kind, place = _directory(stream, place, order, layout, seen)
        if not frames or not kind & NO_PAGE:
            frames.append(len(seen) - 1)
    return frames or [0]


def _directory(stream: BinaryIO, place: int, order: str, layout: Layout, seen: set[int]) -> tuple[int, int]:
    """Return what kind of picture the directory at `place` has, and where the next one is; mark it as seen."""
    seen.add(place)
    stream.seek(place)
    entries = _number(stream, order + layout.count)
    start = stream.tell()
    tag = _number(stream, order + "H")
    stream.seek(start + 4 + struct.calcsize(layout.place))
    kind = _number(stream, order + "I") if tag == SUBFILE and entries else 0
    stream.seek(min(start + entries * layout.entry, FAR))
    return kind, _number(stream, order + layout.place)


def _number(stream: BinaryIO, form: str) -> int:
    """Return the number that comes next; 0 at the end of the stream."""
    size = struct.calcsize(form)
    content = stream.read(size)
    return struct.unpack(form, content)[0] if len(content) == size else 0
