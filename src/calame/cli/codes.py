"""`calame read --code`: numbers of several digits, one answer a line, as `calame read` gives single digits.

1. the reader, and where its answers go: terminal, or a table that outlives a kill (`ledger`);
2. read what the table does not have yet, on every core, in order (`pile`), each answer told at once;
3. sum up; at Ctrl-C as well, and the same call goes on later.

A reading that a check would have otherwise is told with its change, and is never an answer.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from os.path import isfile
from pathlib import Path
from typing import TYPE_CHECKING

from calame.cli.code_teller import Teller
from calame.cli.common import INTERRUPTED, Context, check_writable
from calame.errors import BadOutput, UsageError
from calame.locale import Phrase, catalogue
from calame.locale.numbers import number, percent

if TYPE_CHECKING:
    from calame.cli.pile import Crew, Source
    from calame.cli.read import Wishes
    from calame.reader.code import CodeReader
    from calame.reader.form import Field, FormReader
    from calame.types import CodeReading


@dataclass(frozen=True)
class CodeSettings:
    """How codes are read; as `CodeReader`'s arguments of these names, and the fields of a form as `FormReader`'s."""

    checks: tuple[str, ...] = ()
    max_wrong: str | None = None
    kind: str | None = None
    calibration: Path | None = None
    region: str | None = None
    fields: "tuple[tuple[str, Field], ...]" = ()


@dataclass(frozen=True)
class CodeWishes:
    """What the call asks of codes: how they are read, one or several on a picture, and where the answers go."""

    settings: CodeSettings = CodeSettings()
    several: bool = False
    out: Path | None = None
    report: Path | None = None


def run(context: Context, given: list[str], model: str | None, wishes: "Wishes", codes: CodeWishes) -> int:
    """Read the codes of everything that `given` names and return the exit code.

    Raises:
        BadCheck: a check that does not parse.
        BadParameter: a region that is none.
        UsageError: a share of wrong answers that cannot be promised, a table that is not ours or was read otherwise;
            every number on a picture is asked for, and fields as well.
        BadOutput: a place that cannot be written.
    """
    from calame.cli.pile import Crew, How

    if not given:
        raise UsageError(problem=Phrase("cli.read.nothing_given"))
    if codes.several and codes.settings.fields:
        raise UsageError(problem=Phrase("cli.fields.several"))
    make = partial(form_of if codes.settings.fields else reader_of, context.settings.models, model, codes.settings)
    with Crew(make, How(codes.several, wishes.trace is not None)) as crew:
        crew.start(about(given))  # before what is slow to load is loaded here
        return read_all(context, given, model, wishes, codes, crew)


def about(given: Iterable[str]) -> int:
    """Return about how many pictures the words name: what a glance tells."""
    count = 0
    for word in given:
        with suppress(OSError):  # said when it is read
            count += len(os.listdir(word)) if os.path.isdir(word) else 1
    return count


def read_all(
    context: Context, given: list[str], model: str | None, wishes: "Wishes", codes: CodeWishes, crew: "Crew"
) -> int:
    """Do what `run` does, once its crew is on the way."""
    from calame.cli.gather import gather, say_left_out
    from calame.cli.ledger import Ledger, say_found
    from calame.cli.pile import unread
    from calame.cli.read import Traces

    reader = crew.make()
    say_budget(reader, context)  # first of all: what is wrong with the call is said before the work
    traces = None if wishes.trace is None else Traces(wishes.trace, context)
    if codes.report is not None:
        check_writable(codes.report.absolute().parent, "--report")
    pile = gather(given)
    ledger = None
    if codes.out is not None:
        plain = model is None and codes.settings == CodeSettings() and not codes.several
        how = how_each(reader, codes)
        ledger = Ledger(codes.out, context.settings.language, how, plain=plain, pictures=pile.paths)
    say_left_out(pile, context)
    missed = [str(error.values["name"]) for error in pile.errors]  # words that name nothing
    todo = pile.paths
    if ledger is not None:
        ledger.try_again([*todo, *missed])
        todo = ledger.left(todo)
        say_found(ledger, len(todo), len(pile.paths), context)
    teller = Teller(context, wishes, codes, ledger, traces)
    teller.width = widest(todo)
    for word, error in zip(missed, pile.errors, strict=True):
        teller.tell(word, unread(reader, error))
    return work(teller, crew.read(reader, map(source_of, todo), len(todo)), todo, len(pile.paths))


def work(teller: "Teller", found: "Iterator[list[CodeReading]]", todo: Sequence[str], total: int) -> int:
    """Tell what is read and return the exit code; Ctrl-C leaves what is done.

    Args:
        teller: tells each answer.
        found: what is read on each picture.
        todo: their paths.
        total: how many pictures there are, those that an earlier call has read among them.

    Raises:
        BadOutput: the table takes no more; what is done is in it, whole.
    """
    from calame.cli.read import watched

    silent = teller.ledger is not None and not teller.wishes.as_json
    try:
        shown = watched(found, total, teller.context, done=total - len(todo), silent=silent)
        for path, readings in zip(todo, shown, strict=True):
            teller.tell(path, readings)
    except KeyboardInterrupt:
        teller.end(complete=False)
        return INTERRUPTED
    except BadOutput:  # a full disk
        if teller.ledger is not None:
            teller.context.say("cli.codes.stopped", path=teller.ledger.journal)
        raise
    return teller.end(complete=True)


def reader_of(models: Path, model: str | None, settings: CodeSettings) -> "CodeReader":
    """Return a reader; called once in each process."""
    from calame.reader.code import CodeReader
    from calame.shelf import Shelf

    return CodeReader(
        Shelf(models).find(model), checks=settings.checks, max_wrong=settings.max_wrong, kind=settings.kind,
        calibration=settings.calibration, region=settings.region,
    )  # fmt: skip


def form_of(models: Path, model: str | None, settings: CodeSettings) -> "FormReader":
    """Return a reader of forms; called once in each process."""
    from calame.reader.form import FormReader
    from calame.shelf import Shelf

    return FormReader(
        dict(settings.fields), Shelf(models).find(model), checks=settings.checks, max_wrong=settings.max_wrong,
        kind=settings.kind, calibration=settings.calibration,
    )  # fmt: skip


def how_each(reader: "CodeReader | FormReader", codes: CodeWishes) -> dict[str, str]:
    """Return how the number of each field is read, in words; where there are no fields, under the name ""."""
    from calame.reader.code import CodeReader

    fields = {"": reader} if isinstance(reader, CodeReader) else reader.fields
    return {name: in_words(one, codes, name) for name, one in fields.items()}


def in_words(reader: "CodeReader", codes: CodeWishes, field: str = "") -> str:
    """Return how codes are read, as the options that ask for it: the same words when the same is asked for.

    The model is named even when nobody chose it, as another may be the usual one when the call is made again. A file
    counts by its name and its content, wherever it lies; the order of the checks does not.

    Example:
        model=digits@1 check=length(5) check=luhn max-wrong=1/200 region=60,5,35,8 several
        model=digits@1 check=siren region=client:60,24,37,6
    """
    from calame.reader.budget import stamped

    settings = codes.settings
    words = ["model=custom" if reader.folder is None else f"model={reader.folder.manifest}"]
    for check in sorted(reader.checks, key=str):
        listed = check.name == "oneof" and isfile(check.argument or "")  # no error for codes written out at length
        words.append(f"check=oneof({stamped(Path(check.argument or ''))})" if listed else f"check={check}")
    if reader.budget is not None:
        words.append(f"max-wrong=1/{1 / reader.budget.max_wrong:.6g}")
    if settings.kind is not None:
        words.append(f"kind={settings.kind}")
    if settings.calibration is not None:
        words.append(f"calibration={stamped(settings.calibration)}")
    if reader.region is not None:
        words.append(f"region={field}:{reader.region}" if field else f"region={reader.region}")
    return " ".join([*words, *(["several"] * codes.several)])


def say_budget(reader: "CodeReader | FormReader", context: Context) -> None:
    """Say what a wish for few wrong answers costs, and what the sample that says so allows to promise."""
    budget, language = reader.budget, context.settings.language
    if budget is not None:
        refused, bound = percent(budget.refused, 1, language), percent(budget.bound, 2, language)
        one_in = number(1 / budget.max_wrong, 0, language)
        kind = catalogue(language).get(f"codes.kind.{budget.kind}", budget.kind)  # one of one's own has its own name
        context.say("cli.codes.budget", one_in=one_in, kind=kind, count=budget.count, refused=refused, bound=bound)


def source_of(path: str) -> "Source":
    """Return what is read: the path, or what comes in on stdin."""
    from calame.cli.gather import STDIN

    return sys.stdin.buffer.read() if path == STDIN else path


def widest(paths: Iterable[str]) -> int:
    """Return the width of the column of paths."""
    from calame.cli.read import WIDEST_PATH, label

    return min(WIDEST_PATH, max((len(label(path)) for path in paths), default=0))
