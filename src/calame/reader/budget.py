"""How many wrong answers a wish allows, and what it costs: thresholds that were measured, with the bound they carry.

A *curve* is what was seen on readings whose truth is known: at a few coverages fixed beforehand, the confidence from
which on readings are answered, how many are, and how many of those are wrong. A wish for at most so many wrong answers
is tested at four of these places, and from each on to higher coverages for as long as an exact binomial test carries
it: fixed-sequence testing from several starts, which shares the risk of error among the starts alone (Angelopoulos,
Bates and others, "Learn then test", 2021). What is carried holds for readings of the same kind: the same sort of paper,
pens and writers. Who does not say which kind gets what holds for every kind by itself, since nobody knows how many of
each there will be. What was measured on made pictures says little about real ones: calibrate on your own.

Knows confidences and whether they were right; neither pictures nor readers.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cache
from hashlib import sha256
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.artifact import ModelFolder
from calame.errors import BadCalibration, UsageError
from calame.locale import Phrase
from calame.odds import LEVEL, upper_bound
from calame.types import Budget

STAMP = 8  # hexadecimal digits by which the content of a file is told from another's
LOOKS = (1, 0.995, 0.99, 0.98, 0.95, 0.92, 0.9, 0.85, 0.8, 0.75, 0.7, 0.6, 0.5, 0.35, 0.2)  # coverages, most first
STARTS = (0.85, 0.6, 0.35, 0.2)  # of them, where a test begins
SURE = 1 - (1 - LEVEL) / len(STARTS)  # level of each test, for `LEVEL` of all together
WISHES = (20, 50, 100, 200, 500, 1000, 2000)  # at most one wrong answer in so many: what is tried to say what can be
ANY = "any"  # whichever kind it is
FORMAT = 1
# As people and programs write one; what else Fraction takes, 1e-15000000, would be computed for minutes.
SHARE = re.compile(r"\d{1,12}/\d{1,12}|\d{0,12}(\.\d{0,30})?(e-?\d{1,2})?%?")


class Look(NamedTuple):
    """One place of a curve: answering from `threshold` on, `answered` readings were answered and `wrong` wrong.

    `parts` has the same two counts for each of the kinds that are mixed in the curve; none where it is of one kind.
    """

    threshold: float
    answered: int
    wrong: int
    parts: tuple[tuple[int, int], ...] = ()

    @property
    def bound(self) -> float:
        """The share of wrong answers that is not exceeded in any kind, at the level that so many starts ask for."""
        counts = self.parts or ((self.answered, self.wrong),)
        return max(upper_bound(wrong, answered, SURE) for answered, wrong in counts)


@dataclass(frozen=True)
class Curve:
    """What was measured on `count` readings of one kind, of which `right` were right without any threshold."""

    kind: str
    count: int
    right: int
    looks: tuple[Look, ...]

    def promise(self, max_wrong: float) -> Budget:
        """Return the threshold that answers most while at most `max_wrong` of the answers are wrong, and its cost.

        Args:
            max_wrong: above 0 and below 1.

        Raises:
            UsageError: the sample cannot carry that; the message says what it can.
        """
        look = self._carried(max_wrong)
        if look is not None:
            return self._budget(max_wrong, look)
        able = "; ".join(_told(budget) for budget in self.able()) or "–"
        wish = f"1/{round(1 / max_wrong)}" if max_wrong < 0.5 else f"{max_wrong:g}"
        key = "reader.max_wrong_few" if self._spotless(max_wrong) else "reader.max_wrong"
        raise UsageError(
            problem=Phrase(key, asked=wish, kind=self.kind, count=self.count, known=able, needed=_needed(max_wrong))
        )

    def able(self) -> list[Budget]:
        """Return what can be promised of `WISHES`, from the least strict on."""
        found: list[Budget] = []
        for wish in WISHES:
            look = self._carried(1 / wish)
            if look is not None:
                found.append(self._budget(1 / wish, look))
        return found

    def _carried(self, max_wrong: float) -> Look | None:
        """Return the look of most coverage that the tests reach."""
        rising = self.looks[::-1]
        best: Look | None = None
        for start in STARTS:
            place = next((at for at, look in enumerate(rising) if look.answered >= start * self.count), len(rising))
            while place < len(rising) and rising[place].bound <= max_wrong:
                if best is None or rising[place].answered > best.answered:
                    best = rising[place]
                place += 1
        return best

    def _budget(self, max_wrong: float, look: Look) -> Budget:
        return Budget(
            max_wrong, self.kind, look.threshold, 1 - look.answered / self.count, look.bound, self.count, look.answered,
            look.wrong,
        )  # fmt: skip

    def _spotless(self, max_wrong: float) -> bool:
        """Whether more readings might carry the wish: somewhere fewer are wrong than it allows."""
        return any(look.wrong <= max_wrong * look.answered for look in self.looks)


def curve(kind: str, confidences: Sequence[float], rights: Sequence[bool], parts: Sequence[str] | None = None) -> Curve:
    """Measure a curve.

    Args:
        kind: its name.
        confidences: (n,), n ≥ 1, 0-1; of readings that were used for nothing else.
        rights: (n,) whether each was right to the last digit.
        parts: (n,) the kind of each, where several are mixed: what is promised is to hold for each of them.
    """
    sure, right = np.asarray(confidences, np.float64), np.asarray(rights, bool)
    order = np.argsort(-sure, kind="stable")
    sure, right = sure[order], right[order]
    names = np.asarray(parts)[order] if parts is not None else None
    count = len(sure)
    looks: list[Look] = []
    for coverage in LOOKS:
        threshold = _rounded_down(float(sure[math.ceil(coverage * count) - 1]))
        answered = int(np.searchsorted(-sure, -threshold, side="right"))  # equals are answered together
        look = Look(threshold, *_counted(right[:answered]))
        if names is not None:
            of_each = (right[:answered][names[:answered] == name] for name in np.unique(names))
            look = look._replace(parts=tuple(_counted(some) for some in of_each))
        if not looks or look != looks[-1]:
            looks.append(look)
    return Curve(kind, count, int(right.sum()), tuple(looks))


def _counted(right: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many readings there are, and how many of them are wrong."""
    return len(right), int((~right).sum())


class Steady(NamedTuple):
    """How a confidence becomes one that comes true: log(p / (1 - p)) times `slope`, plus `offset`."""

    slope: float = 1.0
    offset: float = 0.0

    def __call__(self, confidence: float) -> float:
        """Return the confidence, 0-1, that comes true; their order stays."""
        odds = _logit(confidence) * self.slope + self.offset
        return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


def steady(confidences: Sequence[float], rights: Sequence[bool], prior: float = 2.0) -> Steady:
    """Fit `Steady` on readings by the likelihood (Platt, "Probabilistic outputs", 1999), its slope above 0.

    Args:
        confidences: (n,) 0-1.
        rights: (n,) whether each was right.
        prior: how many readings' worth it is held to changing nothing: few readings change little.
    """
    odds = np.array([_logit(value) for value in confidences])
    right = np.asarray(rights, np.float64)
    values, start = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    rows = np.stack([odds, np.ones_like(odds)], axis=1)
    for _ in range(50):
        chance = 1 / (1 + np.exp(-np.clip(rows @ values, -60, 60)))
        slope = rows.T @ (right - chance) - prior * (values - start)
        bend = (rows * (chance * (1 - chance))[:, None]).T @ rows + prior * np.eye(2)
        step = np.linalg.solve(bend, slope)
        values = values + np.clip(step, -1, 1)
        values[0] = max(values[0], 0.05)
        if np.abs(step).max() < 1e-8:
            break
    return Steady(round(float(values[0]), 4), round(float(values[1]), 4))


@dataclass(frozen=True)
class Calibration:
    """What was measured on readings whose truth is known, kind by kind.

    Attributes:
        name: what it was measured on.
        readers: the SHA-256 of what read: other networks need another calibration.
        steady: makes the confidences come true.
        curves: by kind.
    """

    name: str
    readers: Mapping[str, str]
    steady: Steady
    curves: Mapping[str, Curve]

    def curve(self, kind: str | None = None) -> Curve:
        """Return the curve of a kind; without one, that which holds for any, or that of the only kind there is.

        Raises:
            UsageError: there is no such kind; the message says which there are.
        """
        wanted = kind or (ANY if ANY in self.curves else next(iter(self.curves)))
        if wanted not in self.curves:
            raise UsageError(problem=Phrase("reader.kind", asked=wanted, known=", ".join(self.curves)))
        return self.curves[wanted]

    def save(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; `load` reads them."""
        curves = [asdict(one) | {"looks": [list(look) for look in one.looks]} for one in self.curves.values()]
        return {
            "calame_codes": FORMAT, "name": self.name, "readers": dict(self.readers), "steady": list(self.steady),
            "curves": curves,
        }  # fmt: skip


def stamped(path: Path) -> str:
    """Return a file's name with the beginning of the SHA-256 of what is in it."""
    return f"{path.name}:{sha256(path.read_bytes()).hexdigest()[:STAMP]}"


def load_calibration(path: str | Path) -> Calibration:
    """Read what `Calibration.save` wrote.

    Raises:
        BadCalibration: there is no such file, or it is something else.
    """
    try:
        return calibration_of(json.loads(Path(path).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise BadCalibration(name=path, problem=Phrase("reader.no_calibration")) from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadCalibration(name=path, problem=Phrase("reader.foreign_calibration")) from error


def calibration_of(stored: Mapping[str, Any]) -> Calibration:
    """Return a calibration from its plain values.

    Raises:
        KeyError, TypeError, ValueError: they are something else.
    """
    if stored["calame_codes"] != FORMAT:
        raise ValueError(stored["calame_codes"])
    curves = {
        str(one["kind"]): Curve(
            str(one["kind"]), int(one["count"]), int(one["right"]),
            tuple(_look(*values) for values in one["looks"]),
        )
        for one in stored["curves"]
    }  # fmt: skip
    if not curves or any(not one.looks or one.count < 1 for one in curves.values()):
        raise ValueError("no curve")
    slope, offset = map(float, stored["steady"])
    return Calibration(str(stored["name"]), dict(stored["readers"]), Steady(slope, offset), curves)


def _look(threshold: float, answered: int, wrong: int, parts: Sequence[tuple[int, int]] = ()) -> Look:
    return Look(float(threshold), int(answered), int(wrong), tuple((int(some), int(false)) for some, false in parts))


@cache
def shipped() -> dict[str, Any]:
    """Return the numbers that are in the package: how the readers are joined, and the calibration of that."""
    return json.loads(resources.files("calame.reader").joinpath("codes.json").read_text(encoding="utf-8"))


def hash_of(folder: ModelFolder | None) -> str:
    """Return what names a network: the SHA-256 of the file that reads, or "custom" for a callable."""
    return "custom" if folder is None else folder.manifest.files[folder.lightest]["sha256"]


def share(wish: str | float) -> float:
    """Return "1/1000", "0.1 %", "0,1 %" or 0.001 as a share between 0 and 1.

    Raises:
        UsageError: it is none.
    """
    try:
        words = "".join(str(wish).replace(",", ".").split())
        if not SHARE.fullmatch(words):
            raise ValueError(words)
        value = float(words[:-1]) / 100 if words.endswith("%") else float(Fraction(words))
    except (ValueError, ZeroDivisionError, TypeError) as error:
        raise UsageError(problem=Phrase("reader.share", given=wish)) from error
    if not 0 < value < 1:
        raise UsageError(problem=Phrase("reader.share", given=wish))
    return value


def _told(budget: Budget) -> str:
    return f"1/{round(1 / budget.max_wrong)} ({100 * budget.refused:.0f} %)"


def _needed(max_wrong: float) -> int:
    """Return how many answers without an error the test asks for."""
    return math.ceil(math.log(1 - SURE) / math.log1p(-max_wrong))


def _rounded_down(value: float) -> float:
    """Keep a threshold's digits short without refusing what it was measured on."""
    return math.floor(value * 1e6) / 1e6


def _logit(confidence: float) -> float:
    held = min(max(confidence, 1e-9), 1 - 1e-9)
    return math.log(held / (1 - held))
