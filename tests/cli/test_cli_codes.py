"""`calame read --code`: every number gets its row, doubtful ones go to a person, and a stop loses nothing."""

import csv
import io
import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from hashlib import sha256

import cv2
import numpy as np
import openpyxl
import pytest
from PIL import Image

from calame.cli import main, pile
from calame.cli.code_report import page
from calame.cli.code_teller import Teller, line
from calame.cli.codes import CodeSettings, CodeWishes, about, reader_of
from calame.cli.common import Context
from calame.cli.read import Wishes, watched
from calame.config import Settings
from calame.errors import MissingModel
from calame.reader.budget import Calibration, Curve, Look, Steady
from calame.reader.code import CodeReader
from calame.service.code_sheet import RESUMED, STAMPED, CodeRow, as_csv, csv_head, csv_row, csv_rows, row_of, with_field
from calame.shelf import Shelf
from calame.training.report.words import Words
from calame.types import CodeReading, Separator

PLAIN = f"model={Shelf(None).find('digits').manifest}"  # how rows are read when nothing is asked for


def ones(path, count=3):
    Image.fromarray(written(count)).save(path)


def written(count):
    """Strokes side by side, as a hand writes ones."""
    pixels = np.full((80, 60 + 60 * count), 240, np.uint8)
    for place in range(count):
        cv2.line(pixels, (60 + 60 * place, 16), (58 + 60 * place, 64), 20, 7)
    return pixels


@pytest.fixture
def scans(desk):
    """Thirty pictures, one of which is none, and one of which is blank."""
    folder = desk / "scans"
    folder.mkdir()
    ones(folder / "00.png")
    for number in range(1, 30):
        (folder / f"{number:02d}.png").write_bytes((folder / "00.png").read_bytes())
    (folder / "07.png").write_text("no picture")
    Image.new("L", (60, 60), 255).save(folder / "08.png")
    return folder


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("lang", "kind", "told"), [
    ("en", "any", "(of any kind)"), ("fr", "any", "(de tout genre)"), ("fr", "cells", "(cases, une par chiffre)"),
])  # fmt: skip
def test_what_a_limit_was_measured_on_is_told_in_words(desk, capsys, lang, kind, told):
    ones(desk / "a.png")
    main(["read", "--code", "a.png", "--max-wrong", "1/20", "--kind", kind, "--lang", lang])
    assert told in capsys.readouterr().err


def test_a_line_for_a_person_and_an_object_for_a_program(desk, capsys):
    ones(desk / "a.png")
    assert main(["read", "--code", "a.png"]) == 0
    assert capsys.readouterr().out.split()[:2] == ["a.png", "111"]
    assert main(["read", "--code", "--json", "a.png"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["text"], answer["state"], answer["error"], answer["rejected"]) == ("111", "accepted", None, None)
    assert [len(digit["box"]) for digit in answer["digits"]] == [4, 4, 4]


def test_each_page_of_a_document_gets_its_row_and_a_second_call_goes_on(desk, capsys):
    for name in ("scan.pdf", "fax.tif"):
        pages = [Image.fromarray(written(count)) for count in (3, 4)]
        pages[0].save(desk / name, save_all=True, append_images=pages[1:])
    (desk / "bad.pdf").write_bytes(b"%PDF-1.7 and no more")
    words = ["read", "--code", "bad.pdf", "scan.pdf", "--out", "codes.csv", "--trace", "steps"]
    assert main(words) == 3
    assert "bad.pdf: damaged picture" in capsys.readouterr().err
    assert main([*words, "fax.tif", "--report", "look.html"]) == 3
    assert "going on: 2 of 5 are in codes.csv" in capsys.readouterr().err
    assert [(row["File"], row["Code"]) for row in table("codes.csv")] == [
        ("scan.pdf#page=1", "111"), ("scan.pdf#page=2", "1111"), ("bad.pdf", ""),
        ("fax.tif#page=1", "111"), ("fax.tif#page=2", "1111"),
    ]  # fmt: skip
    assert {path.name for path in (desk / "steps").iterdir()} == {"scan-p1", "scan-p2", "fax-p1", "fax-p2"}
    assert main(["read", "--code", "scan.pdf#page=2", "scan.pdf#page=9"]) == 3
    said = capsys.readouterr()
    assert said.out.split()[:2] == ["scan.pdf#page=2", "1111"]
    assert "page 9 is asked for, and there are 2" in said.err


@pytest.mark.parametrize(("doubt", "share"), [("likely", 0.2), (None, 0.2)])
def test_a_line_asks_for_a_look_where_the_total_says_so(doubt, share, tmp_path, capsys):
    context = Context(Settings(tmp_path, None, "en", colour=False))
    teller = Teller(context, Wishes(False, False, None), CodeWishes(), width=5)
    for text in ("9081", "12"):
        teller.tell("a.png", [CodeReading(text, 0.7, doubt=doubt, guess=text, alternatives=(("9031", share),))])
    teller.end(complete=True)
    said = capsys.readouterr()
    assert ("9031" in said.out, "2 to check" in said.err) == ((True, True) if doubt else (False, False))
    assert len({line.index("70.0%") for line in said.out.splitlines()}) == 1  # one column, however long the codes
    assert ("9081" in page(teller.rows, Words("en"))) == bool(doubt)  # the report shows what is to check


@pytest.mark.parametrize("doubt", ["lines", "several"])
def test_what_may_be_several_numbers_is_no_code_yet(doubt):
    row = row_of("a.png", CodeReading("705", 0.99, doubt=doubt, guess="705", separators=(Separator(".", 1),)))
    assert (row.text, row.guess, row.state, row.written, row.says) == ("", "705", "check", "7.05", True)
    assert row_of("a.png", CodeReading("705", 0.8, doubt="likely", guess="705")).text == "705"


def test_a_folder_goes_to_a_table_in_order_and_one_bad_file_stops_nothing(scans, capsys):
    assert main(["read", "--code", "scans", "--out", "codes.csv", "--check", "length(3)"]) == 3
    said = capsys.readouterr()
    assert (said.out, said.err.count("07.png")) == ("", 1)
    assert "28 accepted, 0 to check, 1 refused, 1 failed" in said.err
    rows = table("codes.csv")
    assert [row["File"] for row in rows] == [f"scans/{number:02d}.png" for number in range(30)]
    assert rows[0]["Code"] == "111"
    assert [row["State"] for row in rows[6:9]] == ["accepted", "failed", "refused"]
    assert rows[7]["Reason"].startswith("not a picture")  # which file has a column of its own


def test_what_a_check_would_have_otherwise_is_for_a_person(desk, capsys):
    ones(desk / "a.png")
    assert main(["read", "--code", "a.png", "--out", "a.csv", "--check", "length(9)", "--report", "look.html"]) == 0
    (row,) = table("a.csv")
    assert (row["Code"], row["State"], row["Best guess"], row["Failed checks"]) == ("", "check it", "111", "length(9)")
    page = (desk / "look.html").read_text(encoding="utf-8")
    assert page.count("<img") == 1
    assert "data:image/png;base64," in page
    assert "to check: look.html" in capsys.readouterr().err


def test_a_workbook_keeps_zeros_as_text_and_shows_what_is_doubtful(desk):
    ones(desk / "a.png")
    (desk / "=b.png").touch()
    assert main(["read", "--code", "a.png", "=b.png", "--out", "a.xlsx", "--check", "length(9)"]) == 3
    sheet = openpyxl.load_workbook("a.xlsx").active
    rows = list(sheet.iter_rows(min_row=2))
    assert [(cell.value, cell.data_type) for cell in (rows[0][6], rows[1][1])] == [("111", "s"), ("=b.png", "s")]
    assert rows[0][6].number_format == "@"
    assert [row[-2].value for row in rows] == [f"{PLAIN} check=length(9)"] * 2
    assert len(sheet._images) == 1
    assert not (desk / "a.xlsx.part").exists()
    assert main(["read", "--code", "a.png", "--out", "a.xlsx"]) == 2


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_second_call_goes_on_where_the_first_was_torn(scans, language, capsys):
    assert main(["read", "--code", "scans", "--out", "codes.csv", "--lang", language]) == 3
    whole = (scans.parent / "codes.csv").read_bytes()
    (scans.parent / "codes.csv").write_bytes(whole[: len(whole) // 2])
    capsys.readouterr()
    main(["read", "--code", "scans", "--out", "codes.csv"])
    said = capsys.readouterr().err
    assert "going on: 1" in said
    assert "28 accepted, 0 to check, 1 refused, 1 failed" in said  # of both calls
    rows, spoken, _ = csv_rows((scans.parent / "codes.csv").read_text(encoding="utf-8"))
    assert spoken == language
    assert sorted(row.file for row in rows) == [f"scans/{number:02d}.png" for number in range(30)]
    assert main(["read", "--code", "scans", "--out", "codes.csv"]) == 3  # one of them failed, and fails again
    assert "going on: 29 of 30 are in codes.csv already" in capsys.readouterr().err


@pytest.fixture
def heeds_ctrl_c():
    """Ctrl-C reaches the programs started here, even where tests run in the background, which has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("out", ["codes.csv", "codes.xlsx"])
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT])
def test_a_kill_and_ctrl_c_leave_what_is_done(scans, out, sign, heeds_ctrl_c):
    journal = scans.parent / (out if out.endswith("csv") else f"{out}.part")
    content = (scans / "00.png").read_bytes()
    for number in range(100, 400):
        (scans / f"{number}.png").write_bytes(content)
    command = [sys.executable, "-m", "calame", "read", "--code", "scans", "--out", out]
    with subprocess.Popen(command, stderr=subprocess.PIPE, process_group=0) as process:
        while not (journal.exists() and journal.read_bytes().count(b"\r\n") > 3):
            assert process.poll() is None
            time.sleep(0.01)
        os.killpg(process.pid, sign) if sign is signal.SIGINT else process.kill()
        said = process.stderr.read().decode()  # ends when the last process that may write there is gone
    assert sign is signal.SIGKILL or (process.returncode == 130 and "goes on from there" in said)
    assert "Traceback" not in said
    if sign is signal.SIGINT:
        assert (scans.parent / out).exists()
    done = journal.read_bytes().decode()
    rows, *_ = csv_rows(done[: done.rfind("\r\n") + 2])
    assert [row.file for row in rows] == sorted(row.file for row in rows)
    assert 3 <= len(rows) < 330


@pytest.mark.parametrize(
    ("out", "content"), [("codes.txt", None), ("codes.csv", b"a,b\r\n1,2\r\n"), ("codes.csv", b"\xff\xfe")]
)
def test_a_table_of_others_is_left_alone(desk, out, content):
    ones(desk / "a.png")
    if content is not None:
        (desk / out).write_bytes(content)
    assert main(["read", "--code", "a.png", "--out", out]) == 2
    assert content is None or (desk / out).read_bytes() == content


@pytest.mark.parametrize("out", ["codes.csv", "codes.xlsx"])
@pytest.mark.parametrize(
    ("others", "told"),
    [
        (["--check", "siren"], "was read without check=siren, which is asked for now"),
        (["--max-wrong", "1/50"], "without max-wrong=1/50, which"), (["--kind", "any"], "without kind=any, which"),
        (["--model", "other"], "was read with model=digits@1, and now model=other@1 is asked for"),
        (["--several"], "without several, which"), (["--calibration", "own.json"], "without calibration=own.json:"),
        (["--region", "0,0,50,100"], "without region=0,0,50,100, which"),
    ],
)  # fmt: skip
def test_rows_read_otherwise_are_not_gone_on_with(scans, out, others, told, capsys):
    """Whoever adds a check believes that every row was checked."""
    place = scans.parent
    shutil.copytree(Shelf(None).find("digits").path, place / "home" / "models" / "other" / "9")
    manifest = place / "home" / "models" / "other" / "9" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"name": "digits"', '"name": "other"'))
    own = Calibration("own", CodeReader().readers, Steady(1.0, 0.0), {"any": Curve("any", 1, 1, (Look(0.5, 1, 0),))})
    own.save(place / "own.json")
    words = ["read", "--code", "scans", "--out", out]
    half = csv_head("en", RESUMED) + csv_row(CodeRow("scans/00.png", settings=PLAIN), "en", RESUMED)
    journal = place / (out if out.endswith("csv") else f"{out}.part")
    journal.write_bytes(torn := half.encode() + b'"scans/01')
    assert main([*words, *others]) == 2
    said = capsys.readouterr().err
    assert told in said
    assert "another name to --out" in said
    assert journal.read_bytes() == torn
    assert main([*words, "--lang", "en"]) == 3
    assert "going on: 1" in capsys.readouterr().err


def test_each_row_says_how_it_was_read_and_the_same_wishes_go_on(scans, capsys):
    (scans.parent / "=list.csv").write_text("111\n")
    words = ["read", "--code", "scans", "--out", "codes.csv", "--max-wrong", "1/50", "--several"]
    words += ["--region", "0, 0, 100, 50.50"]
    main([*words, "--check", "oneof(=list.csv)", "--check", "length(3)"])
    told = {row["Read with"] for row in table("codes.csv")}
    assert len(told) == 1
    stamp = sha256(b"111\n").hexdigest()[:8]
    assert told == {
        f"{PLAIN} check=length(3) check=oneof(=list.csv:{stamp}) max-wrong=1/50 region=0,0,100,50.5 several"
    }
    capsys.readouterr()
    (scans / "07.png").unlink()  # which fails, and would be tried again
    main([*words, "--check", " Length(3)", "--check", f"oneof({scans.parent / '=list.csv'})", "--max-wrong", "2 %"])
    assert "all 29 are in codes.csv already" in capsys.readouterr().err
    (scans.parent / "=list.csv").write_text("222\n")
    assert main([*words, "--check", "oneof(=list.csv)", "--check", "length(3)", "--lang", "fr"]) == 2
    assert "a été lu avec check=oneof(=list.csv:" in capsys.readouterr().err


def test_a_list_of_codes_written_out_at_length_is_no_file(desk):
    ones(desk / "a.png")
    listed = f"oneof({', '.join(map(str, range(100, 900)))})"
    assert main(["read", "--code", "a.png", "--out", "a.csv", "--check", listed]) == 0
    assert table("a.csv")[0]["Read with"] == f"{PLAIN} check={listed}"


def test_a_table_that_does_not_say_how_it_was_read_goes_on_with_the_usual_alone(scans, capsys):
    (scans.parent / "codes.csv").write_bytes(as_csv([CodeRow("scans/00.png", "0042", 1.0, "accepted")]))
    words = ["read", "--code", "scans", "--out", "codes.csv"]
    assert main([*words, "--check", "siren"]) == 2
    assert "does not say how it was read, and now model=" in capsys.readouterr().err
    assert main(words) == 3
    rows = table("codes.csv")
    assert [len(row) for row in rows] == [10] * 30
    assert rows[0]["Code"] == "0042"


def test_a_table_that_a_former_version_had_hardly_begun_is_begun_anew(desk):
    ones(desk / "a.png")
    (desk / "a.csv").write_bytes(b'"File","Co')  # without the mark of UTF-8
    assert main(["read", "--code", "a.png", "--out", "a.csv"]) == 0
    assert (desk / "a.csv").read_bytes().startswith(b'\xef\xbb\xbf"File"')
    assert len(table("a.csv")) == 1


def test_the_rows_of_a_table_come_back_as_they_were():
    rows = [
        CodeRow("=1.png", "007", 0.5),
        CodeRow("b\n.png", "", 0.25, "check", "-x", "1", "2 (1%)", "luhn", "…", "1 2 3 4"),
    ]
    today = [replace(row, settings="s", written="1,2") for row in rows]
    for language in ("en", "fr"):
        assert csv_rows(as_csv(rows, language).decode()).rows == rows
        assert csv_rows(as_csv(today, language, columns=RESUMED).decode()).rows == today
        former = csv_rows(as_csv(today, language, columns=STAMPED).decode())
        assert (former.rows, former.columns) == ([replace(row, written="") for row in today], STAMPED)
        fields, wide = [replace(row, field="=client") for row in today], with_field(RESUMED)
        assert csv_rows(as_csv(fields, language, wide).decode()) == (fields, language, wide)
    assert rows[1].box == (1, 2, 3, 4)
    assert rows[0].box is None


def test_what_nobody_expected_is_an_error_of_one_picture(desk, monkeypatch, capsys):
    class Broken:
        def read(self, source, **_):
            raise ZeroDivisionError

    (reading,) = pile.answer(Broken(), pile.How(), "a.png")
    assert "ZeroDivisionError" in reading.error.message()
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("many", [1, 1000])
def test_answers_of_other_processes_come_in_order_however_they_are_handed_over(many, desk, monkeypatch):
    monkeypatch.setattr(pile, "MANY", many)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    paths = [f"{number}.png" for number in range(3 * pile.FEW + 1)]
    make = partial(reader_of, desk, None, CodeSettings())
    with pile.Crew(make, pile.How()) as crew:
        crew.start(len(paths))
        crew.start(len(paths))  # they are there
        read = list(crew.read(make(), paths, len(paths)))
    assert [str(reading.error.values["name"]) for (reading,) in read] == paths


def test_a_reader_that_other_processes_cannot_make_is_told(desk, monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    paths = ["a.png"] * 2 * pile.FEW
    make = partial(reader_of, desk, "nobody@1", CodeSettings())
    with pile.Crew(make, pile.How()) as crew, pytest.raises(MissingModel, match="nobody"):
        list(crew.read(CodeReader(), paths, len(paths)))


def test_a_wrong_call_is_told_alone_while_others_get_ready(scans, capfd):
    for number in range(100, 130):
        ones(scans / f"{number}.png")
    assert about(["scans", "a.png", "-"]) == 62
    assert main(["read", "--code", "scans", "--out", "codes.csv", "--check", "nonsense"]) == 2
    said = capfd.readouterr().err
    assert "nonsense" in said
    assert "Traceback" not in said
    assert not (scans.parent / "codes.csv").exists()


def test_options_of_codes_need_code_and_others_are_refused(desk, capsys):
    assert main(["read", "a.png", "--out", "a.csv"]) == 2
    assert "--code" in capsys.readouterr().err
    assert main(["read", "--code", "a.png", "--tta"]) == 2
    assert main(["read", "--code"]) == 2
    assert main(["read", "--code", "a.png", "--check", "nonsense"]) == 2


def test_pages_that_are_read_as_one_number_are_told_of_once(desk, capsys):
    """As a form is scanned: several numbers, on a page that is higher than a line ever is."""
    page = np.full((1400, 1000), 240, np.uint8)
    for place, count in enumerate((3, 5, 4, 2)):
        line = written(count)
        page[100 + 300 * place : 180 + 300 * place, 40 + 90 * place : 40 + 90 * place + line.shape[1]] = line
    for name in "ab":
        Image.fromarray(page).save(desk / f"{name}.png")
    ones(desk / "c.png")
    main(["read", "--code", "a.png", "b.png", "c.png"])
    assert capsys.readouterr().err.count("in doubt: 2; --several finds every number") == 1
    main(["read", "--code", "a.png", "--several"])
    main(["read", "--code", "a.png", "--region", "0,0,100,20"])
    assert "--several" not in capsys.readouterr().err


def test_stdin_and_several(desk, monkeypatch, capsys):
    ones(desk / "a.png", 4)
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": io.BytesIO((desk / "a.png").read_bytes())}))
    assert main(["read", "--code", "-"]) == 0
    assert capsys.readouterr().out.split()[:2] == ["-", "1111"]
    Image.new("L", (60, 60), 255).save(desk / "blank.png")
    assert main(["read", "--code", "blank.png", "--several", "--trace", "steps"]) == 0
    assert "no digits" in capsys.readouterr().out
    assert list((desk / "steps").rglob("*grey*"))


def test_a_first_answer_that_is_long_in_coming_is_announced(desk, monkeypatch, capsys):
    context = Context(Settings(desk, None, "en", colour=False))
    monkeypatch.setattr("calame.cli.read.PATIENCE", 0.01)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)

    def slow():
        time.sleep(0.3)
        yield 1

    assert list(watched(slow(), 1, context)) == [1]
    assert capsys.readouterr().err == "reading…\n"
    monkeypatch.setattr("calame.cli.read.PATIENCE", 60)
    assert list(watched(slow(), 1, context)) == [1]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("words", [["read", "scans"], ["read", "--code", "scans"]])
def test_answers_go_to_stdout_while_a_bar_is_shown(scans, words):
    above, below = pty.openpty()
    with open("out.txt", "w", encoding="utf-8") as out:
        subprocess.run([sys.executable, "-m", "calame", *words], stdout=out, stderr=below, check=False)
    os.close(below)
    os.close(above)
    assert len((scans.parent / "out.txt").read_text(encoding="utf-8").splitlines()) == 29


def test_a_line_tells_how_a_number_is_written(tmp_path):
    context = Context(Settings(tmp_path, None, "en", colour=False))
    reading = CodeReading("61908", 0.97, guess="61908", separators=(Separator(",", 3),))
    assert line("a.png", reading, context, 5).endswith("97.0%  written 619,08")
