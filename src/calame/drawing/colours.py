"""Numbers as colours, on three scales that are told apart without seeing red and green.

One rule for the page, the files and the lessons, in `fitting`: what can be negative (weights, differences, what speaks
for and against, maps before a ReLU) is on `balance`, blue below 0, orange above, paper at 0; what cannot (maps after
a ReLU, shares, how much a place speaks for a class) is on `viridis`, which grows evenly in lightness. `ink` is for
pictures: white ink on black, as the network sees them. `inside/paint.js` has the same colours, and `balance` once more
for a dark page; a test compares them.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

LEVELS = 254  # steps of a scale: with nothing, a palette of 256
Palette = Literal["viridis", "balance", "ink"]
Colours = NDArray[np.uint8]

# Viridis: red, green and blue as polynomials of 0..1, coefficients from the constant on (a fit by Matt Zucker, at
# most 1 % off).
VIRIDIS = np.array([
    [0.2777273, 0.1050930, -0.3308618, -4.6342305, 6.2282699, 4.7763850, -5.4354559],
    [0.0054073, 1.4046135, 0.2148476, -5.7991010, 14.1799334, -13.7451454, 4.6458526],
    [0.3340998, 1.3845902, 0.0950952, -19.3324410, 56.6905526, -65.3530326, 26.3124352],
])  # fmt: skip
BALANCE = np.array([
    (12, 44, 92), (62, 124, 187), (196, 214, 236), (255, 254, 250), (250, 208, 160), (222, 126, 52), (112, 40, 4),
], np.float64)  # fmt: skip


def fitting(values: NDArray[np.floating]) -> tuple[Palette, float, float]:
    """Return the palette for values, and the two ends of its scale: as far below 0 as above, or from 0 on.

    Example:
        >>> fitting(np.array([-3.0, 1.0])), fitting(np.array([0.0, 2.0]))
        (('balance', -3.0, 3.0), ('viridis', 0.0, 2.0))
    """
    if values.min(initial=0) < 0:
        return "balance", -widest(values), widest(values)
    return "viridis", 0.0, float(values.max(initial=0))


def painted(
    values: NDArray[np.floating | np.integer], low: float, high: float, palette: Palette = "viridis"
) -> Colours:
    """Return values of any shape as colours, (…, 3) uint8: `low` is the scale's first, `high` its last.

    Example:
        >>> painted(np.array([0.0, 1.0]), 0, 1, "ink").tolist()
        [[0, 0, 0], [255, 255, 255]]
    """
    shares = np.clip((values.astype(np.float64) - low) / ((high - low) or 1), 0, 1)
    shares = np.rint(shares * LEVELS) / LEVELS
    if palette == "ink":
        colours = np.repeat(shares[..., None] * 255, 3, axis=-1)
    elif palette == "balance":
        marks = np.linspace(0, 1, len(BALANCE))
        colours = np.stack([np.interp(shares, marks, BALANCE[:, channel]) for channel in range(3)], axis=-1)
    else:
        colours = shares[..., None] ** np.arange(VIRIDIS.shape[1]) @ VIRIDIS.T * 255
    return np.clip(colours + 0.5, 0, 255).astype(np.uint8)


def inked(colours: Colours, picture: NDArray[np.uint8]) -> Colours:
    """Lay a digit (h, w), ink 255, in black over colours (h, w, 3), so that both can be seen."""
    cover = picture[..., None].astype(np.float64) / 255 * 0.82
    return np.rint(colours * (1 - cover) + 20 * cover).astype(np.uint8)


def widest(values: NDArray[np.floating]) -> float:
    """Return the larger of the two ends of a scale that is as long below 0 as above; 1 when all is 0."""
    return float(np.abs(values).max(initial=0)) or 1.0
