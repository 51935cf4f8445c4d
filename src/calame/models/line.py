"""A network that reads a line of digits as a whole: `broad`'s convolutions along it, then a label for each half column.

No digit is cut out. The convolutions of the digit network pass over a line of any width; one filter as high as what is
left of it turns its maps into columns, 4 pixels wide; what stands left and right of a column is looked at, and what
of the hand shows anywhere on the line (are its 1s bars? is its 7 crossed?), as a person would; each column answers
twice, so that two narrow 1s side by side have room for the gap between them. Trained with CTC (Graves and others,
"Connectionist Temporal Classification", 2006); that every place hears of the whole is after Hu and others,
"Squeeze-and-Excitation Networks", 2018, with the strongest of a line instead of the mean, which its width would change.
"""

from typing import Any

import keras

from calame.models.layers import convolution, pooled
from calame.types import DIGITS

HEIGHT = 32  # of a line, in pixels; its width is free, a multiple of 4
STRIDE = 2  # pixels of a line for each answer
MARK, BLANK = DIGITS, DIGITS + 1  # the classes after the digits: a point, dash or slash; nothing
CLASSES = DIGITS + 2
ANSWERS = 2  # of a column
HAND = 64  # traits of a hand that a line is searched for
COLUMN = 160  # filters of the layers that see columns
PARAMETERS = 873_432
TRUNK = ("stage1", "stage2_1", "stage2_2", "stage3_1", "stage3_2", "stage3_3")  # the layers it shares with `broad`
COLUMNS = ("column", "beside1", "hand", "beside2")  # its own, in order
PLAIN = ("style", "answers")  # convolutions without a normalisation


def build(*, dropout: float = 0.15, width: int | None = None) -> keras.Model:
    """Return the network, (n, 32, w, 1) in 0..1 to (n, w/2, 12) logits: 873,432 parameters; None is any width."""
    inputs: Any = keras.layers.Input((HEIGHT, width, 1), name="line")
    x = pooled(inputs, 32, 5, name="stage1")
    x = convolution(x, 64, name="stage2_1")
    x = pooled(x, 64, 3, name="stage2_2")
    for number in (1, 2, 3):
        x = convolution(x, 128, name=f"stage3_{number}")
    x = convolution(x, COLUMN, (HEIGHT // 4, 1), name="column", padding="valid")
    for number in (1, 2):
        aside = convolution(x, COLUMN, (1, 5), name=f"beside{number}")
        x = keras.layers.Add(name=f"sum{number}")([x, aside])
        if number == 1:
            x = keras.layers.Add(name="known")([x, _style(x)])
    x = keras.layers.SpatialDropout2D(dropout, name="dropout")(x)
    x = keras.layers.Conv2D(ANSWERS * CLASSES, 1, dtype="float32", name="answers")(x)
    return keras.Model(inputs, keras.layers.Reshape((-1, CLASSES), dtype="float32", name="logits")(x), name="line")


def _style(x: Any) -> Any:
    """Return what each column is to know of the whole line, (n, 1, 1, c); nothing before it has learned."""
    traits = convolution(x, HAND, 1, name="hand")
    strongest = keras.layers.GlobalMaxPooling2D(keepdims=True, name="strongest")(traits)
    return keras.layers.Conv2D(COLUMN, 1, kernel_initializer="zeros", name="style")(strongest)
