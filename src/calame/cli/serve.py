"""`calame serve`: the app and the API on this machine.

1. take the port, or say who has it and the way out; open a public link to it where one is asked for;
2. open the model, say where the app is, and open it in the browser of a person;
3. serve until told to stop; what runs then is finished.
"""

import contextlib
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calame.cli.common import Context, Lang
from calame.errors import BadParameter

if TYPE_CHECKING:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from calame.service.settings import ServiceSettings

LAST_PORT, MOST_WORKERS, MOST_RATE = 65_535, 64, 1_000_000


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("serve", help=context.text("cli.serve.help"))
    def serve(  # pyright: ignore[reportUnusedFunction]
        host: Annotated[str, typer.Option(help=context.text("cli.serve.host"), metavar="ADDRESS")] = "127.0.0.1",
        port: Annotated[int, typer.Option(help=context.text("cli.serve.port"), metavar="N")] = 5001,
        workers: Annotated[int, typer.Option(help=context.text("cli.serve.workers"), metavar="N")] = 1,
        history: Annotated[
            bool | None, typer.Option("--history/--no-history", help=context.text("cli.serve.history"))
        ] = None,
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
        proxy: Annotated[
            list[str] | None, typer.Option(help=context.text("cli.serve.proxy"), metavar="ADDRESS")
        ] = None,
        limits: Annotated[str | None, typer.Option(help=context.text("cli.serve.limits"), metavar="URL")] = None,
        calibration: Annotated[
            Path | None, typer.Option(help=context.text("cli.serve.calibration"), metavar="FILE")
        ] = None,
        share: Annotated[bool, typer.Option("--share", help=context.text("cli.serve.share"))] = False,
        lang: Lang = None,
    ) -> None:
        from calame.service.settings import for_host

        check("--port", port, 0, LAST_PORT)
        check("--workers", workers, 1, MOST_WORKERS)
        check("--rate", rate or 0, 0, MOST_RATE)
        settings = for_host(
            context.settings, host, port, rate=rate, origins=origin or (), hosts=allow_host or (), proxies=proxy or (),
            limits=limits, shared=share,
        )  # fmt: skip
        if not (history or (history is None and not share)):
            settings = replace(settings, database=None)
        settings = replace(settings, calibration=checked(calibration))
        shown = sys.stdout.isatty() if open_it is None else open_it
        run(context, settings, workers, open_it=shown, share=share)


def checked(calibration: Path | None) -> Path | None:
    """Return where the calibration is; that it is none is said now, and not by the first request.

    Raises:
        BadCalibration: there is no such file, or it is something else.
    """
    if calibration is None:
        return None
    from calame.reader.budget import load_calibration

    load_calibration(calibration)
    return calibration.absolute()


def check(name: str, value: int, low: int, high: int) -> None:
    """Raise `BadParameter` for a value out of its range."""
    if not low <= value <= high:
        raise BadParameter(name=name, found=value, expected=f"{low} … {high}")


def run(context: Context, settings: "ServiceSettings", workers: int, *, open_it: bool, share: bool = False) -> None:
    """Serve until told to stop.

    Raises:
        PortTaken: another program listens there.
        MissingExtra, NoLinkToken, NoLink: a public link was asked for, and cannot be made.
    """
    from calame.service.listening import address_of, from_here, listen
    from calame.service.share import opened, public_link

    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:  # Ctrl-C ends it: no failure
        listening = stack.enter_context(listen(settings.host, settings.port))
        link = None
        if share:
            near, port = from_here(listening)
            link = stack.enter_context(public_link(near, port, context.settings.link))
            settings = opened(settings, link, near)
        say = partial(announce, context, address_of(listening), link, settings.database is not None, open_it=open_it)
        serve_on(listening, settings, workers, say)
    context.say("cli.serve.stopped")


def serve_on(listening: socket.socket, settings: "ServiceSettings", workers: int, say: Callable[[], None]) -> None:
    """Serve on a port, in one process or in several, and call `say` once it is ready."""
    signal.signal(signal.SIGTERM, leave)  # first: what follows takes a second, and in a container nobody else heeds it
    import uvicorn

    from calame.service.lines import log_to_stderr
    from calame.service.listening import options, server
    from calame.service.worker import create_worker

    if workers == 1:
        server(uvicorn.Config(create_worker(settings), **options(settings)), say).run(sockets=[listening])
    else:
        log_to_stderr()  # of the process that watches; each worker has its own
        settings = replace(settings, threads=max(1, settings.threads // workers))  # the cores are shared
        made = partial(create_worker, settings)  # pickled, and called in each process
        config = uvicorn.Config(made, factory=True, workers=workers, **options(settings))
        several(config, listening, say).run()


def several(config: "uvicorn.Config", listening: socket.socket, say: Callable[[], None]) -> "Multiprocess":
    """Return what runs several servers on one port, and calls `say` once the first of them listens."""
    from uvicorn.supervisors import Multiprocess

    from calame.service.listening import answers, for_workers, from_here

    class Announced(Multiprocess):
        def init_processes(self) -> None:
            super().init_processes()
            threading.Thread(target=self.tell, daemon=True).start()

        def tell(self) -> None:
            while not self.should_exit.is_set():  # the pipes to the processes are the supervisor's own
                if answers(*from_here(listening)):
                    return say()
                self.should_exit.wait(0.05)
            return None

    return Announced(config, sockets=[for_workers(listening)])


def leave(number: int, frame: object) -> None:
    """End at a SIGTERM as at a Ctrl-C: before uvicorn takes signals itself, and when it hands one on in the end."""
    raise KeyboardInterrupt


def announce(context: Context, address: str, link: str | None, kept: bool, *, open_it: bool) -> None:
    """Say where the app is, what leaves this machine, and who sees what is kept; open it for a person."""
    context.say("cli.serve.ready", address=address)
    if link is None:
        context.say("cli.serve.local")
    else:
        context.say("cli.serve.link", link=link)
        context.say("cli.serve.link_history" if kept else "cli.serve.link_private")
    if open_it:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()  # some wait for the browser
