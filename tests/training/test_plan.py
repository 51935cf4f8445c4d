"""Plans are plain values that name what they are made of."""

import json

import pytest

from calame.errors import UsageError
from calame.training.plan import NETWORKS, PLANS, plan_for


def test_every_plan_names_a_network_and_is_plain():
    for name, plan in PLANS.items():
        assert plan.network in NETWORKS, name
        assert json.loads(json.dumps(plan.to_json()))["network"] == plan.network


def test_changes_that_are_none_change_nothing():
    assert plan_for("course", epochs=2, seed=None).epochs == 2
    assert plan_for("course", seed=None) == PLANS["course"]


def test_the_quick_plan_is_that_of_the_course():
    quick = PLANS["course-quick"]
    assert (quick.epochs, quick.limit, quick.batch, quick.optimizer) == (3, 10_000, 128, "adam")


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(UsageError, match="compact"):
        plan_for("resnet")
