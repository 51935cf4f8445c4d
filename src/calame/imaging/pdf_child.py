"""Draws the pages of PDF files in a process of its own, started by `imaging.pdf`.

PDFium cannot be stopped. A page whose forms call each other, or whose pattern is laid a billion times, keeps it for
hours, inside calls that never ask for leave to go on; another takes all memory, or brings it down. So it works here,
where time and memory end with the process. No scripts and no XFA: PDFium is built without both.

This module knows PDFium; it imports nothing of calame, so that it is ready in a blink.
"""

import ctypes
import math
import os
import signal
import struct
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, BinaryIO

ASKED = struct.Struct(">QqQd")  # bytes that follow, page, pixels at most (0: only count the pages), seconds at most
TOLD = struct.Struct(">BIII")  # one of the words below, pages, width, height; RGB follows
DRAWN, DAMAGED, LOCKED, NOT_THERE, NO_AREA = range(5)
TIME_IS_UP = 75  # exit code
DENSITY = 200 / 72  # pixels for each point: 200 dots per inch, as office scanners have
MEMORY = 2**30  # bytes of this process: an A3 page of 600 dots per inch in colour takes a third
WHITE = 0xFFFFFFFF


def serve(asked: BinaryIO, told: BinaryIO) -> None:
    """Answer until nobody asks any more."""
    while len(head := asked.read(ASKED.size)) == ASKED.size:
        length, page, most, seconds = ASKED.unpack(head)
        content = asked.read(length)
        watch = threading.Timer(seconds, os._exit, [TIME_IS_UP])  # its turn comes: PDFium is called without the lock
        watch.start()
        try:
            status, pages, width, height, pixels = answer(content, page, most)
        finally:
            watch.cancel()
        told.write(TOLD.pack(status, pages, width, height))
        told.write(pixels)
        told.flush()


def answer(content: bytes, page: int, most: int) -> tuple[int, int, int, int, bytes | bytearray]:
    """Return a word, how many pages there are, and one of them: width, height, and its pixels, RGB, row by row."""
    import pypdfium2.raw as pdfium

    with opened(content) as document:
        if not document:
            locked = pdfium.FPDF_GetLastError() in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY)
            return LOCKED if locked else DAMAGED, 0, 0, 0, b""
        pages = pdfium.FPDF_GetPageCount(document)
        if not most:
            return DRAWN, pages, 0, 0, b""
        if not 1 <= page <= pages:
            return NOT_THERE, pages, 0, 0, b""
        status, width, height, pixels = drawn(document, page - 1, most)
        return status, pages, width, height, pixels


def drawn(document: Any, place: int, most: int) -> tuple[int, int, int, bytes | bytearray]:
    """Draw a page on white, with its annotations and what is filled in."""
    import pypdfium2.raw as pdfium

    with forms(document) as form, loaded(document, place, form) as page:
        if not page:
            return DAMAGED, 0, 0, b""
        width, height = size(pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page), most)
        if not width or not height:
            return NO_AREA, 0, 0, b""
        pixels = bytearray(3 * width * height)
        buffer = (ctypes.c_char * len(pixels)).from_buffer(pixels)
        bitmap = pdfium.FPDFBitmap_CreateEx(width, height, pdfium.FPDFBitmap_BGR, buffer, 3 * width)
        if not bitmap:
            return DAMAGED, 0, 0, b""
        pdfium.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, WHITE)
        how = bitmap, page, 0, 0, width, height, 0, pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
        pdfium.FPDF_RenderPageBitmap(*how)
        if form:
            pdfium.FPDF_FFLDraw(form, *how)
        pdfium.FPDFBitmap_Destroy(bitmap)
        return DRAWN, width, height, pixels


def size(width: float, height: float, most: int) -> tuple[int, int]:
    """Return the pixels of a page of so many points: as many as `DENSITY` gives, and at most `most` in all.

    Example:
        >>> size(595.28, 841.89, 50_000_000), size(28346, 28346, 50_000_000)
        ((1653, 2338), (7071, 7071))
    """
    if not (width > 0 and height > 0):
        return 0, 0
    scale = min(DENSITY, math.sqrt(most / (width * height)))
    return int(width * scale), int(height * scale)


@contextmanager
def opened(content: bytes) -> Generator[Any]:
    """Open a document; None when it does not open, and PDFium's last error says why."""
    import pypdfium2.raw as pdfium

    document = pdfium.FPDF_LoadMemDocument64(content, len(content), None)
    try:
        yield document
    finally:
        if document:
            pdfium.FPDF_CloseDocument(document)


@contextmanager
def forms(document: Any) -> Generator[Any]:
    """Make what is filled into the fields of a form visible; None when there are none."""
    import pypdfium2.raw as pdfium

    settings = pdfium.FPDF_FORMFILLINFO(version=2)
    there = pdfium.FPDF_GetFormType(document) != pdfium.FORMTYPE_NONE
    form = pdfium.FPDFDOC_InitFormFillEnvironment(document, settings) if there else None
    try:
        yield form
    finally:
        if form:
            pdfium.FPDFDOC_ExitFormFillEnvironment(form)


@contextmanager
def loaded(document: Any, place: int, form: Any) -> Generator[Any]:
    """Load a page; None when it does not load."""
    import pypdfium2.raw as pdfium

    page = pdfium.FPDF_LoadPage(document, place)
    if page and form:
        pdfium.FORM_OnAfterLoadPage(page, form)
    try:
        yield page
    finally:
        if page:
            if form:
                pdfium.FORM_OnBeforeClosePage(page, form)
            pdfium.FPDF_ClosePage(page)


def bound_memory() -> None:
    """Take no more than `MEMORY`, where the system holds a process to that."""
    if sys.platform == "linux":
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
        resource.setrlimit(resource.RLIMIT_AS, (bound, most))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks: this ends when that is gone
    bound_memory()
    serve(sys.stdin.buffer, sys.stdout.buffer)
