"""What a unit would like to see best: a picture grown from noise, uphill along the gradient.

Climbing alone ends in a glitter that no pen could write. What keeps it legible is what Olah and others use
("Feature Visualization", Distill, 2017): jitter, the picture moved a little before every step, so that no single
pixel can carry the whole; blur, strong at first and gone at the end, so that shapes come before details. Paper
does the rest: every step fades the ink a little, and what does not serve the unit goes blank.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import Floats
from calame.explain.network import Model, Network, one_of, opened
from calame.explain.windows import Array
from calame.types import DIGITS, SIDE

STEPS, STEP = 64, 0.2  # and how much of full ink the pixel that matters most gains in a step
JITTER, STILL = 1, 0.3  # pixels, each way; the share of the steps, at the end, without it
BLUR = 0.1  # share of a pixel that goes to each neighbour, at first; of the gradient, two and a half times that
FADE, FADE_OF_CLASSES = 0.003, 0.006  # of full ink, in every step
NOISE = 0.26  # of full ink: uniform noise up to this has as much ink as a digit of MNIST
TRIES = 5  # climbs from other noise for a unit that sleeps at the end of one
SAMPLES = 32  # pictures of noise that a unit is compared with

Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Liking:
    """What some units like to see.

    Attributes:
        layer: of the units.
        units: their numbers, or the digits when `layer` is the last.
        pictures: (n, 28, 28) uint8.
        responses: (n,) how strongly each unit answers to its picture: a class by its logit, a filter by the value
            in the middle of its map.
        noise: (n,) the same for noise with as much ink as a digit: the mean of many.
    """

    layer: str
    units: tuple[int, ...]
    pictures: NDArray[np.uint8]
    responses: Floats
    noise: Floats


def visualise(
    model: Model,
    layer: str,
    unit: int | Sequence[int],
    *,
    steps: int = STEPS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Liking:
    """Return the picture that excites a filter or a class most.

    Args:
        model: see `network.Model`.
        layer: a name of `Network.layers`; the last, "output" in ours, stands for the classes.
        unit: which of its filters, features or classes; several are done together, in less time.
        steps: uphill.
        seed: of the noise that it begins with, and of the jitter.
        progress: called with (steps done, steps in all).

    A filter is asked at the middle of its map, so that its picture shows how far it sees: a speck in the first
    layer, a stroke in the second, a part of a digit in the last.
    Source: Olah and others, "Feature Visualization", Distill, 2017; Erhan and others, "Visualizing Higher-Layer
    Features of a Deep Network", 2009.

    Raises:
        BadParameter: a layer or unit that is not there.
        UnsupportedModel: see `gradient.Tape`.

    Example:
        >>> visualise("digits", "output", range(10)).pictures.shape
        (10, 28, 28)
    """
    network = opened(model)
    units = (unit,) if isinstance(unit, int) else tuple(unit)
    aim = _Aim(network, layer, units)
    random = np.random.default_rng(seed)
    ink = _climbed(aim, random, steps, progress)
    responses = aim.responses(ink)
    for _ in range(TRIES - 1):
        asleep = np.flatnonzero(responses <= 0)
        if not asleep.size:
            break
        again = _Aim(network, layer, [units[place] for place in asleep])
        ink[asleep] = _climbed(again, random, steps)
        responses[asleep] = again.responses(ink[asleep])
    noise = random.uniform(0, NOISE, (SAMPLES, SIDE, SIDE)).astype(np.float32)
    return Liking(layer, units, np.rint(ink * 255).astype(np.uint8), responses, aim.of_all(noise))


def _climbed(aim: "_Aim", random: np.random.Generator, steps: int, progress: Progress | None = None) -> Floats:
    """Return pictures grown from noise, one for each unit: (n, 28, 28), whole grey levels from 0 to 1."""
    ink = random.uniform(0, NOISE, (len(aim.units), SIDE, SIDE)).astype(np.float32)
    for done in range(steps):
        left = 1 - done / max(steps - 1, 1)
        move = random.integers(-JITTER, JITTER + 1, 2) * (left > STILL)
        slopes = np.roll(aim.slopes(np.roll(ink, move, (1, 2))), -move, (1, 2))
        slopes = _blurred(slopes, 2.5 * BLUR * left)
        largest = np.abs(slopes).max((1, 2), keepdims=True)
        ink = _blurred(ink + STEP * slopes / np.maximum(largest, 1e-12), BLUR * left)
        ink = np.clip(ink - (FADE_OF_CLASSES if aim.classes else FADE), 0, 1)
        if progress is not None:
            progress(done + 1, steps)
    return (np.rint(ink * 255) / 255).astype(np.float32)


class _Aim:
    """The units that are to be raised: picture k is for unit k."""

    def __init__(self, network: Network, layer: str, units: Sequence[int]) -> None:
        self.network, self.units = network, list(units)
        inner = network.inner(network.need(layer))
        self.classes = layer == list(network.layers)[-1] or inner == network.logits
        self.name = network.logits if self.classes else inner
        count = DIGITS if self.classes else network.layers[layer][-1]
        for unit in units:
            one_of("unit", unit, count)

    def slopes(self, ink: Floats) -> Floats:
        """How each picture's unit changes with its pixels: (n, 28, 28) -> (n, 28, 28), per full ink."""
        node = self.network.maker(self.name)
        # Below zero a ReLU lets no slope through: a unit that sleeps is woken by what goes into it.
        name = node.inputs[0] if node is not None and node.operation == "Relu" else self.name
        tape = self.network.run(self._fed(ink), name)
        wanted = np.zeros_like(tape.values[name])
        wanted[(np.arange(len(ink)), self.units, *_middle(wanted))] = 1
        return self.network.slopes(tape, {name: wanted})[..., 0].astype(np.float32)

    def responses(self, ink: Floats) -> Floats:
        """How strongly each picture's unit answers, (n,)."""
        values = self.network.run(self._fed(ink), self.name).values[self.name]
        return values[(np.arange(len(ink)), self.units, *_middle(values))].astype(np.float32)

    def of_all(self, ink: Floats) -> Floats:
        """How strongly each unit answers to all pictures, on average, (units,)."""
        values = self.network.run(self._fed(ink), self.name).values[self.name]
        return values[(slice(None), self.units, *_middle(values))].mean(0).astype(np.float32)

    def _fed(self, ink: Floats) -> Floats:
        low, high = self.network.folder.manifest.input["range"]
        return (ink * np.float32(high - low) + np.float32(low))[..., None]


def _middle(values: Array) -> tuple[int, ...]:
    """Where a map is asked: in the middle; a feature has no place."""
    return tuple(side // 2 for side in values.shape[2:])


def _blurred(values: Floats, share: float) -> Floats:
    """Let every pixel give `share` of itself to each neighbour, down and across; edges keep theirs."""
    mixing = (1 - 2 * share) * np.eye(SIDE) + share * (np.eye(SIDE, k=1) + np.eye(SIDE, k=-1))
    mixing[0, 0] = mixing[-1, -1] = 1 - share
    return (mixing @ values @ mixing.T).astype(np.float32)
