"""What is printed where numbers are written: rules and dotted lines, boxes and combs, patterns against forgery.

Each returns coverage (h, w) float32, 0-1; tone and paper are for others. A number's place on it comes in as its base
line, the height of its digits and, for boxes and combs, the middles of its cells. Knows no labels.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data.pens import Coverage

BOLD = 0.2  # share of the boxes and combs with thick lines
SQUARES = 0.3, 1.6  # sides of the squares of paper, in heights of a digit
FINE = 3  # times: drawn so much larger, then averaged
Field = NDArray[np.float32]
Pattern = Callable[[int, int, float, np.random.Generator], Field]


def base_line(height: int, width: int, y: float, size: float, rng: np.random.Generator) -> Coverage:
    """A line to write on: ruled, dotted or dashed, with its full length or not.

    Args:
        height: of the sheet, in pixels.
        width: of the sheet, in pixels.
        y: row of the line.
        size: height of a digit, in pixels.
        rng: of its kind, thickness and ends.
    """
    fine, thick = _blank(height, width), max(1, round(FINE * size * rng.uniform(0.02, 0.06)))
    start, end = (0.0, 1.0) if rng.random() < 0.7 else np.sort(rng.uniform(-0.1, 1.1, 2))
    left, right, row = round(FINE * width * start), round(FINE * width * end), round(FINE * y)
    kind = rng.choice(["ruled", "dotted", "dashed"], p=[0.45, 0.4, 0.15])
    if kind == "ruled":
        cv2.line(fine, (left, row), (right, row), 255, thick)
    else:
        pitch = max(3 * thick, round(FINE * size * rng.uniform(0.08, 0.3)))
        dot = pitch // 2 if kind == "dashed" else 0
        for x in range(left, right, pitch):
            cv2.line(fine, (x, row), (x + dot, row), 255, thick if dot else round(1.5 * thick))
    return _averaged(fine, height, width)


def cells(
    height: int, width: int, y: float, size: float, middles: Sequence[float], pitch: float, rng: np.random.Generator
) -> Coverage:
    """A comb, boxes side by side or boxes apart, one cell for each of `middles`, `pitch` pixels from one to the next.

    `y` is the row of the digits' feet and `size` their height.
    """
    thickness = rng.uniform(0.05, 0.11) if rng.random() < BOLD else rng.uniform(0.02, 0.05)
    fine, thick = _blank(height, width), max(1, round(FINE * size * thickness))
    kind = rng.choice(["comb", "boxes", "apart"])
    low, high = y + size * rng.uniform(0.08, 0.3), y - size * rng.uniform(1.1, 1.35)
    half = pitch / 2 * (rng.uniform(0.8, 0.95) if kind == "apart" else 1.0)
    top = low - (low - high) * rng.uniform(0.2, 0.6) if kind == "comb" else high
    for middle in middles:
        left, right = round(FINE * (middle - half)), round(FINE * (middle + half))
        rows = round(FINE * top), round(FINE * low)
        for x in (left, right):
            cv2.line(fine, (x, rows[0]), (x, rows[1]), 255, thick)
        for row in rows[1:] if kind == "comb" else rows:
            cv2.line(fine, (left, row), (right, row), 255, thick)
    return _averaged(fine, height, width)


def frame(height: int, width: int, size: float, rng: np.random.Generator) -> Coverage:
    """One box around all, of which the border of the picture may cut some sides."""
    fine, thick = _blank(height, width), max(1, round(FINE * size * rng.uniform(0.03, 0.08)))
    left, top, right, bottom = (FINE * size * rng.uniform(-0.15, 0.12, 4)).round().astype(int).tolist()
    cv2.rectangle(fine, (left, top), (FINE * width - right, FINE * height - bottom), 255, thick)
    return _averaged(fine, height, width)


def rulings(height: int, width: int, size: float, rng: np.random.Generator) -> Coverage:
    """Paper that is ruled, squared or lined for school all over, a little turned; `size` is a digit's height."""
    y, x = _grid(height, width)
    turn, pitch = rng.normal(0, 0.02), size * float(np.exp(rng.uniform(*np.log(SQUARES))))
    share = max(1.0, size * rng.uniform(0.012, 0.045)) / pitch
    down, across = (y * np.cos(turn) + x * np.sin(turn)), (x * np.cos(turn) - y * np.sin(turn))
    down, across = down + rng.uniform(0, pitch), across + rng.uniform(0, pitch)
    drawn, kind = _ridges(down.astype(np.float32), pitch, share), rng.choice(["ruled", "squared", "school"])
    if kind == "school":
        drawn = np.maximum(drawn, _ridges(down.astype(np.float32), pitch / 4, 2 * share) * np.float32(0.4))
    return drawn if kind == "ruled" else np.maximum(drawn, _ridges(across.astype(np.float32), pitch, share))


def pattern(height: int, width: int, size: float, rng: np.random.Generator) -> Coverage:
    """A pattern against forgery: fine lines in waves, crosses or rings, or a grid of dots, perhaps two at once."""
    drawn = PATTERNS[rng.integers(len(PATTERNS))](height, width, size, rng)
    if rng.random() < 0.3:
        drawn = np.maximum(drawn, PATTERNS[rng.integers(len(PATTERNS))](height, width, size, rng) * rng.uniform(0.4, 1))
    return drawn.astype(np.float32)


def _ridges(phase: Field, pitch: float, share: float) -> Field:
    """Return lines where `phase`, in pixels across them, is a multiple of `pitch`; `share` of it is line."""
    away = np.abs((phase / pitch + 0.5) % 1 - 0.5) * pitch  # pixels from the middle of the nearest line
    return np.clip(share * pitch / 2 - away + 0.5, 0, 1).astype(np.float32)


def _grid(height: int, width: int) -> tuple[Field, Field]:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    return y, x


def _waves(height: int, width: int, size: float, rng: np.random.Generator) -> Field:
    """Lines that go up and down together, some nearly straight."""
    y, x = _grid(height, width)
    turn, long = rng.normal(0, 0.35), size * rng.uniform(0.5, 4)
    across = y * np.cos(turn) + x * np.sin(turn)
    wave = size * rng.uniform(0, 0.15) * np.sin(2 * np.pi * x / long + rng.uniform(0, 6))
    drift = rng.uniform(0, 0.4) * np.sin(2 * np.pi * y / (size * rng.uniform(1, 5)))
    return _ridges((across + wave * (1 + drift)).astype(np.float32), _pitch(size, rng), rng.uniform(0.2, 0.5))


def _hatch(height: int, width: int, size: float, rng: np.random.Generator) -> Field:
    """Straight lines one way, or two ways across each other."""
    y, x = _grid(height, width)
    turn, pitch, share = rng.uniform(0, np.pi), _pitch(size, rng), rng.uniform(0.15, 0.4)
    drawn = _ridges(y * np.cos(turn) + x * np.sin(turn), pitch, share)
    if rng.random() < 0.5:
        turn += rng.uniform(0.5, 1.6)
        drawn = np.maximum(drawn, _ridges(y * np.cos(turn) + x * np.sin(turn), pitch * rng.uniform(0.7, 1.4), share))
    return drawn


def _rings(height: int, width: int, size: float, rng: np.random.Generator) -> Field:
    """Rings around one or two middles, in the picture or off it, wavy as an engraved rosette's."""
    y, x = _grid(height, width)
    drawn = np.zeros((height, width), np.float32)
    for _ in range(rng.integers(1, 3)):
        down, across = y - height * rng.uniform(-0.5, 1.5), x - width * rng.uniform(-0.2, 1.2)
        lobes = rng.integers(3, 14) * np.arctan2(down, across)
        radius = np.hypot(down, across) * (1 + rng.uniform(0, 0.06) * np.sin(lobes))
        drawn = np.maximum(drawn, _ridges(radius.astype(np.float32), _pitch(size, rng), rng.uniform(0.15, 0.4)))
    return drawn


def _dots(height: int, width: int, size: float, rng: np.random.Generator) -> Field:
    """A grid of dots or small crosses, straight or staggered."""
    y, x = _grid(height, width)
    pitch, share = _pitch(size, rng) * rng.uniform(0.8, 1.6), rng.uniform(0.3, 0.6)
    y = y + (np.floor(x / pitch) % 2) * pitch * rng.choice([0, 0.5])
    rows, columns = _ridges(y.astype(np.float32), pitch, share), _ridges(x, pitch, share)
    return rows * columns if rng.random() < 0.7 else np.maximum(rows, columns) * rng.uniform(0.5, 1)


def _cloth(height: int, width: int, size: float, rng: np.random.Generator) -> Field:
    """Irregular fine lines, like the warp of a cloth or the laid lines of a paper."""
    fine = rng.standard_normal((max(2, round(height / size * rng.uniform(8, 25))), max(2, round(width / size * 2))))
    field = cv2.resize(fine.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(field * rng.uniform(0.5, 1.2), 0, 1).astype(np.float32)


PATTERNS: tuple[Pattern, ...] = (_waves, _waves, _hatch, _rings, _dots, _cloth)


def _pitch(size: float, rng: np.random.Generator) -> float:
    return max(2.5, size * float(np.exp(rng.uniform(np.log(0.08), np.log(0.4)))))


def _blank(height: int, width: int) -> NDArray[np.uint8]:
    return np.zeros((height * FINE, width * FINE), np.uint8)


def _averaged(fine: NDArray[np.uint8], height: int, width: int) -> Coverage:
    return (cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA) / np.float32(255)).astype(np.float32)
