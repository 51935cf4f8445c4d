"""How much each thing counts for the reader that cuts: the weights of its spans, by the likelihood, on unseen hands.

    python recipes/cutting.py --data DIR [--share 1.0] [--ship]

Minutes: on 2 cores, three to make and cut the lines, three to fit. Prints how lines that were not fitted on are read
before and after, and, with --ship, replaces the weights in the package (src/calame/reader/cutting.json); then
`recipes/codes.py` has to join and calibrate anew.

1. make: numbers by the half of the held-out hands that `recipes/codes.py` joins with, other lines than there, each
   prepared and cut as `CodeReader` does;
2. fit:  from the weights that are there, the likelihood of what was written, over all ways to read the pieces: its
   slope is what the spans of the right text have, less what all spans have, as expected (Sarawagi and Cohen, 2004).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import lines
from calame.imaging.codec import decode
from calame.imaging.rows import CROOKED
from calame.imaging.segment import FAINT
from calame.reader.cutting import Weights, as_told, fitted, others, score
from calame.reader.lattice import Edge, Lattice
from codes import hands, with_weights
from pool import on_all_cores, portions
from shipping import parser

SHIPPED = Path(__file__).parent.parent / "src" / "calame" / "reader" / "cutting.json"
FIT = {"cheque": 1000, "form": 400, "cells": 250, "scan": 250, "six": 250, "date": 150, "photo": 350, "drawing": 150}
HELD = 4  # one line in so many is not fitted on
CHUNK = 50  # lines a task
EPOCHS, BATCH, RATE = 8, 32, 0.03
PRIOR = 1e-3  # how much a weight is held to where it started, for each line

Floats = NDArray[np.float64]


class Line(NamedTuple):
    """A made number in pieces: what is known of each span, as digits and as what is none."""

    text: str
    count: int
    spans: list[tuple[int, int]]
    chances: Floats  # (n, 10)
    shapes: Floats  # (n, FEATURES)
    each: Floats  # (n, BY_DIGIT)
    others: list[tuple[int, int, str, list[float]]]

    def lattice(self, weights: Weights) -> Lattice:
        """Return all ways to read it."""
        scores = score(self.chances, self.shapes, self.each, weights)
        edges = [Edge(*span, row) for span, row in zip(self.spans, scores, strict=True)]
        edges += [
            Edge(start, end, None, float(weights.others @ values), mark) for start, end, mark, values in self.others
        ]
        return Lattice(self.count, edges)


def main() -> None:
    arguments = parser(__doc__, "weights").parse_args()
    made_lines = made_all(arguments)
    held, learned = made_lines[::HELD], [line for place, line in enumerate(made_lines) if place % HELD]
    before = fitted()
    after = fit(before, learned)
    for name, weights in (("before", before), ("after", after)):
        print(f"{name}: {judged(weights, held)}")
    if arguments.ship:
        stored = {"digits": after.digits.round(4).tolist(), "each": after.each.round(4).tolist(),
                  "network": round(after.network, 4), "others": after.others.round(4).tolist()}  # fmt: skip
        SHIPPED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")


# 1. Make


def made_all(arguments: argparse.Namespace) -> list[Line]:
    """Make and cut the lines with all cores."""
    tasks = [(arguments.data, *portion) for portion in portions(FIT, arguments.share, CHUNK)]
    found = [line for some in on_all_cores(made, tasks, f"{CHUNK} lines") for line in some]
    return [found[place] for place in np.random.default_rng(0).permutation(len(found))]


def made(task: tuple[Path, str, int, int]) -> list[Line]:
    """One task of a worker: some lines of one kind, those that are one row and hardly slope."""
    cv2.setNumThreads(1)
    root, kind, start, count = task
    found: list[Line] = []
    for number in range(start, start + count):
        rng = np.random.default_rng((number, sum(map(ord, "cutting" + kind))))
        line = lines.make(kind, hands(root, "join"), rng)
        frame = with_weights()._prepare(decode(line.picture), None)
        if frame.rejected is not None or not (frame.pixels > FAINT).any():
            continue
        rows = with_weights()._rows(frame, several=False)
        if len(rows) == 1 and abs(np.rad2deg(rows[0].slope)) <= CROOKED:
            pieces = in_pieces(line.text, rows[0].ink, frame.edge)
            found += [] if pieces is None else [pieces]
    return found


def in_pieces(text: str, ink: NDArray[np.uint8], edge: float) -> Line | None:
    """Cut a line; None when nothing of it may be a digit."""
    found = with_weights()._cutting.spans_of(ink, edge)
    if found is None or not found[1]:
        return None
    strip, features, known = found
    told = as_told(np.array(list(features.values())), np.array([known[span] for span in features]))
    return Line(text, len(strip.boxes), list(features), *told, others(strip))


# 2. Fit


def fit(start: Weights, learned: Sequence[Line]) -> Weights:
    """Return the weights that make what was written most likely (Adam, the rate going down to 0)."""
    origin = flat(start)
    values, mean, spread = origin.copy(), np.zeros_like(origin), np.zeros_like(origin)
    rng = np.random.default_rng(0)
    steps, done = EPOCHS * -(-len(learned) // BATCH), 0
    for epoch in range(EPOCHS):
        order, likelihood = rng.permutation(len(learned)), []
        for at in range(0, len(order), BATCH):
            weights = shaped(values, start)
            each = [slope(weights, learned[place]) for place in order[at : at + BATCH]]
            likelihood += [one[0] for one in each if one is not None]
            up = np.mean([one[1] for one in each if one is not None], axis=0) - PRIOR * (values - origin)
            done += 1
            mean, spread = 0.9 * mean + 0.1 * up, 0.98 * spread + 0.02 * up**2
            step = mean / (1 - 0.9**done) / (np.sqrt(spread / (1 - 0.98**done)) + 1e-8)
            values += RATE * (1 - done / steps) * step
        print(f"epoch {epoch + 1}: log-likelihood {np.mean(likelihood):.4f}", file=sys.stderr, flush=True)
    return shaped(values, start)


def slope(weights: Weights, line: Line) -> tuple[float, Floats] | None:
    """Return the logarithm of the likelihood of a line and its slope; None when no way to read it gives the text."""
    lattice = line.lattice(weights)
    total, right, by_digit = lattice.score_of(line.text)
    if not np.isfinite(total):
        return None
    count = len(line.spans)
    scores = np.array([edge.digits for edge in lattice.edges[:count]])
    expected = lattice.marginals()
    shares = np.exp(scores - np.array(lattice.totals[:count])[:, None]) * expected[:count, None]
    more = by_digit[:count] - shares  # (n, 10)
    values = np.array([values for *_, values in line.others]).reshape(len(line.others), -1)
    return total - lattice.normaliser(), np.concatenate([
        more.sum(axis=1) @ line.shapes, (more.T @ line.each).ravel(), [(more * line.chances).sum()],
        (right[count:] - expected[count:]) @ values if line.others else np.zeros(len(weights.others)),
    ])  # fmt: skip


def flat(weights: Weights) -> Floats:
    return np.concatenate([weights.digits, weights.each.ravel(), [weights.network], weights.others])


def shaped(values: Floats, like: Weights) -> Weights:
    ends = np.cumsum([like.digits.size, like.each.size, 1])
    digits, each, network, rest = np.split(values, ends)
    return Weights(digits, each.reshape(like.each.shape), float(network[0]), rest)


def judged(weights: Weights, held: Sequence[Line]) -> dict[str, float]:
    """How lines are read: the share read right, and the mean logarithm of the likelihood where the text is possible."""
    right, likelihood = [], []
    for line in held:
        lattice = line.lattice(weights)
        right.append(lattice.texts()[0].text == line.text)
        total = lattice.score_of(line.text)[0]
        likelihood += [total - lattice.normaliser()] if np.isfinite(total) else []
    possible = len(likelihood) / len(held)
    return {"lines": len(held), "exact": round(float(np.mean(right)), 4), "possible": round(possible, 4),
            "log_likelihood": round(float(np.mean(likelihood)), 4)}  # fmt: skip


if __name__ == "__main__":
    main()
