"""What the API says of itself is what it does: real answers, held against its own description."""

import base64
import re

import pytest

from calame.service.settings import hashed

KINDS = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def wrong(value, schema, whole, place="$"):
    """Say where a value is not as a schema says: a validator of as much of JSON Schema as the description uses."""
    if "$ref" in schema:
        return wrong(value, whole["components"]["schemas"][schema["$ref"].rpartition("/")[2]], whole, place)
    if "anyOf" in schema:
        found = [wrong(value, one, whole, place) for one in schema["anyOf"]]
        return [] if not all(found) else min(found, key=len)
    return [
        *_plain(value, schema, place),
        *(f"{place}.{name} is missing" for name in schema.get("required", ()) if name not in value),
        *_inside(value, schema, whole, place),
    ]


def _plain(value, schema, place):
    kind = schema.get("type")
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("integer", "number"):
        fits = number and (kind == "number" or value == int(value))
    else:
        fits = kind is None or isinstance(value, KINDS[kind])
    fits = fits and ("enum" not in schema or value in schema["enum"])
    fits = fits and (not number or schema.get("minimum", value) <= value <= schema.get("maximum", value))
    fits = fits and ("pattern" not in schema or re.search(schema["pattern"], value) is not None)
    if isinstance(value, list):
        fits = fits and schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
    return [] if fits else [f"{place} is {value!r:.60}, not {schema!r:.80}"]


def _inside(value, schema, whole, place):
    if isinstance(value, dict) and "properties" in schema:
        known = schema["properties"]
        yield from (f"{place}.{name} is not described" for name in value if name not in known)
        for name in value.keys() & known.keys():
            yield from wrong(value[name], known[name], whole, f"{place}.{name}")
    if isinstance(value, list) and "items" in schema:
        for item in value:
            yield from wrong(item, schema["items"], whole, f"{place}[]")
    if isinstance(value, list):
        for number, (item, one) in enumerate(zip(value, schema.get("prefixItems", ()), strict=False)):
            yield from wrong(item, one, whole, f"{place}[{number}]")


def parts(schema, place="$"):
    """Give every part of a description that is a mapping, with its place."""
    if isinstance(schema, dict):
        yield place, schema
    named = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for name, part in named:
        yield from parts(part, f"{place}.{name}")


@pytest.fixture
def kept(serving, one, tmp_path):
    client = serving(database=f"sqlite:///{tmp_path / 'history.db'}")
    for body in (one, one):
        client.post("/v1/digits?keep=1", files={"image": body})
    client.patch("/v1/history/1", json={"truth": 7, "note": "a remark"})
    return client


@pytest.mark.parametrize(
    ("method", "path", "described", "sent"),
    [
        ("post", "/v1/digits?trace=1&features=1&tta=1&keep=1", "/v1/digits", {"image": ...}),
        ("post", "/v1/digits?off=main,lines&trace=1", "/v1/digits", {"images": [..., "no base64!", 5]}),
        ("post", "/v1/digits", "/v1/digits", {"image": "iVBORw0KGgo="}),
        ("post", "/predict", "/predict", {"image": ..., "show_features": True}),
        ("post", "/predict", "/predict", {}),
        ("post", "/v1/inside", "/v1/inside", {"image": ...}),
        ("post", "/v1/inside/flip", "/v1/inside/flip", {"image": ...}),
        ("get", "/v1/history", "/v1/history", None),
        ("get", "/v1/history?limit=0", "/v1/history", None),
        ("get", "/v1/history/1", "/v1/history/{number}", None),
        ("get", "/v1/history/9", "/v1/history/{number}", None),
        ("patch", "/v1/history/2", "/v1/history/{number}", {"truth": 1}),
        ("delete", "/v1/history/2", "/v1/history/{number}", None),
        ("delete", "/v1/history", "/v1/history", None),
        ("put", "/v1/history/settings", "/v1/history/settings", {"keep": True}),
        ("get", "/v1/history/settings", "/v1/history/settings", None),
        ("get", "/v1/sheet", "/v1/sheet", None),
    ],
)
def test_an_answer_is_as_it_is_described(kept, one, method, path, described, sent):
    picture = base64.b64encode(one).decode()
    whole = kept.get("/openapi.json").json()
    if sent is not None:
        known = {"image": picture} if sent.get("image") is ... else {}
        known |= {"images": [picture, *sent["images"][1:]]} if "images" in sent else {}
        sent |= known
    answer = kept.request(method, path, json=sent)
    responses = whole["paths"][described][method]["responses"]
    schema = responses.get(str(answer.status_code), responses["default"])["content"]
    assert list(schema) == [answer.headers["content-type"]]
    assert wrong(answer.json(), schema[answer.headers["content-type"]]["schema"], whole) == []


def test_the_validator_finds_what_is_wrong(client):
    whole = client.get("/openapi.json").json()
    reading = {"$ref": "#/components/schemas/Reading"}
    assert "$.confidence is missing" in wrong({"digit": 1}, reading, whole)
    assert "$.more is not described" in wrong({"more": 1}, reading, whole)
    assert any("$.digit" in said for said in wrong({"digit": 10}, reading, whole))
    assert any("$.digit" in said for said in wrong({"digit": True}, reading, whole))
    assert any("$.top[]" in said for said in wrong({"top": [[1]]}, reading, whole))


def test_every_array_says_what_is_in_it(client):
    """Without it generators of clients leave out the answer that the array is part of."""
    whole = client.get("/openapi.json").json()
    arrays = [(place, part) for place, part in parts(whole) if part.get("type") == "array"]
    assert arrays
    assert [place for place, part in arrays if not {"items", "prefixItems"} & part.keys()] == []
    number = whole["components"]["schemas"]["Number"]["properties"]["alternatives"]
    assert wrong([["17", 0.2]], number, whole) == []
    assert any("[0]" in said for said in wrong([[0.2, "17"]], number, whole))


@pytest.mark.parametrize("path", ["/v1/digits", "/v1/codes", "/v1/pages", "/v1/images"])
def test_what_is_not_described_is_refused_and_what_is_described_is_known(client, one, path):
    operation = client.get("/openapi.json").json()["paths"][path]["post"]
    known = sorted(parameter["name"] for parameter in operation["parameters"])
    said = client.post(path, params={"one-in": 200}, files={"image": one}).json()
    assert (said["code"], said["detail"].partition("there is: ")[2]) == ("unknown_parameter", ", ".join(known))
    picture = base64.b64encode(one).decode()
    for body in (
        {"json": {"image": picture, "check": ["luhn"]}},
        {"data": {"check": "luhn"}, "files": {"image": one}},
        {"files": {"image": one, "check": one}},
    ):
        answer = client.post(path, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, "unknown_parameter")
        assert "check in the body" in answer.json()["detail"]
        assert answer.json()["detail"].endswith(f"in the address, after the question mark: {', '.join(known)}")
    for kind in operation["requestBody"]["content"].values():
        forms = kind["schema"].get("anyOf", [kind["schema"]])
        assert {form["additionalProperties"] for form in forms} == {False}


def test_a_key_is_described_where_one_is_asked_for(client, serving):
    paths = client.get("/openapi.json").json()
    assert "securitySchemes" not in paths["components"]
    assert not [place for place, part in parts(paths) if "security" in part]
    asking = serving(keys=hashed(["first"]))
    whole = asking.get("/openapi.json").json()
    assert whole["components"]["securitySchemes"] == {"key": {"type": "http", "scheme": "bearer"}}
    for path, operations in whole["paths"].items():
        answer = asking.get(path.replace("{number}", "1"))
        assert {"security" in one for one in operations.values()} == {answer.status_code == 401}, path


def test_every_operation_says_what_it_does_and_may_answer(client):
    described = client.get("/openapi.json").json()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (method, path)
            assert operation["description"].endswith("."), (method, path)
            assert {"200", "default"} == set(operation["responses"]), (method, path)
            for parameter in operation.get("parameters", ()):
                assert parameter["description"].endswith((".", "…")), (method, path, parameter["name"])


def test_the_models_and_steps_that_may_be_named_are_those_there_are(client):
    described = client.get("/openapi.json").json()
    parameters = {one["name"]: one["schema"] for one in described["paths"]["/v1/digits"]["post"]["parameters"]}
    model = client.get("/v1/models").json()["models"][0]
    assert parameters["model"]["enum"] == [model["id"]]
    for step in model["steps"]:
        assert bool(re.search(parameters["off"]["pattern"], step)) == (step not in model["needed"])


@pytest.mark.parametrize("path", ["inside/network", "history", "sheet", "samples", "mnist", "models", "training"])
def test_what_the_framework_reads_is_described_too_and_all_else_refused(client, path):
    described = client.get("/openapi.json").json()["paths"][f"/v1/{path}"]["get"].get("parameters", [])
    said = client.get(f"/v1/{path}", params={"langauge": "fr"}).json()
    assert (said["code"], "langauge" in said["detail"]) == ("unknown_parameter", True)
    assert [one["name"] for one in described if one["name"] not in said["detail"]] == []
