"""A run leaves its record, its curves and a network that can be restored in float32."""

import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.train


@pytest.mark.slow
def test_run_leaves_everything_beside_the_network(tmp_path):
    from calame.training.batches import as_input
    from calame.training.plan import Plan
    from calame.training.run import best_of, restore, run

    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (128, 28, 28)).astype(np.uint8), rng.integers(0, 10, 128)
    plan = Plan("compact", epochs=2, batch=64, precision="bfloat16", seed=3)
    outcome, record = run(plan, (images, labels), (images, labels), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"model.keras", "curves.json", "curves.png", "record.json"}
    assert record == json.loads((tmp_path / "record.json").read_text())
    assert (record["seed"], record["epochs"], record["precision"]) == (3, 2, "bfloat16")
    assert len(record["source"]) == 64
    assert record["versions"]["keras"]
    curves = json.loads((tmp_path / "curves.json").read_text())
    assert best_of(outcome, "val_accuracy") == curves["val_accuracy"][outcome.best - 1]
    whole = restore(tmp_path).predict(as_input(images), verbose=0)
    assert whole.dtype == np.float32
    mixed = outcome.model.predict(as_input(images), verbose=0)
    assert 0 < np.abs(whole - mixed).max() < 0.1
    with zipfile.ZipFile(tmp_path / "model.keras") as file:  # which opens where Calame is not
        assert b"calame" not in file.read("config.json")


def test_a_run_that_is_stopped_in_its_first_epoch_leaves_nothing(tmp_path):
    import keras

    from calame.training.plan import Plan
    from calame.training.run import run

    class Impatient(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            raise KeyboardInterrupt

    images, labels = np.zeros((128, 28, 28), np.uint8), np.zeros(128, np.uint8)
    with pytest.raises(KeyboardInterrupt):
        run(Plan("course", epochs=2), (images, labels), None, tmp_path / "run", watchers=[Impatient()])
    assert list(tmp_path.iterdir()) == []


def test_a_run_goes_on_from_the_weights_of_an_earlier_one(tmp_path):
    from calame.training.plan import Plan
    from calame.training.run import run

    digits = np.zeros((64, 28, 28), np.uint8), np.arange(64) % 10
    plan = Plan("course-quick", epochs=1, batch=32, precision="float32", optimizer="sgd", rate=0.1)
    first, record = run(plan, digits, None, tmp_path / "first")
    second, told = run(replace(plan, seed=1, rate=1e-9), digits, None, tmp_path / "second", start=tmp_path / "first")
    assert (record["start"], told["start"]) == (None, record["source"])
    for before, after in zip(first.model.trainable_variables, second.model.trainable_variables, strict=True):
        np.testing.assert_allclose(before, after, atol=1e-5)
