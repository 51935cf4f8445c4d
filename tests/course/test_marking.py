"""The check of a student's network: what it measures, and what it refuses to measure."""

import numpy as np
import pytest

from marking import Goals, mark

IMAGES = np.zeros((20, 28, 28), np.uint8)
LABELS = np.arange(20) % 10
IMAGES[:, 0, 0] = 25 * LABELS  # tells the digit


class Network:
    """Reads the digit from one pixel; of those of `wrong` digits it says 0."""

    def __init__(self, parameters=100, wrong=0, outputs=10, broken=False):
        self.parameters, self.wrong, self.outputs, self.broken = parameters, wrong, outputs, broken

    def predict(self, pixels, batch_size, verbose):
        digits = np.rint(pixels[:, 0, 0, 0] * 255 / 25).astype(int)
        answers = np.eye(10)[np.where(digits < 10 - self.wrong, digits, 0)][:, : self.outputs]
        return np.full_like(answers, np.nan) if self.broken else answers

    def count_params(self):
        return self.parameters


def test_a_good_small_network_passes():
    marked = mark(Network(), IMAGES, LABELS, Goals(accuracy=1.0, parameters=100, slower=1e9), reference=Network())
    assert (marked.accuracy, marked.parameters, marked.passed) == (1.0, 100, True)
    assert marked.milliseconds > 0


def test_each_goal_is_judged_apart():
    marked = mark(Network(101, wrong=2), IMAGES, LABELS, Goals(0.9, 100, slower=1e-9), reference=Network())
    assert marked.accuracy == 0.8
    assert marked.results == {"accuracy": False, "parameters": False, "slower": False}
    assert not marked.passed


@pytest.mark.parametrize(
    ("network", "message"),
    [(Network(outputs=9), r"gives \(20, 9\); expected \(20, 10\)"), (Network(broken=True), "no numbers")],
)
def test_what_is_no_digit_network_is_refused(network, message):
    with pytest.raises(ValueError, match=message):
        mark(network, IMAGES, LABELS, Goals(0.9, 100), reference=Network())
