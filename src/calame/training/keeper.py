"""Judges every epoch, keeps the best weights, and writes down all that a resumed run needs."""

import json
import os
import time
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.errors import InputError, UsageError
from calame.locale import Phrase
from calame.training.batches import as_input, smoothed
from calame.training.plan import Plan

STATE = "state.npz"
JUDGED_AT_ONCE = 500  # pictures a batch


class Keeper(keras.callbacks.Callback):
    """A Keras callback; `resume` before the fit, `finish` after it.

    Args:
        plan: of the run.
        valid: (images, labels) to judge by, or None.
        folder: where `state.npz` is kept: every variable of model and optimiser (random states and averages
            among them), the best weights so far and the history, replaced as a whole after each epoch.
    """

    def __init__(self, plan: Plan, valid: tuple[NDArray[Any], NDArray[Any]] | None, folder: Path) -> None:
        super().__init__()
        self.plan = plan
        self.path = folder / STATE
        self.valid = None if valid is None else (as_input(valid[0]), smoothed(valid[1], 0.0))
        self.history: dict[str, list[float]] = {}
        self.best_epoch = 0
        self.seconds_before = 0.0
        self._best: list[NDArray[Any]] = []
        self._began = self._epoch_began = time.perf_counter()

    def resume(self, model: Any) -> int:
        """Load the state of an unfinished run of the same plan into `model`; return the epochs already done.

        Raises:
            UsageError: the unfinished run is of another plan.
            InputError: its state is damaged.
        """
        model.optimizer.build(model.trainable_variables)
        if not self.path.is_file():
            return 0
        state = self._read()
        facts = json.loads(str(state["facts"]))
        if facts["plan"] != json.loads(json.dumps(self.plan.to_json())):
            raise UsageError(problem=Phrase("train.other_plan", folder=self.path.parent))
        for number, variable in enumerate(_everything(model)):
            variable.assign(state[f"v{number}"])
        self._best = [state[f"b{number}"] for number in range(len(model.variables))]
        self.history, self.best_epoch = facts["history"], facts["best_epoch"]
        self.seconds_before = facts["seconds"]
        return len(self.history["loss"])

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Start the epoch's clock."""
        self._epoch_began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Judge the averaged weights, remember the best, write the state, stop when patience is out."""
        seen = {"loss": float(logs["loss"]), "accuracy": float(logs["accuracy"])} if logs else {}
        model: Any = self.model
        swap_average(model)
        if self.valid is not None:
            images, targets = self.valid
            loss, accuracy = model.evaluate(images, targets, batch_size=JUDGED_AT_ONCE, verbose=0)
            seen |= {"val_loss": loss, "val_accuracy": accuracy}
        seen |= {
            "seconds": time.perf_counter() - self._epoch_began,
            "learning_rate": float(model.optimizer.learning_rate),
        }
        for name, value in seen.items():
            self.history.setdefault(name, []).append(value)
        if self._is_best():
            self.best_epoch = epoch + 1
            self._best = [_values(variable) for variable in model.variables]
        swap_average(model)
        self._write()
        if logs is not None:
            logs.update(seen)  # for the watchers that come after
        if self.plan.patience is not None and epoch + 1 - self.best_epoch >= self.plan.patience:
            model.stop_training = True

    def finish(self, model: Any, *, keep_state: bool) -> None:
        """Put the best weights into `model`; forget the state unless the run is to be taken up again."""
        for variable, value in zip(model.variables, self._best, strict=False):  # none before the first epoch's end
            variable.assign(value)
        if not keep_state:
            self.path.unlink(missing_ok=True)

    def _is_best(self) -> bool:
        """By accuracy, then by loss: under label smoothing the loss is lowest long before the accuracy is best."""
        if self.valid is None:
            return True
        marks = list(zip(self.history["val_accuracy"], [-loss for loss in self.history["val_loss"]], strict=True))
        return len(marks) == 1 or marks[-1] > max(marks[:-1])

    def _read(self) -> Mapping[str, NDArray[Any]]:
        try:
            with self.path.open("rb") as file, np.load(file) as state:  # which leaves a file open that is no archive
                return dict(state)
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError) as error:
            raise InputError(name=self.path, problem=Phrase("train.damaged_state", problem=error)) from error

    def _write(self) -> None:
        facts = {
            "plan": self.plan.to_json(),
            "history": self.history,
            "best_epoch": self.best_epoch,
            "seconds": self.seconds_before + time.perf_counter() - self._began,
        }
        arrays: dict[str, Any] = {
            f"v{number}": _values(variable) for number, variable in enumerate(_everything(self.model))
        }
        arrays |= {f"b{number}": value for number, value in enumerate(self._best)}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(".part.npz")
        with part.open("wb") as file:
            np.savez(file, facts=np.array(json.dumps(facts)), **arrays)
            file.flush()
            os.fsync(file.fileno())  # else a power cut may keep the new name and lose what is in it
        part.replace(self.path)


def swap_average(model: Any) -> None:
    """Exchange the weights with their moving average, if the optimiser keeps one; twice is not at all.

    Keras offers this only as a callback that cannot be resumed (`SwapEMAWeights`), hence the private name.
    """
    if not model.optimizer.use_ema:
        return
    for variable, average in zip(
        model.trainable_variables, model.optimizer._model_variables_moving_average, strict=True
    ):
        kept = _values(variable)
        variable.assign(average)
        average.assign(kept)


def _everything(model: Any) -> list[Any]:
    return [*model.variables, *model.optimizer.variables]


def _values(variable: Any) -> NDArray[Any]:
    return np.array(keras.ops.convert_to_numpy(variable))
