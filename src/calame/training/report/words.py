"""Words and numbers of the report in one language, ready to stand in HTML."""

import math
from dataclasses import dataclass
from html import escape

from calame.locale import catalogue, text
from calame.locale.numbers import THIN, number, percent

SPACED = {" ;": f"{THIN};", " !": f"{THIN}!", " ?": f"{THIN}?", " :": "\u00a0:", "« ": "«\u00a0", " »": "\u00a0»"}


@dataclass(frozen=True)
class Words:
    """The catalogue of one language ("en" or "fr")."""

    language: str

    def text(self, key: str, **values: object) -> str:
        """Return a sentence, escaped; in French no sign of punctuation can fall to the next line."""
        return self.safe(self.plain(key, **values))

    def plain(self, key: str, **values: object) -> str:
        """Return a sentence as the catalogue has it, for a terminal."""
        return text(key, self.language, **values)

    def safe(self, value: object) -> str:
        """Return `value` escaped for HTML, also inside attributes."""
        written = escape(str(value))
        if self.language == "fr":
            for loose, tight in SPACED.items():
                written = written.replace(loose, tight)
        return written

    def reason(self, code: str) -> str:
        """Return why a picture got no answer, of a rejection or the code of an error, for a terminal."""
        known = catalogue(self.language)
        if (rejected := f"reading.rejected.{code}") in known:
            return self.plain(rejected)
        title = known.get(f"problem.{code}.title", code)
        return title[0].lower() + title[1:]

    def step(self, name: str) -> str:
        """Return what a step of the preparation does, escaped; by its own name where the catalogue has none."""
        known = catalogue(self.language)
        return self.safe(known.get(f"step.{name}", name))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as this language writes it."""
        return number(value, digits, self.language)

    def short(self, value: float) -> str:
        """Return a number with the decimals it needs, at most two, and a true minus sign: −0.5, 12."""
        digits = next(digits for digits in (0, 1, 2) if digits == 2 or abs(value - round(value, digits)) < 1e-9)
        return number(value, digits, self.language).replace("-", "−")

    @staticmethod
    def decimals(count: int) -> int:
        """Return how many decimals a percentage of `count` pictures bears: one picture in 1,000 is 0.1 point."""
        return 2 if count >= 1000 else 1

    @property
    def sign(self) -> str:
        """Per cent, with its space in French."""
        return f"{THIN}%" if self.language == "fr" else "%"

    def percent(self, share: float | None, digits: int = 2) -> str:
        """Return a share of 0-1 as a percentage, or a dash for None and NaN."""
        if share is None or math.isnan(share):
            return "–"
        return percent(share, 0 if share == 0 else digits, self.language)
