"""Made pages to judge by: cover sheets, print with years, dates and marks, and a number on one of their dotted lines.

The number is an unseen hand's, larger than the print and as careless of the line as people are.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import matplotlib as mpl
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from calame.data import lines
from calame.data.compose import Manner
from calame.data.hands import Hands
from made_pages import FONT, HIGH, WIDE, WORDS, WRITTEN, Page, Sheet, laid, scanned

OTHERS = "cmr10", "cmb10", "STIXGeneral", "STIXGeneralBol", "DejaVuSerif", "DejaVuSans", "cmss10"
FONTS = FONT, *(Path(mpl.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf" for name in OTHERS)
ASKED = "Student ID number", "Matriculation number", "Candidate no.", "Code candidat", "Dossier no.", "Matricule"
LEFT_EMPTY = "Name", "Course of studies", "Nom", "Signature", "Group", "Section", "Place and date"
MONTHS = "January", "February", "March", "June", "September", "janvier", "mars", "mai", "octobre"
TALL = 30, 60  # pixels of the digits at 150 dots an inch: 5 to 10 mm
LENGTHS = 5, 9  # digits, from and below
ABOVE = 0.5, 1.0  # of the number's height: how much of it stands above the dots


@dataclass(frozen=True)
class Print:
    """A page that is being printed in one font."""

    sheet: Sheet
    font: Path

    def put(self, words: str, left: float, top: float, high: float, *, middle: bool = False) -> float:
        """Print words, their left end or their middle at `left`; return where they end."""
        font = ImageFont.truetype(str(self.font), max(6, round(high * self.sheet.scale)))
        wide = float(self.sheet.draw.textlength(words, font=font))
        left -= wide / 2 * middle
        self.sheet.draw.text((left, top), words, font=font, fill=int(self.sheet.rng.integers(0, 60)))
        return left + wide

    def dots(self, left: float, right: float, foot: float) -> None:
        """Print a dotted line."""
        size = self.sheet.scale
        for x in np.arange(left, right, self.sheet.rng.uniform(5, 9) * size):
            self.sheet.draw.ellipse([x, foot, x + 2 * size, foot + 2 * size], fill=40)


def made(known: Hands, rng: np.random.Generator, angle: float) -> Page:
    """Make a cover sheet: headings, dotted lines with the number on one, a date, print, perhaps a table, its page."""
    scale = float(rng.uniform(0.9, 1.4))
    image = Image.new("L", (round(WIDE * scale), round(HIGH * scale)), 255)
    page = Print(Sheet(image, ImageDraw.Draw(image), scale, rng), FONTS[int(rng.integers(len(FONTS)))])
    top = head(page)
    written, top = ask(page, known, top)
    top = tell(page, top)
    if rng.random() < 0.7:
        tabulate(page, top)
    page.put(str(rng.integers(1, 20)), image.width / 2, 0.95 * image.height, 20, middle=True)
    ink, numbers, places = laid(image, [written])
    return Page(scanned(ink, angle, scale, rng), numbers, places)


def head(page: Print) -> float:
    """Print what it is, and of which year; return where it ends."""
    rng, scale, top = page.sheet.rng, page.sheet.scale, 110 * page.sheet.scale
    middle = float(rng.uniform(0.35, 0.65)) * page.sheet.image.width
    dated = int(rng.integers(0, 3))
    for line in range(3):
        words = say(rng, 2, 5, 0.0) + (f" {years(rng)}" if line == dated else "")
        page.put(words, middle, top, float(rng.uniform(24, 36)), middle=True)
        top += 50 * scale
    return top + 40 * scale


def ask(page: Print, known: Hands, top: float) -> tuple[tuple[str, int, int, np.ndarray], float]:
    """Print labels and dotted lines in two columns; return the number on one of them, its place and ink."""
    rng, scale, wide = page.sheet.rng, page.sheet.scale, page.sheet.image.width
    high, pitch = float(rng.uniform(20, 26)), float(rng.uniform(28, 70)) * scale
    column, row = int(rng.integers(0, 2)), int(rng.integers(0, 2))
    text = "".join(map(str, rng.integers(0, 10, int(rng.integers(*LENGTHS)))))
    written = text, 0, 0, np.ones((1, 1), np.float32)
    for aside in (0, 1):
        left, right = (0.1 + 0.44 * aside) * wide, (0.48 + 0.43 * aside) * wide
        for line in (0, 1):
            asked = (aside, line) == (column, row)
            label, foot = pick(rng, ASKED if asked else LEFT_EMPTY) + ":", top + line * pitch + high * scale
            start = page.put(label, left, foot - high * scale, high)
            if asked:
                right = max(right, start + 0.16 * wide)
            page.dots(start + 4 * scale, right, foot)
            if asked:
                ink = lines.draw(text, known.any(rng), manner(rng, scale), WRITTEN, rng).picture[..., 0]
                ink = ink.astype(np.float32) / np.float32(255)
                at = start + rng.uniform(4, 30) * scale, foot - rng.uniform(*ABOVE) * len(ink)
                written = text, round(at[0]), round(at[1]), ink
    return written, top + pitch + 2 * high * scale


def manner(rng: np.random.Generator, scale: float) -> Manner:
    """Return how the number is written: uphill now and then, as nobody keeps to such lines."""
    high = float(rng.uniform(*TALL) * scale)
    gap = lines.GAPS[str(rng.choice(["loose", "plain", "tight"]))]
    slope = float(np.deg2rad(rng.normal(-1, 3)))
    return replace(lines.any_manner(rng, (high, high * 1.01)), margins=(0.02,) * 4, slope=slope, gap=gap)


def tell(page: Print, top: float) -> float:
    """Print a rule, a date and some text with numbers in it; return where it ends."""
    rng, scale, wide = page.sheet.rng, page.sheet.scale, page.sheet.image.width
    page.sheet.draw.line([0.1 * wide, top, 0.9 * wide, top], fill=40, width=max(1, round(1.5 * scale)))
    page.put(date(rng), (0.1, 0.68)[int(rng.integers(0, 2))] * wide, top + 12 * scale, 22)
    top += 70 * scale
    high, pitch = float(rng.uniform(18, 23)), float(rng.uniform(27, 34)) * scale
    for _ in range(int(rng.integers(5, 16))):
        if rng.random() < 0.85:
            page.put(say(rng, 7, 11, 0.12), 0.1 * wide, top, high)
        top += pitch
    return top + pitch


def tabulate(page: Print, top: float) -> None:
    """Print a table of marks: words and small numbers in its cells, which are deep where there is but one row."""
    rng, scale, wide = page.sheet.rng, page.sheet.scale, page.sheet.image.width
    rows, columns = int(rng.integers(1, 6)), int(rng.integers(3, 7))
    deep = float(rng.uniform(36, 54) if rows > 1 else rng.uniform(60, 220)) * scale
    x, y = np.linspace(0.14, 0.86, columns + 1) * wide, top + deep * np.arange(rows + 1)
    page.sheet.rule(x, y)
    for row in y[:-1]:
        for left in x[:-1]:
            if rng.random() < 0.7:
                words = pick(rng, (say(rng, 1, 2, 0.0), str(rng.integers(0, 20)), f"{rng.integers(1, 9)}P", "X"))
                page.put(words, left + 8 * scale, row + 8 * scale, 18)


def say(rng: np.random.Generator, least: int, most: int, share: float) -> str:
    """Return some words, of which so many are numbers as texts have them."""
    words = [
        pick(rng, (str(rng.integers(1, 100)), f"({rng.integers(1, 30)})", f"{rng.integers(1, 9)}.", years(rng)))
        if rng.random() < share else str(rng.choice(WORDS))
        for _ in range(int(rng.integers(least, most)))
    ]  # fmt: skip
    return " ".join(words).capitalize()


def years(rng: np.random.Generator) -> str:
    """Return a year, or the two of a winter, as they are printed."""
    year = int(rng.integers(2005, 2027))
    return pick(rng, (f"{year}", f"{year}/{(year + 1) % 100:02}", f"{year}/{year + 1}", f"{year}-{year + 1}"))


def date(rng: np.random.Generator) -> str:
    """Return a date as it is printed."""
    day, month, year = int(rng.integers(1, 29)), int(rng.integers(1, 13)), int(rng.integers(2005, 2027))
    name = pick(rng, MONTHS)
    return pick(
        rng,
        (f"{day:02}.{month:02}.{year}", f"{day:02}/{month:02}/{year}", f"{name} {day}, {year}", f"{day} {name} {year}"),
    )


def pick(rng: np.random.Generator, some: tuple[str, ...]) -> str:
    return some[int(rng.integers(len(some)))]
