"""Ours: six small convolutions under three poolings side by side: `compact`, under 300,000 parameters, and `broad`."""

from typing import Any

import keras

from calame.models.layers import convolution, pooled, probabilities
from calame.types import DIGITS, SIDE

FIRST = 32  # filters of 5×5 on the whole picture
MIDDLE = (64, 64)  # of 3×3 at 14×14
LAST = (96, 96, 96)  # of 3×3 at 7×7
BROAD = (128, 128, 128)  # the same of `broad`
PARAMETERS = 286_666
BROAD_PARAMETERS = 437_034
MOST_PARAMETERS = 300_000


def build_broad() -> keras.Model:
    """Return `compact` with a third more filters in its last stage: 437,034 parameters, for hands of all kinds."""
    return build(last=BROAD, name="broad")


def build(*, dropout: float = 0.3, last: tuple[int, ...] = LAST, name: str = "compact") -> keras.Model:
    """Return the network: 286,666 parameters, of which 896 are moving statistics.

    Args:
        dropout: share of the pooled features that a step leaves out.
        last: filters of the convolutions at 7×7.
        name: of the network.

    Large maps cost the time of a step, not the parameters: one convolution sees the whole picture, and a stage
    ends in pooling *before* normalisation, which is then done on a quarter of the values.

    The head sees of each of the 96 features how much of it there is (mean), whether it is there at all
    (maximum), and where (`place`: a learned weight for each of the 7×7 places, the global depthwise
    convolution of Chen and others, "MobileFaceNets", 2018). It needs no dense layer before the last.
    """
    inputs: Any = keras.layers.Input((SIDE, SIDE, 1), name="pixels")
    x = pooled(inputs, FIRST, 5, name="stage1")
    x = convolution(x, MIDDLE[0], name="stage2_1")
    x = pooled(x, MIDDLE[1], 3, name="stage2_2")
    for number, filters in enumerate(last, start=1):
        x = convolution(x, filters, name=f"stage3_{number}")
    place = keras.layers.DepthwiseConv2D(x.shape[1], use_bias=False, name="place")(x)
    heads = [
        keras.layers.GlobalAveragePooling2D(name="mean")(x),
        keras.layers.GlobalMaxPooling2D(name="max")(x),
        keras.layers.Flatten(name="placed")(place),
    ]
    x = keras.layers.Concatenate(name="pooled")(heads)
    x = keras.layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(inputs, probabilities(x, DIGITS), name=name)
