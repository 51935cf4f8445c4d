"""What every lesson needs and none of them teaches: the pace, the digits, the course's network, pictures, words.

One file, so that a notebook can carry it along to a machine without this repository.
"""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame.artifact import ModelFolder, load
from calame.config import quiet_tensorflow, read_settings
from calame.data.fetch import fetch, locate
from calame.data.sets import load_mnist, load_writers, split_by_writer
from calame.drawing.colours import Palette, painted
from calame.errors import MissingData
from calame.imaging.recipe import DEFAULT
from calame.locale.numbers import THIN, number, percent

CLAIM = "application/vnd.calame.claim+json"
INK, QUIET, HAIR, ORANGE, BLUE = "#1b1e23", "#6b7280", "#d8dbe0", "#c2701c", "#1f5a96"
COLUMNS = 10  # pictures in a row
language = "en"  # of figures; `start` sets it


def pace(full: Any, short: Any) -> Any:
    """Return `short` when CALAME_COURSE=short, as the tests set it, else `full`."""
    return short if os.environ.get("CALAME_COURSE") == "short" else full


def start(spoken: str) -> None:
    """Begin a lesson in French or English: load Keras without its start-up notes, and dress the plots."""
    global language
    language = spoken
    quiet_tensorflow()
    from calame.models.backend import load_keras

    load_keras()
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of what a notebook cannot help but do
    import matplotlib.pyplot as plt

    look = {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": HAIR,
        "axes.grid.axis": "y",
        "axes.axisbelow": True,
    }
    look |= {"grid.color": HAIR, "axes.titlesize": 10, "axes.titlecolor": INK, "figure.dpi": 100}
    look |= {"figure.constrained_layout.use": True, "axes.titlelocation": "left", "font.size": 10}
    look["axes.prop_cycle"] = plt.cycler(color=[BLUE, ORANGE])
    plt.rcParams.update(look)


@dataclass(frozen=True, eq=False)
class Digits:
    """MNIST in three parts, images (n, 28, 28) uint8 and labels (n,): nobody who wrote `valid` wrote `train`."""

    train: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    valid: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    test: tuple[NDArray[np.uint8], NDArray[np.uint8]]


def digits() -> Digits:
    """Return MNIST, fetched at first use; fewer pictures at the short pace."""
    mnist = load_mnist(find("mnist"))
    learn, held = split_by_writer(load_writers(find("qmnist"), mnist=find("mnist")))
    train, valid, test = pace((None, None, None), (6000, 2000, 2000))
    return Digits(
        (mnist.train_images[learn][:train], mnist.train_labels[learn][:train]),
        (mnist.train_images[held][:valid], mnist.train_labels[held][:valid]),
        (mnist.test_images[:test], mnist.test_labels[:test]),
    )


def find(name: str) -> Path:
    """Return the folder of a data set: that of CALAME_DATA, or of what is fetched from its public mirrors."""
    settings = read_settings()
    try:
        return locate(name, settings.data, settings.cache)
    except MissingData:
        return fetch(name, settings.cache)


def work() -> Path:
    """Return the folder where lessons leave what later lessons take up."""
    folder = read_settings().home / pace("course", "course-short")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def course_model() -> Any:
    """Return the network of lesson 3: the one that was trained there, or one trained now, in the same way."""
    import keras

    from calame.training.plan import plan_for
    from calame.training.run import restore, run

    file = work() / "cnn.keras"
    if not file.exists():
        parts = digits()
        run(plan_for("course", epochs=pace(5, 3)), parts.train, parts.valid, work() / "cnn-run")
        restore(work() / "cnn-run").save(file)
    return keras.saving.load_model(file)


def course_folder() -> ModelFolder:
    """Return the same network as a model folder, which `calame.explain` and `DigitReader` open."""
    from calame.export.exporter import export_model

    model, folder = course_model(), work() / "cnn"
    made, kept = (folder / "manifest.json"), (work() / "cnn.keras")
    if made.exists() and made.stat().st_mtime >= kept.stat().st_mtime:
        return load(folder)
    images = digits().train[0][:256]
    return export_model(model, folder, check_images=images, name="cnn", version="1", preparation=DEFAULT, over=True)


def pct(share: float, decimals: int = 2) -> str:
    """Write 0.9934 as 99.34% or 99,34 %, as the lesson's language does."""
    return percent(float(share), decimals, language)


def num(value: float, decimals: int = 0) -> str:
    """Write 225034 as 225,034 or 225 034."""
    return number(float(value), decimals, language).replace("-", "−")


def tell(sentence: str, **figures: object) -> None:
    """Show a sentence (Markdown) with the figures of this run in it."""
    from IPython.display import Markdown, display

    display(Markdown(sentence.format(**figures)))


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Show a table."""
    lines = [head, ["---"] * len(head), *rows]
    tell("\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines).replace("{", "{{").replace("}", "}}"))


def show(
    pictures: Any, titles: Sequence[object] | None = None, *, columns: int = COLUMNS, colours: Palette = "ink"
) -> None:
    """Show pictures (n, h, w) side by side, on one scale for all, in the app's colours.

    Args:
        pictures: in colour, (n, h, w, 3), they are shown as they are.
        titles: one a picture.
        columns: in a row.
        colours: "ink" for pixels, "balance" for what can be negative, "viridis" for what cannot.
    """
    import matplotlib.pyplot as plt

    columns = min(columns, len(pictures))
    rows = -(-len(pictures) // columns)
    high = max(float(np.abs(picture).max()) for picture in pictures) or 1.0
    low = -high if colours == "balance" else 0.0
    size = 1.3 * columns, (1.3 if titles is None else 1.55) * rows
    cells = plt.figure(figsize=size).subplots(rows, columns, squeeze=False)
    for place, cell in enumerate(cells.flat):
        cell.set(xticks=[], yticks=[], visible=place < len(pictures))
        cell.spines[:].set(visible=True, color=HAIR)
        if place < len(pictures):
            one = np.asarray(pictures[place])
            cell.imshow(one if one.ndim == 3 else painted(one, low, high, colours))
            cell.set_title("" if titles is None else str(titles[place]), fontsize=9, loc="center")
    plt.show()


@dataclass(frozen=True)
class Claim:
    """What a lesson says it reaches, measured in this run, against its bar; shows itself below its cell."""

    what: str
    value: float
    bar: float
    least: bool

    @property
    def held(self) -> bool:
        """Whether the bar is reached."""
        return self.value >= self.bar if self.least else self.value <= self.bar

    def __str__(self) -> str:
        return f"{'✓' if self.held else '✗'} {self.what}{THIN if language == 'fr' else ''}: {self._compared()}"

    def _compared(self) -> str:
        sign = {(True, True): "≥", (True, False): "<", (False, True): "≤", (False, False): ">"}[self.least, self.held]
        small = max(abs(self.value), abs(self.bar)) < 1e-3
        value, bar = (f"{one:.1e}" if small else num(one, 3) for one in (self.value, self.bar))
        return f"{value} {sign} {bar}"

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        values = {"what": self.what, "value": self.value, "bar": self.bar, "held": self.held}
        return {"text/plain": str(self), CLAIM: values}


def claim(what: str, value: float, *, at_least: float | None = None, at_most: float | None = None) -> Claim:
    """Hold what this run measured against the lesson's bar; the tests of the course fail where it does not hold."""
    bar = at_least if at_most is None else at_most
    if bar is None:
        raise ValueError("a claim needs a bar: at_least or at_most")
    return Claim(what, float(value), bar, at_most is None)
