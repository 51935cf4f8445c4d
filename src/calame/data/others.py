"""What is no digit: letters, words, scribbles, lines, blots, several digits, halves of one, textures and scenes.

A reader has to learn what not to answer. The letters come from the stroke fonts of A. V. Hershey (1967, free to
use, shipped with OpenCV), bent as hands bend them; all else is made of noise and curves.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import pens, scene
from calame.data.pens import Coverage
from calame.data.synth import Written, ink_of

Picture = NDArray[np.uint8]
Kind = Callable[[np.random.Generator, Sequence[Written]], Picture]

FIRM = 0.5  # of the darkest ink: from here on it connects
FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)
# Without those that are a digit in some hand: B D I J L O Q S U Z b d g i j l o q s t u y z and a script C.
LETTERS = "AEFHKMNPRTVWXYaefhkmnprvwx"
SIGNS = "?!&#$@%=+*<>{}[]"


def letter(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """A letter that nobody takes for a digit, or a sign."""
    del digits
    return scene.photograph(_text(str(rng.choice(list(LETTERS + SIGNS))), rng), rng)


def word(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """Two to five letters in a row."""
    del digits
    return scene.photograph(_text("".join(rng.choice(list(LETTERS), rng.integers(2, 6))), rng), rng)


def scribble(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """A line that wanders many times across itself."""
    del digits
    side, nodes = _side(rng), int(rng.integers(9, 40))
    points = rng.normal(0, 1, (nodes, 2))
    smooth = cv2.resize(points.astype(np.float32), (2, nodes * 6), interpolation=cv2.INTER_CUBIC)
    pen = pens.any_pen(rng)
    return scene.photograph(pens.write([smooth.astype(np.float32)], side, side, pen, rng, box=_middle(side, rng)), rng)


def strokes(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """Lines without a meaning: crosses, ticks, zigzags, a flat dash, two or three bars."""
    del digits
    side = _side(rng)
    lines = [rng.uniform(-1, 1, (int(rng.integers(2, 7)), 2)) for _ in range(rng.integers(2, 6))]
    if rng.random() < 0.3:
        lines = [np.array([[-1, 0], [1, rng.normal(0, 0.1)]])]
    return scene.photograph(pens.write(lines, side, side, pens.any_pen(rng), rng, box=_middle(side, rng)), rng)


def blot(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """A stain: a threshold of smooth noise, kept near the middle."""
    del digits
    side = _side(rng)
    noise = rng.standard_normal((8, 8)).astype(np.float32)
    noise = cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    field = noise + 1.6 - 3.2 * np.hypot(x, y) * rng.uniform(0.9, 1.6)
    return scene.photograph(np.clip(field * side / 20, 0, 1).astype(np.float32), rng)


def several(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """Two to four whole digits side by side."""
    count, height = int(rng.integers(2, 5)), _side(rng)
    size = height * rng.uniform(0.5, 0.85)
    pitch = size * rng.uniform(0.62, 0.95)
    width = round(pitch * (count - 1) + size * 1.25)
    ink = np.zeros((height, width), np.float32)
    pen = pens.any_pen(rng)
    for place in range(count):
        digit = digits[int(rng.integers(len(digits)))]
        box = (size * 0.62 + place * pitch, height / 2 + rng.normal(0, 0.03) * height, size * rng.uniform(0.85, 1))
        ink = np.maximum(ink, ink_of(digit, height, width, pen, rng, box=box))
    return scene.photograph(ink, rng)


def joined(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """Two digits written so close that their ink is one piece."""
    height = _side(rng)
    size, width = height * rng.uniform(0.5, 0.85), round(height * 1.8)
    pen = pens.any_pen(rng)
    first, second = (digits[place] for place in rng.choice(len(digits), 2))
    left = ink_of(first, height, width, pen, rng, box=(size * 0.6, height / 2, size))
    reach = _inked(left)[-1]
    right = ink_of(second, height, width, pen, rng, box=(width / 2, height / 2, size * rng.uniform(0.85, 1)))
    start = _inked(right)[0]
    whole = left
    for overlap in range(-1, max(2, round(0.4 * size))):  # nearer until they touch
        whole = np.maximum(left, np.roll(right, reach - overlap - start, axis=1))
        if cv2.connectedComponents((whole > FIRM * whole.max()).astype(np.uint8), connectivity=8)[0] == 2:
            break
    columns = _inked(whole)
    margin = round(size * rng.uniform(0.15, 0.5))
    return scene.photograph(whole[:, max(0, columns[0] - margin) : columns[-1] + margin], rng)


def _inked(ink: Coverage) -> list[int]:
    """Return the columns that have firm ink."""
    return np.flatnonzero(ink.max(axis=0) > FIRM * ink.max()).tolist()


def half(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """A digit of which the border of the picture leaves a third to a half."""
    side = _side(rng)
    size = side * rng.uniform(0.8, 1.3)
    digit = digits[int(rng.integers(len(digits)))]
    middle = side * (1 + rng.uniform(-0.03, 0.06))
    across = side * rng.uniform(0.4, 0.6)
    x, y = [(across, middle), (across, side - middle), (middle, across), (side - middle, across)][rng.integers(4)]
    return scene.photograph(ink_of(digit, side, side, pens.any_pen(rng), rng, box=(x, y, size)), rng)


def texture(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """Noise of any coarseness and colour: sand, clouds, cloth, static."""
    del digits
    side, cells = _side(rng), int(np.exp(rng.uniform(np.log(3), np.log(120))))
    noise = rng.standard_normal((cells, max(2, round(cells * rng.uniform(0.3, 3))), 3)).astype(np.float32)
    grey = noise.mean(axis=2, keepdims=True)
    noise = grey + rng.uniform(0, 1) * (noise - grey)
    field = cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.clip(128 + rng.uniform(5, 90) * field + rng.normal(0, 30, 3), 0, 255).astype(np.uint8)


def shapes(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """A scene of filled shapes under light and shadow, as flat as a cartoon or as soft as a face out of focus."""
    del digits
    side = _side(rng)
    picture = np.empty((side, side, 3), np.uint8)
    picture[:] = rng.integers(0, 256, 3)
    for _ in range(rng.integers(3, 14)):
        colour = rng.integers(0, 256, 3).tolist()
        x, y, a, b = (rng.uniform(0, 1, 4) * side).astype(int).tolist()
        if rng.random() < 0.5:
            cv2.ellipse(picture, (x, y), (a // 2 + 1, b // 2 + 1), float(rng.uniform(0, 180)), 0, 360, colour, -1)
        else:
            corners = (rng.uniform(-0.2, 1.2, (int(rng.integers(3, 6)), 2)) * side).astype(np.int32)
            cv2.fillPoly(picture, [corners], colour)
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.3, side * rng.uniform(0, 0.04))).astype(np.float32)
    lit = soft * scene.light(side, side, rng, shade=True, shadow=bool(rng.random() < 0.3))
    return np.clip(lit + rng.normal(0, rng.uniform(1, 8), lit.shape), 0, 255).astype(np.uint8)


def empty(rng: np.random.Generator, digits: Sequence[Written]) -> Picture:
    """Paper with nothing on it but what is printed there."""
    del digits
    side = _side(rng)
    return scene.photograph(np.zeros((side, side), np.float32), rng)


KINDS: dict[str, Kind] = {
    kind.__name__: kind
    for kind in (letter, word, scribble, strokes, blot, several, joined, half, texture, shapes, empty)
}


def _side(rng: np.random.Generator) -> int:
    return int(np.exp(rng.uniform(np.log(40), np.log(170))))


def _middle(side: int, rng: np.random.Generator) -> tuple[float, float, float]:
    return side / 2 + rng.normal(0, 0.03) * side, side / 2 + rng.normal(0, 0.03) * side, side * rng.uniform(0.4, 0.85)


def _text(text: str, rng: np.random.Generator) -> Coverage:
    """Return coverage of a text in a stroke font, slanted, bent and of any thickness."""
    font, high = int(rng.choice(FONTS)), 90
    thick = int(rng.integers(2, 14))
    (width, height), base = cv2.getTextSize(text, font, 3.0, thick)
    fine = np.zeros((height + base + high, width + high), np.uint8)
    cv2.putText(fine, text, (high // 2, height + high // 2), font, 3.0, 255, thick, cv2.LINE_AA)
    rows, columns = np.flatnonzero(fine.max(axis=1)), np.flatnonzero(fine.max(axis=0))
    scan = fine[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    side = _side(rng)
    across = max(side, round(side * scan.shape[1] / scan.shape[0] * 0.9))
    box = (across / 2, side / 2, max(scan.shape) / scan.shape[0] * side * rng.uniform(0.45, 0.75))
    return ink_of(Written(0, scan=scan), side, across, pens.Pen(), rng, box=box)
