"""`calame train` from data sets to a model folder, and what it says when something is missing or unknown."""

import json
import sys

import pytest

from calame.cli import main
from calame.cli.train import find_recipe, free_folder
from calame.errors import UsageError


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CALAME_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CALAME_LANG", "en")
    monkeypatch.delenv("CALAME_DATA", raising=False)


@pytest.mark.train
@pytest.mark.slow
@pytest.mark.data("mnist", "qmnist")
def test_a_quick_network_becomes_a_model_folder(tmp_path, data, capsys):
    words = ["train", "course-quick", "--epochs", "1", "--images", "2000", "--data", str(data), "--out", "run"]
    assert main(words) == 0
    said = capsys.readouterr().err
    assert "50128 pictures to learn from, 9872 by other writers" in said
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
    (tmp_path / "mine.py").write_text("import sys\nprint(sys.argv[1:])")
    assert main(["train", "mine.py", "--seed", "3", "--out", "there"]) == 0
    assert capsys.readouterr().out == "['--seed', '3', '--out', 'there']\n"
    with pytest.raises(UsageError, match="no such recipe"):
        find_recipe("other.py")


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
