"""What is known of a digit on its way as plain values, whose names are a contract: steps, quality, maps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.drawing.png import sprite, uri
from calame.locale import text
from calame.types import Quality

NEEDED = frozenset({"grey", "ink", "crop", "scale", "centre"})  # without these there is no 28×28

Json = dict[str, object]


@dataclass(frozen=True, eq=False)
class Step:
    """One preparation step as it was done: name, milliseconds, and its picture as PNG; None when it was left out."""

    name: str
    milliseconds: float = 0.0
    png: bytes | None = None


def quality_json(quality: Quality, language: str) -> Json:
    """Return a quality as plain values; of the advice, the most pressing in words as well."""
    parts: Json = {
        name: round(getattr(quality, name), 4) for name in ("score", "contrast", "size", "aspect", "sharpness")
    }
    words = [text(f"reading.advice.{name}", language).strip("()") for name in quality.advice[:1]]  # no aside here
    return {"level": quality.level, **parts, "advice": list(quality.advice), "words": words[0] if words else None}


def step_json(step: Step, language: str) -> Json:
    """Return a preparation step as plain values."""
    return {
        "step": step.name,
        "words": text(f"step.{step.name}", language),
        "off": step.png is None,
        "needed": step.name in NEEDED or step.name in ("decode", "closer"),
        "milliseconds": round(step.milliseconds, 3),
        "image": None if step.png is None else uri(step.png),
    }


def sprite_json(maps: NDArray[np.float32]) -> Json:
    """Return maps (h, w, n), or values (n,), as one PNG with its scale."""
    drawn = sprite(maps)
    low, high = round(drawn.low, 6), round(drawn.high, 6)
    return {"low": low, "high": high, "columns": drawn.columns, "image": uri(drawn.png)}
