"""What every command shares: the settings, the two streams, the words, and how an error is told."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from calame.config import Settings, quiet_tensorflow
from calame.errors import CalameError, MissingExtra
from calame.locale import text


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
        print(f"calame: {error.message(self.settings.language)}", file=sys.stderr)


def emit(value: Mapping[str, object]) -> None:
    """Print one JSON object on a line of stdout."""
    print(json.dumps(value, ensure_ascii=False, allow_nan=False))


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


# `--lang` is read from argv before the commands are built (so that --help is translated too);
# each command declares it so that Typer accepts it anywhere and lists it.
Lang = Annotated[str | None, typer.Option("--lang", help="fr | en", metavar="LANG")]
