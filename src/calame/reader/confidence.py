"""From what a network says to what comes true: calibration, and when not to answer."""

from collections.abc import Mapping
from numbers import Integral, Real

import numpy as np
from numpy.typing import NDArray

from calame.errors import BadParameter, UsageError
from calame.locale import Phrase
from calame.types import Rejection

BETWEEN_TWO = 0.8  # together, two digits have at least this much when the doubt is between them
ONE_IN = "one_in_"  # begins the names of a calibration's thresholds
LEAST = 1e-12  # stands for a probability of 0, whose logarithm is not a number


def calibrate(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """Return softmax(log p / T), (n, c) float32: above 1 the temperature takes certainty away, below it adds some.

    The order of the classes stays. Method: Guo and others, "On Calibration of Modern Neural Networks", 2017.
    """
    logs = np.log(np.maximum(probabilities.astype(np.float64), LEAST)) / temperature
    powers = np.exp(logs - logs.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def doubt(probabilities: NDArray[np.float32], reject_below: float, digit_above: float = 0.0) -> Rejection | None:
    """Return why a reading is to be refused rather than answered, or None.

    A digit that might be another one splits its probability between the two: "unsure". What is no digit was taught
    to have no favourite (see `training.batches.smoothed`): its two best leave something to the others, "not_a_digit".

    Args:
        probabilities: (10,), calibrated.
        reject_below: smallest confidence that is answered, 0-1.
        digit_above: smallest probability that the two best have together for a digit, 0-1.
    """
    second, first = np.sort(probabilities)[-2:]
    if first + second < digit_above:
        return "not_a_digit"
    if first >= reject_below:
        return None
    return "unsure" if first + second >= BETWEEN_TWO else "not_a_digit"


def limit_of(reject_below: float) -> float:
    """Return the smallest confidence that is answered.

    Raises:
        BadParameter: it is none: no number, or not between 0 and 1.
    """
    if not (isinstance(reject_below, Real) and 0 <= reject_below <= 1):  # nan neither
        raise BadParameter(name="reject_below", found=repr(reject_below), expected="0 – 1")
    return float(reject_below)


def threshold_of(calibration: Mapping[str, float], one_in: int) -> float:
    """Return the smallest confidence to answer for at most one wrong answer in `one_in`.

    Args:
        calibration: of a manifest; `one_in_200` is the threshold for one in 200.
        one_in: 1 or more.

    Raises:
        BadParameter: `one_in` is no whole number.
        UsageError: the model promises no such thing; the message says what it promises.
    """
    if not isinstance(one_in, Integral):
        raise BadParameter(name="one_in", found=repr(one_in), expected="1, 2, 3, …")
    known = {int(name.removeprefix(ONE_IN)): value for name, value in calibration.items() if name.startswith(ONE_IN)}
    able = [count for count in known if count >= one_in]
    if not able or one_in < 1:
        promised = ", ".join(str(count) for count in sorted(known)) or "–"
        raise UsageError(problem=Phrase("reader.one_in", asked=one_in, known=promised))
    return known[min(able)]
