"""Which numbers in the HDF5 part of a Keras file belong to which layer, and that they are plain numbers.

Only hard links are followed and only datasets that lie in the file itself are read: HDF5 can point at other
files, compose datasets from others, and load filter libraries. What the numbers mean is not known here.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import h5py
import numpy as np

from calame.errors import DamagedModel, UnsupportedModel
from calame.export.allowed import weight_names
from calame.export.kerasfile import KerasFile
from calame.export.topology import Call, Graph
from calame.locale import Phrase

Place = tuple[str, ...]  # names of the models around a layer, then its own
FILTERS = {1, 2, 3}  # deflate, shuffle, Fletcher's checksum: those inside the HDF5 library
FLOAT_BYTES = (2, 4, 8)
CONTAINERS = ("layers", "_layer_checkpoint_dependencies")  # the second in Keras 2.12


def stored_weights(file: KerasFile, graph: Graph) -> dict[Place, list[h5py.Dataset]]:
    """Return the datasets of each layer that has weights, in the order in which Keras lists them; nothing is read.

    Raises:
        DamagedModel: a group is missing, or is a link to somewhere else.
        UnsupportedModel: another number of weights than the layer has, or a dataset that is not plain floats.
    """
    try:
        if file.legacy:
            groups = _group(file, file.weights, "model_weights")
            pairs = [pair for call in graph.calls for pair in _listed(file, groups, call)]
        else:
            pairs = list(_numbered(file, file.weights, graph, ()))
    except (OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise DamagedModel(path=file.path, problem=error) from error
    for place, datasets in pairs:
        for dataset in datasets:
            _check_plain(file, place, dataset)
    return dict(pairs)


def _listed(file: KerasFile, groups: h5py.Group, call: Call) -> Iterator[tuple[Place, list[h5py.Dataset]]]:
    """`.h5`: each layer's group lists its weights; a model's group lists those of all layers inside, flat.

    Keras lists what is trainable first, then the rest: within a model that tears a batch normalisation in two.
    """
    leaves = list(_leaves(call, (), True))
    wanted = [(place, name) for place, now, _ in leaves for name in now]
    wanted += [(place, name) for place, _, later in leaves for name in later]
    if not wanted:
        return
    group = _group(file, groups, call.name)
    listed = [_text(name) for name in np.asarray(group.attrs["weight_names"]).tolist()]
    if len(set(listed)) != len(listed):  # Keras 3.0 overwrote weights of the same name inside a model
        raise UnsupportedModel(path=file.path, layer=call.name, problem=Phrase("import.overwritten"))
    if len(listed) != len(wanted):
        raise UnsupportedModel(
            path=file.path, layer=call.name, problem=Phrase("import.count", found=len(listed), expected=len(wanted))
        )
    found: dict[Place, list[h5py.Dataset]] = {}
    for (place, _), name in zip(wanted, listed, strict=True):
        found.setdefault(place, []).append(_dataset(file, group, name))
    yield from found.items()


def _leaves(call: Call, around: Place, trainable: bool) -> Iterator[tuple[Place, Sequence[str], Sequence[str]]]:
    """Yield each layer in `call` with the names of its trainable and of its other weights."""
    trainable = trainable and call.config.get("trainable", True) is not False
    if call.graph is not None:
        for inner in call.graph.calls:
            yield from _leaves(inner, (*around, call.name), trainable)
        return
    learned, moving = weight_names(call)
    yield (*around, call.name), learned if trainable else (), moving if trainable else (*learned, *moving)


def _numbered(
    file: KerasFile, parent: h5py.Group, graph: Graph, around: Place
) -> Iterator[tuple[Place, list[h5py.Dataset]]]:
    """`.keras`: groups are called after classes, `conv2d`, `conv2d_1`, in the order of the layers."""
    container = next((name for name in CONTAINERS if name in parent), CONTAINERS[0])
    groups = _group(file, parent, container)
    for kind in dict.fromkeys(_snake(call) for call in graph.calls if call.kind != "InputLayer"):
        calls = [call for call in graph.calls if _snake(call) == kind]
        names = sorted((name for name in map(str, groups) if _is_numbered(name, kind)), key=_number)
        if len(names) != len(calls):
            count = Phrase("import.count", found=len(names), expected=len(calls))
            raise UnsupportedModel(path=file.path, layer=calls[0].name, problem=count)
        for call, name in zip(calls, names, strict=True):
            group = _group(file, groups, name)
            if call.graph is not None:
                yield from _numbered(file, group, call.graph, (*around, call.name))
                continue
            expected = len([*weight_names(call)[0], *weight_names(call)[1]])
            values = _group(file, group, "vars") if expected else {}
            if len(values) != expected:
                count = Phrase("import.count", found=len(values), expected=expected)
                raise UnsupportedModel(path=file.path, layer=call.name, problem=count)
            datasets = [_dataset(file, values, str(number)) for number in range(expected)]
            if datasets:
                yield (*around, call.name), datasets


def _snake(call: Call) -> str:
    """Spell a class as Keras does in its files: `MaxPooling2D` → `max_pooling2d`."""
    kind = "Functional" if call.kind == "Model" else call.kind
    parted = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub("([a-z])([A-Z])", r"\1_\2", parted).lower()


def _is_numbered(name: str, kind: str) -> bool:
    return re.fullmatch(rf"{re.escape(kind)}(_\d{{1,6}})?", name) is not None


def _number(name: str) -> int:
    number = re.search(r"_(\d+)$", name)
    return int(number[1]) if number else 0


def _member(file: KerasFile, group: "h5py.Group | Mapping[str, Any]", name: str) -> object:
    """Take a member by its hard link; HDF5 follows the others into any file that they name."""
    link = group.get(name, getlink=True) if isinstance(group, h5py.Group) else None
    if not isinstance(link, h5py.HardLink):
        raise DamagedModel(path=file.path, problem=Phrase("import.link", name=name[:80], found=type(link).__name__))
    return cast("object", group[name])


def _group(file: KerasFile, parent: h5py.Group, name: str) -> h5py.Group:
    member = _member(file, parent, name)
    if not isinstance(member, h5py.Group):
        raise DamagedModel(path=file.path, problem=Phrase("import.link", name=name[:80], found=type(member).__name__))
    return member


def _dataset(file: KerasFile, group: "h5py.Group | Mapping[str, Any]", name: str) -> h5py.Dataset:
    """Find `conv/kernel:0` step by step, so that each link on the way is seen."""
    member: object = group
    for part in name.split("/"):
        if not isinstance(member, h5py.Group):
            break
        member = _member(file, member, part)
    if not isinstance(member, h5py.Dataset):
        raise DamagedModel(path=file.path, problem=Phrase("import.link", name=name[:80], found=type(member).__name__))
    return member


def _check_plain(file: KerasFile, place: Place, dataset: h5py.Dataset) -> None:
    plan = dataset.id.get_create_plist()
    filters = {plan.get_filter(number)[0] for number in range(plan.get_nfilters())}
    plain = dataset.dtype.kind == "f" and dataset.dtype.itemsize in FLOAT_BYTES
    if dataset.external or dataset.is_virtual or filters - FILTERS or not plain:
        raise UnsupportedModel(
            path=file.path, layer="/".join(place), problem=Phrase("import.not_plain", found=dataset.dtype)
        )


def _text(name: object) -> str:
    return name.decode("utf-8", errors="replace") if isinstance(name, bytes) else str(name)
