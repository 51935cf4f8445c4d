"""`calame train pictures FOLDER`: a folder of photos, one folder inside for each class, becomes a network of one's own.

1. the base: MobileNetV2, found, or fetched as for `calame classify`;
2. train (`images.transfer`), saying what is slow, what could not be read and what is twice there;
3. put the model folder on the shelf, write the report, and say how to use both.
"""

import contextlib
import re
import sys
import unicodedata
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calame.cli.classify import obtained
from calame.cli.common import LONGEST_NAME, Context, check_writable, writing
from calame.config import quiet_tensorflow
from calame.errors import UsageError
from calame.locale import Phrase
from calame.locale.numbers import number, percent

if TYPE_CHECKING:
    from calame.images.features import Progress

RUNS = Path("runs")
RESERVED = ("digits", "mobilenetv2", "mobilenetv2-int8")  # what Calame looks for when no model is named
NAMED = 5  # of each kind of oddity, that are named


def run(
    context: Context, folder: Path | None, changes: dict[str, int | None], out: Path | None, name: str | None
) -> None:
    """Train on `folder`; the report goes to `out`, the model folder to the shelf under `name`."""
    if folder is None:
        raise UsageError(problem=Phrase("transfer.folder_wanted"))
    from calame.images.dense import EPOCHS
    from calame.images.features import Store
    from calame.images.folder import gather
    from calame.images.report import write_report
    from calame.images.transfer import Wishes, train
    from calame.shelf import Shelf

    pile, shelf = gather(folder), Shelf(context.settings.models)
    if name in RESERVED:
        raise UsageError(problem=Phrase("transfer.reserved", name=name))
    name = name or name_of(folder)
    place, out = shelf.place(name), out or RUNS / name
    check_writable(out, "--out")
    quiet_tensorflow()
    base = obtained(context, None)
    counts = {"photos": number(len(pile.paths), 0, context.settings.language), "classes": len(pile.classes)}
    context.say("transfer.begin", folder=folder, others=pile.others, **counts)
    if pile.empty:
        context.say("transfer.empty", names=", ".join(pile.empty[:NAMED]), count=len(pile.empty))
    if pile.astray:
        context.say("transfer.astray", folder=folder, count=pile.astray)
    store = Store(context.settings.home / "features" / f"{base.manifest.files['model.onnx']['sha256'][:16]}.npz")
    epochs, seed, blocks = (changes[key] for key in ("epochs", "seed", "unfreeze"))
    with progress_of(context) as progress:
        made, report = train(
            folder,
            base,
            place,
            name=name,
            store=store,
            wishes=Wishes(epochs or EPOCHS, seed or 0, blocks or 0, progress, language=context.settings.language),
        )
    with writing(out, "--out"):
        pages = write_report(report, out, context.settings.language)
    tell(context, report)
    print(made.manifest)
    context.say("transfer.done", model=made.manifest, path=made.path, report=pages)


def name_of(folder: Path) -> str:
    """Return a plain name for the network of a folder."""
    letters = unicodedata.normalize("NFKD", folder.resolve().name).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9]+", "-", letters).strip("-").lower()[:LONGEST_NAME] or "pictures"
    return f"{name}-pictures" if name in RESERVED else name


def tell(context: Context, report: dict[str, Any]) -> None:
    """Say how good it is, and what was odd, the first few of each kind."""
    language = context.settings.language
    for problem in report["unread"][:NAMED]:
        print(f"calame: {problem}", file=sys.stderr)
    if len(report["unread"]) > NAMED:
        context.say("transfer.unread", count=len(report["unread"]))
    for one, other in report["same"][:NAMED]:
        context.say("transfer.same", one=one, other=other)
    if report["same"]:
        context.say("transfer.same_all", count=len(report["same"]), across=report["same_in_two_classes"])
    found = report["accuracy"]
    ends = {end: percent(found[end], 1, language) for end in ("share", "low", "high")}
    refused = percent(report["refused"]["share"], 1, language)
    context.say("transfer.accuracy", n=found["n"], refused=refused, **ends)


@contextlib.contextmanager
def progress_of(context: Context) -> "Generator[Progress | None]":
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True, no_color=not context.settings.colour), transient=True) as bar:
        task = bar.add_task(context.text("transfer.features"))
        yield lambda done, total: bar.update(task, completed=done, total=total)
