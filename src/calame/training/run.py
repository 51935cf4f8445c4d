"""One training run and the files beside it: the network, its curves as picture and numbers, its record.

Made for the command line and the recipes alike; knows nothing of model folders, which are made from its outcome.
"""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import keras

from calame.errors import UsageError
from calame.locale import Phrase
from calame.models.layers import as_plain_keras
from calame.training.curves import draw_curves
from calame.training.fit import Labelled, Outcome, fit
from calame.training.keeper import STATE
from calame.training.plan import Plan, build_network
from calame.training.precision import precision
from calame.training.record import environment, write_json

MODEL = "model.keras"
CURVES = "curves.json"
PICTURE = "curves.png"
RECORD = "record.json"


def run(
    plan: Plan,
    train: Labelled,
    valid: Labelled | None,
    folder: Path,
    *,
    language: str = "en",
    start: Path | None = None,
    watchers: Sequence[keras.callbacks.Callback] = (),
) -> tuple[Outcome, dict[str, Any]]:
    """Train by `plan` into `folder`; return the outcome and the record that was written beside it.

    The arguments are those of `calame.training.fit.fit`; `language` is that of the curves' words. `start` is
    the folder of a finished run of the same network, to go on from its weights.

    Raises:
        UsageError: see `fit`.
        KeyboardInterrupt: Ctrl-C before the first epoch was done; there is nothing to keep, and nothing is left.
    """
    folder.mkdir(parents=True, exist_ok=True)
    weights = None if start is None else restore(start).get_weights()
    outcome = fit(plan, train, valid, folder, start=weights, watchers=watchers)
    if outcome.interrupted and not outcome.best:
        with contextlib.suppress(OSError):  # not empty: it was there before
            folder.rmdir()
        raise KeyboardInterrupt
    record = environment() | {
        "plan": plan.to_json(),
        "seed": plan.seed,
        "precision": outcome.precision,
        "parameters": outcome.model.count_params(),
        "start": None if start is None else json.loads((start / RECORD).read_text(encoding="utf-8"))["source"],
        "train_images": len(train[0][: plan.limit]),
        "valid_images": 0 if valid is None else len(valid[0]),
        "epochs": len(outcome.history.get("loss", [])),
        "best_epoch": outcome.best,
        "seconds": outcome.seconds,
        "interrupted": outcome.interrupted,
    }
    write_json(folder / RECORD, record)
    write_json(folder / CURVES, outcome.history)
    as_plain_keras(outcome.model).save(folder / MODEL)
    if outcome.history:
        draw_curves(outcome.history, folder / PICTURE, language)
    return outcome, record


def is_finished(folder: Path, plan: Plan) -> bool:
    """Whether a folder holds a finished run of `plan`; False as well for none, and for one that can be taken up again.

    Raises:
        UsageError: it holds a finished run of another plan, or of one that cannot be told.
    """
    if not (folder / RECORD).is_file() or (folder / STATE).is_file():
        return False
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except ValueError:
        record = {}
    if record.get("plan") != json.loads(json.dumps(plan.to_json())):
        raise UsageError(problem=Phrase("train.other_finished", folder=folder))
    return True


def restore(folder: Path) -> Any:
    """Return the network of a finished run in float32, whatever it was trained in: as it is exported and judged."""
    plan = json.loads((folder / RECORD).read_text(encoding="utf-8"))["plan"]
    with precision("float32"):
        model = build_network(plan["network"])
    trained: Any = keras.saving.load_model(folder / MODEL, compile=False)
    model.set_weights(trained.get_weights())
    return model


def best_of(outcome: Outcome, name: str) -> float | None:
    """Return a value of the history, such as "val_accuracy", at the best epoch; None if it was not measured."""
    values = outcome.history.get(name)
    return values[outcome.best - 1] if values and outcome.best else None
