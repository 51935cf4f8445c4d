"""The smallest change that flips what one look answers: each pixel a little darker or lighter, in the worst direction.

A single step along the sign of the slope is FGSM (Goodfellow and others, "Explaining and Harnessing Adversarial
Examples", 2015); many small ones, each brought back to within the allowed change, are PGD (Madry and others,
"Towards Deep Learning Models Resistant to Adversarial Attacks", 2018). The smallest change is then looked for by
halving. Nobody writes such a picture: it shows what the network minds and a person does not. A `DigitReader`, which
looks again in turned views when in doubt, may still read it right.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import Floats
from calame.errors import BadParameter
from calame.explain.network import Model, Network, Picture, opened, seen
from calame.types import DIGITS

BUDGET = 96  # grey levels of 255
STEPS = 24
FULL = 255

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Flip:
    """A picture that looks the same, and of which one look of the network says another digit.

    Attributes:
        before, after: the digits.
        picture: (28, 28) uint8, the changed picture.
        change: (28, 28) int16, grey levels added to each pixel.
        level: the largest of them: no pixel changed by more.
        method: "FGSM" when one step was enough at this level, else "PGD".
        probabilities: (2, 10) float32, before and after, not calibrated.
    """

    before: int
    after: int
    picture: Picture
    change: NDArray[np.int16]
    level: int
    method: Literal["FGSM", "PGD"]
    probabilities: Floats


def flip(
    model: Model, picture: Picture, budget: int = BUDGET, *, steps: int = STEPS, progress: Progress | None = None
) -> Flip | None:
    """Return the smallest change found, of at most `budget` grey levels in any pixel, that flips the answer.

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0.
        budget: grey levels, 1-255.
        steps: of PGD, at each level tried.
        progress: called with (levels tried, levels to try).

    What is found is a whole picture of 256 grey levels, and ONNX Runtime reads it as another digit: both are
    checked. None: within the budget nothing was found, which does not prove that there is nothing.
    Source: Goodfellow and others, 2015 (FGSM); Madry and others, 2018 (PGD); the quantity that is driven down is
    the lead of the answer's logit over the next best (Carlini and Wagner, 2017), whose slope does not fade where
    the network is sure.

    Raises:
        BadArray, BadParameter: another picture or budget.
        UnsupportedModel: see `gradient.Tape`.

    Example:
        >>> found = flip("digits", reading.prepared)
        >>> found.before, found.after, found.level
        (7, 9, 41)
    """
    if not 1 <= budget <= FULL:
        raise BadParameter(name="budget", found=budget, expected=f"1 – {FULL}")
    network, start = opened(model), seen(picture)[0]
    answer = int(network.classify(start[None])[0].argmax())
    fails, works, rounds = 0, budget + 1, int(np.ceil(np.log2(budget + 1)))
    best: Picture | None = None
    done = 0
    while works - fails > 1:
        level = (fails + works) // 2 if best is not None else budget
        found = _attacked(network, start, answer, level, steps)
        fails, works, best = (level, works, best) if found is None else (fails, level, found)
        done += 1
        if progress is not None:
            progress(min(done, rounds), rounds)
    return None if best is None else _told(network, start, answer, best)


def _attacked(network: Network, start: Picture, answer: int, level: int, steps: int) -> Picture | None:
    """Return a picture within `level` of `start` that is read as something else: by one step, or else by many."""
    low, high = np.maximum(start - np.float32(level), 0), np.minimum(start + np.float32(level), FULL)
    for count, size in ((1, float(level)), (steps, max(level / 6, 1.0))):
        grey = start.astype(np.float32)
        for _ in range(count):
            slopes = _slopes(network, grey, answer)
            grey = np.clip(grey + np.float32(size) * np.sign(slopes), low, high)
            whole = np.rint(grey).astype(np.uint8)
            if network.classify(whole[None])[0].argmax() != answer:
                return whole
    return None


def _slopes(network: Network, grey: Floats, answer: int) -> Floats:
    """How the lead of the best other class over the answer changes with every pixel, (28, 28)."""
    tape = network.run(network.pixels(grey[None]))
    logits = tape.values[network.logits]
    others = np.where(np.arange(DIGITS) == answer, -np.inf, logits[0])
    lead = np.zeros_like(logits)
    lead[0, int(others.argmax())], lead[0, answer] = 1, -1
    return network.slopes(tape, {network.logits: lead})[0, ..., 0]


def _told(network: Network, start: Picture, answer: int, found: Picture) -> Flip:
    change = found.astype(np.int16) - start
    level = int(np.abs(change).max())
    once = _attacked(network, start, answer, level, 0)  # no steps of PGD: does one do it?
    probabilities = network.classify(np.stack([start, found]))
    return Flip(
        before=answer,
        after=int(probabilities[1].argmax()),
        picture=found,
        change=change,
        level=level,
        method="PGD" if once is None else "FGSM",
        probabilities=probabilities,
    )
