"""`calame evaluate` on sets and models small enough to know the answer."""

import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from calame.artifact import Manifest
from calame.cli import main
from calame.cli.common import Context
from calame.cli.evaluate import Digits, card_of, find_digits, judge
from calame.cli.findings import lines
from calame.config import Settings
from calame.errors import DamagedPicture, InputError, NoSuchData
from calame.training.report.words import Words
from calame.types import DigitReading

COURSE = Path(__file__).parent.parent / "fixtures" / "keras" / "2.15.zip"
MANIFEST = Manifest(
    "tiny", "2", "course", 1234, "grey", data=({"name": "MNIST", "count": 50000, "licence": "CC BY-SA 3.0"},)
)


class ByCorner:
    """Reads the digit that is written, as a number, into the first pixel."""

    def classify(self, images):
        probabilities = np.full((len(images), 10), 0.01, np.float32)
        probabilities[np.arange(len(images)), images[:, 0, 0] % 10] = 0.91
        return probabilities

    def read_many(self, pictures):
        return [self.read(np.asarray(picture)) for picture in pictures]

    def read(self, picture):
        if picture[0, 0] == 200:
            return DigitReading(None, 0.1, rejected="no_ink", name="blank.png")
        if picture[0, 0] == 255:
            return DigitReading(None, 0.1, error=DamagedPicture(name="bad.png", problem="cut"), name="bad.png")
        probabilities = self.classify(picture[None])[0]
        return DigitReading(int(probabilities.argmax()), 0.91, probabilities, prepared=picture, name="x.png")


def corners(*values):
    images = np.zeros((len(values), 28, 28), np.uint8)
    images[:, 0, 0] = values
    return images


@pytest.fixture
def context(tmp_path):
    return Context(Settings(home=tmp_path, data=None, language="en", colour=False))


def test_arrays_go_straight_to_the_network(context, capsys):
    digits = Digits("set", np.array([1, 2, 3, 4], np.uint8), corners(1, 2, 3, 7), ready=True, disputed=(3,))
    found, bad = judge(context, ByCorner(), MANIFEST, digits, robustness=True)
    assert (found.scores.share.right, found.undisputed.right, bad) == (3, 3, False)
    assert len(found.curves) == 7
    assert "reading 4 digits" in capsys.readouterr().err


def test_pictures_are_read_and_bad_ones_named(context, capsys):
    labels = np.tile(np.array([1, 2, 3, 4], np.uint8), 40)
    digits = Digits("set", labels, np.tile(corners(1, 2, 200, 255), (40, 1, 1)), ready=False)
    found, bad = judge(context, ByCorner(), MANIFEST, digits, robustness=True)
    assert bad
    assert (found.scores.share.right, found.scores.share.count, found.offered) == (80, 80, 160)
    assert found.curves == ()
    assert capsys.readouterr().err.count("bad.png") == 40


def test_table_says_the_figures_in_both_languages(context):
    labels = np.arange(100, dtype=np.uint8) % 10
    digits = Digits("set", labels, corners(*labels[:-1], 3), ready=True, writers=labels // 5)
    found, _ = judge(context, ByCorner(), MANIFEST, digits, robustness=True)
    said = "\n".join(lines(found, "arrays", Words("en")))
    assert "tiny@2 · set · 100" in said
    assert "accuracy" in said
    assert "errors: 1 of 100" in said
    assert "picture 99" in said
    assert "Gaussian noise" in said
    assert "on 100 of the pictures, drawn at random" in said
    french = "\n".join(lines(found, "arrays", Words("fr")))
    assert "99,00\u202f%" in french
    assert "<" not in said + french


def test_table_of_refused_pictures(context, capsys):
    names = ["a.png", "sub/x.png", "b.png"]
    digits = Digits("set", np.array([1, 2, 3], np.uint8), corners(1, 5, 200), ready=False, names=names)
    found, _ = judge(context, ByCorner(), MANIFEST, digits, robustness=False)
    said = "\n".join(lines(found, "pictures", Words("en")))
    assert "refused: 1 (no ink found)" in said
    assert "2 of 3" in said
    assert "sub/x.png" in said


def test_sets_of_ones_own(tmp_path, context):
    np.savez(tmp_path / "dark.npz", images=corners(1, 2), labels=np.array([1, 2]))
    np.savez(tmp_path / "paper.npz", images=255 - corners(1, 2), labels=np.array([1, 2]))
    assert find_digits(context, str(tmp_path / "dark.npz")).ready
    assert not find_digits(context, str(tmp_path / "paper.npz")).ready
    (tmp_path / "7_a.png").write_bytes(b"")
    folder = find_digits(context, str(tmp_path))
    assert folder.pictures == [tmp_path / "7_a.png"]
    assert (folder.name, folder.names) == (tmp_path.name, ["7_a.png"])
    with pytest.raises(NoSuchData, match="elsewhere"):
        find_digits(context, str(tmp_path / "elsewhere"))
    with pytest.raises(InputError, match="not a set"):
        find_digits(context, __file__)


def test_card_says_what_the_manifest_says():
    card = card_of(MANIFEST, "pictures")
    assert (card.name, card.parameters, card.way) == ("tiny@2", 1234, "pictures")
    assert card.data == [("MNIST", 50000, "CC BY-SA 3.0")]


def test_missing_sets_and_models_have_their_exit_codes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CALAME_HOME", str(tmp_path))
    np.savez(tmp_path / "set.npz", images=corners(1), labels=np.array([1]))
    assert main(["evaluate", "--data", str(tmp_path / "nowhere")]) == 4
    assert "nowhere" in capsys.readouterr().err
    assert main(["evaluate", "--model", "nobody", "--data", str(tmp_path / "set.npz")]) == 4
    assert "nobody" in capsys.readouterr().err
    (tmp_path / "set.npz").write_bytes(b"PK")
    assert main(["evaluate", "--data", str(tmp_path / "set.npz")]) == 3


def test_a_report_that_cannot_be_written_is_said_before_the_work(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("calame.cli.evaluate.find_digits", lambda *_: pytest.fail("the work began"))
    (tmp_path / "afile").touch()
    assert main(["evaluate", "--report", str(tmp_path / "afile")]) == 4
    assert "afile cannot be written (Not a directory); choose another folder for --report" in capsys.readouterr().err


def test_help_is_in_french_too(capsys):
    assert main(["evaluate", "--help", "--lang", "fr"]) == 0
    assert "dossier d’images étiquetées" in " ".join(capsys.readouterr().out.split())


@pytest.mark.data("mnist", "qmnist")
def test_mnist_comes_with_its_writers_and_disputed_labels(data, tmp_path):
    digits = find_digits(Context(Settings(home=tmp_path, data=data, language="en", colour=False)), "mnist")
    assert (digits.pictures.shape, len(digits.writers), len(digits.disputed)) == ((10000, 28, 28), 10000, 15)
    assert digits.ready


@pytest.fixture
def course_file(tmp_path, monkeypatch):
    """A course's own file, and 20 random digits as a set."""
    monkeypatch.setenv("CALAME_HOME", str(tmp_path / "home"))
    zipfile.ZipFile(COURSE).extract("course.h5", tmp_path)
    images = np.random.default_rng(0).integers(0, 256, (20, 28, 28), np.uint8)
    images[:, [0, -1]] = images[:, :, [0, -1]] = 0
    np.savez(tmp_path / "set.npz", images=images, labels=np.arange(20) % 10)
    return tmp_path / "course.h5"


@pytest.mark.train
def test_a_course_file_is_measured_and_leaves_no_model_behind(course_file, tmp_path, capsys):
    words = ["evaluate", "--model", str(course_file), "--data", str(tmp_path / "set.npz"), "--no-robustness"]
    assert main([*words, "--json", "--report", str(tmp_path / "out"), "--lang", "fr"]) == 0
    streams = capsys.readouterr()
    found = json.loads(streams.out)
    assert (found["model"], found["data"], found["way"], found["count"]) == ("course@0", "set.npz", "arrays", 20)
    assert found["robustness"] == []
    assert "rapport : " in streams.err
    assert "course@0 · set.npz" in (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out/evaluation.json").read_text(encoding="utf-8"))["right"] == found["right"]
    assert not (tmp_path / "home").exists()


@pytest.mark.train
def test_the_table_goes_to_stdout_and_the_rest_to_stderr(course_file, tmp_path, capsys):
    assert main(["evaluate", "--model", str(course_file), "--data", str(tmp_path / "set.npz"), "--no-robustness"]) == 0
    streams = capsys.readouterr()
    assert streams.out.startswith("course@0 · set.npz · 20")
    assert "reading 20 digits" in streams.err


def test_a_course_file_without_the_extra_names_it(tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "h5py", None)
    monkeypatch.delitem(sys.modules, "calame.export.kerasfile", raising=False)
    np.savez(tmp_path / "set.npz", images=corners(1), labels=np.array([1]))
    assert main(["evaluate", "--model", str(tmp_path / "x.h5"), "--data", str(tmp_path / "set.npz")]) == 4
    assert "pip install 'calame[train]'" in capsys.readouterr().err
