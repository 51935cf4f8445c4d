"""The place of a paper that is read: where a form has its number, the same on every sheet of a pile.

It is told in percent of the picture, so that it holds for a scan of 150 dots an inch as for one of 600.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calame.errors import BadParameter
from calame.locale import Phrase
from calame.types import Box

WHOLE = 100.0
ROUNDED = 0.01  # percent: a tenth of a pixel of a large scan, and what a sum of decimal fractions may be off
FINEST = 4  # digits that a number is told with


@dataclass(frozen=True)
class Region:
    """A rectangle of a picture, in percent of its width and height, 0-100, from the top left corner.

    Raises:
        BadParameter: it has no width or height, or reaches out of the picture.

    Example:
        >>> Region(60, 5, 35, 8).of(1000, 2000)
        Box(left=600, top=100, right=950, bottom=260)
    """

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        starts, sizes = (self.left, self.top), (self.width, self.height)
        there = all(
            start >= 0 and size > 0 and start + size <= WHOLE + ROUNDED  # of what is no number, none of it is so
            for start, size in zip(starts, sizes, strict=True)
        )
        if not there:
            raise _wrong(str(self), self._beyond())

    def __str__(self) -> str:
        """Return it as `parse_region` takes it."""
        return ",".join(f"{side:.{FINEST}g}" for side in (self.left, self.top, self.width, self.height))

    def of(self, width: int, height: int) -> Box:
        """Return it in pixels of a picture of this size: every pixel that it touches, and so one at least."""
        left, right = _touched(self.left, self.width, width)
        top, bottom = _touched(self.top, self.height, height)
        return Box(left, top, right, bottom)

    def _beyond(self) -> Phrase | None:
        """Return how wide or how high it may be, where it begins in the picture and reaches out of it."""
        for side, start, size in (("width", self.left, self.width), ("height", self.top, self.height)):
            if 0 <= start < WHOLE and WHOLE + ROUNDED < start + size < math.inf:
                most = f"{WHOLE - start:.{FINEST}g}"
                inside = Phrase("region.expected")
                return Phrase(f"region.{side}", start=f"{start:.{FINEST}g}", most=most, expected=inside)
        return None


def parse_region(given: str | Sequence[float] | Region) -> Region:
    """Return a region from "left,top,width,height" in percent, or from four numbers.

    Raises:
        BadParameter: anything else; the message says what is expected.

    Example:
        >>> parse_region("60,5,35,8")
        Region(left=60.0, top=5.0, width=35.0, height=8.0)
    """
    if isinstance(given, Region):
        return given
    try:
        left, top, width, height = map(float, given.replace("%", "").split(",") if isinstance(given, str) else given)
    except (TypeError, ValueError):
        raise _wrong(given if isinstance(given, str) else str(given)) from None
    return Region(left, top, width, height)


def _touched(start: float, size: float, pixels: int) -> tuple[int, int]:
    first = min(math.floor(start * pixels / WHOLE), pixels - 1)
    return first, max(first + 1, min(math.ceil((start + size) * pixels / WHOLE), pixels))


def _wrong(found: str, expected: Phrase | None = None) -> BadParameter:
    return BadParameter(name="region", found=repr(found[:40]), expected=expected or Phrase("region.expected"))
