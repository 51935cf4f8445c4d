"""A digit on a sheet of paper, in some light, through some camera: pictures to learn from that look like photos.

In the order in which it happens: paper, what is printed on it and shows through it, ink, light, lens, sensor,
file. Works on reflectance and light as they multiply, (h, w, 3) float32, 0-1. Knows no labels, and prepares nothing:
that is what the pictures are for.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Coverage = NDArray[np.float32]
Light = NDArray[np.float32]
Picture = NDArray[np.uint8]

LINE = 0.012  # width of a printed line, as a share of the picture's longer side


@dataclass(frozen=True)
class Conditions:
    """How often each thing happens, as a share of the pictures.

    Attributes:
        lines: rulings, squares, boxes or dotted lines are printed on the paper.
        through: the writing on the other side shows through.
        dark: light ink on dark paper: a blackboard, a screen.
        colour: ink or paper is coloured.
        shade: light falls off across the picture.
        shadow: a shadow with an edge lies on it.
        blur: out of focus, or moved.
        noise: the sensor's.
        jpeg: saved as JPEG.
        faint: the ink is hardly darker than the paper.
    """

    lines: float = 0.35
    through: float = 0.1
    dark: float = 0.08
    colour: float = 0.5
    shade: float = 0.5
    shadow: float = 0.25
    blur: float = 0.5
    noise: float = 0.6
    jpeg: float = 0.5
    faint: float = 0.25


def photograph(ink: Coverage, rng: np.random.Generator, how: Conditions | None = None) -> Picture:
    """Return a picture (h, w, 3) uint8 of ink (h, w), coverage 0-1, on paper of the picture's size.

    Args:
        ink: how much of each pixel is inked.
        rng: of everything that happens.
        how: how often; None for `Conditions()`.
    """
    how = how or Conditions()
    height, width = ink.shape
    happens = {name: rng.random() < share for name, share in vars(how).items()}
    sheet = paper(height, width, rng, colour=happens["colour"])
    if happens["lines"]:
        sheet *= 1 - rulings(height, width, rng)[..., None] * _tint(rng, 0.15, 0.6)
    if happens["through"]:
        behind = cv2.GaussianBlur(ink[:, ::-1], (0, 0), max(0.6, 0.01 * max(ink.shape)))
        behind = np.roll(behind, rng.integers(-ink.shape[1] // 2, ink.shape[1] // 2 + 1), axis=1)
        sheet *= 1 - behind[..., None].astype(np.float32) * np.float32(rng.uniform(0.03, 0.12))
    deep = rng.uniform(0.25, 0.5) if happens["faint"] else rng.uniform(0.5, 0.95)
    tone = _tint(rng, deep, min(0.97, deep + 0.25)) if happens["colour"] else np.float32(deep)
    sheet *= 1 - ink[..., None] * tone
    if happens["dark"]:
        sheet = 1.05 - sheet
    seen = sheet * light(height, width, rng, shade=happens["shade"], shadow=happens["shadow"])
    if happens["blur"]:
        seen = lens(seen, rng)
    if happens["noise"]:
        level = np.float32(rng.uniform(0.004, 0.04))
        seen += rng.standard_normal(seen.shape, dtype=np.float32) * level
    picture = np.clip(seen * 255 + 0.5, 0, 255).astype(np.uint8)
    return as_jpeg(picture, int(rng.integers(30, 95))) if happens["jpeg"] else picture


def paper(height: int, width: int, rng: np.random.Generator, *, colour: bool) -> Light:
    """Return blank paper, (h, w, 3): its tone, its tint and its grain, fine and cloudy."""
    tone = np.float32(rng.uniform(0.6, 1.0))
    sheet = np.full((height, width, 3), tone, np.float32)
    if colour:
        sheet *= 1 - _tint(rng, 0, 0.25)
    grain = rng.uniform(0, 0.025) * rng.standard_normal((height, width))
    coarse = rng.standard_normal((6, 6)).astype(np.float32)
    clouds = rng.uniform(0, 0.03) * cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return sheet * (1 + grain + clouds)[..., None].astype(np.float32)


def rulings(height: int, width: int, rng: np.random.Generator) -> Coverage:
    """Return printed lines as coverage (h, w): ruled, squared, Séyès, boxed or dotted, a little turned."""
    fine = np.zeros((height, width), np.uint8)
    longer = max(height, width)
    thick = max(1, round(LINE * longer * rng.uniform(0.4, 1.3)))
    gap = longer * float(rng.choice([rng.uniform(0.1, 0.25), rng.uniform(0.25, 0.7), rng.uniform(0.7, 1.2)]))
    kind = rng.choice(["ruled", "squared", "seyes", "box", "dotted"])
    start = rng.uniform(0, gap)
    below = np.arange(start, 2 * longer, gap)
    if kind == "box":
        low, high = (rng.uniform(0.01, 0.12, 2) * longer).round().astype(int).tolist()
        cv2.rectangle(fine, (low, low), (width - high, height - high), 255, thick)
    elif kind == "dotted":
        row = round(height * rng.uniform(0.7, 0.98))
        for column in range(0, width, max(2, 3 * thick)):
            cv2.circle(fine, (column, row), max(1, thick // 2), 255, -1)
    else:
        for y in below:
            cv2.line(fine, (-width, round(y)), (2 * width, round(y)), 255, thick)
            if kind == "seyes":
                for part in (0.25, 0.5, 0.75):
                    cv2.line(fine, (-width, round(y + part * gap)), (2 * width, round(y + part * gap)), 110, thick)
        if kind != "ruled":
            for x in np.arange(rng.uniform(0, gap), 2 * longer, gap):
                cv2.line(fine, (round(x), -height), (round(x), 2 * height), 255, thick)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.normal(0, 2.5)), 1.0)
    turned = cv2.warpAffine(fine, turn, (width, height), flags=cv2.INTER_LINEAR)
    return (turned / np.float32(255)).astype(np.float32)


def on_table(sheet: Light, ink: Coverage, rng: np.random.Generator) -> Light:
    """Return a sheet, (h, w, 3), that does not fill the picture: at one or two sides a table shows, clear of the ink.

    The table is darker than most paper and has a grain, along it or in all directions.
    """
    height, width = ink.shape
    rows, columns = np.flatnonzero(ink.max(axis=1) > 0.3), np.flatnonzero(ink.max(axis=0) > 0.3)
    if not rows.size:
        return sheet
    room = [int(columns[0]), width - 1 - int(columns[-1]), int(rows[0]), height - 1 - int(rows[-1])]
    covered = np.zeros((height, width), np.uint8)
    for side in rng.choice(4, int(rng.integers(1, 3)), replace=False).tolist():
        first, last = (room[side] * rng.uniform(0.2, 0.95, 2)).tolist()
        across, along = (width, height) if side < 2 else (height, width)
        edge = [(0, 0), (first, 0), (last, along), (0, along)]
        edge = [(across - far, near) if side % 2 else (far, near) for far, near in edge]
        points = np.array(edge if side < 2 else [(near, far) for far, near in edge])
        cv2.fillPoly(covered, [points.round().astype(np.int32)], 255)
    coarse = [max(2, round(length / rng.uniform(2, 40))) for length in (height, width)]
    grain = cv2.resize(rng.standard_normal(coarse).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    rough = grain * rng.uniform(0.0, 0.4) + rng.standard_normal((height, width)).astype(np.float32) * 0.02
    table = rng.uniform(0.02, 0.6) * (1 - _tint(rng, 0, 0.4)) * np.clip(1 + rough, 0.2, 1.8)[..., None]
    return np.where(covered[..., None] > 0, table, sheet).astype(np.float32)


def laid_on_table(picture: Picture, tone: float, rng: np.random.Generator) -> Picture:
    """Return a picture of a sheet, (h, w, 3) uint8, that lies, turned a little, on a table seen on all sides of it.

    Args:
        picture: the sheet, up to its edges.
        tone: how light the table is, 0-1.
        rng: of its grain and colour, of how much of it is seen and how the sheet lies.
    """
    height, width = picture.shape[:2]
    down, across = (round(max(height, width) * share) for share in rng.uniform(0.15, 0.6, 2))
    size = height + 2 * down, width + 2 * across
    coarse = [max(2, round(length / rng.uniform(2, 40))) for length in size]
    grain = cv2.resize(rng.standard_normal(coarse).astype(np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
    rough = 1 + grain[..., None] * rng.uniform(0, 0.25)
    table = 255 * tone * rough * (1 - _tint(rng, 0, 0.35)) + rng.normal(0, 2, (*size, 1))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), float(rng.normal(0, 4)), 1)
    turn[:, 2] += (across, down) * rng.uniform(0.4, 1.6, 2)
    sheet = cv2.warpAffine(picture, turn, size[::-1])
    covered = cv2.warpAffine(np.ones((height, width), np.float32), turn, size[::-1])[..., None]
    return np.clip(table * (1 - covered) + sheet * covered, 0, 255).astype(np.uint8)


def light(height: int, width: int, rng: np.random.Generator, *, shade: bool, shadow: bool) -> Light:
    """Return what falls on the paper, (h, w, 3): its colour, a gradient or a vignette, and a shadow's edge."""
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    falls = np.full((height, width), rng.uniform(0.75, 1.05), np.float32)
    if shade:
        angle, least = rng.uniform(0, 2 * np.pi), rng.uniform(0.3, 0.9)
        along = x * np.cos(angle) + y * np.sin(angle) if rng.random() < 0.6 else np.hypot(x, y) * 2 - 1
        falls *= 1 - (1 - least) * np.clip((along + 1) / 2, 0, 1).astype(np.float32)
    if shadow:
        angle, place = rng.uniform(0, 2 * np.pi), rng.uniform(-0.8, 0.8)
        soft = np.exp(rng.uniform(np.log(0.01), np.log(0.5)))
        side = (x * np.cos(angle) + y * np.sin(angle) + rng.uniform(0, 0.3) * x * y - place) / soft
        falls *= 1 - rng.uniform(0.2, 0.65) * np.clip(side + 0.5, 0, 1).astype(np.float32)
    return falls[..., None] * (1 - _tint(rng, 0, 0.18))


def lens(seen: Light, rng: np.random.Generator) -> Light:
    """Put a picture out of focus, or move the camera while it is taken."""
    longer = max(seen.shape)
    if rng.random() < 0.75:
        return cv2.GaussianBlur(seen, (0, 0), max(0.3, longer * rng.uniform(0.001, 0.018))).astype(np.float32)
    length = max(3, round(longer * rng.uniform(0.01, 0.04))) | 1
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    turn = cv2.getRotationMatrix2D((length // 2, length // 2), float(rng.uniform(0, 180)), 1.0)
    turned = cv2.warpAffine(kernel, turn, (length, length)).astype(np.float32)
    return cv2.filter2D(seen, -1, turned / np.float32(max(float(turned.sum()), 1e-6))).astype(np.float32)


def _tint(rng: np.random.Generator, low: float, high: float) -> NDArray[np.float32]:
    """Return three values for red, green and blue: a common one between `low` and `high`, and a cast."""
    values = rng.uniform(low, high) + rng.uniform(-1, 1, 3) * (high - low) / 2
    return np.clip(values, low, high).astype(np.float32)


def as_jpeg(picture: Picture, quality: int) -> Picture:
    """Return the picture as it comes back from a JPEG of this quality, 0-100."""
    done, packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
