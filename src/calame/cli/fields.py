"""Named fields of a form on the command line: `--region NAME=L,T,W,H`, and `--check NAME:CHECK` for one of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from calame.errors import UsageError
from calame.locale import Phrase

if TYPE_CHECKING:
    from calame.reader.form import Field

IS, OF = "=", ":"  # between a field's name and its place, and between it and what its number must be
PLACE = "60,24,37,6"  # what a place looks like


def fields_in(regions: Sequence[str], checks: Sequence[str]) -> "tuple[tuple[str, ...], tuple[tuple[str, Field], ...]]":
    """Return the checks that are for every number, and the fields by name with their own; none where none is named.

    A check is of a field when the field's name and a colon stand before it.

    Raises:
        BadParameter: a name that is none, or that comes twice.
        UsageError: several places, of which one has no name; a check of a field that there is not, or where no field
            has a name.
    """
    unnamed = [region for region in regions if IS not in region]
    if unnamed and len(regions) > 1:
        raise UsageError(problem=Phrase("cli.fields.unnamed", region=unnamed[0]))
    if unnamed or not regions:
        _no_field_of(checks, unnamed)
        return tuple(checks), ()
    from calame.reader.form import Field, alike, names_of

    parts = [region.partition(IS) for region in regions]
    names = names_of([name for name, _, _ in parts])
    known = {alike(name): name for name in names}
    own: dict[str, list[str]] = {name: [] for name in names}
    general: list[str] = []
    for check in checks:
        own.get(known.get(_before(check, names), ""), general).append(check)
    fields = {
        name: Field(place, tuple(check.partition(OF)[2] for check in own[name]))
        for name, (_, _, place) in zip(names, parts, strict=True)
    }
    return tuple(general), tuple(fields.items())


def _before(check: str, names: Sequence[str]) -> str:
    """Return the name of the field that a check is of, as names are compared; "" where it names none.

    Raises:
        UsageError: it names one that there is not.
    """
    from calame.reader.form import alike

    name = _named(check)
    if name and alike(name) not in map(alike, names):
        raise UsageError(problem=Phrase("cli.fields.unknown", check=check, name=name, known=", ".join(names)))
    return alike(name)


def _no_field_of(checks: Sequence[str], places: Sequence[str]) -> None:
    """Raise UsageError for a check that is of a field, where no place has a name: how to give it one."""
    for check in checks:
        if name := _named(check):
            region = places[0] if places else PLACE
            raise UsageError(problem=Phrase("cli.fields.nameless", check=check, name=name, region=region))


def _named(check: str) -> str:
    """Return the name before a check's colon; "" where none could be one."""
    name, colon, _ = check.partition(OF)
    if not colon:
        return ""
    from calame.reader.form import is_name

    return name.strip() if is_name(name.strip()) else ""  # a pattern, a list or a path of Windows may have a colon
