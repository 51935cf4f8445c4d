"""Who writes: the digits of one person together, so that a number looks as if one person had written it.

MNIST's writers are known by QMNIST, UNIPEN's by the session; the hands of `glyphs` are made up. Nothing here is a font.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calame.data import glyphs, pens
from calame.data.corpus import is_fragment
from calame.data.sets import load_mnist, load_unipen, load_writers, split_by_writer
from calame.data.synth import Written
from calame.imaging.ink import stroke_width
from calame.types import DIGITS, SIDE

# How often a number is by whom; "european" hands are made, see `glyphs`.
SHARES = {"mnist": 0.45, "unipen": 0.33, "european": 0.22}
FEWEST = 10  # digits of a session: fewer are no hand
ABROAD = 0.3  # share of MNIST's and UNIPEN's hands that write some digits the European way
OTHERWISE = (7, 1, 4, 9)  # the digits that are, in this order: who writes a 1 with an upstroke crosses the 7
HURRIED = (5, 2)  # digits that some of those write otherwise as well, each
HURRIED_SHARE = 0.35  # of them
EXEMPLARS = 2  # of each digit that a made hand knows: it repeats itself, as people do


@dataclass(frozen=True, eq=False)
class Hand:
    """What one person wrote.

    Attributes:
        digits: for each of 0-9 what there is of it, at least one.
        width: of the stroke, as a share of a digit's longer side; None where the pen can be chosen.
    """

    digits: Sequence[Sequence[Written]]
    width: float | None = None

    def write(self, digit: int, rng: np.random.Generator) -> Written:
        """Return one of the person's own digits."""
        known = self.digits[digit]
        return known[int(rng.integers(len(known)))]


@dataclass(frozen=True, eq=False)
class Hands:
    """Hands by collection, "mnist" and "unipen", each at least one."""

    known: Mapping[str, Sequence[Hand]]

    def any(self, rng: np.random.Generator) -> Hand:
        """Return a hand, which may write some of its digits the European way."""
        name = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        made = _european(rng)
        if name == "european":
            return made
        hand = self.known[name][int(rng.integers(len(self.known[name])))]
        if rng.random() >= ABROAD:
            return hand
        few = set(OTHERWISE[: int(rng.integers(1, len(OTHERWISE) + 1))])
        few |= {digit for digit in HURRIED if rng.random() < HURRIED_SHARE}
        return Hand([(made if digit in few else hand).digits[digit] for digit in range(DIGITS)], hand.width)


def collect_hands(root: Path, *, held_out: bool | None = None) -> Hands:
    """Read the hands of MNIST and UNIPEN.

    Args:
        root: data root with mnist/, qmnist/ and unipen/.
        held_out: None for all; False for those that are learned from while choices are made, True for the others:
            the same split as `corpus.collect`'s.

    Raises:
        MissingData, DamagedData: a file is not there or is corrupt.
    """
    mnist, writers, pen = load_mnist(root), load_writers(root), load_unipen(root)
    _, sessions = np.unique(pen.sources, return_inverse=True)
    scans = [Written(int(label), scan=scan) for scan, label in zip(mnist.train_images, mnist.train_labels, strict=True)]
    drawn = [Written(int(label), tuple(strokes)) for strokes, label in zip(pen.strokes, pen.labels, strict=True)]
    whole = np.array([not is_fragment(one.strokes or (), one.label) for one in drawn])
    return Hands(
        {
            "mnist": _grouped(scans, writers, _side(writers, held_out)),
            "unipen": _grouped(drawn, sessions, _side(sessions, held_out) & whole),
        }
    )


def _side(writers: NDArray[np.integer], held_out: bool | None) -> NDArray[np.bool_]:
    return np.full(len(writers), True) if held_out is None else split_by_writer(writers)[int(held_out)]


def _grouped(written: Sequence[Written], writers: NDArray[np.integer], keep: NDArray[np.bool_]) -> list[Hand]:
    """Return a hand for each writer; a digit that somebody has not written is borrowed from the next who has."""
    groups: dict[int, list[list[Written]]] = {}
    for place in np.flatnonzero(keep).tolist():
        groups.setdefault(int(writers[place]), [[] for _ in range(DIGITS)])[written[place].label].append(written[place])
    able = [group for group in groups.values() if sum(map(len, group)) >= FEWEST]
    lent: list[list[Written]] = [[] for _ in range(DIGITS)]
    for group in able[::-1] + able[::-1]:  # twice, so that the last can borrow from the first
        for digit, there in enumerate(group):
            if there:
                lent[digit] = there
            else:
                group[digit] = lent[digit]
    return [Hand(group, _width(group)) for group in able if all(group)]


def _width(group: Sequence[Sequence[Written]]) -> float | None:
    """Return the mean width of a scanned hand's strokes, as a share of the digits' longer side."""
    widths = [stroke_width(one.scan) for digit in group for one in digit[:2] if one.scan is not None]
    return float(np.mean(widths)) / (SIDE * 20 / 28) if widths else None


def _european(rng: np.random.Generator) -> Hand:
    """Make a hand up: of each digit a form, drawn a few times."""
    digits: list[list[Written]] = []
    for digit in range(DIGITS):
        model = glyphs.draw(digit, rng, among=True)
        digits.append([Written(digit, tuple(pens.vary(model, rng, 0.3))) for _ in range(EXEMPLARS)])
    return Hand(digits)
