"""Bytes -> picture: by the thread that reads it; or, a page of a PDF, before that, by a thread that does nothing else.

Such a page may take its ten seconds (`imaging.pdf`), and one is drawn at a time. Threads that read would stand in that
line, and everybody's drawings behind them. This module knows nothing of what a picture is read for.
"""

import asyncio
import time
from collections.abc import AsyncGenerator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import NamedTuple

from calame.errors import InputError
from calame.imaging.codec import Limits, decode, is_pdf
from calame.service.pictures import picture_name
from calame.service.settings import ServiceSettings
from calame.types import Picture


class Decoded(NamedTuple):
    """A picture, and the seconds that it took to decode or draw it."""

    picture: Picture
    seconds: float


def decoded(content: bytes, limits: Limits, page: int, number: int) -> Decoded:
    """Decode the picture at place `number` of a request: of a document, this page.

    Raises:
        InputError: it cannot be read; the message calls it by its number.
    """
    started = time.perf_counter()
    try:
        picture = decode(content, limits=limits, page=page)
    except InputError as error:
        raise type(error)(**{**error.values, "name": picture_name(number)}) from error
    return Decoded(picture, time.perf_counter() - started)


class Drawer:
    """Draws the pages of PDFs, in order.

    No more of them are drawn and not yet read than the threads have use for: each may take 75 MB.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        self._limits = Limits(settings.body, settings.pixels)
        self._pool = ThreadPoolExecutor(1, "calame-draw")
        self._room = asyncio.Semaphore(settings.threads + 1)

    @asynccontextmanager
    async def drawn(self, content: bytes, page: int, number: int) -> AsyncGenerator[bytes | Decoded]:
        """Yield a page of a PDF, to be read meanwhile; anything else as it came. Who is cancelled is passed over.

        Raises:
            InputError: the page cannot be drawn.
        """
        if not is_pdf(content):
            yield content
            return
        async with self._room:
            loop = asyncio.get_running_loop()
            yield await loop.run_in_executor(self._pool, decoded, content, self._limits, page, number)

    def close(self) -> None:
        """End the thread, when the page that it draws is done."""
        self._pool.shutdown(cancel_futures=True)
