"""What a training tells while it learns: points whose means add up, a sample judged as it is, an end when wished."""

import math

import numpy as np
import pytest

from made_digits import bars

pytestmark = pytest.mark.train
PLAN = {"epochs": 3, "batch": 20, "precision": "float32"}


def trained(tmp_path, stop=lambda: False, **changes):
    from calame.training.fit import fit
    from calame.training.live import Live
    from calame.training.plan import Plan

    told = []
    live = Live(lambda kind, values, filters: told.append((kind, values, filters)), stop, bars(100, 1))
    plan = Plan(**{"network": "conv 4 5, pool 4", **PLAN, **changes})
    return fit(plan, bars(200, 0), bars(100, 1), tmp_path, watchers=[live]), told, live


def test_points_come_between_a_beginning_and_the_ends_of_epochs(tmp_path, monkeypatch):
    monkeypatch.setattr("calame.training.live.CALM", 0.0)
    monkeypatch.setattr("calame.training.live.PART", 0)
    outcome, told, _ = trained(tmp_path)
    kinds = [kind for kind, _, _ in told]
    assert kinds[0] == "begin"
    assert kinds.count("epoch") == 3
    points = [values for kind, values, _ in told if kind == "point"]
    assert len(points) == 30  # every step of so short a run
    for epoch in range(3):
        means = [one["loss"] for one in points[epoch * 10 : epoch * 10 + 10]]
        assert np.mean(means) == pytest.approx(outcome.history["loss"][epoch], abs=1e-4)
    judged = [values for kind, values, _ in told if kind == "epoch"]
    assert points[-1]["val_accuracy"] == pytest.approx(judged[-1]["val_accuracy"])  # the sample is all there is
    assert points[-1]["val_loss"] == pytest.approx(judged[-1]["val_loss"], abs=1e-3)
    first, last = (filters for kind, _, filters in (told[0], [one for one in told if one[0] == "point"][-1]))
    assert first.shape == last.shape == (5, 5, 4)
    assert np.abs(last - first).max() > 1e-3


def test_a_wish_to_stop_ends_the_epoch_where_it_is_and_the_best_is_kept(tmp_path):
    wishes = iter([False] * 13 + [True] * 100)
    outcome, told, live = trained(tmp_path, lambda: next(wishes))
    assert live.stopped
    assert not live.diverged
    assert [values["epoch"] for kind, values, _ in told if kind == "epoch"] == [1, 1.4]
    assert outcome.best in (1, 2)
    assert len(outcome.history["val_accuracy"]) == 2


def test_a_loss_that_is_no_number_ends_it(tmp_path):
    outcome, told, live = trained(tmp_path, optimizer="sgd", rate=1e30)
    assert live.diverged
    assert outcome.interrupted
    assert all(math.isfinite(value) for _, values, _ in told for value in values.values())


@pytest.mark.parametrize(
    ("network", "shape"),
    [("", (28, 28, 10)), ("pool 2, dense 70", (14, 14, 64)), ("conv 3 1, dense 5", (1, 1, 3)), ("course", (3, 3, 32))],
)
def test_the_first_filters_are_pictures(network, shape):
    from calame.training.live import first_filters
    from calame.training.plan import build_network

    assert first_filters(build_network(network)).shape == shape
