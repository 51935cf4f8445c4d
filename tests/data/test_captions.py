import numpy as np
import pytest

from calame.data import captions


def test_names_and_units_have_no_digit():
    rng = np.random.default_rng(0)
    said = [one(rng) for one in (captions.word, captions.name, captions.unit) for _ in range(300)]
    assert not any(letter.isdigit() for words in said for letter in words)
    assert min(map(len, said)) >= 1


@pytest.mark.parametrize("high", [8, 20, 60])
def test_letters_stand_on_their_row_as_high_as_asked(high):
    for number in range(6):
        covered, standing = captions.printed("H", high, np.random.default_rng(number))
        rows = np.flatnonzero(covered.max(axis=1) > 0.5)
        assert rows[-1] + 1 == pytest.approx(standing, abs=1)
        assert len(rows) == pytest.approx(high, rel=0.2, abs=1)
