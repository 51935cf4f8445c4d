"""An evaluation as one page that a teacher can print, and as JSON beside it.

The page asks nothing of the network: style, charts (SVG) and pictures (PNG) are in it. Neither Matplotlib nor a
browser is needed to make it. This module knows findings, not models: what stands on the card is handed in.
"""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from calame.training.findings import Evaluation
from calame.training.record import environment, write_json
from calame.training.report.cards import Card, cards
from calame.training.report.digits import by_digit
from calame.training.report.elements import el, head
from calame.training.report.harms import harms
from calame.training.report.headline import headline
from calame.training.report.mistakes import errors, refused
from calame.training.report.trust import trust
from calame.training.report.words import Words

__all__ = ["FIGURES", "PAGE", "Card", "page", "write_report"]

PAGE = "report.html"
FIGURES = "evaluation.json"


def write_report(found: Evaluation, folder: Path, card: Card, language: str = "en") -> Path:
    """Write `report.html` and `evaluation.json` into `folder` (made if need be); return the path of the page.

    Example:
        >>> write_report(evaluate(classify, images, labels, name="mine", data_name="mnist"), Path("out"), Card("mine"))
    """
    made = environment()
    write_json(folder / FIGURES, found.to_json() | {"made": made})
    path = folder / PAGE
    part = path.with_name(f"{PAGE}.part")
    part.write_text(page(found, card, made, language), encoding="utf-8")
    part.replace(path)
    return path


def page(found: Evaluation, card: Card, made: Mapping[str, object], language: str = "en") -> str:
    """Return the whole page; `made` is `training.record.environment()`."""
    words = Words(language)
    title = words.text("report.title", model=found.name, data=found.data)
    kind = el("p", el("b", "calame"), words.text("report.kind"), class_="kind")
    main = [
        headline(found, words),
        by_digit(found, words),
        errors(found, words),
        refused(found, words),
        trust(found, words),
        harms(found.curves, words),
        cards(found, card, made, words),
    ]
    body = el("body", el("header", kind, el("h1", title)), el("main", "\n".join(part for part in main if part)))
    style = resources.files(__name__).joinpath("page.css").read_text(encoding="utf-8")
    return "<!doctype html>\n" + el("html", head(title, style), body, lang=language) + "\n"
