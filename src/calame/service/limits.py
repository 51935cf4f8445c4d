"""Who may come in, how often, and with how much: names, origins, keys, requests a minute, bytes of a body.

Each answer of a counted path says what is left (RateLimit headers, draft-ietf-httpapi-ratelimit-headers). Clients are
counted in the memory of one process, and so have their share in each of several; or in Redis (`shared_limits`), and
have one share of all.
"""

import asyncio
import hashlib
import hmac
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calame.errors import (
    BodyTooLarge,
    CalameError,
    ForeignHost,
    ForeignOrigin,
    Overloaded,
    TooManyRequests,
    Unauthorized,
)
from calame.service.problems import answer
from calame.service.settings import ServiceSettings

COUNTED = ("/v1/", "/predict", "/images/")  # what computes or shows what was read; needs a key where there are any
MEASURES = "/metrics"  # needs a key as well, and is not counted
LOOKING = ("GET", "HEAD", "OPTIONS")
COOKIE, LIFE = "calame_page", 12 * 3600  # what the page is let in with, and for how many seconds
BEYOND = 5  # times the bytes that are allowed, that still come of a body that is refused, and are forgotten
CLIENTS = 10_000  # remembered at once; the one not seen for longest is forgotten


class Rates(Protocol):
    """Counts the requests of each client: a bucket that fills again evenly, `rate` in a minute."""

    rate: int

    async def take(self, client: str) -> dict[str, str]:
        """Take one request and return the headers that say what is left; none when that is not known.

        Raises:
            TooManyRequests: there is none left; `seconds` says when there is.
        """
        ...

    async def close(self) -> None:
        """Let go of what is held outside of this process."""
        ...


class Guard:
    """Lets a request in, or says why not."""

    def __init__(self, app: ASGIApp, settings: ServiceSettings, rates: Rates) -> None:
        self.app, self.settings, self.rates = app, settings, rates
        self._held = 0  # bytes that have come of the bodies in hand

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it with why not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, added = Headers(scope=scope), dict[str, str]()
        try:
            await self._check(scope, headers, added)
        except CalameError as error:
            if isinstance(error, TooManyRequests):
                added.update(rate_headers(self.settings.rate, 0, int(str(error.values["seconds"]))))
            if isinstance(error, BodyTooLarge) and will_end(headers, BEYOND * self.settings.body):
                await forget(receive, BEYOND * self.settings.body, self.settings.arrival)
            await answer(error, scope, self.settings.language)(scope, receive, adding(added, send))
            return
        if self.settings.keys and scope["path"] == "/":
            added["Set-Cookie"] = page_cookie(self.settings.secret, scope["scheme"] == "https")
        own = 0

        def hold(size: int) -> None:
            nonlocal own
            if self._held > own and self._held + size > self.settings.memory:  # what is alone is let in
                raise Overloaded(seconds=1)
            own += size
            self._held += size

        try:
            come = counted(receive, self.settings.body, hold, self.settings.arrival)
            await self.app(scope, come, adding(added, send) if added else send)
        finally:
            self._held -= own

    async def _check(self, scope: Scope, headers: Headers, added: dict[str, str]) -> None:
        settings = self.settings
        check_host(headers, settings.hosts)
        if scope["method"] not in LOOKING:
            check_origin(headers, settings.origins)
        if str(scope["path"]).startswith(COUNTED):
            client = self._client(scope, headers)
            added.update(await self.rates.take(client) if settings.rate else {})
        elif scope["path"] == MEASURES and settings.keys:
            self._client(scope, headers)
        announced = headers.get("content-length", "")
        if announced.isdecimal() and int(announced) > settings.body:
            raise BodyTooLarge(limit=settings.body)

    def _client(self, scope: Scope, headers: Headers) -> str:
        """Return what a client is counted under: its key, or its address.

        Raises:
            Unauthorized: keys are asked for, and it has none.
        """
        address = str((scope.get("client") or ("-",))[0])
        if not self.settings.keys:
            return address
        key = valid_key(headers, self.settings.keys)
        if key is None and not from_page(headers, self.settings.secret):
            raise Unauthorized
        return address if key is None else key.hex()


def check_host(headers: Headers, hosts: tuple[str, ...]) -> None:
    """Raise `ForeignHost` for a name that is none of `hosts`; without any, every name is right."""
    name = host_name(headers.get("host", ""))
    if hosts and name not in hosts:
        raise ForeignHost(host=name[:100])


def host_name(authority: str) -> str:
    """Return the name in `name:port`, in small letters, and without the brackets of an IPv6 address."""
    try:
        return urlsplit(f"//{authority}").hostname or ""
    except ValueError:  # a bracket that is not closed
        return ""


def check_origin(headers: Headers, origins: tuple[str, ...]) -> None:
    """Raise `ForeignOrigin` for a request that a page of another site made; programs send no Origin."""
    origin = headers.get("origin")
    if origin is None or origin in origins or "*" in origins:
        return
    if origin.partition("://")[2].lower() != headers.get("host", "").lower():
        raise ForeignOrigin(origin=origin[:100])


def valid_key(headers: Headers, keys: tuple[bytes, ...]) -> bytes | None:
    """Return the digest of the key that a request brings if it is one of `keys`; compared in constant time."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    brought = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
    digest = hashlib.sha256(brought.encode()).digest()
    matches = [hmac.compare_digest(digest, key) for key in keys]  # all of them, whichever matches
    return digest if brought and any(matches) else None


def page_cookie(secret: bytes, secure: bool) -> str:
    """Return the cookie that lets our own page in, and pages of other sites out (SameSite)."""
    ends = str(int(time.time()) + LIFE)
    flags = f"Max-Age={LIFE}; Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")
    return f"{COOKIE}={ends}.{_sign(secret, ends)}; {flags}"


def from_page(headers: Headers, secret: bytes) -> bool:
    """Whether a request comes from our own page, by its cookie."""
    ends, _, signature = cookie_parser(headers.get("cookie", "")).get(COOKIE, "").partition(".")
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    signed = hmac.compare_digest(signature.encode(), _sign(secret, ends).encode())
    return signed and int(ends) > time.time()


def _sign(secret: bytes, ends: str) -> str:
    return hmac.new(secret, ends.encode(), hashlib.sha256).hexdigest()


@dataclass(slots=True)
class _Bucket:
    left: float
    since: float


class OwnRates:
    """Clients counted in the memory of this process: a `Rates`."""

    def __init__(self, rate: int, most: int = CLIENTS) -> None:
        self.rate, self._most = rate, most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    async def take(self, client: str) -> dict[str, str]:
        """Take one request; see `Rates`."""
        return self.take_at(client, time.monotonic())

    def take_at(self, client: str, now: float) -> dict[str, str]:
        """Take one request at a moment, in seconds of any clock that only goes forward; see `Rates`."""
        bucket = self._buckets.setdefault(client, _Bucket(self.rate, now))
        self._buckets.move_to_end(client)
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        found = min(self.rate, bucket.left + (now - bucket.since) * self.rate / 60)
        bucket.left, bucket.since = (found - 1 if found >= 1 else found), now
        return told(self.rate, found)

    async def close(self) -> None:
        """Nothing is held outside."""


def told(rate: int, found: float) -> dict[str, str]:
    """Return the headers for one who found so many requests in the bucket, and took one of them.

    Raises:
        TooManyRequests: there was no whole one.
    """
    if found < 1:
        raise TooManyRequests(seconds=math.ceil((1 - found) * 60 / rate), limit=rate)
    left = found - 1
    return rate_headers(rate, int(left), math.ceil((rate - left) * 60 / rate))


def rate_headers(rate: int, left: int, seconds: int) -> dict[str, str]:
    """Return the headers that say what is left, and in how many seconds there is more."""
    return {"RateLimit-Policy": f'"minute";q={rate};w=60', "RateLimit": f'"minute";r={left};t={seconds}'}


def adding(added: dict[str, str], send: Send) -> Send:
    """Return a `send` that adds headers to the answer."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(added)
        await send(message)

    return sending


def will_end(headers: Headers, most: int) -> bool:
    """Whether a body that is announced is worth waiting for: of at most so many bytes, and its sender does not ask."""
    return int(headers["content-length"]) <= most and "expect" not in headers


async def forget(receive: Receive, most: int, seconds: float) -> None:
    """Take what is left of a body, but at most so many bytes and for so long, and keep nothing of it.

    Many programs send all before they listen: where the connection closes on them, they hear of a reset and never of
    the reason.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while most > 0:
                message = await receive()
                most -= len(message.get("body", b""))
                if not message.get("more_body"):  # the end, or the sender has left
                    return


def counted(receive: Receive, limit: int, hold: Callable[[int], None], seconds: float) -> Receive:
    """Return a `receive` that raises `BodyTooLarge` when more bytes come than allowed, announced or not.

    `hold` is told of what has come, and may raise: what is only announced takes no memory, and nobody's turn. The rest
    of what is too large is forgotten, for at most `seconds`.
    """
    size = 0

    async def receiving() -> Message:
        nonlocal size
        message = await receive()
        came = len(message.get("body", b""))
        size += came
        if size > limit:
            if message.get("more_body"):
                await forget(receive, BEYOND * limit - size, seconds)
            raise BodyTooLarge(limit=limit)
        hold(came)
        return message

    return receiving
