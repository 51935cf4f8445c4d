"""The explanation as one page: every picture in it, nothing asked of the network, light and dark.

The style is that of the report of `calame evaluate`, and a little of its own.
"""

import base64
from importlib import resources
from typing import TYPE_CHECKING

import numpy as np

from calame.cli.common import Context
from calame.cli.inside import Part
from calame.drawing.colours import painted
from calame.drawing.plate import Plate, Scale, sheet_png
from calame.drawing.png import png, uri
from calame.training.report.elements import el, head
from calame.training.report.words import Words

if TYPE_CHECKING:
    from calame.types import DigitReading

STOPS = 9  # of a scale's gradient
WIDE = 900  # pixels that a picture may have on the page


def page(context: Context, name: str, reading: "DigitReading", model: str, found: list[Part]) -> str:
    """Return the whole page."""
    words = Words(context.settings.language)
    title = words.text("explain.page.title", name=name)
    kind = el("p", el("b", "calame"), words.text("explain.page.kind"), class_="kind")
    answer = el("p", answer_of(reading, model, words), class_="intro")
    sections = [section(part, words) for part in found if part.plates]
    contents = el("nav", *(el("a", heading(part, words), href=f"#{part.name}") for part in found if part.plates))
    body = el("body", el("header", kind, el("h1", title), answer, contents), el("main", *sections))
    style = "\n".join(
        resources.files(package).joinpath(file).read_text(encoding="utf-8")
        for package, file in (("calame.training.report", "page.css"), ("calame.cli", "gallery.css"))
    )
    return "<!doctype html>\n" + el("html", head(title, style), body, lang=words.language) + "\n"


def answer_of(reading: "DigitReading", model: str, words: Words) -> str:
    """Say what was read, and how sure it is."""
    digit, share = reading.top(1)[0]
    sure = words.percent(share, 1)
    if reading.rejected is None:
        return words.text("explain.page.answer", digit=digit, sure=sure, model=model)
    reason = words.plain(f"reading.rejected.{reading.rejected}")
    return words.text("explain.page.refused", digit=digit, sure=sure, model=model, reason=reason)


def heading(part: Part, words: Words) -> str:
    """Return the title of a part: that of its only plate, or one that fits all of them."""
    return words.safe(part.plates[0].title) if len(part.plates) == 1 else words.text(f"explain.page.{part.name}")


def section(part: Part, words: Words) -> str:
    """Return a part under its heading, each of its plates under one of its own where there are several."""
    several = len(part.plates) > 1
    figures = "".join(figure(plate, words, titled=several) for plate in part.plates)
    return el("section", el("h2", heading(part, words)), figures, id=part.name)


def figure(plate: Plate, words: Words, *, titled: bool) -> str:
    """Return the pictures of a plate with its sentence, its captions and its scale."""
    title, sentence = words.safe(plate.title), words.safe(plate.sentence)
    said = (el("h3", title) if titled else "") + el("p", sentence, class_="intro")
    drawn = tiles(plate, words) if plate.captioned else whole(plate, title)
    return el("figure", el("figcaption", said), drawn, "" if plate.scale is None else scale_bar(plate.scale, words))


def tiles(plate: Plate, words: Words) -> str:
    """Return the pictures, each with its words below."""
    width = plate.tiles[0].colours.shape[1] * plate.zoom
    items: list[str] = []
    for tile in plate.tiles:
        lines = [words.safe(line) for line in tile.caption.splitlines()]
        caption = el("p", el("b", lines[0]), *(el("span", line) for line in lines[1:])) if lines else ""
        alt = f"{words.safe(plate.title)}: {', '.join(lines)}" if lines else words.safe(plate.title)
        items.append(el("li", el("img", src=uri(png(tile.colours)), alt=alt, width=width), caption))
    return el("ul", *items, class_="tiles")


def whole(plate: Plate, title: str) -> str:
    """Return all pictures as one."""
    sheet = plate.sheet()
    width = min(sheet.shape[1] * plate.zoom, WIDE)
    encoded = base64.b64encode(sheet_png(sheet)).decode()
    return el("img", src=f"data:image/png;base64,{encoded}", alt=title, width=width, class_="whole")


def scale_bar(scale: Scale, words: Words) -> str:
    """Return the colours of a scale with the words at its ends."""
    stops = painted(np.linspace(0, 1, STOPS), 0, 1, scale.palette)
    colours = ", ".join(f"rgb({red} {green} {blue})" for red, green, blue in stops.tolist())
    bar = el("i", style=f"background: linear-gradient(to right, {colours})")
    ends = (el("span", words.safe(end)) for end in (scale.low, scale.middle, scale.high))
    return el("p", bar, *ends, class_="scale")
