"""The routes of the history and of the test sheet, over a real store."""

import base64
import csv
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from io import BytesIO, StringIO

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.testclient import TestClient
from openpyxl import load_workbook

from calame.drawing.png import png as encode
from calame.drawing.png import uri
from calame.errors import CalameError
from calame.service import problems
from calame.service.exports import png_size
from calame.service.routes import history
from calame.service.routes.history import router
from calame.service.settings import default_url
from calame.service.store import Entry, Store


def png(width=2, height=2):
    return encode(np.full((height, width), 128, np.uint8))


@asynccontextmanager
async def named(app):
    yield {"id": "request-1"}


def client_of(store):
    app = FastAPI(lifespan=named)
    app.include_router(router(store))

    app.state.language = "en"
    app.add_exception_handler(CalameError, problems.on_calame_error)
    app.add_exception_handler(RequestValidationError, problems.on_validation)
    return TestClient(app)


@pytest.fixture
def store(tmp_path):
    made = Store(default_url(tmp_path))
    yield made
    made.close()


@pytest.fixture
def client(store):
    with client_of(store) as made:
        yield made


def test_a_reading_with_its_pictures(client, store):
    store.add(Entry(7, 0.993, png(3, 5), png(28, 28), name="sept.png", model="digits@1"))
    (item,) = client.get("/v1/history").json()["items"]
    assert base64.b64decode(item.pop("image").removeprefix("data:image/png;base64,")) == png(3, 5)
    assert base64.b64decode(item.pop("prepared").removeprefix("data:image/png;base64,")) == png(28, 28)
    assert item.pop("time").endswith("Z")
    assert item == {
        "id": 1, "name": "sept.png", "digit": 7, "confidence": 0.993, "rejected": None, "reason": None,
        "truth": None, "right": None, "note": "", "model": "digits@1",
    }  # fmt: skip
    assert client.get("/v1/history/1").json()["digit"] == 7


def test_a_refusal_says_why_in_the_language_that_is_asked(client, store):
    store.add(Entry(None, 0.3, png(), rejected="unsure"))
    (item,) = client.get("/v1/history", headers={"Accept-Language": "fr"}).json()["items"]
    assert (item["digit"], item["prepared"], item["reason"]) == (None, None, "pas assez sûr pour répondre")


def test_pages_and_search(client, store):
    for digit in range(5):
        store.add(Entry(digit, 0.9, png()))
    first = client.get("/v1/history", params={"limit": 3}).json()
    last = client.get("/v1/history", params={"limit": 3, "before": first["items"][-1]["id"]}).json()
    assert [item["id"] for item in first["items"] + last["items"]] == [5, 4, 3, 2, 1]
    assert (first["more"], last["more"]) == (True, False)
    assert [item["id"] for item in client.get("/v1/history", params={"query": "4"}).json()["items"]] == [5]


def test_a_correction_feeds_the_sheet(client, store):
    for digit in (9, 9, 4):
        store.add(Entry(digit, 0.8, png()))
    assert client.patch("/v1/history/1", json={"truth": 4}).json()["right"] is False
    assert client.patch("/v1/history/2", json={"truth": 9, "note": "=2"}).json()["note"] == "=2"
    found = client.get("/v1/sheet").json()
    assert (found["n"], found["right"], found["rate"], found["unjudged"]) == (2, 1, 0.5, 1)
    # Wilson for 1 of 2, by hand: (1 + z²/2 ± z·√(1/2 + z²/4)) / (2 + z²), z = 1.959964
    assert found["interval"] == pytest.approx([0.094531, 0.905469], abs=1e-6)
    assert found["confusion"][4][9] == found["confusion"][9][9] == 1
    assert [row["right"] for row in found["rows"]] == [False, True, None]
    assert client.patch("/v1/history/1", json={"truth": None}).json()["truth"] is None
    assert client.get("/v1/sheet").json()["n"] == 1


def test_what_is_not_named_stays(client, store):
    store.add(Entry(9, 0.8, png(), truth=4, note="first"))
    item = client.patch("/v1/history/1", json={"note": "second"}).json()
    assert (item["truth"], item["note"]) == (4, "second")
    assert client.patch("/v1/history/1", json={}).json() == item
    assert client.patch("/v1/history/1", json={"truth": 5.0}).json()["truth"] == 5


@pytest.mark.parametrize(
    "said",
    [
        {"truth": 10},
        {"truth": -1},
        {"truth": "4"},
        {"truth": True},
        {"truth": 4.5},
        {"truth": 1e300},
        {"note": "x" * 2001},
        {"digit": 4},
        [],
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(client, store, said):
    store.add(Entry(9, 0.8, png()))
    assert client.patch("/v1/history/1", json=said).status_code == 422
    assert store.get(1).truth is None


@pytest.mark.parametrize("typed", [r'"\u0000a"', r'"\ud800"', '"🖋"', '"' + "é" * 2000 + '"'])
def test_any_text_is_kept_or_refused(client, store, typed):
    store.add(Entry(9, 0.8, png()))
    answer = client.patch("/v1/history/1", content=f'{{"note": {typed}}}', headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 422)
    for path in ("history?query=%00%ED%A0%80", "sheet", "sheet.csv", "sheet.xlsx", "sheet.md", "sheet.html"):
        found = client.get(f"/v1/{path}")
        assert (found.status_code, found.headers["cache-control"]) == (200, "no-store")


def test_deletion(client, store):
    for _ in range(3):
        store.add(Entry(1, 0.9, png()))
    assert client.delete("/v1/history/2").json() == {"deleted": 1}
    assert client.delete("/v1/history/2").status_code == client.get("/v1/history/2").status_code == 404
    assert client.delete("/v1/history/2").json()["code"] == "no_such_entry"
    assert client.delete("/v1/history").json() == {"deleted": 2}
    assert client.get("/v1/history").json() == {"items": [], "more": False}


def test_keeping_has_one_switch(client, store):
    assert client.get("/v1/history/settings").json() == {"keep": True}
    assert client.put("/v1/history/settings", json={"keep": False}).json() == {"keep": False}
    assert store.keeping() is False
    assert client.put("/v1/history/settings", json={"keep": 1}).status_code == 422


@pytest.mark.parametrize(
    "path", ["/v1/history?before=0", f"/v1/history?before={2**63}", "/v1/history?limit=0", "/v1/history/x",
             f"/v1/history/{2**63}", "/v1/history?query=" + "x" * 201, "/v1/sheet.pdf", "/v1/sheet?limit=-1"]
)  # fmt: skip
def test_what_cannot_be_is_refused(client, path):
    assert client.get(path).status_code == 422


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_the_settings_are_no_reading(serving, method):
    answer = serving().request(method, "/v1/history/settings", json={})
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, PUT")


@pytest.mark.parametrize(
    ("body", "kind", "status", "said"),
    [
        (b"{}", "text/plain", 415, "'text/plain'"),
        (b'{"note": "' + b"x" * 64_000 + b'"}', "application/json", 413, "64000"),
        (b"[" * 30_000, "application/json", 400, "n’est pas du JSON"),
        (b'{"truth": ' + b"1" * 5000 + b"}", "application/json", 400, "n’est pas du JSON"),
        (b'"\xe9"', "application/json", 400, "n’est pas du JSON"),
        (b'{"x": 1}', "application/json", 422, "x vaut 1 ; attendu : rien de ce nom"),
        (b"", "application/json", 422, "body vaut – ; attendu : une valeur"),
        (b"[]", "application/json; charset=utf-8", 422, 'attendu : {"…": …}'),
        (b'{"truth": 1.5}', "application/json", 422, "attendu : 0, 1, 2, …"),
    ],
)
def test_a_body_that_says_nothing_is_refused_in_words_of_ours(serving, body, kind, status, said):
    client = serving()
    for sent in (body, iter([body])):  # announced, and not
        answer = client.patch("/v1/history/1", content=sent, headers={"content-type": kind, "accept-language": "fr"})
        assert answer.status_code == status
        assert said in answer.json()["detail"].replace("\u202f", " ").replace("\u00a0", " ")


def test_the_figures_count_what_is_not_listed(client, store):
    for digit in range(10):
        store.add(Entry(digit, 0.9, png(), truth=digit))
    found = client.get("/v1/sheet", params={"limit": 3}).json()
    assert ([row["digit"] for row in found["rows"]], found["n"], found["entries"]) == ([7, 8, 9], 10, 10)
    assert client.get("/v1/sheet", params={"limit": 0}).json()["rows"] == []
    assert client.get("/v1/sheet", params={"query": "7"}).json()["n"] == 1


def test_a_long_sheet_is_fetched_by_pages_with_small_pictures(client, store, monkeypatch):
    monkeypatch.setattr(history, "PAGES", 3)
    store.add_all([Entry(digit, 0.9, png(320, 240), truth=digit) for digit in range(8)])
    asked = []
    real = store.search
    monkeypatch.setattr(store, "search", lambda *words, **how: asked.append(how) or real(*words, **how))
    rows = client.get("/v1/sheet", params={"limit": 7}).json()["rows"]
    assert [row["digit"] for row in rows] == [1, 2, 3, 4, 5, 6, 7]
    assert {max(png_size(base64.b64decode(row["image"].partition(",")[2]))) for row in rows} == {106}
    assert [how["limit"] for how in asked if how.get("pictures", True)] == [3, 3, 1]
    assert client.get("/v1/history").json()["items"][0]["image"] == uri(png(320, 240))  # whole, where each is looked at


def test_sheets_are_made_one_after_another(store, monkeypatch):
    busy, most, real = [0], [0], history._sheet

    def counted(*given):
        busy[0] += 1
        most[0] = max(most[0], busy[0])
        time.sleep(0.01)
        busy[0] -= 1
        return real(*given)

    monkeypatch.setattr(history, "_sheet", counted)
    with client_of(store) as client, ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(client.get, ["/v1/sheet", "/v1/sheet.xlsx"] * 4))
    assert {answer.status_code for answer in answers} == {200}
    assert most == [1]


def test_exports_in_the_language_that_is_asked(client, store):
    store.add(Entry(7, 0.9, png(), png(28, 28), truth=7))
    french = client.get("/v1/sheet.csv", headers={"Accept-Language": "fr"})
    assert french.headers["content-disposition"].startswith('attachment; filename="calame-fiche-de-test-')
    assert next(csv.reader(StringIO(french.content.decode("utf-8-sig")), delimiter=";"))[3] == "Lu"
    book = load_workbook(BytesIO(client.get("/v1/sheet.xlsx?lang=en").content))
    assert (book["Test sheet"]["F2"].value, len(book["Test sheet"]._images)) == ("7", 2)
    assert client.get("/v1/sheet.md?lang=fr").text.startswith("# Fiche de test")
    page = client.get("/v1/sheet.html?lang=fr")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    assert page.text.count("<img") == 2


def test_a_history_that_is_away_is_said_and_nothing_else_breaks(tmp_path):
    (tmp_path / "history.db").write_bytes(b"no database " * 1000)
    with client_of(Store(default_url(tmp_path))) as client:
        for path in ("/v1/history", "/v1/sheet", "/v1/sheet.csv", "/v1/history/settings"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["code"]) == (503, "damaged_history")
            assert str(tmp_path) not in answer.text
        assert client.get("/openapi.json").status_code == 200


def test_the_description_says_what_a_truth_may_be(client):
    truth = client.get("/openapi.json").json()["components"]["schemas"]["Correction"]["properties"]["truth"]
    assert {"type": "integer", "minimum": 0, "maximum": 9} in truth["anyOf"]
