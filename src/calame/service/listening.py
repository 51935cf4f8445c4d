"""A port, and the server on it: what the command line and a notebook start alike.

This module knows sockets and uvicorn, and nothing of what is served.
"""

import errno
import http.client
import math
import os
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from calame.errors import PortTaken, UsageError
from calame.locale import Phrase
from calame.service.settings import ServiceSettings

if TYPE_CHECKING:
    import uvicorn

START = 60  # seconds that a worker may take to be ready, or to answer that it lives
KEEP_ALIVE = 30  # seconds that a connection is kept for the next request
EVERYWHERE = ("0.0.0.0", "::")
OWN = ("127.0.0.1", "::1")


def options(settings: ServiceSettings) -> dict[str, Any]:
    """Return how uvicorn is to serve: our own log, and no word about a client believed but from a named proxy."""
    return {
        "log_config": None, "access_log": False, "server_header": False, "date_header": False,
        "timeout_keep_alive": KEEP_ALIVE, "timeout_graceful_shutdown": math.ceil(settings.seconds),
        "timeout_worker_healthcheck": START,
        "proxy_headers": bool(settings.proxies), "forwarded_allow_ips": list(settings.proxies),
    }  # fmt: skip


def server(config: "uvicorn.Config", say: Callable[[], None]) -> "uvicorn.Server":
    """Return a server that calls `say` once it listens."""
    import uvicorn

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            say()

    return Announced(config)


def listen(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        PortTaken: another program has it. UsageError: no such address here, or no right to this port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = unbound(family)
    try:
        listening.bind((host, port))
        listening.set_inheritable(True)
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(host=host, port=port, free=free_port(host, family)) from error
        problem = Phrase("cli.serve.no_address", host=host, port=port, problem=error.strerror or error)
        raise UsageError(problem=problem) from error
    return listening


def unbound(family: int) -> socket.socket:
    """Return a socket that can listen."""
    # With the protocol named, asyncio sends each answer at once; without, it waits 40 ms for an acknowledgement.
    made = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return made


class SharedPort(socket.socket):
    """A port that is taken, for several workers: each that it is sent to has a socket of its own there.

    Linux then gives each its share of the connections. Of one socket for all, whichever worker wakes first takes what
    has come: all the clients of a busy minute may stay with one, and half of the processor sleeps.
    """

    def __init__(self, taken: socket.socket) -> None:
        super().__init__(taken.family, taken.type, taken.proto, fileno=os.dup(taken.fileno()))
        self.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # only now: nobody else may have been there before

    def __reduce__(self) -> tuple[Callable[[int, Any], socket.socket], tuple[int, Any]]:
        """Pickle as what makes another."""
        return beside, (int(self.family), self.getsockname())


def beside(family: int, address: Any) -> socket.socket:
    """Return another socket on a `SharedPort`, for the worker that calls it."""
    made = unbound(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind(address)
    return made


def for_workers(taken: socket.socket) -> socket.socket:
    """Return what to send to each worker: elsewhere than on Linux one of several sockets would have all connections."""
    return SharedPort(taken) if sys.platform == "linux" else taken


def free_port(host: str, family: socket.AddressFamily) -> int:
    """Return a port that nobody listens on."""
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.bind((host, 0))
        return int(trial.getsockname()[1])


def address_of(listening: socket.socket) -> str:
    """Return the address to type into a browser; one that means every address of the machine is called localhost."""
    host, port = listening.getsockname()[:2]
    name = "localhost" if host in EVERYWHERE + OWN else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"


def from_here(listening: socket.socket) -> tuple[str, int]:
    """Return the host and the port under which this very machine reaches the server, and under which it is seen."""
    host, port = listening.getsockname()[:2]
    return (OWN[EVERYWHERE.index(host)] if host in EVERYWHERE else str(host)), int(port)


def answers(host: str, port: int) -> bool:
    """Whether somebody answers HTTP there, whatever it is; from the moment a worker takes connections."""
    asking = http.client.HTTPConnection(host, port, timeout=START)
    try:
        asking.request("GET", "/health/live")
        asking.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()
    return True
