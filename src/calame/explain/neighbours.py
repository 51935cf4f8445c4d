"""It looks like these: the training digits that are nearest to a picture in the space of the last layer.

What the last dense layer is given, the features, is all that the network knows of a picture when it decides. Two
pictures that are close there are the same to it: Krizhevsky and others, "ImageNet Classification with Deep
Convolutional Neural Networks", 2012, figure 4; as an explanation, Papernot and McDaniel, "Deep k-Nearest
Neighbors", 2018.

An index holds features of one model, and no other's: it bears the hash of the network that it was made with. The
one that comes with the package has some hundreds of digits of MNIST (CC BY-SA 3.0) and fits the shipped model;
`recipes/neighbours.py` makes it. Any other model is shown the same digits (`shipped_index`). This module does not know
where data sets are.
"""

import json
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import Floats
from calame.errors import DamagedData, OtherIndex
from calame.explain.network import Model, Network, Picture, opened, seen
from calame.locale import Phrase
from calame.types import DIGITS, SIDE

SHIPPED = Path(__file__).parent / "neighbours.npz"
CHUNK = 64  # pictures at a time through the network
ROWS = 4096  # of an index compared at a time: their features as float32 stay small
HIGHEST = 127  # of int8
ROUNDS = 12  # of k-means
TEXTS = ("model", "name", "credit")  # kept as JSON
ARRAYS = ("features", "scale", "pictures", "labels", "places")

Progress = Callable[[int, int], None]
Credit = dict[str, object]


@dataclass(frozen=True, eq=False)
class Index:
    """Digits with their features.

    Attributes:
        model: SHA-256 of the network's file, see `Network.digest`.
        name: of the model, for a person.
        features: (n, d) int8; times `scale`, (d,) float32, they are the network's.
        pictures: (n, 28, 28) uint8.
        labels: (n,) uint8.
        places: (n,) int32, where each digit stands in the data set, from 0.
        credit: the data sets and their licences, as in a manifest.
    """

    model: str
    name: str
    features: NDArray[np.int8]
    scale: Floats
    pictures: Picture
    labels: NDArray[np.uint8]
    places: NDArray[np.int32]
    credit: Sequence[Credit]


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest digits, nearest first.

    Attributes:
        pictures: (k, 28, 28) uint8.
        labels: (k,) uint8.
        distances: (k,) float32, Euclidean, in the units of the features.
        places: (k,) int32, in the data set.
        among: how many digits there were to choose from.
    """

    pictures: Picture
    labels: NDArray[np.uint8]
    distances: Floats
    places: NDArray[np.int32]
    among: int


def nearest(model: Model, picture: Picture, k: int = 8, *, index: Index | None = None) -> Neighbours:
    """Return the `k` digits of an index that are nearest to a picture, to the network's mind.

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0.
        k: how many, at most as many as there are.
        index: from `make_index` or `load_index`; None: `shipped_index`.

    Source: Krizhevsky and others, 2012, figure 4; see the text of this module.

    Raises:
        BadArray: another picture.
        OtherIndex: the index was made with another model.
        UnsupportedModel: a network without a dense layer at its end.

    Example:
        >>> nearest("digits", reading.prepared, 3).labels
        array([7, 7, 7], dtype=uint8)
    """
    network, batch = opened(model), seen(picture)
    index = shipped_index(network) if index is None else _fitting(index, network, "-")
    wanted = features(network, batch)[0]
    distances = np.empty(len(index.labels), np.float32)
    for start in range(0, len(distances), ROWS):
        rows = index.features[start : start + ROWS] * index.scale
        distances[start : start + ROWS] = np.sqrt(np.square(rows - wanted).sum(1))
    order = np.argsort(distances, kind="stable")[:k]
    return Neighbours(index.pictures[order], index.labels[order], distances[order], index.places[order], len(distances))


def features(model: Model, pictures: Picture, progress: Progress | None = None) -> Floats:
    """Return what the last dense layer is given, (n, d) float32, for pictures (n, 28, 28) uint8.

    Raises:
        BadArray: other pictures.
        UnsupportedModel: a network without a dense layer at its end.
    """
    network = opened(model)
    layer = network.last.inputs[0]
    if layer not in network.layers:
        raise network.unsupported(layer, "explain.no_dense")
    found: list[Floats] = []
    for start in range(0, len(pictures), CHUNK):
        found.append(network.inspector.activations(pictures[start : start + CHUNK], [layer])[layer])
        if progress is not None:
            progress(min(start + CHUNK, len(pictures)), len(pictures))
    return np.concatenate(found)


def make_index(
    model: Model,
    pictures: Picture,
    labels: NDArray[np.uint8],
    *,
    each: int | None = None,
    credit: Sequence[Credit] = (),
    progress: Progress | None = None,
) -> Index:
    """Make an index of labelled digits.

    Args:
        model: see `network.Model`.
        pictures: (n, 28, 28) uint8, ink 255 on 0.
        labels: (n,) uint8.
        each: keep so many of each digit, those in the middle of as many groups (`medoids`); None keeps all.
        credit: of the data sets.
        progress: called with (pictures done, pictures in all).

    60,000 digits take some 20 s, and 5 more when they are thinned out.
    """
    network = opened(model)
    values = features(network, pictures, progress)
    places = np.arange(len(labels)) if each is None else medoids(values, labels, each)
    kept = values[places]
    scale = np.maximum(np.abs(kept).max(0) / HIGHEST, np.float32(1e-9)).astype(np.float32)
    return Index(
        model=network.digest,
        name=str(network.folder.manifest),
        features=np.rint(kept / scale).astype(np.int8),
        scale=scale,
        pictures=pictures[places],
        labels=labels[places],
        places=places.astype(np.int32),
        credit=list(credit),
    )


def medoids(values: Floats, labels: NDArray[np.uint8], each: int, seed: int = 0) -> NDArray[np.intp]:
    """Return which rows of `values` (n, d) stand for all: of each digit the `each` nearest to the middles of groups.

    Source: Lloyd, "Least squares quantization in PCM", 1982, from the start of Arthur and Vassilvitskii,
    "k-means++", 2007; of each group then the member nearest to its mean.
    """
    random = np.random.default_rng(seed)
    found: list[NDArray[np.intp]] = []
    for digit in range(DIGITS):
        own = np.flatnonzero(labels == digit)
        if not len(own):
            continue
        middles = _middles(values[own], min(each, len(own)), random)
        found.append(np.unique(own[_distances(values[own], middles).argmin(0)]))
    return np.concatenate(found)


def _middles(values: Floats, count: int, random: np.random.Generator) -> Floats:
    middles = values[random.integers(len(values), size=1)]
    nearest_yet = _distances(values, middles)[:, 0]
    while len(middles) < count:
        chances = nearest_yet / nearest_yet.sum() if nearest_yet.any() else None
        chosen = values[random.choice(len(values), p=chances)][None]
        middles = np.concatenate([middles, chosen])
        nearest_yet = np.minimum(nearest_yet, _distances(values, chosen)[:, 0])
    for _ in range(ROUNDS):
        group = _distances(values, middles).argmin(1)
        middles = np.stack(
            [values[group == number].mean(0) if (group == number).any() else old for number, old in enumerate(middles)]
        )
    return middles


def _distances(values: Floats, middles: Floats) -> Floats:
    """Squared, (n, d) and (k, d) -> (n, k)."""
    squares = np.square(values).sum(1)[:, None] - 2 * values @ middles.T + np.square(middles).sum(1)
    return np.maximum(squares, 0)


def save_index(index: Index, path: Path) -> None:
    """Write an index, whole or not at all; its folder is made if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid.uuid4().hex}.npz")
    texts = {name: np.array(json.dumps(getattr(index, name), ensure_ascii=False)) for name in TEXTS}
    try:
        np.savez_compressed(part, **texts, **{name: getattr(index, name) for name in ARRAYS})
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def load_index(path: Path, model: Model) -> Index:
    """Read an index that was made with this model.

    Raises:
        OtherIndex: it was made with another; or there is none.
        DamagedData: the file is none of ours.
    """
    network = opened(model)
    if not path.is_file():
        raise OtherIndex(path=path, model=network.folder.manifest, found="-")
    return _fitting(_read(path), network, path)


def shipped_index(model: Model = None) -> Index:
    """Return the digits that come with the package, with the features that this model finds in them.

    The shipped model's stand in the file; those of another are computed, in a second at most.

    Raises:
        UnsupportedModel: a network without a dense layer at its end.
    """
    network, index = opened(model), _read(SHIPPED)
    if index.model == network.digest:
        return index
    return replace(make_index(network, index.pictures, index.labels, credit=index.credit), places=index.places)


def _read(path: Path) -> Index:
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as archive:
            values: dict[str, Any] = {name: _member(archive, name) for name in (*TEXTS, *ARRAYS)}
        index = Index(**values)
        sizes = {len(index.features), len(index.pictures), len(index.labels), len(index.places)}
        if len(sizes) != 1 or index.pictures.shape[1:] != (SIDE, SIDE) or index.features.shape[1:] != index.scale.shape:
            raise ValueError(path)
    except (OSError, ValueError, LookupError, zipfile.BadZipFile) as error:
        raise DamagedData(path=path, problem=Phrase("explain.not_index")) from error
    return index


def shipped_digits() -> tuple[Picture, NDArray[np.uint8], Sequence[Credit]]:
    """Return the pictures (n, 28, 28), labels (n,) and credit of the shipped index: digits of every kind to try.

    Pictures are pictures, whichever model is asked about them.
    """
    with SHIPPED.open("rb") as stream, zipfile.ZipFile(stream) as archive:
        return _member(archive, "pictures"), _member(archive, "labels"), _member(archive, "credit")


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(f"{name}.npy") as member:
        value = np.lib.format.read_array(member, allow_pickle=False)
    return json.loads(str(value)) if name in TEXTS else value


def _fitting(index: Index, network: Network, path: object) -> Index:
    if index.model != network.digest:
        raise OtherIndex(path=path, model=network.folder.manifest, found=f"{index.name}, {index.model[:12]}")
    return index
