"""The test sheet: what was read, what was really written, and what can be said about the reader from it.

Pure functions over entries. Only an entry that has both an answer and a truth is a test; a refused reading is
counted apart, for it is neither right nor wrong. Knows no database, no language and no file format.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from calame.service.store import Entry
from calame.training.intervals import Interval, wilson
from calame.types import DIGITS

LEAST = 3  # tests of a digit below which nothing is said about it


@dataclass(frozen=True)
class DigitScore:
    """How one digit was read, when it was really written.

    Attributes:
        digit: 0-9.
        n: tests of it.
        right: how many were read as it.
        rate: right / n, or None without a test.
        interval: Wilson, 95 %; (0, 1) without a test.
    """

    digit: int
    n: int
    right: int

    @property
    def rate(self) -> float | None:
        """Share of tests that were right."""
        return self.right / self.n if self.n else None

    @property
    def interval(self) -> Interval:
        """Where the true rate may lie."""
        return wilson(self.right, self.n)


@dataclass(frozen=True)
class Sheet:
    """The figures of a test sheet.

    Attributes:
        rows: the entries, oldest first, tests or not.
        entries: how many there are; more than `rows` where only the newest are listed.
        n: tests: entries with an answer and a truth.
        right: tests whose answer was the truth.
        rate: right / n, or None without a test.
        interval: Wilson, 95 %, of the rate; (0, 1) without a test.
        mean_confidence: over the tests, 0-1, to be held against the rate; None without a test.
        digits: ten scores, by true digit.
        best: digits with the highest rate, ties and all; see `extremes`.
        hardest: digits with the lowest.
        confusion: (10, 10) counts of tests; row: what was written, column: what was read.
        refused: entries without an answer.
        unjudged: entries with an answer whose truth nobody has said.
    """

    rows: tuple[Entry, ...]
    entries: int
    n: int
    right: int
    rate: float | None
    interval: Interval
    mean_confidence: float | None
    digits: tuple[DigitScore, ...]
    best: tuple[int, ...]
    hardest: tuple[int, ...]
    confusion: tuple[tuple[int, ...], ...]
    refused: int
    unjudged: int


def sheet(entries: Iterable[Entry]) -> Sheet:
    """Return the test sheet of entries in any order.

    Example:
        >>> sheet([Entry(7, 0.9, truth=7), Entry(1, 0.6, truth=7), Entry(None, 0.2)]).rate
        0.5
    """
    rows = tuple(sorted(entries, key=lambda entry: entry.id))
    tests = [entry for entry in rows if entry.right is not None]
    right = sum(entry.right is True for entry in tests)
    confusion = confusion_matrix(tests)
    digits = tuple(DigitScore(digit, sum(row), row[digit]) for digit, row in enumerate(confusion))
    best, hardest = extremes(digits)
    return Sheet(
        rows=rows,
        entries=len(rows),
        n=len(tests),
        right=right,
        rate=right / len(tests) if tests else None,
        interval=wilson(right, len(tests)),
        mean_confidence=sum(entry.confidence for entry in tests) / len(tests) if tests else None,
        digits=digits,
        best=best,
        hardest=hardest,
        confusion=confusion,
        refused=sum(entry.digit is None for entry in rows),
        unjudged=sum(entry.digit is not None and entry.truth is None for entry in rows),
    )


def confusion_matrix(entries: Iterable[Entry]) -> tuple[tuple[int, ...], ...]:
    """Return (10, 10) counts, rows: what was written, columns: what was read; entries that are no test are left out."""
    counts = [[0] * DIGITS for _ in range(DIGITS)]
    for entry in entries:
        if entry.truth is not None and entry.digit is not None:
            counts[entry.truth][entry.digit] += 1
    return tuple(map(tuple, counts))


def extremes(digits: Iterable[DigitScore], least: int = LEAST) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the digits with the highest and with the lowest rate, among those with at least `least` tests.

    Digits that tie stand together. Best and hardest are comparisons: with fewer than two such digits there are
    none. One that was always right is never among the hardest, nor one that was always wrong among the best; when
    all rates are equal and neither, there is nothing to tell apart.
    """
    rates = {score.digit: score.right / score.n for score in digits if score.n >= least}
    if len(rates) < 2:
        return (), ()
    high, low = max(rates.values()), min(rates.values())
    told = high > low
    best = tuple(digit for digit, rate in rates.items() if rate == high and (told or high == 1))
    hardest = tuple(digit for digit, rate in rates.items() if rate == low and (told or low == 0))
    return best, hardest


def surety(found: Sheet) -> Literal["fair", "too_sure", "too_modest"] | None:
    """Say whether the mean confidence lies in the interval of the rate ("fair"), above it or below; None: no tests."""
    if found.mean_confidence is None:
        return None
    if found.mean_confidence > found.interval.high:
        return "too_sure"
    return "too_modest" if found.mean_confidence < found.interval.low else "fair"


def confusions(found: Sheet, most: int = 5) -> list[tuple[int, int, int]]:
    """Return (written, read, count) of the mistakes, the most frequent first, at most `most`."""
    pairs = [
        (truth, read, count)
        for truth, row in enumerate(found.confusion)
        for read, count in enumerate(row)
        if count and truth != read
    ]
    return sorted(pairs, key=lambda pair: -pair[2])[:most]
