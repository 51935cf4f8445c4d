"""The course's networks: two convolutions, two poolings, one dense layer. 99 % on MNIST in five minutes."""

import keras

from calame.types import DIGITS, SIDE

PARAMETERS = 225_034


def build() -> keras.Sequential:
    """Return the course's network (S1 of the course documents): 225,034 parameters, dropout 0.5."""
    return _stack("course", dropout=True)


def build_quick() -> keras.Sequential:
    """Return the quick variant for a demonstration (S3): the same without dropout, 225,034 parameters."""
    return _stack("course-quick", dropout=False)


def _stack(name: str, *, dropout: bool) -> keras.Sequential:
    layers = keras.layers
    return keras.Sequential(
        [
            layers.Input((SIDE, SIDE, 1)),
            layers.Conv2D(32, 3, activation="relu", name="conv1"),  # 28 → 26
            layers.MaxPooling2D(2, name="pool1"),  # 26 → 13
            layers.Conv2D(64, 3, activation="relu", name="conv2"),  # 13 → 11
            layers.MaxPooling2D(2, name="pool2"),  # 11 → 5
            layers.Flatten(name="flatten"),  # 5 · 5 · 64 = 1600
            layers.Dense(128, activation="relu", name="dense1"),
            *([layers.Dropout(0.5, name="dropout1")] if dropout else []),
            layers.Dense(DIGITS, activation="softmax", dtype="float32", name="output"),
        ],
        name=name,
    )
