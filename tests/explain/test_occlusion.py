"""What is covered is covered, and what falls is told."""

import numpy as np
import pytest

from calame import explain
from calame.errors import BadParameter


def test_each_place_is_the_fall_when_that_square_is_blank(network, seven):
    found = explain.occlusion(network, seven, 7, size=6, stride=3)
    row, column = 4, 3
    covered = seven.copy()
    top, left = found.tops[row], found.tops[column]
    covered[max(top, 0) : top + 6, max(left, 0) : left + 6] = 0
    wanted = network.classify(np.stack([seven, covered]))[:, 7]
    np.testing.assert_allclose(found.values[row, column], wanted[0] - wanted[1], atol=1e-6)
    assert found.before == pytest.approx(float(wanted[0]))


@pytest.mark.parametrize(("size", "stride"), [(1, 1), (5, 2), (8, 4), (28, 7)])
def test_every_pixel_is_covered_as_often_as_its_neighbour_and_at_least_once(network, seven, size, stride):
    found = explain.occlusion(network, seven, 7, size=size, stride=stride)
    assert found.picture.shape == (28, 28)
    covers = np.zeros(28, int)
    for top in found.tops:
        covers[max(top, 0) : top + size] += 1
    assert covers.min() >= 1


def test_the_answer_rests_on_ink_and_not_on_paper(network, samples):
    for digit, picture in samples.items():
        found = explain.occlusion(network, picture, digit)
        assert picture[found.peak].max() > 0
        blank = np.array(
            [[not picture[max(r, 0) : r + 5, max(c, 0) : c + 5].any() for c in found.tops] for r in found.tops]
        )
        assert np.abs(found.values[blank]).max() < 1e-5


@pytest.mark.parametrize("bad", [{"size": 0}, {"size": 29}, {"stride": 0}])
def test_a_square_that_cannot_be_is_refused(network, seven, bad):
    with pytest.raises(BadParameter, match="expected 1 – 28"):
        explain.occlusion(network, seven, 7, **bad)
