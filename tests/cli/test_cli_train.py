"""`calame train` from data sets to a model folder, and what it says when something is missing or unknown."""

import json
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from calame.cli import main
from calame.cli.train import find_recipe, free_folder
from calame.errors import UsageError

RECIPES = Path(__file__).parent.parent.parent / "recipes"


@pytest.fixture(autouse=True)
def without_data(monkeypatch):
    monkeypatch.delenv("CALAME_DATA", raising=False)


@pytest.mark.train
@pytest.mark.slow
@pytest.mark.data("mnist", "qmnist")
def test_a_quick_network_becomes_a_model_folder(tmp_path, data, capsys):
    words = ["train", "course-quick", "--epochs", "1", "--images", "2000", "--data", str(data), "--out", "run"]
    assert main(words) == 0
    said = capsys.readouterr().err
    assert "2,000 pictures to learn from, 9,872 by other writers" in said
    assert f"data sets from: {data}\n" in said
    assert "calame read --model run/model" in said
    manifest = json.loads((tmp_path / "run" / "model" / "manifest.json").read_text())
    assert manifest["parameters"] == 225_034
    assert manifest["data"][0]["count"] == 2000
    assert manifest["scores"]["held_out_writers"]["accuracy"] > 0.75
    assert 0.1 < manifest["calibration"]["temperature"] < 10
    assert {"curves.png", "record.json", "model.keras"} <= {path.name for path in (tmp_path / "run").iterdir()}


def test_an_unknown_network_is_told_the_known(capsys):
    assert main(["train", "resnet"]) == 2
    assert "course, course-quick, blocks, compact" in capsys.readouterr().err


def test_without_keras_the_way_out_is_named(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "keras", None)
    assert main(["train", "course"]) == 4
    assert "pip install 'calame[train]'" in capsys.readouterr().err


def test_a_recipe_runs_with_the_options_given(tmp_path, capsys):
    (tmp_path / "mine.py").write_text("import sys\n'--seed --data', '--seed', '--images', '--out'\nprint(sys.argv[1:])")
    assert main(["train", "mine.py", "--seed", "3", "--images", "200", "--out", "there"]) == 0
    assert capsys.readouterr().out == "['--seed', '3', '--images', '200', '--out', 'there']\n"
    with pytest.raises(UsageError, match="no such recipe"):
        find_recipe("other.py")


def test_an_option_that_a_recipe_does_not_take_is_refused_before_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CALAME_DATA", "sets")  # not an option of this call: only given to who takes it
    (tmp_path / "mine.py").write_text(
        "import argparse\nargparse.ArgumentParser().add_argument('--seeds')\nprint('ran')"
    )
    assert main(["train", "mine.py", "--seed", "3"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "mine.py takes no --seed; it takes: --seeds" in said.err
    assert main(["train", "mine.py"]) == 0
    (tmp_path / "broken.py").write_text("import (")
    assert main(["train", "broken.py"]) == 2


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*.py")), ids=lambda path: path.name)
def test_no_recipe_takes_half_an_option_for_another(recipe):
    source = recipe.read_text(encoding="utf-8")
    assert source.count("ArgumentParser(") == source.count("allow_abbrev=False")


@pytest.mark.train
def test_data_that_is_named_is_the_only_place_searched(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("calame.cli.data.obtain", lambda *_, **__: pytest.fail("looked elsewhere"))
    monkeypatch.setenv("CALAME_DATA", str(tmp_path))
    assert main(["train", "course", "--data", "wrong"]) == 4
    assert "put the files in wrong/mnist" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_folder_that_cannot_be_written_is_said_before_the_work(tmp_path, capsys):
    (tmp_path / "afile").touch()
    assert main(["train", "course", "--out", "afile"]) == 4
    assert capsys.readouterr().err == (
        "calame: afile cannot be written (Not a directory); choose another folder for --out\n"
    )


@pytest.fixture
def small(monkeypatch):
    """Data sets of two digits by two writers, and an export that writes nothing."""
    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([0, 1], np.uint8)
    monkeypatch.setattr("calame.cli.train.find_data", lambda *_: Path("here"))
    monkeypatch.setattr(
        "calame.data.sets.load_mnist", lambda _: SimpleNamespace(train_images=images, train_labels=labels)
    )
    monkeypatch.setattr("calame.data.sets.load_writers", lambda _: np.array([0, 1]))
    monkeypatch.setattr(
        "calame.data.sets.split_by_writer", lambda _: (np.array([True, False]), np.array([False, True]))
    )
    monkeypatch.setattr("calame.export.outcome.export_outcome", lambda *_, **__: None)


@pytest.mark.train
def test_an_interrupted_training_exits_130_and_says_what_is_true(small, monkeypatch, capsys):
    from calame.training.fit import Outcome

    history = {"loss": [1.0], "val_loss": [0.5], "val_accuracy": [0.9]}
    outcome = Outcome(None, history, best=1, seconds=3.0, interrupted=True, precision="float32")
    monkeypatch.setattr("calame.training.run.run", lambda *_, **__: (outcome, {}))
    assert main(["train", "course", "--lang", "fr"]) == 130
    said = capsys.readouterr().err
    assert "le meilleur réseau obtenu est gardé (époque 1)" in said
    assert "90,00\u202f%" in said
    assert said.endswith("interrompu\n")


@pytest.mark.train
def test_an_interruption_before_the_first_epoch_is_done_keeps_nothing(small, monkeypatch, capsys):
    def run(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("calame.training.run.run", run)
    assert main(["train", "course"]) == 130
    said = capsys.readouterr().err
    assert "nothing is worth keeping yet" in said
    assert "curves" not in said


def test_a_recipe_of_the_folder_is_found_by_name_unless_a_network_has_it(tmp_path):
    (tmp_path / "recipes").mkdir()
    for name in ("ladder", "compact"):
        (tmp_path / "recipes" / f"{name}.py").touch()
    assert find_recipe("ladder").name == "ladder.py"
    assert find_recipe("compact") is None


def test_a_finished_run_is_not_written_over_and_an_unfinished_one_is_taken_up(tmp_path):
    assert free_folder(tmp_path, "run").name == "run"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "record.json").touch()
    assert free_folder(tmp_path, "run").name == "run-2"
    (tmp_path / "run" / "state.npz").touch()  # interrupted: it has a record and can go on
    assert free_folder(tmp_path, "run").name == "run"


@pytest.mark.train
def test_a_finished_run_is_left_as_it_is_unless_it_is_of_other_settings(small, tmp_path, monkeypatch, capsys):
    from calame.training.plan import plan_for

    trained = []
    monkeypatch.setattr("calame.training.run.run", lambda plan, *_, **__: trained.append(plan) or sys.exit(9))
    words = ["train", "course-quick", "--epochs", "3", "--out", "quick"]
    (tmp_path / "quick").mkdir()
    record = tmp_path / "quick" / "record.json"
    record.write_text(json.dumps({"plan": plan_for("course-quick", epochs=3).to_json()}))
    with pytest.raises(SystemExit):  # no model folder: its export was stopped
        main(words)
    (tmp_path / "quick" / "model").mkdir()
    assert main(words) == 0
    said = capsys.readouterr().err
    assert "quick holds just this training, finished" in said
    assert "calame read --model quick/model" in said
    assert main([*words, "--seed", "1"]) == 2
    assert "quick holds a finished run with other settings" in capsys.readouterr().err
    assert len(trained) == 1
    (tmp_path / "quick" / "state.npz").touch()  # interrupted: it goes on
    with pytest.raises(SystemExit):
        main(words)
    assert len(trained) == 2
    (tmp_path / "quick" / "state.npz").unlink()
    record.write_text("")
    assert main(words) == 2
