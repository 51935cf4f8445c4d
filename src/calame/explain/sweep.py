"""What would it say if? One picture, changed a little more at each step, and the ten probabilities at each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from calame import perturb
from calame.engine.session import Floats
from calame.errors import BadParameter
from calame.explain.network import Model, Picture, opened, seen

KINDS: dict[str, perturb.Perturb] = {
    "noise": perturb.add_noise,
    "blur": perturb.blur,
    "rotation": perturb.rotate,
    "occlusion": perturb.occlude,
    "shift": perturb.shift,
    "scale": perturb.scale,
    "stroke": perturb.stroke,
}
SEED = 0


@dataclass(frozen=True, eq=False)
class Sweep:
    """The answers along one way of changing a picture.

    Attributes:
        kind: "noise", "blur", "rotation" ...
        values: (n,) the amounts, in the unit of `calame.perturb`: standard deviation 0-1, pixels, degrees.
        probabilities: (n, 10) float32, not calibrated.
        pictures: (n, 28, 28) uint8, what the network saw at each amount.
    """

    kind: str
    values: tuple[float, ...]
    probabilities: Floats
    pictures: Picture

    @property
    def turns(self) -> list[tuple[float, int, int]]:
        """Where the answer changes: the amount, the digit before and the digit from there on."""
        best = self.probabilities.argmax(1).tolist()
        steps = zip(self.values[1:], best, best[1:], strict=False)
        return [(value, before, after) for value, before, after in steps if before != after]


def sweep(model: Model, picture: Picture, kind: str, values: Sequence[float], *, seed: int = SEED) -> Sweep:
    """Return the probabilities of all digits over the amount of one change.

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0.
        kind: a name in `KINDS`: noise, blur, rotation, occlusion, shift, scale, stroke.
        values: amounts, in the order wanted.
        seed: of what is random; every amount begins from it, so that noise grows in place and a hole stays there.

    Source: the changes are those of `calame evaluate` (`calame.perturb`); the curves follow Hendrycks and
    Dietterich, "Benchmarking Neural Network Robustness to Common Corruptions and Perturbations", 2019.

    Raises:
        BadArray, BadParameter: another picture, a kind that is not known, no values.

    Example:
        >>> sweep("digits", reading.prepared, "rotation", range(-60, 61, 10)).probabilities.shape
        (13, 10)
    """
    if kind not in KINDS:
        raise BadParameter(name="kind", found=repr(kind), expected=", ".join(KINDS))
    amounts = tuple(float(value) for value in values)
    if not amounts or not np.isfinite(amounts).all():
        raise BadParameter(name="values", found=repr(list(values))[:60], expected="1, 2, …")
    batch, change = seen(picture), KINDS[kind]
    pictures = np.concatenate([change(batch, amount, np.random.default_rng(seed)) for amount in amounts])
    return Sweep(kind, amounts, opened(model).classify(pictures), pictures)
