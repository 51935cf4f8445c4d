"""`calame models`: what is listed, shown, imported, chosen and taken back."""

import json
import re
import zipfile
from pathlib import Path

import pytest

from calame.artifact import INSPECT, Manifest, load, write
from calame.cli import main

FIXTURES = Path(__file__).parent.parent / "fixtures" / "keras"
SOURCE = {"name": "mnist", "source": "https://yann.lecun.com", "licence": "CC BY-SA 3.0", "count": 60_000}


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.delenv("CALAME_DATA", raising=False)
    return tmp_path / "home" / "models"


@pytest.fixture
def mine(home):
    for version, accuracy in (("1", 0.99), ("2", 0.9975)):
        manifest = Manifest(
            "mine", version, "course", 225_034, "ink=dark centre=mass",
            calibration={"temperature": 1.25}, scores={"mnist_test": {"accuracy": accuracy, "seeds": 5}},
            training={"seed": 3, "curves": [1, 2]}, data=(SOURCE,),
        )  # fmt: skip
        write(home / "mine" / version, manifest, {"model.onnx": b"network"})
    return home / "mine"


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("words", [["models"], ["models", "list"]])
def test_the_list_marks_the_model_that_reads(words, mine, capsys):
    assert main(["models", "use", "mine@1"]) == 0
    assert main(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "mine@1"
    assert [line.split()[:3] for line in out if "mine@1 " in line or "mine@2 " in line] == [
        ["*", "mine@1", "course"],
        ["mine@2", "course", "225,034"],
    ]


def test_the_list_as_json(mine, capsys):
    assert main(["models", "list", "--json"]) == 0
    found = {entry["model"]: entry for entry in lines(capsys)}
    assert found["mine@2"] == {
        "model": "mine@2",
        "name": "mine",
        "version": "2",
        "production": False,
        "architecture": "course",
        "parameters": 225_034,
        "bytes": 7,
        "path": str(mine / "2"),
        "scores": {"mnist_test": {"accuracy": 0.9975, "seeds": 5}},
    }


def test_the_list_shows_a_chosen_folder_that_is_off_the_shelf(mine, tmp_path, capsys):
    manifest = Manifest("fresh", "1", "course", 225_034, "centre=mass")
    write(tmp_path / "runs" / "model", manifest, {"model.onnx": b"network"})
    assert main(["models", "use", str(tmp_path / "runs" / "model")]) == 0
    assert main(["models", "list", "--lang", "fr"]) == 0
    stars = [line for line in capsys.readouterr().out.splitlines() if line.startswith("*")]
    assert [line.split()[1] for line in stars] == ["fresh@1"]
    assert "0,0 Mo" in stars[0]
    assert stars[0].endswith(str(tmp_path / "runs" / "model"))
    (tmp_path / "runs" / "model" / "manifest.json").unlink()
    assert main(["models", "list"]) == 0
    assert "no model folder there" in capsys.readouterr().err


def test_a_damaged_model_is_named_beside_the_list(mine, capsys):
    (mine / "1" / "model.onnx").unlink()
    assert main(["models"]) == 0
    streams = capsys.readouterr()
    assert "mine@2" in streams.out
    assert "model.onnx is missing" in streams.err


def test_the_card_in_french(mine, capsys):
    assert main(["models", "show", "mine", "--lang", "fr"]) == 0
    card = capsys.readouterr().out.replace("\u202f", " ")  # the narrow space of French numbers
    for said in ("mine@2\n", "réseau", "225 034 paramètres", "28 × 28 × 1, float32, 0 – 1", "ink=dark centre=mass",
                 "temperature  1,25", "mnist_test  accuracy 0,9975, seeds 5",
                 "mnist  60 000, CC BY-SA 3.0"):  # fmt: skip
        assert said in card
    inside = ("model.onnx  7 octets  sha256", "seed  3")
    assert not any(said in card for said in inside)
    assert main(["models", "show", "mine", "--layers", "--lang", "fr"]) == 0
    whole = capsys.readouterr().out.replace("\u202f", " ")
    assert whole.startswith(card)
    assert all(said in whole for said in inside)
    assert "curves" not in whole


def test_the_card_as_json_is_the_manifest(mine, capsys):
    assert main(["models", "show", "mine@1", "--json"]) == 0
    (card,) = lines(capsys)
    assert card["training"] == {"seed": 3, "curves": [1, 2]}
    assert card["data"] == [SOURCE]
    assert card["path"] == str(mine / "1")


def test_no_card_of_a_file_with_other_bytes(mine, capsys):
    (mine / "2" / "model.onnx").write_bytes(b"NETWORK")
    assert main(["models", "show", "mine"]) == 3
    streams = capsys.readouterr()
    assert streams.out == ""
    assert "other bytes" in streams.err


def test_a_choice_is_made_and_taken_back(mine, capsys):
    for words in (["use", "mine@1"], ["use", "mine@2"], ["rollback"]):
        assert main(["models", *words]) == 0
    streams = capsys.readouterr()
    assert streams.out.split() == ["mine@1", "mine@2", "mine@1"]
    chosen, _, back = streams.err.splitlines()
    assert "calame models rollback" in chosen
    assert back == "mine@1 reads again"


def test_a_home_that_cannot_be_written_is_named(home, capsys):
    home.parent.mkdir()
    home.touch()
    for words in (["use", "digits"], ["import", "x.h5"]):
        assert main(["models", *words]) == 4
        assert f"{home} cannot be written" in capsys.readouterr().err


def test_nothing_to_take_back_is_wrong_usage(capsys):
    assert main(["models", "rollback"]) == 2
    assert "nothing to take back" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["show", "absent"], ["use", "absent"]])
def test_an_unknown_model_exits_4_with_what_there_is(words, mine, capsys):
    assert main(["models", *words]) == 4
    assert "no model named absent; known: mine@1, mine@2" in capsys.readouterr().err


@pytest.mark.train
def test_a_course_file_becomes_a_model(home, tmp_path, capsys):
    zipfile.ZipFile(FIXTURES / "2.4.zip").extract("course.h5", tmp_path)
    for version in ("1", "2"):
        assert main(["models", "import", str(tmp_path / "course.h5"), "--json"]) == 0
        streams = capsys.readouterr()
        said = json.loads(streams.out)
        assert said["model"] == f"course@{version}"
        assert 0 <= said["largest_difference"] < 1e-5
        assert f"layer by layer: {said['layers_checked']} layers, largest difference " in streams.err
        assert f"calame models use course@{version}" in streams.err
    made = load(home / "course" / "1")
    assert made.manifest.training["keras"] == "2.4.0"
    assert INSPECT in made.manifest.files
    assert main(["models", "show", "course", "--layers", "--lang", "fr"]) == 0
    assert "conv2d_1  11 × 11 × 8" in capsys.readouterr().out


@pytest.mark.train
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["absent.h5"], 3, "absent.h5: no such file"),
        ([__file__], 3, "not a model file"),
        (["x.h5", "--brightest", "7"], 2, "1 or 255"),
    ],
)
def test_what_cannot_be_imported_is_said_at_once(words, code, said, capsys, monkeypatch):
    monkeypatch.setattr("calame.models.backend.load_keras", lambda: pytest.fail("TensorFlow was asked for"))
    assert main(["models", "import", *words]) == code
    assert said in capsys.readouterr().err


@pytest.mark.train
def test_a_file_that_is_called_model_gets_a_better_name(tmp_path, monkeypatch):
    from calame.cli.common import name_for

    zipfile.ZipFile(FIXTURES / "2.4.zip").extract("course.h5", tmp_path)
    assert name_for(tmp_path / "course.h5") == "course"
    file = (tmp_path / "course.h5").rename(tmp_path / "model.h5")
    for inner, name in (("my_net", "my-net"), ("sequential_3", "model")):
        monkeypatch.setattr("calame.export.importer.name_of", lambda _, inner=inner: inner)
        assert name_for(file) == name
    (tmp_path / "record.json").touch()
    assert name_for(file) == re.sub("[^A-Za-z0-9]+", "-", tmp_path.name).strip("-")


@pytest.mark.train
def test_a_name_that_would_leave_the_shelf_is_refused(home, tmp_path, capsys):
    zipfile.ZipFile(FIXTURES / "2.4.zip").extract("course.h5", tmp_path)
    assert main(["models", "import", str(tmp_path / "course.h5"), "--name", "../out"]) == 2
    assert "not a plain name" in capsys.readouterr().err
    assert not home.exists()


def test_an_import_without_the_extra_says_how_to_get_it(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    monkeypatch.delitem(__import__("sys").modules, "calame.export.kerasfile", raising=False)
    assert main(["models", "import", str(tmp_path / "x.h5")]) == 4
    assert "pip install 'calame[train]'" in capsys.readouterr().err
