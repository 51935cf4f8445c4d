"""An evaluation as plain values: what stands in `evaluation.json`, under names that scripts may rely on."""

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from calame.training.reliability import Calibration
from calame.types import DIGITS

if TYPE_CHECKING:
    from calame.training.findings import Evaluation, Scores

PLACES = 6  # decimals: a ten-thousandth of what one picture in 10,000 weighs
CURVE = 200  # places of the risk–coverage curve that are kept


def evaluation_json(found: "Evaluation") -> dict[str, Any]:
    """Return `found` as JSON holds it: no NaN, no arrays, shares of 0-1 with six decimals."""
    value = {
        "model": found.name,
        "data": found.data,
        "offered": found.offered,
        "coverage": found.coverage,
        **_scores(found.scores),
        "forced": _share(found.forced),
        "undisputed": _share(found.undisputed) if found.undisputed else None,
        "writers": _writers(found),
        "errors": [_without(asdict(error), "picture") for error in found.errors],
        "refused": [asdict(refusal) for refusal in found.refused],
        "robustness": [
            {
                "name": curve.name,
                "unit": curve.unit,
                "levels": [{"level": level.level, **_share(level)} for level in curve.levels],
            }
            for curve in found.curves
        ],
    }
    return _plain(value)


def _scores(scores: "Scores") -> dict[str, Any]:
    classes, macro = scores.classes, scores.classes.macro()
    thinned = np.unique(np.linspace(0, len(scores.curve.risk) - 1, CURVE).astype(int))
    return {
        **_share(scores.share),
        "top2": scores.top2,
        "top3": scores.top3,
        "nll": scores.likelihood,
        "brier": scores.brier,
        "macro": dict(zip(("precision", "recall", "f1"), macro, strict=True)),
        "classes": [
            {
                "digit": digit,
                "precision": classes.precision[digit],
                "recall": classes.recall[digit],
                "f1": classes.f1[digit],
                "support": classes.support[digit],
            }
            for digit in range(DIGITS)
        ],
        "confusion": scores.matrix.tolist(),
        "calibration": {"equal_width": _calibration(scores.width), "equal_mass": _calibration(scores.mass)},
        "selective": {
            "aurc": scores.curve.area,
            "auroc": scores.auroc,
            "points": [_point(point) for point in scores.points],
            "budgets": [
                {"max_wrong": budget, "point": _point(point) if point else None} for budget, point in scores.budgets
            ],
            "curve": [
                {"coverage": scores.curve.coverage[place], "risk": scores.curve.risk[place]} for place in thinned
            ],
        },
    }


def _share(share: Any) -> dict[str, Any]:
    """Of a `Share` or a `Level`: both count right answers."""
    return {
        "accuracy": share.accuracy,
        "interval": list(share.interval),
        "right": share.right,
        "count": share.count,
    }


def _calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "ece": calibration.error,
        "interval": list(calibration.interval),
        "bins": [asdict(entry) for entry in calibration.bins],
    }


def _point(point: Any) -> dict[str, Any]:
    return asdict(point)


def _writers(found: "Evaluation") -> dict[str, Any] | None:
    writers = found.writers
    if writers is None:
        return None
    worst = {"writer": writers.worst, **_share(writers.worst_share)}
    return {"count": writers.count, "interval": list(writers.interval), "worst": worst}


def _without(values: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key != name}


def _plain(value: Any) -> Any:
    """NumPy numbers become Python's, NaN becomes null, floats are rounded."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}  # type: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]  # type: ignore[reportUnknownVariableType]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float):
        return round(value, PLACES) if math.isfinite(value) else None
    return value
