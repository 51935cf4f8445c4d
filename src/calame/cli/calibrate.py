"""`calame calibrate`: how sure is sure enough on one's own pictures of numbers.

1. read a folder of labelled pictures, on every core;
2. measure how often readings of each confidence are wrong, and write it to a file;
3. say what that sample can promise. `calame read --code` and `calame serve` take the file with `--calibration`.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calame.cli.codes import CodeSettings, reader_of
from calame.cli.common import Context, Lang, check_writable, emit, writing
from calame.locale.numbers import number, percent

if TYPE_CHECKING:
    from calame.cli.pile import Make
    from calame.reader.budget import Calibration, Curve
    from calame.reader.code import CodeReader
    from calame.types import Budget, CodeReading

BAD_INPUT = 3
OUT = Path("calibration.json")


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("calibrate", help=context.text("cli.calibrate.help"), short_help=context.text("cli.calibrate.short"))
    def calibrate(  # pyright: ignore[reportUnusedFunction]
        folder: Annotated[Path, typer.Argument(help=context.text("cli.calibrate.folder"), metavar="DIR")],
        out: Annotated[Path, typer.Option(help=context.text("cli.calibrate.out"), metavar="FILE")] = OUT,
        name: Annotated[str | None, typer.Option(help=context.text("cli.calibrate.name"), metavar="NAME")] = None,
        check: Annotated[
            list[str] | None, typer.Option("--check", help=context.text("cli.calibrate.check"), metavar="CHECK")
        ] = None,
        region: Annotated[
            str | None, typer.Option(help=context.text("cli.calibrate.region"), metavar="L,T,W,H")
        ] = None,
        model: Annotated[str | None, typer.Option(help=context.text("cli.read.model"), metavar="M")] = None,
        json: Annotated[bool, typer.Option("--json", help=context.text("cli.calibrate.json"))] = False,
        lang: Lang = None,
    ) -> None:
        wanted = name or folder.resolve().name
        settings = CodeSettings(tuple(check or ()), region=region)
        raise typer.Exit(run(context, folder, out, wanted, settings, model, as_json=json))


def run(
    context: Context, folder: Path, out: Path, name: str, settings: CodeSettings, model: str | None, *, as_json: bool
) -> int:
    """Read a folder of labelled numbers, write the calibration, and return the exit code.

    Raises:
        NoSuchData, InputError: no such folder, or no labels in it.
        UsageError: too few pictures to say anything.
        BadOutput: the file cannot be written.
    """
    from calame.data.numbers import load_numbers
    from calame.errors import UsageError
    from calame.locale import Phrase
    from calame.reader.calibrating import FEWEST, measured

    check_writable(out.absolute().parent, "--out")
    make = partial(reader_of, context.settings.models, model, settings)
    reader = make()
    paths, texts = load_numbers(folder)
    if len(paths) < FEWEST:
        problem = Phrase("reader.few_labels", pictures=len(paths), labels=len(texts), least=FEWEST)
        raise UsageError(problem=problem)
    readings = read(context, make, reader, [str(path) for path in paths])
    there = [(one, text) for one, text in zip(readings, texts, strict=True) if one.error is None]
    if len(there) < FEWEST:
        for error in (one.error for one in readings if one.error is not None):
            context.tell(error)
        raise UsageError(problem=Phrase("reader.few_labels", pictures=len(there), labels=len(texts), least=FEWEST))
    found = measured(reader, [one for one, _ in there], [text for _, text in there], name=name)
    with writing(out, "--out"):
        found.save(out)
    tell(context, found, out, as_json=as_json)
    bad = [reading.error for reading in readings if reading.error is not None]
    for error in bad:
        context.tell(error)
    return BAD_INPUT if bad else 0


def read(context: Context, make: "Make", reader: "CodeReader", paths: Sequence[str]) -> "list[CodeReading]":
    """Read one number on each picture, in order, and show how far it is."""
    from calame.cli.pile import Crew, How
    from calame.cli.read import watched

    with Crew(make, How()) as crew:
        found = crew.read(reader, paths, len(paths))
        return [one for (one,) in watched(found, len(paths), context, silent=True)]


def tell(context: Context, found: "Calibration", out: Path, *, as_json: bool) -> None:
    """Say what was measured, and what it can promise."""
    from calame.service.code_values import budget_json

    curve = found.curve()
    able = curve.able()
    if as_json:
        emit({"name": found.name, "file": str(out), "count": curve.count, "right": curve.right,
              "able": [budget_json(budget) for budget in able]})  # fmt: skip
        return
    for line in lines(context, found, curve, able):
        print(line)
    strictest = max((round(1 / budget.max_wrong) for budget in able), default=0)
    context.say("cli.calibrate.written", path=out, wish=f" --max-wrong 1/{strictest}" if strictest else "")


def lines(context: Context, found: "Calibration", curve: "Curve", able: "Sequence[Budget]") -> list[str]:
    """Return what is said to a person."""
    language = context.settings.language
    right, count = percent(curve.right / curve.count, 1, language), number(curve.count, 0, language)
    head = context.text("cli.calibrate.measured", name=found.name, count=count, right=right)
    if not able:
        return [head, context.text("cli.calibrate.nothing")]
    return [head, *(promise(context, budget) for budget in able)]


def promise(context: Context, budget: "Budget") -> str:
    """Return one line: at most so many wrong, and what it costs."""
    language = context.settings.language
    return context.text(
        "cli.calibrate.promise",
        one_in=number(round(1 / budget.max_wrong), 0, language),
        refused=percent(budget.refused, 1, language),
        wrong=number(budget.wrong, 0, language),
        answered=number(budget.answered, 0, language),
        bound=percent(budget.bound, 2, language),
    )
