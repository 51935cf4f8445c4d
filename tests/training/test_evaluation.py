"""What an evaluation says of a classifier whose answers are known."""

import json

import numpy as np
import pytest

from calame.errors import BadArray, DamagedPicture
from calame.training.evaluation import MNIST_DISPUTED, evaluate, evaluate_readings
from calame.types import DigitReading


def by_brightness(images: np.ndarray) -> np.ndarray:
    """Read a picture of even grey 10·d + s as d, the surer the larger s (0-9)."""
    grey = np.minimum(images[:, 0, 0].astype(int), 99)
    probabilities, rows, top = np.full((len(images), 10), 0.02), np.arange(len(images)), 0.6 + grey % 10 / 50
    probabilities[rows, (grey // 10 + 1) % 10] = 1 - top - 8 * 0.02
    probabilities[rows, grey // 10] = top
    return probabilities


def grey(*values: int) -> np.ndarray:
    return np.array(values, np.uint8)[:, None, None].repeat(28, 1).repeat(28, 2)


IMAGES = grey(0, 11, 22, 33, 44, 55, 66, 77, 88, 95)
LABELS = np.array([0, 1, 2, 3, 4, 5, 6, 7, 3, 4], np.uint8)  # the last two are read as 8 and 9


def evaluated(**options):
    return evaluate(by_brightness, IMAGES, LABELS, name="grey", data_name="ten", **({"robustness": False} | options))


def test_counts_errors_and_scores():
    found = evaluated()
    assert (found.scores.share.right, found.scores.share.count, found.coverage) == (8, 10, 1.0)
    assert found.scores.matrix[3, 8] == found.scores.matrix[4, 9] == 1
    assert found.scores.classes.recall[3] == 0.5
    assert found.forced == found.scores.share


def test_surest_error_comes_first_with_its_second_guess():
    first, second = evaluated().errors
    assert (first.index, first.true, first.read, first.second) == (8, 3, 8, 9)
    assert (first.confidence, first.second_confidence) == pytest.approx((0.76, 0.08))
    assert (second.index, second.read) == (9, 9)
    assert np.array_equal(first.picture, IMAGES[8])


def test_disputed_labels_are_left_out_besides():
    found = evaluated(disputed={8, 0})
    assert (found.undisputed.right, found.undisputed.count) == (7, 8)
    assert [error.disputed for error in found.errors] == [True, False]
    assert evaluated().undisputed is None
    assert len(set(MNIST_DISPUTED)) == 15


def test_writers_have_their_interval_and_their_worst():
    writers = evaluated(writers=np.array([7, 7, 7, 7, 7, 9, 9, 9, 9, 9])).writers
    assert (writers.count, writers.worst, writers.worst_share.right, writers.worst_share.count) == (2, "9", 3, 5)
    assert writers.interval == pytest.approx((0.6, 1.0))


def test_harms_are_tried_when_asked():
    seen = []
    found = evaluated(robustness=True, progress=lambda done, total: seen.append(done / total))
    assert {curve.name for curve in found.curves} >= {"noise", "rotation", "stroke", "occlusion"}
    assert seen[-1] == 1


def test_json_has_no_nan_and_no_array():
    values = evaluated(robustness=True, writers=LABELS).to_json()
    again = json.loads(json.dumps(values, allow_nan=False))
    assert again == values
    assert values["accuracy"] == 0.8
    assert values["interval"] == pytest.approx([0.490162, 0.943318])
    assert values["classes"][8] == {"digit": 8, "precision": 0.0, "recall": None, "f1": 0.0, "support": 0}
    assert values["errors"][0]["true"] == 3
    assert "picture" not in values["errors"][0]
    assert values["selective"]["budgets"][0] == {"max_wrong": 0.01, "point": None}


def test_nothing_to_judge_is_refused():
    with pytest.raises(BadArray, match="one label an image"):
        evaluate(by_brightness, IMAGES, LABELS[:-1], name="grey", data_name="ten")
    with pytest.raises(BadArray, match="at least one"):
        evaluate(by_brightness, IMAGES[:0], LABELS[:0], name="grey", data_name="none")


def reading(digit, confidence=0.9, **more):
    probabilities = np.full(10, 0.01, np.float32)
    probabilities[digit or 0] = 0.91
    return DigitReading(digit, confidence, probabilities, prepared=np.zeros((28, 28), np.uint8), **more)


READINGS = [
    reading(3, name="a.png"),
    reading(5, 0.7, name="b.png"),
    DigitReading(None, 0.1, rejected="no_ink", name="c.png"),
    DigitReading(None, 0.1, error=DamagedPicture(name="d.png", problem="cut short"), name="d.png"),
    DigitReading(None, 0.5, reading(4).probabilities, rejected="unsure", name="e.png"),
]


NAMES = [reading.name for reading in READINGS]


def test_refused_pictures_are_counted_apart():
    found = evaluate_readings(READINGS, np.array([3, 6, 0, 0, 4]), name="m", data_name="photos", names=NAMES)
    assert (found.scores.share.right, found.scores.share.count, found.offered) == (1, 2, 5)
    assert found.coverage == 0.4
    assert [(one.name, one.reason) for one in found.refused] == [
        ("c.png", "no_ink"),
        ("d.png", "damaged_picture"),
        ("e.png", "unsure"),
    ]
    assert dict(found.reasons()) == {"no_ink": 1, "damaged_picture": 1, "unsure": 1}
    assert (found.forced.right, found.forced.count) == (2, 5)  # the 4 was right; no ink is not a right 0
    assert [(one.name, one.index, one.true, one.read) for one in found.errors] == [("b.png", 1, 6, 5)]


def test_confidence_is_the_readings_own():
    found = evaluate_readings(
        READINGS[:2], np.array([3, 6]), name="m", data_name="photos", writers=np.array(["x", "y"])
    )
    assert found.scores.curve.thresholds == pytest.approx([0.9, 0.7])
    assert found.writers.worst == "y"


def test_all_refused_is_refused():
    with pytest.raises(BadArray, match="0 answered"):
        evaluate_readings(READINGS[2:], np.array([0, 0, 4]), name="m", data_name="photos")
