"""The test sheet's files, read back by those who read such files: csv, openpyxl, and an HTML parser."""

import base64
import csv
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from io import BytesIO, StringIO
from typing import get_args

import numpy as np
import pytest
from openpyxl import load_workbook

from calame.drawing.png import png as encode
from calame.imaging.codec import decode
from calame.locale import text
from calame.service.exports import MEDIA, export, file_name, harmless, small, unmarked
from calame.service.printed import policy
from calame.service.sheet import sheet
from calame.service.store import Entry
from calame.types import Rejection


def png(width=2, height=2):
    return encode(np.full((height, width), 128, np.uint8))


EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1+1", 'a;b,c"d\n=2']
WHEN = datetime(2026, 11, 21, 10, 44, 5, tzinfo=UTC)


def entries():
    made = [
        Entry(place, 0.9931, png(20, 10), png(28, 28), truth=place, model="digits@1", time=WHEN) for place in range(3)
    ]
    made += [Entry(9, 0.5, png(320, 4), png(28, 28), truth=4, note=note, name=note, time=WHEN) for note in EVIL]
    made += [Entry(None, 0.31, png(), rejected="unsure", time=WHEN), Entry(7, 1.0, png(), time=WHEN)]
    return [replace(entry, id=number) for number, entry in enumerate(made, start=1)]


@pytest.fixture(scope="module")
def found():
    return sheet(entries())


def test_csv_in_french_is_what_a_french_spreadsheet_opens(found):
    written = export(found, "csv", "fr", UTC).decode("utf-8")
    assert written.startswith("\ufeffN°;Date et heure;Écrit;Lu;Confiance (%);Juste;Remarques;Nom;Modèle\r\n")
    rows = list(csv.reader(StringIO(written[1:], newline=""), delimiter=";"))
    assert rows[1] == ["1", "2026-11-21 10:44:05", "0", "0", "99,31", "oui", "", "", "digits@1"]
    assert rows[13][3:6] == ["pas assez sûr pour répondre", "31,00", "–"]
    assert len(rows) == 1 + len(found.rows)


@pytest.mark.parametrize("reason", get_args(Rejection))
def test_every_reason_of_a_refusal_is_said(reason):
    refused = sheet([Entry(None, 0.3, png(), rejected=reason, time=WHEN, id=1)])
    assert text(f"reading.rejected.{reason}", "fr") in export(refused, "csv", "fr", UTC).decode()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_csv_says_by_its_first_bytes_that_it_is_utf_8(found, language):
    assert export(found, "csv", language).startswith(b"\xef\xbb\xbf")  # Excel would break the accents of names


def test_csv_in_english_is_plain(found):
    rows = list(csv.DictReader(StringIO(export(found, "csv", "en", UTC).decode("ascii", "ignore"), newline="")))
    assert (rows[3]["Read"], rows[3]["Written"], rows[3]["Confidence (%)"], rows[3]["Right"]) == (
        "9",
        "4",
        "50.00",
        "no",
    )


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_cell_of_the_csv_is_a_formula(found, language):
    written = export(found, "csv", language).decode("utf-8-sig")
    rows = csv.reader(StringIO(written, newline=""), delimiter=";" if language == "fr" else ",")
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if re.match(r"[\s]*[=+\-@＝＋－＠\t\r]", cell)]
    assert "'=1+1" in cells
    assert EVIL[-1] in cells  # a mark inside of a text is left alone


@pytest.mark.parametrize("typed", ["", "seven", "3 - 2", "it's", " x", "été"])
def test_harmless_text_stays_as_it_is(typed):
    assert harmless(typed) == typed


@pytest.fixture(scope="module")
def book(found):
    return load_workbook(BytesIO(export(found, "xlsx", "fr", UTC)))


def test_the_workbook_has_text_cells_and_pictures_beside(found, book):
    page = book["Fiche de test"]
    assert [cell.value for cell in page[1]][:6] == ["Image", "Vu par le réseau", "N°", "Date et heure", "Écrit", "Lu"]
    assert [cell.value for cell in page[2]][2:8] == [1, datetime(2026, 11, 21, 10, 44, 5), "0", "0", 0.9931, "oui"]
    assert page["G2"].number_format == "0.0%"
    kinds = {cell.data_type for row in page.iter_rows(min_row=2) for cell in row}
    assert "f" not in kinds
    notes = [page.cell(row, 9).value.replace("_x000D_", "\r") for row in range(5, 14)]  # as Excel, not openpyxl, does
    assert notes == EVIL
    assert len(page._images) == 14 + 12
    assert {image.anchor._from.col for image in page._images} == {0, 1}
    assert {image.anchor._from.row for image in page._images} == set(range(1, 15))


def test_photos_become_small_and_keep_their_colours():
    photo = np.zeros((300, 310, 3), np.uint8)
    photo[:, 150:] = (200, 100, 50)
    shown = decode(small(encode(photo))).pixels
    assert shown.shape == (100, 103, 3)
    assert shown[50, 10].tolist() == [0, 0, 0]
    assert shown[50, 90].tolist() == [200, 100, 50]
    assert decode(small(png(320, 2))).pixels.shape[:2] == (1, 106)
    assert small(png(112, 112)) == png(112, 112)


def test_its_second_sheet_has_the_totals_and_the_matrix(found, book):
    page = book["Totaux"]
    cells = {row[0].value: row for row in page.iter_rows() if row[0].value}
    assert cells["Essais"][1].value == "12"
    assert cells["Taux de réussite"][1].value == "25,0\u202f%"
    assert cells["Erreurs (écrit → lu)"][1].value == "4 → 9 (9\u202f×)"
    assert [cell.value for cell in cells["4"][1:11]] == [0, 0, 0, 0, 0, 0, 0, 0, 0, 9]


def test_an_empty_workbook_opens():
    assert load_workbook(BytesIO(export(sheet([]), "xlsx", "en"))).sheetnames == ["Test sheet", "Totals"]


def test_markdown_keeps_its_tables_whatever_is_in_them(found):
    lines = export(replace(found, rows=found.rows[1:]), "md", "fr", UTC).decode().splitlines()
    assert lines[0] == "# Fiche de test"
    assert "- **Taux de réussite**\u00a0: 25,0\u202f%" in lines
    tables = [line for line in lines if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in tables[:15]} == {10}
    assert tables[2] == "| 2 | 21/11/2026 10:44 | 1 | 1 | 99,3\u202f% | oui |  |  | digits@1 |"
    assert "Seules les 13 lectures les plus récentes sur 14 sont listées ; les chiffres les comptent toutes." in lines


def test_typed_text_is_no_markup():
    assert unmarked("a|b\n<b>*x*</b> [l](u)") == r"a\|b &lt;b\>\*x\*&lt;/b\> \[l\](u)"


class Seen(HTMLParser):
    """What stands on a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.said += data


def test_the_page_to_print_needs_nothing_from_outside_and_obeys_its_policy(found):
    page = export(found, "html", "fr").decode()
    seen = Seen(page)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)[1]
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in policy()
    assert not [tag for tag, _ in seen.tags if tag in ("script", "link", "iframe", "form")]
    assert not [name for _, given in seen.tags for name in given if name == "style" or name.startswith("on")]
    pictures = [given for tag, given in seen.tags if tag == "img"]
    assert len(pictures) == 26
    assert all(given["src"].startswith("data:image/png;base64,") and given["alt"] is not None for given in pictures)
    assert "url(" not in style


def test_the_page_says_the_figures_and_leaves_room_to_write(found):
    seen = Seen(export(found, "html", "fr", UTC).decode())
    assert ("html", {"lang": "fr"}) in seen.tags
    assert "25,0\u202f%" in seen.said
    assert "3 essais justes sur 12" in seen.said
    assert "pas assez d’essais\u00a0: il en faut au moins 3" in seen.said
    named = {given["aria-label"] for _, given in seen.tags if "contenteditable" in given}
    assert {"Essais menés par", "Classe ou équipe", "Ce que le lecteur réussit", "Ce qui l’améliorerait"} <= named


def test_typed_text_is_no_html():
    made = sheet([Entry(1, 0.5, png(), note="<script>alert(1)</script>", name='"><img src=x>', id=1)])
    seen = Seen(export(made, "html", "en").decode())
    assert "<script>alert(1)</script>" in seen.said
    assert "script" not in {tag for tag, _ in seen.tags}


@pytest.mark.parametrize("form", MEDIA)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_empty_sheet_makes_every_file(form, language):
    assert export(sheet([]), form, language)


def test_files_are_named_in_the_language():
    assert file_name("csv", "fr", WHEN) == "calame-fiche-de-test-2026-11-21.csv"
    assert file_name("xlsx", "en", WHEN) == "calame-test-sheet-2026-11-21.xlsx"
