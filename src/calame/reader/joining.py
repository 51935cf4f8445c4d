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
EACH = 5  # candidates of each reader
HOPELESS = 8.0  # below a reader's first choice, logarithmic: such a text is no candidate of it


class Weights(NamedTuple):
    """What counts how much: of a candidate, then of "none of them"."""

    line: float  # the line network's logarithmic probability
    cutting: float  # the cutting reader's
    line_first: float  # it is the line network's first choice
    cutting_first: float  # it is the cutting reader's
    none: float
    none_line: float  # the line network's logarithmic probability of its first choice
    none_cutting: float
    cutting_ones: float = 0.0  # it is the cutting reader's first choice, and the line network's with 1s besides


def joined(
    line: Sequence[Scored], cutting: Sequence[Scored], cutting_of: Callable[[str], float], weights: Weights
) -> list[Scored]:
    """Return the candidates with their probabilities, best first; they leave something to "none of them".

    Args:
        line: what the line network proposes, best first, perhaps nothing.
        cutting: what the cutting reader does.
        cutting_of: the cutting reader's logarithmic probability of any text.
        weights: see `Weights`.
    """
    texts = candidates(line, cutting)
    if not texts:
        return []
    rows = features(texts, line, cutting, cutting_of)
    scores = rows @ np.array(weights)
    shares = np.exp(scores - scores.max())
    shares /= shares.sum()
    order = np.argsort(-shares[:-1], kind="stable")
    return [(texts[place], float(shares[place])) for place in order.tolist()]


def features(
    texts: Sequence[str], line: Sequence[Scored], cutting: Sequence[Scored], cutting_of: Callable[[str], float]
) -> NDArray[np.float64]:
    """Return what `Weights` weighs, (n + 1, 8): of each candidate, and last of none of them."""
    by_line, by_cutting = dict(line), dict(cutting)
    lowest = line[-1][1] - 1 if line else FLOOR  # what the network's search let go is less probable than all it kept
    rows = np.zeros((len(texts) + 1, len(Weights._fields)))
    for row, text in zip(rows, texts, strict=False):
        row[0] = _held(by_line.get(text, lowest))
        row[1] = _held(by_cutting[text] if text in by_cutting else cutting_of(text))
        row[2:4] = text == _first(line)[0], text == _first(cutting)[0]
        row[7] = text == _first(cutting)[0] and has_more_ones(text, _first(line)[0])
    rows[-1, 4:7] = 1.0, _held(_first(line)[1]), _held(_first(cutting)[1])
    return rows


def has_more_ones(text: str, than: str) -> bool:
    """Whether a text is another one with 1s besides: a bare 1 may be the side of a box, or have been taken for one."""
    return text.count("1") > than.count("1") and text.replace("1", "") == than.replace("1", "")


def _first(known: Sequence[Scored]) -> Scored:
    return known[0] if known else ("", FLOOR)


def candidates(line: Sequence[Scored], cutting: Sequence[Scored]) -> list[str]:
    """Return what either proposes, the first choices of both first."""
    texts: dict[str, None] = {}
    for place in range(EACH):
        for known in (line, cutting):
            if place < len(known) and known[place][0] and known[place][1] > known[0][1] - HOPELESS:
                texts[known[place][0]] = None
    return list(texts)


def _held(score: float) -> float:
    return max(score, FLOOR) if not math.isnan(score) else FLOOR
