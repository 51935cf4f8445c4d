"""The pages that are written on the server: nothing of a caller's making is markup, and the examples run as printed."""

import html
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

import calame
from calame.locale import catalogue
from calame.service.documents import api_page, references
from calame.service.openapi_words import keys
from calame.service.problems import CODES

SEVEN = Path(calame.__file__).parent / "samples" / "phone-seven.jpg"


class Tags(HTMLParser):
    """The tags of a page, checked for their ends."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def examples(page: str) -> list[str]:
    return [html.unescape(code) for code in re.findall(r"<section><h3>.*?<code>(.*?)</code></pre>", page, re.DOTALL)]


@pytest.mark.parametrize("path", ["/docs", "/problems", *(f"/problems/{code}" for code in sorted(CODES))])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_is_whole_and_in_its_language(client, path, language):
    answer = client.get(path, headers={"accept-language": language})
    tags = Tags(answer.text).seen
    assert tags.count("h1") == tags.count("title") == 1
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize("host", ["a<script>alert(1)</script>", "[", "a b", "", '"'])
def test_the_name_of_the_host_is_no_markup(client, host):
    page = client.get("/docs", headers={"host": host}).text
    scripts = ['<script src="/static/theme.js">', '<script type="module" src="/static/js/written.js">']
    assert re.findall("<script.*?>", page) == scripts
    assert examples(page)[0].count("http://") == 3


def test_the_address_is_written_as_it_is(client):
    address = "http://[::1]:5001/{0}&<b>"
    page = api_page(client.get("/openapi.json").json(), address, "en")
    assert all(f"{address}/v1/digits" in example for example in examples(page))


@pytest.mark.parametrize(("language", "read"), [("en", "Read"), ("fr", "Lire")])
def test_the_head_is_that_of_the_app(client, language, read):
    app, page = client.get("/").text, client.get(f"/docs?lang={language}").text
    tabs = re.findall(r'href="#(/[a-z]*)" data-t="nav', app)
    assert re.findall(r'<a href="/#(/[a-z]*)" ', page) == tabs != []
    assert f">{read}</a>" in page
    assert '<a href="?lang=fr" lang="fr" aria-label="FR, français" aria-current="' in page
    assert '<a href="/#/api" data-t="nav.api" aria-current="true">API</a>' in page
    assert "$" not in app[: app.index("</header>")] + page[: page.index("</header>")]


def sentences(described) -> list[str]:
    """Every summary and description, of a description or of a part of it."""
    if isinstance(described, list):
        return [said for part in described for said in sentences(part)]
    if not isinstance(described, dict):
        return []
    own = [described[name] for name in ("summary", "description") if isinstance(described.get(name), str)]
    return own + [said for part in described.values() for said in sentences(part)]


def test_the_description_is_french_for_whom_asks_for_it_and_english_else(client):
    english, french = (client.get(f"/openapi.json?lang={language}") for language in ("en", "fr"))
    assert (english.headers["content-language"], french.headers["content-language"]) == ("en", "fr")
    assert client.get("/openapi.json").json() == english.json()
    assert client.get("/openapi.json", headers={"accept-language": "fr-CA"}).json() == french.json()
    both = list(zip(sentences(english.json()), sentences(french.json()), strict=True))
    assert {said for said, other in both if said == other} == {"data:image/png;base64,…"}
    page = client.get("/docs?lang=fr").text
    for operations in french.json()["paths"].values():
        for operation in operations.values():
            assert html.escape(operation["summary"]) in page
            assert html.escape(operation["description"]) in page
    assert "// d’un &lt;input" in page


def test_the_catalogue_has_the_sentences_of_the_description_and_no_others(client):
    said = set(sentences(client.get("/openapi.json").json()))
    assert {key for sentence, key in keys().items() if sentence not in said} == set()
    assert len(keys()) == sum(key.startswith("openapi.") for key in catalogue("en"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_service_in_french_describes_itself_in_english_to_programs(serving, language):
    client = serving(language=language)
    assert client.get("/openapi.json").headers["content-language"] == "en"
    assert client.get("/docs").headers["content-language"] == language


def test_every_operation_stands_on_the_page(client):
    page, described = client.get("/docs").text, client.get("/openapi.json").json()
    for path, operations in described["paths"].items():
        for method in operations:
            assert f"<span>{method.upper()}</span> {path}</code>" in page
    for name in described["components"]["schemas"]:
        assert page.count(f'id="{name}"') == 1
    for name in re.findall(r'href="#(\w+)"', page.partition("<main")[2]):
        assert name in described["components"]["schemas"]


def test_words_of_a_description_are_no_markup():
    evil = "<img src=x>"
    content = {"content": {evil: {"schema": {"title": evil}}}}
    parameter = {"name": evil, "in": "query", "description": evil}
    answers = {"200": {"description": evil, "content": {evil: {"schema": {"$ref": f"#/{evil}"}}}}}
    operation = {"summary": evil, "parameters": [parameter], "requestBody": content, "responses": answers}
    described = {"paths": {f"/{evil}": {"get": operation}}, "components": {"schemas": {evil: {}}}}
    assert "img" not in Tags(api_page(described, "http://x", "en")).seen


def test_references_are_found_alone_and_in_alternatives():
    assert references({"$ref": "#/a"}) == ["#/a"]
    assert references({"anyOf": [{"$ref": "#/a"}, {"type": "null"}, {"$ref": "#/b"}]}) == ["#/a", "#/b"]


@pytest.mark.slow
def test_the_examples_run_as_they_are_printed(running, tmp_path):
    import urllib.request

    shutil.copy(SEVEN, tmp_path)
    with running() as (_, (host, port)):
        page = urllib.request.urlopen(f"http://{host}:{port}/docs").read().decode()
        curl, python, javascript = examples(page)
        said = subprocess.run([sys.executable, "-c", python], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert said.stdout == "7\n"
        if shutil.which("curl"):
            said = subprocess.run(["sh", "-ec", curl], cwd=tmp_path, capture_output=True, text=True, check=True)
            assert [int(digit) for digit in re.findall(r'"digit": (\d)', said.stdout)] == [7, 7, 7]
        if shutil.which("node"):
            file = f'const file = new Blob([require("fs").readFileSync({str(tmp_path / SEVEN.name)!r})]);'
            call = ["node", "-e", f"(async () => {{ {file}\n{javascript} }})()"]
            said = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=True)
            assert said.stdout == "7\n"
