"""Which photos show none of the classes: far from all that was learned from, and with little to say for any class.

Two signs, each measured in spreads of the photos that were held out. How far the features lie from the plane that
holds most of what was learned from, and the energy of the logits (Wang and others, "ViM: Out-of-Distribution with
Virtual-logit Matching", 2022; Liu and others, "Energy-based Out-of-distribution Detection", 2020). Their difference
becomes the share of "none of these", a half where all but `KEPT` of the photos held out lie below. It is written
into the network itself, so that every reader of the model refuses alike.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import PROBABILITIES
from calame.images.dense import Dense
from calame.images.mobilenet import FEATURES, Floats
from calame.images.onnxfile import OnnxFile

KEPT = 0.95  # of the photos that belong, that are not to be refused
PLANE = 64  # directions of the plane, at most
STEEP = 2.0  # how fast the share of "none" goes from 0 to 1, in spreads


@dataclass(frozen=True, eq=False)
class Outsiders:
    """The plane: its middle (width,) and directions (width, k); and `near`, `far`: how both signs make one number.

    The share of none is sigmoid(`far` * distance - `energy` * energy + `shift`).
    """

    middle: Floats
    directions: Floats
    far: float
    energy: float
    shift: float

    def shares(self, features: Floats, logits: Floats) -> Floats:
        """Return the share of "none of these" of each photo, (n,)."""
        score = self.far * distance(features, self.middle, self.directions) - self.energy * energy(logits) + self.shift
        return (1 / (1 + np.exp(-np.clip(score, -60, 60)))).astype(np.float32)

    def write(self, file: OnnxFile, logits: str, known: str) -> None:
        """Write it after the softmax `known`: the known classes share what is not none."""
        rest = file.node("Sub", [FEATURES, file.constant("none/middle", self.middle)], "none/away")
        directions = file.constant("none/directions", self.directions)
        back = file.constant("none/back", np.ascontiguousarray(self.directions.T))
        inside = file.node("MatMul", [file.node("MatMul", [rest, directions], "none/in"), back], "none/inside")
        length = file.node(
            "ReduceL2", [file.node("Sub", [rest, inside], "none/out")], "none/distance", axes=[1], keepdims=1
        )
        free = file.node("ReduceLogSumExp", [logits], "none/energy", axes=[1], keepdims=1)
        far = file.node("Mul", [length, _number(file, "none/far", self.far)], "none/far_away")
        near = file.node("Mul", [free, _number(file, "none/by_energy", self.energy)], "none/known")
        score = file.node("Sub", [far, near], "none/difference")
        shifted = file.node("Add", [score, _number(file, "none/shift", self.shift)], "none/score")
        none = file.node("Sigmoid", [shifted], "none/share")
        left = file.node("Sub", [_number(file, "none/one", 1.0), none], "none/rest")
        file.node("Concat", [file.node("Mul", [known, left], "none/classes"), none], PROBABILITIES, axis=1)


def fit_outsiders(features: Floats, held_out: Floats, dense: Dense) -> Outsiders:
    """Return what tells outsiders from the photos learned from, (n, width), measured on those held out."""
    middle = features.mean(axis=0)
    _, sizes, turned = np.linalg.svd(features - middle, full_matrices=False)
    count = max(1, min(PLANE, len(sizes) // 4))
    directions = np.ascontiguousarray(turned[:count].T)
    lengths, energies = distance(held_out, middle, directions), energy(dense.logits(held_out))
    far, near = 1 / (lengths.std() + 1e-6), 1 / (energies.std() + 1e-6)
    score = far * lengths - near * energies
    shift = -np.quantile(score, KEPT)
    scale = STEEP / (score.std() + 1e-6)
    return Outsiders(
        middle.astype(np.float32),
        directions.astype(np.float32),
        float(scale * far),
        float(scale * near),
        float(scale * shift),
    )


def distance(features: Floats, middle: Floats, directions: Floats) -> NDArray[np.floating]:
    """Return how far features lie from the plane, (n,)."""
    away = features - middle
    return np.linalg.norm(away - away @ directions @ directions.T, axis=1)


def energy(logits: Floats) -> NDArray[np.floating]:
    """Return the logarithm of the sum of the exponentials of each row, (n,)."""
    most = logits.max(axis=1)
    return most + np.log(np.exp(logits - most[:, None]).sum(axis=1))


def _number(file: OnnxFile, name: str, value: float) -> str:
    return file.constant(name, np.array(value, np.float32))
