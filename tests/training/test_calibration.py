"""The temperature undoes what was done to the probabilities."""

import numpy as np
import pytest

from calame.training.calibration import fit_temperature


def softmax(logits):
    scaled = np.exp(logits - logits.max(1, keepdims=True))
    return scaled / scaled.sum(1, keepdims=True)


@pytest.mark.parametrize("sharpness", [0.5, 1.0, 3.0])
def test_finds_the_temperature_that_labels_were_drawn_at(sharpness):
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (20_000, 10))
    true = softmax(logits)
    labels = (true.cumsum(1) > rng.random((20_000, 1))).argmax(1)
    assert fit_temperature(softmax(logits * sharpness), labels) == pytest.approx(sharpness, rel=0.03)


def test_probabilities_of_zero_and_one_do_no_harm():
    assert np.isfinite(fit_temperature(np.eye(10)[[1, 2, 3]], np.array([1, 2, 4])))
