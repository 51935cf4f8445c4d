"""Tells the readings of codes as they come, a line or an object each, or a row of a table; and counts them.

Each is told as what it counts as: one whose `state` is for a person has its reason on its line, nothing else has one.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from calame.cli.common import Context, emit
from calame.locale.numbers import percent

if TYPE_CHECKING:
    from calame.cli.codes import CodeWishes
    from calame.cli.ledger import Ledger
    from calame.cli.read import Traces, Wishes
    from calame.service.code_sheet import CodeRow
    from calame.types import CodeReading

OTHERS, LIKELY = 3, 0.05  # other readings that are told of an answer: so many at most, each at least so probable
PAGE_HEIGHT, PAGE_SHAPE = 1000, 0.6  # of a picture that may be a page: pixels at least, and widths more than
COLON = re.compile(r"\s?: ")  # after a name; in French there is a space before it
WIDEST_CODE = 14  # columns of the aligned listing: a SIRET has as many digits


@dataclass
class Teller:
    """What becomes of each answer.

    Args:
        context, wishes, codes: what the call asks.
        ledger: the table that they go to, or None for the terminal.
        traces: where the pictures of the preparation go, or None.
        width: of the column of paths.
    """

    context: Context
    wishes: "Wishes"
    codes: "CodeWishes"
    ledger: "Ledger | None" = None
    traces: "Traces | None" = None
    width: int = 0

    def __post_init__(self) -> None:
        self.rows: list[CodeRow] = [] if self.ledger is None else [*self.ledger.rows]
        self.named = max((len(name) for name, _ in self.codes.settings.fields), default=0)  # width of fields' names
        self.pages = 0  # that were read as one number, and are refused or in doubt

    def tell(self, path: str, readings: "Sequence[CodeReading]") -> None:
        """Tell what was read on one picture, to a table in its own language; what is wrong goes to stderr as well."""
        from calame.service.code_sheet import row_of

        language = self.context.settings.language if self.ledger is None else self.ledger.language
        rows = [pathless(row_of(path, reading, language)) for reading in readings]
        whole = not self.codes.several and self.codes.settings.region is None and not self.codes.settings.fields
        self.pages += whole and rows[0].state in ("check", "refused") and page_like(readings[0])
        self.rows += rows if self.ledger is None else self.ledger.add(rows)
        if readings[0].error is not None:  # of the picture: of a form, all its fields have it
            self.context.tell(readings[0].error)
        for reading in readings:
            self._say(path, reading)
        self._keep_trace(path, readings)

    def _say(self, path: str, reading: "CodeReading") -> None:
        from calame.cli.read import label

        if self.wishes.as_json:
            emit(as_json(path, reading, self.context))
        elif reading.error is None and self.ledger is None:
            where = f"{label(path):<{self.width}}  {reading.field:<{self.named}}" if reading.field else label(path)
            print(line(where, reading, self.context, self.width), flush=True)

    def _keep_trace(self, path: str, readings: "Sequence[CodeReading]") -> None:
        from calame.cli.gather import short_name

        for reading in [one for one in readings if one.field] or readings[:1]:  # numbers of a page have one together
            if self.traces is not None and reading.trace is not None:
                self.traces.keep(reading.trace, f"{short_name(path)}-{reading.field}".removesuffix("-"))

    def end(self, *, complete: bool) -> int:
        """Close the table, write the report, sum up, and return the exit code."""
        from calame.cli.read import BAD_INPUT
        from calame.service.code_sheet import READ

        if self.traces is not None:
            self.traces.say()
        if self.ledger is not None:
            self.ledger.close(complete=complete)
        tally = Counter(row.state for row in self.rows)  # those that an earlier call has done, too
        if tally.total() > 1:
            self.context.say("cli.codes.summary", **{name: tally[name] for name in READ})
        if self.pages:
            self.context.say("cli.codes.pages", count=self.pages)
        if self.ledger is not None and (tally or not complete):
            self.context.say("cli.codes.written" if complete else "cli.codes.stopped", path=self.ledger.out)
            if self.codes.settings.max_wrong is None and tally["accepted"]:
                self.context.say("cli.codes.no_limit")
        if self.codes.report is not None:
            from calame.cli.code_report import write_report

            rows = self.rows if self.ledger is None else map(self.ledger.located, self.rows)
            write_report(list(rows), self.codes.report, self.context)
        return max(0 if self.traces is None else self.traces.exit_code, BAD_INPUT if tally["failed"] else 0)


def page_like(reading: "CodeReading") -> bool:
    """Return whether what was read is rather a page than the picture of a number."""
    width, height = reading.size or (0, 0)
    return height >= PAGE_HEIGHT and height > PAGE_SHAPE * width


def pathless(row: "CodeRow") -> "CodeRow":
    """Return a row whose reason does not name the picture, which has a column of its own."""
    if not row.reason.startswith(row.file):
        return row
    found = COLON.match(row.reason, len(row.file))
    return row if found is None else replace(row, reason=row.reason[found.end() :])


def line(path: str, reading: "CodeReading", context: Context, width: int) -> str:
    """Return the answer as one aligned line: path, text, confidence; or the reason for none, and the best guess.

    What stands between its digits is told behind it. An answer that is for a person to check has the reason at its
    end, with what else it may be.
    """
    from calame.service.code_sheet import change_words, reason_of

    language = context.settings.language
    sure, reason = percent(reading.confidence, 1, language), reason_of(reading, language)
    if reading.rejected is None:
        words = [f"{path:<{width}}", f"{reading.text:<{WIDEST_CODE}}", f"{sure:>7}"]
        if reading.written:
            words.append(context.text("cli.codes.as_written", written=reading.written))
        if reason:
            likely = [text for text, share in reading.alternatives[:OTHERS] if share > LIKELY]
            words.append(reason + (context.text("cli.codes.or", texts=", ".join(likely)) if likely else ""))
        return "  ".join(words)
    if reading.failed:
        reason += f" ({', '.join(reading.failed)})"
    guess = context.text("cli.codes.guess", text=reading.guess, sure=sure) if reading.guess else ""
    changed = "".join(f"; {change_words(change, language)}" for change in reading.changes)
    return f"{path:<{width}}  –  {reason}{guess}{changed}"


def as_json(path: str, reading: "CodeReading", context: Context) -> dict[str, object]:
    """Return the answer as plain values; the names are a contract."""
    from calame.service.code_values import code_json

    error, language = reading.error, context.settings.language
    told = None if error is None else {"code": error.code, "message": error.message(language)}
    return {"path": path, **code_json(reading, language), "error": told}
