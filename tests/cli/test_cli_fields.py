"""`calame read --code --region NAME=…`: the fields of a form, each with its row, all in one table."""

import csv
import json
from io import BytesIO

import cv2
import numpy as np
import openpyxl
import pytest
from PIL import Image

from calame.cli import main
from calame.cli.code_report import page
from calame.cli.fields import fields_in
from calame.reader.form import Field
from calame.service.code_sheet import RESUMED, STATES, CodeRow, as_csv, as_xlsx, by_picture, with_field
from calame.shelf import Shelf
from calame.training.report.words import Words

PLAIN = f"model={Shelf(None).find('digits').manifest}"
FIELDS = ["--region", "client=0,0,100,50", "--region", "total=0,50,100,50"]
READ = {"client": f"{PLAIN} region=client:0,0,100,50", "total": f"{PLAIN} region=total:0,50,100,50"}


def form(path, client=3, total=4):
    """A sheet with two numbers of strokes, one above the other."""
    pixels = np.full((300, 400), 240, np.uint8)
    for top, count in ((40, client), (190, total)):
        for place in range(count):
            cv2.line(pixels, (60 + 60 * place, top), (58 + 60 * place, top + 48), 20, 7)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def forms(desk):
    """Three forms, of which the second is no picture."""
    (desk / "forms").mkdir()
    for number in range(3):
        form(desk / "forms" / f"{number}.png", total=2 + number)
    (desk / "forms" / "1.png").write_text("no picture")
    return desk


def table(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_each_field_has_its_row_and_one_bad_file_has_them_too(forms, capsys):
    words = [
        "read",
        "--code",
        "forms",
        *FIELDS,
        "--out",
        "a.csv",
        "--check",
        "total:length(2)",
        "--check",
        "length(1,9)",
    ]
    assert main(words) == 3
    said = capsys.readouterr().err
    assert said.count("1.png") == 1  # what is wrong with a picture is said once
    assert "3 accepted, 1 to check, 0 refused, 2 failed" in said
    rows = table("a.csv")
    assert list(rows[0])[:3] == ["File", "Field", "Code"]
    assert [(row["File"], row["Field"], row["Code"], row["Best guess"]) for row in rows] == [
        ("forms/0.png", "client", "111", ""), ("forms/0.png", "total", "11", ""),
        ("forms/1.png", "client", "", ""), ("forms/1.png", "total", "", ""),
        ("forms/2.png", "client", "111", ""), ("forms/2.png", "total", "", "1111"),
    ]  # fmt: skip
    assert [row["Failed checks"] for row in rows] == ["", "", "", "", "", "length(2)"]
    assert [row["Read with"] for row in rows[:2]] == [
        f"{PLAIN} check=length(1,9) region=client:0,0,100,50",
        f"{PLAIN} check=length(1,9) check=length(2) region=total:0,50,100,50",
    ]


def test_a_line_and_an_object_name_the_field(desk, capsys):
    form("a.png")
    assert main(["read", "--code", "a.png", *FIELDS]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:3] for line in lines] == [["a.png", "client", "111"], ["a.png", "total", "1111"]]
    assert len({line.index("1") for line in lines}) == 1  # one column, however long the names
    assert main(["read", "--code", "a.png", "none.png", "--json", *FIELDS]) == 3
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(one["path"], one["field"], one["text"]) for one in told] == [
        ("a.png", "client", "111"), ("a.png", "total", "1111"),
        ("none.png", "client", None), ("none.png", "total", None),
    ]  # fmt: skip
    assert told[1]["digits"][0]["box"][1] >= 150  # of the whole picture
    assert main(["read", "--code", "a.png", "--json", "--region", "0,0,100,50"]) == 0
    assert "field" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("cut", [3, 4, 5])  # behind the head and so many rows
@pytest.mark.parametrize("out", ["a.csv", "a.xlsx"])
def test_a_picture_of_which_a_field_is_missing_is_read_anew_and_no_row_comes_twice(forms, out, cut, capsys):
    """A kill in the middle of a form: its first field is there, its second is not, or half of it."""
    form("forms/1.png")
    words = ["read", "--code", "forms", *FIELDS]
    assert main([*words, "--out", "whole.csv"]) == 0
    whole = (forms / "whole.csv").read_bytes()
    lines = whole.splitlines(keepends=True)
    torn = b"".join(lines[:cut]) + lines[cut][: len(lines[cut]) // 2]
    journal = forms / (out if out.endswith("csv") else f"{out}.part")
    journal.write_bytes(torn)
    capsys.readouterr()
    assert main([*words, "--out", out]) == 0
    said = capsys.readouterr().err
    assert f"going on: {(cut - 1) // 2} of 3 are in" in said
    assert "6 accepted" in said
    if out.endswith("csv"):
        assert (forms / out).read_bytes() == whole
    else:
        sheet = openpyxl.load_workbook(out).worksheets[0]
        told = [[cell or "" for cell in row[1:4]] for row in sheet.iter_rows(min_row=2, values_only=True)]
        assert told == [[row["File"], row["Field"], row["Code"]] for row in table("whole.csv")]


def test_what_failed_is_tried_again_with_all_its_fields(forms, capsys):
    words = ["read", "--code", "forms", *FIELDS, "--out", "a.csv"]
    assert main(words) == 3
    form("forms/1.png")
    assert main(words) == 0
    assert "going on: 2 of 3" in capsys.readouterr().err
    assert [row["File"][6] + row["Field"][0] for row in table("a.csv")] == ["0c", "0t", "2c", "2t", "1c", "1t"]


@pytest.mark.parametrize(("others", "told"), [
    (["--region", "0,0,100,50"], "client:0,0,100,50 region=total:0,50,100,50, and now region=0,0,100,50 is"),
    ([], "was read with region=client:0,0,100,50 region=total:0,50,100,50, which is not asked for now"),
    (FIELDS[:2], "was read with region=total:0,50,100,50, which is not asked for now"),
    ([*FIELDS, "--region", "date=0,0,50,50"], "was read without region=date:0,0,50,50, which is asked for now"),
    ([*FIELDS[:2], "--region", "total=0,50,100,49"], "total:0,50,100,50, and now region=total:0,50,100,49 is asked"),
    ([*FIELDS[:2], "--region", "sum=0,50,100,50"], "total:0,50,100,50, and now region=sum:0,50,100,50 is asked"),
    ([*FIELDS, "--check", "total:luhn"], "was read without total: check=luhn, which is asked for now"),
    ([*FIELDS, "--max-wrong", "1/50"], "was read without max-wrong=1/50, which is asked for now"),
])  # fmt: skip
def test_other_fields_are_not_gone_on_with(forms, others, told, capsys):
    """What differs is said, and nothing else."""
    rows = [CodeRow(f"forms/{number}.png", field=name, settings=READ[name]) for number in (0, 2) for name in READ]
    (forms / "a.csv").write_bytes(before := as_csv(rows, "en", with_field(RESUMED)))
    assert main(["read", "--code", "forms", "--out", "a.csv", *others]) == 2
    assert told in capsys.readouterr().err
    assert (forms / "a.csv").read_bytes() == before
    assert main(["read", "--code", "forms", "--out", "a.csv", *FIELDS[2:], *FIELDS[:2]]) == 3  # in whichever order
    assert "going on: 2 of 3" in capsys.readouterr().err


def test_a_table_of_which_only_the_head_is_there_is_begun_anew_with_the_column(forms):
    (forms / "a.csv").write_bytes(as_csv([], "en", RESUMED))
    form("forms/1.png")
    assert main(["read", "--code", "forms", "--out", "a.csv", *FIELDS]) == 0
    assert [row["Field"] for row in table("a.csv")] == ["client", "total"] * 3


@pytest.mark.parametrize(
    ("words", "told"),
    [([*FIELDS, "--check", "clinet:siren"], "no field clinet (fields: client, total)"),
     (["--region", "0,0,100,50", "--check", "client:luhn"], 'its place: --region "client=0,0,100,50"'),
     (["--check", "luhn", "--check", "N 1:luhn"], 'no field has a name; name its place: --region "N 1=60,24,37,6"'),
     (["--lang", "fr", "--region", "0,0,100,50", "--check", "client:luhn"], "aucun champ n’a de nom"),
     ([*FIELDS, "--region", "Client=0,0,10,10"], "no other field"),
     ([*FIELDS, "--region", "0,0,10,10"], "--region 0,0,10,10 has no name"),
     (["--region", "0,0,10,10", "--region", "0,0,10,20"], "--region 0,0,10,10 has no name"),
     ([*FIELDS, "--region", "1st=0,0,10,10"], "1 to 30 letters"),
     ([*FIELDS, "--region", "date=0,0,10"], "left,top,width,height"),
     ([*FIELDS, "--check", "client:nonsense"], "nonsense"),
     ([*FIELDS, "--several"], "leave --several out")],
)  # fmt: skip
def test_a_wrong_call_is_told(forms, words, told, capsys):
    assert main(["read", "--code", "forms", "--out", "a.csv", *words]) == 2
    assert told in capsys.readouterr().err
    assert not (forms / "a.csv").exists()


def test_a_check_is_of_the_field_that_is_named_before_it_and_a_colon_elsewhere_is_none_of_it():
    regions = ["Order no = 1,2,3,4", "total=5,6,7,8"]
    checks = ["order NO: siren", "luhn", "oneof(C:\\codes.csv)", "regex(1:2)", "total:oneof(D:\\x.csv)"]
    assert fields_in(regions, checks) == (
        ("luhn", "oneof(C:\\codes.csv)", "regex(1:2)"),
        (("Order no", Field(" 1,2,3,4", (" siren",))), ("total", Field("5,6,7,8", ("oneof(D:\\x.csv)",)))),
    )
    assert fields_in(["1,2,3,4"], ["luhn"]) == (("luhn",), ())
    assert fields_in([], ["regex(1:2)"]) == (("regex(1:2)",), ())


def test_traces_and_the_report_name_the_field(forms):
    words = ["read", "--code", "forms/0.png", *FIELDS, "--check", "total:length(9)", "--trace", "steps"]
    assert main([*words, "--report", "look.html"]) == 0
    assert {path.name for path in (forms / "steps").iterdir()} == {"0-client", "0-total"}
    told = (forms / "look.html").read_text(encoding="utf-8")
    assert ("forms/0.png · total" in told, "forms/0.png · client" in told) == (True, False)
    assert "a.png ·" not in page([CodeRow("a.png", state="check")], Words("en"))


def test_a_second_sheet_has_a_row_a_picture_and_a_column_a_field(forms):
    assert main(["read", "--code", "forms", *FIELDS, "--check", "total:length(2)", "--out", "a.xlsx"]) == 3
    first, second = openpyxl.load_workbook("a.xlsx").worksheets
    assert (first.title, second.title, len(first._images)) == ("Codes", "By picture", 1)
    assert [[cell.value or "" for cell in row] for row in second.iter_rows()] == [
        ["File", "To check", "client", "total"], ["forms/0.png", "", "111", "11"],
        ["forms/1.png", "client, total", "", ""], ["forms/2.png", "total", "111", ""],
    ]  # fmt: skip
    assert (second["C2"].data_type, second["C2"].number_format) == ("s", "@")
    tints = [[cell.fill.fgColor.rgb for cell in row[2:]] for row in second.iter_rows(min_row=2)]
    plain, failed, check = tints[0][0], tints[1][0], tints[2][1]
    assert tints == [[plain, plain], [failed, failed], [plain, check]]
    assert len({plain, failed, check}) == 3


def test_a_table_without_fields_has_one_sheet(forms):
    assert main(["read", "--code", "forms", "--out", "a.xlsx", "--region", "0,0,100,50"]) == 3
    assert openpyxl.load_workbook("a.xlsx").sheetnames == ["Codes"]


def test_two_pictures_of_one_name_are_two_rows_and_a_row_that_came_later_finds_its_picture():
    rows = [CodeRow(file, text, field=field) for file, field, text in (
        ("a", "x", "1"), ("a", "y", "2"), ("a", "x", "3"), ("b", "x", "4"), ("a", "y", "5"), ("b", "y", "6"),
    )]  # fmt: skip
    told = [{name: row.text for name, row in line.items()} for line in by_picture(rows)]
    assert told == [{"x": "1", "y": "2"}, {"x": "3", "y": "5"}, {"x": "4", "y": "6"}]


def test_a_code_that_is_to_check_is_told_apart_without_its_colour_too():
    rows = [CodeRow("a", "1", state=state, field=state) for state in STATES]
    rows += [CodeRow("b", state="person", field="person"), CodeRow("c", state="failed", field="failed")]
    sheet = openpyxl.load_workbook(BytesIO(as_xlsx(rows, "fr", columns=with_field(RESUMED)))).worksheets[1]
    assert [cell.font.bold for cell in sheet[2][2:]] == [state == "check" for state in STATES]
    assert [cell.value for cell in sheet[1]] == ["Fichier", "À vérifier", *STATES]
    assert [cell.value or "" for cell in sheet["B"][1:]] == ["check, refused, failed", "", "failed"]


def test_a_name_as_it_stands_on_the_form_heads_its_column_and_has_its_check(forms):
    regions = ["--region", "N° d'ordre=0,0,100,50", "--region", "Réf. d’envoi=0,50,100,50"]
    words = ["read", "--code", "forms/0.png", *regions, "--check", "N° d'ordre:length(3)", "--check", "luhn"]
    assert main([*words, "--out", "a.csv"]) == main([*words, "--out", "a.xlsx"]) == 0
    assert [row["Field"] for row in table("a.csv")] == ["N° d'ordre", "Réf. d’envoi"]
    assert "check=length(3)" in table("a.csv")[0]["Read with"]
    first, second = openpyxl.load_workbook("a.xlsx").worksheets
    names = [first["C2"], first["C3"], *second[1][-2:]]
    assert [(cell.value, cell.data_type) for cell in names] == [("N° d'ordre", "s"), ("Réf. d’envoi", "s")] * 2


@pytest.mark.parametrize(("fields", "sheets"), [(200, 2), (201, 1)])
def test_of_more_fields_than_a_form_has_there_is_no_second_sheet(fields, sheets):
    rows = [CodeRow("a", "1", field=f"f{number}") for number in range(fields)]
    assert len(openpyxl.load_workbook(BytesIO(as_xlsx(rows, columns=with_field(RESUMED)))).sheetnames) == sheets
