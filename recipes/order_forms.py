"""Made pages to judge by: order forms, tables of articles, quantities and prices that an unseen hand filled in."""

from dataclasses import replace

import numpy as np
from PIL import Image, ImageDraw

from calame.data import lines
from calame.data.compose import Manner
from calame.data.hands import Hands
from made_pages import HIGH, WIDE, WRITTEN, Page, Sheet, laid, scanned

LENGTHS = (5, 7), (1, 4), (3, 6), (1, 4)  # digits of a column's numbers: article, quantity, price, discount
PRICE = 2  # the column whose numbers have a comma
RULED = 0.75  # of the forms have their lines printed
EMPTY = 0.1  # of the cells are
ROOM = 24  # pixels of a page at 150 dots an inch: left free between a number and the next column


def made(known: Hands, rng: np.random.Generator, angle: float) -> Page:
    """Make an order form: a heading, a table with printed names of columns, and numbers in most of its cells."""
    scale = float(rng.uniform(0.75, 1.3))
    image = Image.new("L", (round(WIDE * scale), round(HIGH * scale)), 255)
    sheet = Sheet(image, ImageDraw.Draw(image), scale, rng)
    sheet.say(0.35 * image.width, 100 * scale, 34, 3)
    rows, columns = int(rng.integers(4, 9)), int(rng.integers(2, 5))
    deep = float(rng.uniform(62, 95) * scale)
    x, y = np.linspace(0.1, 0.9, columns + 1) * image.width, 260 * scale + deep * np.arange(rows + 1)
    if rng.random() < RULED:
        sheet.rule(x, y)
    for left in x[:-1]:
        sheet.say(left + 10 * scale, y[0] + 0.3 * deep, 22, 1)
    hand, high = known.any(rng), float(min(0.55 * deep, rng.uniform(28, 48) * scale))
    written = []
    for foot in y[1:-1]:
        for column in range(columns):
            if rng.random() < EMPTY:
                continue
            text = number(column, rng)
            picture = lines.draw(text, hand, manner(high, rng), WRITTEN, rng).picture
            ink = picture[..., 0].astype(np.float32) / np.float32(255)
            left = round(x[column] + rng.uniform(10, 30) * scale)
            if left + ink.shape[1] + ROOM * scale < x[column + 1]:
                top = round(foot + rng.uniform(0.8, 0.92) * deep - 0.93 * len(ink))
                written.append((text.replace(",", ""), left, top, ink))
    ink, numbers, places = laid(image, written)
    return Page(scanned(ink, angle, scale, rng), numbers, places)


def number(column: int, rng: np.random.Generator) -> str:
    """Return what stands in a column, as it is written."""
    count = int(rng.integers(*LENGTHS[column]))
    text = str(rng.integers(1, 10)) + "".join(map(str, rng.integers(0, 10, count - 1)))
    return f"{text[:-2]},{text[-2:]}" if column == PRICE else text


def manner(high: float, rng: np.random.Generator) -> Manner:
    """Return how a number is written that stands in a cell."""
    gap = lines.GAPS[str(rng.choice(["loose", "plain", "tight"]))]
    slope = float(np.deg2rad(rng.normal(0, 1)))
    return replace(lines.any_manner(rng, (high, high * 1.01)), margins=(0.02,) * 4, slope=slope, gap=gap)
