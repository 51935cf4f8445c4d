"""The table of `calame read --code --out`: a full disk tears nothing, and a second call finds what is done."""

import os
import re
import resource

import cv2
import numpy as np
import openpyxl
import pytest
from PIL import Image

from calame.cli import main
from calame.cli.ledger import Ledger, picture_of
from calame.errors import BadOutput
from calame.imaging.codec import decode
from calame.service.code_sheet import END, RESUMED, CodeRow, as_csv, csv_rows, with_field
from calame.shelf import Shelf

PLAIN = f"model={Shelf(None).find('digits').manifest}"  # how rows are read when nothing is asked for


def ones(path):
    """Three strokes side by side, as a hand writes ones."""
    pixels = np.full((80, 240), 240, np.uint8)
    for place in range(3):
        cv2.line(pixels, (60 + 60 * place, 16), (58 + 60 * place, 64), 20, 7)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def full_disk():
    """Call it with a size: no file grows beyond it, and the write that would is cut short, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def begun(desk, name="codes.csv"):
    return Ledger(desk / name, "en", {"": PLAIN}, plain=True)


@pytest.mark.parametrize("out", ["codes.csv", "codes.xlsx"])
def test_a_full_disk_is_told_and_leaves_whole_rows_to_go_on_from(desk, full_disk, out, capsys):
    journal = desk / (out if out.endswith("csv") else f"{out}.part")
    for number in range(6):
        ones(desk / f"{number}.png")
    words = ["read", "--code", *(f"{number}.png" for number in range(6)), "--out", out]
    full_disk(500)
    assert main(words) == 4
    told = capsys.readouterr().err
    assert f"{journal.name} cannot be written (File too large)" in told
    assert "goes on from there" in told
    content = journal.read_bytes().decode()
    assert content.endswith(END)
    done = [row.file for row in csv_rows(content).rows]
    assert done == [f"{number}.png" for number in range(len(done))]
    assert 0 < len(done) < 6
    full_disk(resource.RLIM_INFINITY)
    assert main(words) == 0
    assert f"{len(done)} of 6 are in" in capsys.readouterr().err


def test_of_a_page_that_no_longer_fits_no_number_is_left(desk, full_disk):
    """A page whose first numbers are there would pass for one that is done."""
    ledger = begun(desk)
    page = [CodeRow("page.png", text=str(number), state="accepted") for number in range(9)]
    full_disk((desk / "codes.csv").stat().st_size + 400)
    with pytest.raises(BadOutput, match="too large"):
        ledger.add(page)
    assert begun(desk).rows == []


def test_a_file_whose_name_is_no_utf8_has_its_row_and_is_found_again(desk, capsys):
    name = os.fsdecode(b"caf\xe9.png")
    ones(desk / name)
    for out in ("codes.csv", "codes.xlsx"):
        assert main(["read", "--code", name, "--out", out, "--report", "look.html", "--check", "length(9)"]) == 0
    assert b'"caf\xe9.png"' in (desk / "codes.csv").read_bytes()
    assert openpyxl.load_workbook("codes.xlsx").active["B2"].value == r"caf\udce9.png"
    assert r"caf\udce9.png" in (desk / "look.html").read_text(encoding="utf-8")
    capsys.readouterr()
    assert main(["read", "--code", name, "--out", "codes.csv", "--check", "length(9)"]) == 0
    assert "all 1 are in codes.csv already" in capsys.readouterr().err


def test_what_failed_is_tried_again_and_has_one_row(desk, capsys):
    """A share that was away; a document that did not open, and has pages now; a pattern that matched nothing."""
    read = CodeRow("=.png", "0042", 0.9912, "accepted", settings=PLAIN)
    failed = [CodeRow(name, state="failed", settings=PLAIN) for name in ("a.png", "b.pdf", "x*.png", "other.png")]
    (desk / "codes.csv").write_bytes(before := as_csv([read, *failed], "fr", RESUMED))
    ones(desk / "=.png")
    ones(desk / "a.png")
    pages = [Image.open(desk / "a.png")] * 2
    pages[0].save(desk / "b.pdf", save_all=True, append_images=pages[1:])
    assert main(["read", "--code", "=.png", "a.png", "b.pdf", "x*.png", "--out", "codes.csv"]) == 3
    assert "going on: 1 of 4 are in" in capsys.readouterr().err
    lines, rows = (desk / "codes.csv").read_bytes().splitlines(), begun(desk).rows
    assert lines[:2] == before.splitlines()[:2]
    assert all(re.search(r"\(\d+,\d\u202f%\)", row.alternatives) for row in rows[3:])  # as the rest of it, in French
    assert [(row.file, row.state) for row in rows] == [
        ("=.png", "accepted"), ("other.png", "failed"), ("x*.png", "failed"),
        ("a.png", "accepted"), ("b.pdf#page=1", "accepted"), ("b.pdf#page=2", "accepted"),
    ]  # fmt: skip


FORM = {name: f"{PLAIN} region={name}:0,{top},100,50" for name, top in (("client", 0), ("total", 50))}


def of_page(*rows):
    """A table as the page writes it, which knows no folders."""
    return as_csv([CodeRow(*row, settings=PLAIN) for row in rows], "en", RESUMED)


def test_a_table_of_the_page_is_gone_on_with_by_the_names_of_its_pictures(desk, capsys):
    (desk / "forms").mkdir()
    for name in "abc=":
        ones(desk / "forms" / f"{name}.png")
    typed, failed = ("a.png", "42", 0.0, "person"), ("b.png", "", 0.0, "failed")
    (desk / "page.csv").write_bytes(before := of_page(typed, ("=.png", "7", 0.99, "accepted"), failed))
    words = ["read", "--code", "forms", "--out", "page.csv", "--report", "look.html"]
    assert main(words) == 0
    assert "going on: 2 of 4 are in" in capsys.readouterr().err
    content = (desk / "page.csv").read_bytes()
    assert content.splitlines()[:3] == before.splitlines()[:3]  # with what a person said
    assert [(row.file, row.text) for row in csv_rows(content.decode()).rows[2:]] == [
        ("b.png", "111"), ("forms/c.png", "111"),
    ]  # fmt: skip
    assert main(words) == 0
    assert (desk / "page.csv").read_bytes() == content


def test_a_field_that_a_table_of_the_page_lacks_stands_under_the_name_of_its_picture(desk):
    (desk / "forms").mkdir()
    ones(desk / "forms" / "a.png")
    row = CodeRow("a.png", "42", state="person", settings=FORM["client"], field="client")
    (desk / "page.csv").write_bytes(as_csv([row], "en", with_field(RESUMED)))
    regions = ["--region", "client=0,0,100,50", "--region", "total=0,50,100,50"]
    assert main(["read", "--code", "forms", "--out", "page.csv", *regions]) == 0
    rows = csv_rows((desk / "page.csv").read_bytes().decode()).rows
    assert [(row.file, row.field, row.state == "person") for row in rows] == [
        ("a.png", "client", True), ("a.png", "total", False),
    ]  # fmt: skip


def test_pages_and_a_document_that_did_not_open_are_found_by_name(desk):
    (desk / "forms").mkdir()
    ones(desk / "a.png")
    pages = [Image.open(desk / "a.png")] * 2
    for name in ("a.pdf", "b.pdf"):
        pages[0].save(desk / "forms" / name, save_all=True, append_images=pages[1:])
    rows = ("a.pdf#page=2", "42", 0.0, "person"), ("b.pdf", "", 0.0, "failed")
    (desk / "page.csv").write_bytes(of_page(*rows))
    assert main(["read", "--code", "forms", "--out", "page.csv"]) == 0
    assert [row.file for row in begun(desk, "page.csv").rows] == [
        "a.pdf#page=2", "forms/a.pdf#page=1", "forms/b.pdf#page=1", "forms/b.pdf#page=2",
    ]  # fmt: skip


def test_a_row_that_may_be_of_two_pictures_is_refused_unless_it_is_of_the_one_here(desk, capsys):
    for folder in ("one", "two"):
        (desk / folder).mkdir()
        ones(desk / folder / "a.png")
    (desk / "page.csv").write_bytes(before := of_page(("a.png", "42", 0.0, "person")))
    assert main(["read", "--code", "one", "two", "--out", "page.csv"]) == 2
    assert "one/a.png and two/a.png both have this name" in capsys.readouterr().err
    assert (desk / "page.csv").read_bytes() == before
    ones(desk / "a.png")
    assert main(["read", "--code", "one", "two", "--out", "page.csv"]) == 0  # a.png is another one, and has its row
    assert [row.file for row in begun(desk, "page.csv").rows] == ["a.png", "one/a.png", "two/a.png"]
    assert main(["read", "--code", str(desk / "a.png"), "--out", "page.csv"]) == 0
    assert len(begun(desk, "page.csv").rows) == 3


def test_a_report_shows_what_stands_beside_a_number_and_marks_the_number(desk):
    page = np.full((60, 400), 200, np.uint8)
    page[20:40, 150:210], page[20:40, 230:240] = 50, 90
    Image.fromarray(page).save(desk / "a.png")
    row = CodeRow("a.png", state="check", guess="12", place="150 20 210 40")
    narrow, wide = (decode(picture_of(row, 640, wide=wide)).pixels for wide in (False, True))
    assert narrow.shape[:2] == (36, 76)  # 8 pixels around
    assert wide.shape[:2] == (36 + 3, 160)  # and 50 aside; a bar of one pixel
    assert 90 in wide
    assert np.flatnonzero(wide.reshape(39, 160, -1)[37, :, 0] == 0).tolist() == list(range(50, 110))
