"""Finds the data sets on this machine, and fetches those that are nowhere from their public mirrors.

A file is in its place whole and checked, or not at all: it grows beside its place as `*.part`, is checked
against the catalogue, and only then takes its name. Knows nothing of what is in the files, nor of who watches.
"""

import contextlib
import os
from collections.abc import Callable, Generator, Mapping
from functools import partial, reduce
from pathlib import Path
from urllib.parse import urlsplit

from calame.data import lzw
from calame.data.catalogue import SOURCES, File, Mirror, Source
from calame.data.download import OPENER, MirrorProblem, Opener, download
from calame.data.files import find_file, has_right_size, pack, tidy_numbers, verify
from calame.errors import CannotWrite, DamagedData, DownloadFailed, MissingData, NoMirror, UsageError
from calame.locale import Phrase

try:
    import fcntl
except ImportError:  # Windows, which refuses to rename a file that is open elsewhere: protection enough
    fcntl = None

TEXT_LIMIT = 8  # times its tidy length that a table may be long on a mirror: "1.0000 " for "1 " is 3.5
Progress = Callable[[int, int], None]  # bytes so far, bytes in all


def get_source(name: str, sources: Mapping[str, Source] = SOURCES) -> Source:
    """Return the data set of this name.

    Raises:
        UsageError: there is none; the message lists them.
    """
    if name not in sources:
        raise UsageError(problem=Phrase("data.unknown", name=name, known=", ".join(sources)))
    return sources[name]


def locate(name: str, *roots: Path | None, sources: Mapping[str, Source] = SOURCES) -> Path:
    """Return the first of `roots` that has every needed file of the set, of the right size.

    A gzip file as the catalogue has it tells by its own checksum, when it is read, that it is damaged. One that was
    unpacked, or packed by another hand, tells nothing (Fashion-MNIST's have MNIST's names and lengths): its content
    is read and compared.

    Args:
        name: as in the catalogue.
        roots: folders laid out as the catalogue says, best first; None is passed over.
        sources: the catalogue.

    Raises:
        UsageError: no set of this name.
        DamagedData: no root has the whole set, and one has a file of another size or content; it is named.
        MissingData: the files are nowhere; the message says which, and where to put them (the last root).
        NoMirror: the same, for a set that cannot be fetched.

    Example:
        >>> root = locate("mnist", settings.data, settings.cache)
    """
    source = get_source(name, sources)
    folders = [root for root in roots if root is not None]
    damaged: DamagedData | None = None
    for root in folders:
        absent, damage = _state(source, root)
        if not absent and not damage:
            return root
        damaged = damaged or damage
    raise damaged or _missing(source, folders[-1] if folders else Path())


def fetch(
    name: str,
    destination: Path,
    *,
    progress: Progress | None = None,
    opener: Opener = OPENER,
    sources: Mapping[str, Source] = SOURCES,
) -> Path:
    """Fetch what `destination` lacks of a data set, and return `destination`.

    Files that are there are checked and kept; a damaged one is replaced. An interrupted download goes on
    where it stopped. Two processes that fetch the same set wait for each other.

    Args:
        name: as in the catalogue.
        destination: a data root, created when it is not there.
        progress: called with the bytes so far and in all, of the files that have to come.
        opener: sends a request and returns the response.
        sources: the catalogue.

    Raises:
        UsageError: no set of this name.
        NoMirror: a file that is missing has no public address.
        DownloadFailed: no mirror gave a file; the problem of each is named.
        CannotWrite: the disk is full, or the folder closed.
    """
    source = get_source(name, sources)
    folder = destination / source.files[0].path.partition("/")[0]
    try:
        with _locked(folder):
            lacking = [file for file in source.files if not _is_whole(file, destination)]
            for file in lacking:
                if file.needed and not file.mirrors:
                    raise _no_mirror(source, file, destination)
            lacking = [file for file in lacking if file.mirrors]
            meter = _Meter(lacking, progress)
            for file in lacking:
                _fetch_file(file, destination, partial(meter.report, file), opener)
    except OSError as error:  # the network's own are MirrorProblems by now
        raise CannotWrite(path=error.filename or folder, problem=error.strerror or error) from error
    return destination


class _Meter:
    """Adds up the progress of several files."""

    def __init__(self, files: list[File], progress: Progress | None) -> None:
        self._total = {file.path: file.size for file in files}
        self._done = dict.fromkeys(self._total, 0)
        self._progress = progress

    def report(self, file: File, done: int, total: int) -> None:
        # A mirror that keeps a file in another form sends another number of bytes than the catalogue's.
        self._done[file.path], self._total[file.path] = done, total
        if self._progress:
            self._progress(sum(self._done.values()), sum(self._total.values()))


def _fetch_file(file: File, destination: Path, report: Progress, opener: Opener) -> None:
    """Try the mirrors in turn."""
    place = destination / file.path
    problems: list[Phrase] = []
    for mirror in file.mirrors:
        part = place.with_name(mirror.filename + ".part")
        resumed = part.exists()
        get = partial(_get, file, mirror, part, place, report, opener)
        try:
            try:
                return get()
            except _WrongBytes:
                if not resumed:
                    raise
                return get()  # the old beginning may have been another file's: once more, from the start
        except MirrorProblem as problem:
            host = urlsplit(mirror.url).hostname
            problems.append(Phrase("data.problem.mirror", mirror=host, problem=problem.phrase))
    told = reduce(lambda first, then: Phrase("data.problem.and", first=first, then=then), problems)
    raise DownloadFailed(name=file.path, folder=place.parent, problem=told)


class _WrongBytes(MirrorProblem):
    """All bytes came, and they are not the file's."""


def _get(file: File, mirror: Mirror, part: Path, place: Path, report: Progress, opener: Opener) -> None:
    """Download from one mirror, check, and put in place."""
    same = mirror.form == "same"
    limit = file.size if same else TEXT_LIMIT * file.content_size
    download(mirror.url, part, size=file.size if same else None, limit=limit, report=report, opener=opener)
    ready = part if same else place.with_name(file.plain_name + ".tmp.gz")
    try:
        if not same:
            pack(_content(file, mirror, part.read_bytes()), ready, file.plain_name)
        verify(file, ready)
    except (DamagedData, ValueError, OverflowError) as error:
        ready.unlink(missing_ok=True)
        part.unlink(missing_ok=True)
        raise _WrongBytes(Phrase("data.problem.wrong", part=part.name)) from error
    os.replace(ready, place)
    part.unlink(missing_ok=True)


def _content(file: File, mirror: Mirror, sent: bytes) -> bytes:
    """Bring what a mirror sent into the form that is kept; ValueError or OverflowError when it is not of its form."""
    return lzw.decompress(sent, file.content_size) if mirror.form == "compress" else tidy_numbers(sent)


def _state(source: Source, root: Path) -> tuple[list[File], DamagedData | None]:
    """Return the needed files that are not under `root`, and what is wrong with the first that is another one."""
    found = [(file, find_file(file.path, root)) for file in source.files if file.needed]
    absent = [file for file, path in found if path is None]
    return absent, next((damage for file, path in found if path and (damage := _damage(file, path))), None)


def _damage(file: File, path: Path) -> DamagedData | None:
    """Return what is wrong with a file that is there; its content is read where nothing else would tell."""
    if not has_right_size(file, path):
        return _wrong_size(file, path)
    try:
        if path.stat().st_size != file.size:
            verify(file, path)
    except DamagedData as error:
        return error
    return None


def _is_whole(file: File, root: Path) -> bool:
    path = find_file(file.path, root)
    if path is None:
        return False
    try:
        verify(file, path)
    except DamagedData:
        return False
    return True


def _wrong_size(file: File, path: Path) -> DamagedData:
    found, expected = path.stat().st_size, file.size if path.suffix == ".gz" else file.content_size or file.size
    return DamagedData(path=path, problem=Phrase("data.wrong_size", found=found, expected=expected))


def _missing(source: Source, root: Path) -> MissingData:
    names = ", ".join(Path(file.path).name for file in _state(source, root)[0])
    kind = MissingData if source.has_mirrors else NoMirror
    return kind(name=source.name, files=names, folder=root / source.name, url=source.url)


def _no_mirror(source: Source, file: File, root: Path) -> DamagedData | MissingData:
    path = find_file(file.path, root)
    if path is None:
        return _missing(source, root)
    return DamagedData(path=path, problem=Phrase("data.wrong_hash", expected=file.sha256))


@contextlib.contextmanager
def _locked(folder: Path) -> Generator[None]:
    """Hold the folder for this process; another one waits, and then finds the files there."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("ab") as lock:
        if fcntl is not None:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
