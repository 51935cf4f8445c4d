"""A service on the shipped weights, its client, and pictures to send."""

import numpy as np
import pytest
from starlette.testclient import TestClient

from calame.drawing.png import png
from calame.service.app import create_app
from calame.service.settings import ServiceSettings


def drawing() -> np.ndarray:
    """A one, as on a canvas: (280, 280) uint8, dark on white."""
    picture = np.full((280, 280), 255, np.uint8)
    picture[60:220, 130:150] = 0
    return picture


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
