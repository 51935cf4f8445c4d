"""The model folder: all that training and reading share. `model.onnx`, `inspect.onnx`, `manifest.json`.

The folder is opened only if its manifest is whole and its files have the sizes that it lists; a file is
handed out only if its bytes have the SHA-256 that it lists. This module knows files and hashes, and nothing
of what a network computes.
"""

import hashlib
import json
import math
import os
import re
import shutil
import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypedDict, cast

from calame import __version__
from calame.errors import DamagedModel, MissingModel, UsageError
from calame.locale import Phrase
from calame.types import DIGITS, SIDE

MANIFEST = "manifest.json"
MODEL = "model.onnx"
INSPECT = "inspect.onnx"
INT8 = "model.int8.onnx"  # the same network in eight bits, where it has been made
SHIPPED = Path(__file__).parent / "weights"  # model folders that come with the package
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")  # of a model, a version or a file: no separator, no leading dot
SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST_MANIFEST = 4 << 20  # bytes; ours have a few thousand


class ModelInput(TypedDict):
    """What the network is fed: `shape` without the batch, `range` the values of no ink and full ink."""

    name: str
    shape: list[int]
    dtype: str
    range: list[float]


class FileEntry(TypedDict):
    """One file of the folder, as it was written."""

    sha256: str
    bytes: int


class DataSource(TypedDict, total=False):
    """A data set the weights learned from, `count` examples of it."""

    name: str
    source: str
    licence: str
    count: int


def digit_input() -> ModelInput:
    """Return the input of every digit network: (n, 28, 28, 1) float32, ink 1 on 0."""
    return {"name": "image", "shape": [SIDE, SIDE, 1], "dtype": "float32", "range": [0.0, 1.0]}


@dataclass(frozen=True)
class Manifest:
    """What a model is, what it was made from and how good it is.

    Attributes:
        name, version: together `name@version`, how the model is asked for.
        architecture: the network family, e.g. "course", "compact".
        parameters: weights of the network before export.
        preparation: the recipe that turns a picture into the input, as text.
        classes: what each output stands for, in order.
        calibration: e.g. {"temperature": 1.1, "reject_below": 0.6}.
        training: the record: seed, epochs, command, versions, source hash...
        scores: measured figures, each with its number of seeds or of examples.
        files: name -> SHA-256 and bytes; filled in by `write`.
        created: UTC, ISO 8601; calame: the version that wrote the folder. Both filled in by `write`.
    """

    name: str
    version: str
    architecture: str
    parameters: int
    preparation: str
    task: str = "digits"
    input: ModelInput = field(default_factory=digit_input)
    classes: tuple[str, ...] = tuple(str(digit) for digit in range(DIGITS))
    calibration: Mapping[str, float] = field(default_factory=dict[str, float])
    training: Mapping[str, object] = field(default_factory=dict[str, object])
    data: tuple[DataSource, ...] = ()
    scores: Mapping[str, object] = field(default_factory=dict[str, object])
    files: Mapping[str, FileEntry] = field(default_factory=dict[str, FileEntry])
    created: str = ""
    calame: str = ""

    def __str__(self) -> str:
        return f"{self.name}@{self.version}"

    def to_json(self) -> str:
        """Return the text of `manifest.json`; the same manifest always gives the same text."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @staticmethod
    def from_json(source: str | bytes, path: Path = Path(MANIFEST)) -> "Manifest":
        """Read what `to_json` wrote; members of later versions are passed over.

        Raises:
            DamagedModel: not JSON, a member missing, of another type or not a plain name; `path` is named.
        """
        try:
            raw = json.loads(source)
        except (ValueError, RecursionError) as error:
            raise DamagedModel(path=path, problem=error) from error
        if not isinstance(raw, dict):
            raise _bad(path, "{}", raw)
        _check(cast("dict[str, Any]", raw), path)
        known = {entry.name: raw[entry.name] for entry in fields(Manifest)}
        known |= {"classes": tuple(raw["classes"]), "data": tuple(raw["data"])}
        return Manifest(**cast("dict[str, Any]", known))


@dataclass(frozen=True)
class ModelFolder:
    """A folder whose manifest is whole; get one from `load` or `write`."""

    path: Path
    manifest: Manifest

    @property
    def lightest(self) -> str:
        """The network that is quickest: in eight bits where it has been made, two times faster."""
        return INT8 if INT8 in self.manifest.files else MODEL

    def file(self, name: str) -> Path:
        """Return the path of a file of the folder, its bytes checked (1 ms per megabyte or so).

        Raises:
            DamagedModel: not listed in the manifest, not there, or with other bytes than listed.
        """
        self.read(name)
        return self.path / name

    def read(self, name: str) -> bytes:
        """Return the bytes of a file of the folder, checked like `file`; nothing can change in between."""
        listed = self.manifest.files.get(name)
        if listed is None:
            raise DamagedModel(path=self.path, problem=Phrase("model.unlisted_file", file=name))
        content = (self.path / name).read_bytes() if (self.path / name).is_file() else None
        if content is None:
            raise DamagedModel(path=self.path, problem=Phrase("model.missing_file", file=name))
        if hashlib.sha256(content).hexdigest() != listed["sha256"]:
            raise DamagedModel(path=self.path, problem=Phrase("model.other_bytes", file=name))
        return content


def load(path: str | Path) -> ModelFolder:
    """Open a model folder: its manifest is read and the size of every file compared.

    Raises:
        MissingModel: no folder with a manifest there.
        DamagedModel: a manifest that is not whole, a file missing or of another size.
    """
    folder = Path(path)
    source = folder / MANIFEST
    if not source.is_file():
        raise MissingModel(name=folder, known=MANIFEST)
    if source.stat().st_size > LARGEST_MANIFEST:
        raise DamagedModel(path=source, problem=Phrase("model.other_size", file=MANIFEST))
    manifest = Manifest.from_json(source.read_bytes(), source)
    for name, listed in manifest.files.items():
        if not (folder / name).is_file():
            raise DamagedModel(path=folder, problem=Phrase("model.missing_file", file=name))
        if (folder / name).stat().st_size != listed["bytes"]:
            raise DamagedModel(path=folder, problem=Phrase("model.other_size", file=name))
    return ModelFolder(folder, manifest)


def write(
    path: str | Path,
    manifest: Manifest,
    files: Mapping[str, Path | bytes],
    *,
    over: bool = False,
    check: Callable[[ModelFolder], None] | None = None,
) -> ModelFolder:
    """Write a model folder, whole or not at all: it is made beside `path` and renamed when it is complete.

    Args:
        path: the folder to make.
        manifest: its `files`, `created` and `calame` are filled in here.
        files: name in the folder -> where to copy it from, or its bytes.
        over: replace a folder that is already there.
        check: called with the complete folder before it is renamed; what it raises leaves nothing behind.

    Raises:
        UsageError: a folder is already there and `over` is False, or a name that is not plain.
    """
    folder = Path(path)
    if folder.exists() and not over:
        raise UsageError(problem=Phrase("model.already_there", path=folder))
    for name in (manifest.name, manifest.version, *files):
        if not NAME.fullmatch(name) or name == MANIFEST:
            raise UsageError(problem=Phrase("model.bad_name", name=name))
    folder.parent.mkdir(parents=True, exist_ok=True)
    making = folder.parent / f".{folder.name}.{uuid.uuid4().hex}"
    try:
        making.mkdir()
        entries = {name: _put(making / name, source) for name, source in files.items()}
        created = manifest.created or datetime.now(UTC).isoformat(timespec="seconds")
        full = replace(manifest, files=entries, created=created, calame=__version__)
        _put(making / MANIFEST, full.to_json().encode())
        if check is not None:
            check(load(making))
        _rename(making, folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return load(folder)


def _put(target: Path, source: Path | bytes) -> FileEntry:
    content = source if isinstance(source, bytes) else source.read_bytes()
    with target.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _rename(making: Path, folder: Path) -> None:
    """Move the finished folder into place; the one it replaces is put back if that fails."""
    if not folder.exists():
        making.rename(folder)
        return
    aside = making.with_name(making.name + ".old")
    folder.rename(aside)
    try:
        making.rename(folder)
    except OSError:
        aside.rename(folder)
        raise
    shutil.rmtree(aside)


def _check(raw: Mapping[str, Any], path: Path) -> None:
    """Refuse a manifest that lacks a member, has one of another form, or names a file outside its folder."""
    kinds: dict[str, type] = {"parameters": int, "calibration": dict, "training": dict, "scores": dict, "files": dict}
    kinds |= dict.fromkeys(("name", "version", "architecture", "task", "preparation", "created", "calame"), str)
    kinds |= {"input": dict, "classes": list, "data": list}
    for member, kind in kinds.items():
        if not isinstance(raw.get(member), kind):
            raise _bad(path, member, raw.get(member))
    for name in (raw["name"], raw["version"], *raw["files"]):
        if not NAME.fullmatch(name):
            raise DamagedModel(path=path, problem=Phrase("model.bad_name", name=name))
    for name, entry in raw["files"].items():
        if not _is_entry(entry):
            raise _bad(path, f"files.{name}", entry)
    checks: dict[str, bool] = {
        "input": _is_input(raw["input"]),
        "classes": all(isinstance(name, str) for name in raw["classes"]),
        "data": all(isinstance(source, dict) for source in raw["data"]),
        "calibration": _is_calibration(raw["calibration"]),
    }
    for member, holds in checks.items():
        if not holds:
            raise _bad(path, member, raw[member])


def _bad(path: Path, member: str, found: object) -> DamagedModel:
    return DamagedModel(path=path, problem=Phrase("model.bad_member", member=member, found=f"{found!r:.60}"))


def _is_entry(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    digest, size = entry.get("sha256"), entry.get("bytes")
    return isinstance(digest, str) and SHA256.fullmatch(digest) is not None and isinstance(size, int)


def _is_calibration(entry: Mapping[str, Any]) -> bool:
    """Whether all of it is finite numbers, and the logits can be divided by the temperature."""
    numbers = all(isinstance(value, int | float) and math.isfinite(value) for value in entry.values())
    return numbers and entry.get("temperature", 1) > 0


def _is_input(entry: Mapping[str, Any]) -> bool:
    shape, bounds = entry.get("shape"), entry.get("range")
    return (
        isinstance(entry.get("name"), str)
        and isinstance(entry.get("dtype"), str)
        and isinstance(shape, list)
        and all(isinstance(side, int) and side > 0 for side in cast("list[object]", shape))
        and isinstance(bounds, list)
        and len(cast("list[object]", bounds)) == 2
        and all(isinstance(bound, int | float) for bound in cast("list[object]", bounds))
    )
