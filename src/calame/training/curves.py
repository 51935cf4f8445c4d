"""Learning curves as one picture: loss, accuracy and learning rate over the epochs.

Knows the history that a training keeps, and nothing of the training. Matplotlib (extra `train`) is imported
when a picture is drawn, and its global state (backend, rcParams, open figures) is left as it was.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from calame.errors import MissingExtra
from calame.locale import text
from calame.locale.numbers import number, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, QUIET, HAIR = "#1b1e23", "#6b7280", "#d8dbe0"
TRAINING, VALIDATION = "#c2701c", "#1f5a96"  # orange and blue: told apart by every kind of colour vision
SIZE = 7.2, 7.6  # inches
DPI = 160
LEAST_ERROR = 1e-4  # an accuracy of 100 % is drawn here, for want of a place on a logarithmic axis
WIDE = 8  # largest loss / smallest loss from which a logarithmic axis shows more than a linear one

History = Mapping[str, Sequence[float]]


def best_epoch(history: History) -> int | None:
    """Return the epoch, from 1, that a training keeps: the highest `val_accuracy`, of equals the lowest `val_loss`.

    None without validation.
    """
    scores = list(history.get("val_accuracy", ()))
    losses = list(history.get("val_loss", ())) or [0.0] * len(scores)
    marks = [(score, -loss) for score, loss in zip(scores, losses, strict=True)]
    return marks.index(max(marks)) + 1 if marks else None


def draw_curves(history: History, path: Path, language: str = "en", *, best: int | None = None) -> None:
    """Draw the curves into `path` (PNG).

    Args:
        history: by name, one value an epoch: "loss", "accuracy" (0-1), and where there are any "val_loss",
            "val_accuracy" and "learning_rate", as Keras calls them. Other names are passed over.
        path: the PNG to write; its folder exists.
        language: "en" or "fr".
        best: the epoch, from 1, whose weights were kept; `best_epoch(history)` unless given.

    Raises:
        MissingExtra: Matplotlib is not installed.

    Example:
        >>> draw_curves({"loss": [0.5, 0.2], "accuracy": [0.85, 0.94]}, Path("curves.png"))
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra(package="matplotlib", extra="train") from error
    rows = [name for name in ("loss", "accuracy") if history.get(name) or history.get(f"val_{name}")]
    heights = [3.0] * len(rows)
    if history.get("learning_rate"):
        rows, heights = [*rows, "learning_rate"], [*heights, 0.9]
    figure = Figure(figsize=(SIZE[0], SIZE[1] * sum(heights) / 6.9), dpi=DPI, layout="constrained", facecolor="white")
    figure.get_layout_engine().set(h_pad=0.09, w_pad=0.08)  # type: ignore[union-attr]
    panels = figure.subplots(len(rows), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    for name, axes in zip(rows, panels, strict=True):
        _dress(axes, text(f"curves.{name}", language))
        _PANELS[name](axes, history, language)
    _mark_best(dict(zip(rows, panels, strict=True)), history, best or best_epoch(history), language)
    _number_epochs(panels[-1], max(len(values) for values in history.values()), language)
    figure.savefig(path, format="png")


def _dress(axes: "Axes", title: str) -> None:
    """Quiet frame: a title at the left, a base line, horizontal hair lines."""
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK, pad=9)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(HAIR)
    axes.grid(axis="y", color=HAIR, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(length=0, labelsize=9, labelcolor=QUIET, pad=5)
    axes.tick_params(which="minor", left=False, labelleft=False)
    axes.margins(x=0.02, y=0.08)


def _pair(axes: "Axes", name: str, history: History, language: str, errors: bool = False) -> list[float]:
    """Draw training thin and validation strong; return all that was drawn."""
    drawn: list[float] = []
    looks: dict[str, dict[str, Any]] = {
        name: {
            "color": TRAINING,
            "linewidth": 1.4,
            "linestyle": (0, (4, 1.6)),
            "label": text("curves.training", language),
        },
        f"val_{name}": {"color": VALIDATION, "linewidth": 2.2, "label": text("curves.validation", language)},
    }
    for key, look in looks.items():
        values = np.asarray(history.get(key, ()), float)
        if values.size:
            values = np.maximum(1 - values, LEAST_ERROR) if errors else values
            marker = "o" if values.size == 1 else None  # one epoch is a point, not a line of no length
            axes.plot(np.arange(1, values.size + 1), values, marker=marker, solid_capstyle="round", **look)
            drawn += values.tolist()
    return drawn


def _loss(axes: "Axes", history: History, language: str) -> None:
    drawn = _pair(axes, "loss", history, language)
    positive = [value for value in drawn if value > 0]
    if len(positive) == len(drawn) and max(drawn) > WIDE * min(drawn):
        _logarithmic(axes, positive, lambda tick: _plain(tick, language))
        _note(axes, text("curves.stretched.loss", language))
    else:
        axes.locator_params(axis="y", nbins=6)
        axes.yaxis.set_major_formatter(lambda tick, _: _plain(tick, language))
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=2,
        frameon=False,
        fontsize=9,
        labelcolor=INK,
        borderaxespad=0.2,
    )


def _accuracy(axes: "Axes", history: History, language: str) -> None:
    """Draw the errors on an inverted logarithmic axis that is labelled with accuracies.

    From 99 to 99.5 % the errors halve, as they do from 90 to 95 %: both look alike here, and neither is flat.
    """
    drawn = _pair(axes, "accuracy", history, language, errors=True)
    _logarithmic(axes, drawn, lambda error: _short_percent(1 - error, language))
    axes.invert_yaxis()
    _note(axes, text("curves.stretched.accuracy", language))


def _note(axes: "Axes", words: str) -> None:
    """Say along an axis that equal steps are not equal amounts."""
    axes.set_ylabel(words, fontsize=8, color=QUIET, labelpad=7)


def _short_percent(share: float, language: str) -> str:
    digits = next(digits for digits in (0, 1, 2) if digits == 2 or abs(share * 100 - round(share * 100, digits)) < 1e-9)
    return percent(round(share, 6), digits, language)


def _plain(value: float, language: str) -> str:
    return f"{value:g}".replace(".", "," if language == "fr" else ".")


def _logarithmic(axes: "Axes", values: Sequence[float], write: Callable[[float], str]) -> None:
    """Set a logarithmic y axis with ticks at 1, 2 and 5 of each decade that the values reach."""
    low, high = min(values) / 1.15, max(values) * 1.15
    axes.set_yscale("log")
    steps = [step * 10.0**power for power in range(-8, 5) for step in (1, 2, 5)]
    ticks = [step for step in steps if low <= step <= high]
    if len(ticks) > 7:
        ticks = ticks[:: -(-len(ticks) // 7)]
    axes.set_yticks(ticks, [write(tick) for tick in ticks])
    axes.set_ylim(low, high)


def _learning_rate(axes: "Axes", history: History, language: str) -> None:
    rates = np.asarray(history["learning_rate"], float)
    axes.plot(np.arange(1, rates.size + 1), rates, color=QUIET, linewidth=1, marker="o" if rates.size == 1 else None)
    axes.set_ylim(0, rates.max() * 1.12 or 1)
    axes.set_yticks([0, rates.max()], ["0", _plain(float(f"{rates.max():.2g}"), language)])


def _mark_best(panels: "dict[str, Axes]", history: History, best: int | None, language: str) -> None:
    """Draw a dotted line through all panels at the epoch that was kept, and say its accuracy."""
    if best is None:
        return
    for axes in panels.values():
        axes.axvline(best, color=QUIET, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    if not history.get("val_accuracy"):  # told from outside, of a training that judged by something else
        return
    accuracy = history["val_accuracy"][best - 1]
    error = max(1 - accuracy, LEAST_ERROR)
    panels["accuracy"].plot([best], [error], "o", color=VALIDATION, markersize=7, markeredgecolor="white", zorder=5)
    note = text("curves.best", language, epoch=number(best), accuracy=percent(accuracy, 2, language))
    panels["accuracy"].set_title(note, loc="right", fontsize=9, color=VALIDATION, pad=9)


def _number_epochs(axes: "Axes", count: int, language: str) -> None:
    step = max(1, -(-count // 12))
    step = next(nice for nice in (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, step) if nice >= step)
    ticks = [1, *range(step, count + 1, step)] if step > 1 else list(range(1, count + 1))
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.set_xlabel(text("curves.epoch", language), fontsize=9, color=QUIET)


_PANELS = {"loss": _loss, "accuracy": _accuracy, "learning_rate": _learning_rate}
