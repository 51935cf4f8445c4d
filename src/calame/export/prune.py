"""A network without its smallest weights: as many parameters, most of them zero, so that it compresses well.

Global magnitude pruning: one threshold for all kernels (Han and others, "Learning both Weights and Connections
for Efficient Neural Networks", 2015). What is cut away usually has to be made up for by a little more training,
with the zeros held at zero. How that training is done is not known here.
"""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from calame.errors import UsageError
from calame.locale import Phrase

Masks = Mapping[str, NDArray[np.float32]]


def prune(model: Any, share: float) -> dict[str, NDArray[np.float32]]:
    """Set the smallest `share` of all kernel weights to zero, in place; return the masks, by kernel, 1 where kept.

    Biases and batch normalisation stay whole: they are few, and every one of them moves a whole channel.

    Raises:
        UsageError: a share outside 0-1, or a model without kernels.
    """
    kernels = _kernels(model)
    if not 0 <= share < 1 or not kernels:
        raise UsageError(problem=Phrase("export.share", found=share))
    sizes = np.concatenate([np.abs(kernel.numpy()).ravel() for kernel in kernels.values()])
    cut = round(share * sizes.size)
    threshold = np.partition(sizes, cut - 1)[cut - 1] if cut else -1.0
    masks = {name: (np.abs(kernel.numpy()) > threshold).astype(np.float32) for name, kernel in kernels.items()}
    apply(model, masks)
    return masks


def apply(model: Any, masks: Masks) -> None:
    """Set the masked weights to zero."""
    for name, kernel in _kernels(model).items():
        kernel.assign(kernel * masks[name])


class KeepZeros(keras.callbacks.Callback):
    """Holds pruned weights at zero while the others make up for them."""

    def __init__(self, masks: Masks) -> None:
        super().__init__()
        self.masks = masks

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        """Undo what the optimiser did to the zeros."""
        apply(self.model, self.masks)

    def on_train_end(self, logs: Any = None) -> None:
        """Weights that are averaged over steps are put in place after the last one."""
        apply(self.model, self.masks)


def zeros(model: Any) -> float:
    """Return the share of kernel weights that are zero, 0-1."""
    kernels = [kernel.numpy() for kernel in _kernels(model).values()]
    return sum(int((kernel == 0).sum()) for kernel in kernels) / sum(kernel.size for kernel in kernels)


def _kernels(model: Any) -> dict[str, Any]:
    """Return the weights that multiply: those with two axes or more, by path."""
    return {weight.path: weight for weight in model.trainable_variables if len(weight.shape) > 1}
