"""Opens `.h5` and `.keras` files as what they are, containers of JSON and numbers, without asking Keras to.

Nothing in the file is executed, unpickled or written to disk. The contents decide, not the name: Keras up to 2.12
wrote HDF5 under `.keras` too. What the layers mean is not known here.
"""

import io
import json
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import h5py

from calame.errors import DamagedModel, ForeignModel, InputError
from calame.export import hdf5_child
from calame.locale import Phrase

HDF5 = b"\x89HDF\r\n\x1a\n"
ZIP = b"PK\x03\x04"
PICKLE = b"\x80"
LARGEST_FILE = 256 << 20  # bytes; the course's file has a million
SECONDS = 60.0  # to read all of a file: a hundred times what a large one takes
LARGEST_CONFIG = 16 << 20  # bytes of JSON
CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"


@dataclass(frozen=True)
class KerasFile:
    """An opened file: `config` is `{"class_name", "config", ...}` of the model, `weights` an HDF5 file.

    `legacy` is the layout of `.h5`, where weights are listed by name; otherwise they are numbered.
    """

    path: Path
    config: Mapping[str, Any]
    weights: h5py.File
    legacy: bool
    version: str


def open_file(path: str | Path) -> KerasFile:
    """Open a whole-model file of Keras 2 or Keras 3.

    Raises:
        InputError: no such file, or too large.
        ForeignModel: not a Keras file, a pickle, a SavedModel folder, or weights without a network.
        DamagedModel: cut short, or an archive with members that do not belong there.
    """
    path = Path(path)
    if path.is_dir():
        raise ForeignModel(path=path, problem=Phrase("import.folder"))
    if not path.is_file():
        raise InputError(name=path, problem=Phrase("import.no_file"))
    if path.stat().st_size > LARGEST_FILE:
        raise InputError(name=path, problem=Phrase("import.too_large", limit=LARGEST_FILE))
    content = path.read_bytes()
    if content.startswith(HDF5):
        return _legacy(path, content)
    if content.startswith(ZIP):
        return _archive(path, content)
    problem = Phrase("import.pickle") if content.startswith(PICKLE) else Phrase("import.magic", found=content[:8])
    raise ForeignModel(path=path, problem=problem)


def _legacy(path: Path, content: bytes) -> KerasFile:
    weights = _hdf5(path, content)
    try:
        config = weights.attrs.get("model_config")
        version = _word(weights.attrs.get("keras_version"))
    except (OSError, ValueError, TypeError, RuntimeError, OverflowError) as error:
        raise DamagedModel(path=path, problem=error) from error
    if config is None:
        raise ForeignModel(path=path, problem=Phrase("import.weights_only"))
    return KerasFile(path, _json(path, _word(config)), weights, True, version)


def _archive(path: Path, content: bytes) -> KerasFile:
    """Read the three members of a `.keras` archive into memory, each up to its limit."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [member.filename for member in archive.infolist()]
            for name in names:
                if name not in (CONFIG, WEIGHTS, METADATA) and (not name.startswith("assets/") or ".." in name):
                    raise DamagedModel(path=path, problem=Phrase("import.member", found=name[:80]))
            if sorted(set(names) & {CONFIG, WEIGHTS}) != [CONFIG, WEIGHTS] or len(names) != len(set(names)):
                raise DamagedModel(path=path, problem=Phrase("import.members", found=", ".join(names)[:200]))
            config = _json(path, _member(archive, CONFIG, LARGEST_CONFIG, path))
            metadata = _json(path, _member(archive, METADATA, LARGEST_CONFIG, path)) if METADATA in names else {}
            weights = _hdf5(path, _member(archive, WEIGHTS, LARGEST_FILE, path))
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise DamagedModel(path=path, problem=error) from error
    return KerasFile(path, config, weights, False, str(metadata.get("keras_version", "")))


def _member(archive: zipfile.ZipFile, name: str, limit: int, path: Path) -> bytes:
    """Decompress one member; what it declares is not trusted, the limit holds for what comes out."""
    with archive.open(name) as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise DamagedModel(path=path, problem=Phrase("import.member_size", name=name, limit=limit))
    return content


def _hdf5(path: Path, content: bytes) -> h5py.File:
    command = [sys.executable, "-P", hdf5_child.__file__]  # -P: our modules beside it are not Python's
    try:
        subprocess.run(command, input=content, stderr=subprocess.DEVNULL, timeout=SECONDS, check=True)
    except subprocess.SubprocessError as error:
        raise DamagedModel(path=path, problem=Phrase("import.falls")) from error
    try:
        return h5py.File(io.BytesIO(content), "r")
    except (OSError, RuntimeError, ValueError, OverflowError) as error:  # the last: a place no file can have
        raise DamagedModel(path=path, problem=error) from error


def _json(path: Path, source: str | bytes) -> dict[str, Any]:
    try:
        value: object = json.loads(source)
    except (ValueError, RecursionError) as error:
        raise DamagedModel(path=path, problem=error) from error
    if len(source) > LARGEST_CONFIG or not isinstance(value, dict):
        raise DamagedModel(path=path, problem=Phrase("import.not_an_object", found=type(value).__name__))
    return cast("dict[str, Any]", value)


def _word(value: object) -> str:
    """Attributes are bytes in files of older h5py; anything else is no text of Keras."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return value if isinstance(value, str) else ""
