r"""What a code must be like: check digits, lengths, lists, patterns. Each check says yes or no to a text of digits.

    luhn | length(10) | oneof(customers.csv) | regex(20\d{4})

A check is named in text, which is read and never evaluated. It knows nothing of pictures and mends nothing: what
becomes of a reading that does not fit is for `ranking`. Most of the arithmetic is python-stdnum's.

A check digit catches most slips, and lets a share of them pass: of wrong codes, one in ten fits `luhn` by chance, one
in 97 fits `mod97`. That a reading fits is no proof that it is right.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from stdnum import ean, iban, isbn, luhn
from stdnum.fr import nir, siren, siret
from stdnum.iso7064 import mod_11_10, mod_97_10

from calame.errors import BadCheck
from calame.locale import Phrase
from calame.reader import pattern

Test = Callable[[str], bool]
Kind = Callable[[str | None], Test]  # what stands in the parentheses, or None -> the test

LARGEST = 50_000_000  # bytes of a list of codes: three million of them
SEPARATORS = str.maketrans("", "", " \t.,-/\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")
EAN_LENGTHS, ISBN_LENGTHS = (8, 13), (10, 13)
DECREE = "2019-341"  # French decree of 19 April 2019: who may process the NIR, and what for
LONGEST_RUN = 64  # digits: no code is longer
YEARS = range(1800, 2200)  # that stand on forms

# Metropolitan France and Corsica, overseas, Monaco and the armed forces; INSEE, "Codes postaux".
POSTCODE = r"(0[1-9]|[1-8]\d|9[0-5])\d{3}|97[1-8]\d\d|98[046-9]\d\d|00[1-9]\d\d"
PHONES = {  # Arcep, "plan national de numérotation"; ITU-T E.164
    "fr": r"0[1-9]\d{8}|(00)?33[1-9]\d{8}",
    "any": r"\d{7,15}",
}
ORDERS = {"dmy": "dmy", "ymd": "ymd", "mdy": "mdy"}
MOD97 = {"iso": 1, "remainder": 2, "complement": 3}


@dataclass(frozen=True)
class Check:
    """A named test of a text of digits without separators; `str(check)` is what `parse_check` reads.

    Example:
        >>> parse_check("luhn")("79927398713")
        True
    """

    name: str
    argument: str | None
    test: Test = field(repr=False, compare=False)

    def __call__(self, text: str) -> bool:
        """Whether `text`, ASCII digits alone and no more than a code has, is as it must be."""
        return len(text) <= LONGEST_RUN and text.isascii() and text.isdigit() and self.test(text)

    def __str__(self) -> str:
        return self.name if self.argument is None else f"{self.name}({self.argument})"

    @property
    def words(self) -> Phrase:
        """What the check asks, in words."""
        return Phrase(f"check.{self.name}", argument=self.argument or "–")


def parse_check(text: str, *, files: bool = True) -> Check:
    r"""Read a check: a name, or a name with what it needs in parentheses.

    Args:
        text: `luhn`, `length(10)`, `oneof(codes.txt)`, `oneof(17, 23)`, `regex(20\d{4})`.
        files: whether a file may be named; a service, whose callers are not at home here, says no.

    Raises:
        BadCheck: no such check, or not what it needs; the message says what there is.

    Example:
        >>> str(parse_check(" Length( 10 ) "))
        'length(10)'
    """
    word, opened, rest = text.strip().partition("(")
    name = word.strip().lower().replace("-", "").replace("_", "")
    if name not in CHECKS:
        raise BadCheck(check=text, problem=Phrase("check.unknown", known=", ".join(CHECKS)))
    if opened and not rest.endswith(")"):
        raise BadCheck(check=text, problem=Phrase("check.unclosed"))
    argument = rest[:-1].strip() if opened else None
    if name == "oneof" and not files and not _is_list(argument):
        raise BadCheck(check=text, problem=Phrase("check.no_files"))
    try:
        return Check(name, argument, CHECKS[name](argument))
    except _Wrong as fault:
        raise BadCheck(check=text, problem=fault.problem) from fault


def parse_checks(given: Sequence[Check | str] | Check | str) -> tuple[Check, ...]:
    """Return checks that came each as one or as its text; one alone needs no list. Raises as `parse_check`."""
    listed = (given,) if isinstance(given, str | Check) else given
    return tuple(parse_check(check) if isinstance(check, str) else check for check in listed)


class _Wrong(ValueError):
    """What stands in the parentheses is not what the check needs."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.problem = Phrase(key, **values)


def _plain(test: Test) -> Kind:
    """A check that takes nothing."""

    def make(argument: str | None) -> Test:
        if argument is not None:
            raise _Wrong("check.takes_nothing")
        return test

    return make


def _choice(test: Callable[..., bool], choices: Mapping[str, object], default: str) -> Kind:
    """A check that takes one of a few words; the test gets `of=`, what the word stands for."""

    def make(argument: str | None) -> Test:
        word = default if argument is None else argument.lower()
        if word not in choices:
            raise _Wrong("check.one_of", known=", ".join(choices))
        return partial(test, of=choices[word])

    return make


def _numbers(argument: str | None, least: int, most: int, count: int, key: str = "check.numbers") -> list[int]:
    """Read up to `count` whole numbers between `least` and `most`."""
    words = [word.strip() for word in (argument or "").split(",")]
    able = all(word.isascii() and word.isdigit() and len(word) < 10 and least <= int(word) <= most for word in words)
    if not able or len(words) > count:
        raise _Wrong(key, count=count, low=least, high=most)
    return [int(word) for word in words]


def _ean(text: str, of: tuple[int, ...]) -> bool:
    return len(text) in of and ean.is_valid(text)


def _isbn(text: str, of: tuple[int, ...]) -> bool:
    return len(text) in of and isbn.is_valid(text)


def _iban(argument: str | None) -> Test:
    country = "FR" if argument is None else argument.upper()
    if len(country) != 2 or not country.isalpha() or not country.isascii():
        raise _Wrong("check.country")
    return partial(_iban_of, country=country)


def _iban_of(text: str, country: str) -> bool:
    return iban.is_valid(country + text)


def _mod11(argument: str | None) -> Test:
    """The highest weight, 7 for most banks' numbers and 10 for ISBN's way; or "iso" for ISO 7064 mod 11,10."""
    if argument is not None and argument.lower() == "iso":
        return mod_11_10.is_valid
    (highest,) = _numbers(argument or "7", 3, 10, 1)
    return partial(_weighted, highest=highest)


def _weighted(text: str, highest: int) -> bool:
    """From the right: the check digit, then the digits times 2, 3, …, `highest`, 2, …; the sum is a multiple of 11."""
    weights = [1, *(2 + place % (highest - 1) for place in range(len(text) - 1))]
    total = sum(int(digit) * weight for digit, weight in zip(reversed(text), weights, strict=True))
    return len(text) > 1 and total % 11 == 0


def _mod97(text: str, of: object) -> bool:
    """ISO 7064 mod 97,10; or the last two digits are the others modulo 97 (97 for 0), or 97 minus that."""
    if len(text) < 3:
        return False
    if of == MOD97["iso"]:
        return mod_97_10.is_valid(text)
    rest, check = int(text[:-2]) % 97, int(text[-2:])
    return check == ((rest or 97) if of == MOD97["remainder"] else 97 - rest)


def _date(text: str, of: str) -> bool:
    """Six digits or eight; a year of two digits may be of this century or of the last."""
    if len(text) not in (6, 8):
        return False
    sizes = {"d": 2, "m": 2, "y": len(text) - 4}
    part, place = dict[str, int](), 0
    for letter in of:
        part[letter], place = int(text[place : place + sizes[letter]]), place + sizes[letter]
    centuries = (1900, 2000) if len(text) == 6 else (0,)
    return any(_is_date(century + part["y"], part["m"], part["d"]) for century in centuries)


def _is_date(year: int, month: int, day: int) -> bool:
    try:
        return date(year, month, day).year in YEARS
    except ValueError:
        return False


def _regex(argument: str | None) -> Test:
    try:
        pattern.compiled(argument or "(")
    except ValueError as fault:
        raise _Wrong("check.bad_regex", place=fault.args[0], longest=pattern.LONGEST) from fault
    return partial(pattern.matches, pattern=argument or "")


def _pattern(text: str, of: str) -> bool:
    return pattern.matches(text, of)


def _length(argument: str | None) -> Test:
    numbers = _numbers(argument, 1, LONGEST_RUN, 2, "check.lengths")
    if numbers[0] > numbers[-1]:  # nothing would ever fit
        raise _Wrong("check.lengths", count=2, low=1, high=LONGEST_RUN)
    return partial(_between, least=numbers[0], most=numbers[-1])


def _between(text: str, least: int, most: int) -> bool:
    return least <= len(text) <= most


def _is_list(argument: str | None) -> bool:
    """Whether codes are written out rather than the name of a file."""
    return argument is not None and "," in argument and not argument.translate(SEPARATORS).strip("0123456789")


def _oneof(argument: str | None) -> Test:
    if not argument:
        raise _Wrong("check.needs_list")
    words = argument.split(",") if _is_list(argument) else _lines(Path(argument))
    codes = {word.translate(SEPARATORS) for word in words}
    codes = frozenset(code for code in codes if code.isascii() and code.isdigit())
    if not codes:
        raise _Wrong("check.empty_list", name=argument)
    return codes.__contains__


def _lines(path: Path) -> list[str]:
    """Return the first column of a text file, separated by a comma, a semicolon or a tab."""
    try:
        if path.stat().st_size > LARGEST:
            raise _Wrong("check.large_list", name=path, limit=LARGEST)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError as error:
        raise _Wrong("check.no_list", name=path) from error
    except (OSError, UnicodeDecodeError) as error:
        raise _Wrong("check.unreadable_list", name=path, problem=error) from error
    return [line.replace(";", ",").replace("\t", ",").partition(",")[0].strip(' "') for line in lines]


def _nir(argument: str | None) -> Test:
    """Off unless the caller says which law allows it: the NIR is no number like others."""
    if argument != DECREE:
        raise _Wrong("check.nir_off", decree=DECREE)
    return nir.is_valid


CHECKS: dict[str, Kind] = {
    "luhn": _plain(luhn.is_valid),
    "ean": _choice(_ean, {"8": (8,), "13": (13,), "any": EAN_LENGTHS}, "any"),
    "ean8": _plain(partial(_ean, of=(8,))),
    "ean13": _plain(partial(_ean, of=(13,))),
    "isbn": _choice(_isbn, {"10": (10,), "13": (13,), "any": ISBN_LENGTHS}, "any"),
    "isbn10": _plain(partial(_isbn, of=(10,))),
    "isbn13": _plain(partial(_isbn, of=(13,))),
    "siren": _plain(siren.is_valid),
    "siret": _plain(siret.is_valid),
    "iban": _iban,
    "mod11": _mod11,
    "mod97": _choice(_mod97, MOD97, "iso"),
    "postcode": _plain(partial(_pattern, of=POSTCODE)),
    "phone": _choice(_pattern, PHONES, "fr"),
    "date": _choice(_date, ORDERS, "dmy"),
    "regex": _regex,
    "oneof": _oneof,
    "length": _length,
    "nir": _nir,
}
