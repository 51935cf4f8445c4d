"""What a service is started with: one frozen value, made at the edge and handed inwards."""

import hashlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import quote

from calame.config import Settings
from calame.errors import BadParameter

HISTORY = "history.db"  # in CALAME_HOME
LOOPBACK = ("127.0.0.1", "localhost", "::1")
EVERYBODY = 600  # requests a minute of one client, when the service is open to other machines
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
ORIGIN = re.compile(r"\*|null|[a-z][a-z0-9+.-]*://[^/\s?#@*]+")  # as browsers name a site: scheme, host, port
MOST_PIXELS = 25_000_000  # decoded, 75 MB, half of `codec.Limits`: many send at once; of a JPEG four times as many


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
        limits: URL of the Redis where clients are counted, for all processes together; None: each counts its own.
        proxies: addresses and networks of the proxies that are believed about who the client is.
        frames: sites whose pages may show ours in a frame (CSP sources); none: no page may.
        may_keep: whether a visitor may switch on a history that is off, and would be one for all visitors.
        training: the folder of the training runs, or None: nothing is trained.
        cache: where fetched data sets are kept, looked at when one is trained on.
        may_train: whether whoever opens the page may train, or delete a run; else a key is asked for.
        body: bytes of a request; pixels: of a picture; pictures: of a request. At most.
        memory: bytes that the bodies of all requests in hand may have together.
        seconds: that the work of one request may take; arrival: that its body may take to come.
        waiting: pictures that may be in hand at once, before the next is refused.
        batch: drawings that a thread takes at once, at most; a photo counts for several.
        threads: that decode, prepare and ask the network.
        calibration: file of `calame calibrate` for codes, or None for what came with the package.
        secret: signs what the page is let in with; the same in every worker.
    """

    host: str = "127.0.0.1"
    port: int = 5001
    models: Path | None = None
    data: Path | None = None
    database: str | None = field(default=None, repr=False)
    language: str = "en"
    keys: tuple[bytes, ...] = ()
    origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    rate: int = 0
    limits: str | None = field(default=None, repr=False)
    proxies: tuple[str, ...] = ()
    frames: tuple[str, ...] = ()
    may_keep: bool = True
    training: Path | None = None
    cache: Path | None = None
    may_train: bool = True
    body: int = 20_000_000
    pixels: int = MOST_PIXELS
    pictures: int = 64
    memory: int = 200_000_000
    seconds: float = 20.0
    arrival: float = 60.0
    waiting: int = 256
    batch: int = 16
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    calibration: Path | None = None
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
    proxies: Iterable[str] = (),
    limits: str | None = None,
    shared: bool = False,
) -> ServiceSettings:
    """Return the settings for one who listens at `host`.

    On one's own machine no client is slowed down, and only the names of this machine are answered to, so that no
    page on the web can reach the service under a name of its own (DNS rebinding). Open to others, at an address,
    behind a proxy or by a link, and when clients are counted together (`limits`), a client has `EVERYBODY` requests a
    minute unless `rate` says else. At an address or behind a proxy any name is answered to unless `hosts` says which;
    then the names of this machine still are, for whoever checks its health.

    Raises:
        BadParameter: a proxy that is no address and no network; a site that no browser names so.
    """
    trusted, named = tuple(map(proxy, proxies)), tuple(hosts)
    alone = host in LOOPBACK and not trusted
    counted = limits or user.limits
    return ServiceSettings(
        host=host,
        port=port,
        models=user.models,
        data=user.data or (user.cache if user.cache.is_dir() else None),
        database=user.database or default_url(user.home),
        language=user.language,
        keys=hashed(user.keys),
        origins=tuple(map(site, origins)),
        hosts=(*LOOPBACK, *named) if alone or named else (),
        rate=rate if rate is not None else 0 if alone and not shared and not counted else EVERYBODY,
        limits=counted,
        proxies=trusted,
        may_keep=alone and not shared,
        training=user.home / "training",
        cache=user.cache,
        may_train=alone and not shared and not user.keys,
    )


def proxy(named: str) -> str:
    """Return the address or the network of a proxy as it was named: a name or `*` would be believed unseen.

    Raises:
        BadParameter: it is neither.
    """
    try:
        return str(ip_network(named) if "/" in named else ip_address(named))
    except ValueError as error:
        raise BadParameter(name="--proxy", found=named, expected="192.0.2.7 / 192.0.2.0/24") from error


def site(named: str) -> str:
    """Return the origin of a site as browsers send it: without a slash at its end, in lower case.

    Raises:
        BadParameter: no browser sends such a one: without http:// or https://, or with a path.
    """
    origin = named.rstrip("/").lower()
    if not ORIGIN.fullmatch(origin):
        raise BadParameter(name="--origin", found=named, expected="https://app.example.org / http://localhost:3000 / *")
    return origin


def default_url(home: Path) -> str:
    """Return the URL of the history in `home` (`CALAME_HOME`), for when `CALAME_DATABASE_URL` names no other.

    As SQLAlchemy would write it, which takes a tenth of a second to load and is not needed to start others.
    """
    return "sqlite:///" + quote(str(home / HISTORY), safe=" +/")
