"""`calame train`: a network by name, or a recipe file, becomes a model folder that `calame read` can use.

1. find (or fetch) MNIST and the writer ids of QMNIST; hold one writer in six out;
2. train by the network's plan, with what the call changes of it;
3. fit the temperature on the writers held out, export, and say what to do with the result.
"""

import runpy
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from calame.cli.common import Context, Lang
from calame.config import quiet_tensorflow
from calame.errors import UsageError
from calame.locale import Phrase

if TYPE_CHECKING:
    from calame.artifact import DataSource
    from calame.training.fit import Outcome

RUNS = Path("runs")
RECIPES = Path("recipes")


def register(app: typer.Typer, context: Context) -> None:
    """Declare the command in the context's language."""

    @app.command("train", help=context.text("cli.train.help"))
    def train(  # pyright: ignore[reportUnusedFunction]
        what: Annotated[str, typer.Argument(help=context.text("cli.train.what"), metavar="RECIPE|NET")],
        epochs: Annotated[int | None, typer.Option(min=1, help=context.text("cli.train.epochs"))] = None,
        seed: Annotated[int | None, typer.Option(min=0, help=context.text("cli.train.seed"))] = None,
        images: Annotated[int | None, typer.Option(min=128, help=context.text("cli.train.images"))] = None,
        data: Annotated[Path | None, typer.Option(help=context.text("cli.train.data"), metavar="DIR")] = None,
        out: Annotated[Path | None, typer.Option(help=context.text("cli.train.out"), metavar="DIR")] = None,
        lang: Lang = None,
    ) -> None:
        changes = {"epochs": epochs, "seed": seed, "limit": images}
        if recipe := find_recipe(what):
            run_recipe(recipe, changes, data or context.settings.data, out)
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


def run_recipe(path: Path, changes: dict[str, int | None], data: Path | None, out: Path | None) -> None:
    """Run a recipe as `python recipes/x.py` would, with the options given on."""
    options = {"--epochs": changes["epochs"], "--seed": changes["seed"], "--data": data, "--out": out}
    words = [str(word) for name, value in options.items() if value is not None for word in (name, value)]
    kept, sys.argv = sys.argv, [str(path), *words]
    try:
        runpy.run_path(str(path), run_name="__main__")
    finally:
        sys.argv = kept


def run(context: Context, network: str, changes: dict[str, int | None], data: Path | None, out: Path | None) -> None:
    """Train `network` by its plan and leave model, curves and record in `out`."""
    from calame.cli.data import obtain
    from calame.data.catalogue import credit
    from calame.data.sets import load_mnist, load_writers, split_by_writer
    from calame.imaging.recipe import DEFAULT, parse
    from calame.models.backend import load_keras
    from calame.training.plan import plan_for

    plan = plan_for(network, **changes)
    quiet_tensorflow()
    load_keras()
    from calame.export.outcome import export_outcome
    from calame.training.progress import Watcher
    from calame.training.run import run as train

    roots = [root for root in (data, context.settings.data, context.settings.cache) if root]
    mnist = load_mnist(obtain("mnist", roots, context))
    learn, judge = split_by_writer(load_writers(obtain("qmnist", roots, context)))
    folder = out or free_folder(RUNS, f"{network}-seed{plan.seed}")
    context.say("cli.train.begin", network=network, folder=folder, learn=int(learn.sum()), judge=int(judge.sum()))
    held_out = mnist.train_images[judge], mnist.train_labels[judge]
    outcome, record = train(
        plan,
        (mnist.train_images[learn], mnist.train_labels[learn]),
        held_out,
        folder,
        language=context.settings.language,
        watchers=[Watcher(plan.epochs, language=context.settings.language)],
    )
    export_outcome(
        outcome,
        record,
        held_out,
        folder / "model",
        name=network,
        preparation=str(parse(DEFAULT)),
        data=cast("list[DataSource]", credit(mnist=len(mnist.train_labels[learn][: plan.limit]))),
    )
    tell(context, outcome, folder)


def tell(context: Context, outcome: "Outcome", folder: Path) -> None:
    """Say what came out and what to do with it; after Ctrl-C, that it was the best so far."""
    from calame.training.run import best_of

    accuracy: Any = best_of(outcome, "val_accuracy")
    if outcome.interrupted:
        context.say("cli.train.interrupted", epoch=outcome.best)
    if accuracy is not None:
        context.say("cli.train.done", accuracy=f"{accuracy:.2%}", epoch=outcome.best, seconds=round(outcome.seconds))
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
