"""Pictures of what is no digit: each kind is made, never the same twice, always the same from one seed."""

import numpy as np
import pytest

from calame.data.others import KINDS
from calame.data.synth import european
from calame.imaging.segment import pieces


def made(kind, seed):
    rng = np.random.default_rng(seed)
    return KINDS[kind](rng, [european(digit, rng) for digit in (1, 4, 7, 8)])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_a_picture_of_its_own(kind):
    pictures = [made(kind, seed) for seed in range(20)]
    for picture in pictures:
        assert picture.dtype == np.uint8
        assert picture.ndim == 3
        assert min(picture.shape[:2]) >= 20
    assert len({picture.tobytes() for picture in pictures}) == 20
    np.testing.assert_array_equal(made(kind, 3), pictures[3])


def test_joined_digits_are_one_piece(monkeypatch):
    from calame.data import others

    monkeypatch.setattr(others.scene, "photograph", lambda ink, *_: ink)
    for seed in range(10):
        ink = made("joined", seed)
        found = pieces((ink / ink.max() * 255).astype(np.uint8))
        assert sum(found.mass[2:]) < 0.01 * found.mass[1]  # one piece on the paper, but for a speck
        assert found.boxes[1, 2] - found.boxes[1, 0] > 0.5 * (found.boxes[1, 3] - found.boxes[1, 1])
