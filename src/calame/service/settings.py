"""What a service is started with: one frozen value, made at the edge and handed inwards."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from calame.config import Settings
from calame.service.database import default_url

LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYBODY = 600  # requests a minute of one client, when the service is open to other machines
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
MOST_PIXELS = 25_000_000  # of a picture: twice a phone's 12 megapixels; decoded, it takes 75 MB


@dataclass(frozen=True)
class ServiceSettings:
    """How the service behaves.

    Attributes:
        host, port: where it listens; port 0 takes any that is free.
        models: the user's folder of models, or None for the shipped ones alone.
        data: folder with data sets, or None.
        database: URL of the history, or None to keep none.
        language: of those who do not say theirs, "en" or "fr".
        keys: SHA-256 of the API keys that are let in; none: everybody is.
        origins: sites whose pages may call the API from a browser (CORS); none: only our own page.
        hosts: names under which it may be called; none: any.
        rate: requests that one client may make in a minute; 0: any number.
        body: bytes of a request; pixels: of a picture; pictures: of a request. At most.
        memory: bytes that the bodies of all requests in hand may have together.
        seconds: that the work of one request may take; arrival: that its body may take to come.
        waiting: pictures that may be in hand at once, before the next is refused.
        batch: drawings that a thread takes at once, at most; a photo counts for several.
        threads: that decode, prepare and ask the network.
        secret: signs what the page is let in with; the same in every worker.
    """

    host: str = "127.0.0.1"
    port: int = 5001
    models: Path | None = None
    data: Path | None = None
    database: str | None = None
    language: str = "en"
    keys: tuple[bytes, ...] = ()
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    rate: int = 0
    body: int = 20_000_000
    pixels: int = MOST_PIXELS
    pictures: int = 64
    memory: int = 200_000_000
    seconds: float = 20.0
    arrival: float = 60.0
    waiting: int = 256
    batch: int = 16
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


def hashed(keys: Iterable[str]) -> tuple[bytes, ...]:
    """Return the SHA-256 of each key; one that is given as `sha256:HEX` is taken as it is.

    Example:
        >>> hashed(["secret"])[0].hex()[:8]
        '2bb80d53'
    """
    return tuple(
        bytes.fromhex(key.removeprefix("sha256:")) if DIGEST.fullmatch(key) else hashlib.sha256(key.encode()).digest()
        for key in keys
    )


def for_host(
    user: Settings,
    host: str,
    port: int,
    *,
    rate: int | None = None,
    origins: Iterable[str] = (),
    hosts: Iterable[str] = (),
) -> ServiceSettings:
    """Return the settings for one who listens at `host`.

    On one's own machine no client is slowed down, and only the names of this machine are answered to, so that no
    page on the web can reach the service under a name of its own (DNS rebinding). Open to others, any name is
    answered to unless `hosts` says which, and a client has `EVERYBODY` requests a minute unless `rate` says else.
    """
    local = host in LOOPBACK
    return ServiceSettings(
        host=host,
        port=port,
        models=user.models,
        data=user.data or (user.cache if user.cache.is_dir() else None),
        database=user.database or default_url(user.home),
        language=user.language,
        keys=hashed(user.keys),
        origins=tuple(origins),
        hosts=(*LOOPBACK, *hosts) if local else tuple(hosts),
        rate=rate if rate is not None else 0 if local else EVERYBODY,
    )
