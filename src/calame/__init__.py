"""Calame reads handwritten digits from photos, scans and drawings, and shows how it knows.

    >>> import calame
    >>> reader = calame.DigitReader()                 # the shipped model, offline
    >>> reading = reader.read("photo.jpg")
    >>> reading.digit, reading.confidence
    >>> calame.explain.occlusion("digits", reading.prepared, reading.digit)   # and what the answer rests on

The names below are resolved on first use, so that `import calame` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:
    from calame import explain
    from calame.errors import CalameError
    from calame.images.classifier import ImageClassifier
    from calame.reader.digit import DigitReader
    from calame.service.notebook import serve_in_notebook
    from calame.types import Box, DigitReading, Picture, Quality, Trace

__all__ = [
    "Box", "CalameError", "DigitReader", "DigitReading", "ImageClassifier", "Picture", "Quality", "Trace",
    "__version__", "explain", "serve_in_notebook",
]  # fmt: skip

_HOMES = {
    "Box": "calame.types",
    "CalameError": "calame.errors",
    "DigitReader": "calame.reader.digit",
    "DigitReading": "calame.types",
    "ImageClassifier": "calame.images.classifier",
    "Picture": "calame.types",
    "Quality": "calame.types",
    "Trace": "calame.types",
    "serve_in_notebook": "calame.service.notebook",
    "explain": "calame.explain",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'calame' has no attribute {name!r}")
    home = import_module(_HOMES[name])
    value = home if _HOMES[name] == f"calame.{name}" else getattr(home, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
