"""`calame data list|fetch|verify`: which data sets there are, where they are, and how to get them.

A set is looked for in `CALAME_DATA`, then in the cache; it is fetched into the cache.
"""

import contextlib
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from calame.cli.common import Context, Lang, emit
from calame.errors import CalameError, DamagedData, MissingData, NoMirror
from calame.locale.numbers import number

if TYPE_CHECKING:
    from calame.data.catalogue import Source
    from calame.data.fetch import Progress

ALL = "all"


def register(app: typer.Typer, context: Context) -> None:
    """Declare the commands in the context's language."""
    group = typer.Typer(help=context.text("cli.data.help"), no_args_is_help=True, rich_markup_mode=None)
    as_json = typer.Option("--json", help=context.text("cli.data.json"))
    names = typer.Argument(help=context.text("cli.data.names"), metavar="NAME")

    @group.callback()
    def data(lang: Lang = None) -> None:  # pyright: ignore[reportUnusedFunction]
        """Nothing by itself: the language is read before it runs."""

    @group.command("list", help=context.text("cli.data.list.help"), short_help=context.text("cli.data.list.short"))
    def list_(json: Annotated[bool, as_json] = False, lang: Lang = None) -> None:  # pyright: ignore[reportUnusedFunction]
        run_list(context, as_json=json)

    @group.command("fetch", help=context.text("cli.data.fetch.help"), short_help=context.text("cli.data.fetch.short"))
    def fetch(names: Annotated[list[str], names], lang: Lang = None) -> None:  # pyright: ignore[reportUnusedFunction]
        run_fetch(context, names)

    @group.command(
        "verify", help=context.text("cli.data.verify.help"), short_help=context.text("cli.data.verify.short")
    )
    def verify(names: Annotated[list[str] | None, names] = None, lang: Lang = None) -> None:  # pyright: ignore[reportUnusedFunction]
        run_verify(context, names or [])

    app.add_typer(group, name="data")


def run_list(context: Context, *, as_json: bool) -> None:
    """Print each set: what it is, its licence, its size, and where it was found or how to get it."""
    from calame.data.catalogue import SOURCES
    from calame.data.fetch import locate

    for source in SOURCES.values():
        found, problem = None, None
        try:
            found = locate(source.name, *_roots(context))
        except (MissingData, DamagedData) as error:
            problem = error
        if as_json:
            emit(_as_json(source, context, found, problem))
            continue
        size = context.text("cli.data.size", size=number(source.size / 1e6, 1, context.settings.language))
        print(f"{source.name:<8}{size:>9}  {source.licence:<13}  {source.title}")
        print(f"    {source.what.text(context.settings.language)}")
        print(f"    {_where(source, context, found, problem)}")


def run_fetch(context: Context, names: Sequence[str]) -> None:
    """Print where each set is, after fetching those that are nowhere; one that fails keeps no other back."""

    def one(name: str) -> None:
        print(f"{name}\t{obtain(name, _roots(context), context, check=True)}")

    _each(context, _chosen(names), one)


def run_verify(context: Context, names: Sequence[str]) -> None:
    """Print each file of the sets with its path once its checksum is right; without names, the sets that are there."""
    from calame.data.fetch import get_source, locate
    from calame.data.files import find_file, verify

    def one(name: str) -> None:
        try:
            root = locate(name, *_roots(context))
        except MissingData as error:
            if names:
                raise
            context.tell(error)
            return
        for file in get_source(name).files:
            if path := find_file(file.path, root):
                verify(file, path)
                print(f"ok\t{path}")

    _each(context, _chosen(names or [ALL]), one)


def obtain(name: str, roots: Sequence[Path | None], context: Context, *, check: bool = False) -> Path:
    """Return the first of `roots` that has the set, fetching it into the cache when it is nowhere.

    Args:
        name: of the set.
        roots: data roots, best first.
        context: whose cache it is, and who is told of the progress.
        check: whether a set that is found has its checksums looked at too.

    Raises:
        UsageError: no set of this name.
        DamagedData: a file outside the cache is damaged; one in the cache is fetched again.
        NoMirror, DownloadFailed, CannotWrite: it cannot be fetched.
    """
    from calame.data.fetch import fetch, get_source, locate
    from calame.data.files import find_file, verify

    source, cache = get_source(name), context.settings.cache
    try:
        root = locate(name, *roots)
        for file in source.files if check else ():
            if path := find_file(file.path, root):
                verify(file, path)
        return root
    except NoMirror:
        raise
    except MissingData:
        pass
    except DamagedData as error:
        if not Path(str(error.values["path"])).is_relative_to(cache):
            raise
        context.tell(error)
    with _progress(source, context) as progress:
        return fetch(name, cache, progress=progress)


@contextlib.contextmanager
def _progress(source: "Source", context: Context) -> "Generator[Progress | None]":
    """A bar on a terminal, a line elsewhere."""
    size = context.text("cli.data.size", size=number(source.size / 1e6, 1, context.settings.language))
    if not sys.stderr.isatty():
        context.say("cli.data.fetching", title=source.title, size=size, folder=context.settings.cache)
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True, no_color=not context.settings.colour)) as bar:
        task = bar.add_task(source.title, total=source.size)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _roots(context: Context) -> tuple[Path | None, Path]:
    return context.settings.data, context.settings.cache


def _chosen(names: Sequence[str]) -> list[str]:
    """Return the sets that are meant; an unknown name is refused before anything is done."""
    from calame.data.catalogue import SOURCES
    from calame.data.fetch import get_source

    return list(SOURCES) if ALL in names else [get_source(name).name for name in dict.fromkeys(names)]


def _each(context: Context, names: Sequence[str], action: Callable[[str], None]) -> None:
    """Do `action` for every name; what fails is told, and the gravest exit code is kept."""
    worst = 0
    for name in names:
        try:
            action(name)
        except CalameError as error:
            context.tell(error)
            worst = max(worst, error.exit_code)
    if worst:
        raise typer.Exit(worst)


def _as_json(
    source: "Source", context: Context, found: Path | None, problem: MissingData | DamagedData | None
) -> dict[str, object]:
    return {
        "name": source.name,
        "title": source.title,
        "what": source.what.text(context.settings.language),
        "licence": source.licence,
        "licence_url": source.licence_url,
        "url": source.url,
        "may_learn": source.may_learn,
        "bytes": source.size,
        "files": [{"path": file.path, "bytes": file.size, "sha256": file.sha256} for file in source.files],
        "found": None if found is None else str(found),
        "problem": None if problem is None else problem.message(context.settings.language),
    }


def _where(source: "Source", context: Context, found: Path | None, problem: MissingData | DamagedData | None) -> str:
    if found is not None:
        return context.text("cli.data.found", root=found)
    if problem is not None and (isinstance(problem, DamagedData) or not source.has_mirrors):
        return problem.message(context.settings.language)
    return context.text("cli.data.get", name=source.name)
