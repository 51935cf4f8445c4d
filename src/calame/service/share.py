"""A public link to the service on this machine, made by the package `ngrok` (extra `share`).

The link lives in this process: its far end is a server of ngrok, its near end connects to our port as any program of
this machine would, and says for whom in X-Forwarded-For. This module knows links, not requests.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Protocol, cast
from urllib.parse import urlsplit

from calame.errors import MissingExtra, NoLink, NoLinkToken
from calame.service.settings import ServiceSettings

LETTING_GO = 0.3  # seconds


class Listener(Protocol):
    """What we use of `ngrok.Listener`."""

    def url(self) -> str:
        """Return the public address."""
        ...


class Ngrok(Protocol):
    """What we use of the package `ngrok`, 1.4; both wait for their end where no event loop runs."""

    def forward(self, addr: str, *, authtoken: str) -> Listener:
        """Open a link to an address of this machine."""
        ...

    def disconnect(self, url: str) -> None:
        """Close a link."""
        ...


@contextmanager
def public_link(host: str, port: int, token: str | None) -> Generator[str]:
    """Yield the public address of what listens at `host` and `port` here; it is closed at the end.

    Raises:
        MissingExtra: the package `ngrok` is not installed.
        NoLinkToken: there is no token.
        NoLink: ngrok refuses the token, or cannot be reached.
    """
    try:
        ngrok = cast("Ngrok", import_module("ngrok"))
    except ImportError as error:
        raise MissingExtra(package="ngrok", extra="share") from error
    if not token:
        raise NoLinkToken
    try:
        link = ngrok.forward(f"[{host}]:{port}" if ":" in host else f"{host}:{port}", authtoken=token).url()
    except (ValueError, RuntimeError, OSError) as error:
        # Its threads let go of Python a moment after they have said no: an end before that may crash (seen with 1.4).
        time.sleep(LETTING_GO)
        said = ": ".join(map(str, error.args)).replace(token, "…")  # its words may repeat the token
        raise NoLink(problem=" ".join(said.split())) from None  # and so may its traceback
    try:
        yield link
    finally:
        ngrok.disconnect(link)


def opened(settings: ServiceSettings, link: str, near: str) -> ServiceSettings:
    """Return the settings of a service that is reached by `link` too, whose near end connects from the address `near`.

    It answers to the link's name, and believes the link about who its visitors are, so that each has a rate of its own.
    """
    hosts = (*settings.hosts, urlsplit(link).hostname or "") if settings.hosts else ()
    return replace(settings, hosts=hosts, proxies=(*settings.proxies, near))
