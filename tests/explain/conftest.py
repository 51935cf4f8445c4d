"""The shipped network, opened once, and digits as it sees them."""

from pathlib import Path

import numpy as np
import pytest

import calame
from calame.explain.network import Network
from calame.reader.digit import DigitReader
from calame.shelf import Shelf

SAMPLES = Path(calame.__file__).parent / "samples"


@pytest.fixture(scope="session")
def network() -> Network:
    return Network(Shelf(None).find("digits"))


@pytest.fixture(scope="session")
def samples() -> dict[int, np.ndarray]:
    """The sample pictures, prepared, by their digit."""
    reader = DigitReader()
    paths = [path for path in sorted(SAMPLES.iterdir()) if path.suffix in {".jpg", ".png"}]
    readings = [reader.read(path) for path in paths]
    return {reading.top(1)[0][0]: reading.prepared for reading in readings}


@pytest.fixture(scope="session")
def seven(samples) -> np.ndarray:
    return samples[7]


@pytest.fixture
def rough() -> np.ndarray:
    """A picture without two equal pixels beside each other: no maximum is shared, and no slope has a corner."""
    return np.random.default_rng(5).uniform(0.05, 0.95, (1, 28, 28, 1))
