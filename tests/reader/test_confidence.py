"""Calibration keeps the order and the sum, and does what its temperature says."""

import numpy as np
import pytest

from calame.errors import UsageError
from calame.reader.confidence import calibrate, doubt, threshold_of

ANSWERS = np.array([[0.7, 0.2, 0.1], [1.0, 0.0, 0.0]], np.float32)


def test_temperature_of_one_changes_nothing():
    np.testing.assert_allclose(calibrate(ANSWERS, 1.0), ANSWERS, atol=1e-6)


@pytest.mark.parametrize("temperature", [0.5, 2.0])
def test_powers_by_the_definition(temperature):
    powers = ANSWERS[0] ** (1 / temperature)
    np.testing.assert_allclose(calibrate(ANSWERS, temperature)[0], powers / powers.sum(), rtol=1e-5)


def test_rows_sum_to_one_and_certainty_is_no_trouble():
    calibrated = calibrate(ANSWERS, 3.0)
    assert calibrated.dtype == np.float32
    np.testing.assert_allclose(calibrated.sum(1), 1, rtol=1e-6)
    assert np.isfinite(calibrated).all()
    assert (calibrated.argmax(1) == 0).all()


def spread(*leading):
    """Ten probabilities, the leading ones given and the rest shared out."""
    rest = (1 - sum(leading)) / (10 - len(leading))
    return np.array([*leading, *[rest] * (10 - len(leading))], np.float32)


def test_a_sure_answer_is_given_and_a_doubt_says_which():
    assert doubt(spread(0.95), 0.9) is None
    assert doubt(spread(0.9), 0.9) is None
    assert doubt(spread(0.5, 0.45), 0.9) == "unsure"
    assert doubt(spread(0.15, 0.12), 0.9) == "not_a_digit"
    assert doubt(spread(0.15), 0.0) is None


def test_what_leaves_much_to_the_other_eight_is_no_digit():
    assert doubt(spread(0.8, 0.1), 0.5, digit_above=0.95) == "not_a_digit"
    assert doubt(spread(0.5, 0.49), 0.5, digit_above=0.95) is None
    assert doubt(spread(0.5, 0.49), 0.6, digit_above=0.95) == "unsure"


def test_the_threshold_is_the_next_stricter_one_that_is_promised():
    calibration = {"temperature": 1.0, "one_in_100": 0.7, "one_in_500": 0.9}
    assert threshold_of(calibration, 100) == 0.7
    assert threshold_of(calibration, 101) == 0.9
    with pytest.raises(UsageError, match="100, 500"):
        threshold_of(calibration, 501)
    with pytest.raises(UsageError, match="1 wrong answer in 5"):
        threshold_of({}, 5)
