"""The preparation as data: a recipe is a line of text, its steps are run in order, and a recorder may watch.

    grey | limit(400) | flatten | polarity | illumination | ink | main | check | crop | scale | centre

The runner makes the trace; the steps know nothing of it, and it costs nothing when nobody looks.
"""

import ast
import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.errors import BadRecipe
from calame.imaging.frame import Frame, Step
from calame.imaging.quality import measure
from calame.imaging.shared import Shared
from calame.imaging.steps import STEPS
from calame.locale import Phrase
from calame.types import SIDE, Picture, Quality, Rejection

# What the shipped model learned to see; the manifest of every model holds its own.
DEFAULT = (
    "grey | even | table | limit | denoise | flatten | polarity | illumination | lines | ink | main"
    " | check | crop | stroke(most=4) | scale | contrast | centre"
)
LIMITS = (0, 10_000)  # of a parameter, where `RANGES` says nothing else
RANGES = {
    ("even", "longer"): (SIDE, 10_000), ("limit", "longer"): (SIDE, 10_000),
    ("scale", "side"): (1, SIDE), ("centre", "side"): (SIDE, SIDE),
    ("flatten", "small"): (8, 512), ("flatten", "rounds"): (1, 20), ("flatten", "rough"): (0, 10),
    ("polarity", "small"): (8, 512), ("denoise", "strength"): (0, 10), ("denoise", "widest"): (0, 0.2),
    ("table", "small"): (32, 512), ("clahe", "tiles"): (1, 64), ("background", "sure"): (0.01, 1),
}  # fmt: skip
COLOURED = {"background", "grey", "limit"}  # the steps that take (h, w, 3) as well
STEP = re.compile(r"\s*([a-z_]+)\s*(?:\((.*)\))?\s*")

Recorder = Callable[[str, float, NDArray[np.uint8]], None]  # name, milliseconds, what came out


@dataclass(frozen=True)
class Recipe:
    """Steps in order; `str(recipe)` is the text that `parse` reads, every parameter in it: it outlives our defaults."""

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return " | ".join(_text(step) for step in self.steps)


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the preparation of one picture came to.

    Attributes:
        pixels: (28, 28) uint8, ink 255 on 0; None when there is no ink to show.
        rejected: why this is no digit, or None.
        quality: how readable the picture is; None when there is no ink to judge.
    """

    pixels: NDArray[np.uint8] | None
    rejected: Rejection | None
    quality: Quality | None


def parse(text: str) -> Recipe:
    """Read a recipe: names of steps with parameters, `limit(640)` or `ink(faint=0.4)`, separated by bars.

    Parameters are plain numbers; nothing is evaluated.

    Raises:
        BadRecipe: an unknown step or parameter; the message lists the known ones.

    Example:
        >>> str(parse("grey|limit( 320 )"))
        'grey | limit(longer=320)'
    """
    return Recipe(tuple(_step(part, text) for part in text.split("|")))


def run(recipe: Recipe, picture: Picture, record: Recorder | None = None) -> Prepared:
    """Run the steps on a picture, (h, w) or (h, w, 3) uint8.

    A frame rejected for want of ink ends the run; one rejected for its shape goes on, to be looked at.
    `record` is called after each step.

    Raises:
        BadRecipe: a step that takes grey alone is given colour, or the last one leaves another shape than 28×28.
    """
    with _one_thread.held():
        return _run(recipe, Frame(picture.pixels), record)


def before(names: Collection[str], recipe: Recipe, picture: Picture) -> dict[str, Frame]:
    """Return a picture as it is before each of some steps, by their names; without those that it does not come to."""
    frame, found = Frame(picture.pixels), dict[str, Frame]()
    with _one_thread.held():
        for step in recipe.steps:
            if name_of(step) in names:
                found[name_of(step)] = frame
            if len(found) == len(names) or frame.rejected in ("blank", "no_ink"):
                break
            frame = step(frame)
    return found


def _run(recipe: Recipe, frame: Frame, record: Recorder | None) -> Prepared:
    for step in recipe.steps:
        if frame.pixels.ndim == 3 and name_of(step) not in COLOURED:
            raise BadRecipe(recipe=str(recipe), problem=Phrase("recipe.no_grey", name=name_of(step)))
        started = time.perf_counter()
        frame = step(frame)
        if record is not None:
            record(name_of(step), (time.perf_counter() - started) * 1e3, frame.pixels)
        if frame.rejected in ("blank", "no_ink"):
            return Prepared(None, frame.rejected, None)
    if frame.pixels.shape != (SIDE, SIDE):
        raise BadRecipe(recipe=str(recipe), problem=Phrase("recipe.bad_end", found=frame.pixels.shape, side=SIDE))
    return Prepared(frame.pixels, frame.rejected, measure(frame))


def stay_in_thread() -> None:
    """Let no step start threads of its own, in a process that does nothing else with OpenCV."""
    cv2.setNumThreads(1)


def _without_threads() -> Callable[[], object]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    return lambda: cv2.setNumThreads(before)


_one_thread = Shared(_without_threads)  # half of the processor's time goes to handing tiny pictures over otherwise


def name_of(step: Step) -> str:
    """Return the name that a step has in a recipe."""
    return type(step).__name__.lower()


def _step(part: str, text: str) -> Step:
    match = STEP.fullmatch(part)
    name = match.group(1) if match else part.strip()
    if match is None or name not in STEPS:
        raise BadRecipe(recipe=text, problem=Phrase("recipe.unknown_step", name=name, known=", ".join(STEPS)))
    kind = STEPS[name]
    known = [entry.name for entry in fields(kind)]  # pyright: ignore[reportArgumentType]
    try:
        call = ast.parse(f"f({match.group(2) or ''})", mode="eval").body
        if not isinstance(call, ast.Call) or len(call.args) > len(known):
            raise ValueError(part)
        values = dict(zip(known, (ast.literal_eval(value) for value in call.args), strict=False))
        values |= {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError) as error:  # all that the parser raises
        raise BadRecipe(recipe=text, problem=Phrase("recipe.bad_call", call=part.strip())) from error
    for word, value in values.items():
        if word not in known or isinstance(value, bool) or not isinstance(value, int | float):
            problem = Phrase("recipe.bad_parameter", name=name, word=word, known=", ".join(known) or "–")
            raise BadRecipe(recipe=text, problem=problem)
        low, high = RANGES.get((name, word), LIMITS)
        if not low <= value <= high:
            problem = Phrase("recipe.out_of_range", name=name, word=word, value=value, low=low, high=high)
            raise BadRecipe(recipe=text, problem=problem)
    return kind(**values)


def _text(step: Step) -> str:
    entries = fields(step)  # pyright: ignore[reportArgumentType]
    values = [f"{entry.name}={getattr(step, entry.name)!r}" for entry in entries]
    return f"{name_of(step)}({', '.join(values)})" if values else name_of(step)
