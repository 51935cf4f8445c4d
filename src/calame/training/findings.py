"""What an evaluation found, as values: shares, scores, errors, refusals. Knows nothing of how they were found."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.training.intervals import Interval, wilson
from calame.training.metrics import ClassScores
from calame.training.reliability import Calibration
from calame.training.robustness import Curve
from calame.training.selective import Point, RiskCoverage


@dataclass(frozen=True)
class Share:
    """So many right of so many, with the Wilson interval (95 %)."""

    right: int
    count: int

    @property
    def accuracy(self) -> float:
        """0-1; 0 of nothing."""
        return self.right / self.count if self.count else 0.0

    @property
    def interval(self) -> Interval:
        """Wilson, 95 %."""
        return wilson(self.right, self.count)


@dataclass(frozen=True, eq=False)
class Scores:
    """The figures over the pictures that were answered.

    Attributes:
        share: right of answered.
        top2, top3: share whose true digit is among the first two, three.
        likelihood: mean -ln p(true digit), nats.
        brier: 0-2.
        matrix: (10, 10) counts, row true, column read.
        classes: precision, recall, F1, support by digit.
        width, mass: calibration over ranges of equal width, and of equal count.
        curve: risk over coverage, with its area.
        auroc: how well confidence tells right from wrong; None when all are right or all wrong.
        points: the curve at `COVERAGES`.
        budgets: (tolerated share of wrong, where to stop answering) for `BUDGETS`; None where nothing can be promised.
    """

    share: Share
    top2: float
    top3: float
    likelihood: float
    brier: float
    matrix: NDArray[np.int64]
    classes: ClassScores
    width: Calibration
    mass: Calibration
    curve: RiskCoverage
    auroc: float | None
    points: tuple[Point, ...]
    budgets: tuple[tuple[float, Point | None], ...]


@dataclass(frozen=True, eq=False)
class Misreading:
    """One error: where it is, what it is, what was read, and the second guess; `picture` is what the network saw."""

    index: int
    name: str | None
    true: int
    read: int
    confidence: float
    second: int
    second_confidence: float
    disputed: bool
    picture: NDArray[np.uint8] | None


@dataclass(frozen=True)
class Refusal:
    """One picture without an answer: a reason of `DigitReading.rejected`, or the code of an error."""

    index: int
    name: str | None
    true: int
    reason: str


@dataclass(frozen=True)
class Writers:
    """How the figures hold for new writers: their number, the bootstrap interval over them, and the worst of them."""

    count: int
    interval: Interval
    worst: str
    worst_share: Share


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A reader on a set of digits.

    Attributes:
        name: of the model.
        data: of the set.
        offered: pictures in the set.
        scores: over those that were answered.
        forced: over all of them, had the best guess been taken each time.
        undisputed: over those whose label nobody disputes; None when none is disputed.
        errors: the surest first.
        refused: without an answer.
        writers: None when they are not known.
        curves: one a harm; empty when not asked for.
    """

    name: str
    data: str
    offered: int
    scores: Scores
    forced: Share
    undisputed: Share | None
    errors: tuple[Misreading, ...]
    refused: tuple[Refusal, ...]
    writers: Writers | None
    curves: tuple[Curve, ...]

    @property
    def coverage(self) -> float:
        """Share of the pictures that were answered, 0-1."""
        return self.scores.share.count / self.offered if self.offered else 0.0

    def reasons(self) -> list[tuple[str, int]]:
        """Return why there was no answer, and how often, the most frequent first."""
        return Counter(refusal.reason for refusal in self.refused).most_common()

    def to_json(self) -> dict[str, Any]:
        """Return the figures as plain values that JSON holds; pictures are left out."""
        from calame.training.asjson import evaluation_json

        return evaluation_json(self)
