"""`calame read`: files, folders and patterns in, one answer a line out, and never one bad file for the others.

1. gather the paths (see `gather`), and name what names nothing;
2. read them a few at a time, in order, each answer printed as soon as it is there;
3. name what could not be read, sum up, and exit 3 if anything could not.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from calame.cli.codes import CodeSettings, CodeWishes
from calame.cli.codes import run as run_codes
from calame.cli.common import Context, Lang, check_writable, emit, shown
from calame.cli.fields import fields_in
from calame.errors import UsageError
from calame.locale import Phrase, catalogue
from calame.locale.numbers import percent

if TYPE_CHECKING:
    from calame.types import DigitReading, Trace

Reading = TypeVar("Reading")

BAD_INPUT = 3
SAMPLES = Path(__file__).parent.parent / "samples"
WIDEST_PATH = 48  # columns of the aligned listing
PATIENCE = 2.0  # seconds without an answer after which a person is told that there is one to come
SURE = 0.9  # below this confidence, a person is asked to look again
GUESSES, LIKELY = 3, 0.01  # that are named then: at most so many, each at least so probable
GOOD = ("excellent", "good")
KIND = "codes.kind."  # begins the keys of the kinds' words
KINDS = ", ".join(key.removeprefix(KIND) for key in catalogue("en") if key.startswith(KIND))
ONE_DIGIT = ("unsure", "cut_off")  # why a picture of one digit is refused: only then is a best guess worth a word


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
        one_in: Annotated[int | None, typer.Option(help=context.text("cli.read.one_in"), metavar="N", min=1)] = None,
        samples: Annotated[bool, typer.Option("--samples", help=context.text("cli.read.samples"))] = False,
        code: Annotated[bool, typer.Option("--code", help=context.text("cli.read.code"))] = False,
        several: Annotated[bool, typer.Option("--several", help=context.text("cli.read.several"))] = False,
        check: Annotated[
            list[str] | None, typer.Option("--check", help=context.text("cli.read.check_option"), metavar="CHECK")
        ] = None,
        max_wrong: Annotated[str | None, typer.Option(help=context.text("cli.read.max_wrong"), metavar="SHARE")] = None,
        kind: Annotated[
            str | None, typer.Option(help=context.text("cli.read.kind", kinds=KINDS), metavar="KIND")
        ] = None,
        calibration: Annotated[
            Path | None, typer.Option(help=context.text("cli.read.calibration"), metavar="FILE")
        ] = None,
        region: Annotated[
            list[str] | None, typer.Option(help=context.text("cli.read.region"), metavar="[NAME=]L,T,W,H")
        ] = None,
        out: Annotated[Path | None, typer.Option(help=context.text("cli.read.out"), metavar="FILE")] = None,
        report: Annotated[Path | None, typer.Option(help=context.text("cli.read.report"), metavar="FILE")] = None,
        lang: Lang = None,
    ) -> None:
        given = [str(SAMPLES)] if samples else paths or []
        checks, fields = fields_in(region or [], check or [])
        place = None if fields or not region else region[0]
        how = CodeSettings(checks, max_wrong, kind, calibration, place, fields)
        asked = CodeWishes(how, several, out, report)
        if code:
            _refuse({"--tta": tta, "--one-in": one_in is not None, "--show": show, "--samples": samples})
            raise typer.Exit(run_codes(context, given, model, Wishes(json, False, trace), asked))
        if asked != CodeWishes():
            raise UsageError(problem=Phrase("cli.read.needs_code"))
        exit_code = run(context, given, model, Wishes(json, show or samples, trace), tta=tta, one_in=one_in)
        if samples:
            context.say("cli.read.own")
        raise typer.Exit(exit_code)


def _refuse(options: dict[str, bool]) -> None:
    """Say which options mean nothing for codes, rather than leave them out in silence."""
    for option, given in options.items():
        if given:
            raise UsageError(problem=Phrase("cli.read.not_for_codes", option=option))


def run(context: Context, given: list[str], model: str | None, wishes: Wishes, *, tta: bool, one_in: int | None) -> int:
    """Read everything that `given` names and return the exit code."""
    from calame.cli.gather import STDIN, gather, say_left_out, short_name
    from calame.reader.digit import DigitReader
    from calame.shelf import Shelf
    from calame.types import DigitReading

    if not given:
        raise UsageError(problem=Phrase("cli.read.nothing_given"))
    traces = None if wishes.trace is None else Traces(wishes.trace, context)
    reader = DigitReader(Shelf(context.settings.models).find(model), tta=tta, one_in=one_in)
    pile = gather(given)
    say_left_out(pile, context)
    width = min(WIDEST_PATH, max((len(label(path)) for path in pile.paths), default=0))
    tally: Counter[str] = Counter(failed=len(pile.errors))
    for error in pile.errors:
        tell(str(error.values["name"]), DigitReading(None, 0.0, error=error), context, wishes, width)
    sources = (sys.stdin.buffer.read() if path == STDIN else path for path in pile.paths)
    numbers = 0
    readings = reader.stream(sources, trace=traces is not None)
    for path, reading in zip(pile.paths, watched(readings, len(pile.paths), context), strict=True):
        tally["failed" if reading.error else "rejected" if reading.rejected else "read"] += 1
        numbers += reading.rejected == "several_digits"
        tell(path, reading, context, wishes, width)
        if traces is not None and reading.trace is not None:
            traces.keep(reading.trace, short_name(path))
    if traces is not None:
        traces.say()
    if tally.total() > 1:
        context.say("cli.read.summary", **{name: tally[name] for name in ("read", "rejected", "failed")})
    if numbers:
        context.say("cli.read.numbers")
    unwritten = 0 if traces is None else traces.exit_code
    return max(unwritten, BAD_INPUT if tally["failed"] else 0)


class Traces:
    """Where the traces of a call go; a place that cannot be written is refused at once, and later stops nothing.

    Raises:
        BadOutput: `folder` cannot be written.
    """

    def __init__(self, folder: Path, context: Context) -> None:
        check_writable(folder, "--trace")
        self.folder, self.context = folder, context
        self.made: list[Path] = []
        self.exit_code = 0

    def keep(self, trace: "Trace", name: str) -> None:
        """Write a trace into a folder of its own."""
        from calame.errors import BadOutput, CannotWrite
        from calame.imaging.sheet import write_trace

        try:
            self.made.append(write_trace(trace, self.folder, name))
        except CannotWrite as error:
            self.context.tell(BadOutput(**error.values, option="--trace"))
            self.exit_code = error.exit_code

    def say(self) -> None:
        """Say once where the traces are."""
        from calame.imaging.sheet import SHEET

        if self.made:
            place = self.made[0] if len(self.made) == 1 else self.folder / self.context.text("cli.read.any_name")
            self.context.say("cli.read.traced", path=place / SHEET)


def watched(
    readings: Iterable[Reading], total: int, context: Context, *, done: int = 0, silent: bool = False
) -> "Iterator[Reading]":
    """Yield the readings; on a terminal whose answers go elsewhere, show how far it is and how long it takes.

    Where there is no bar, a first answer that is long in coming is announced: a page with many numbers takes seconds.

    Args:
        readings: those to come.
        total: how many there are in all.
        context: of the words and colours.
        done: how many of them are done already.
        silent: nothing is printed on stdout.
    """
    if not sys.stderr.isatty():
        yield from readings
        return
    if total <= 1 or (sys.stdout.isatty() and not silent):
        yield from announced(readings, context)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True, no_color=not context.settings.colour)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:  # answers stay on stdout
        task = bar.add_task(context.text("cli.read.progress"), total=total, completed=done)
        for reading in readings:
            bar.advance(task)
            yield reading


def announced(readings: Iterable[Reading], context: Context) -> "Iterator[Reading]":
    """Yield the readings; say that they are being read when the first is not there after a while."""
    timer = Timer(PATIENCE, context.say, ["cli.read.patience"])
    timer.daemon = True
    timer.start()
    try:
        for reading in readings:
            timer.cancel()
            yield reading
    finally:
        timer.cancel()


def tell(path: str, reading: "DigitReading", context: Context, wishes: Wishes, width: int) -> None:
    """Print one answer: a line for a person, or an object for a program; what is wrong goes to stderr as well."""
    if reading.error is not None:
        context.tell(reading.error)
    if wishes.as_json:
        emit(as_json(path, reading, context))
        return
    if reading.error is None:
        print(line(label(path), reading, context, width), flush=True)
        if wishes.show and reading.prepared is not None:
            print("\n".join([*picture(reading.prepared), ""]), flush=True)


def label(path: str) -> str:
    """Return what a person calls a path, on a terminal: a sample's name says all, wherever the package lies."""
    return shown(Path(path).name if Path(path).parent == SAMPLES else path)


def line(path: str, reading: "DigitReading", context: Context, width: int) -> str:
    """Return the answer as one aligned line: path, digit, confidence; or the reason for none.

    What speaks against taking it as it is stands at the end: a low confidence with what else it may be, and a
    picture that is less than good.
    """
    language = context.settings.language
    sure = percent(reading.confidence, 1, language)
    if reading.rejected is not None:
        reason = context.text(f"reading.rejected.{reading.rejected}")
        seen = reading.prepared is not None and reading.rejected in ONE_DIGIT
        best = context.text("cli.read.guess", digit=reading.top(1)[0][0], sure=sure) if seen else ""
        return f"{path:<{width}}  –  {reason}{best}"
    words = [f"{path:<{width}}", str(reading.digit), f"{sure:>7}"]
    if reading.confidence < SURE:
        likely = [str(digit) for digit, share in reading.top(GUESSES) if share > LIKELY]
        words.append(context.text("cli.read.check", digits=context.text("cli.read.or").join(likely)))
    if reading.quality is not None and reading.quality.level not in GOOD:
        words.append(context.text("cli.read.quality", level=context.text(f"reading.quality.{reading.quality.level}")))
        words += [context.text(f"reading.advice.{advice}") for advice in reading.quality.advice[:1]]
    return "  ".join(words)


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
    from calame.service.digit_values import quality_json

    error, language = reading.error, context.settings.language
    asked = reading.prepared is not None  # else the network has said nothing
    return {
        "path": path,
        "digit": reading.digit,
        "confidence": round(reading.confidence, 6),
        "probabilities": [round(float(share), 6) for share in reading.probabilities] if asked else None,
        "top": [[digit, round(share, 6)] for digit, share in reading.top(GUESSES if asked else 0)],
        "rejected": reading.rejected,
        "looks": reading.looks,
        "quality": None if reading.quality is None else quality_json(reading.quality, language),
        "error": None if error is None else {"code": error.code, "message": error.message(language)},
    }
