"""`POST /v1/codes`: every way to send a picture of a number, what is told of it, and what is refused."""

import base64
import csv
import io
import json
import re
from importlib import resources

import cv2
import numpy as np
import openpyxl
import pytest
from test_schemas import wrong

from calame.cli import read
from calame.drawing.png import png
from calame.errors import Overloaded
from calame.locale import catalogue
from calame.reader.budget import Calibration, Curve, Look, Steady, stamped
from calame.reader.checks import CHECKS, parse_check
from calame.reader.code import CodeReader

ROUTE = "/v1/codes"


def ones(count: int = 3) -> bytes:
    pixels = np.full((80, 60 + 60 * count), 255, np.uint8)
    for place in range(count):
        cv2.line(pixels, (60 + 60 * place, 16), (58 + 60 * place, 64), 0, 7)
    return png(pixels)


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def test_nothing_of_codes_is_opened_before_it_is_asked_for(serving, one):
    client = serving()
    client.post("/v1/digits", files={"image": one})
    codes = client.app.state.service.codes
    assert codes._opened._made == {}
    assert client.post(ROUTE, files={"image": ones()}).json()["text"] == "111"
    assert list(codes._opened._made) == ["digits@1"]


@pytest.mark.parametrize("query", ["", "?trace=1", "?several=1", "?check=luhn&check=length(3)", "?lang=fr"])
def test_an_answer_is_as_it_is_described(client, query):
    whole = client.get("/openapi.json").json()
    schema = whole["paths"][ROUTE]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    answer = client.post(ROUTE + query, json={"images": [text(ones()), "?", text(ones(2))]})
    assert answer.status_code == 200
    assert wrong(answer.json(), schema, whole) == []
    assert answer.headers["x-model"] == "digits@1"
    assert "error" in answer.json()["readings"][1]


def test_a_form_gives_the_same_as_json_and_boxes_lie_in_the_picture(client):
    asked = client.post(ROUTE, files={"image": ("a.png", ones())}).json()
    other = client.post(ROUTE, json={"image": "data:image/png;base64," + text(ones())}).json()
    assert (asked["text"], asked["state"], asked["size"], asked["rejected"]) == ("111", "accepted", [240, 80], None)
    for left, top, right, bottom in (digit["box"] for digit in asked["digits"]):
        assert 0 <= left < right <= 240
        assert 0 <= top < bottom <= 80
    del asked["milliseconds"], other["milliseconds"]
    assert asked == other


def test_a_check_that_fails_is_never_an_accepted_answer(client):
    reading = client.post(ROUTE + "?check=length(9)", files={"image": ones()}).json()
    assert (reading["text"], reading["state"], reading["guess"], reading["failed"]) == (
        None,
        "check",
        "111",
        ["length(9)"],
    )
    assert reading["reason"]
    again = client.post(ROUTE, files={"image": ones()}).json()
    assert again["text"] == "111"  # one request's checks are not the next one's


@pytest.mark.parametrize(
    ("query", "failed"),
    [
        ("text=7992 7398-713&check=luhn", []),
        ("text=79927398714&check=luhn&check=length(11)", ["luhn"]),
        ("text=1x", []),
    ],
)
def test_what_a_person_typed_is_checked_as_what_is_read(client, query, failed):
    assert client.get(f"/v1/codes/fits?{query}").json() == {"failed": failed}


@pytest.mark.parametrize("query", ["", "text=", "text=1&check=nonsense(", f"text={'1' * 3000}"])
def test_nothing_typed_and_checks_that_are_none_are_refused(client, query):
    assert client.get(f"/v1/codes/fits?{query}").status_code == 422


def test_nothing_typed_is_said_to_be_missing(client):
    asked = {"headers": {"Accept-Language": "en"}}
    assert client.get("/v1/codes/fits", **asked).json()["detail"] == "text is missing; expected text=0042"
    said = client.get(f"/v1/codes/fits?text={'1' * 3000}", **asked).json()["detail"]
    assert said == "text is 3000 characters; expected ≤ 2000"


def test_a_wish_for_few_wrong_answers_is_met_from_ones_own_calibration(serving, tmp_path):
    readers = CodeReader().readers
    looks = Look(0.2, 1000, 0), Look(0.999999, 10, 0)
    Calibration("forms", readers, Steady(), {"forms": Curve("forms", 1000, 1000, looks)}).save(tmp_path / "own.json")
    client = serving(calibration=tmp_path / "own.json")
    whole = client.get("/openapi.json").json()
    reading = client.post(ROUTE + "?max_wrong=1/100", files={"image": ones()}).json()
    assert (reading["budget"]["kind"], reading["budget"]["threshold"]) == ("forms", 0.2)
    assert wrong(reading, whole["components"]["schemas"]["Code"], whole) == []
    assert reading["calibration"] == stamped(tmp_path / "own.json")  # a table says with which it was read
    assert client.post(ROUTE + "?max_wrong=1/1000000", files={"image": ones()}).json()["code"] == "usage"


def test_the_share_that_is_refused_is_a_short_number_and_the_kinds_are_those_there_are(client):
    budget = client.post(ROUTE + "?max_wrong=1/50", files={"image": ones()}).json()["budget"]
    assert budget["refused"] == round(budget["refused"], 4)
    parameters = client.get("/openapi.json").json()["paths"][ROUTE]["post"]["parameters"]
    said = next(one["description"] for one in parameters if one["name"] == "kind")
    known = client.post(ROUTE + "?max_wrong=1/50&kind=unheard", files={"image": ones()}).json()["details"]["en"]
    for kind in known.partition("there are: ")[2].split(", "):
        assert kind in said


def test_every_way_in_names_the_kinds_that_were_measured(client, serving, tmp_path):
    kinds, sentences = list(CodeReader().kinds), catalogue("en")
    assert client.get("/v1/codes/kinds").json() == {"kinds": kinds}
    assert client.get("/v1/codes/kinds?kind=six").status_code == 422
    assert sorted(read.KINDS.split(", ")) == sorted(kinds)
    told = re.search(r"for max_wrong: (.*?);", sentences["openapi.parameter.kind"])[1]
    assert sorted(re.findall(r"\w+", re.sub(r"\(.*?\)| or ", " ", told))) == sorted(kinds)
    curves = {"orders": Curve("orders", 1, 1, (Look(0.5, 1, 0),))}
    Calibration("own", CodeReader().readers, Steady(), curves).save(tmp_path / "own.json")
    assert serving(calibration=tmp_path / "own.json").get("/v1/codes/kinds").json() == {"kinds": ["orders"]}


def test_the_page_offers_every_check_but_those_that_another_does_and_the_one_that_is_off():
    script = resources.files("calame.service").joinpath("static/js/parts/check-rows.js").read_text(encoding="utf-8")
    listed = re.search(r"const KINDS = [^{]*\{.*?\}[^{]*\{(.*?)\n\}", script, re.DOTALL) or pytest.fail("no list")
    offered = {name: json.loads(example) for name, example in re.findall(r'(\w+): (null|"[^"]*")', listed[1])}
    assert offered.pop("none") is None
    assert set(offered) == set(CHECKS) - {"ean", "isbn10", "isbn13", "nir"}
    for name, example in offered.items():
        assert parse_check(name if example is None else f"{name}({example})", files=False).name == name
        assert f"page.codes.check.{name}" in catalogue("fr")


def test_on_a_page_what_does_not_fit_is_for_a_person_and_not_left_out(client):
    page = client.post(ROUTE + "?several=1&check=length(9)", files={"image": ones(4)}).json()
    assert [(one["state"], one["guess"], one["failed"]) for one in page["numbers"]] == [
        ("check", "1111", ["length(9)"])
    ]


def test_several_numbers_of_a_page_come_as_a_list(client):
    page = client.post(ROUTE + "?several=1", files={"image": ones(4)}).json()
    assert [number["text"] for number in page["numbers"]] == ["1111"]
    blank = client.post(ROUTE + "?several=1&trace=1", files={"image": png(np.full((50, 50), 255, np.uint8))}).json()
    assert blank["numbers"] == []
    assert [step["step"] for step in blank["trace"]][:2] == ["decode", "grey"]  # what is looked at when none is found


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("?check=nonsense", 422, "bad_check"),
        ("?check=oneof(/etc/passwd)", 422, "bad_check"),
        ("?check=nir", 422, "bad_check"),
        ("?checks=luhn", 422, "unknown_parameter"),
        ("?" + "&".join(["check=luhn"] * 9), 422, "bad_parameter"),
        ("?check=regex(" + "1" * 3000 + ")", 422, "bad_parameter"),
        ("?several=perhaps", 422, "bad_parameter"),
        ("?max_wrong=lots", 400, "usage"),
        ("?max_wrong=1/1000000", 400, "usage"),
        ("?kind=unheard", 400, "usage"),
        ("?model=../digits", 404, "unknown_model"),
        ("?lang=de", 422, "bad_parameter"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(client, query, status, code):
    answer = client.post(ROUTE + query, files={"image": ones()})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "/etc" not in answer.text.replace("oneof(/etc/passwd)", "")


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 422, "empty_picture"), (b"hello", 415, "foreign_picture"), (ones()[:60], 422, "damaged_picture")],
)
def test_a_file_that_is_no_good_picture(client, content, status, code):
    answer = client.post(ROUTE, files={"image": ("a.png", content)})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["detail"].startswith("picture 1")


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (3, 3)])
@pytest.mark.parametrize("several", ["0", "1"])
def test_any_shape_has_an_answer(client, shape, several):
    picture = png(np.random.default_rng(0).integers(0, 256, shape, np.uint8))
    assert client.post(f"{ROUTE}?several={several}", files={"image": picture}).status_code == 200


def test_codes_and_digits_are_in_hand_together(serving, one):
    client = serving(waiting=4)
    desk = client.app.state.service.desk
    with desk.hold(3):
        assert client.post(ROUTE, json={"images": [text(ones())] * 2}).status_code == 503
        assert client.post(ROUTE, json={"image": text(ones())}).status_code == 200
        with pytest.raises(Overloaded), desk.hold(2):
            pass
    assert desk.in_hand == 0


def test_numbers_are_counted(client):
    client.post(ROUTE, files={"image": ones()})
    said = client.get("/metrics").text
    assert 'calame_codes_total{decision="accepted",state="accepted"}' in said
    assert 'stage="code"' in said


ROWS = [
    {"file": "=cmd.png", "text": "0042", "confidence": 0.991, "state": "accepted"},
    {"file": "b.png", "guess": "17", "state": "check", "reason": "not sure"},
    {"file": "c.png", "text": "018", "state": "person"},
]


def test_a_table_keeps_zeros_and_no_formula(client):
    made = client.post(f"{ROUTE}/sheet.csv", json={"rows": ROWS})
    rows = list(csv.reader(io.StringIO(made.text)))
    assert [row[:4] for row in rows[1:3]] == [
        ["'=cmd.png", "0042", "99.10", "accepted"],
        ["b.png", "", "0.00", "check it"],
    ]
    made = client.post(f"{ROUTE}/sheet.xlsx?lang=fr", json={"rows": ROWS})
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert [(cell.value, cell.data_type) for cell in (sheet["A2"], sheet["B2"])] == [("=cmd.png", "s"), ("0042", "s")]
    assert sheet["D4"].value == "à la main"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_table_says_by_its_first_bytes_that_it_is_utf_8(client, language):
    rows = [{**ROWS[0], "file": "é.png"}]
    made = client.post(f"{ROUTE}/sheet.csv?lang={language}", json={"rows": rows}).content
    assert made.startswith(b"\xef\xbb\xbf")  # Excel would break the accents of names
    assert '"é.png"' in made.decode("utf-8-sig")


def test_how_a_row_was_read_has_a_column(client):
    rows = [{**ROWS[0], "settings": "model=digits@1 check=luhn"}, ROWS[1]]
    lines = list(csv.reader(io.StringIO(client.post(f"{ROUTE}/sheet.csv", json={"rows": rows}).text)))
    assert [line[-2] for line in lines] == ["Read with", "model=digits@1 check=luhn", ""]
    made = client.post(f"{ROUTE}/sheet.xlsx?lang=fr", json={"rows": rows})
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert [cell.value for cell in sheet["K"]][:2] == ["Lu avec", "model=digits@1 check=luhn"]


@pytest.mark.parametrize(("lang", "head"), [("en", "As written"), ("fr", "Tel qu’écrit")])
def test_the_last_column_has_what_stands_between_the_digits(client, lang, head):
    rows = [{**ROWS[0], "text": "61908", "written": "619,08"}, ROWS[1]]
    made = client.post(f"{ROUTE}/sheet.xlsx?lang={lang}", json={"rows": rows})
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert [cell.value or "" for cell in sheet["L"]] == [head, "619,08", ""]
    lines = client.post(f"{ROUTE}/sheet.csv?lang={lang}", json={"rows": rows}).text.splitlines()
    assert [re.split('[,;](?=")', line)[-1] for line in lines] == [f'"{head}"', '"619,08"', '""']


@pytest.mark.parametrize(("lang", "head"), [("en", ["File", "Field", "Code"]), ("fr", ["Fichier", "Champ", "Code"])])
def test_the_field_of_a_form_stands_behind_the_file(client, lang, head):
    rows = [{**ROWS[0], "field": "client"}, {**ROWS[1], "field": "=total"}]
    made = client.post(f"{ROUTE}/sheet.xlsx?lang={lang}", json={"rows": rows})
    cells = list(openpyxl.load_workbook(io.BytesIO(made.content)).worksheets[0].iter_rows(max_col=3, values_only=True))
    assert cells == [tuple(head), ("=cmd.png", "client", "0042"), ("b.png", "=total", "")]
    lines = client.post(f"{ROUTE}/sheet.csv?lang={lang}", json={"rows": rows}).content.decode("utf-8-sig").splitlines()
    told = [line.replace('"', "").replace(";", ",").split(",")[:3] for line in lines]
    assert told == [head, ["'=cmd.png", "client", "0042"], ["b.png", "'=total", ""]]


def test_french_spaces_stay_in_a_table(client):
    words = {"reason": "probable\u00a0: à regarder", "alternatives": "17 (2,4\u202f%)", "file": "a\n\x00.png"}
    made = client.post(f"{ROUTE}/sheet.csv?lang=fr", json={"rows": [{**words, "state": "check"}]})
    row = made.content.decode("utf-8-sig").splitlines()[1].replace('"', "").split(";")
    assert (row[0], row[4], row[6]) == ("a.png", words["reason"], words["alternatives"])


def test_what_was_read_stands_beside_what_a_person_says(client):
    said = {"file": "a.png", "state": "person", "place": "1 2 3 4"}
    rows = [{**said, "text": "17", "guess": "11", "confidence": 0.3}, {**said, "text": "17"}]
    lines = client.post("/v1/codes/sheet.csv", json={"rows": rows}).text.splitlines()
    assert lines[1] == '"a.png","17","30.00","by hand","","11","","","","1 2 3 4"'
    assert lines[2] == '"a.png","17","","by hand","","","","","","1 2 3 4"'  # nothing was read: nothing is sure


@pytest.mark.parametrize(
    ("form", "body", "status"),
    [("csv", {"rows": 3}, 422), ("csv", [], 422), ("csv", {"rows": [3]}, 422), ("pdf", {"rows": []}, 404),
     ("xlsx", {"rows": [{"state": "odd"}]}, 422), ("xlsx", {"rows": [{"state": "check", "confidence": 2}]}, 422),
     ("xlsx", {"rows": [{"state": "check", "text": "1" * 501}]}, 422), ("csv", {"rows": []}, 200),
     ("csv", {"rows": [{"state": "check", "confidence": "x"}]}, 422)],
)  # fmt: skip
def test_a_table_of_nonsense_is_refused(client, form, body, status):
    assert client.post(f"{ROUTE}/sheet.{form}", json=body).status_code == status


def test_a_place_of_the_picture_is_read_alone(client):
    there = client.post(ROUTE + "?region=20,0,50,100", files={"image": ones(3)}).json()
    assert (there["text"], there["size"]) == ("11", [240, 80])
    assert there["digits"][0]["box"][0] >= 48
    refused = client.post(ROUTE + "?region=60,5,50,8", files={"image": ones()})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_parameter")
    assert "60,5,35,8" in refused.json()["detail"]
