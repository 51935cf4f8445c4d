"""What passes from one preparation step to the next, and the signature that every step has."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from calame.types import Box, Rejection

Grey = NDArray[np.uint8]


class Frame(NamedTuple):
    """A picture on its way to the network, with the few facts that a later step or the quality needs.

    A tuple: a number goes through a hundred of them, and `_replace` takes a quarter of the time of a dataclass's.

    Attributes:
        pixels: uint8, (h, w, 3) before the step `grey`, (h, w) from then on. Dark ink on light paper until
            the step `ink`, which turns it into ink 255 on 0.
        scale: pixels of this frame to one of the picture: below 1 once it was shrunk.
        left: pixels of the picture to the left of this frame, once a step before `crop` has cut it.
        top: pixels of the picture above this frame, likewise.
        contrast: how much darker than the paper the ink is, 0-1; 0 before it is known.
        noise: of the paper, a share of that contrast; 0 before it is known.
        edge: pixels over which the darkness goes from paper to ink; 0 before it is known.
        box: where the digit is, in this frame, once it is found; its size is kept when the frame is cropped.
        even: whether the paper is one exact tone, as in a drawing made on a screen: there is nothing to clean.
        walls: the upright printed lines that were taken out: the columns of tables, the sides of boxes.
        printed: whether level lines or boxes were taken out: where nothing is left, it was an empty place of a form.
        rejected: why this is no digit. "blank" and "no_ink" end the preparation.
        known: what a step to come makes of it, when one before has had to ask.
    """

    pixels: Grey
    scale: float = 1.0
    left: int = 0
    top: int = 0
    contrast: float = 0.0
    noise: float = 0.0
    edge: float = 0.0
    box: Box | None = None
    even: bool = False
    walls: tuple["Wall", ...] = ()
    printed: bool = False
    rejected: Rejection | None = None
    known: "Known | None" = None


class Step(Protocol):
    """A named preparation step: a frozen dataclass whose fields are its parameters."""

    def __call__(self, frame: Frame, /) -> Frame:
        """Return the frame after this step; the one given is left as it is."""
        ...


class Wall(NamedTuple):
    """An upright line from the row `top` to `bottom`; its column at row y is `column + slope * y`."""

    column: float
    slope: float
    top: int
    bottom: int


class Known(NamedTuple):
    """What a step makes of pixels."""

    step: Step
    pixels: Grey
    made: Frame

    def answers(self, step: Step, frame: Frame) -> bool:
        """Whether that is what the step makes of a frame: nothing has changed its pixels since."""
        return self.step == step and self.pixels is frame.pixels
