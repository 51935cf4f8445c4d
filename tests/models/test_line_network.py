"""The line network answers at each place with what stands there, and with what it knows of the whole line."""

import numpy as np
import pytest

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def line():
    from calame.models import line

    return line


def test_an_end_of_a_line_hears_of_the_other_once_a_style_is_learned(line):
    model = line.build()
    one = np.zeros((1, 32, 400, 1), np.float32)
    other = one.copy()
    other[0, 4:28, 10:20] = 1.0
    far = slice(150, 200)
    before = [np.asarray(model(pixels, training=False))[0, far] for pixels in (one, other)]
    np.testing.assert_array_equal(*before)
    model.get_layer("style").set_weights([np.ones((1, 1, line.HAND, line.COLUMN)), np.zeros(line.COLUMN)])
    after = [np.asarray(model(pixels, training=False))[0, far] for pixels in (one, other)]
    assert np.abs(after[0] - after[1]).max() > 0


def test_half_a_column_has_an_answer_each(line):
    model = line.build()
    assert model.count_params() == line.PARAMETERS < 1_000_000
    assert model(np.zeros((2, 32, 64, 1), np.float32)).shape == (2, 32, line.CLASSES)
