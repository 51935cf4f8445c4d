"""Every sentence a person reads, in French and English, by key.

One catalogue of keys serves the command line, the errors, the reports and the page. This module knows the
keys and nothing of who asks. Both files hold the same keys with the same `{values}`; a test checks it.
"""

import json
import re
from functools import cache
from importlib import resources

from calame.locale.called import commands

LANGUAGES = ("en", "fr")
LOOSE = re.compile(" (?=[:;?!%»])|(?<=«) ")


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the sentences of one language by key; an unknown language raises `KeyError`."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return json.loads(resources.files(__name__).joinpath(f"{language}.json").read_text(encoding="utf-8"))


def text(key: str, language: str = "en", /, **values: object) -> str:
    """Return the sentence `key` in `language`, its `{values}` filled in; `{calame}` and `{pip}` are `commands()`.

    Example:
        >>> text("reading.rejected.no_ink", "fr")
        "pas d'encre trouvée"
    """
    said = {name: value.text(language) if isinstance(value, Phrase) else value for name, value in values.items()}
    return catalogue(language)[key].format(**commands() | said)


def held(sentence: str, language: str) -> str:
    """Return a sentence for a page, where no line may begin with a French colon; a terminal has plain spaces there."""
    return LOOSE.sub("\u202f", sentence) if language == "fr" else sentence


class Phrase:
    """A sentence whose language is not known yet: the part of an error that only its raiser can word.

    Example:
        >>> raise DamagedModel(path=path, problem=Phrase("model.missing_file", file="model.onnx"))
    """

    def __init__(self, key: str, /, **values: object) -> None:
        self.key = key
        self.values = values

    def text(self, language: str = "en") -> str:
        """Return the sentence in `language`."""
        return text(self.key, language, **self.values)

    def __str__(self) -> str:
        return self.text()
