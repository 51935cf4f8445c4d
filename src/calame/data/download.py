"""Downloads one address to one file: goes on where an earlier try stopped, and says what went wrong.

Knows HTTP and nothing of data sets: whether the bytes are the right ones is for the caller to check.
"""

import os
from collections.abc import Callable
from functools import partial
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from calame.locale import Phrase

CHUNK = 1 << 16  # bytes asked of the connection at a time
TRIES = 5  # connections to one address, as long as each brings some bytes
TIMEOUT = 30.0  # seconds without a byte
RANGE_NOT_SATISFIABLE = 416
PARTIAL_CONTENT = 206

Report = Callable[[int, int], None]  # bytes so far, bytes in all
Opener = Callable[[Request], HTTPResponse]
OPENER: Opener = partial(urlopen, timeout=TIMEOUT)


class MirrorProblem(Exception):
    """Why an address did not give the file."""

    def __init__(self, phrase: Phrase) -> None:
        self.phrase = phrase
        super().__init__(str(phrase))


class _Cut(MirrorProblem):
    """The connection failed, and another one may go on from there."""


def download(url: str, part: Path, *, size: int | None, limit: int, report: Report, opener: Opener = OPENER) -> None:
    """Download `url` to `part`, which may hold the first bytes already.

    Args:
        url: the address.
        part: the file that grows.
        size: bytes that must come, where that is known.
        limit: more bytes than this are refused, whatever the server says.
        report: called with the bytes so far and in all.
        opener: sends a request and returns the response.

    Raises:
        MirrorProblem: no connection, another status than expected, or too few or too many bytes. What came is
            kept in `part`, for the next try.
        OSError: `part` cannot be written.
    """
    for last in (*[False] * (TRIES - 1), True):
        before = _length(part)
        try:
            _go_on(url, part, size, limit, report, opener)
            return
        except _Cut:
            if last or _length(part) <= before:  # nothing gained: asking again at once would change nothing
                raise


def _go_on(url: str, part: Path, size: int | None, limit: int, report: Report, opener: Opener) -> None:
    have = _length(part)
    if have > (size or limit):  # the beginning of something else
        part.unlink()
        have = 0
    if have and have == size:
        report(have, have)
        return
    response = _connect(url, have, opener)
    if response is None:  # it sees nothing after our bytes; that they are the right ones is not said
        part.unlink()
        _go_on(url, part, size, limit, report, opener)
        return
    with response:
        have, total = _agree(response, have)
        expected = size or total
        if total not in (None, expected) or (expected or 0) > limit:
            raise MirrorProblem(Phrase("data.problem.size", found=total, expected=size or limit))
        _receive(response, part, have, expected or limit, expected is not None, report)


def _agree(response: HTTPResponse, have: int) -> tuple[int, int | None]:
    """Return from where the response goes on, and the bytes of the whole file, or None where it is not told."""
    if response.status != PARTIAL_CONTENT:  # a server that ignores Range sends everything
        return 0, _number(response.headers.get("Content-Length"))
    span = response.headers.get("Content-Range", "")
    if not span.startswith(f"bytes {have}-"):
        raise MirrorProblem(Phrase("data.problem.span", found=span, expected=have))
    return have, _number(span.rpartition("/")[2])


def _connect(url: str, have: int, opener: Opener) -> HTTPResponse | None:
    """Ask for what comes after the first `have` bytes; None when the server says that there is nothing."""
    headers = {"User-Agent": "calame", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    try:
        return opener(Request(url, headers=headers))
    except HTTPError as error:
        error.close()
        if error.code == RANGE_NOT_SATISFIABLE and have:
            return None
        raise MirrorProblem(Phrase("data.problem.status", status=error.code)) from error
    except (OSError, HTTPException) as error:
        raise _Cut(_connection(error)) from error


def _receive(response: HTTPResponse, part: Path, have: int, end: int, exact: bool, report: Report) -> None:
    """Append until the connection ends: at `end`, or, when its length is not told, at most there."""
    with part.open("ab" if have else "wb") as file:
        while chunk := _read(response):
            have += len(chunk)
            if have > end:
                raise MirrorProblem(Phrase("data.problem.size", found=have, expected=end))
            file.write(chunk)
            report(have, end if exact else have)
        file.flush()
        os.fsync(file.fileno())
    if exact and have < end:
        raise _Cut(Phrase("data.problem.cut", found=have, expected=end))


def _read(response: HTTPResponse) -> bytes:
    try:
        return response.read1(CHUNK)  # what is there: `read` would lose it when the connection falls silent
    except (OSError, HTTPException) as error:
        raise _Cut(_connection(error)) from error


def _connection(error: Exception) -> Phrase:
    reason = getattr(error, "reason", None) or error
    return Phrase("data.problem.connection", problem=str(reason) or type(error).__name__)


def _number(told: str | None) -> int | None:
    return int(told) if told and told.isdecimal() else None


def _length(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0
