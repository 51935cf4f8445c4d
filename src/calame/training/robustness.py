"""How accuracy falls as pictures get worse: one curve for each kind of harm.

Takes any classifier and knows nothing of how it works. The harms themselves are in `calame.perturb`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from calame import perturb
from calame.training.intervals import SEED, Interval, wilson

SAMPLE = 1000  # pictures a level: the interval at 99 % is then ±0.6 points

Classify = Callable[[NDArray[np.uint8]], NDArray[np.floating]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Harm:
    """One way to make pictures worse.

    Attributes:
        name: a stable name, also the key of its words.
        apply: (images, level, rng) to images.
        levels: amounts, rising in even steps.
        neutral: the level among them that changes nothing.
        unit: of the levels: "" (none), "°", "px" or "×".
    """

    name: str
    apply: perturb.Perturb
    levels: tuple[float, ...]
    neutral: float
    unit: str


HARMS = (
    Harm("noise", perturb.add_noise, (0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6), 0, ""),  # the course's range
    Harm("rotation", perturb.rotate, (-60, -40, -20, 0, 20, 40, 60), 0, "°"),
    Harm("shift", perturb.shift, (0, 1, 2, 3, 4, 5, 6), 0, "px"),
    Harm("scale", perturb.scale, (0.4, 0.6, 0.8, 1, 1.2, 1.4), 1, "×"),
    Harm("stroke", perturb.stroke, (-2, -1, 0, 1, 2, 3, 4), 0, "px"),
    Harm("blur", perturb.blur, (0, 0.5, 1, 1.5, 2, 2.5, 3), 0, "px"),
    Harm("occlusion", perturb.occlude, (0, 2, 4, 6, 8, 10, 12), 0, "px"),
)


@dataclass(frozen=True)
class Level:
    """Accuracy at one amount of one harm, with its Wilson interval (95 %)."""

    level: float
    right: int
    count: int
    interval: Interval

    @property
    def accuracy(self) -> float:
        """The share read right, 0-1."""
        return self.right / self.count


@dataclass(frozen=True)
class Curve:
    """Accuracy over the amounts of one harm.

    Attributes:
        name: of the harm.
        unit: of its levels.
        neutral: the level that changes nothing.
        levels: in rising order.
        examples: (levels, h, w) uint8, the same digit at each level.
    """

    name: str
    unit: str
    neutral: float
    levels: tuple[Level, ...]
    examples: NDArray[np.uint8] = field(repr=False, compare=False)


def robustness(
    classify: Classify,
    images: NDArray[np.uint8],
    labels: NDArray[np.integer],
    *,
    harms: tuple[Harm, ...] = HARMS,
    sample: int = SAMPLE,
    seed: int = SEED,
    progress: Progress | None = None,
) -> tuple[Curve, ...]:
    """Return a curve for each harm, all on the same random `sample` of the pictures.

    Args:
        classify: (n, 28, 28) uint8 to (n, 10) probabilities.
        images: (n, 28, 28) uint8, ink bright on 0, as the network sees them.
        labels: (n,) 0-9.
        harms: what to try.
        sample: at most so many pictures.
        seed: of the sample and of what is random in a harm; same seed, same curves.
        progress: called with (levels done, levels in all).
    """
    chosen = np.random.default_rng(seed).permutation(len(images))[:sample]
    images, labels = images[chosen], labels[chosen]
    shown = _clearest(classify, images, labels)
    total, done = sum(len(harm.levels) for harm in harms), 0
    curves: list[Curve] = []
    for harm in harms:
        levels: list[Level] = []
        examples: list[NDArray[np.uint8]] = []
        for level in harm.levels:
            # Every level starts from the same seed: noise grows in place, squares stay where they are.
            worse = harm.apply(images, level, np.random.default_rng(seed))
            right = int(np.sum(classify(worse).argmax(1) == labels))
            levels.append(Level(level, right, len(labels), wilson(right, len(labels))))
            examples.append(worse[shown])
            done += 1
            if progress:
                progress(done, total)
        curves.append(Curve(harm.name, harm.unit, harm.neutral, tuple(levels), np.stack(examples)))
    return tuple(curves)


def _clearest(classify: Classify, images: NDArray[np.uint8], labels: NDArray[np.integer]) -> int:
    """The place of a digit to show: the surest 5 (turned, it looks like no other digit), or the first picture."""
    fives = np.flatnonzero(labels == 5)
    return int(fives[np.argmax(classify(images[fives])[:, 5])]) if len(fives) else 0
