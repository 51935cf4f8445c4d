"""Pages that are written out on the server: the API's documentation, and one page a problem.

HTML that is whole without a script, with the app's head and style; every word that comes from elsewhere is escaped.
"""

import json
from html import escape
from typing import Any

from calame.locale import text
from calame.service.masthead import masthead
from calame.service.problems import CODES

Schema = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
OTHERS = "4xx, 5xx"  # statuses: OpenAPI calls them "default"
PLACES = ("query", "path", "header")  # of a parameter
CURL = """curl -sO {address}/v1/samples/phone-seven.jpg
curl -F image=@phone-seven.jpg {address}/v1/digits
curl -F image=@phone-seven.jpg -F image=@phone-seven.jpg '{address}/v1/digits?trace=1'"""
PYTHON = """import base64, json, urllib.request

picture = base64.b64encode(open("phone-seven.jpg", "rb").read()).decode()
request = urllib.request.Request(
    "{address}/v1/digits",
    json.dumps({{"image": picture}}).encode(),
    {{"Content-Type": "application/json"}},
)
print(json.load(urllib.request.urlopen(request))["digit"])"""
JAVASCRIPT = """const form = new FormData();
form.append("image", file);  // {file}
const answer = await fetch("{address}/v1/digits", {{ method: "POST", body: form }});
console.log((await answer.json()).digit);"""


def page(title: str, body: str, language: str) -> str:
    """Return a whole page."""
    return (
        f'<!doctype html>\n<html lang="{language}" class="ready" data-written><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)} · Calame</title>'
        '<meta name="color-scheme" content="light dark"><link rel="icon" href="/static/icon.svg" type="image/svg+xml">'
        '<script src="/static/theme.js"></script>'
        '<link rel="stylesheet" href="/static/css/base.css"><link rel="stylesheet" href="/documents.css">'
        '<script type="module" src="/static/js/written.js"></script></head>'
        f'<body>{masthead(language)}<main id="main" tabindex="-1"><h1>{escape(title)}</h1>{body}</main>'
        "</body></html>\n"
    )


def problem_page(code: str, language: str) -> str:
    """Return the page behind a problem's type: what it means and the way out."""
    said = escape(text(f"problem.{code}.help", language))
    more = escape(text("service.page.errors", language))
    body = (
        f"<p><code>{code}</code> · HTTP {CODES[code]}</p><p class='lede'>{said}</p>"
        f"<p><a href='/problems?lang={language}'>{more}</a></p>"
    )
    return page(text(f"problem.{code}.title", language), body, language)


def problems_list(language: str) -> str:
    """Return the page that lists every kind of problem."""
    about = escape(text("service.page.problems.about", language))
    body = f"<p class='lede'>{about}</p>{problems_table(language)}"
    return page(text("service.page.problems", language), body, language)


def no_such_problem(name: str, language: str) -> str:
    """Return the page behind the address of a problem that there is not: what came, and those there are."""
    said = escape(text("service.page.no_such_problem.about", language, name=name))
    body = f"<p class='lede'>{said}</p>{problems_table(language)}"
    return page(text("service.page.no_such_problem", language), body, language)


def problems_table(language: str) -> str:
    """Return every kind of problem, a row each: its code, its status, and what it means."""

    def say(code: str, part: str) -> str:
        return escape(text(f"problem.{code}.{part}", language))

    rows = "".join(
        f'<tr><td><a href="/problems/{code}?lang={language}"><code>{code}</code></a></td><td>{CODES[code]}</td>'
        f"<td>{say(code, 'title')}<p class='small quiet'>{say(code, 'help')}</p></td></tr>"
        for code in sorted(CODES)
    )
    return f"<table class='problems'><tbody>{rows}</tbody></table>"


def api_page(schema: Schema, address: str, language: str) -> str:
    """Return the documentation of the API: examples first, then every operation of its OpenAPI description."""
    file = text("service.page.example.file", language)
    examples = "".join(
        f"<section><h3>{name}</h3><pre><code>{escape(code.format(address=address, file=file))}</code></pre></section>"
        for name, code in (("curl", CURL), ("Python", PYTHON), ("JavaScript", JAVASCRIPT))
    )
    operations = "".join(
        operation_part(method, path, operations[method], language)
        for path, operations in schema["paths"].items()
        for method in METHODS
        if method in operations
    )
    say = {
        name: escape(text(f"service.page.{name}", language))
        for name in ("intro", "examples", "operations", "errors", "schemas")
    }
    body = (
        f"<p class='lede'>{say['intro']} <a href='/openapi.json?lang={language}'>openapi.json</a></p>"
        f"<h2>{say['examples']}</h2><div class='examples'>{examples}</div>"
        f"<p><a href='/problems?lang={language}'>{say['errors']}</a></p>"
        f"<h2>{say['operations']}</h2>{operations}"
        f"<h2>{say['schemas']}</h2>{schemas_part(schema['components']['schemas'])}"
    )
    return page("API", body, language)


def operation_part(method: str, path: str, operation: Schema, language: str) -> str:
    """Return one operation: what it does, its parameters, what goes in and what comes out."""
    places = {place: text(f"service.page.in.{place}", language) for place in PLACES}
    rows = "".join(
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{escape(places[one['in']])}</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", ())
    )
    table = f"<table class='parameters'><tbody>{rows}</tbody></table>" if rows else ""
    bodies = "".join(
        body_part(kind, body) for kind, body in operation.get("requestBody", {}).get("content", {}).items()
    )
    answers = "".join(
        f"<li><code>{escape(OTHERS if status == 'default' else status)}</code> "
        f"{escape(answer.get('description', ''))} {kinds(answer)}</li>"
        for status, answer in operation["responses"].items()
    )
    summary, more = escape(operation.get("summary", "")), escape(operation.get("description", ""))
    heading = f"<span>{method.upper()}</span> {escape(path)}"
    asks = f"<h3>{escape(text('service.page.asks', language))}</h3>{bodies}" if bodies else ""
    gives = f"<h3>{escape(text('service.page.gives', language))}</h3><ul>{answers}</ul>"
    named = f"<code>{heading}</code> <b>{summary}</b>"
    return f"<details><summary>{named}</summary><p>{more}</p>{table}{asks}{gives}</details>"


def body_part(kind: str, body: Schema) -> str:
    """Return one form that a request's body may have."""
    shown = next((example["value"] for example in body.get("examples", {}).values()), None)
    written = json.dumps(body["schema"] if shown is None else shown, ensure_ascii=False, indent=1)
    return f"<p><code>{escape(kind)}</code></p><pre><code>{escape(written)}</code></pre>"


def kinds(answer: Schema) -> str:
    """Return the types of an answer, with links to their schemas."""
    found: list[str] = []
    for kind, body in answer.get("content", {}).items():
        names = [reference.rpartition("/")[2] for reference in references(body.get("schema", {}))]
        links = " | ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
        found.append(f"<code>{escape(kind)}</code> {links}")
    return " ".join(found)


def references(schema: Schema) -> list[str]:
    """Return the schemas that one refers to directly or as one of several."""
    parts = [schema, *schema.get("anyOf", ())]
    return [part["$ref"] for part in parts if "$ref" in part]


def schemas_part(schemas: Schema) -> str:
    """Return every schema, folded."""
    return "".join(
        f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary><pre><code>'
        f"{escape(json.dumps(schema, ensure_ascii=False, indent=1))}</code></pre></details>"
        for name, schema in sorted(schemas.items())
    )
