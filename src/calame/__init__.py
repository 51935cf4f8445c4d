"""Calame reads handwritten digits from photos, scans and drawings, and shows how it knows.

    >>> import calame
    >>> reader = calame.DigitReader()                 # the shipped model, offline
    >>> reading = reader.read("photo.jpg")
    >>> reading.digit, reading.confidence
    >>> calame.CodeReader().read("amount.png").text   # a number of several digits
    >>> calame.FormReader({"client": "60,24,37,6"}).read("form.png")["client"].text   # one in its place on a form
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
    from calame.reader.code import CodeReader
    from calame.reader.digit import DigitReader
    from calame.reader.form import Field, FormReader
    from calame.service.notebook import serve_in_notebook
    from calame.types import Box, CodeReading, DigitReading, Picture, Quality, Trace

__all__ = [
    "Box", "CalameError", "CodeReader", "CodeReading", "DigitReader", "DigitReading", "Field", "FormReader",
    "ImageClassifier", "Picture", "Quality", "Trace",
    "__version__", "explain", "serve_in_notebook",
]  # fmt: skip

_HOMES = {
    "Box": "calame.types",
    "CalameError": "calame.errors",
    "CodeReader": "calame.reader.code",
    "CodeReading": "calame.types",
    "DigitReader": "calame.reader.digit",
    "DigitReading": "calame.types",
    "Field": "calame.reader.form",
    "FormReader": "calame.reader.form",
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
