"""One's own classes from a folder of photos: the frozen base, a head that learns, and a report that can be believed.

1. gather: one folder for each class; what cannot be read is named and passed over;
2. features: what the frozen base says of each photo, computed once and kept;
3. split: photos to learn from, to stop by and to judge by, copies of a photo on one side;
4. learn: the head (`dense`), then, when asked, the top blocks of the base too, in Keras (`models.transfer`);
5. measure: a temperature that makes probabilities come true, and what to refuse (`outsiders`);
6. write: a model folder that serves as any other, checked against what was measured, and the report.

This module knows neither terminals nor words for people.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from calame.artifact import INSPECT, MODEL, Manifest, ModelFolder, write
from calame.engine.session import Session
from calame.errors import InputError, ParityError
from calame.images.classifier import NONE
from calame.images.dense import EPOCHS, Dense, fit_dense, softmax
from calame.images.features import Row, Store, arrays_of, extract, views
from calame.images.folder import Pile, Split, check_counts, distinct, doubles, gather, split
from calame.images.mobilenet import HEAD, Floats, emit, plan_of
from calame.images.outsiders import Outsiders, fit_outsiders
from calame.images.weights import TASK
from calame.imaging.codec import Limits, decode
from calame.imaging.middle import Middle
from calame.training.calibration import fit_temperature
from calame.training.intervals import wilson
from calame.training.metrics import class_scores, confusion

FINE = 10  # epochs of the unfrozen blocks, at most
MANY = 800  # photos above which fine-tuning sees one view of each, for want of memory
TOLERANCE = 2e-3  # of a probability: features are kept in sixteen bits
NAMED = 20  # errors that the report names
Watch = Callable[[int, float, float], None]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Wishes:
    """How to train: epochs at most, the seed, how many blocks to unfreeze, who is told of what, in which language."""

    epochs: int = EPOCHS
    seed: int = 0
    unfreeze: int = 0
    progress: Progress | None = None
    watch: Watch | None = None
    language: str = "en"


@dataclass(frozen=True, eq=False)
class Material:
    """What there is to learn from: the photos that could be read, what the base says of them, and who is who.

    `errors` are of those that could not; `same` are pairs that are one photo saved twice.
    """

    pile: Pile
    paths: tuple[Path, ...]
    labels: NDArray[np.int64]
    rows: tuple[Row, ...]
    errors: tuple[InputError, ...]
    same: tuple[tuple[int, int], ...]
    parts: Split

    @property
    def features(self) -> Floats:
        """(n, views, width)."""
        return np.stack([row.features for row in self.rows])


def material(folder: Path, base: ModelFolder, store: Store, wishes: Wishes) -> Material:
    """Steps 1 to 3.

    Raises:
        UsageError: no folder, fewer than two classes, or too few photos of one.
    """
    pile = gather(folder)
    check_counts(pile.classes, pile.labels)
    found = extract(pile.paths, base, store, wishes.progress)
    read = [
        (path, label, row)
        for path, label, row in zip(pile.paths, pile.labels, found, strict=True)
        if isinstance(row, Row)
    ]
    errors = tuple(row for row in found if isinstance(row, InputError))
    labels = np.array([label for _, label, _ in read], np.int64)
    same = tuple(doubles([row.fingerprint for _, _, row in read]))
    check_counts(pile.classes, distinct(labels, same))
    parts = split(labels, same, wishes.seed)
    return Material(
        pile, tuple(path for path, _, _ in read), labels, tuple(row for _, _, row in read), errors, same, parts
    )


def learn(given: Material, base: ModelFolder, wishes: Wishes) -> tuple[Material, dict[str, Floats], Dense]:
    """Step 4: return the photos with the features of the base as it is then, its weights, and the head."""
    parts, labels, features = given.parts, given.labels, given.features
    stop = features[parts.stop, 0], labels[parts.stop]
    dense = fit_dense(
        features[parts.learn], labels[parts.learn], stop,
        classes=len(given.pile.classes), epochs=wishes.epochs, seed=wishes.seed, watch=wishes.watch,
    )  # fmt: skip
    arrays = arrays_of(base) | {f"{HEAD}/kernel": dense.kernel, f"{HEAD}/bias": dense.bias}
    if not wishes.unfreeze:
        return given, arrays, dense
    arrays = _fine_tuned(given, base, arrays, wishes)
    with tempfile.TemporaryDirectory() as scratch:
        raw = replace(base.manifest, name="raw", classes=given.pile.classes)
        side = base.manifest.input["shape"][0]
        files = {MODEL: emit(arrays, side=side), INSPECT: emit(arrays, side=side, inspect=True)}
        found = extract(given.paths, write(Path(scratch) / "raw", raw, files), Store(None), wishes.progress)
    rows = tuple(cast("Row", row) for row in found)
    return replace(given, rows=rows), arrays, Dense(arrays[f"{HEAD}/kernel"], arrays[f"{HEAD}/bias"])


def _fine_tuned(given: Material, base: ModelFolder, arrays: dict[str, Floats], wishes: Wishes) -> dict[str, Floats]:
    """Return all weights after the top blocks have learned too."""
    from calame.models.backend import load_keras

    load_keras()  # or say which extra is missing
    from calame.models import transfer

    prepare, parts, layers = Middle.parse(base.manifest.preparation), given.parts, plan_of(arrays)
    most = 4 if len(parts.learn) <= MANY else 1

    def seen(numbers: NDArray[np.intp], count: int) -> NDArray[np.uint8]:
        photos = (decode(given.paths[number], limits=Limits(enough=2 * prepare.shorter)).pixels for number in numbers)
        return np.stack([np.stack(views(pixels, prepare)[:count]) for pixels in photos])

    model = transfer.build(layers, arrays, base.manifest.input["shape"][0])
    transfer.unfreeze(model, wishes.unfreeze)
    stop = seen(parts.stop, 1)[:, 0], given.labels[parts.stop]
    photos, labels = seen(parts.learn, most), given.labels[parts.learn]
    transfer.learn_on(
        model, photos, labels, stop, epochs=min(wishes.epochs, FINE), seed=wishes.seed, watch=wishes.watch
    )
    return transfer.arrays_of(model, layers)


@dataclass(frozen=True, eq=False)
class Learned:
    """Step 5: the whole network, its temperature already in the head."""

    arrays: dict[str, Floats]
    dense: Dense
    outsiders: Outsiders
    temperature: float

    def answers(self, features: Floats) -> Floats:
        """Return what the network says of features (n, width): the classes and, last, none of them."""
        logits = self.dense.logits(features)
        none = self.outsiders.shares(features, logits)[:, None]
        return np.concatenate([softmax(logits) * (1 - none), none], axis=1).astype(np.float32)


def measure(given: Material, arrays: dict[str, Floats], dense: Dense) -> Learned:
    """Step 5: on the photos that stopped the training, none of which was learned from."""
    features, parts = given.features[:, 0], given.parts
    temperature = fit_temperature(softmax(dense.logits(features[parts.stop])), given.labels[parts.stop])
    temperature = max(temperature, 0.5)  # few photos without a single error would make it far too sure
    scaled = dense.scaled(1 / temperature)
    outsiders = fit_outsiders(features[parts.learn], features[parts.stop], scaled)
    arrays = arrays | {f"{HEAD}/kernel": scaled.kernel, f"{HEAD}/bias": scaled.bias}
    return Learned(arrays, scaled, outsiders, temperature)


def report_of(given: Material, learned: Learned, folder: Path, seconds: float, language: str = "en") -> dict[str, Any]:
    """Return what the photos that judge say, with intervals, and what was odd in the folder."""
    judge, classes = given.parts.judge, given.pile.classes
    answers, truths = learned.answers(given.features[judge, 0]), given.labels[judge]
    known = answers[:, :-1] / np.maximum(1 - answers[:, -1:], 1e-6)
    said, sure = known.argmax(axis=1), known.max(axis=1)
    right, matrix = said == truths, confusion(said, truths, len(classes))
    scores, order = class_scores(matrix), np.argsort(-sure * ~right)[: min(NAMED, int((~right).sum()))]
    counts = Counter(given.labels.tolist())
    return {
        "folder": folder.name,
        "photos": len(given.labels),
        "split": {"learn": len(given.parts.learn), "stop": len(given.parts.stop), "judge": len(judge)},
        "accuracy": share(int(right.sum()), len(right)),
        "confidence": {"mean": round(float(sure.mean()), 4), "error": round(calibration_error(sure, right), 4)},
        "refused": share(int((answers[:, -1] > 1 / 2).sum()), len(answers)),
        "temperature": round(learned.temperature, 4),
        "classes": [
            {"name": name, "photos": counts[place], "precision": precision, "recall": recall}
            for place, (name, precision, recall) in enumerate(
                zip(classes, map(_round, scores.precision), map(_round, scores.recall), strict=True)
            )
        ],
        "confusion": matrix.tolist(),
        "errors": [
            {"path": str(given.paths[judge[one]].relative_to(folder)), "truth": classes[truths[one]],
             "said": classes[said[one]], "sure": round(float(sure[one]), 4)}
            for one in order
        ],
        "empty": list(given.pile.empty),
        "astray": given.pile.astray,
        "unread": [error.message(language) for error in given.errors],
        "same": [[str(given.paths[one].relative_to(folder)) for one in pair] for pair in given.same],
        "same_in_two_classes": int(sum(given.labels[one] != given.labels[other] for one, other in given.same)),
        "sizes": {"smallest": min(row.size for row in given.rows), "largest": max(row.size for row in given.rows)},
        "seconds": round(seconds, 1),
    }  # fmt: skip


def write_network(
    place: Path,
    given: Material,
    learned: Learned,
    base: ModelFolder,
    *,
    name: str,
    training: dict[str, Any],
    scores: dict[str, Any],
) -> ModelFolder:
    """Step 6: write the model folder.

    Raises:
        ParityError: the network as written says something else than what was measured; nothing is kept.
    """
    side = base.manifest.input["shape"][0]
    after = learned.outsiders.write
    files = {
        MODEL: emit(learned.arrays, side=side, after=after),
        INSPECT: emit(learned.arrays, side=side, inspect=True, after=after),
    }
    manifest = Manifest(
        name=name,
        version=place.name,
        architecture=f"{base.manifest.architecture}, own classes",
        parameters=sum(values.size for values in learned.arrays.values()),
        preparation=base.manifest.preparation,
        task=TASK,
        input=base.manifest.input,
        classes=(*given.pile.classes, "none of these"),
        calibration={NONE: 1.0, "temperature": learned.temperature},
        training=training,
        data=(
            *base.manifest.data,
            {"name": training["folder"], "source": "-", "licence": "-", "count": len(given.labels)},
        ),
        scores=scores,
    )
    return write(
        place, manifest, files, check=lambda made: _check(made, given, learned, Middle.parse(manifest.preparation))
    )


def _check(made: ModelFolder, given: Material, learned: Learned, prepare: Middle) -> None:
    """Compare the network with what was computed from the features kept, on a few photos that judge."""
    some = given.parts.judge[:4]
    photos = [
        prepare(decode(given.paths[one], limits=Limits(enough=round(prepare.shorter * 9 / 8))).pixels) for one in some
    ]
    wanted = learned.answers(given.features[some, 0])
    difference = float(np.abs(Session(made)(np.stack(photos)) - wanted).max())
    if not difference <= 10 * TOLERANCE:
        raise ParityError(name=made.manifest, batch=len(some), difference=f"{difference:.2g}", tolerance=10 * TOLERANCE)


def train(
    folder: Path, base: ModelFolder, place: Path, *, name: str, store: Store, wishes: Wishes | None = None
) -> tuple[ModelFolder, dict[str, Any]]:
    """Train a network for the classes of a folder; return its model folder, written at `place`, and the report.

    Raises:
        UsageError: the folder is not one that can be learned from; the message says why.
    """
    wishes, started = wishes or Wishes(), time.perf_counter()
    given = material(folder, base, store, wishes)
    given, arrays, dense = learn(given, base, wishes)
    learned = measure(given, arrays, dense)
    report = report_of(given, learned, folder, time.perf_counter() - started, wishes.language)
    training: dict[str, Any] = {
        "folder": folder.name,
        "base": str(base.manifest),
        "seed": wishes.seed,
        "unfrozen": wishes.unfreeze,
    }
    training |= {"epochs": wishes.epochs, "photos": report["photos"], "split": report["split"]}
    scores = {"judge": report["accuracy"], "refused": report["refused"], "confidence": report["confidence"]}
    return write_network(place, given, learned, base, name=name, training=training, scores=scores), report


def share(count: int, total: int) -> dict[str, float]:
    """Return a share with its 95 % interval (Wilson) and its number."""
    low, high = wilson(count, total)
    return {"share": round(count / total, 4), "low": round(low, 4), "high": round(high, 4), "n": total}


def calibration_error(sure: NDArray[np.floating], right: Sequence[bool] | NDArray[np.bool_], bins: int = 10) -> float:
    """Return the mean gap between confidence and accuracy over `bins` of as many photos each, ten at least.

    A bin of one photo is right or wrong, and its gap says nothing of how true the confidence is.
    """
    order, bins = np.argsort(sure), max(1, min(bins, len(right) // 10))
    parts = [part for part in np.array_split(order, bins) if len(part)]
    hits = np.asarray(right, np.float64)
    return float(sum(len(part) * abs(sure[part].mean() - hits[part].mean()) for part in parts) / len(order))


def _round(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
