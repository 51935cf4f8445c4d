"""Watches a training from inside, batch by batch: points of the curves, the first filters, and the wish to stop.

A point is the mean of training since the point before, and how a fixed sample of the digits held out is read now.
Knows nothing of who is told, nor how.
"""

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.training.batches import as_input
from calame.training.keeper import swap_average

POINTS = 80  # of a run, about
FIRST = 4  # batches before the first point
SAMPLE = 1000  # digits held out that are read for a point; all of them at the end of an epoch
AT_ONCE = 500  # of them, to bound the memory
CALM = 0.25  # seconds between points at least, but for the first
PART = 5  # times as long as a point takes, at least: watching may cost a sixth of the time, and no more
PICTURED = 64  # filters at most
LEAST = 1e-7  # probability, as Keras clips it

Tell = Callable[[str, Mapping[str, Any], NDArray[np.float32] | None], None]
"""Takes what happened ("begin", "point", "epoch"), its values, and the first layer's filters (h, w, n) with a point."""


class Diverged(Exception):
    """The loss is no number any more: the learning rate is too high."""


class Live(keras.callbacks.Callback):
    """A Keras callback that comes after the `Keeper`.

    Args:
        tell: is told what happens.
        stop: asked after every batch: the epoch is then judged as it is, and the best so far is kept.
        valid: images (n, 28, 28) uint8 and labels (n,) held out.

    Attributes:
        stopped: somebody wished it.
        diverged: it stopped because the loss was no number any more.
    """

    def __init__(
        self, tell: Tell, stop: Callable[[], bool], valid: tuple[NDArray[np.uint8], NDArray[np.integer]]
    ) -> None:
        super().__init__()
        count = len(valid[1])
        chosen = np.sort(np.random.default_rng(0).choice(count, min(SAMPLE, count), replace=False))
        self.sample = as_input(valid[0][chosen]), valid[1][chosen]
        self.stopped = self.diverged = False
        self._tell, self._stop = tell, stop
        self._epoch = self._batch = self._since = 0  # batches of this epoch, and those at its last point
        self._sums = {"loss": 0.0, "accuracy": 0.0}  # of this epoch, at its last point
        self._told = self._began = time.perf_counter()
        self._took = 0.0

    def on_train_begin(self, logs: Any = None) -> None:
        """Say how long the way is."""
        params: Any = self.params
        self._steps, epochs = int(params["steps"]), int(params["epochs"])
        self._every = max(1, self._steps * epochs // POINTS)
        self._began = time.perf_counter()
        model: Any = self.model
        said = {
            "steps": self._steps,
            "epochs": epochs,
            "parameters": model.count_params(),
            "sample": len(self.sample[1]),
        }
        self._tell("begin", said, first_filters(model))

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Begin to count again, as Keras does."""
        self._epoch, self._batch, self._since = epoch, 0, 0
        self._sums = {"loss": 0.0, "accuracy": 0.0}

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Look for trouble, for a wish to stop, and whether a point is due.

        Raises:
            KeyboardInterrupt: the loss is no number any more; the best epoch before it is kept.
        """
        logs = logs or {}
        self._batch += 1
        if not math.isfinite(logs.get("loss", 0.0)):
            self.diverged = True
            raise KeyboardInterrupt
        first = self._epoch == 0 and self._batch == min(FIRST, self._steps)
        calm = time.perf_counter() - self._told > max(CALM, PART * self._took)
        if first or (self._batch - self._since >= self._every and calm):
            self._point(logs)
        if self._stop():
            self.stopped = True
            model: Any = self.model
            model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Tell how all the digits held out are read now.

        Raises:
            Diverged: after the last step of the epoch the network computes no numbers any more.
        """
        seen = {name: float(value) for name, value in (logs or {}).items()}
        if not all(map(math.isfinite, seen.values())):
            raise Diverged
        self._tell("epoch", {"epoch": epoch + min(1.0, self._batch / self._steps), **self._times(), **seen}, None)

    def _point(self, logs: Mapping[str, float]) -> None:
        sums = {name: float(logs[name]) * self._batch for name in self._sums}
        count = self._batch - self._since
        means = {name: (sums[name] - self._sums[name]) / count for name in sums}
        self._sums, self._since = sums, self._batch
        began = time.perf_counter()
        loss, accuracy = self._judge()
        self._told = time.perf_counter()
        self._took = self._told - began if self._told - self._began > 1 else 0.0  # the first one loads what is needed
        place = self._epoch + self._batch / self._steps
        values = {"epoch": place, **self._times(), **means, "val_loss": loss, "val_accuracy": accuracy}
        kernel = first_filters(self.model)
        if all(map(math.isfinite, values.values())):
            self._tell("point", values, kernel)

    def _judge(self) -> tuple[float, float]:
        """Return loss and accuracy on the sample, of the averaged weights where the plan keeps an average."""
        images, labels = self.sample
        model: Any = self.model
        swap_average(model)
        starts = range(0, len(images), AT_ONCE)
        answers = (model(images[at : at + AT_ONCE], training=False) for at in starts)
        said: list[Any] = [keras.ops.convert_to_numpy(answer) for answer in answers]
        swap_average(model)
        shares = np.concatenate(said).astype(np.float32)
        right = shares[np.arange(len(labels)), labels]
        return float(-np.log(np.maximum(right, LEAST)).mean()), float((shares.argmax(1) == labels).mean())

    def _times(self) -> dict[str, float]:
        return {"elapsed": round(time.perf_counter() - self._began, 2)}


def first_filters(model: Any) -> NDArray[np.float32] | None:
    """Return the filters of the first layer that has weights, (h, w, n); of a dense layer on pixels, its weights.

    None for weights that cannot be seen as pictures, and for numbers that are none.
    """
    layer = next((one for one in model.layers if hasattr(one, "kernel")), None)
    if layer is None:
        return None
    kernel = np.asarray(keras.ops.convert_to_numpy(layer.kernel), np.float32)[..., :PICTURED]
    if kernel.ndim == 4:
        kernel = kernel[:, :, 0]
    else:
        side = math.isqrt(len(kernel))
        if side * side != len(kernel):
            return None
        kernel = kernel.reshape(side, side, -1)
    return kernel if np.isfinite(kernel).all() else None
