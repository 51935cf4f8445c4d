"""What a class is called in a person's language: the labels of ImageNet in English and in French.

A label is a contract, `golden_retriever`; a name is for people. The French list, `names_fr.json`, is our own
translation of the labels of Keras's `imagenet_class_index.json`. This module knows neither networks nor photos.
"""

import json
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib import resources


def name_of(label: str, language: str = "en", classes: Sequence[str] | None = None) -> str:
    """Return the name of a class: in French from our own translation of ImageNet's labels, else the label with blanks.

    Args:
        label: as the network has it, with underscores.
        language: "en" or "fr".
        classes: all of the network's. The list is for ImageNet's alone: a class of one's own stays as its folder is
            called, even `crane`. None: they are ImageNet's.

    Example:
        >>> name_of("German_shepherd", "fr")
        'berger allemand'
    """
    plain = label.replace("_", " ")
    if language != "fr" or not (classes is None or are_imagenet(tuple(classes))):
        return plain
    return french().get(label, plain)


@lru_cache(maxsize=8)  # asked for every class of an answer
def are_imagenet(classes: tuple[str, ...]) -> bool:
    """Return whether these are the classes of ImageNet: all of them, and no other."""
    return french().keys() == set(classes)


@cache
def french() -> dict[str, str]:
    """Return the French names by label. Two labels stand for two classes each, `crane` and `maillot`."""
    return json.loads(resources.files("calame.images").joinpath("names_fr.json").read_text(encoding="utf-8"))
