"""`calame read`: files, folders and patterns in, one answer a line out, and never one bad file for the others.

1. gather the paths: a file as given, the pictures of a folder, what a pattern matches, `-` for stdin;
2. read them a few at a time, in order, each answer printed as soon as it is there;
3. name what could not be read, sum up, and exit 3 if anything could not.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from calame.cli.common import Context, Lang, emit
from calame.locale.numbers import percent

if TYPE_CHECKING:
    from calame.types import DigitReading, Quality

STDIN = "-"
BAD_INPUT = 3
SAMPLES = Path(__file__).parent.parent / "samples"
PATTERN = frozenset("*?[")
WIDEST_PATH = 48  # columns of the aligned listing


@dataclass(frozen=True)
class Wishes:
    """What the call wants to see besides the answer."""

    as_json: bool
    show: bool
    trace: Path | None


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("read", help=context.text("cli.read.help"))
    def read(  # pyright: ignore[reportUnusedFunction]
        paths: Annotated[list[str] | None, typer.Argument(help=context.text("cli.read.paths"), metavar="PATH")] = None,
        json: Annotated[bool, typer.Option("--json", help=context.text("cli.read.json"))] = False,
        show: Annotated[bool, typer.Option("--show", help=context.text("cli.read.show"))] = False,
        trace: Annotated[Path | None, typer.Option(help=context.text("cli.read.trace"), metavar="DIR")] = None,
        model: Annotated[str | None, typer.Option(help=context.text("cli.read.model"), metavar="M")] = None,
        tta: Annotated[bool, typer.Option("--tta", help=context.text("cli.read.tta"))] = False,
        samples: Annotated[bool, typer.Option("--samples", help=context.text("cli.read.samples"))] = False,
        lang: Lang = None,
    ) -> None:
        given = [str(SAMPLES)] if samples else paths or []
        raise typer.Exit(run(context, given, model, Wishes(json, show or samples, trace), tta=tta))


def run(context: Context, given: list[str], model: str | None, wishes: Wishes, *, tta: bool) -> int:
    """Read everything that `given` names and return the exit code."""
    from calame.errors import UsageError
    from calame.locale import Phrase
    from calame.reader.digit import DigitReader
    from calame.shelf import Shelf

    if not given:
        raise UsageError(problem=Phrase("cli.read.nothing_given"))
    reader = DigitReader(Shelf(context.settings.models).find(model), tta=tta)
    paths = [path for word in given for path in gather(word, context)]
    sources = (sys.stdin.buffer.read() if path == STDIN else path for path in paths)
    width = min(WIDEST_PATH, max((len(label(path)) for path in paths), default=0))
    tally: Counter[str] = Counter()
    readings = reader.stream(sources, trace=wishes.trace is not None)
    for path, reading in zip(paths, watched(readings, len(paths), context), strict=True):
        tally["failed" if reading.error else "rejected" if reading.rejected else "read"] += 1
        tell(path, reading, context, wishes, width)
        if wishes.trace is not None and reading.trace is not None:
            from calame.imaging.sheet import write_trace

            write_trace(reading.trace, wishes.trace, Path(path).stem if path != STDIN else "stdin")
    missing = len(given) > 0 and not paths
    if len(paths) > 1:
        context.say("cli.read.summary", **{name: tally[name] for name in ("read", "rejected", "failed")})
    return BAD_INPUT if tally["failed"] or missing else 0


def gather(word: str, context: Context) -> Iterator[str]:
    """Yield the paths that one word of the call names; what names nothing is left for the reader to report."""
    from calame.imaging.codec import SUFFIXES

    path = Path(word)
    if word == STDIN:
        yield word
    elif path.is_dir():
        found = sorted(
            (entry for entry in path.rglob("*") if entry.suffix.lower() in SUFFIXES),
            key=lambda entry: (entry.parent, entry.name),
        )
        if not found:
            context.say("cli.read.no_pictures", folder=word)
        yield from map(str, found)
    elif PATTERN & set(word) and not path.exists():
        base = Path(path.anchor) if path.anchor else Path()
        found = sorted(base.glob(str(path.relative_to(path.anchor)) if path.anchor else word))
        if not found:
            context.say("cli.read.no_match", pattern=word)
        yield from map(str, found)
    else:
        yield word


def watched(readings: Iterable["DigitReading"], total: int, context: Context) -> "Iterator[DigitReading]":
    """Yield the readings; on a terminal whose answers go elsewhere, show how far it is."""
    if total <= 1 or not sys.stderr.isatty() or sys.stdout.isatty():
        yield from readings
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True, no_color=not context.settings.colour), transient=True) as bar:
        yield from bar.track(readings, total=total, description=context.text("cli.read.progress"))


def tell(path: str, reading: "DigitReading", context: Context, wishes: Wishes, width: int) -> None:
    """Print one answer: a line for a person, or an object for a program; what is wrong goes to stderr as well."""
    if reading.error is not None:
        context.tell(reading.error)
    if wishes.as_json:
        emit(as_json(path, reading, context))
        return
    if reading.error is None:
        if wishes.show and reading.prepared is not None:
            print("\n".join(["", *picture(reading.prepared), ""]))
        print(line(label(path), reading, context, width), flush=True)


def label(path: str) -> str:
    """Return what a person calls a path: a sample's name says all, wherever the package lies."""
    return Path(path).name if Path(path).parent == SAMPLES else path


def line(path: str, reading: "DigitReading", context: Context, width: int) -> str:
    """Return the answer as one aligned line: path, digit, confidence, quality; or the reason for none."""
    language = context.settings.language
    sure = percent(reading.confidence, 1, language)
    if reading.rejected is not None:
        reason = context.text(f"reading.rejected.{reading.rejected}")
        best = "" if reading.prepared is None else context.text("cli.read.guess", digit=reading.top(1)[0][0], sure=sure)
        return f"{path:<{width}}  –  {reason}{best}"
    quality = "" if reading.quality is None else context.text(f"reading.quality.{reading.quality.level}")
    return f"{path:<{width}}  {reading.digit}  {sure:>7}  {quality}"


def picture(prepared: Any) -> list[str]:
    """Return the 28×28 as 14 lines of text: each character is two pixels, one above the other, in five greys."""
    shades = " ░▒▓█"
    tops, bottoms = prepared[::2] // 52, prepared[1::2] // 52  # 0..4
    rows: list[str] = []
    for top, bottom in zip(tops.tolist(), bottoms.tolist(), strict=True):
        pairs = zip(top, bottom, strict=True)
        rows.append("  " + "".join(_half(above, below, shades) for above, below in pairs).rstrip())
    return [row for row in rows if row.strip()] or [""]


def _half(above: int, below: int, shades: str) -> str:
    """One character for two pixels: half blocks where one is ink and the other is not, a shade where they agree."""
    if above >= 2 and below < 2:
        return "▀"
    if below >= 2 and above < 2:
        return "▄"
    return shades[(above + below + 1) // 2]


def as_json(path: str, reading: "DigitReading", context: Context) -> dict[str, object]:
    """Return the answer as plain values; the names are a contract."""
    error = reading.error
    return {
        "path": path,
        "digit": reading.digit,
        "confidence": round(reading.confidence, 6),
        "probabilities": [round(float(share), 6) for share in reading.probabilities],
        "top": [[digit, round(share, 6)] for digit, share in reading.top(3)],
        "rejected": reading.rejected,
        "quality": None if reading.quality is None else quality_json(reading.quality),
        "error": None if error is None else {"code": error.code, "message": error.message(context.settings.language)},
    }


def quality_json(quality: "Quality") -> dict[str, object]:
    """Return the quality as plain values."""
    parts: dict[str, object] = {
        name: round(getattr(quality, name), 4) for name in ("score", "contrast", "size", "aspect", "sharpness")
    }
    return {"level": quality.level} | parts
