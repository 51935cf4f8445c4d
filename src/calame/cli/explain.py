"""`calame explain`: what the network sees in a picture, and what its answer rests on, as pictures and as one page.

1. read the picture as `calame read` does, and open the model to be looked into;
2. find and draw what is asked for (see `inside`);
3. write a PNG for each, and one page that shows them in order; print what was found.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calame.cli.common import Context, Lang, check_writable, emit, writing
from calame.errors import BadParameter, InputError
from calame.locale import Phrase

if TYPE_CHECKING:
    from calame.cli.inside import Part
    from calame.reader.digit import DigitReader
    from calame.types import DigitReading

WHAT = ("maps", "filters", "cam", "occlusion", "neighbours", "visualise", "flip")
PLACE = Path("explained")
PAGE = "index.html"


@dataclass(frozen=True)
class Wishes:
    """What the call wants: which parts, where to, and whether for a program."""

    what: tuple[str, ...]
    out: Path
    as_json: bool


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""
    listed = ",".join(WHAT)

    @app.command("explain", help=context.text("cli.explain.help"), short_help=context.text("cli.explain.short"))
    def explain(  # pyright: ignore[reportUnusedFunction]
        picture: Annotated[str, typer.Argument(help=context.text("cli.explain.picture"), metavar="PICTURE")],
        model: Annotated[str | None, typer.Option(help=context.text("cli.read.model"), metavar="M")] = None,
        out: Annotated[Path, typer.Option(help=context.text("cli.explain.out"), metavar="DIR")] = PLACE,
        what: Annotated[str, typer.Option(help=context.text("cli.explain.what"), metavar="LIST")] = listed,
        json: Annotated[bool, typer.Option("--json", help=context.text("cli.explain.json"))] = False,
        lang: Lang = None,
    ) -> None:
        run(context, picture, model, Wishes(asked(what), out, json))


def asked(what: str) -> tuple[str, ...]:
    """Read the list of parts, in the order in which they are shown.

    Raises:
        BadParameter: one that is not known, or none.
    """
    words = {word.strip() for word in what.split(",") if word.strip()}
    if not words or not words <= set(WHAT):
        raise BadParameter(name="--what", found=repr(what[:60]), expected=",".join(WHAT))
    return tuple(word for word in WHAT if word in words)


def run(context: Context, picture: str, model: str | None, wishes: Wishes) -> None:
    """Explain one picture: files in a folder of its own, the facts on stdout, what could not be explained last."""
    from calame.cli.inside import Subject, parts
    from calame.explain.network import Network
    from calame.reader.digit import DigitReader
    from calame.shelf import Shelf

    check_writable(wishes.out, "--out")
    folder = Shelf(context.settings.models).find(model)
    reader = DigitReader(folder)
    reading = read(reader, picture)
    assert reading.prepared is not None
    subject = Subject(Network(folder), reading.prepared, reading.top(1)[0][0], context)
    found, errors = parts(subject, wishes.what)
    page = write(context, picture, reading, str(folder.manifest), found, wishes.out)
    if wishes.as_json:
        emit(as_json(picture, str(folder.manifest), reading, found, page))
    else:
        tell(context, picture, reading, found, page)
    for error in errors:
        context.tell(error)
    if errors:
        raise typer.Exit(max(error.exit_code for error in errors))


def read(reader: "DigitReader", picture: str) -> "DigitReading":
    """Read the picture.

    Raises:
        InputError: it cannot be read, or nothing of it reaches the network, which then sees nothing to explain.
    """
    import sys

    from calame.cli.gather import STDIN

    reading = reader.read(sys.stdin.buffer.read() if picture == STDIN else picture)
    if reading.prepared is None:
        raise InputError(name=picture, problem=Phrase(f"reading.rejected.{reading.rejected}"))
    return reading


def write(context: Context, picture: str, reading: "DigitReading", model: str, found: "list[Part]", out: Path) -> Path:
    """Write a PNG for each plate and the page, in a fresh folder below `out`; return the path of the page."""
    from calame.cli.evaluate import progress
    from calame.cli.gallery import page
    from calame.cli.gather import short_name
    from calame.imaging.sheet import MARK, fresh

    plates = [plate for part in found for plate in part.plates]
    with writing(out, "--out"), progress(context, context.text("cli.explain.writing")) as watch:
        folder = fresh(out, short_name(picture))
        (folder / MARK).touch()  # `calame read` passes its pictures by
        for done, plate in enumerate(plates, start=1):
            (folder / f"{plate.name}.png").write_bytes(plate.png())
            if watch:
                watch(done, len(plates))
        path = folder / PAGE
        made = page(context, Path(picture).name, reading, model, found)
        path.write_text(made, encoding="utf-8", errors="backslashreplace")  # of a file's name that is no UTF-8
    return path


def tell(context: Context, picture: str, reading: "DigitReading", found: "list[Part]", page: Path) -> None:
    """Print the answer, a line for each part, and where the page is; of a refusal, its leaning and the way out."""
    from calame.cli.read import label, line

    if reading.rejected is None:
        print(line(label(picture), reading, context, 0))
    else:
        reason = context.text(f"reading.rejected.{reading.rejected}")
        print(context.text("cli.explain.refused", path=label(picture), reason=reason))
        print(context.text("cli.explain.leaning", digit=reading.top(1)[0][0]))
        if reading.rejected == "several_digits":
            context.say("cli.explain.several")
    width = max(len(part.name) for part in found)
    for part in found:
        if part.said:
            print(f"  {part.name:<{width}}  {part.said}")
    print(page)


def as_json(picture: str, model: str, reading: "DigitReading", found: "list[Part]", page: Path) -> dict[str, object]:
    """Return what was found as plain values; the names are a contract."""
    files = [f"{plate.name}.png" for part in found for plate in part.plates]
    answer: dict[str, object] = {
        "path": picture,
        "model": model,
        "digit": reading.digit,
        "best": reading.top(1)[0][0],
        "confidence": round(reading.confidence, 6),
        "rejected": reading.rejected,
    }
    facts = {part.name: part.facts for part in found if part.facts is not None or part.name in WHAT}
    return answer | facts | {"page": str(page), "files": files}
