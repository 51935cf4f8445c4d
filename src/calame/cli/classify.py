"""`calame classify`: what is on each picture, one answer a line, and never one bad file for the others.

1. gather the paths as `calame read` does; where none of them is there, nothing below is worth a download;
2. open the network; its weights are found, or fetched with a bar, and made a model folder at the first use;
3. read the pictures a few at a time, in order;
4. name what could not be read, sum up, and exit 3 if anything could not.
"""

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calame.cli.common import Context, Lang, emit, shown
from calame.cli.read import BAD_INPUT, WIDEST_PATH, watched
from calame.errors import MissingData, PictureNotFound
from calame.images.names import name_of
from calame.locale.numbers import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from calame.artifact import ModelFolder
    from calame.images.classifier import PictureReading

WORTH = 0.01  # a guess below this is not named to a person


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("classify", help=context.text("cli.classify.help"), short_help=context.text("cli.classify.short"))
    def classify(  # pyright: ignore[reportUnusedFunction]
        paths: Annotated[list[str] | None, typer.Argument(help=context.text("cli.read.paths"), metavar="PATH")] = None,
        json: Annotated[bool, typer.Option("--json", help=context.text("cli.read.json"))] = False,
        top: Annotated[int, typer.Option(help=context.text("cli.classify.top"), metavar="N", min=1)] = 5,
        model: Annotated[str | None, typer.Option(help=context.text("cli.classify.model"), metavar="M")] = None,
        lang: Lang = None,
    ) -> None:
        raise typer.Exit(run(context, paths or [], model, top, as_json=json))


def run(context: Context, given: list[str], model: str | None, top: int, *, as_json: bool) -> int:
    """Classify everything that `given` names and return the exit code."""
    from calame.cli.gather import STDIN, gather, say_left_out
    from calame.errors import UsageError
    from calame.imaging.pages import file_and_page
    from calame.locale import Phrase

    if not given:
        raise UsageError(problem=Phrase("cli.classify.nothing_given"))
    pile = gather(given)
    say_left_out(pile, context)
    tally: Counter[str] = Counter(failed=len(pile.errors))
    for error in pile.errors:
        context.tell(error)
        if as_json:
            emit(
                {"path": str(error.values["name"]), "predictions": [], "rejected": None, "error": told(error, context)}
            )
    there = any(path == STDIN or Path(file_and_page(path)[0]).exists() for path in pile.paths)
    width = min(WIDEST_PATH, max((len(shown(path)) for path in pile.paths), default=0))
    readings = read(pile.paths, model, context) if there else map(not_there, pile.paths)
    for path, reading in zip(pile.paths, readings, strict=True):
        tally["failed" if reading.error else "rejected" if reading.rejected else "read"] += 1
        if reading.error is not None:
            context.tell(reading.error)
        if as_json:
            emit(as_object(path, reading, top, context))
        elif reading.error is None:
            print(line(shown(path), reading, top, context, width), flush=True)
    if tally.total() > 1:
        context.say("cli.classify.summary", **{name: tally[name] for name in ("read", "rejected", "failed")})
    return BAD_INPUT if tally["failed"] else 0


def read(paths: "list[str]", model: str | None, context: Context) -> "Iterator[PictureReading]":
    """Open the network and yield what it says, in order."""
    from calame.cli.gather import STDIN
    from calame.images.classifier import ImageClassifier

    classifier = ImageClassifier(obtained(context, model))
    sources = (sys.stdin.buffer.read() if path == STDIN else path for path in paths)
    return watched(classifier.stream(sources), len(paths), context)


def not_there(path: str) -> "PictureReading":
    """Return what is said of a picture that is not there, without any network."""
    import numpy as np

    from calame.images.classifier import PictureReading

    return PictureReading((), np.empty(0, np.float32), error=PictureNotFound(name=path), name=path)


def obtained(context: Context, model: str | None) -> "ModelFolder":
    """Open a network for pictures; weights that are nowhere are fetched, with a bar on a terminal.

    Raises:
        MissingData, DownloadFailed: they cannot be had; the message has the command, or why.
    """
    from calame.images.weights import SET, Places, open_network

    wanted = Path(model) if model and len(Path(model).parts) > 1 else model
    try:
        return open_network(wanted, Places.of(context.settings), fetched=False)
    except MissingData:
        from calame.cli.data import obtain

        obtain(SET, (context.settings.data, context.settings.cache), context)
        return open_network(wanted, Places.of(context.settings), fetched=False)


def line(path: str, reading: "PictureReading", top: int, context: Context, width: int) -> str:
    """Return the answer as one aligned line: path, best class with its share, and what else it may be."""
    language = context.settings.language
    guesses = [
        f"{name_of(label, language, reading.classes)} {percent(share, 1, language)}"
        for label, share in reading.top(top)
        if share >= WORTH
    ]
    if reading.rejected is not None:
        guesses.insert(0, f"–  {context.text(f'picture.rejected.{reading.rejected}')}")
    others = context.text("cli.classify.others", guesses=", ".join(guesses[1:])) if guesses[1:] else ""
    return "  ".join([f"{path:<{width}}", *guesses[:1], *([f"({others})"] if others else [])])


def as_object(path: str, reading: "PictureReading", top: int, context: Context) -> dict[str, object]:
    """Return the answer as plain values; keys and labels are a contract, a class's name is for people."""
    error, language = reading.error, context.settings.language
    guesses = [] if error else reading.top(top)
    return {
        "path": path,
        "predictions": [
            {"label": label, "name": name_of(label, language, reading.classes), "probability": round(share, 6)}
            for label, share in guesses
        ],
        "rejected": reading.rejected,
        "error": None if error is None else told(error, context),
    }


def told(error: Any, context: Context) -> dict[str, object]:
    """Return an error as plain values."""
    return {"code": error.code, "message": error.message(context.settings.language)}
