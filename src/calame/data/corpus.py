"""The corpus that the shipped reader learns from: every collection, in every condition, through the preparation.

Preparation and network are one system: what is learned from is what the preparation makes of made pictures, its
faults included. `Corpus` holds the digits as they were written; `make` turns some of them into (28, 28).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import glyphs, others, pens, synth
from calame.data.sets import (
    load_mnist,
    load_optdigits_bitmaps,
    load_pendigits,
    load_semeion,
    load_unipen,
    load_writers,
    split_by_writer,
)
from calame.data.synth import EVEN, Written, european, picture_of
from calame.imaging.recipe import Recipe, run
from calame.types import DIGITS, SIDE, Picture

NONE = DIGITS  # the label of what is no digit
CANVAS = 280  # pixels a side of the page's drawing pad
PEN = 15  # pixels: its pen

# Pen lifts are lost in pendigits: a crossed 7 in one line is a 2 to the eye, a 4 or a 5 of two strokes is nothing.
ONE_STROKE = frozenset({0, 2, 3, 6, 8, 9})

DOT = 3  # units of the tablet: what is smaller is no digit
BAR = 0.13  # of its length: what is thinner is a straight line
FLAT = 0.5  # high, of its width: a bar that lies like this is a dash

# How often a digit comes from which collection; "european" is made, see `glyphs`.
SHARES = {"mnist": 0.22, "unipen": 0.42, "optdigits": 0.07, "semeion": 0.07, "pendigits": 0.07, "european": 0.15}
# Which digits Europeans write otherwise than MNIST's Americans: the 1, the 4 and the 7 above all.
EUROPEAN = (0.05, 0.25, 0.08, 0.06, 0.2, 0.08, 0.05, 0.12, 0.04, 0.07)
# The same for `school`: Americans write as many 7s with a rising head as there would be 1s with an upstroke otherwise.
SCHOOL = (0.04, 0.45, 0.06, 0.05, 0.14, 0.06, 0.04, 0.08, 0.03, 0.05)
# What is no digit and yet taken for one comes oftener than the rest, which come once each.
OFTENER = {"joined": 3, "half": 3, "blot": 2, "letter": 2, "scribble": 2, "strokes": 2, "shapes": 3}


@dataclass(frozen=True, eq=False)
class Corpus:
    """Digits as they were written, by collection.

    Attributes:
        written: the collections that `SHARES` names, without "european".
        shares: of the collections that are there, in the order of `names`, their sum 1.
    """

    written: dict[str, list[Written]]
    names: tuple[str, ...] = field(init=False)
    shares: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        names = [name for name in SHARES if self.written.get(name) or name == "european"]
        total = sum(SHARES[name] for name in names)
        object.__setattr__(self, "names", tuple(names))
        object.__setattr__(self, "shares", tuple(SHARES[name] / total for name in names))

    def any(self, rng: np.random.Generator, names: tuple[str, ...] | None = None) -> Written:
        """Return a random digit, from `names` in equal parts when they are given."""
        name = str(rng.choice(names)) if names else str(rng.choice(self.names, p=self.shares))
        if name == "european":
            return european(int(rng.choice(DIGITS, p=EUROPEAN)), rng)
        there = self.written[name]
        return there[rng.integers(len(there))]


def collect(root: Path, *, held_out: bool | None = None) -> Corpus:
    """Read every collection.

    Args:
        root: data root with mnist/, qmnist/, unipen/ and uci/.
        held_out: None for all; False for those hands that are learned from while choices are made, True for
            the others. Only MNIST and UNIPEN name their writers: the rest is all on the learning side.

    Raises:
        MissingData, DamagedData: a file is not there or is corrupt.
    """
    mnist, pen = load_mnist(root), load_unipen(root)
    keep, keep_pen = np.full(len(mnist.train_labels), True), np.full(len(pen.labels), True)
    if held_out is not None:
        keep = split_by_writer(load_writers(root))[int(held_out)]
        _, sessions = np.unique(pen.sources, return_inverse=True)
        keep_pen = split_by_writer(sessions)[int(held_out)]
    written = {
        "mnist": _scans(mnist.train_images[keep], mnist.train_labels[keep]),
        "unipen": [
            Written(int(label), strokes=tuple(strokes))
            for strokes, label, kept in zip(pen.strokes, pen.labels, keep_pen, strict=True)
            if kept and not is_fragment(strokes, int(label))
        ],
    }
    if not held_out:
        points = load_pendigits(root)
        straight = np.random.default_rng(0)
        written |= {
            "optdigits": _scans(*load_optdigits_bitmaps(root)),
            "semeion": _scans(*load_semeion(root)),
            "pendigits": [
                Written(int(label), strokes=(glyphs.curve([(x, y) for x, y in line], straight, play=0),))
                for line, label in zip(points.images.tolist(), points.labels, strict=True)
                if label in ONE_STROKE
            ],
        }
    return Corpus(written)


def is_fragment(strokes: Sequence[NDArray[np.floating]], label: int) -> bool:
    """Whether strokes are a piece of what the label says: a dot, or a bare bar that is not labelled 1, or lies flat.

    63 of UNIPEN's 13,019 digits are: half a 4, the slash of a 0, the touch of a pen, a dash that is said to be a 1.
    """
    points = np.concatenate(strokes)
    axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)[2]
    long, short = np.sort(np.ptp(points @ axes.T, axis=0))[::-1] if len(points) > 1 else (0.0, 0.0)
    wide, high = np.ptp(points, axis=0)
    return bool(long < DOT or (short < BAR * long and (label != 1 or high < FLAT * wide)))


def _scans(images: NDArray[np.uint8], labels: NDArray[np.uint8]) -> list[Written]:
    return [Written(int(label), scan=image) for image, label in zip(images, labels, strict=True)]


Made = tuple[NDArray[np.uint8], int]


def photo(corpus: Corpus, rng: np.random.Generator) -> Made:
    """A photo of a digit, in any condition."""
    digit = corpus.any(rng)
    return picture_of(digit, rng), digit.label


def crowded(corpus: Corpus, rng: np.random.Generator) -> Made:
    """The same with one or two neighbours that the border cuts."""
    digit = corpus.any(rng)
    return picture_of(digit, rng, neighbours=[corpus.any(rng) for _ in range(rng.integers(1, 3))]), digit.label


def scan(corpus: Corpus, rng: np.random.Generator) -> Made:
    """A digit on even paper, or light on dark as data sets have them."""
    digit = corpus.any(rng)
    return picture_of(digit, rng, how=EVEN), digit.label


def school(corpus: Corpus, rng: np.random.Generator) -> Made:
    """A digit as European schools teach it, on even paper or photographed."""
    del corpus
    digit = european(int(rng.choice(DIGITS, p=SCHOOL)), rng)
    return picture_of(digit, rng, how=EVEN if rng.random() < 0.5 else None), digit.label


def drawing(corpus: Corpus, rng: np.random.Generator, *, widest: float = 40, thinnest: float = 4) -> Made:
    """A drawing on the page's pad: a round pen, black on white, anywhere, 40 to 90 % of its side."""
    digit = corpus.any(rng, names=("unipen", "unipen", "unipen", "european"))
    size = CANVAS * rng.uniform(0.4, 0.9)
    pixels = np.exp(rng.uniform(np.log(thinnest), np.log(widest)))
    return 255 - on_pad(digit, size, pixels, rng, vary=float(rng.random() < 0.7)), digit.label


def as_drawn(corpus: Corpus, rng: np.random.Generator, pen: float = PEN) -> Made:
    """A drawing on the page's pad by its own pen of 15 pixels, the strokes as they were collected: to measure on."""
    digit = corpus.any(rng, names=("unipen",))
    return 255 - on_pad(digit, CANVAS * rng.uniform(0.4, 0.9), pen, rng, vary=0), digit.label


def nothing(corpus: Corpus, rng: np.random.Generator) -> Made:
    """What is no digit, of any kind but `several`, which the preparation is to see."""
    kinds = [kind for name, kind in others.KINDS.items() for _ in range(OFTENER.get(name, 1)) if name != "several"]
    digits = [corpus.any(rng) for _ in range(4)]
    return kinds[rng.integers(len(kinds))](rng, digits), NONE


MAKERS: dict[str, Callable[[Corpus, np.random.Generator], Made]] = {
    maker.__name__: maker for maker in (photo, crowded, scan, school, drawing, as_drawn, nothing)
}


def make(
    name: str, corpus: Corpus, recipe: Recipe, count: int, seed: tuple[int, ...]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int]:
    """Make pictures and prepare them.

    Args:
        name: a name of `MAKERS`.
        corpus: what is written.
        recipe: the preparation that the reader will use.
        count: how many pictures.
        seed: of their generator: the same seed makes the same pictures.

    Returns:
        Images (n, 28, 28) uint8, labels (n,) uint8 (0-9, or `NONE`), and how many the preparation refused: of digits
        those without ink, of what is none all that it saw through.
    """
    rng = np.random.default_rng(seed)
    images, labels = np.empty((count, SIDE, SIDE), np.uint8), np.empty(count, np.uint8)
    n = 0
    for _ in range(count):
        picture, label = MAKERS[name](corpus, rng)
        prepared = run(recipe, Picture(picture, name))
        if prepared.pixels is not None and not (label == NONE and prepared.rejected):
            images[n], labels[n] = prepared.pixels, label
            n += 1
    return images[:n], labels[:n], count - n


def on_pad(digit: Written, size: float, pen: float, rng: np.random.Generator, *, vary: float) -> NDArray[np.uint8]:
    """Return ink (280, 280) uint8 of a digit drawn by a round pen, anywhere where it fits."""
    room = max(0.0, CANVAS - size - pen) / 2
    x, y = CANVAS / 2 + rng.uniform(-room, room, 2)
    box = (x, y, size - min(pen, size / 2))
    ink = synth.ink_of(digit, CANVAS, CANVAS, pens.Pen(width=pen / box[2]), rng, box=box, vary=vary)
    return cv2.convertScaleAbs(ink, alpha=255).astype(np.uint8, copy=False)
