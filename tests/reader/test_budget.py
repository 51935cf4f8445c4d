"""The budget of wrong answers: what is promised is carried by the sample, and what is not is said with what is."""

import numpy as np
import pytest

from calame.errors import BadCalibration, UsageError
from calame.odds import upper_bound
from calame.reader.budget import (
    ANY,
    SURE,
    Calibration,
    Steady,
    calibration_of,
    curve,
    hash_of,
    load_calibration,
    share,
    shipped,
    steady,
)


def sample(count, seed=0):
    """Confidences that are wrong as often as they say: chance 1 - confidence, cubed to make the sure ones surer."""
    rng = np.random.default_rng(seed)
    sure = 1 - rng.random(count) ** 3
    return sure, rng.random(count) < sure


def test_a_promise_holds_on_new_readings_and_says_what_it_costs():
    sure, right = sample(20_000)
    budget = curve("orders", sure, right).promise(1 / 100)
    assert upper_bound(budget.wrong, budget.answered, SURE) == budget.bound <= 1 / 100
    assert budget.refused == pytest.approx(1 - budget.answered / 20_000)
    later, truth = sample(20_000, seed=1)
    answered = later >= budget.threshold
    assert (~truth[answered]).mean() <= 1 / 100
    assert answered.mean() == pytest.approx(1 - budget.refused, abs=0.02)


def test_a_stricter_wish_answers_less():
    line = curve("orders", *sample(20_000))
    refused = [budget.refused for budget in line.able()]
    assert refused == sorted(refused)
    assert [round(1 / budget.max_wrong) for budget in line.able()][:3] == [20, 50, 100]


@pytest.mark.parametrize(("count", "says"), [(300, "too few"), (4000, "more of the surest were wrong")])
def test_a_wish_that_the_sample_cannot_carry_says_what_it_can(count, says):
    right = np.ones(count, bool)
    if count == 4000:
        right[::20] = False
    with pytest.raises(UsageError, match=says) as caught:
        curve("forms", np.full(count, 0.9), right).promise(1 / 1000)
    assert "1/20" in str(caught.value) or count == 4000
    assert "1/1000" in caught.value.message("fr")


def test_equals_are_answered_together():
    line = curve("any", [0.5, 0.9, 0.9, 0.9], [False, True, True, True])
    assert {look.answered for look in line.looks} == {4, 3}


def test_what_is_promised_of_any_kind_holds_for_the_worst_of_them():
    sure, right = sample(60_000)
    kinds = np.where(np.random.default_rng(2).random(60_000) < 0.1, "rare", "usual")
    right[kinds == "rare"] &= np.random.default_rng(3).random(60_000)[kinds == "rare"] < 0.98
    mixed, held = (curve(ANY, sure, right, parts).promise(1 / 20) for parts in (None, kinds.tolist()))
    rare = (kinds == "rare") & (sure >= held.threshold)
    assert held.bound == upper_bound(int((~right[rare]).sum()), int(rare.sum()), SURE) <= 1 / 20
    assert held.threshold > mixed.threshold
    assert (held.answered, held.wrong) == (
        int((sure >= held.threshold).sum()),
        int((~right[sure >= held.threshold]).sum()),
    )


def test_a_calibration_comes_back_from_its_file(tmp_path):
    kinds = {"orders": curve("orders", *sample(50)), ANY: curve(ANY, *sample(50), ["orders", "cheque"] * 25)}
    made = Calibration("orders", {"digits": "a"}, Steady(1.5, -0.25), kinds)
    made.save(tmp_path / "orders.json")
    assert load_calibration(tmp_path / "orders.json") == made
    assert made.curve().kind == ANY
    with pytest.raises(UsageError, match="no kind of input 'cheque'; there are: orders, any"):
        made.curve("cheque")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"calame_codes": 2}', '{"calame_codes": 1, "curves": []}', "\x00"]
)
def test_what_is_no_calibration_is_refused(tmp_path, content):
    path = tmp_path / "other.json"
    path.write_text(content)
    with pytest.raises(BadCalibration, match=r"other\.json: not a calibration"):
        load_calibration(path)
    with pytest.raises(BadCalibration, match="no such file"):
        load_calibration(tmp_path / "none.json")


def test_steady_confidences_come_true():
    rng = np.random.default_rng(0)
    sure = rng.random(20_000)
    right = rng.random(20_000) < sure**2  # too sure of itself
    fitted = steady(sure, right)
    near = np.abs([fitted(one) for one in sure] - sure**2)
    assert near.mean() < 0.03
    assert steady([], []) == Steady(1.0, 0.0)
    assert [fitted(0.0), fitted(1.0)] == pytest.approx([0, 1], abs=0.05)


@pytest.mark.parametrize("wish", ["1/1000", "0.1%", "0,1 %", "0.001", 0.001, " 1 / 1000 ", "1e-3", ".1%"])
def test_a_share_is_read_as_people_write_it(wish):
    assert share(wish) == pytest.approx(0.001)


@pytest.mark.parametrize(
    "wish",
    ["", "none", "1/0", "2", 0, 1, "-1/10", "1000", None, float("nan"), "1e-15000000", "1e999", "1/" + "1" * 99],
)
def test_what_is_no_share_says_so(wish):
    with pytest.raises(UsageError, match="no share of wrong answers"):
        share(wish)


def test_the_numbers_of_the_package_are_whole_and_fit_its_networks():
    from calame.reader.code import CodeReader

    found = calibration_of(shipped()["calibration"])
    assert ANY in found.curves
    assert dict(found.readers) == CodeReader().readers, "made for other networks: python recipes/codes.py --ship"
    assert hash_of(None) == "custom"
