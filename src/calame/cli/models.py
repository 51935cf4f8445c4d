"""`calame models [list|show|import|use|rollback]`: which networks there are, what each is, and which one reads.

Models are the user's, in `CALAME_HOME/models`, and those of the package. What is on the shelf and what a file may
contain is known to `shelf` and `export.importer`; here it is only asked for and printed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from calame.cli.common import Context, Lang, check_writable, emit, name_for, ready_to_import
from calame.config import quiet_tensorflow
from calame.errors import CalameError, MissingData, UsageError
from calame.locale import Phrase
from calame.locale.numbers import number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from calame.artifact import FileEntry, ModelFolder
    from calame.shelf import Shelf

CHECKED = 256  # digits of MNIST on which an import must agree with Keras
FULL_INK = (1.0, 255.0)
FEW = 12  # classes that are all named
KERAS = "keras:"  # before the name of a network of `keras.applications`


def register(app: typer.Typer, context: Context) -> None:
    """Declare the commands in the context's language."""
    group = typer.Typer(help=context.text("cli.models.help"), rich_markup_mode=None)
    as_json = typer.Option("--json", help=context.text("cli.models.json"))
    named = typer.Argument(help=context.text("cli.models.name"), metavar="NAME")
    file = typer.Argument(help=context.text("cli.models.import.file"), metavar="FILE")
    brightest = typer.Option("--brightest", help=context.text("cli.models.import.brightest"), metavar="1|255")

    @group.callback(invoke_without_command=True)
    def models(  # pyright: ignore[reportUnusedFunction]
        command: typer.Context, json: Annotated[bool, as_json] = False, lang: Lang = None
    ) -> None:
        if command.invoked_subcommand is None:
            run_list(context, as_json=json)

    @group.command("list", help=context.text("cli.models.list.help"))
    def list_(json: Annotated[bool, as_json] = False, lang: Lang = None) -> None:  # pyright: ignore[reportUnusedFunction]
        run_list(context, as_json=json)

    @group.command("show", help=context.text("cli.models.show.help"))
    def show(  # pyright: ignore[reportUnusedFunction]
        name: Annotated[str | None, named] = None,
        layers: Annotated[bool, typer.Option("--layers", help=context.text("cli.models.show.layers"))] = False,
        json: Annotated[bool, as_json] = False,
        lang: Lang = None,
    ) -> None:
        run_show(context, name, layers=layers, as_json=json)

    @group.command(
        "import", help=context.text("cli.models.import.help"), short_help=context.text("cli.models.import.short")
    )
    def import_(  # pyright: ignore[reportUnusedFunction]
        file: Annotated[Path, file],
        name: Annotated[str | None, typer.Option(help=context.text("cli.models.import.name"), metavar="NAME")] = None,
        brightest: Annotated[float | None, brightest] = None,
        json: Annotated[bool, as_json] = False,
        lang: Lang = None,
    ) -> None:
        run_import(context, file, name, brightest, as_json=json)

    @group.command("use", help=context.text("cli.models.use.help"))
    def use(name: Annotated[str, named], lang: Lang = None) -> None:  # pyright: ignore[reportUnusedFunction]
        run_use(context, name)

    @group.command("rollback", help=context.text("cli.models.rollback.help"))
    def rollback(lang: Lang = None) -> None:  # pyright: ignore[reportUnusedFunction]
        run_rollback(context)

    app.add_typer(group, name="models")


def run_list(context: Context, *, as_json: bool) -> None:
    """Print each model on a line, the one that reads marked with a star; what does not open is named on stderr."""
    shelf, language = _shelf(context), context.settings.language
    for model in shelf.list():
        manifest = model.manifest
        if as_json:
            emit(_summary(shelf, model))
            continue
        mark = "*" if _in_production(shelf, model) else " "
        size = context.text("cli.data.size", size=number(_bytes(model) / 1e6, 1, language))
        weights = context.text("cli.models.parameters", count=number(manifest.parameters, 0, language))
        print(f"{mark} {manifest!s:<24} {manifest.architecture:<12} {weights:>20}  {size:>9}  {model.path}")
    problems = list(shelf.damaged())
    try:
        shelf.find()
    except CalameError as error:  # the model that was chosen has gone, and is in no list
        problems += [] if str(error) in map(str, problems) else [error]
    for error in problems:
        context.tell(error)


def run_show(context: Context, name: str | None, *, layers: bool, as_json: bool) -> None:
    """Print what a model is; without a name, of the one that reads; with `layers`, all that is in its folder too."""
    shelf = _shelf(context)
    model = shelf.find(name)
    for file in model.manifest.files:
        model.file(file)  # a card of something else than what is there would be worse than none
    if as_json:
        emit({"path": str(model.path), **asdict(model.manifest), "layers": _layers(model)})
        return
    print(f"{model.manifest}" + (f" ({context.text('cli.models.production')})" if _in_production(shelf, model) else ""))
    card = _card(context, model) | (_inside(context, model) if layers else {})
    for label, lines in card.items():
        for position, line in enumerate(lines):
            print(f"  {label if position == 0 else '':<15} {line}")


def run_import(context: Context, file: Path, name: str | None, brightest: float | None, *, as_json: bool) -> None:
    """Turn a Keras file into a model folder of the user's, and say how to use it."""
    from calame.imaging.recipe import DEFAULT

    if brightest not in (None, *FULL_INK):
        raise UsageError(problem=Phrase("cli.models.import.bad_brightest", found=brightest))
    check_writable(context.settings.models, "CALAME_HOME")
    if str(file).startswith(KERAS):
        run_import_keras(context, str(file).removeprefix(KERAS), name, as_json=as_json)
        return
    ready_to_import(file)
    from calame.export.importer import import_file

    shelf = _shelf(context)
    name = name or name_for(file)
    folder = shelf.place(name)
    differences: dict[str, float] = {}
    model = import_file(
        file,
        folder,
        check_images=_digits(context),
        name=name,
        version=folder.name,
        preparation=DEFAULT,
        brightest=brightest,
        told=differences.update,
    )
    largest = max(differences.values())
    if as_json:
        emit(_summary(shelf, model) | {"layers_checked": len(differences), "largest_difference": largest})
    else:
        print(model.manifest)
    context.say("cli.models.import.checked", layers=len(differences), difference=f"{largest:.0e}")
    context.say("cli.models.import.done", model=model.manifest, path=model.path)


def run_import_keras(context: Context, network: str, name: str | None, *, as_json: bool) -> None:
    """Take over a network of `keras.applications` for general pictures; Keras fetches its weights.

    Raises:
        MissingExtra: the extra `train` is not installed. UsageError: Keras has no such network.
        NoKerasWeights: its weights cannot be had. MissingData: nor can the names of its classes.
    """
    from calame.models.backend import load_keras

    quiet_tensorflow()
    load_keras()
    from calame.data.files import find_file
    from calame.export.applications import check_name, import_network, load
    from calame.images.weights import LABELS, Places, read_labels, weights_root

    check_name(network)
    context.say("cli.models.import.keras", name=network)
    shelf = _shelf(context)
    place = shelf.place(name or network.lower())
    model, prepare = load(network)
    places = Places.of(context.settings)
    found = next((path for root in places.roots if (path := find_file(LABELS, root))), None)
    classes = read_labels(found or weights_root("mobilenetv2", places, fetched=True) / LABELS)
    made = import_network(model, prepare, place, name=name or network.lower(), classes=classes)
    if as_json:
        emit(_summary(shelf, made))
    else:
        print(made.manifest)
    context.say("cli.models.import.done", model=made.manifest, path=made.path)


def run_use(context: Context, name: str) -> None:
    """Make a model the one that reads."""
    model = _shelf(context).use(name)
    print(model.manifest)
    context.say("cli.models.use.done", model=model.manifest)


def run_rollback(context: Context) -> None:
    """Go back to the model that was in use before."""
    model = _shelf(context).rollback()
    print(model.manifest)
    context.say("cli.models.rollback.done", model=model.manifest)


def _shelf(context: Context) -> "Shelf":
    from calame.shelf import Shelf

    return Shelf(context.settings.models)


def _summary(shelf: "Shelf", model: "ModelFolder") -> dict[str, object]:
    manifest = model.manifest
    return {
        "model": str(manifest),
        "name": manifest.name,
        "version": manifest.version,
        "production": _in_production(shelf, model),
        "architecture": manifest.architecture,
        "parameters": manifest.parameters,
        "bytes": _bytes(model),
        "scores": manifest.scores,
        "path": str(model.path),
    }


def _bytes(model: "ModelFolder") -> int:
    return sum(entry["bytes"] for entry in model.manifest.files.values())


def _in_production(shelf: "Shelf", model: "ModelFolder") -> bool:
    try:
        return shelf.find().path == model.path
    except CalameError:
        return False  # nothing is in production, e.g. the chosen model was deleted; `read` says so


def _digits(context: Context) -> "NDArray[np.uint8] | None":
    """Return some digits of MNIST if it is here; an import must not need a download."""
    from calame.data.fetch import locate
    from calame.data.sets import load_mnist

    try:
        root = locate("mnist", context.settings.data, context.settings.cache)
    except MissingData:
        return None
    return load_mnist(root).train_images[:CHECKED]


def _card(context: Context, model: "ModelFolder") -> dict[str, list[str]]:
    """Return the lines of the card under their labels, what is asked for most first."""
    manifest, language, say = model.manifest, context.settings.language, context.text

    def said(value: object) -> str:
        return _said(value, language)

    parameters = say("cli.models.parameters", count=number(manifest.parameters, 0, language))
    low, high = manifest.input["range"]
    shape = " × ".join(str(side) for side in manifest.input["shape"])
    sources = [f"{one.get('name')}  {said(one.get('count'))}, {one.get('licence')}" for one in manifest.data]
    card = {
        say("cli.models.card.folder"): [str(model.path)],
        say("cli.models.card.network"): [f"{manifest.architecture}, {parameters}"],
        say("cli.models.card.scores"): [f"{name}  {said(value)}" for name, value in manifest.scores.items()],
        say("cli.models.card.data"): sources,
        say("cli.models.card.calibration"): [f"{name}  {said(value)}" for name, value in manifest.calibration.items()],
        say("cli.models.card.input"): [f"{shape}, {manifest.input['dtype']}, {said(low)} – {said(high)}"],
        say("cli.models.card.classes"): [_classes(manifest.classes, language)],
        say("cli.models.card.created"): [f"{manifest.created} (calame {manifest.calame})"],
        say("cli.models.card.preparation"): [re.sub(r"\([^()]*\)", "", manifest.preparation)],
    }
    nothing = [say("cli.models.nothing")]
    return {label: lines or nothing for label, lines in card.items()}


def _inside(context: Context, model: "ModelFolder") -> dict[str, list[str]]:
    """Return what only some want to see: the record of the training, every layer, every file with its hash."""
    manifest, language, say = model.manifest, context.settings.language, context.text

    def line(name: str, entry: "FileEntry") -> str:
        size = say("cli.models.bytes", count=number(entry["bytes"], 0, language))
        return f"{name}  {size}  sha256 {entry['sha256']}"

    training = [f"{name}  {_said(value, language)}" for name, value in manifest.training.items() if _is_short(value)]
    inside = {
        say("cli.models.card.preparation"): [manifest.preparation],  # with its parameters
        say("cli.models.card.training"): training,
        say("cli.models.card.layers"): [
            f"{name}  {' × '.join(map(str, sides))}" for name, sides in _layers(model).items()
        ],
        say("cli.models.card.files"): [line(name, entry) for name, entry in manifest.files.items()],
    }
    return {label: lines or [say("cli.models.nothing")] for label, lines in inside.items()}


def _layers(model: "ModelFolder") -> dict[str, tuple[int, ...]]:
    from calame.artifact import INSPECT
    from calame.engine.session import Inspector

    return Inspector(model).layers if INSPECT in model.manifest.files else {}


def _classes(classes: Sequence[str], language: str) -> str:
    """Say what the outputs stand for: all of a few, the first of many and how many there are."""
    if len(classes) <= FEW:
        return " ".join(classes)
    return f"{', '.join(classes[:FEW])} … ({number(len(classes), 0, language)})"


def _said(value: object, language: str) -> str:
    """Say a value of the manifest on one line: numbers as the language writes them, objects as `name value`."""
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, int | float):
        digits = 0 if float(value).is_integer() else len(f"{value:.6f}".rstrip("0").partition(".")[2])
        return number(value, digits, language)
    if isinstance(value, Mapping):
        inner = cast("Mapping[str, object]", value)
        return ", ".join(f"{name} {_said(one, language)}" for name, one in inner.items())
    if isinstance(value, list | tuple):
        return " ".join(_said(one, language) for one in cast("list[object]", value))
    return str(value)


def _is_short(value: object) -> bool:
    """Curves and lists of versions belong in the file, not on the card."""
    return not isinstance(value, Mapping | list | tuple) and len(str(value)) < 200
