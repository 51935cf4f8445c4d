"""The app inside a notebook: the service in a thread of the notebook's process, shown in a frame below the cell."""

import atexit
import sys
import threading
from dataclasses import replace
from importlib import import_module
from typing import Any

from calame.config import read_settings
from calame.service.listening import address_of, listen, options, server
from calame.service.settings import ServiceSettings, for_host

HOST = "127.0.0.1"
FRAMES = (  # that a notebook of this machine is shown in: a browser's page, or an editor's
    "http://localhost:*", "http://127.0.0.1:*", "https://localhost:*", "https://127.0.0.1:*",
    "vscode-webview:", "vscode-file:",
)  # fmt: skip
COLAB = ("https://colab.research.google.com", "https://*.googleusercontent.com")
CAMERA = 'allow="camera; clipboard-write"'  # a frame has neither unless it is given


class NotebookApp:
    """The app that a notebook has started.

    Attributes:
        address: where it is, for a browser on this machine.
    """

    def __init__(self, settings: ServiceSettings) -> None:
        import uvicorn

        from calame.service.app import create_app

        self._socket = listen(settings.host, settings.port)
        try:
            app = create_app(settings)
            self._closing = app.state.service.trainer.closing
        except BaseException:
            self._socket.close()
            raise
        self.address = address_of(self._socket)
        self.port = int(self._socket.getsockname()[1])
        self._settled = threading.Event()  # it listens, or it has failed
        self._server = server(uvicorn.Config(app, **options(settings)), self._settled.set)
        self._thread = threading.Thread(target=self._run, name="calame", daemon=True)
        self._thread.start()
        self._settled.wait()
        atexit.register(self.stop)

    @property
    def running(self) -> bool:
        """Whether it answers."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish what is running, and end; a second time it does nothing."""
        self._closing.set()  # what streams ends first
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        atexit.unregister(self.stop)

    def __repr__(self) -> str:
        return f"<Calame at {self.address}{'' if self.running else ', stopped'}>"

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._settled.set()


class _Shown:
    """What this process has started, so that a cell that is run again shows it again."""

    app: NotebookApp | None = None
    settings: ServiceSettings | None = None


def serve_in_notebook(port: int = 0, height: int = 800, *, history: bool = True) -> NotebookApp:
    """Start the app in this process and show it below the cell: in Jupyter, in an editor's notebook, or in Colab.

    The notebook's browser must run on this machine, or the notebook in Colab, which passes the port on. Outside of a
    notebook nothing is shown; the address can be opened all the same. A second call shows the app that runs; one with
    another port or another history stops it first.

    Args:
        port: to listen at, on this machine alone; 0 takes one that is free.
        height: of the frame, in pixels.
        history: whether what is read is kept, where `calame serve` keeps it.

    Raises:
        PortTaken: another program has the port.
        MissingModel, DamagedModel: the model in use does not open.

    Example:
        >>> app = calame.serve_in_notebook()
        >>> app.address
        'http://localhost:49152'
        >>> app.stop()
    """
    settings = settings_for(port, history, colab=in_colab())
    if _Shown.app is None or not _Shown.app.running or not same(settings, _Shown.settings):
        if _Shown.app is not None:
            _Shown.app.stop()
        _Shown.app, _Shown.settings = NotebookApp(settings), settings
    show(_Shown.app, height)
    return _Shown.app


def settings_for(port: int, history: bool, *, colab: bool) -> ServiceSettings:
    """Return the settings: those of one's own machine, and which pages may show ours in a frame."""
    made = replace(for_host(read_settings(), HOST, port), frames=COLAB if colab else FRAMES)
    if not history:
        made = replace(made, database=None)
    # Colab alone reaches the port, for the notebook's owner alone, under a host and from an origin of its own choice.
    return replace(made, hosts=(), origins=("*",)) if colab else made


def same(one: ServiceSettings, other: ServiceSettings | None) -> bool:
    """Whether two settings make the same service, but for the secret, which is new each time."""
    return other is not None and replace(one, secret=other.secret) == other


def in_colab() -> bool:
    """Whether this is Colab, whose kernels have its package loaded from the start."""
    return "google.colab" in sys.modules


def in_notebook() -> bool:
    """Whether cells of a notebook run here: IPython with a kernel, not in a terminal."""
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return getattr(shell, "kernel", None) is not None


def show(app: NotebookApp, height: int) -> None:
    """Show the app below the cell, if there is one."""
    if in_colab():
        output: Any = import_module("google.colab.output")
        output.serve_kernel_port_as_iframe(app.port, height=str(height))
    elif in_notebook():
        pages: Any = import_module("IPython.display")
        pages.display(pages.IFrame(app.address, "100%", height, extras=[CAMERA]))
