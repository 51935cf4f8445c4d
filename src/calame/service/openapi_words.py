"""The OpenAPI description in the reader's language: each of its sentences, by the English one that stands in the code.

Routes and schemas are written once, with English words; those words are in the catalogue as well, under `openapi.`, and
lead to the other language's. A test holds the two together: no sentence without its key, no key without its sentence.
"""

from functools import cache
from typing import cast

from calame.locale import catalogue, text
from calame.service.schema_parts import Schema

SENTENCES = ("summary", "description")
KEYS = "openapi."


@cache
def keys() -> dict[str, str]:
    """Return the key of each English sentence."""
    return {text(key, "en"): key for key in catalogue("en") if key.startswith(KEYS)}


def worded(described: Schema, language: str) -> Schema:
    """Return a description in a language; what has no key (a sign, a format) stays."""
    return {name: _worded(name, part, language) for name, part in described.items()}


def _worded(name: str, part: object, language: str) -> object:
    if isinstance(part, dict):
        return worded(cast("Schema", part), language)
    if isinstance(part, list):
        return [_worded("", one, language) for one in cast("list[object]", part)]
    if name in SENTENCES and isinstance(part, str):
        return text(keys()[part], language) if part in keys() else part
    return part
