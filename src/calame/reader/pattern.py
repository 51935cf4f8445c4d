r"""Regular expressions for codes that no pattern can make slow: all ways through the text are followed at once.

Python's own engine goes back and tries again, which takes a hostile pattern such as `(\d+)+x` years. Here a set of
places in the text, the bits of an integer, goes into each part of the pattern and the set of places after it comes out
(K. Thompson, "Regular expression search algorithm", 1968). The language is the part of Python's that codes need:
literal characters, `.`, `\d`, `[0-9A-F]`, `[^0]`, `( )`, `|`, `*`, `+`, `?`, `{3}`, `{2,}` and `{2,5}`.
"""

from collections.abc import Callable
from functools import lru_cache, partial, reduce

LONGEST = 200  # characters of a pattern
DEEPEST = 8  # parentheses within parentheses
MOST = 64  # repetitions that a pattern may count
KEPT = 128  # patterns that stay compiled: a service's callers write them
DIGITS = frozenset("0123456789")
SPECIAL = frozenset("()[]{}*+?|\\.^$")

Part = Callable[[str, int], int]  # the text and places in it, as bits -> the places after the part


def matches(text: str, pattern: str) -> bool:
    """Whether the whole of `text` is what `pattern` describes.

    Raises:
        ValueError: `pattern` does not parse; its argument is the place of the fault, from 0.
    """
    return bool(compiled(pattern)(text, 1) >> len(text) & 1)


@lru_cache(KEPT)
def compiled(pattern: str) -> Part:
    """Return the pattern as a function; see `matches`."""
    if len(pattern) > LONGEST:
        raise ValueError(LONGEST)
    start = 1 if pattern.startswith("^") else 0  # the whole text is matched anyway
    end = len(pattern) - (1 if pattern.endswith("$") and not pattern.endswith("\\$") else 0)
    part, place = _alternatives(pattern[:end], start, 0)
    if place != end:
        raise ValueError(place)
    return part


def _alternatives(pattern: str, place: int, depth: int) -> tuple[Part, int]:
    """Read `a|b|c` up to a closing parenthesis or the end; return the part and where it ends."""
    if depth > DEEPEST:
        raise ValueError(place)
    branches: list[Part] = []
    while True:
        sequence: list[Part] = []
        while place < len(pattern) and pattern[place] not in "|)":
            part, place = _repeated(pattern, place, depth)
            sequence.append(part)
        branches.append(partial(_in_turn, sequence))
        if place == len(pattern) or pattern[place] == ")":
            return partial(_either, branches), place
        place += 1


def _repeated(pattern: str, place: int, depth: int) -> tuple[Part, int]:
    """Read one thing and how often it comes."""
    part, place = _thing(pattern, place, depth)
    mark = pattern[place : place + 1]
    if mark and mark in "*+?":
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[mark]
        return partial(_often, part, least, most), place + 1
    if mark != "{":
        return part, place
    end = pattern.find("}", place)
    low, comma, high = pattern[place + 1 : end].partition(",")
    if end < 0 or not _counts(low) or (high and not _counts(high)):
        raise ValueError(place)
    most = int(high) if high else (None if comma else int(low))
    if most is not None and most < int(low):
        raise ValueError(place)
    return partial(_often, part, int(low), most), end + 1


def _counts(word: str) -> bool:
    return 0 < len(word) <= 2 and set(word) <= DIGITS and int(word) <= MOST


def _thing(pattern: str, place: int, depth: int) -> tuple[Part, int]:
    """Read a group, a class or a character."""
    mark = pattern[place]
    if mark == "(":
        inside, end = _alternatives(pattern, place + (3 if pattern.startswith("(?:", place) else 1), depth + 1)
        if pattern[end : end + 1] != ")":
            raise ValueError(place)
        return inside, end + 1
    if mark == "[":
        return _class(pattern, place)
    if mark == ".":
        return partial(_one, frozenset(), True), place + 1
    if mark == "\\":
        escaped = pattern[place + 1 : place + 2]
        if escaped == "d":
            return partial(_one, DIGITS, False), place + 2
        if not escaped or escaped.isalnum():
            raise ValueError(place)
        return partial(_one, frozenset(escaped), False), place + 2
    if mark in SPECIAL:
        raise ValueError(place)
    return partial(_one, frozenset(mark), False), place + 1


def _class(pattern: str, place: int) -> tuple[Part, int]:
    """Read `[0-9A-F]` or `[^0]`."""
    end = pattern.find("]", place)
    inside = pattern[place + 1 : end]
    negated = inside.startswith("^")
    rest, allowed = inside[negated:], set[str]()
    if end < 0 or not rest or "\\" in rest or "[" in rest:
        raise ValueError(place)
    while rest:
        first, last = rest[0], rest[0]
        if rest[1:2] == "-" and len(rest) > 2:
            last, rest = rest[2], rest[2:]
        if not first <= last <= "\x7f":
            raise ValueError(place)
        allowed |= set(map(chr, range(ord(first), ord(last) + 1)))
        rest = rest[1:]
    return partial(_one, frozenset(allowed), negated), end + 1


def _one(allowed: frozenset[str], negated: bool, text: str, places: int) -> int:
    here = sum(1 << place for place, character in enumerate(text) if (character in allowed) != negated)
    return (places & here) << 1


def _in_turn(parts: list[Part], text: str, places: int) -> int:
    return reduce(lambda reached, part: part(text, reached), parts, places)


def _either(parts: list[Part], text: str, places: int) -> int:
    return reduce(lambda reached, part: reached | part(text, places), parts, 0)


def _often(part: Part, least: int, most: int | None, text: str, places: int) -> int:
    """Follow a part from `least` to `most` times; it ends when nothing changes any more."""
    for _ in range(least):
        after = part(text, places)
        if after == places:
            break
        places = after
    reached = fresh = places
    for _ in range(len(text) + 1 if most is None else most - least):
        fresh = part(text, fresh) & ~reached
        if not fresh:
            break
        reached |= fresh
    return reached
