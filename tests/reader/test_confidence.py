"""Calibration keeps the order and the sum, and does what its temperature says."""

import numpy as np
import pytest

from calame.reader.confidence import calibrate, is_unsure

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


def test_unsure_is_below_the_threshold():
    assert [is_unsure(value, 0.9) for value in (0.89, 0.9)] == [True, False]
