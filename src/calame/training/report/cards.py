"""The end of the report: what the model is, and how the report was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from calame.training.findings import Evaluation
from calame.training.report.elements import el, listed
from calame.training.report.words import Words


@dataclass(frozen=True)
class Card:
    """What is known of the model; empty or 0 where it is not.

    Attributes:
        name: with its version.
        architecture: the network family.
        parameters: their number.
        data: (name, examples, licence) of what it learned from.
        preparation: the recipe of the steps before the network, as text.
        created: when it was made.
        way: how the set was read: "arrays", straight to the network, or "pictures", preparation included.
    """

    name: str
    architecture: str = ""
    parameters: int = 0
    data: Sequence[tuple[str, int, str]] = ()
    preparation: str = ""
    created: str = ""
    way: str = "arrays"


def cards(found: Evaluation, card: Card, made: Mapping[str, object], words: Words) -> str:
    """Return the section; `made` is `training.record.environment()`."""
    about = el("div", el("h2", words.text("report.card.title")), listed(_about(card, words), "card"))
    how = el(
        "div",
        el("h2", words.text("report.made.title")),
        listed(_how(found, card, made, words), "card"),
        el("p", words.text("report.made.note"), class_="note"),
    )
    return el("section", about, how, class_="pair cards")


def _about(card: Card, words: Words) -> list[tuple[str, str]]:
    learned = [
        words.text("report.card.source", name=name, count=words.number(count), licence=licence)
        for name, count, licence in card.data
    ]
    rows = [
        ("name", words.safe(card.name)),
        ("architecture", words.safe(card.architecture)),
        ("parameters", words.number(card.parameters) if card.parameters else ""),
        ("data", "<br>".join(learned)),
        ("preparation", _steps(card.preparation, words) if card.preparation else ""),
        ("created", words.safe(card.created)),
    ]
    unknown = words.text("report.card.unknown")
    return [(words.text(f"report.card.{name}"), said or unknown) for name, said in rows]


def _steps(preparation: str, words: Words) -> str:
    """Name the steps of a recipe in their order; the recipe itself, with its numbers, is folded away."""
    names = [step.partition("(")[0].strip() for step in preparation.split("|")]
    recipe = el("details", el("summary", words.text("report.card.recipe")), el("code", words.safe(preparation)))
    return " → ".join(words.step(name) for name in names) + recipe


def _how(found: Evaluation, card: Card, made: Mapping[str, object], words: Words) -> list[tuple[str, str]]:
    versions = cast("Mapping[str, str]", made.get("versions", {}))
    return [
        (words.text("report.card.test"), f"{words.safe(found.data)} ({words.number(found.offered)})"),
        (words.text("report.made.way"), words.text(f"report.way.{card.way}")),
        (words.text("report.made.command"), el("code", words.safe(made.get("command", "")))),
        (words.text("report.made.date"), words.safe(made.get("date", ""))),
        (
            words.text("report.made.versions"),
            words.safe(" · ".join(f"{name} {which}" for name, which in versions.items())),
        ),
    ]
