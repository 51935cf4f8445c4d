"""Folders of labelled numbers, as people have them."""

import pytest

from calame.data.numbers import load_numbers
from calame.errors import InputError, NoSuchData


def test_a_table_of_paths_and_numbers(tmp_path):
    (tmp_path / "labels.csv").write_text("path,text\na.png,004217\n b.png,12 345-6\n", encoding="utf-8")
    paths, texts = load_numbers(tmp_path)
    assert [path.name for path in paths] == ["a.png", " b.png"]
    assert texts == ["004217", "123456"]


def test_a_table_of_a_spreadsheet_without_headings(tmp_path):
    (tmp_path / "labels.csv").write_bytes("\ufeffa.png;0042\r\n\r\nb.png;7\r\n".encode())
    assert load_numbers(tmp_path)[1] == ["0042", "7"]


def test_names_that_say_what_the_picture_shows(tmp_path):
    for name in ("0042_first.jpg", "17.PNG", "notes.txt", "front.png"):
        (tmp_path / name).touch()
    paths, texts = load_numbers(tmp_path)
    assert [path.name for path in paths] == ["0042_first.jpg", "17.PNG"]
    assert texts == ["0042", "17"]


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(NoSuchData):
        load_numbers(tmp_path / "none")
    with pytest.raises(InputError, match=r"no labelled numbers; put a labels\.csv"):
        load_numbers(tmp_path)
    (tmp_path / "labels.csv").write_text("path,text\na.png,12a\n")
    with pytest.raises(InputError, match="line 2 is not a path and a number"):
        load_numbers(tmp_path)
    (tmp_path / "labels.csv").write_bytes(b"a.png,1\xff\n")
    with pytest.raises(InputError, match="not a text in UTF-8"):
        load_numbers(tmp_path)
