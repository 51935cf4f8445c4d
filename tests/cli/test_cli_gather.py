"""What the words of `calame read` name, and what is passed over, never in silence."""

import os

import pytest
from PIL import Image

from calame.cli.common import Context
from calame.cli.gather import gather, say_left_out
from calame.config import Settings
from calame.imaging.sheet import MARK


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    hidden = (".hidden", "b/._1.JPG", ".thumbnails/1.png")  # as macOS and file managers leave them
    for name in ("b/2.png", "b/1.JPG", "a.tif", "labels.csv", *hidden, "form.doc", "notes.txt", "README"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def said(pile, capsys, language="en"):
    say_left_out(pile, Context(Settings(pile, None, language, colour=False)))
    return capsys.readouterr().err


def test_a_folder_gives_its_pictures_in_order_and_the_rest_is_counted(folder, capsys):
    pile = gather(["."])
    assert pile.paths == ["a.tif", "b/1.JPG", "b/2.png"]
    assert pile.others == {"DOC": 1, "TXT": 1, "?": 1}
    assert said(pile, capsys).startswith("other files left out: 3 (")
    assert "laissés de côté" in said(pile, capsys, "fr")


def test_each_page_of_a_document_is_one_and_a_damaged_one_keeps_its_name(folder):
    paper = Image.new("1", (40, 30), 1)
    for name, count in (("b/fax.TIFF", 2), ("b/form.pdf", 3), ("one.pdf", 1), ("plain", 2)):
        kind = "TIFF" if name.endswith("FF") else "PDF"
        paper.save(folder / name, kind, save_all=True, append_images=[paper] * (count - 1))
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    assert gather(["."]).paths == [
        "a.tif", "b/1.JPG", "b/2.png", "b/fax.TIFF#page=1", "b/fax.TIFF#page=2",
        "b/form.pdf#page=1", "b/form.pdf#page=2", "b/form.pdf#page=3", "bad.pdf", "one.pdf",
    ]  # fmt: skip
    assert gather(["plain", "b/form.pdf#page=2"]).paths == ["plain#page=1", "plain#page=2", "b/form.pdf#page=2"]


def test_what_is_no_regular_file_is_not_opened_to_count(folder):
    os.mkfifo(folder / "pipe.pdf")
    assert gather(["pipe.pdf"]).paths == ["pipe.pdf"]


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
