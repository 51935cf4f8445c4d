"""`calame serve`: the app and the API on this machine.

1. take the port, or say who has it and the way out;
2. open the model, say where the app is, and open it in the browser of a person;
3. serve until told to stop; what runs then is finished.
"""

import contextlib
import errno
import math
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calame.cli.common import Context, Lang
from calame.errors import BadParameter, PortTaken, UsageError
from calame.locale import Phrase

if TYPE_CHECKING:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from calame.service.settings import ServiceSettings

LAST_PORT, MOST_WORKERS, MOST_RATE = 65_535, 64, 1_000_000
START = 60  # seconds that a worker may take to be ready
KEEP_ALIVE = 30  # seconds that a connection is kept for the next request


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("serve", help=context.text("cli.serve.help"))
    def serve(  # pyright: ignore[reportUnusedFunction]
        host: Annotated[str, typer.Option(help=context.text("cli.serve.host"), metavar="ADDRESS")] = "127.0.0.1",
        port: Annotated[int, typer.Option(help=context.text("cli.serve.port"), metavar="N")] = 5001,
        workers: Annotated[int, typer.Option(help=context.text("cli.serve.workers"), metavar="N")] = 1,
        history: Annotated[bool, typer.Option("--history/--no-history", help=context.text("cli.serve.history"))] = True,
        open_it: Annotated[
            bool | None, typer.Option("--open/--no-browser", help=context.text("cli.serve.open"))
        ] = None,
        rate: Annotated[int | None, typer.Option(help=context.text("cli.serve.rate"), metavar="N")] = None,
        origin: Annotated[
            list[str] | None, typer.Option(help=context.text("cli.serve.origin"), metavar="ORIGIN")
        ] = None,
        allow_host: Annotated[
            list[str] | None, typer.Option(help=context.text("cli.serve.allow_host"), metavar="NAME")
        ] = None,
        lang: Lang = None,
    ) -> None:
        from calame.service.settings import for_host

        check("--port", port, 0, LAST_PORT)
        check("--workers", workers, 1, MOST_WORKERS)
        check("--rate", rate or 0, 0, MOST_RATE)
        settings = for_host(context.settings, host, port, rate=rate, origins=origin or (), hosts=allow_host or ())
        if not history:
            settings = replace(settings, database=None)
        run(context, settings, workers, open_it=sys.stdout.isatty() if open_it is None else open_it)


def check(name: str, value: int, low: int, high: int) -> None:
    """Raise `BadParameter` for a value out of its range."""
    if not low <= value <= high:
        raise BadParameter(name=name, found=value, expected=f"{low} … {high}")


def run(context: Context, settings: "ServiceSettings", workers: int, *, open_it: bool) -> None:
    """Serve until told to stop.

    Raises:
        PortTaken: another program listens there.
    """
    import uvicorn

    from calame.service.app import create_app, create_worker
    from calame.service.logs import log_to_stderr

    with listen(settings.host, settings.port) as listening:
        address = address_of(listening)
        options: dict[str, Any] = {
            "log_config": None, "access_log": False, "server_header": False, "date_header": False,
            "timeout_keep_alive": KEEP_ALIVE, "timeout_graceful_shutdown": math.ceil(settings.seconds),
        }  # fmt: skip
        say = partial(announce, context, address, open_it=open_it)
        log_to_stderr()
        signal.signal(signal.SIGTERM, pass_over)  # uvicorn stops at it, and then hands it on to us
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C is how a person ends it: no failure
            if workers == 1:
                server(uvicorn.Config(create_app(settings), **options), say).run(sockets=[listening])
            else:
                made = partial(create_worker, settings)  # pickled, and called in each process
                config = uvicorn.Config(made, factory=True, workers=workers, **options)
                several(config, listening, say).run()
    context.say("cli.serve.stopped")


def server(config: "uvicorn.Config", say: Callable[[], None]) -> "uvicorn.Server":
    """Return a server that calls `say` once it listens."""
    import uvicorn

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            say()

    return Announced(config)


def several(config: "uvicorn.Config", listening: socket.socket, say: Callable[[], None]) -> "Multiprocess":
    """Return what runs several servers on one port, and calls `say` once the first of them listens."""
    from uvicorn.supervisors import Multiprocess

    class Announced(Multiprocess):
        def init_processes(self) -> None:
            super().init_processes()
            threading.Thread(target=self.tell, daemon=True).start()

        def tell(self) -> None:
            if self.processes[0].wait_until_ready(START, self.should_exit):
                say()

    return Announced(config, sockets=[listening])


def pass_over(number: int, frame: object) -> None:
    """Take a signal that has been obeyed already."""


def announce(context: Context, address: str, *, open_it: bool) -> None:
    """Say where the app is, and that nothing leaves the machine; open it for a person."""
    context.say("cli.serve.ready", address=address)
    context.say("cli.serve.local")
    if open_it:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # some wait for the browser


def listen(host: str, port: int) -> socket.socket:
    """Take the port.

    Raises:
        PortTaken: another program has it. UsageError: no such address here, or no right to this port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends each answer at once; without, it waits 40 ms for an acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
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


def free_port(host: str, family: socket.AddressFamily) -> int:
    """Return a port that nobody listens on."""
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.bind((host, 0))
        return int(trial.getsockname()[1])


def address_of(listening: socket.socket) -> str:
    """Return the address to type into a browser; one that means every address of the machine is called localhost."""
    host, port = listening.getsockname()[:2]
    name = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::", "::1") else f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}"
