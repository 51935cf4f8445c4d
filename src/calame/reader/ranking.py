"""Checks rank readings and never mend one in silence.

Of all readings that a reader thinks possible, the surest that fits is put forward. When that is not the reader's own
surest, it is `repaired`: its changes are listed, and a person has to look at it. Nothing here makes up a digit that no
reader has seen.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

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
