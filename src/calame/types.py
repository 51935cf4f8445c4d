"""What passes between the layers: pictures, boxes, readings, traces. NumPy only, no behaviour of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.errors import CalameError

DIGITS = 10
SIDE = 28  # pixels: height and width of what a digit network sees

QualityLevel = Literal["excellent", "good", "fair", "poor"]
Advice = Literal["light", "closer", "whole", "focus"]
WANTING = 0.6  # a part of the quality below this is worth a word of advice
Rejection = Literal["blank", "no_ink", "not_a_digit", "several_digits", "cut_off", "unsure"]
CodeRejection = Literal["blank", "no_ink", "no_digits", "unsure", "check", "repaired"]
CodeDoubt = Literal["lines", "several", "turned", "ones", "beside", "edge", "print", "likely"]
CodeState = Literal["accepted", "check", "refused", "failed"]
CodeReaderName = Literal["line", "cutting"]
Mark = Literal[".", ",", "-", "/", "=", " ", "\n"]


class Box(NamedTuple):
    """A rectangle in pixels, from its top left corner; `right` and `bottom` are one past the last pixel."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    def apart(self, other: "Box") -> tuple[int, int]:
        """Return the pixels between two boxes across and down; below 0, by so many they overlap there."""
        across = max(self.left, other.left) - min(self.right, other.right)
        return across, max(self.top, other.top) - min(self.bottom, other.bottom)


@dataclass(frozen=True, eq=False)
class Picture:
    """A decoded picture, upright, on white where it was transparent.

    Attributes:
        pixels: (h, w) grey or (h, w, 3) RGB, uint8, 0 black to 255 white.
        name: what to call it in a message: its path, or "<bytes>", "<array>", "<image>".
        page, pages: of a document (PDF, TIFF), which page it is, from 1 on, and how many there are.
    """

    pixels: NDArray[np.uint8] = field(repr=False)
    name: str = "<array>"
    page: int = 1
    pages: int = 1


def described(value: object) -> str:
    """Say what came where an array was expected, for a message: "(28, 28) float64", "list"."""
    return f"{value.shape} {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__


@dataclass(frozen=True)
class Quality:
    """How readable a picture is, before any network is asked.

    Attributes:
        score: 0 (hopeless) to 1 (clean scan).
        level: the score in a word.
        contrast: ink against paper, 0-1.
        size: 0-1, 1 when the digit is large enough to lose nothing at 28x28.
        aspect: 0-1, 1 when the ink's width to height is that of a digit.
        sharpness: 0-1, 1 when the edges of the ink are crisp.
    """

    score: float
    level: QualityLevel
    contrast: float
    size: float
    aspect: float
    sharpness: float

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What would make a better picture, the most pressing first; empty when nothing would."""
        parts: dict[Advice, float] = {
            "light": self.contrast, "closer": self.size, "whole": self.aspect, "focus": self.sharpness,
        }  # fmt: skip
        return tuple(sorted((name for name, part in parts.items() if part < WANTING), key=lambda name: parts[name]))


class TraceStep(NamedTuple):
    """One step of the preparation: its name, the milliseconds it took, and what came out of it (uint8)."""

    name: str
    milliseconds: float
    picture: NDArray[np.uint8]

    def __repr__(self) -> str:
        return f"TraceStep(name={self.name!r}, milliseconds={self.milliseconds:.1f})"  # not its thousands of pixels


@dataclass(frozen=True, eq=False)
class Trace:
    """Every step that led from the picture to what the network saw, in order."""

    steps: Sequence[TraceStep] = ()


def _nothing() -> NDArray[np.float32]:
    return np.full(DIGITS, 1 / DIGITS, np.float32)


@dataclass(frozen=True, eq=False)
class DigitReading:
    """The answer for one picture; it is never an exception, so that a pile of pictures loses none.

    Attributes:
        digit: 0-9, or None when rejected or in error.
        confidence: calibrated probability, 0-1, that `digit` (or the best guess, when rejected) is right.
        probabilities: (10,) float32, calibrated, sums to 1; uniform when no network was asked.
        rejected: None, or why there is no answer.
        quality: None when nothing could be measured.
        prepared: (28, 28) uint8, exactly what the network saw, ink 255 on 0; None when there was no ink.
        looks: of how many views the probabilities are the mean: in doubt, the network looks again.
        trace: only when asked for.
        error: what was wrong with the input, when it could not be read at all.
        name: the picture's name, as in `Picture`.
    """

    digit: int | None
    confidence: float
    probabilities: NDArray[np.float32] = field(default_factory=_nothing, repr=False)
    rejected: Rejection | None = None
    quality: Quality | None = None
    prepared: NDArray[np.uint8] | None = field(default=None, repr=False)
    looks: int = 1
    trace: Trace | None = None
    error: CalameError | None = None
    name: str = "<array>"

    def top(self, count: int = 3) -> list[tuple[int, float]]:
        """Return the `count` most probable digits with their probabilities, best first."""
        order = np.argsort(-self.probabilities, kind="stable")[: max(0, count)]
        return [(int(digit), float(self.probabilities[digit])) for digit in order]


class CodeDigit(NamedTuple):
    """One digit of a code: 0-9, how sure it is of being this digit and a whole one, 0-1, and where it is."""

    digit: int
    confidence: float
    box: Box


class Separator(NamedTuple):
    """What stands between the digits and is no part of the text.

    `after` is how many digits come before it; `mark` what it looks like: a dot, comma, dash, slash, double dash, a wide
    space or the end of a line; `box` where it is, None for a space or the end of a line.
    """

    mark: Mark
    after: int
    box: Box | None = None


class Change(NamedTuple):
    """What a check would have otherwise: at `place` (from 0) of the text, `instead` of what was `read`; "" for none."""

    place: int
    read: str
    instead: str


class Answer(NamedTuple):
    """What one of the two readers of codes answered by itself, and how probable it held that, 0-1, not calibrated.

    `text` is "" when it found no digit.
    """

    reader: CodeReaderName
    text: str
    confidence: float


@dataclass(frozen=True)
class Budget:
    """A wish for at most so many wrong answers, and what it costs, as measured on readings of one kind.

    Attributes:
        max_wrong: the share of wrong answers that is wished for at most, 0-1.
        kind: of input: "cheque", "form", …; "any" for whichever it is; for a user's own calibration, what it was
            called.
        threshold: readings less confident than this are refused, 0-1.
        refused: the share of readings that is expected to be refused, 0-1; of "any", of a mixture of all kinds.
        bound: with 95 % confidence no more of the answers than this share are wrong; of "any", in no kind.
        count: how many readings it was measured on.
        answered: how many of them are at or above the threshold.
        wrong: how many of those were wrong.
    """

    max_wrong: float
    kind: str
    threshold: float
    refused: float
    bound: float
    count: int
    answered: int
    wrong: int


def _no_rows() -> NDArray[np.float32]:
    return np.empty((0, DIGITS), np.float32)


@dataclass(frozen=True, eq=False)
class CodeReading:
    """The answer for one number of several digits; never an exception, so that a pile of pictures loses none.

    Attributes:
        text: the digits, without separators; None when rejected or in error.
        confidence: 0-1, that `guess` is right to the last digit.
        digits: those of `guess`, in order, with boxes in pixels of the picture as it came.
        probabilities: (n, 10) float32: for each of `digits`, how probable each of 0-9 is in its place.
        rejected: None, or why there is no answer.
        doubt: None, or why a person should look at an answer that is given: it was put together from several "lines"
            of writing, may be "several" numbers side by side, the picture seems to be "turned" on its side or upside
            down, one reader sees "ones" that the other does not, "beside" it stands a sign that may belong to it and
            was not read, it is one digit at the "edge" of the picture, it may be "print" beside what is written on a
            page, or it is only "likely": nobody said how many wrong answers are too many.
        alternatives: other texts with their probabilities, best first.
        repaired: `guess` does not fit the checks, and `suggestion` would; always rejected, for a person to see.
        suggestion: the surest other text that fits them; "" when nothing was repaired.
        changes: what makes it of `guess`, from left to right.
        failed: the checks that the reading as it was read does not fit.
        guess: the surest text, as it was read, rejected or not; "" when there is nothing to say.
        separators: what stood between the digits, in order.
        box: of the whole number, in pixels of the picture; None when there is none.
        readers: what each of the two readers answered by itself; empty when there was nothing to read.
        trace: only when asked for.
        error: what was wrong with the input, when it could not be read at all.
        name: the picture's name, as in `Picture`.
        size: width and height of the picture, in pixels; None when it could not be read.
        field: name of the place of the form that it was read in; "" where places have no names.

    Raises:
        ValueError: a repaired reading that is not rejected.
    """

    text: str | None
    confidence: float
    digits: tuple[CodeDigit, ...] = ()
    probabilities: NDArray[np.float32] = field(default_factory=_no_rows, repr=False)
    rejected: CodeRejection | None = None
    doubt: CodeDoubt | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    repaired: bool = False
    suggestion: str = ""
    changes: tuple[Change, ...] = ()
    failed: tuple[str, ...] = ()
    guess: str = ""
    separators: tuple[Separator, ...] = ()
    box: Box | None = None
    readers: tuple[Answer, ...] = ()
    trace: Trace | None = None
    error: CalameError | None = None
    name: str = "<array>"
    size: tuple[int, int] | None = None
    field: str = ""

    @property
    def state(self) -> CodeState:
        """Whether it is "accepted", is for a person to "check", is "refused" (says nothing), or "failed" (an error)."""
        if self.error is not None:
            return "failed"
        if self.text is not None:
            return "accepted" if self.doubt is None else "check"
        return "check" if self.guess else "refused"

    @property
    def written(self) -> str:
        """Return `guess` as it is written, with what stands between its digits (619,08); "" where nothing does.

        `confidence` is of the digits alone: a mark may be another one, or missing.
        """
        between = [one for one in self.separators if 0 < one.after < len(self.guess)]
        marks = {one.after: "".join(each.mark for each in between if each.after == one.after) for one in between}
        digits = "".join(marks.get(place, "") + digit for place, digit in enumerate(self.guess))
        return digits.replace("\n", " ") if marks else ""

    @property
    def agree(self) -> bool:
        """Whether there are two readers and both answered the same number: the strongest sign that it is right."""
        texts = {answer.text for answer in self.readers}
        return len(self.readers) > 1 and len(texts) == 1 and texts != {""}

    def __post_init__(self) -> None:
        if self.repaired and (self.text is not None or self.rejected is None):
            raise ValueError("a repaired reading is never accepted")
