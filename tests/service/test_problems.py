"""Problems: one form, two languages, a page each, and nothing of our insides."""

import html
import re

import pytest
from starlette.testclient import TestClient

from calame.errors import DamagedData, DamagedModel
from calame.imaging import codec
from calame.service.app import create_app
from calame.service.problems import CODES, TABS, language_of
from calame.service.settings import ServiceSettings


def scope(accept: str, query: bytes = b"") -> dict:
    return {"type": "http", "headers": [(b"accept-language", accept.encode())], "query_string": query}


@pytest.mark.parametrize(
    ("accept", "language"),
    [("", "en"), ("fr", "fr"), ("fr-CA,en;q=0.9", "fr"), ("en, fr;q=0.9", "en"), ("de, fr;q=0.5, en;q=0.1", "fr"),
     ("fr;q=0", "en"), ("fr;q=nan", "en"), ("fr;q=x, en", "en"), ("*", "en"), (",;,=", "en")],
)  # fmt: skip
def test_the_language_is_negotiated(accept, language):
    assert language_of(scope(accept)) == language


def test_the_address_may_name_the_language():
    assert language_of(scope("en", b"a=1&lang=fr")) == "fr"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_there"),
        ("GET", "/v1/digits", 405, "method_not_allowed"),
        ("DELETE", "/health/live", 405, "method_not_allowed"),
        ("GET", "/static/nothing.js", 404, "not_there"),
        ("GET", "/static/%2e%2e/app.py", 404, "not_there"),
        ("GET", "/v1/samples/..%2flabels.csv", 404, "not_there"),
        ("GET", "/v1/samples/labels.csv", 404, "not_there"),
        ("GET", "/v1/mnist/seven", 422, "bad_parameter"),
        ("GET", "/v1/mnist/3", 503, "missing_data"),
        ("GET", "/problems/nothing", 404, "not_there"),
        ("GET", "/locale/de.json", 404, "not_there"),
        ("GET", "/v1/history/1/", 404, "not_there"),
    ],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_refusal_is_a_problem(client, method, path, status, code, language):
    answer = client.request(method, path, headers={"accept-language": language})
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["error"] == problem["detail"] == problem["details"][language]
    assert len({*problem["details"].values()}) == 2
    assert not re.search(" [:;?!%»]", problem["details"]["fr"])  # it is shown on a page, where no line begins so
    assert answer.headers["content-language"] == language
    assert problem["instance"] == f"/requests/{answer.headers['x-request-id']}"
    page = client.get(problem["type"], headers={"accept-language": language})
    assert page.status_code == 200
    assert f'<html lang="{language}"' in page.text


def test_the_languages_differ(client):
    details = {client.get("/nothing", headers={"accept-language": name}).json()["detail"] for name in ("fr", "en")}
    assert len(details) == 2


def test_a_405_names_what_is_allowed(client):
    assert client.get("/v1/digits").headers["allow"] == "POST"
    assert client.post("/static/icon.svg").headers["allow"] == "GET, HEAD"
    assert client.put("/v1/history").headers["allow"] == "GET, HEAD, DELETE"


@pytest.mark.parametrize("code", sorted(CODES))
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_kind_has_its_page(client, code, language):
    assert client.get(f"/problems/{code}", headers={"accept-language": language}).status_code == 200


BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_browser_is_shown_the_way_to_a_tab(client):
    page = client.get("/").text
    assert set(TABS) == set(re.findall(r'href="#/(\w+)"', page))
    for tab in TABS:
        answer = client.get(f"/{tab}", headers=BROWSER, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (307, f"/#/{tab}")


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [("GET", "/inside", {}), ("POST", "/inside", BROWSER), ("GET", "/static/inside", BROWSER), ("GET", "/no", BROWSER)],
)
def test_all_else_that_is_not_there_is_a_problem(client, method, path, headers):
    answer = client.request(method, path, headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("name", ["whatever", "a/b", "<b>bold</b>", "x" * 60])
@pytest.mark.parametrize(("language", "title"), [("en", "No such problem"), ("fr", "Problème inconnu")])
def test_a_browser_is_shown_which_problems_there_are(client, name, language, title):
    answer = client.get(f"/problems/{name}", headers={**BROWSER, "accept-language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept, Accept-Language"
    assert f"<h1>{title}</h1>" in answer.text
    assert html.escape(name[:40]) in answer.text
    assert "<b>" not in answer.text
    assert "<header" in answer.text
    for code in CODES:
        assert f'href="/problems/{code}?lang={language}"' in answer.text


def test_a_program_is_told_of_an_unknown_problem_in_json(client):
    answer = client.get("/problems/what/ever", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_there")


def test_what_nobody_expected_tells_nothing_and_is_logged(one, caplog):
    app = create_app(ServiceSettings(threads=1, origins=("https://good.example",)))

    def broken(images, always):
        raise RuntimeError("secret /etc/path")

    with TestClient(app) as client:
        app.state.service.desk.models.default.look = broken
        asked = {"accept-language": "fr", "origin": "https://good.example"}
        answer = client.post("/v1/digits", files={"image": one}, headers=asked)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in answer.json()["detail"]
    assert "secret /etc/path" in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "https://good.example"  # that page may read what is said


@pytest.mark.parametrize("route", ["/v1/digits", "/v1/codes"])
def test_what_nobody_expected_of_one_picture_is_told_in_its_place_and_logged(client, route, one, caplog, monkeypatch):
    real = codec.plain_png

    def broken(content, limits):
        if content.endswith(b"2"):
            raise RuntimeError("secret /etc/path")
        return real(content, limits)

    monkeypatch.setattr(codec, "plain_png", broken)
    answer = client.post(route, files=[("image", one), ("image", one + b"2")])
    good, bad = answer.json()["readings"]
    assert (answer.status_code, "error" in good, bad["error"]["code"]) == (200, False, "internal")
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] in bad["error"]["detail"]
    (record,) = caplog.records
    assert (record.id, record.exc_info[0]) == (answer.headers["x-request-id"], RuntimeError)
    alone = client.post(route, files={"image": one + b"2"})
    assert (alone.status_code, alone.json()["code"]) == (500, "internal")
    assert "secret" not in alone.text


@pytest.mark.parametrize(("error", "code"), [(DamagedModel, "damaged_model"), (DamagedData, "internal")])
def test_a_file_of_ours_that_is_damaged_is_no_mistake_of_the_client(client, error, code, monkeypatch):
    def broken(*_):
        raise error(path="/secret/place", problem="bits")

    monkeypatch.setattr(client.app.state.service.desk.models, "get", broken)
    answer = client.get("/v1/model/filters")
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (500, 500, code)
    assert "secret" not in answer.text


def test_our_own_trouble_names_no_folder(client, caplog):
    answer = client.get("/v1/mnist")
    assert answer.status_code == 503
    assert "CALAME_DATA" not in answer.text
    assert "CALAME_DATA" in caplog.text
