"""Ours: seven small convolutions, mean and maximum pooling side by side, under 300,000 parameters."""

from typing import Any

import keras

from calame.models.layers import convolution, probabilities
from calame.types import DIGITS, SIDE

STAGES = ((32, 32), (64, 64), (96, 96, 96))  # filters; the side halves between stages: 28 → 14 → 7
PARAMETERS = 289_834
MOST_PARAMETERS = 300_000


def build(*, dropout: float = 0.3) -> keras.Model:
    """Return the network: 289,834 parameters, of which 960 are moving statistics.

    Mean pooling says how much of a feature there is, maximum pooling whether it is there at all: the head sees
    both (192 values) and needs no dense layer before the last.
    """
    inputs: Any = keras.layers.Input((SIDE, SIDE, 1), name="pixels")
    x = inputs
    for stage, filters_of_stage in enumerate(STAGES, start=1):
        for number, filters in enumerate(filters_of_stage, start=1):
            x = convolution(x, filters, name=f"stage{stage}_{number}")
        if stage < len(STAGES):
            x = keras.layers.MaxPooling2D(2, name=f"pool{stage}")(x)
    pooled = [
        keras.layers.GlobalAveragePooling2D(name="mean")(x),
        keras.layers.GlobalMaxPooling2D(name="max")(x),
    ]
    x = keras.layers.Concatenate(name="pooled")(pooled)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, probabilities(x, DIGITS), name="compact")
