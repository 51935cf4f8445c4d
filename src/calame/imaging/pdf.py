"""The pages of a PDF file, drawn by PDFium in a process of its own (`pdf_child` says why).

The process is started with the first PDF and asked again for the next; one page at a time. It ends with this one.
"""

import atexit
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from calame.errors import DamagedPicture, EmptyPicture, InputError, LockedDocument, NoSuchPage, SlowPage
from calame.imaging import pdf_child as child
from calame.locale import Phrase

SECONDS = 10.0  # for one page: a hundred times what a scanned one takes

_turn = threading.Lock()  # to ask the process, and to start it
_processes: dict[int, "subprocess.Popen[bytes]"] = {}  # by whose it is: a fork has none


def count_pages(content: bytes, name: str) -> int:
    """Return how many pages there are; raises as `draw_page`."""
    return _asked(content, 1, 0, name)[0]


def draw_page(content: bytes, page: int, pixels: int, name: str) -> tuple[NDArray[np.uint8], int]:
    """Return a page, from 1 on, on white, at 200 dots per inch, or fewer where that were more than `pixels`.

    Returns:
        The page, (h, w) when all of it is grey, else (h, w, 3) RGB; and how many pages there are.

    Raises:
        LockedDocument, NoSuchPage, SlowPage, EmptyPicture, DamagedPicture: with the document's `name`.
    """
    pages, drawn = _asked(content, page, pixels, name)
    red, green, blue = np.moveaxis(drawn, 2, 0)
    grey = np.array_equal(red, green) and np.array_equal(green, blue)
    return np.ascontiguousarray(red) if grey else drawn, pages


def _asked(content: bytes, page: int, pixels: int, name: str) -> tuple[int, NDArray[np.uint8]]:
    """Ask the process; whatever becomes of it, the next call finds one that works."""
    with _turn:
        process = _started()
        try:
            status, pages, width, height, body = _exchange(process, content, page, pixels)
        except (OSError, EOFError) as error:
            del _processes[os.getpid()]
            raise _ended(process, name) from error
    if status == child.LOCKED:
        raise LockedDocument(name=name)
    if status == child.DAMAGED:
        raise DamagedPicture(name=name, problem=Phrase("picture.undecodable", format="PDF"))
    if status == child.NO_AREA or not pages:
        raise EmptyPicture(name=name)
    if status == child.NOT_THERE:
        raise NoSuchPage(name=name, page=page, pages=pages)
    return pages, np.frombuffer(body, np.uint8).reshape(height, width, 3)


def _exchange(
    process: "subprocess.Popen[bytes]", content: bytes, page: int, pixels: int
) -> tuple[int, int, int, int, bytes]:
    """Send a question and return the answer; EOFError or OSError when the process ends meanwhile."""
    asked, told = cast("BinaryIO", process.stdin), cast("BinaryIO", process.stdout)
    asked.write(child.ASKED.pack(len(content), page, pixels, SECONDS))
    asked.write(content)
    asked.flush()
    status, pages, width, height = child.TOLD.unpack(_whole(told, child.TOLD.size))
    return status, pages, width, height, _whole(told, 3 * width * height)


def _whole(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _started() -> "subprocess.Popen[bytes]":
    """Return this process's own drawer."""
    if os.getpid() not in _processes:
        command = [sys.executable, "-P", str(Path(child.__file__))]  # -P: our modules beside it are not Python's
        pipe = subprocess.PIPE
        _processes[os.getpid()] = subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True)
        atexit.unregister(_end)  # of one that has ended: once is enough
        atexit.register(_end)
    return _processes[os.getpid()]


def _end() -> None:
    """End the drawer of this process, if it has one."""
    process = _processes.pop(os.getpid(), None)
    if process is not None:
        process.kill()
        _let_go(process)


def _ended(process: "subprocess.Popen[bytes]", name: str) -> InputError:
    """Say why a drawer has ended while it was at `name`."""
    code = _let_go(process)
    if code == child.TIME_IS_UP:
        return SlowPage(name=name, seconds=round(SECONDS))
    if code == 1:  # Python's own: something is wrong with the installation, and stderr has it
        return InputError(name=name, problem=Phrase("picture.no_pdfium"))
    return DamagedPicture(name=name, problem=Phrase("picture.undecodable", format="PDF"))  # PDFium fell over it


def _let_go(process: "subprocess.Popen[bytes]") -> int:
    for stream in (process.stdin, process.stdout):
        try:
            cast("BinaryIO", stream).close()
        except OSError:  # what was still to be written has no reader any more
            continue
    return process.wait()
