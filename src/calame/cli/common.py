"""What every command shares: the settings, the two streams, the words, and how an error is told."""

import codecs
import contextlib
import io
import json
import re
import sys
import tempfile
import unicodedata
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from calame.config import Settings, quiet_tensorflow
from calame.errors import BadOutput, CalameError, MissingExtra
from calame.locale import text

NO_NAME = re.compile(r"(sequential|functional|model)(_\d+)?")  # what Keras calls a network without a name
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")  # drives a terminal, ends a line, or is no letter
PLAINER = "calame.plainer"  # the name of how what cannot be encoded is printed
ALIKE = str.maketrans({"’": "'", "–": "-", "→": "->", "×": "x", "œ": "oe"} | dict(zip("░▒▓█▀▄", ".:%#^_", strict=True)))
LONGEST_NAME = 64  # as in `artifact.NAME`
INTERRUPTED = 130  # 128 + SIGINT, the shells' convention


@dataclass(frozen=True)
class Context:
    """The settings of this call and the words of its language."""

    settings: Settings

    def text(self, key: str, **values: object) -> str:
        """Return a sentence of the catalogue in the user's language."""
        return text(key, self.settings.language, **values)

    def say(self, key: str, **values: object) -> None:
        """Print a sentence for the person, on stderr."""
        print(self.text(key, **values), file=sys.stderr)

    def tell(self, error: CalameError) -> None:
        """Print what went wrong, on stderr."""
        told = "\n".join(map(shown, error.message(self.settings.language).split("\n")))
        print(f"calame: {told}", file=sys.stderr)


def shown(name: str) -> str:
    """Return a file's name as a terminal may have it: whoever named the file does not drive it."""
    return UNSEEN.sub(lambda one: one[0].encode("unicode_escape").decode(), name)


def emit(value: Mapping[str, object]) -> None:
    """Print one JSON object on a line of stdout; with JSON's own escapes where stdout has no sign for all of it."""
    line = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:  # a narrow encoding, or bytes of a file's name that are no letters
        line = json.dumps(value, allow_nan=False)
    print(line)


def print_plainer() -> None:
    """Let stdout and stderr print something plainer in place of what their encoding has no sign for, and not fail.

    Windows' own, cp1252, lacks the narrow space of French before a %; where the locale says ASCII, most is lacking.
    """
    codecs.register_error(PLAINER, _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in ("strict", "backslashreplace"):
            stream.reconfigure(errors=PLAINER)


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """Return ASCII for letters that could not be encoded, and where to go on: a plainer sign, or an escape."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end].translate(ALIKE)
    plain = "".join(one for one in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(one))
    return plain.encode("ascii", "backslashreplace").decode(), error.end


def check_writable(folder: Path, option: str) -> None:
    """Make sure, before the work starts, that its result will have a place; nothing is made.

    Raises:
        BadOutput: `folder`, or the nearest folder above it that is there, cannot be written; `option` named it.
    """
    with writing(folder, option):
        nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
        with tempfile.TemporaryFile(dir=nearest):
            pass


@contextlib.contextmanager
def writing(folder: Path, option: str) -> Generator[None]:
    """Turn what the system says against writing into `folder` into `BadOutput`."""
    try:
        yield
    except OSError as error:
        raise BadOutput(path=folder, problem=error.strerror or error, option=option) from error


def ready_to_import(path: Path) -> None:
    """Load what reads a course file, once it is known to be one.

    Raises:
        ForeignModel, DamagedModel: it is no Keras file; said before TensorFlow's seconds of start-up.
        MissingExtra: the extra `train` is not installed.
    """
    try:
        from calame.export.kerasfile import open_file
        from calame.models.backend import load_keras

        open_file(path).weights.close()
        quiet_tensorflow()
        load_keras()
        import_module("calame.export.importer")  # and what it needs, ONNX among it
    except ImportError as error:
        raise MissingExtra(package=error.name or "keras", extra="train") from error


def name_for(path: Path) -> str:
    """Return a plain name for the model in a course file that is `ready_to_import`.

    Its file's, unless that is only "model": then that of the run's folder that it lies in, or of the network.
    """
    from calame.export.importer import name_of
    from calame.training.run import RECORD

    name = path.stem
    if name.lower() == "model":
        inner = name_of(path)
        own = "" if NO_NAME.fullmatch(inner) else inner
        name = path.resolve().parent.name if (path.parent / RECORD).is_file() else own
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-")[:LONGEST_NAME] or "model"


# `--lang` is read from argv before the commands are built (so that --help is translated too);
# each command declares it so that Typer accepts it anywhere and lists it.
Lang = Annotated[str | None, typer.Option("--lang", help="fr | en", metavar="LANG")]
