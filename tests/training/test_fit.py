"""A training run repeats itself, survives a kill, and leaves the best on Ctrl-C."""

import numpy as np
import pytest

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def digits():
    """Two easy classes, strokes up or across, enough to learn in a step or two: no data set needed."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 2, 256)
    images = rng.integers(0, 30, (256, 28, 28)).astype(np.uint8)
    images[labels == 0, 4:24, 12:16] = 255
    images[labels == 1, 12:16, 4:24] = 255
    return images, labels


def plan(**changes):
    from calame.data.augment import Augmentation
    from calame.training.plan import Plan

    common = {"epochs": 3, "batch": 64, "ema": 0.9, "optimizer": "sgd", "rate": 0.02, "schedule": "one-cycle"}
    return Plan("course", **common | {"augmentation": Augmentation(), "precision": "float32"} | changes)


def weights(outcome):
    return [np.asarray(value) for value in outcome.model.get_weights()]


def assert_same(one, other):
    assert one.history["loss"] == other.history["loss"]
    for mine, yours in zip(weights(one), weights(other), strict=True):
        np.testing.assert_array_equal(mine, yours)


def killer(epoch, batch, error):
    import keras

    class Killer(keras.callbacks.Callback):
        def on_epoch_begin(self, at, logs=None):
            self.at = at

        def on_train_batch_begin(self, step, logs=None):
            if (self.at, step) == (epoch, batch):
                raise error

    return Killer()


@pytest.mark.slow
def test_same_seed_same_result_and_a_killed_run_ends_as_an_unbroken_one(digits, tmp_path):
    from calame.training.fit import fit

    unbroken = fit(plan(), digits, digits, tmp_path / "a")
    assert_same(unbroken, fit(plan(), digits, digits, tmp_path / "b"))
    with pytest.raises(RuntimeError, match="power cut"):
        fit(plan(), digits, digits, tmp_path / "c", watchers=[killer(2, 1, RuntimeError("power cut"))])
    assert (tmp_path / "c" / "state.npz").is_file()
    assert_same(unbroken, fit(plan(), digits, digits, tmp_path / "c"))
    assert not (tmp_path / "c" / "state.npz").exists()
    other = fit(plan(seed=1, epochs=1), digits, digits, tmp_path / "d")
    assert other.history["loss"][0] != unbroken.history["loss"][0]


def test_ctrl_c_leaves_the_best_so_far_and_can_be_taken_up_again(digits, tmp_path):
    from calame.training.fit import fit

    stopped = fit(plan(), digits, digits, tmp_path, watchers=[killer(1, 2, KeyboardInterrupt())])
    assert stopped.interrupted
    assert stopped.best == len(stopped.history["loss"]) == 1
    resumed = fit(plan(), digits, digits, tmp_path)
    assert not resumed.interrupted
    assert len(resumed.history["loss"]) == 3


def test_an_unfinished_run_of_another_plan_is_refused(digits, tmp_path):
    from calame.errors import UsageError
    from calame.training.fit import fit

    fit(plan(), digits, digits, tmp_path, watchers=[killer(1, 0, KeyboardInterrupt())])
    with pytest.raises(UsageError, match="another plan"):
        fit(plan(rate=0.01), digits, digits, tmp_path)


def test_a_damaged_state_is_named_with_the_way_out(digits, tmp_path):
    from calame.errors import InputError
    from calame.training.fit import fit

    fit(plan(), digits, digits, tmp_path, watchers=[killer(1, 0, KeyboardInterrupt())])
    state = tmp_path / "state.npz"
    for damaged in (b"", b"none", state.read_bytes()[:-9999]):
        state.write_bytes(damaged)
        with pytest.raises(InputError, match=r"state\.npz: the state of the unfinished training is damaged.*delete it"):
            fit(plan(), digits, digits, tmp_path)


def test_patience_stops_early_and_keeps_the_best_epoch(digits, tmp_path):
    from calame.training.fit import fit

    images, labels = digits
    outcome = fit(plan(epochs=9, patience=2, rate=0.0, ema=0.0), digits, (images, 9 - labels), tmp_path)
    assert len(outcome.history["loss"]) == 3  # the first is the best of equals but for patience's two
    assert outcome.best == 1


def test_judging_uses_the_average_and_leaves_the_weights(digits):
    from calame.training.fit import compile_for
    from calame.training.keeper import swap_average
    from calame.training.plan import NETWORKS

    model = NETWORKS["course"]()
    compile_for(model, plan(ema=0.5), steps=2)
    model.optimizer.build(model.trainable_variables)
    before = model.get_weights()
    model.train_on_batch(digits[0][:64, ..., None] / 255.0, np.eye(10)[digits[1][:64]])
    trained = model.get_weights()
    swap_average(model)
    for mine, start, end in zip(model.get_weights(), before, trained, strict=True):
        np.testing.assert_allclose(mine, (start + end) / 2, atol=1e-6)
    swap_average(model)
    for mine, end in zip(model.get_weights(), trained, strict=True):
        np.testing.assert_array_equal(mine, end)


def test_one_cycle_goes_up_and_down():
    from calame.training.fit import OneCycle

    rates = [float(OneCycle(0.1, 100, 0.2)(step)) for step in (0, 10, 20, 60, 100)]
    np.testing.assert_allclose(rates, [0, 0.05, 0.1, 0.05, 0], atol=1e-7)
