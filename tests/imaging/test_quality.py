"""Quality falls with what makes a picture hard to read, and one bad part cannot be made up for."""

import numpy as np
import pytest

from calame.imaging.frame import Frame
from calame.imaging.quality import measure
from calame.types import Box

GOOD = Frame(np.zeros((28, 28), np.uint8), scale=1.0, contrast=0.8, edge=1.5, box=Box(0, 0, 60, 100))


def test_a_clean_scan_is_excellent():
    quality = measure(GOOD)
    assert (quality.score, quality.level) == (1.0, "excellent")


@pytest.mark.parametrize(
    ("part", "worse"),
    [
        ("contrast", {"contrast": 0.1}),
        ("contrast", {"noise": 0.3}),
        ("size", {"box": Box(0, 0, 6, 10)}),
        ("aspect", {"box": Box(0, 0, 300, 120)}),
        ("sharpness", {"edge": 9.0}),
    ],
)
def test_each_part_falls_alone_and_takes_the_score_with_it(part, worse):
    quality = measure(GOOD._replace(**worse))
    parts = {name: getattr(quality, name) for name in ("contrast", "size", "aspect", "sharpness")}
    assert parts.pop(part) < 0.5
    assert set(parts.values()) == {1.0}
    assert quality.score < 0.85


def test_levels_go_from_excellent_to_poor():
    levels = [measure(GOOD._replace(contrast=contrast)).level for contrast in (0.5, 0.22, 0.1, 0.0)]
    assert levels == ["excellent", "good", "fair", "poor"]


def test_no_digit_no_quality():
    assert measure(GOOD._replace(box=None)) is None
