"""`calame read --code`: numbers of several digits, one answer a line, as `calame read` gives single digits.

A reading that a check would have otherwise is told with its change, and is never an answer.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from calame.cli.common import Context, emit
from calame.locale.numbers import percent

if TYPE_CHECKING:
    from calame.cli.read import Wishes
    from calame.types import Change, CodeReading

OTHERS = 3  # other readings that are told of a doubtful one


@dataclass(frozen=True)
class CodeWishes:
    """What the call asks of codes: its checks as text, and whether a picture shows several numbers."""

    checks: tuple[str, ...] = ()
    several: bool = False


def run(context: Context, given: list[str], model: str | None, wishes: "Wishes", codes: CodeWishes) -> int:
    """Read the codes of everything that `given` names and return the exit code.

    Raises:
        BadCheck: a check that does not parse.
    """
    from calame.cli.gather import STDIN, gather, say_left_out
    from calame.cli.read import BAD_INPUT, WIDEST_PATH, Traces, label
    from calame.errors import InputError, UsageError
    from calame.locale import Phrase
    from calame.reader.code import CodeReader
    from calame.shelf import Shelf
    from calame.types import CodeReading

    if not given:
        raise UsageError(problem=Phrase("cli.read.nothing_given"))
    reader = CodeReader(Shelf(context.settings.models).find(model), checks=codes.checks)
    traces = None if wishes.trace is None else Traces(wishes.trace, context)
    pile = gather(given)
    say_left_out(pile, context)
    width = min(WIDEST_PATH, max((len(label(path)) for path in pile.paths), default=0))
    tally: Counter[str] = Counter(failed=len(pile.errors))
    for error in pile.errors:
        tell(str(error.values["name"]), CodeReading(None, 0.0, error=error), context, wishes, width)
    for path in pile.paths:
        source = sys.stdin.buffer.read() if path == STDIN else path
        try:
            found = reader.read(source, several=True, trace=traces is not None) if codes.several else [
                reader.read(source, trace=traces is not None)
            ]  # fmt: skip
        except InputError as error:
            found = [CodeReading(None, 0.0, error=error)]
        if not found:
            context.say("cli.codes.none", path=label(path))
        for reading in found:
            tally["failed" if reading.error else "rejected" if reading.rejected else "read"] += 1
            tell(path, reading, context, wishes, width)
        if traces is not None and found and found[0].trace is not None:
            traces.keep(found[0].trace, "stdin" if path == STDIN else Path(path).stem)
    if traces is not None:
        traces.say()
    if tally.total() > 1:
        context.say("cli.read.summary", **{name: tally[name] for name in ("read", "rejected", "failed")})
    return max(0 if traces is None else traces.exit_code, BAD_INPUT if tally["failed"] else 0)


def tell(path: str, reading: "CodeReading", context: Context, wishes: "Wishes", width: int) -> None:
    """Print one answer: a line for a person, or an object for a program; what is wrong goes to stderr as well."""
    from calame.cli.read import label

    if reading.error is not None:
        context.tell(reading.error)
    if wishes.as_json:
        emit(as_json(path, reading, context))
    elif reading.error is None:
        print(line(label(path), reading, context, width), flush=True)


def line(path: str, reading: "CodeReading", context: Context, width: int) -> str:
    """Return the answer as one aligned line: path, text, confidence; or the reason for none, and the best guess."""
    language = context.settings.language
    sure = percent(reading.confidence, 1, language)
    if reading.rejected is None:
        words = [f"{path:<{width}}", str(reading.text), f"{sure:>7}"]
        likely = [text for text, share in reading.alternatives[:OTHERS] if share > 0.05]
        if likely:
            words.append(context.text("cli.codes.or", texts=", ".join(likely)))
        return "  ".join(words)
    reason = context.text(f"reading.rejected.{reading.rejected}")
    if reading.failed:
        reason += f" ({', '.join(reading.failed)})"
    guess = context.text("cli.codes.guess", text=reading.guess, sure=sure) if reading.guess else ""
    changed = "".join(f"; {_change(change, context)}" for change in reading.changes)
    return f"{path:<{width}}  –  {reason}{guess}{changed}"


def _change(change: "Change", context: Context) -> str:
    """Say what a check would have otherwise, places counted from 1."""
    return context.text(
        "cli.codes.change", place=change.place + 1, read=change.read or "–", instead=change.instead or "–"
    )


def as_json(path: str, reading: "CodeReading", context: Context) -> dict[str, object]:
    """Return the answer as plain values; the names are a contract."""
    error = reading.error
    return {
        "path": path,
        "text": reading.text,
        "confidence": round(reading.confidence, 6),
        "digits": [
            {"digit": digit, "confidence": round(sure, 6), "box": list(box)} for digit, sure, box in reading.digits
        ],
        "rejected": reading.rejected,
        "guess": reading.guess or None,
        "alternatives": [[text, round(share, 6)] for text, share in reading.alternatives],
        "repaired": reading.repaired,
        "changes": [change._asdict() for change in reading.changes],
        "failed": list(reading.failed),
        "separators": [
            {"mark": mark, "after": after, "box": None if box is None else list(box)}
            for mark, after, box in reading.separators
        ],
        "box": None if reading.box is None else list(reading.box),
        "error": None if error is None else {"code": error.code, "message": error.message(context.settings.language)},
    }
