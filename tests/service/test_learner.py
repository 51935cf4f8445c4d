"""The training process itself, on digits made here: the same as `calame train` would do, kept as a model that reads."""

import json
import time

import pytest

from calame.service.runs import Runs, Tail
from calame.service.settings import ServiceSettings
from calame.service.training import Trainer
from made_digits import bars, make_sets

pytestmark = [pytest.mark.train, pytest.mark.slow]
PATIENCE = 300  # seconds, on a machine that is busy
WISH = {
    "network": "conv 4 5, pool 4, dropout 0.1",
    "images": 600,
    "epochs": 2,
    "rate": 0.01,
    "augment": False,
    "seed": 3,
}


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_sets(tmp_path_factory.mktemp("sets"))


@pytest.fixture(scope="module")
def home(root, tmp_path_factory):
    """What one whole run leaves."""
    folder = tmp_path_factory.mktemp("home")
    settings = ServiceSettings(models=folder / "models", training=folder / "training", data=root)
    trainer = Trainer(settings)
    try:
        follow(trainer.start(WISH, "en"))
    finally:
        trainer.close()
    return folder


def follow(run):
    tail, found, end = Tail(run), [], time.monotonic() + PATIENCE
    while not tail.over:
        assert time.monotonic() < end
        found += tail.read()
        time.sleep(0.05)
    return [event for _, event in found]


def test_a_run_is_told_point_by_point_and_its_network_reads(home, root):
    run = Runs(home / "training").get(1)
    told = follow(run)
    kinds = [event["kind"] for event in told]
    assert kinds.count("epoch") == 2
    assert kinds.count("point") >= 1
    states = [event["state"] for event in told if event["kind"] == "state"]
    assert states == ["starting", "building", "keeping", "testing"]
    assert next(event for event in told if event["kind"] == "point")["filters"]["shape"] == [5, 5, 4]
    row = told[-1]["run"]
    assert (row["state"], row["model"], row["learn"], row["test"]) == ("done", "own@1", 600, 100)
    from calame.reader.digit import DigitReader
    from calame.shelf import Shelf

    images, labels = bars(100, 100)
    said = DigitReader(Shelf(home / "models").find("own@1")).classify(images).argmax(axis=1)
    assert (said == labels).mean() == row["test_accuracy"]


def test_it_learns_what_the_command_line_would(home, root, tmp_path):
    from calame.service.learner import load_digits, plan_for
    from calame.training.run import run as train

    digits, kept = load_digits([root]), home / "training" / "runs" / "1"
    learn = digits.learn[0][:600], digits.learn[1][:600]
    _, record = train(plan_for(WISH), learn, digits.judge, tmp_path / "again")
    curves = [json.loads((folder / "curves.json").read_text()) for folder in (kept, tmp_path / "again")]
    for name in ("loss", "val_loss", "val_accuracy"):
        assert curves[0][name] == pytest.approx(curves[1][name], rel=1e-3)
    theirs = json.loads((kept / "record.json").read_text())
    assert theirs.keys() == record.keys()
    assert theirs["plan"] == json.loads(json.dumps(record["plan"]))


def test_a_learning_rate_that_is_too_high_is_told_in_words(home, root):
    settings = ServiceSettings(models=home / "models", training=home / "training", data=root)
    trainer = Trainer(settings)
    try:
        wish = {**WISH, "network": "compact", "images": 100, "rate": 1e30}  # the route lets no such rate pass
        row = follow(trainer.start(wish, "en"))[-1]["run"]
    finally:
        trainer.close()
    assert row["state"] == "failed"
    assert "ten times smaller" in row["words"]["en"]
