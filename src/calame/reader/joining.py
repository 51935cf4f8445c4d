"""Two readers of one line: how probable a text is when both are asked.

Each reader gives texts with logarithmic probabilities. What either proposes is a candidate; each candidate is scored by
both, and by whether it is a reader's first choice, so that agreement counts; a softmax over the candidates and "none of
them" makes probabilities (a conditional logit: McFadden, 1974). The weights were fitted on made lines of hands that
neither network had learned from (`recipes/codes.py`). Knows texts and numbers alone.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Scored = tuple[str, float]  # a text and the logarithm of its probability
FLOOR = -14.0  # a less probable text counts as this: a network's smallest numbers say nothing
MOST = 12  # candidates


class Weights(NamedTuple):
    """What counts how much: of a candidate, then of "none of them"."""

    line: float  # the line network's logarithmic probability
    cutting: float  # the cutting reader's
    line_first: float  # it is the line network's first choice
    cutting_first: float  # it is the cutting reader's
    none: float
    none_line: float  # the line network's logarithmic probability of its first choice
    none_cutting: float


def joined(
    line: Sequence[Scored],
    cutting: Sequence[Scored],
    line_of: Callable[[str], float],
    cutting_of: Callable[[str], float],
    weights: Weights,
) -> list[Scored]:
    """Return the candidates with their probabilities, best first; they leave something to "none of them".

    Args:
        line: what the line network proposes, best first, perhaps nothing.
        cutting: what the cutting reader does.
        line_of: the line network's logarithmic probability of any text.
        cutting_of: the cutting reader's.
        weights: see `Weights`.
    """
    texts = _candidates(line, cutting)
    if not texts:
        return []
    rows, none = features(texts, line, cutting, line_of, cutting_of)
    scores = np.append(rows @ np.array(weights[:4]), none @ np.array(weights[4:]))
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    order = np.argsort(-shares[:-1], kind="stable")
    return [(texts[place], float(shares[place])) for place in order.tolist()]


def features(
    texts: Sequence[str],
    line: Sequence[Scored],
    cutting: Sequence[Scored],
    line_of: Callable[[str], float],
    cutting_of: Callable[[str], float],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return what `Weights` weighs: (n, 4) of the candidates, (3,) of none of them."""
    by_line, by_cutting = dict(line), dict(cutting)
    first = [known[0] if known else ("", FLOOR) for known in (line, cutting)]
    rows = np.empty((len(texts), 4))
    for row, text in zip(rows, texts, strict=True):
        one = by_line.get(text)
        other = by_cutting.get(text)
        row[0] = _held(line_of(text) if one is None else one)
        row[1] = _held(cutting_of(text) if other is None else other)
        row[2:] = text == first[0][0], text == first[1][0]
    return rows, np.array([1.0, _held(first[0][1]), _held(first[1][1])])


def _candidates(line: Sequence[Scored], cutting: Sequence[Scored]) -> list[str]:
    """Return what either proposes, the first choices of both first."""
    texts: dict[str, None] = {}
    for place in range(max(len(line), len(cutting))):
        for known in (line, cutting):
            if place < len(known) and known[place][0]:
                texts[known[place][0]] = None
    return list(texts)[:MOST]


def _held(score: float) -> float:
    return max(score, FLOOR) if not math.isnan(score) else FLOOR
