"""The shelf: the models of this user and those of the package, by name, and which one is used by default.

User models lie in `HOME/models/NAME/VERSION`; `HOME/models/aliases.json` remembers every choice of
`production`, so that a choice can be taken back. This module knows names and folders; what is in a folder is
`artifact`'s.
"""

import contextlib
import json
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from calame.artifact import MANIFEST, NAME, SHIPPED, ModelFolder, load
from calame.errors import (
    CalameError,
    CannotWrite,
    DamagedModel,
    MissingModel,
    NoModelFolder,
    NotImported,
    NotShipped,
    OtherTask,
    UsageError,
)
from calame.locale import Phrase

DEFAULT = "digits"  # the shipped model that reads when nobody has chosen another
PRODUCTION = "production"
TASK = "digits"  # of what may be in production
ALIASES = "aliases.json"
KERAS_FILES = {".h5", ".hdf5", ".keras"}


@dataclass(frozen=True)
class Shelf:
    """Where models are found by name.

    Args:
        home: the user's folder of models (`Settings.models`), or None for the shipped ones alone.
        shipped: the package's own.

    Example:
        >>> Shelf(None).find("digits").manifest.parameters
    """

    home: Path | None
    shipped: Path = SHIPPED

    def list(self) -> Sequence[ModelFolder]:
        """Return every model that opens: one in production off the shelf, then the user's, by name and version."""
        found: list[ModelFolder] = []
        for path in (*self._off_shelf(), *self._folders()):
            try:
                found.append(load(path))
            except CalameError:
                continue  # `damaged()` names them; one bad folder must not hide the others
        return found

    def damaged(self) -> Sequence[CalameError]:
        """Return what is wrong with each folder that `list` left out."""
        problems: list[CalameError] = []
        for path in (*self._off_shelf(), *self._folders()):
            try:
                load(path)
            except CalameError as error:
                problems.append(error)
        return problems

    def find(self, wanted: str | Path | None = None) -> ModelFolder:
        """Open a model by path, by `name` (latest version) or `name@version`; None: the one in production.

        Raises:
            MissingModel: nothing of that name; the message lists what there is, or says that a path leads to no
                model folder, that a Keras file must be imported first, or that the user's own shelf was not asked.
            DamagedModel: it is there and does not open.
        """
        if wanted is None or wanted == PRODUCTION:
            return self.find(self.production() or DEFAULT)
        if (Path(wanted) / MANIFEST).is_file():
            return load(wanted)
        name, _, version = str(wanted).partition("@")
        if NAME.fullmatch(name) and (not version or NAME.fullmatch(version)):
            found = self._version(name, version)
            if found is not None:
                return found
        known = ", ".join(str(model.manifest) for model in self.list()) or "-"
        raise self._kind_of_absence(wanted)(name=wanted, known=known)

    def _version(self, name: str, version: str) -> ModelFolder | None:
        """Return a model by a plain name, the last of its versions if `version` is "".

        Raises:
            DamagedModel: it does not open; or no other has this version, which a damaged one does not tell.
        """
        harm: CalameError | None = None
        for path in (path for root in (self.home, self.shipped) for path in reversed(_versions(root, name))):
            if version in ("", path.name):
                return load(path)
            try:
                folder = load(path)
            except CalameError as error:  # of another version, most likely
                harm = harm or error
                continue
            if folder.manifest.version == version:
                return folder
        if harm is not None:
            raise harm
        return None

    def place(self, name: str) -> Path:
        """Return the folder for the user's next model of this name, `HOME/models/NAME/1` or the last version and one.

        No gap is filled: what a name alone means is the last version, and should be the newest.

        Raises:
            UsageError: a name that is not plain, or no home.
        """
        if self.home is None:
            raise UsageError(problem=Phrase("model.no_home"))
        if not NAME.fullmatch(name):
            raise UsageError(problem=Phrase("model.bad_name", name=name))
        places = (self.home / name).iterdir() if (self.home / name).is_dir() else ()
        last = max((int(path.name) for path in places if path.name.isdecimal()), default=0)
        return self.home / name / str(last + 1)

    def remove(self, name: str, version: str) -> None:
        """Delete one of the user's models; one that is not there is passed over.

        Raises:
            UsageError: a name that is not plain, or no home.
        """
        if self.home is None:
            raise UsageError(problem=Phrase("model.no_home"))
        for part in (name, version):
            if not NAME.fullmatch(part):
                raise UsageError(problem=Phrase("model.bad_name", name=part))
        shutil.rmtree(self.home / name / version, ignore_errors=True)
        with contextlib.suppress(OSError):  # other versions are there
            (self.home / name).rmdir()

    def state(self) -> frozenset[tuple[str, int]]:
        """Return what changes whenever a model comes to the user's shelf or leaves it; a few file dates are read."""
        if self.home is None or not self.home.is_dir():
            return frozenset()
        places = (self.home, *self.home.iterdir())
        found: set[tuple[str, int]] = set()
        for place in places:
            with contextlib.suppress(OSError):  # gone in between
                found.add((str(place), place.stat().st_mtime_ns))
        return frozenset(found)

    def production(self) -> str | None:
        """Return the `name@version` that was chosen last, or None when nothing was."""
        chosen = self.history()
        return chosen[-1] if chosen else None

    def history(self) -> tuple[str, ...]:
        """Return every choice of production that still stands, oldest first.

        Raises:
            DamagedModel: `aliases.json` is not what `use` writes.
        """
        path = None if self.home is None else self.home / ALIASES
        if path is None or not path.is_file():
            return ()
        try:
            chosen = cast("object", json.loads(path.read_bytes())[PRODUCTION])
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise DamagedModel(path=path, problem=error) from error
        if not isinstance(chosen, list) or not all(isinstance(name, str) for name in cast("list[object]", chosen)):
            raise DamagedModel(
                path=path, problem=Phrase("model.bad_member", member=PRODUCTION, found=repr(chosen)[:60])
            )
        return tuple(cast("list[str]", chosen))

    def use(self, wanted: str) -> ModelFolder:
        """Make a model the one in production, once it is seen to open; the choice before it is remembered.

        Raises:
            MissingModel, DamagedModel: see `find`.
            OtherTask: a model that reads something else than digits.
            CannotWrite: the choice cannot be written down.
        """
        model = self.find(wanted)
        if model.manifest.task != TASK:
            raise OtherTask(model=model.manifest, found=model.manifest.task, expected=TASK)
        name = self._name(model)
        if name != self.production():
            self._write((*self.history(), name))
        return model

    def rollback(self) -> ModelFolder:
        """Take the last `use` back and return the model that is in production again.

        Raises:
            UsageError: nothing was ever chosen.
            MissingModel: that model has been deleted since; one more rollback goes further back.
        """
        chosen = self.history()
        if not chosen:
            raise UsageError(problem=Phrase("model.no_history"))
        self._write(chosen[:-1])
        return self.find()

    def _name(self, model: ModelFolder) -> str:
        """Return the name that finds the model again: a folder off the shelf is known by its path."""
        return str(model.manifest) if model.path in set(self._folders()) else str(model.path.resolve())

    def _write(self, chosen: tuple[str, ...]) -> None:
        if self.home is None:
            raise UsageError(problem=Phrase("model.no_home"))
        making = self.home / f".{ALIASES}.{uuid.uuid4().hex}"
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            making.write_text(json.dumps({PRODUCTION: chosen}, indent=1) + "\n", encoding="utf-8")
            os.replace(making, self.home / ALIASES)
        except OSError as error:
            raise CannotWrite(path=self.home, problem=error.strerror or error) from error

    def _kind_of_absence(self, wanted: str | Path) -> type[MissingModel]:
        """Say what may have been meant by a name that names nothing."""
        path = Path(wanted)
        if path.suffix.lower() in KERAS_FILES:
            return NotImported
        if isinstance(wanted, Path) or len(path.parts) > 1 or (wanted and path.exists()):
            return NoModelFolder
        return NotShipped if self.home is None else MissingModel

    def _off_shelf(self) -> Iterator[Path]:
        """Yield the folder in production when it lies elsewhere, as one fresh from a training does."""
        try:
            chosen = self.production()
        except DamagedModel:
            return  # `find` says so
        if chosen is not None and (Path(chosen) / MANIFEST).is_file() and Path(chosen).is_absolute():
            yield Path(chosen)

    def _folders(self) -> Iterator[Path]:
        for root in (self.home, self.shipped):
            if root is not None and root.is_dir():
                for entry in sorted(root.iterdir()):
                    yield from _versions(root, entry.name)


def _versions(root: Path | None, name: str) -> list[Path]:
    """Return the folders of a model, oldest first: `root/name/VERSION`, or `root/name` itself when shipped."""
    if root is None or not NAME.fullmatch(name) or not (root / name).is_dir():
        return []
    if (root / name / MANIFEST).is_file():
        return [root / name]
    inside = [path for path in (root / name).iterdir() if NAME.fullmatch(path.name) and (path / MANIFEST).is_file()]
    return sorted(inside, key=lambda path: _natural(path.name))


def _natural(version: str) -> list[tuple[int, str]]:
    """Sort key that puts 1.10 after 1.9."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", version)]
