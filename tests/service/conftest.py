"""A service on the shipped weights, its client, and pictures to send; and `calame serve` in a process of its own."""

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager

import cv2
import numpy as np
import pytest
from starlette.testclient import TestClient

from calame.drawing.png import png
from calame.service.app import create_app
from calame.service.settings import ServiceSettings


def drawing() -> np.ndarray:
    """A one, as on a canvas, which the network is sure of at first look: (280, 280) uint8, dark on white."""
    picture = np.full((280, 280), 255, np.uint8)
    return cv2.line(picture, (150, 50), (130, 230), 0, 20, cv2.LINE_AA)


@pytest.fixture(scope="session")
def one() -> bytes:
    return png(drawing())


@pytest.fixture(scope="session")
def client():
    """A client of a service with the default settings, shared: tests change nothing in it."""
    with TestClient(create_app(ServiceSettings(threads=2))) as made:
        yield made


@pytest.fixture
def serving():
    """Start a service of its own: `serving(rate=2)` gives a client of it."""
    started = []

    def start(headers=None, **settings):
        entered = TestClient(create_app(ServiceSettings(threads=2, **settings)), headers=headers)
        started.append(entered)
        return entered.__enter__()

    yield start
    for entered in started:
        entered.__exit__(None, None, None)


@pytest.fixture
def running(tmp_path):
    """Run `calame serve`: `with running() as (process, address)`; its log is `tmp_path / "log"`."""

    @contextmanager
    def run():
        command = [sys.executable, "-m", "calame", "--lang", "en", "serve", "--no-browser", "--port", "0"]
        environment = os.environ | {"CALAME_HOME": str(tmp_path)}
        log = tmp_path / "log"
        with log.open("w") as stream, subprocess.Popen(command, stderr=stream, env=environment) as process:
            try:
                while not (said := re.search(r"http://localhost:(\d+)", log.read_text(encoding="utf-8"))):
                    assert process.poll() is None, log.read_text(encoding="utf-8")
                    time.sleep(0.05)
                yield process, ("127.0.0.1", int(said[1]))
            finally:
                process.kill()

    return run
