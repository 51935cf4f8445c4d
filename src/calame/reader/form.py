"""A form: several numbers on a sheet, each in a place of its own that has a name, on every sheet of a pile the same.

A field is read as `CodeReader(region=...)` reads it, and knows nothing of the others; the picture is decoded once, and
the networks are opened once.
"""

import copy
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from calame.artifact import ModelFolder
from calame.engine.piles import a_few_at_a_time
from calame.engine.session import Classifier
from calame.errors import BadParameter, InputError
from calame.imaging.codec import Limits, Source, decode
from calame.imaging.region import Region, parse_region
from calame.locale import Phrase
from calame.reader.budget import Calibration
from calame.reader.checks import Check, parse_checks
from calame.reader.code import TOGETHER, CodeReader
from calame.types import CodeReading

LONGEST = 30  # letters of a name: it heads a column
BETWEEN = " -_.°'’"  # what a name may have besides letters and digits


@dataclass(frozen=True)
class Field:
    """A place of a form: where it is, as `CodeReader`'s `region`, and what its number must be, as `checks`."""

    region: str | Sequence[float] | Region
    checks: Sequence[Check | str] | Check | str = ()


class FormReader:
    """Reads several handwritten numbers from a picture of a form, each in its own place.

    Args:
        fields: the place of each by its name; a `Field`, where its number has checks of its own. A name has 1 to 30
            letters, digits, spaces, or - _ . ° ' ’, and begins with a letter; two that differ in capitals alone are
            one.
        model: which digit network; as `CodeReader`'s.
        checks: what each of the numbers must be, besides its field's own.
        limits, reject_below, max_wrong, kind, calibration: as `CodeReader`'s, of each number by itself.

    Raises:
        BadParameter: a name that is none, or that two fields have; no field; a region that is none.
        BadCheck, BadCalibration, UsageError, MissingModel, DamagedModel: as `CodeReader`.

    Example:
        >>> form = FormReader({"client": "60,24,37,6", "total": Field("60,80,37,6", checks="length(3,6)")})
        >>> {name: reading.text for name, reading in form.read("order.jpg").items()}
        {'client': '40712', 'total': '61908'}
    """

    def __init__(
        self,
        fields: Mapping[str, Field | str | Sequence[float] | Region],
        model: str | Path | ModelFolder | Classifier | None = None,
        *,
        checks: Sequence[Check | str] | Check | str = (),
        limits: Limits | None = None,
        reject_below: float | None = None,
        max_wrong: str | float | None = None,
        kind: str | None = None,
        calibration: str | Path | Calibration | None = None,
    ) -> None:
        names = names_of(fields)
        reader = CodeReader(
            model, checks=checks, limits=limits, reject_below=reject_below, max_wrong=max_wrong, kind=kind,
            calibration=calibration,
        )  # fmt: skip
        places = [field if isinstance(field, Field) else Field(field) for field in fields.values()]
        self.fields = {name: _at(name, field, reader) for name, field in zip(names, places, strict=True)}
        self.budget = reader.budget
        self.limits = limits

    def read(self, source: Source, *, trace: bool = False) -> dict[str, CodeReading]:
        """Read one picture.

        Args:
            source: as `CodeReader.read` takes it.
            trace: keep what every preparation step made of each field.

        Returns:
            A reading for each field, in the order of the fields; its boxes are in pixels of the whole picture.

        Raises:
            InputError: the picture cannot be read at all; the message says what came and the way out.
        """
        read = self._read(source, trace=trace)
        error = next(iter(read.values())).error
        if error is not None:
            raise error
        return read

    def read_many(self, sources: Iterable[Source], *, trace: bool = False) -> list[dict[str, CodeReading]]:
        """Read pictures, in order. In each field of one that cannot be read is the `error`; none is lost.

        Raises:
            UsageError: a single picture in the place of the list, as `CodeReader.read_many`.
        """
        found = a_few_at_a_time(sources, partial(self._read, trace=trace), TOGETHER)
        return [read for few in found for read in few]

    def _read(self, source: Source, *, trace: bool) -> dict[str, CodeReading]:
        """Read one picture, whatever it is."""
        try:
            picture = decode(source, limits=self.limits)
        except InputError as error:
            name = str(error.values.get("name", "<array>"))
            return {field: CodeReading(None, 0.0, error=error, name=name, field=field) for field in self.fields}
        read = {name: reader.read(picture.pixels, trace=trace) for name, reader in self.fields.items()}
        return {name: replace(reading, name=picture.name, field=name) for name, reading in read.items()}


def names_of(fields: Sequence[str] | Mapping[str, object]) -> list[str]:
    """Return the names of fields as they are kept: without spaces around, an accent and its letter as one.

    Raises:
        BadParameter: none, one that is no name, or one that comes twice.

    Example:
        >>> names_of(["client ", "Order no-1"])
        ['client', 'Order no-1']
    """
    names = [unicodedata.normalize("NFC", name).strip() for name in fields]
    if not names:
        raise BadParameter(name="fields", found="0", expected="≥ 1")
    for place, name in enumerate(names):
        if not is_name(name):
            raise BadParameter(name="field", found=repr(name[: LONGEST + 1]), expected=Phrase("form.name"))
        if alike(name) in map(alike, names[:place]):
            raise BadParameter(name="field", found=repr(name), expected=Phrase("form.once"))
    return names


def is_name(name: str) -> bool:
    """Return whether a field may be called so."""
    letters = all(letter.isalnum() or letter in BETWEEN for letter in name)
    return letters and 0 < len(name) <= LONGEST and name[0].isalpha()


def alike(name: str) -> str:
    """Return what names that are one have in common."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def _at(name: str, field: Field, reader: CodeReader) -> CodeReader:
    """Return a reader that shares its networks with another, looks at this place, and has its checks as well."""
    there = copy.copy(reader)
    try:
        there.region = parse_region(field.region)
    except BadParameter as error:  # of several places, it says which
        raise BadParameter(**error.values | {"name": f"{error.values['name']} {name}"}) from None
    there.checks = tuple(dict.fromkeys([*reader.checks, *parse_checks(field.checks)]))
    return there
