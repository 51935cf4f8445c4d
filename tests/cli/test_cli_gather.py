"""What the words of `calame read` name, and what is passed over, never in silence."""

import pytest

from calame.cli.common import Context
from calame.cli.gather import gather, say_left_out
from calame.config import Settings
from calame.imaging.sheet import MARK


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("b/2.png", "b/1.JPG", "a.tif", "labels.csv", ".hidden", "form.pdf", "notes.txt", "README"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def said(pile, capsys, language="en"):
    say_left_out(pile, Context(Settings(pile, None, language, colour=False)))
    return capsys.readouterr().err


def test_a_folder_gives_its_pictures_in_order_and_the_rest_is_counted(folder, capsys):
    pile = gather(["."])
    assert pile.paths == ["a.tif", "b/1.JPG", "b/2.png"]
    assert pile.others == {"PDF": 1, "TXT": 1, "?": 1}
    assert said(pile, capsys).startswith("other files left out: 3 (")
    assert "; to read a PDF, save its pages as PNG\n" in said(pile, capsys)
    assert "enregistrez ses pages en PNG" in said(pile, capsys, "fr")


def test_folders_of_a_trace_are_passed_over_unless_they_are_named(folder, capsys):
    (folder / "b" / MARK).touch()
    pile = gather(["."])
    assert (pile.paths, pile.traces) == (["a.tif"], ["b"])
    assert "folders of --trace left out: 1 (the first: b)" in said(pile, capsys)
    assert gather(["b"]).paths == ["b/1.JPG", "b/2.png"]


def test_words_that_name_nothing_have_their_error(folder):
    (folder / "empty").mkdir()
    pile = gather(["empty", "x*.png", "b/*.png", "missing.png", "-"])
    assert pile.paths == ["b/2.png", "missing.png", "-"]
    assert [str(error).partition(" (")[0] for error in pile.errors] == [
        "empty: no pictures in this folder",
        "x*.png: nothing matches this pattern",
    ]


def test_a_folder_with_the_name_of_a_picture_is_looked_into(folder):
    (folder / "c.png").mkdir()
    (folder / "c.png" / "3.png").touch()
    assert gather(["c.png"]).paths == gather(["*.png/*"]).paths == ["c.png/3.png"]
