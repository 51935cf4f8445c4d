"""`calame evaluate`: how good is a model, on MNIST's test set or on your own labelled pictures?

1. open the model: from the shelf, a folder, or a course file, which is imported into a passing folder;
2. find the digits; pictures go through the preparation, arrays that look like MNIST straight to the network;
3. judge, print a table or JSON, write the report.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

import typer

from calame.cli.common import Context, Lang, check_writable, emit, name_for, ready_to_import, writing
from calame.errors import InputError, MissingData
from calame.locale.numbers import number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from calame.artifact import Manifest, ModelFolder
    from calame.training.findings import Evaluation
    from calame.training.report import Card
    from calame.types import DigitReading

MNIST = "mnist"
COURSE_FILES = {".h5", ".hdf5", ".keras"}
AT_ONCE = 64  # pictures prepared between two looks of the progress bar
CHECKED = 64  # digits on which an imported file is compared with Keras
BAD_INPUT = InputError.exit_code

Progress = Callable[[int, int], None]


class Reader(Protocol):
    """What is asked of a `DigitReader`."""

    def classify(self, images: "NDArray[np.uint8]", /) -> "NDArray[np.floating[Any]]":
        """(n, 28, 28) to (n, 10)."""
        ...

    def read_many(self, pictures: list[Any], /) -> "list[DigitReading]":
        """One reading a picture, in order."""
        ...


@dataclass(frozen=True)
class Digits:
    """What is read: pictures (paths or arrays with paper) or, when `ready`, arrays as a network sees them."""

    name: str
    labels: "NDArray[np.uint8]" = field(repr=False)
    pictures: Any = field(repr=False)  # (n, h, w) uint8, or a list of paths
    ready: bool
    names: list[str] | None = field(default=None, repr=False)  # of the pictures, as a person would look them up
    writers: "NDArray[Any] | None" = field(default=None, repr=False)
    disputed: tuple[int, ...] = ()


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("evaluate", help=context.text("cli.evaluate.help"), short_help=context.text("cli.evaluate.short"))
    def evaluate(  # pyright: ignore[reportUnusedFunction]
        model: Annotated[str | None, typer.Option(help=context.text("cli.evaluate.model"), metavar="M")] = None,
        data: Annotated[str, typer.Option(help=context.text("cli.evaluate.data"), metavar="mnist|DIR|FILE")] = MNIST,
        json: Annotated[bool, typer.Option("--json", help=context.text("cli.evaluate.json"))] = False,
        report: Annotated[Path | None, typer.Option(help=context.text("cli.evaluate.report"), metavar="DIR")] = None,
        robustness: Annotated[bool, typer.Option(help=context.text("cli.evaluate.robustness"))] = True,
        lang: Lang = None,
    ) -> None:
        run(context, model, data, as_json=json, report=report, robustness=robustness)


def run(
    context: Context, model: str | None, data: str, *, as_json: bool, report: Path | None, robustness: bool
) -> None:
    """Evaluate and print; a picture that could not be read is named, and makes the exit code 3."""
    from calame.cli.findings import lines
    from calame.training.report import write_report
    from calame.training.report.words import Words

    if report is not None:
        check_writable(report, "--report")
    digits = find_digits(context, data)
    with open_model(context, model, digits) as folder:
        from calame.reader.digit import DigitReader

        found, bad = judge(context, DigitReader(model=folder.path), folder.manifest, digits, robustness=robustness)
    way = "arrays" if digits.ready else "pictures"
    if as_json:
        emit(found.to_json() | {"way": way})
    else:
        print("\n".join(lines(found, way, Words(context.settings.language))))
    if report:
        with writing(report, "--report"):
            path = write_report(found, report, card_of(folder.manifest, way), context.settings.language)
        context.say("cli.evaluate.written", path=path)
    if bad:
        raise typer.Exit(BAD_INPUT)


def find_digits(context: Context, data: str) -> Digits:
    """Return what `data` names: MNIST's test set (fetched when it is nowhere), or a set of one's own.

    Raises:
        MissingData, InputError: see `data.fetch` and `data.labelled`.
    """
    from calame.data.labelled import load_labelled

    if data == MNIST and not Path(data).exists():
        return _mnist_test(context)
    found = load_labelled(Path(data))
    name = Path(data).resolve().name
    if found.images is not None:
        return Digits(name, found.labels, found.images, found.network_ready, writers=found.writers)
    folder = Path(data) if Path(data).is_dir() else Path(data).parent
    names = [os.path.relpath(path, folder) for path in found.paths]
    return Digits(name, found.labels, list(found.paths), ready=False, names=names, writers=found.writers)


def _mnist_test(context: Context) -> Digits:
    from calame.cli.data import obtain
    from calame.data.fetch import locate
    from calame.data.sets import load_mnist, load_writers
    from calame.training.evaluation import MNIST_DISPUTED

    roots = [context.settings.data, context.settings.cache]
    root = obtain(MNIST, roots, context)
    mnist, writers = load_mnist(root), None
    with contextlib.suppress(MissingData):  # who wrote the digits is good to know, and not worth a download
        writers = load_writers(locate("qmnist", *roots), "test", mnist=root)
    name = context.text("cli.evaluate.test_set")
    return Digits(name, mnist.test_labels, mnist.test_images, ready=True, writers=writers, disputed=MNIST_DISPUTED)


@contextlib.contextmanager
def open_model(context: Context, model: str | None, digits: Digits) -> "Generator[ModelFolder]":
    """Give the model folder of a name, a path or a course file; the last is imported into a passing folder.

    Raises:
        MissingModel, DamagedModel, UnsupportedModel, MissingExtra: it cannot be opened.
    """
    from calame.shelf import Shelf

    if model is None or Path(model).suffix.lower() not in COURSE_FILES:
        yield Shelf(context.settings.models).find(model)
        return
    with tempfile.TemporaryDirectory() as passing:
        yield _imported(context, Path(model), Path(passing) / "model", digits)


def _imported(context: Context, path: Path, folder: Path, digits: Digits) -> "ModelFolder":
    from calame.imaging.recipe import DEFAULT

    context.say("cli.evaluate.importing", path=path)
    ready_to_import(path)
    from calame.export.importer import import_file

    checked = digits.pictures[:CHECKED] if digits.ready else None
    return import_file(path, folder, check_images=checked, name=name_for(path), version="0", preparation=DEFAULT)


def judge(
    context: Context, reader: Reader, manifest: "Manifest", digits: Digits, *, robustness: bool
) -> "tuple[Evaluation, bool]":
    """Read all digits and judge them; the second value says whether a picture could not be opened."""
    from calame.training.evaluation import evaluate, evaluate_readings

    count = len(digits.labels)
    reading = context.text("cli.evaluate.reading", count=number(count, 0, context.settings.language))
    if digits.ready:
        with progress(context, reading) as watch:
            found = evaluate(
                reader.classify,
                digits.pictures,
                digits.labels,
                name=str(manifest),
                data_name=digits.name,
                disputed=digits.disputed,
                robustness=robustness,
                writers=digits.writers,
                progress=watch,
            )
        return found, False
    readings: list[Any] = []
    with progress(context, reading) as watch:
        for start in range(0, count, AT_ONCE):
            readings += reader.read_many(list(digits.pictures[start : start + AT_ONCE]))
            if watch:
                watch(len(readings), count)
    bad = [reading.error for reading in readings if reading.error]
    for error in bad:
        context.tell(error)
    found = evaluate_readings(
        readings,
        digits.labels,
        name=str(manifest),
        data_name=digits.name,
        names=digits.names,
        writers=digits.writers,
    )
    return found, bool(bad)


@contextlib.contextmanager
def progress(context: Context, said: str) -> Generator[Progress | None]:
    """Show a bar under `said` on a terminal; elsewhere say it once."""
    if not sys.stderr.isatty():
        print(said, file=sys.stderr)
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    console = Console(stderr=True, no_color=not context.settings.colour)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(said, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def card_of(manifest: "Manifest", way: str) -> "Card":
    """Return what the report says of the model."""
    from calame.training.report import Card

    return Card(
        name=str(manifest),
        architecture=manifest.architecture,
        parameters=manifest.parameters,
        data=[(one.get("name", ""), one.get("count", 0), one.get("licence", "")) for one in manifest.data],
        preparation=manifest.preparation,
        created=manifest.created[:10],
        way=way,
    )
