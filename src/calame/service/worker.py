"""A process that does nothing but serve: the application, its log, and a collector of garbage that knows it.

Nothing heavy is loaded with this module: the process that starts several workers and watches them is no worker.
"""

import gc
import multiprocessing
import os
import signal
import threading
from typing import TYPE_CHECKING

from calame.service.settings import ServiceSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

SELDOM = (20_000, 20, 50)  # what must be new before the collector looks, by generation; Python's own is 700 or 2,000


def create_worker(settings: ServiceSettings) -> "FastAPI":
    """Return the service for a process of its own; arguments and errors as for `create_app`.

    What is loaded now stays, so that the collector need not walk through it again and again: a seventh more readings a
    second (`benchmarks/service.py`). What requests leave behind is freed without it, but for cycles.
    """
    from calame.service.app import create_app
    from calame.service.lines import log_to_stderr

    log_to_stderr()
    end_with_parent()
    app = create_app(settings)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*SELDOM)
    return app


def end_with_parent() -> None:
    """Stop, as a signal would, when the process that started this one is gone, killed perhaps: it keeps no port."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()
