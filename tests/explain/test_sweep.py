"""What if: the same digit, changed a little more each time."""

import numpy as np
import pytest

from calame import explain
from calame.errors import BadParameter
from calame.explain.sweep import KINDS


@pytest.mark.parametrize(("kind", "nothing"), [(kind, 1 if kind == "scale" else 0) for kind in KINDS])
def test_no_change_is_the_answer_itself(network, seven, kind, nothing):
    found = explain.sweep(network, seven, kind, [nothing])
    np.testing.assert_array_equal(found.pictures[0], seven)
    np.testing.assert_allclose(found.probabilities[0], network.classify(seven[None])[0], atol=1e-6)


def test_a_seven_turned_far_is_no_seven(network, seven):
    found = explain.sweep(network, seven, "rotation", range(-60, 61, 10))
    assert found.probabilities.shape == (13, 10)
    assert found.probabilities[6].argmax() == 7
    assert found.turns
    assert {before for _, before, _ in found.turns} >= {7}


def test_what_is_random_grows_in_place(network, seven):
    found = explain.sweep(network, seven, "noise", [0.1, 0.2], seed=3)
    again = explain.sweep(network, seven, "noise", [0.2], seed=3)
    np.testing.assert_array_equal(found.pictures[1], again.pictures[0])
    small, large = (np.abs(picture.astype(int) - seven).sum() for picture in found.pictures)
    assert large > small


@pytest.mark.parametrize(("kind", "values"), [("fog", [1]), ("blur", []), ("blur", [float("nan")])])
def test_what_is_no_change_is_refused(network, seven, kind, values):
    with pytest.raises(BadParameter, match="expected"):
        explain.sweep(network, seven, kind, values)
