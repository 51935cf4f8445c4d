"""Checks rank readings and never mend one in silence.

Of all readings that a reader thinks possible, the surest that fits is put forward. When that is not the reader's own
surest, it is `repaired`: its changes are listed, and a person has to look at it. Nothing here makes up a digit that no
reader has seen.
"""

import heapq
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.reader.checks import Check
from calame.types import Change, CodeRejection

POSSIBLE = math.log(1e-3)  # of a text that is put forward: what is less probable nobody wrote


class Candidate(NamedTuple):
    """A text that a reader thinks possible, and the logarithm of its probability."""

    text: str
    score: float


@dataclass(frozen=True)
class Ranked:
    """What the checks make of the candidates.

    Attributes:
        best: the surest candidate that fits; the reader's own surest when none does.
        own: the reader's own surest.
        repaired: whether `best` is not `own`.
        changes: from `own` to `best`, from left to right; empty when there are none.
        failed: the checks that `own` does not fit.
    """

    best: Candidate
    own: Candidate
    repaired: bool = False
    changes: tuple[Change, ...] = ()
    failed: tuple[Check, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether the reader's own surest reading fits every check: only then may it be taken without a person."""
        return not self.failed


def rank(candidates: Iterable[Candidate], checks: Sequence[Check]) -> Ranked:
    """Return the surest candidate that fits all checks, with what that took.

    Args:
        candidates: at least one, in any order; of equal ones the first is the surer. One that is hardly possible,
            less than 1 in 1,000, is not put forward.
        checks: all must hold; without any, the surest candidate is the best.

    Raises:
        ValueError: there is no candidate.

    Example:
        >>> rank([Candidate("79927398718", -0.2), Candidate("79927398713", -1.9)], [parse_check("luhn")]).changes
        (Change(place=10, read='8', instead='3'),)
    """
    ordered = sorted(candidates, key=lambda candidate: -candidate.score)
    if not ordered:
        raise ValueError("nothing to rank")
    own = ordered[0]
    failed = tuple(check for check in checks if not check(own.text))
    if not failed:
        return Ranked(own, own)
    for candidate in ordered[1:]:
        if (
            candidate.score >= POSSIBLE
            and candidate.text != own.text
            and all(check(candidate.text) for check in checks)
        ):
            return Ranked(candidate, own, True, changes(own.text, candidate.text), failed)
    return Ranked(own, own, failed=failed)


def refusal(ranked: Ranked, confidence: float, reject_below: float) -> CodeRejection | None:
    """Return what speaks against taking `best` without a person, or None.

    What is not the reader's own surest reading, or fits a check no more, is refused however sure the reader is.
    """
    if ranked.repaired:
        return "repaired"
    if not ranked.fits:
        return "check"
    return "unsure" if confidence < reject_below else None


def changes(own: str, other: str) -> tuple[Change, ...]:
    """Return what makes `other` of `own`: digit by digit where both are as long, else as few as possible."""
    if len(own) == len(other):
        return tuple(
            Change(place, one, instead)
            for place, (one, instead) in enumerate(zip(own, other, strict=True))
            if one != instead
        )
    steps = SequenceMatcher(None, own, other, autojunk=False).get_opcodes()
    return tuple(
        Change(start, own[start:end], other[first:last]) for kind, start, end, first, last in steps if kind != "equal"
    )


def by_position(probabilities: NDArray[np.floating], count: int) -> list[Candidate]:
    """Return the `count` most probable texts of independent digits, best first.

    Args:
        probabilities: (n, 10), of each digit at each place; a digit of probability 0 is never chosen.
        count: at most so many.
    """
    with np.errstate(divide="ignore"):
        logs = np.log(np.asarray(probabilities, np.float64))
    order = np.argsort(-logs, axis=1, kind="stable")
    ranked = np.take_along_axis(logs, order, axis=1)
    return [
        Candidate("".join(str(order[place, choice]) for place, choice in enumerate(choices)), score)
        for score, choices in _best_sums(ranked, count)
    ]


def _best_sums(ranked: NDArray[np.float64], count: int) -> Iterator[tuple[float, tuple[int, ...]]]:
    """Yield the largest sums of one value a row, each row falling, with the columns chosen.

    Best first over choices: each is reached once only, by moving on a column no further left than its last move.
    """
    start: tuple[int, ...] = (0,) * len(ranked)
    queue: list[tuple[float, tuple[int, ...], int]] = [(-float(ranked[:, 0].sum()), start, 0)]
    while queue and count > 0:
        cost, choices, row = heapq.heappop(queue)
        if not np.isfinite(cost):
            return
        yield -cost, choices
        count -= 1
        for later in range(row, len(ranked)):
            choice = choices[later] + 1
            if choice < ranked.shape[1]:
                worse = cost + float(ranked[later, choice - 1] - ranked[later, choice])
                heapq.heappush(queue, (worse, (*choices[:later], choice, *choices[later + 1 :]), later))
