"""A finished training run becomes a model folder: calibrated on held-out writers, checked on their digits."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.artifact import DataSource, ModelFolder
from calame.export.exporter import export_model
from calame.training.batches import as_input
from calame.training.calibration import fit_temperature
from calame.training.fit import Outcome

CHECKED = 1024  # digits on which the export must agree with Keras


def export_outcome(
    outcome: Outcome,
    record: Mapping[str, object],
    held_out: tuple[NDArray[np.uint8], NDArray[np.integer]],
    path: Path,
    *,
    name: str,
    preparation: str,
    data: Sequence[DataSource],
    version: str = "1",
) -> ModelFolder:
    """Write the model folder of a run.

    Args:
        outcome: of `calame.training.fit.fit`.
        record: what is beside the run; it goes into the manifest.
        held_out: images (n, 28, 28) uint8 and labels (n,) of writers that the run did not learn from: the
            temperature is fitted on them, and the score in the manifest is theirs.
        path: the folder to make; an older one is replaced.
        name: of the model.
        preparation: the recipe that turns pictures into what the network learned on.
        data: what it learned from, with licences.
        version: of the model.

    Raises:
        ParityError: the export computes something else than the network; nothing is kept.
    """
    images, labels = held_out
    probabilities: Any = outcome.model.predict(as_input(images), batch_size=500, verbose=0)
    accuracy = float((probabilities.argmax(1) == labels).mean())
    return export_model(
        outcome.model,
        path,
        check_images=images[:CHECKED],
        name=name,
        version=version,
        preparation=preparation,
        calibration={"temperature": round(fit_temperature(probabilities, labels), 4)},
        training=record,
        data=data,
        scores={"held_out_writers": {"accuracy": round(accuracy, 6), "n": len(labels), "seeds": 1}},
        over=True,
    )
