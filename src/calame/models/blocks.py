"""Blocks of convolution and batch normalisation, 32-64-128-256 filters, then global average pooling."""

from typing import Any

import keras

from calame.models.layers import convolution, probabilities
from calame.types import DIGITS, SIDE

FILTERS = (32, 64, 128, 256)
POOLED = 2  # the first two blocks halve the side: 28 → 14 → 7
PARAMETERS = 392_330  # with all four blocks
PARAMETERS_OF_THREE = 94_858


def build(blocks: int = len(FILTERS), *, dropout: float = 0.3) -> keras.Model:
    """Return the network with the first `blocks` blocks (3 or 4): 94,858 or 392,330 parameters."""
    inputs: Any = keras.layers.Input((SIDE, SIDE, 1), name="pixels")
    x = inputs
    for number, filters in enumerate(FILTERS[:blocks], start=1):
        x = convolution(x, filters, name=f"block{number}", bias=True)
        if number <= POOLED:
            x = keras.layers.MaxPooling2D(2, name=f"pool{number}")(x)
    x = keras.layers.GlobalAveragePooling2D(name="average")(x)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, probabilities(x, DIGITS), name="blocks")
