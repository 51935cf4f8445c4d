"""Made pages to judge by: print, tables and boxes with numbers of unseen hands, scanned."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

import calame.drawing
from calame.data import lines, scene
from calame.data.hands import Hands
from calame.types import Box

FONT = Path(calame.drawing.__file__).parent / "Roboto-Regular.ttf"
WORDS = (
    *("name", "order", "number", "course", "of", "studies", "student", "please", "write", "with", "a", "pen", "in"),
    *("the", "corresponding", "place", "client", "reference", "date", "signature", "total", "quantity", "article"),
    *("sheet", "read", "entire", "before", "beginning", "given", "delivery", "address", "city", "street", "invoice"),
)
WIDE, HIGH = 1240, 1754  # pixels of a page of A4 at 150 dots an inch
ON = ("dots", "rule", "box", "nothing")  # what a number is written on
WRITTEN = lines.Look(even=True, ink=(0.6, 0.95), blur=(0, 0.004), noise=(0, 0), jpeg=0.0)


class Page(NamedTuple):
    """A page as it was scanned, the numbers that are written on it, and where each is on it when it lies straight."""

    picture: scene.Picture
    numbers: list[str]
    places: list[Box]


def made(known: Hands, rng: np.random.Generator, angle: float) -> Page:
    """Make a page: a heading, one or two numbers behind their labels, print, perhaps a table, perhaps a logo."""
    scale = rng.uniform(0.75, 1.3)
    size = round(WIDE * scale), round(HIGH * scale)
    image = Image.new("L", size, 255)
    sheet = Sheet(image, ImageDraw.Draw(image), scale, rng)
    sheet.say(0.35 * size[0], 100 * scale, 34, 3)
    if rng.random() < 0.6:
        sheet.draw.rectangle([0.8 * size[0], 80 * scale, 0.92 * size[0], 170 * scale], fill=0)
    below, written = 260 * scale, []
    for _ in range(int(rng.integers(1, 3))):
        written.append(sheet.ask(below, known))
        below += rng.uniform(90, 130) * scale
    while below < 0.6 * size[1]:
        sheet.say(0.1 * size[0], below, 20, int(rng.integers(5, 12)))
        below += rng.uniform(28, 36) * scale
    if rng.random() < 0.7:
        sheet.tabulate(below)
    ink, numbers, places = laid(image, written)
    return Page(scanned(ink, angle, scale, rng), numbers, places)


def laid(
    image: Image.Image, written: list[tuple[str, int, int, NDArray[np.float32]]]
) -> tuple[NDArray[np.float32], list[str], list[Box]]:
    """Return a page, 1 on paper, with the numbers on it that there is room for, these, and where they are."""
    ink, numbers, places = np.asarray(image, np.float32) / np.float32(255), list[str](), list[Box]()
    for text, left, top, number in written:
        high, wide = number.shape
        if left + wide < image.width and 0 <= top <= image.height - high:
            ink[top : top + high, left : left + wide] *= number
            numbers.append(text)
            places.append(Box(left, top, left + wide, top + high))
    return ink, numbers, places


class Sheet(NamedTuple):
    """A page that is being printed: 150 dots an inch times `scale`."""

    image: Image.Image
    draw: ImageDraw.ImageDraw
    scale: float
    rng: np.random.Generator

    def say(self, left: float, top: float, high: float, count: int, end: str = "") -> float:
        """Print some words; return how long they are."""
        words = " ".join(map(str, self.rng.choice(WORDS, count))).capitalize() + end
        font = ImageFont.truetype(str(FONT), max(6, round(high * self.scale)))
        self.draw.text((left, top), words, font=font, fill=int(self.rng.integers(0, 60)))
        return float(self.draw.textlength(words, font=font))

    def ask(self, top: float, known: Hands) -> tuple[str, int, int, NDArray[np.float32]]:
        """Print a label and what a number is written on; return the number, its place and its ink, 1 on paper."""
        scale, rng = self.scale, self.rng
        foot, left = top + 60 * scale, self.image.width * rng.uniform(0.08, 0.45)
        start = left + self.say(left, foot - 26 * scale, 22, int(rng.integers(1, 4)), ":") + 12 * scale
        high, on = float(rng.uniform(26, 48) * scale), str(rng.choice(ON))
        manner = replace(
            lines.any_manner(rng, (high, high * 1.01)), margins=(0.02,) * 4, slope=float(np.deg2rad(rng.normal(0, 1))),
            gap=lines.GAPS[str(rng.choice(["loose", "plain", "tight"]))],
        )  # fmt: skip
        text = "".join(map(str, rng.integers(0, 10, int(rng.integers(4, 9)))))
        ink = lines.draw(text, known.any(rng), manner, WRITTEN, rng).picture[..., 0].astype(np.float32) / np.float32(
            255
        )
        place = round(start + rng.uniform(5, 25) * scale), round(foot - len(ink) * rng.uniform(0.85, 1.0))
        end, thick = place[0] + ink.shape[1] + 20 * scale, max(1, round(2 * scale))
        if on == "dots":
            for x in np.arange(start, end, 7 * scale):
                self.draw.ellipse([x, foot, x + thick, foot + thick], fill=40)
        elif on == "rule":
            self.draw.line([start, foot, end, foot], fill=60, width=thick)
        elif on == "box":
            self.draw.rectangle([start, foot - 1.5 * high, end, foot + 0.3 * high], outline=60, width=thick)
        return text, *place, ink

    def tabulate(self, top: float) -> None:
        """Print a table with words in most of its cells."""
        rows, columns = int(self.rng.integers(3, 7)), int(self.rng.integers(3, 6))
        x = np.linspace(0.12, 0.88, columns + 1) * self.image.width
        y = top + 50 * self.scale * np.arange(rows + 1)
        self.rule(x, y)
        for row in y[:-1]:
            for column in x[:-1]:
                if self.rng.random() < 0.6:
                    self.say(column + 8 * self.scale, row + 12 * self.scale, 18, 1)

    def rule(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> None:
        """Print the lines of a table."""
        thick = max(1, round(2 * self.scale))
        for row in y:
            self.draw.line([x[0], row, x[-1], row], fill=30, width=thick)
        for column in x:
            self.draw.line([column, y[0], column, y[-1]], fill=30, width=thick)


def scanned(ink: NDArray[np.float32], angle: float, scale: float, rng: np.random.Generator) -> scene.Picture:
    """Return the page crooked, in its light, a little out of focus, in noise, as a JPEG."""
    height, width = ink.shape
    seen = turned(ink, angle)[..., None] * np.float32(rng.uniform(0.75, 1))
    seen = np.repeat(seen, 3, axis=2)
    if rng.random() < 0.4:
        seen = seen * scene.light(height, width, rng, shade=True, shadow=False)
    if rng.random() < 0.5:
        seen = cv2.GaussianBlur(seen, (0, 0), rng.uniform(0.3, 1.0) * scale)
    noise = rng.normal(0, rng.uniform(1, 6), (height, width, 1))
    return scene.as_jpeg(np.clip(seen * 255 + noise, 0, 255).astype(np.uint8), int(rng.integers(50, 95)))


def turned(pixels: NDArray[Any], angle: float) -> NDArray[Any]:
    """Return a page crooked by so many degrees, on white."""
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1)
    return cv2.warpAffine(pixels, turn, (width, height), borderValue=(1.0 if pixels.dtype.kind == "f" else 255,) * 3)
