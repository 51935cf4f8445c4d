"""`calame read`: every picture gets its answer, whatever lies beside it."""

import io
import json
import os
import sys

import cv2
import numpy as np
import pytest
from PIL import Image

from calame import errors
from calame.cli import main
from calame.cli.common import Context
from calame.cli.read import as_json, line, picture
from calame.config import Settings
from calame.types import DigitReading, Quality


def draw(path, side=60):
    pixels = np.full((side, side), 240, np.uint8)
    cv2.line(pixels, (side // 2, side // 5), (side // 2, side * 4 // 5), 20, max(2, side // 12))
    Image.fromarray(pixels).save(path)


def test_a_line_for_a_person_and_an_object_for_a_program(desk, capsys):
    draw(desk / "one.png", 200)
    assert main(["read", "one.png"]) == 0
    path, digit, sure = capsys.readouterr().out.split()
    assert (path, digit, sure[-1]) == ("one.png", "1", "%")
    assert main(["read", "--json", "one.png"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["digit"] == 1
    assert len(answer["probabilities"]) == 10
    assert answer["quality"]["level"] in {"excellent", "good"}
    assert (answer["quality"]["advice"], answer["quality"]["words"]) == ([], None)  # as in the API
    assert answer["top"][0] == [1, answer["confidence"]]
    assert {"path", "rejected"} <= answer.keys()


def test_a_thousand_files_and_one_bad_one_give_999_answers_and_one_error(desk, capsys):
    folder = desk / "scans"
    folder.mkdir()
    draw(folder / "0000.png")
    content = (folder / "0000.png").read_bytes()
    for number in range(1, 1000):
        (folder / f"{number:04d}.png").write_bytes(content if number != 500 else content[:40])
    assert main(["read", "scans", "--json"]) == 3
    said = capsys.readouterr()
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert len(answers) == 1000
    assert [index for index, answer in enumerate(answers) if answer["error"]] == [500]
    complaints = [line for line in said.err.splitlines() if line.startswith("calame:")]
    assert len(complaints) == 1
    assert "0500.png" in complaints[0]
    assert "999 read, 0 refused, 1 failed" in said.err


def test_a_folder_of_hostile_files_is_named_one_by_one(desk, capsys):
    folder = desk / "hostile"
    folder.mkdir()
    draw(folder / "good.png")
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    (folder / "bomb.png").write_bytes(bomb.getvalue())
    (folder / "zip.png").write_bytes(b"PK\x03\x04" + bytes(40))
    (folder / "text.jpg").write_text("<html>not a picture</html>")
    (folder / "empty.gif").touch()
    (folder / "folder.png").mkdir()
    Image.new("RGB", (1, 1), "white").save(folder / "dot.bmp")
    Image.new("L", (1, 20_000), 255).save(folder / "thread.png")
    assert main(["read", "hostile", "--json"]) == 3
    answers = {
        json.loads(line)["path"].split("/")[-1]: json.loads(line) for line in capsys.readouterr().out.splitlines()
    }
    assert answers["bomb.png"]["probabilities"] is answers["dot.bmp"]["probabilities"] is None
    assert answers["bomb.png"]["top"] == answers["dot.bmp"]["top"] == []
    codes = {name: (answer["error"] or {}).get("code") for name, answer in answers.items()}
    assert codes["bomb.png"] == "picture_too_large"
    assert codes["zip.png"] == codes["text.jpg"] == "foreign_picture"
    assert codes["empty.gif"] == "empty_picture"
    assert answers["good.png"]["digit"] == 1
    assert answers["dot.bmp"]["rejected"] == answers["thread.png"]["rejected"] == "blank"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no file has such a name")
@pytest.mark.parametrize("more", [[], ["--code"]])
def test_a_files_name_drives_no_terminal_and_is_whole_for_a_program(more, desk, monkeypatch, capsys):
    names = ["a\n\x1b[31m.png", os.fsdecode(b"b\xff.png")]
    for name in names:
        draw(desk / name, 200)
    (desk / "c\x1b.png").write_text("no picture")
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), "utf-8"))  # strict, as at most desks
    assert main(["read", *more, "."]) == 3
    sys.stdout.seek(0)
    told = [line.split()[0] for line in sys.stdout]
    assert told == [r"a\n\x1b[31m.png", r"b\udcff.png"]
    assert r"calame: c\x1b.png" in capsys.readouterr().err
    sys.stdout = io.TextIOWrapper(io.BytesIO(), "utf-8")
    assert main(["read", "--json", *more, "."]) == 3
    sys.stdout.seek(0)
    assert [json.loads(line)["path"] for line in sys.stdout] == [*names, "c\x1b.png"]


def test_patterns_stdin_and_nothing(desk, monkeypatch, capsys):
    draw(desk / "a1.png")
    draw(desk / "a2.png")
    assert main(["read", "a*.png", "--json"]) == 0
    assert [json.loads(line)["path"] for line in capsys.readouterr().out.splitlines()] == ["a1.png", "a2.png"]
    content = io.BytesIO((desk / "a1.png").read_bytes())
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": content}))
    assert main(["read", "-", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["digit"] == 1
    assert main(["read", "b*.png"]) == 3
    assert "calame: b*.png: nothing matches" in capsys.readouterr().err
    assert main(["read"]) == 2
    assert "--samples" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("language", "confidence", "level", "said"),
    [
        ("en", 0.95, "good", "a.png  9    95.0%"),
        ("en", 0.95, "fair", "a.png  9    95.0%  picture: fair"),
        ("en", 0.6, "poor", "a.png  9    60.0%  check it: 9, or 4, or 7?  picture: poor"),
        ("fr", 0.6, "good", "a.png  9   60,0\u202f%  à vérifier : 9, ou 4, ou 7 ?"),
    ],
)
def test_a_line_says_what_speaks_against_it_and_nothing_else(language, confidence, level, said, tmp_path):
    probabilities = np.full(10, 0.0, np.float32)
    probabilities[[9, 4, 7, 1]] = confidence, (1 - confidence) * 0.6, (1 - confidence) * 0.38, (1 - confidence) * 0.02
    quality = Quality(0.5, level, 1, 1, 1, 1)
    reading = DigitReading(9, confidence, probabilities, quality=quality, prepared=np.zeros((28, 28), np.uint8))
    context = Context(Settings(tmp_path, None, language, colour=False))
    assert line("a.png", reading, context, 5) == said
    assert len(as_json("a.png", reading, context)["top"]) == 3


def test_what_names_nothing_among_good_ones_is_counted_and_named(desk, capsys):
    draw(desk / "one.png")
    (desk / "empty").mkdir()
    assert main(["read", "one.png", "empty", "no*.png", "--json"]) == 3
    said = capsys.readouterr()
    assert [json.loads(answer)["path"] for answer in said.out.splitlines()] == ["empty", "no*.png", "one.png"]
    assert "calame: empty: no pictures" in said.err
    assert "calame: no*.png: nothing matches" in said.err
    assert "1 read, 0 refused, 2 failed" in said.err


def test_a_refusal_says_why_in_the_readers_language(desk, capsys):
    Image.new("L", (60, 60), 255).save(desk / "blank.png")
    assert main(["read", "blank.png", "--lang", "fr"]) == 0
    assert capsys.readouterr().out.split("–")[1].strip() == "l’image est vide"


def test_a_row_of_digits_is_told_where_numbers_are_read(desk, capsys):
    page = np.full((80, 240), 255, np.uint8)
    for left in (20, 90, 160):
        page[10:70, left : left + 8] = 0
    Image.fromarray(page).save(desk / "row.png")
    assert main(["read", "row.png", "row.png"]) == 0
    said = capsys.readouterr()
    assert "several digits" in said.out
    assert "guess" not in said.out  # of one digit, where several are
    assert said.err.count("calame read --code") == 1


def test_the_trace_shows_every_step_of_every_picture(desk, capsys):
    for name in ("left", "right"):
        (desk / name).mkdir()
        draw(desk / name / "one.png")
    assert main(["read", "left", "right", "--trace", "steps"]) == 0
    assert {path.name for path in (desk / "steps").iterdir()} == {"one", "one-2"}
    assert (desk / "steps" / "one" / "01-decode.png").is_file()
    assert capsys.readouterr().err.splitlines()[0] == "steps: steps/NAME/steps.png"
    assert main(["read", "left", "--trace", "more"]) == 0
    assert capsys.readouterr().err == "steps: more/one/steps.png\n"
    assert main(["read", ".", "--json"]) == 0
    said = capsys.readouterr()
    assert [json.loads(answer)["path"] for answer in said.out.splitlines()] == ["left/one.png", "right/one.png"]
    assert "folders of --trace left out: 3" in said.err


def test_a_trace_that_cannot_be_written_is_said_before_the_work_and_stops_no_answer(desk, capsys):
    draw(desk / "one.png")
    (desk / "afile").touch()
    assert main(["read", "one.png", "--trace", "afile"]) == 4
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "choose another folder for --trace" in said.err


def test_a_trace_that_fails_later_is_named_and_the_others_are_written(desk, monkeypatch, capsys):
    from calame.imaging import sheet

    def write(trace, folder, name):
        if name == "a":
            raise errors.CannotWrite(path=folder / name, problem="no space left")
        return original(trace, folder, name)

    original = sheet.write_trace
    monkeypatch.setattr(sheet, "write_trace", write)
    for name in ("a.png", "b.png"):
        draw(desk / name)
    assert main(["read", "a.png", "b.png", "--trace", "steps"]) == 4
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 2
    assert "calame: steps/a cannot be written (no space left); choose another folder for --trace" in said.err
    assert "steps: steps/b/steps.png" in said.err


def test_the_picture_in_the_terminal_is_the_digit():
    prepared = np.zeros((28, 28), np.uint8)
    prepared[6:8, 10:12] = 255
    prepared[8, 10] = 255
    assert picture(prepared) == ["            ██", "            ▀"]


def test_an_error_that_cannot_be_helped_is_not_swallowed(desk, monkeypatch):
    def fail(*_, **__):
        raise errors.ParityError(name="x", batch=1, difference=1, tolerance=0)

    monkeypatch.setattr("calame.reader.digit.run", fail)
    draw(desk / "one.png")
    assert main(["read", "one.png"]) == 5


def test_the_samples_are_shown_with_their_names(capsys):
    assert main(["read", "--samples"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("beige-nine.jpg  ")  # the line, then what the network saw
    assert "\nphone-seven.jpg" in said
    assert "█" in said


@pytest.mark.parametrize(
    ("called", "said"),
    [(".venv/bin/calame", ".venv/bin/calame"), ("/usr/bin/calame", "calame"), ("x/__main__.py", "calame")],
)
def test_the_samples_end_with_how_to_read_ones_own(called, said, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [called])
    assert main(["read", "--samples"]) == 0
    assert capsys.readouterr().err.splitlines()[-1].endswith(f"{said} read YOUR.jpg")
