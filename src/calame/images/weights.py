"""Where the networks for general pictures come from: weights found or fetched, and turned once into a model folder.

1. a model folder of that name on the user's shelf is opened as it is;
2. else the weights are looked for in `CALAME_DATA/images` and in the cache;
3. else they are fetched, where that is allowed, by the catalogue's own address and checksum;
4. what was found becomes a model folder on the shelf: `mobilenetv2` computes in float32, and comes of the float32
   arrays or of the TFLite file, whose weights are the same; `mobilenetv2-int8` comes of the TFLite file alone.

This module knows files and folders, and nothing of pictures.
"""

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from calame.artifact import INSPECT, MODEL, DataSource, Manifest, ModelFolder, write
from calame.config import Settings
from calame.data.catalogue import SOURCES
from calame.data.fetch import Progress, fetch
from calame.data.files import find_file, verify
from calame.errors import CannotWrite, DamagedModel, MissingData, MissingModel, OtherTask
from calame.images.eightbit import emit_eight_bit, read_tflite
from calame.images.mobilenet import HEAD, IMAGE, SIDE, Arrays, Floats, emit, no_mobilenet
from calame.imaging.middle import Middle
from calame.locale import Phrase
from calame.shelf import Shelf

SET = "images"  # in the catalogue
TFLITE, LABELS = (file.path for file in SOURCES[SET].files)
ARRAYS = "images/mobilenetv2_dequant_from_ptq.npz"  # nowhere to be fetched: it is made of the TFLite file
FLOAT, EIGHT = "mobilenetv2", "mobilenetv2-int8"
TASK = "pictures"  # of a manifest
BACKGROUND = 1  # classes before the first of ImageNet
CLASSES = 1000
SCORES = {"imagenet_sample": {"top1": 0.893, "n": 1000, "what": "float32, one photo for each class"}}


@dataclass(frozen=True)
class Places:
    """Where models and weights are: the user's folder of models, and the data roots, best first, the cache last."""

    models: Path | None
    roots: tuple[Path, ...]

    @staticmethod
    def of(settings: Settings) -> "Places":
        """Return those of a user."""
        return Places(settings.models, (*([settings.data] if settings.data else []), settings.cache))


def open_network(
    wanted: str | Path | None, places: Places, *, progress: Progress | None = None, fetched: bool = True
) -> ModelFolder:
    """Open a network for general pictures by name or path; None: MobileNetV2 in float32, made where it is not there.

    Args:
        wanted: as `Shelf.find`; the names `mobilenetv2` and `mobilenetv2-int8` are made of their weights.
        places: where weights and models are.
        progress: told of a download.
        fetched: whether weights that are nowhere may be fetched.

    Raises:
        MissingData: the weights are nowhere; the message has the command that gets them.
        DownloadFailed: they could not be fetched.
        MissingModel, DamagedModel: see `Shelf.find`.
        OtherTask: a model for something else than pictures.
    """
    shelf, name = Shelf(places.models), str(wanted or FLOAT)
    try:
        folder = shelf.find(name)
    except MissingModel:
        if name.partition("@")[0] not in (FLOAT, EIGHT):
            raise
        root = weights_root(name, places, progress, fetched=fetched)
        folder = make(name.partition("@")[0], root, shelf)
    if folder.manifest.task != TASK:
        raise OtherTask(model=folder.manifest, found=folder.manifest.task, expected=TASK)
    return folder


def weights_root(name: str, places: Places, progress: Progress | None = None, *, fetched: bool = False) -> Path:
    """Return the data root that has the weights of a network; where none has, they may be fetched into the last.

    Raises:
        MissingData: they are nowhere, and are not to be fetched. DownloadFailed: they could not be.
    """
    for root in places.roots:
        if _has(name, root):
            return root
    if fetched and places.roots:
        return fetch(SET, places.roots[-1], progress=progress)
    files = ", ".join(Path(path).name for path in (TFLITE, LABELS))
    raise MissingData(name=SET, files=files, folder=(places.roots or (Path(),))[0] / SET)


def _has(name: str, root: Path) -> bool:
    able = (TFLITE, ARRAYS) if name.partition("@")[0] == FLOAT else (TFLITE,)
    return find_file(LABELS, root) is not None and any(find_file(path, root) for path in able)


def make(name: str, root: Path, shelf: Shelf) -> ModelFolder:
    """Turn the weights under a data root into the model folder of this name, on the shelf.

    Raises:
        DamagedData: weights with other bytes than the catalogue's. CannotWrite: the shelf cannot be written.
    """
    paths = {path: find_file(path, root) for path in (TFLITE, LABELS, ARRAYS)}
    for file in SOURCES[SET].files:
        if found := paths[file.path]:
            verify(file, found)
    classes = read_labels(root / LABELS)
    tflite, arrays = paths[TFLITE], paths[ARRAYS]
    if name == EIGHT and tflite is not None:
        network = read_tflite(tflite).without(BACKGROUND)
        files = {MODEL: emit_eight_bit(network), INSPECT: emit_eight_bit(network, inspect=True)}
        return write_folder(shelf, manifest_of(name, network.arrays(), classes, "mobilenetv2 1.0 224 int8"), files)
    weights = (
        read_arrays(arrays) if arrays is not None else read_tflite(cast("Path", tflite)).without(BACKGROUND).arrays()
    )
    files = {MODEL: emit(weights), INSPECT: emit(weights, inspect=True)}
    manifest = replace(manifest_of(name, weights, classes, "mobilenetv2 1.0 224"), scores=SCORES)
    return write_folder(shelf, manifest, files)


def manifest_of(name: str, weights: Arrays, classes: Sequence[str], architecture: str) -> Manifest:
    """Return the manifest of a network with the weights that were fetched."""
    source = SOURCES[SET]
    credit: DataSource = {"name": source.title, "source": source.url, "licence": source.licence}
    return Manifest(
        name=name,
        version="1",
        architecture=architecture,
        parameters=sum(values.size for values in weights.values()),
        preparation=str(Middle()),
        task=TASK,
        input={"name": IMAGE, "shape": [SIDE, SIDE, 3], "dtype": "float32", "range": [-1.0, 1.0]},
        classes=tuple(classes),
        data=(credit,),
    )


def write_folder(shelf: Shelf, manifest: Manifest, files: Mapping[str, bytes]) -> ModelFolder:
    """Write a model folder to its place on the shelf, under the version that its place has.

    Raises:
        CannotWrite: it cannot be written there.
    """
    place = shelf.place(manifest.name)
    try:
        return write(place, replace(manifest, version=place.name), files, over=True)  # another process was as quick
    except OSError as error:
        raise CannotWrite(path=place, problem=error.strerror or error) from error


def read_labels(path: Path) -> list[str]:
    """Return the names of the thousand classes, in order, as the file spells them: with underscores.

    Raises:
        DamagedModel: the file is not a list of a thousand classes.
    """
    try:
        index = cast("dict[str, list[str]]", json.loads(path.read_bytes()))
        return [index[str(number)][1] for number in range(CLASSES)]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise DamagedModel(path=path, problem=Phrase("images.bad_labels")) from error


def read_arrays(path: Path) -> dict[str, Floats]:
    """Return float32 weights by Keras's names, without the background; the last layer's as a matrix.

    Raises:
        DamagedModel: no archive of arrays, or without those of the last layer.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            arrays: dict[str, Floats] = {name: stored[name].astype(np.float32) for name in stored.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DamagedModel(path=path, problem=error) from error
    kernel, bias = f"{HEAD}/kernel", f"{HEAD}/bias"
    if kernel not in arrays or bias not in arrays:
        raise no_mobilenet(HEAD)
    matrix = arrays[kernel].reshape(-1, arrays[kernel].shape[-1])
    return arrays | {kernel: matrix[:, BACKGROUND:], bias: arrays[bias][BACKGROUND:]}
