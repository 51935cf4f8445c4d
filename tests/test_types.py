"""What passes between the layers is printed short."""

import numpy as np

from calame.types import DigitReading, Picture, Quality, Trace, TraceStep


def test_a_repr_leaves_the_pixels_out():
    pixels = np.zeros((28, 28), np.uint8)
    step = TraceStep("grey", 1.23, pixels)
    assert repr(step) == "TraceStep(name='grey', milliseconds=1.2)"
    reading = DigitReading(7, 0.99, prepared=pixels, trace=Trace((step,)), name="a.png")
    for value in (Picture(pixels, "a.png"), reading):
        assert "a.png" in repr(value)
        assert "array" not in repr(value)
        assert "\n" not in repr(value)


def test_advice_names_what_is_wanting_the_worst_first():
    assert Quality(1.0, "excellent", 1, 1, 1, 1).advice == ()
    assert Quality(0.3, "poor", contrast=0.5, size=0.1, aspect=1, sharpness=0.9).advice == ("closer", "light")
