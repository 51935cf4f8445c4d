"""All ways to read a line as a chain of pieces, and how probable each is: a conditional random field over segments.

A line is cut into more pieces than it has digits. An `Edge` takes a few neighbouring pieces for one digit, for a mark
between digits, or for dirt; a path of edges from the first piece to the last is one reading. A path's score is the sum
of its edges' (Sarawagi and Cohen, "Semi-Markov conditional random fields", 2004); the sum over all paths makes it a
probability. Sums over paths are exact; the texts are those of a beam that adds up all paths of one text.

This module knows scores, and neither pictures nor networks.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.types import DIGITS

BEAM = 8  # texts that are kept at each place
LEAST = math.exp(-6)  # of the best of an edge's digits: less probable ones are not followed
HOPELESS = math.exp(-8)  # of the best text at a place: the same


@dataclass(frozen=True, eq=False)
class Edge:
    """Pieces `start` to `end`, the last excluded, as one thing.

    Attributes:
        start: first piece.
        end: one past the last piece.
        digits: (10,) score of each digit; None for what is no digit.
        other: score of what is no digit.
        mark: what it looks like then, "" for dirt.
    """

    start: int
    end: int
    digits: NDArray[np.float64] | None = None
    other: float = 0.0
    mark: str = ""


Path = tuple["Path", int] | None  # the edges so far, the last one outermost


class Text(NamedTuple):
    """A text and its logarithmic probability."""

    text: str
    score: float


@dataclass(frozen=True, eq=False)
class Lattice:
    """The edges over `count` pieces; every piece has at least one edge of its own, so that there is a path."""

    count: int
    edges: Sequence[Edge]

    def normaliser(self) -> float:
        """Return the logarithm of the sum of exp(score) over all paths."""
        return self._ahead[-1]

    @cached_property
    def totals(self) -> list[float]:
        """The logarithm of the sum over all that each edge can be."""
        digits = [edge.digits for edge in self.edges if edge.digits is not None]
        sums = iter(logsums(np.array(digits)).tolist() if digits else ())
        return [edge.other if edge.digits is None else next(sums) for edge in self.edges]

    @cached_property
    def _in_order(self) -> list[int]:
        """The edges by number, each after all that end where it starts."""
        return sorted(range(len(self.edges)), key=lambda number: self.edges[number].start)

    @cached_property
    def _ahead(self) -> list[float]:
        reach = [0.0] + [-math.inf] * self.count
        for number in self._in_order:
            edge = self.edges[number]
            reach[edge.end] = _either(reach[edge.end], reach[edge.start] + self.totals[number])
        return reach

    @cached_property
    def _shares(self) -> list[list[float]]:
        """Of all paths to the end of each edge, the share that goes over it: as each digit, or as what is no digit.

        Shares of paths are products of these; they can be added up without taking logarithms each time.
        """
        room = np.array([self._ahead[edge.start] - self._ahead[edge.end] for edge in self.edges])
        shares = [[share] for share in np.exp(room + [edge.other for edge in self.edges]).tolist()]
        digits = [number for number, edge in enumerate(self.edges) if edge.digits is not None]
        if digits:
            scores = np.array([self.edges[number].digits for number in digits])
            for number, row in zip(digits, np.exp(room[digits, None] + scores).tolist(), strict=True):
                shares[number] = row
        return shares

    @cached_property
    def _rest(self) -> list[float]:
        rest = [-math.inf] * self.count + [0.0]
        for number in sorted(range(len(self.edges)), key=lambda number: -self.edges[number].end):
            edge = self.edges[number]
            rest[edge.start] = _either(rest[edge.start], rest[edge.end] + self.totals[number])
        return rest

    def marginals(self) -> NDArray[np.float64]:
        """Return the probability (edges,) that the right path goes over each edge."""
        ahead, rest = self._ahead, self._rest
        return np.exp([
            ahead[edge.start] + total + rest[edge.end] - ahead[-1]
            for edge, total in zip(self.edges, self.totals, strict=True)
        ])  # fmt: skip

    def along(self, text: str) -> tuple[float, tuple[int, ...]]:
        """Return the logarithmic probability of a text, and the edges of its most probable path.

        -inf and no edge when no path has the text.
        """
        digits = [int(letter) for letter in text]
        # At each place: digits read -> share of all paths, share of the best path, that path.
        places: list[dict[int, tuple[float, float, Path]]] = [{} for _ in range(self.count + 1)]
        places[0][0] = (1.0, 1.0, None)
        for number in self._in_order:
            edge, shares = self.edges[number], self._shares[number]
            there = places[edge.end]
            for read, (share, best, path) in places[edge.start].items():
                if edge.digits is None:
                    _add(there, read, share * shares[0], best * shares[0], (path, number))
                elif read < len(digits):
                    more = shares[digits[read]]
                    _add(there, read + 1, share * more, best * more, (path, number))
        found = places[-1].get(len(digits))
        return (-math.inf, ()) if found is None else (_log(found[0]), _unrolled(found[2]))

    def texts(self, beam: int = BEAM) -> list[Text]:
        """Return the most probable texts, best first, their scores normalised over all paths."""
        # At each place: text -> share of all paths to it.
        places: list[dict[str, float]] = [{} for _ in range(self.count + 1)]
        places[0][""] = 1.0
        here, kept = -1, []
        for number in self._in_order:
            edge = self.edges[number]
            if edge.start > here:
                here, kept = edge.start, _best(places[edge.start], beam)
                kept = [(text, share) for text, share in kept if share > kept[0][1] * HOPELESS]
            there = places[edge.end]
            for letter, more in _choices(edge, self._shares[number]):
                for text, share in kept:
                    longer = text + letter
                    there[longer] = there.get(longer, 0.0) + share * more
        return [Text(text, _log(share)) for text, share in _best(places[-1], beam)]

    def score_of(self, text: str) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return the logarithm of the sum over the paths of one text, and what each edge has of it.

        Returns:
            The logarithm, not normalised; -inf when no path has the text.
            (edges,) probability of each edge, given the text.
            (edges, 10) the same by digit.
        """
        length = len(text)
        digits = [int(letter) for letter in text]
        ahead = np.full((self.count + 1, length + 1), -np.inf)
        rest = ahead.copy()
        ahead[0, 0] = rest[-1, -1] = 0
        for edge in sorted(self.edges, key=lambda edge: edge.start):
            self._step(ahead, edge.start, edge.end, edge, digits, forward=True)
        for edge in sorted(self.edges, key=lambda edge: -edge.end):
            self._step(rest, edge.end, edge.start, edge, digits, forward=False)
        total = float(ahead[-1, -1])
        each = np.zeros(len(self.edges))
        by_digit = np.zeros((len(self.edges), DIGITS))
        if not np.isfinite(total):
            return total, each, by_digit
        for number, edge in enumerate(self.edges):
            if edge.digits is None:
                each[number] = np.exp(ahead[edge.start] + edge.other + rest[edge.end] - total).sum()
                continue
            for place, digit in enumerate(digits):
                share = ahead[edge.start, place] + edge.digits[digit] + rest[edge.end, place + 1] - total
                by_digit[number, digit] += np.exp(share)
            each[number] = by_digit[number].sum()
        return total, each, by_digit

    def _step(
        self, table: NDArray[np.float64], here: int, there: int, edge: Edge, digits: list[int], *, forward: bool
    ) -> None:
        """Take an edge in the table of sums, by place and by how much of the text is read."""
        if edge.digits is None:
            table[there] = np.logaddexp(table[there], table[here] + edge.other)
            return
        if not digits:
            return
        more = edge.digits[digits]
        if forward:
            table[there, 1:] = np.logaddexp(table[there, 1:], table[here, :-1] + more)
        else:
            table[there, :-1] = np.logaddexp(table[there, :-1], table[here, 1:] + more)


def _choices(edge: Edge, shares: list[float]) -> list[tuple[str, float]]:
    """Return what an edge may be, with the share of each."""
    if edge.digits is None:
        return [("", shares[0])]
    least = max(shares) * LEAST
    return [(str(digit), share) for digit, share in enumerate(shares) if share > least]


def _best(place: dict[str, float], beam: int) -> list[tuple[str, float]]:
    return sorted(place.items(), key=itemgetter(1), reverse=True)[:beam]


def _add(place: dict[int, tuple[float, float, Path]], read: int, share: float, best: float, path: Path) -> None:
    """Add a path to those that have read as many digits at a place."""
    before = place.get(read)
    if before is None:
        place[read] = (share, best, path)
    elif best > before[1]:
        place[read] = (before[0] + share, best, path)
    else:
        place[read] = (before[0] + share, before[1], before[2])


def _log(share: float) -> float:
    return math.log(share) if share > 0 else -math.inf


def _unrolled(path: Path) -> tuple[int, ...]:
    edges: list[int] = []
    while path is not None:
        path, edge = path
        edges.append(edge)
    return tuple(reversed(edges))


def _either(one: float, other: float) -> float:
    """Return log(exp(one) + exp(other))."""
    more, less = (one, other) if one > other else (other, one)
    return more if less == -math.inf else more + math.log1p(math.exp(less - more))


def logsums(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log(sum(exp(row))) of each row of (n, m) finite values."""
    most = values.max(axis=1)
    return most + np.log(np.exp(values - most[:, None]).sum(axis=1))
