"""`calame train`: a network by name, or a recipe file, becomes a model folder that `calame read` can use.

1. find (or fetch) MNIST and the writer ids of QMNIST, in `--data` alone when it is given; hold one writer in six out;
2. train by the network's plan, with what the call changes of it;
3. fit the temperature on the writers held out, export, and say what to do with the result.
"""

import ast
import re
import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from calame.cli.common import INTERRUPTED, Context, Lang, check_writable, writing
from calame.config import quiet_tensorflow
from calame.errors import UsageError
from calame.locale import Phrase
from calame.locale.numbers import number, percent

if TYPE_CHECKING:
    from calame.artifact import DataSource
    from calame.training.fit import Outcome

RUNS = Path("runs")
MODEL = "model"  # the model folder, in that of the run
PICTURES = "pictures"  # in the place of a network: one's own classes, from a folder
RECIPES = Path("recipes")
OPTION = re.compile("--[a-z][a-z-]*")


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("train", help=context.text("cli.train.help"))
    def train(  # pyright: ignore[reportUnusedFunction]
        what: Annotated[str, typer.Argument(help=context.text("cli.train.what"), metavar="RECIPE|NET|pictures")],
        folder: Annotated[Path | None, typer.Argument(help=context.text("cli.train.folder"), metavar="FOLDER")] = None,
        epochs: Annotated[int | None, typer.Option(min=1, help=context.text("cli.train.epochs"), metavar="N")] = None,
        seed: Annotated[int | None, typer.Option(min=0, help=context.text("cli.train.seed"), metavar="N")] = None,
        images: Annotated[int | None, typer.Option(min=128, help=context.text("cli.train.images"), metavar="N")] = None,
        data: Annotated[Path | None, typer.Option(help=context.text("cli.train.data"), metavar="DIR")] = None,
        out: Annotated[Path | None, typer.Option(help=context.text("cli.train.out"), metavar="DIR")] = None,
        unfreeze: Annotated[int, typer.Option(min=0, help=context.text("cli.train.unfreeze"), metavar="BLOCKS")] = 0,
        name: Annotated[str | None, typer.Option(help=context.text("cli.train.name"), metavar="NAME")] = None,
        lang: Lang = None,
    ) -> None:
        if out is not None:
            check_writable(out, "--out")
        if what == PICTURES:
            from calame.cli import pictures

            pictures.run(context, folder, {"epochs": epochs, "seed": seed, "unfreeze": unfreeze}, out, name)
            return
        if folder is not None:
            raise UsageError(problem=Phrase("cli.train.no_folder", folder=folder))
        changes = {"epochs": epochs, "seed": seed, "limit": images}
        if recipe := find_recipe(what):
            run_recipe(context, recipe, changes, data, out)
        else:
            run(context, what, changes, data, out)


def find_recipe(what: str) -> Path | None:
    """Return the recipe file that `what` names: a path ending in .py, or a file of `recipes/` that is no network."""
    from calame.training.plan import PLANS

    if what.endswith(".py"):
        if not Path(what).is_file():
            raise UsageError(problem=Phrase("cli.train.no_recipe", path=what))
        return Path(what)
    path = RECIPES / f"{what}.py"
    return path if what not in PLANS and path.is_file() else None


def run_recipe(
    context: Context, path: Path, changes: dict[str, int | None], data: Path | None, out: Path | None
) -> None:
    """Run a recipe as `python recipes/x.py` would, with the options given on; `CALAME_DATA` where it takes data.

    Raises:
        UsageError: an option was given that the recipe does not name.
    """
    given = {"--epochs": changes["epochs"], "--seed": changes["seed"], "--images": changes["limit"]}
    options = {name: value for name, value in (given | {"--data": data, "--out": out}).items() if value is not None}
    taken = options_of(path)
    for name in options:
        if name not in taken:
            raise UsageError(
                problem=Phrase("cli.train.not_taken", path=path, option=name, taken=", ".join(taken) or "–")
            )
    if "--data" in taken and context.settings.data is not None:
        options.setdefault("--data", context.settings.data)
    kept, sys.argv = sys.argv, [str(path), *(str(word) for option in options.items() for word in option)]
    try:
        runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.argv = kept


def options_of(path: Path) -> list[str]:
    """Return the options that a recipe's text names, such as "--data", in order; the recipe is not run."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError) as error:
        raise UsageError(problem=Phrase("cli.train.not_python", path=path, problem=error)) from error
    words = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return list(dict.fromkeys(word for word in words if OPTION.fullmatch(word)))


def run(context: Context, network: str, changes: dict[str, int | None], data: Path | None, out: Path | None) -> None:
    """Train `network` by its plan and leave model, curves and record in `out`; after Ctrl-C, exit 130.

    What is finished there already is left alone.

    Raises:
        UsageError: no such network, or `out` holds a run of another plan.
    """
    from calame.data.catalogue import credit
    from calame.data.sets import load_mnist, load_writers, split_by_writer
    from calame.imaging.recipe import DEFAULT, parse
    from calame.models.backend import load_keras
    from calame.training.plan import plan_for

    plan = plan_for(network, **changes)
    if out is not None:
        check_writable(out, "--out")  # before Keras, which takes seconds
    quiet_tensorflow()
    load_keras()
    folder = out or free_folder(RUNS, f"{network}-seed{plan.seed}")
    check_writable(folder, "--out")
    from calame.export.outcome import export_outcome
    from calame.training.progress import Watcher
    from calame.training.run import is_finished
    from calame.training.run import run as train

    if is_finished(folder, plan) and (folder / MODEL).is_dir():  # without a model: stopped while it was exported
        context.say("cli.train.finished", folder=folder)
        context.say("cli.train.next", folder=folder)
        return
    places = {name: find_data(context, name, data) for name in ("mnist", "qmnist")}
    mnist = load_mnist(places["mnist"])
    learn, judge = split_by_writer(load_writers(places["qmnist"]))
    images, labels = mnist.train_images[learn][: plan.limit], mnist.train_labels[learn][: plan.limit]
    held_out = mnist.train_images[judge], mnist.train_labels[judge]
    begin(context, network, folder, places, len(labels), len(held_out[1]))
    watcher = Watcher(plan.epochs, language=context.settings.language)
    with writing(folder, "--out"):
        try:
            outcome, record = train(
                plan, (images, labels), held_out, folder, language=context.settings.language, watchers=[watcher]
            )
        except KeyboardInterrupt:
            watcher.close()
            context.say("cli.train.nothing_yet")
            raise
        watcher.close()
        export_outcome(
            outcome,
            record,
            held_out,
            folder / MODEL,
            name=network,
            preparation=str(parse(DEFAULT)),
            data=cast("list[DataSource]", credit(mnist=len(labels))),
        )
    tell(context, outcome, folder)
    if outcome.interrupted:
        raise typer.Exit(INTERRUPTED)


def find_data(context: Context, name: str, data: Path | None) -> Path:
    """Return where a data set is: in `data` and nowhere else when it is given, else where it was found or fetched."""
    from calame.cli.data import obtain
    from calame.data.fetch import locate

    if data is not None:
        return locate(name, data)
    return obtain(name, [root for root in (context.settings.data, context.settings.cache) if root], context)


def begin(context: Context, network: str, folder: Path, places: dict[str, Path], learn: int, judge: int) -> None:
    """Say what is trained, on what, from where and into which folder."""
    language = context.settings.language
    counts = {"learn": number(learn, 0, language), "judge": number(judge, 0, language)}
    context.say("cli.train.begin", network=network, folder=folder, **counts)
    context.say("cli.train.places", folders=", ".join(dict.fromkeys(map(str, places.values()))))


def tell(context: Context, outcome: "Outcome", folder: Path) -> None:
    """Say what came out and what to do with it; after Ctrl-C, that it was the best so far."""
    from calame.training.run import best_of

    accuracy, language = best_of(outcome, "val_accuracy"), context.settings.language
    if outcome.interrupted:
        context.say("cli.train.interrupted", epoch=outcome.best)
    if accuracy is not None:
        seconds = number(outcome.seconds, 0, language)
        context.say("cli.train.done", accuracy=percent(accuracy, 2, language), epoch=outcome.best, seconds=seconds)
    context.say("cli.train.next", folder=folder)


def free_folder(base: Path, name: str) -> Path:
    """Return `base/name`, or with -2, -3 … when that holds a finished run; an unfinished one is taken up again."""
    from calame.training.keeper import STATE
    from calame.training.run import RECORD

    number = 1
    while True:
        folder = base / (name if number == 1 else f"{name}-{number}")
        if not (folder / RECORD).exists() or (folder / STATE).exists():
            return folder
        number += 1
