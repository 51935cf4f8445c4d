"""Networks that are put together layer by layer: read from a line of text, checked by arithmetic, then built.

A stack is written "conv 32 3, pool 2, dropout 0.25, dense 128": filters and size of a convolution, size of a pooling,
share that a dropout leaves out, units of a dense layer. What every network ends in, ten probabilities, is added.
Checking needs no Keras: the page asks for shapes and parameters at every change.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from calame.errors import BadStack
from calame.locale import Phrase
from calame.types import DIGITS, SIDE

Kind = Literal["conv", "pool", "dropout", "dense"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COURSE = "conv 32 3, pool 2, conv 64 3, pool 2, dense 128, dropout 0.5"  # the course's network in these words
NAME = "own"
MOST_LAYERS = 12
MOST_FILTERS, LARGEST_FILTER, LARGEST_POOL, MOST_UNITS = 256, 9, 4, 1024
DROPPED = (0.05, 0.9)  # share
MOST_PARAMETERS = 2_000_000
MOST_PRODUCTS = 60_000_000  # multiplications a picture: a step of 128 pictures then takes some seconds on two cores
LONGEST = 400  # characters


@dataclass(frozen=True)
class Layer:
    """One layer as it was asked for: filters and size, size, share or units, by its kind."""

    kind: Kind
    numbers: tuple[float, ...]

    def __str__(self) -> str:
        return " ".join([self.kind, *(f"{number:g}" for number in self.numbers)])


@dataclass(frozen=True)
class Row:
    """What a layer comes to: its words, the shape of its output, its parameters, its multiplications a picture."""

    layer: str
    shape: tuple[int, ...]
    parameters: int
    products: int


def parse(text: str) -> tuple[Layer, ...]:
    """Read a stack; an empty text is the stack without layers, a dense layer on the pixels alone.

    Raises:
        BadStack: not so written, a number out of its range, or too many layers.

    Example:
        >>> parse("conv 8 3, dense 32")
        (Layer(kind='conv', numbers=(8.0, 3.0)), Layer(kind='dense', numbers=(32.0,)))
    """
    if len(text) > LONGEST:
        raise BadStack(problem=Phrase("built.many", limit=MOST_LAYERS))
    parts = [part.split() for part in text.split(",")] if text.strip() else []
    if len(parts) > MOST_LAYERS:
        raise BadStack(problem=Phrase("built.many", limit=MOST_LAYERS))
    return tuple(_layer(place, words) for place, words in enumerate(parts, start=1))


def written(layers: Sequence[Layer]) -> str:
    """Return the text that `parse` reads."""
    return ", ".join(map(str, layers))


def rows(layers: Sequence[Layer]) -> list[Row]:
    """Return every layer with its output and its parameters, the ten probabilities last.

    Raises:
        BadStack: a layer cannot stand where it stands, or the whole is too large; the message says which and why.
    """
    shape: tuple[int, ...] = (SIDE, SIDE, 1)
    found: list[Row] = []
    for place, layer in enumerate(layers, start=1):
        found.append(_PLACED[layer.kind](place, layer, shape))
        shape = found[-1].shape
    found.append(_full("output", shape, DIGITS))
    parameters, products = sum(row.parameters for row in found), sum(row.products for row in found)
    if parameters > MOST_PARAMETERS:
        raise BadStack(problem=Phrase("built.heavy", limit=MOST_PARAMETERS // 1_000_000))
    if products > MOST_PRODUCTS:
        raise BadStack(problem=Phrase("built.slow", limit=MOST_PRODUCTS // 1_000_000))
    return found


def build(layers: Sequence[Layer]) -> Any:
    """Return the Keras network of a stack.

    Raises:
        BadStack: see `rows`.
    """
    rows(layers)
    import keras

    made: list[Any] = [keras.layers.Input((SIDE, SIDE, 1))]
    flat = False
    for number, layer in enumerate(layers, start=1):
        if layer.kind == "dense" and not flat:
            made.append(keras.layers.Flatten(name="flatten"))
            flat = True
        made.append(_made(keras.layers, layer, f"{layer.kind}{number}"))
    if not flat:
        made.append(keras.layers.Flatten(name="flatten"))
    made.append(keras.layers.Dense(DIGITS, activation="softmax", dtype="float32", name="output"))
    return keras.Sequential(made, name=NAME)


def _made(kinds: Any, layer: Layer, name: str) -> Any:
    first = layer.numbers[0]
    if layer.kind == "conv":
        return kinds.Conv2D(int(first), int(layer.numbers[1]), activation="relu", name=name)
    if layer.kind == "pool":
        return kinds.MaxPooling2D(int(first), name=name)
    if layer.kind == "dropout":
        return kinds.Dropout(first, name=name)
    return kinds.Dense(int(first), activation="relu", name=name)


_BOUNDS: dict[Kind, tuple[tuple[float, float], ...]] = {
    "conv": ((1, MOST_FILTERS), (1, LARGEST_FILTER)),
    "pool": ((2, LARGEST_POOL),),
    "dropout": (DROPPED,),
    "dense": ((1, MOST_UNITS),),
}


def _layer(place: int, words: Sequence[str]) -> Layer:
    kind, said = (words[0] if words else ""), words[1:]
    if kind not in KINDS:
        raise BadStack(problem=Phrase("built.unknown", place=place, found=repr(kind[:20]), known=", ".join(KINDS)))
    bounds = _BOUNDS[kind]
    numbers = tuple(_number(word) for word in said)
    whole = kind == "dropout" or all(number == int(number) for number in numbers if math.isfinite(number))
    if len(numbers) != len(bounds) or not whole or not all(map(_within, numbers, bounds)):
        expected = " ".join(f"{low:g}…{high:g}" for low, high in bounds)
        found = " ".join(said)[:20] or "–"
        raise BadStack(problem=Phrase(f"built.range.{kind}", place=place, found=found, expected=expected))
    return Layer(kind, numbers)


def _within(number: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= number <= bounds[1]


def _number(word: str) -> float:
    try:
        return float(word) if len(word) <= 8 else math.nan
    except ValueError:
        return math.nan


def _conv(place: int, layer: Layer, shape: tuple[int, ...]) -> Row:
    filters, size = map(int, layer.numbers)
    height, width, depth = _picture("conv", place, shape)
    if size > min(height, width):
        raise BadStack(problem=Phrase("built.small.conv", place=place, size=size, height=height, width=width))
    out = height - size + 1, width - size + 1
    weights = size * size * depth * filters
    return Row(str(layer), (*out, filters), weights + filters, out[0] * out[1] * weights)


def _pool(place: int, layer: Layer, shape: tuple[int, ...]) -> Row:
    size = int(layer.numbers[0])
    height, width, depth = _picture("pool", place, shape)
    if size > min(height, width):
        raise BadStack(problem=Phrase("built.small.pool", place=place, size=size, height=height, width=width))
    return Row(str(layer), (height // size, width // size, depth), 0, 0)


def _dropout(_: int, layer: Layer, shape: tuple[int, ...]) -> Row:
    return Row(str(layer), shape, 0, 0)


def _dense(_: int, layer: Layer, shape: tuple[int, ...]) -> Row:
    return _full(str(layer), shape, int(layer.numbers[0]))


def _full(words: str, shape: tuple[int, ...], units: int) -> Row:
    weights = math.prod(shape) * units
    return Row(words, (units,), weights + units, weights)


def _picture(kind: Kind, place: int, shape: tuple[int, ...]) -> tuple[int, int, int]:
    """Return height, width and depth of what comes in; after a dense layer there is no picture any more."""
    if len(shape) != 3:
        raise BadStack(problem=Phrase(f"built.flat.{kind}", place=place))
    return shape


_PLACED = {"conv": _conv, "pool": _pool, "dropout": _dropout, "dense": _dense}
