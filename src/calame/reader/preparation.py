"""How pictures of numbers are prepared, and what there is to say of what came of it. Knows no reader."""

from collections.abc import Iterable

import numpy as np

from calame.imaging.frame import Frame
from calame.imaging.segment import FAINT
from calame.types import Trace, TraceStep

STEPS = (
    "grey | even(longer={even}) | table | limit(longer={longer}) | denoise(strength=1.0, widest=0.005) | flatten"
    " | polarity | illumination | {rules} | pen"
)
LINE = STEPS.format(even=1600, longer=1200, rules="rules")
PAGE = STEPS.format(even=2400, longer=2400, rules="rules(long=5.0, wide=0.1, page=1)")
SOFTER = LINE.replace("denoise(strength=1.0, widest=0.005)", "denoise")
OTHERWISE = (  # where that finds no ink, or ink nearly everywhere: noise, light ink that is none, very faint ink
    SOFTER,
    SOFTER.replace(" | polarity", ""),
    SOFTER.replace(" | rules | pen", " | pen(noise=0.6, least=0.03)"),
)
ANOTHER = OTHERWISE[-1]  # for what is in doubt as well: no lines taken out, and more of the ink
FULL = 0.45  # share of a picture that is no ink of a pen any more
FIRST = ("decode", "region", "straighten")  # steps of the trace that are none of a recipe


def kept(steps: list[TraceStep] | None) -> Trace | None:
    """Return the steps as a trace; None where nobody asked for one."""
    return None if steps is None else Trace(tuple(steps))


def before(steps: Iterable[TraceStep]) -> list[TraceStep]:
    """Return what was done before the preparation, which is the same for every other preparation."""
    return [step for step in steps if step.name in FIRST]


def has_ink(frame: Frame) -> bool:
    """Whether there is anything to read."""
    return frame.rejected not in ("blank", "no_ink") and bool((frame.pixels > FAINT).any())


def plausible(frame: Frame) -> bool:
    """Whether there is ink, and paper around it."""
    return frame.rejected is None and bool(0 < np.count_nonzero(frame.pixels > FAINT) < FULL * frame.pixels.size)


def alike(one: Frame, other: Frame) -> bool:
    """Whether two preparations of a picture came to the same ink in the same place."""
    facts = ((frame.scale, frame.left, frame.top, frame.edge, frame.rejected) for frame in (one, other))
    return len(set(facts)) == 1 and np.array_equal(one.pixels, other.pixels)
