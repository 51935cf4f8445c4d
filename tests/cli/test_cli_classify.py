"""`calame classify`: every picture gets its answer, and missing weights a command."""

import json

import pytest
from PIL import Image

import smallnet
from calame.cli import main
from calame.images.names import french


@pytest.fixture(autouse=True)
def furnished(desk, monkeypatch):
    monkeypatch.delenv("CALAME_DATA", raising=False)
    (desk / "photos").mkdir()
    for number in range(3):
        Image.fromarray(smallnet.photo(number)).save(desk / "photos" / f"{number}.png")
    smallnet.folder(desk / "home" / "models" / "mobilenetv2" / "1", name="mobilenetv2")


def test_a_line_for_a_person_and_an_object_for_a_program(desk, capsys):
    assert main(["classify", "photos"]) == 0
    said = capsys.readouterr()
    assert [line.split()[0] for line in said.out.splitlines()] == ["photos/0.png", "photos/1.png", "photos/2.png"]
    assert "%" in said.out
    assert "_" not in said.out
    assert said.err.strip() == "3 classified, 0 refused, 0 failed"
    assert main(["classify", "--json", "--top", "2", "photos/0.png"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["path"] == "photos/0.png"
    assert [set(one) for one in answer["predictions"]] == [{"label", "name", "probability"}] * 2
    assert (answer["rejected"], answer["error"]) == (None, None)


def test_classes_are_named_in_french_and_labels_stay(desk, capsys):
    smallnet.folder(desk / "home" / "models" / "thousand" / "1", name="thousand", classes=tuple(french()))
    assert main(["classify", "--lang", "fr", "--json", "--model", "thousand", "photos/0.png"]) == 0
    best, *others = json.loads(capsys.readouterr().out)["predictions"]
    assert all(one["name"] == french()[one["label"]] for one in (best, *others))
    assert main(["classify", "--lang", "fr", "--model", "thousand", "photos/0.png"]) == 0
    assert best["name"] in capsys.readouterr().out
    assert main(["classify", "--lang", "fr", "--json", "--top", "9", "photos/0.png"]) == 0
    assert '"name": "crane"' in capsys.readouterr().out  # one's own class


def test_a_bad_one_is_named_and_stops_no_other(desk, capsys):
    (desk / "photos" / "1.png").write_bytes(b"not at all")
    assert main(["classify", "--json", "photos", "nowhere.jpg"]) == 3
    said = capsys.readouterr()
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert [bool(answer["error"]) for answer in answers] == [False, True, False, True]
    assert answers[1]["predictions"] == []
    assert "2 classified, 0 refused, 2 failed" in said.err


def test_each_page_of_a_document_is_classified(desk, capsys):
    pages = [Image.fromarray(smallnet.photo(number)) for number in range(2)]
    pages[0].save(desk / "album.pdf", save_all=True, append_images=pages[1:])
    assert main(["classify", "album.pdf"]) == 0
    names = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert names == ["album.pdf#page=1", "album.pdf#page=2"]


def test_missing_weights_that_cannot_be_fetched_say_what_to_do(desk, monkeypatch, capsys):
    from calame.data import fetch as fetching
    from calame.errors import DownloadFailed

    def fetch(name, destination, *, progress):
        raise DownloadFailed(name=name, folder=destination / name, problem="no connection")

    monkeypatch.setattr(fetching, "fetch", fetch)
    monkeypatch.setenv("CALAME_HOME", str(desk / "another"))
    assert main(["classify", "photos"]) == 4
    assert "by hand" in capsys.readouterr().err


@pytest.mark.parametrize(("word", "said"), [("nofile.jpg", "no such file"), ("empty", "no pictures in this folder")])
def test_nothing_is_fetched_for_pictures_that_are_not_there(word, said, desk, monkeypatch, capsys):
    def fetch(*_, **__):
        raise AssertionError("the network is asked")

    monkeypatch.setattr("calame.data.fetch.fetch", fetch)
    monkeypatch.setenv("CALAME_HOME", str(desk / "another"))
    (desk / "empty").mkdir()
    assert main(["classify", word]) == 3
    assert f"calame: {word}: {said}" in capsys.readouterr().err


@pytest.mark.parametrize(("words", "code", "said"), [
    ([], 2, "nothing to classify"), (["--model", "digits", "photos"], 2, "digits"),
    (["--top", "0", "photos"], 2, "top"), (["--model", "flowers", "photos"], 4, "flowers"),
    (["photos/none*.png"], 3, "nothing matches"),
])  # fmt: skip
def test_calls_that_make_no_sense(words, code, said, capsys):
    assert main(["classify", *words]) == code
    assert said in capsys.readouterr().err
