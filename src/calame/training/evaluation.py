"""Everything that can be said of a reader on a set of labelled digits, as one object.

1. read all pictures (or take readings that were made elsewhere);
2. score them: `metrics`, `reliability`, `selective`, with intervals;
3. list what went wrong, the surest errors first;
4. try what harms do to it: `robustness`.

Takes any classifier; knows nothing of model folders, of files, or of how the figures are shown (`report`).
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.errors import BadArray
from calame.training.findings import Evaluation, Misreading, Refusal, Scores, Share, Writers
from calame.training.intervals import writer_interval
from calame.training.metrics import (
    brier,
    check,
    class_scores,
    confusion,
    negative_log_likelihood,
    top_k,
)
from calame.training.reliability import equal_mass, equal_width
from calame.training.robustness import Classify
from calame.training.robustness import robustness as robustness_curves
from calame.training.selective import at_coverage, auroc, risk_coverage, threshold_for
from calame.types import DigitReading

MNIST_DISPUTED = (  # 0-based indices into the MNIST test set on which careful people do not agree with the label
    *(947, 1621, 1901, 2462, 2597, 3558, 5937, 6651, 6783, 9729),  # another digit than the label says
    *(2654, 3520, 9679),  # no digit
    *(2130, 8527),  # opinions are split
)
COVERAGES = (1, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8)
BUDGETS = (1 / 100, 1 / 1000, 1 / 10000)  # tolerated shares of wrong answers

Progress = Callable[[int, int], None]


def evaluate(
    classify: Classify,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    *,
    name: str,
    data_name: str,
    disputed: Collection[int] = (),
    robustness: bool = True,
    writers: NDArray[Any] | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Read `images` as they are and judge the answers.

    Args:
        classify: (n, 28, 28) uint8 to (n, 10) probabilities.
        images: (n, 28, 28) uint8, n ≥ 1, ink bright on 0.
        labels: (n,) 0-9.
        name: of the model.
        data_name: of the set.
        disputed: indices whose label careful people doubt; figures are given with and without them.
        robustness: also try what harms do (some 50 times 1,000 pictures more).
        writers: (n,) who wrote each.
        progress: called with (steps done, steps in all) while harms are tried.

    Raises:
        BadArray: shapes that do not go together, or nothing to judge.

    Example:
        >>> found = evaluate(Session(folder), mnist.test_images, mnist.test_labels, name="digits", data_name="mnist")
        >>> found.scores.share.accuracy, found.scores.share.interval
    """
    if not len(images) == len(labels) > 0:
        raise BadArray(found=f"{len(images)} images, {len(labels)} labels", expected="one label an image, at least one")
    probabilities = np.asarray(classify(images))
    everything = np.arange(len(labels))
    return Evaluation(
        name=name,
        data=data_name,
        offered=len(labels),
        scores=score(probabilities, labels),
        forced=_share(probabilities.argmax(1) == labels),
        undisputed=_undisputed(probabilities, labels, disputed),
        errors=_errors(probabilities, labels, everything, None, disputed, images),
        refused=(),
        writers=_by_writer(probabilities.argmax(1) == labels, writers),
        curves=robustness_curves(classify, images, labels, progress=progress) if robustness else (),
    )


def evaluate_readings(
    readings: Sequence[DigitReading],
    labels: NDArray[np.integer],
    *,
    name: str,
    data_name: str,
    names: Sequence[str] | None = None,
    writers: NDArray[Any] | None = None,
) -> Evaluation:
    """Judge answers that were read from pictures, preparation included.

    What was refused, or could not be opened, is no error: it is counted apart, as coverage. Arguments are those
    of `evaluate`, with a reading for each label, and `names` for what to call each picture in a list of errors.

    Raises:
        BadArray: not one reading a label, or not one that was answered.
    """
    answered = np.array([reading.digit is not None for reading in readings], bool)
    if len(readings) != len(labels) or not answered.any():
        found = f"{len(readings)} readings ({int(answered.sum())} answered), {len(labels)} labels"
        raise BadArray(found=found, expected="one reading a label, at least one of them answered")
    probabilities = np.stack([reading.probabilities for reading in readings])
    asked = np.ptp(probabilities, axis=1) > 0  # uniform: refused before any network was asked
    right = (probabilities.argmax(1) == labels) & asked
    confidences = np.array([reading.confidence for reading in readings])
    places = np.flatnonzero(answered)
    refused = [place for place, done in enumerate(answered) if not done]
    pictures = [reading.prepared for reading in readings if reading.digit is not None]
    return Evaluation(
        name=name,
        data=data_name,
        offered=len(labels),
        scores=score(probabilities[places], labels[places], confidences[places]),
        forced=_share(right),
        undisputed=None,
        errors=_errors(probabilities[places], labels[places], places, names, (), pictures),
        refused=tuple(
            Refusal(place, names[place] if names else None, int(labels[place]), _reason(readings[place]))
            for place in refused
        ),
        writers=_by_writer(right[places], None if writers is None else writers[places]),
        curves=(),
    )


def score(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], confidences: NDArray[np.floating] | None = None
) -> Scores:
    """Return every figure of (n, 10) probabilities against (n,) labels, n ≥ 1.

    `confidences`, (n,), is how sure each answer is; its probability unless given.

    Raises:
        BadArray: see `metrics.check`.
    """
    check(probabilities, labels)
    read = probabilities.argmax(1)
    sure = probabilities.max(1) if confidences is None else confidences
    right = read == labels
    matrix = confusion(read, labels)
    return Scores(
        share=_share(right),
        top2=top_k(probabilities, labels, 2),
        top3=top_k(probabilities, labels, 3),
        likelihood=negative_log_likelihood(probabilities, labels),
        brier=brier(probabilities, labels),
        matrix=matrix,
        classes=class_scores(matrix),
        width=equal_width(sure, right),
        mass=equal_mass(sure, right),
        curve=risk_coverage(sure, right),
        auroc=auroc(sure, right),
        points=tuple(at_coverage(sure, right, coverage) for coverage in COVERAGES),
        budgets=tuple((budget, threshold_for(budget, sure, right)) for budget in BUDGETS),
    )


def _share(right: NDArray[np.bool_]) -> Share:
    return Share(int(right.sum()), right.size)


def _undisputed(
    probabilities: NDArray[np.floating], labels: NDArray[np.integer], disputed: Collection[int]
) -> Share | None:
    if not disputed:
        return None
    kept = ~np.isin(np.arange(len(labels)), list(disputed))
    return _share((probabilities.argmax(1) == labels)[kept])


def _errors(
    probabilities: NDArray[np.floating],
    labels: NDArray[np.integer],
    places: NDArray[np.integer],
    names: Sequence[str] | None,
    disputed: Collection[int],
    pictures: Sequence[NDArray[np.uint8] | None] | NDArray[np.uint8],
) -> tuple[Misreading, ...]:
    """Row i of `probabilities`, `labels` and `pictures` is item `places[i]` of the set."""
    indices: list[int] = places.tolist()
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :2]
    wrong = np.flatnonzero(order[:, 0] != labels)
    surest = np.argsort(-probabilities[wrong].max(1), kind="stable")
    return tuple(
        Misreading(
            index=indices[row],
            name=names[indices[row]] if names else None,
            true=int(labels[row]),
            read=int(order[row, 0]),
            confidence=float(probabilities[row, order[row, 0]]),
            second=int(order[row, 1]),
            second_confidence=float(probabilities[row, order[row, 1]]),
            disputed=indices[row] in disputed,
            picture=pictures[row],
        )
        for row in map(int, wrong[surest])
    )


def _reason(reading: DigitReading) -> str:
    return reading.error.code if reading.error else str(reading.rejected)


def _by_writer(right: NDArray[np.bool_], writers: NDArray[Any] | None) -> Writers | None:
    if writers is None:
        return None
    known, who = np.unique(writers, return_inverse=True)
    counts, rights = np.bincount(who), np.bincount(who, weights=right)
    worst = int(np.argmin(rights / counts))
    share = Share(int(rights[worst]), int(counts[worst]))
    return Writers(len(known), writer_interval(right, who), str(known[worst]), share)
