"""The OpenAPI description of what is read from requests by hand, with examples; and of every problem, everywhere.

Bodies are read by hand because a form and JSON come to one address, and because each picture has an error of its
own; this module describes them and checks nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from calame.service.problems import CODES
from calame.service.problems import JSON as PROBLEM_TYPE
from calame.types import Rejection

Schema = dict[str, Any]
DRAWN_ONE = (  # a PNG of 28×28 with a stroke, so that the examples can be sent as they stand
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAH0lEQVR4AWNgGHDw/z8eJ4xKAgNnNBAIBQKeFEQ9"
    "KQAPlSfZzh80twAAAABJRU5ErkJggg=="
)


def _object(required: list[str], **properties: Schema) -> Schema:
    return {"type": "object", "required": required, "properties": properties}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
DIGIT: Schema = {"type": "integer", "minimum": 0, "maximum": 9}
PNG: Schema = {"type": "string", "description": "data:image/png;base64,…"}
PICTURE: Schema = {
    "type": "string", "description": "A picture in base64, or a data URL.", "examples": [DRAWN_ONE],
    "pattern": r"^(data:[^,]*,)?[A-Za-z0-9+/\s]+={0,2}\s*$",
}  # fmt: skip
SWITCH: Schema = {"type": "string", "enum": ["1", "0", "true", "false", "yes", "no", "on", "off", ""]}


def _array(items: Schema, **more: object) -> Schema:
    return {"type": "array", "items": items, **more}


SCHEMAS: Schema = {
    "Problem": _object(
        ["type", "title", "status", "detail", "instance", "code", "error"],
        type={"type": "string", "description": "A page that explains this kind of problem."},
        title=TEXT, status={"type": "integer"}, detail=TEXT,
        instance={"type": "string", "description": "This one request, as the server's log calls it."},
        code={"type": "string", "enum": sorted(CODES)},
        error={"type": "string", "description": "The same as detail."},
    ),
    "Quality": _object(
        ["score", "level", "contrast", "size", "aspect", "sharpness", "advice"],
        score=SHARE, level={"type": "string", "enum": ["excellent", "good", "fair", "poor"]}, contrast=SHARE,
        size=SHARE, aspect=SHARE, sharpness=SHARE, advice=_or_null(TEXT),
    ),
    "Step": _object(
        ["step", "words", "off", "needed", "milliseconds", "image"],
        step=TEXT, words=TEXT, off={"type": "boolean"}, needed={"type": "boolean"}, milliseconds=NUMBER,
        image=_or_null(PNG),
    ),
    "Layer": _object(
        ["layer", "kind", "shape", "low", "high", "columns", "image"],
        layer=TEXT, kind=TEXT, shape=_array(COUNT), low=NUMBER, high=NUMBER, columns=COUNT, image=PNG,
    ),
    "Reading": _object(
        ["digit", "confidence", "probabilities", "top", "rejected", "reason", "quality", "prepared", "looks",
         "milliseconds", "model"],
        digit=_or_null(DIGIT),
        confidence={**SHARE, "description": "Calibrated: of readings at 0.9, nine in ten are right."},
        probabilities=_array(SHARE, minItems=10, maxItems=10),
        top=_array(_array(NUMBER, minItems=2, maxItems=2)),
        rejected=_or_null({"type": "string", "enum": list(get_args(Rejection))}),
        reason=_or_null(TEXT),
        quality=_or_null(_ref("Quality")),
        prepared=_or_null({**PNG, "description": "What the network saw, 28 × 28."}),
        looks={**COUNT, "description": "Of how many views this is the mean: in doubt, the network looks again."},
        milliseconds=_object(["decode", "prepare", "network", "all"], decode=NUMBER, prepare=NUMBER, network=NUMBER,
                             all=NUMBER),
        model=TEXT,
        id={**_or_null(COUNT), "description": "In the history; only with keep=1."},
        trace={**_array(_ref("Step")), "description": "Only with trace=1."},
        features={**_array(_ref("Layer")), "description": "Only with features=1."},
    ),
    "Seen": _object(
        ["predictions", "rejected", "reason", "model"],
        predictions=_array(_object(["label", "probability"], label=TEXT, probability=SHARE)),
        rejected=_or_null({"type": "string", "enum": ["none_of_these"]}),
        reason=_or_null(TEXT),
        model=TEXT,
        why={
            **_object(
                ["label", "image", "seen", "low", "high"],
                label=TEXT, image=PNG, low=NUMBER, high=NUMBER,
                seen=_object(["left", "top", "width", "height"], left=SHARE, top=SHARE, width=SHARE, height=SHARE),
            ),
            "description": "Only with why: the evidence of each place, and which part of the picture was seen.",
        },
    ),
    "Readings": _object(
        ["readings"],
        readings=_array({"anyOf": [_ref("Reading"), _object(["error"], error=_ref("Problem"))]}),
    ),
}  # fmt: skip


def _parameter(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _answer(schema: Schema, description: str) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _body(json_schema: Schema, form: Schema, examples: Schema) -> Schema:
    content = {
        "application/json": {"schema": json_schema, "examples": examples},
        "multipart/form-data": {"schema": form},
    }
    return {"required": True, "content": content}


FILE: Schema = {"type": "string", "format": "binary"}
READ: Schema = {
    "parameters": [
        _parameter("trace", "Tell every preparation step, with its time and picture.", SWITCH),
        _parameter("features", "Tell what every layer computed, as pictures.", SWITCH),
        _parameter("tta", "Average over five slightly turned views: a little surer, and slower.", SWITCH),
        _parameter("keep", "Keep the reading in the history.", SWITCH),
        _parameter("model", "name, or name@version, of /v1/models.", TEXT),
        _parameter("off", "Preparation steps to leave out, with commas between them.", TEXT),
        _parameter("lang", "Language of the words, instead of Accept-Language.", {"enum": ["fr", "en"]}),
    ],
    "requestBody": _body(
        {
            "anyOf": [
                _object(["image"], image=PICTURE),
                _object(["images"], images=_array(PICTURE, minItems=1)),
            ]
        },
        _object(["image"], image=_array(FILE, minItems=1)),
        {"one": {"value": {"image": DRAWN_ONE}}, "several": {"value": {"images": [DRAWN_ONE, DRAWN_ONE]}}},
    ),
    "responses": {
        "200": _answer(
            {"anyOf": [_ref("Reading"), _ref("Readings")]},
            "One reading for one picture; a list, in order, for several. A picture that cannot be read is a problem "
            "in its place.",
        )
    },
}
PICTURED: Schema = {
    "requestBody": _body(
        _object(["image"], image=PICTURE), _object(["image"], image=FILE), {"one": {"value": {"image": DRAWN_ONE}}}
    ),
}
COURSE: Schema = {
    "requestBody": _body(
        _object(["image"], image=PICTURE, show_features={"anyOf": [{"type": "boolean"}, SWITCH, {"type": "null"}]}),
        _object(["image"], image=FILE, show_features=SWITCH),
        {"one": {"value": {"image": DRAWN_ONE, "show_features": True}}},
    ),
    "responses": {
        "200": _answer(
            _object(
                ["prediction", "confidence", "probabilities", "predictions", "feature_maps", "rejected", "reason"],
                prediction=_or_null(DIGIT),
                confidence={"type": "number", "minimum": 0, "maximum": 100, "description": "Per cent."},
                probabilities=_array(SHARE),
                predictions=_array(_object(["label", "probability"], label=TEXT, probability=SHARE)),
                feature_maps=_array({"type": "string", "description": "A PNG in base64."}),
                rejected=_or_null(TEXT),
                reason=_or_null(TEXT),
            ),
            "The answer that the course's clients expect.",
        )
    },
}
PICTURES: Schema = _body(
    {"anyOf": [_object(["image"], image=PICTURE), _object(["images"], images=_array(PICTURE, minItems=1))]},
    _object(["image"], image=_array(FILE, minItems=1)),
    {"one": {"value": {"image": DRAWN_ONE}}, "several": {"value": {"images": [DRAWN_ONE, DRAWN_ONE]}}},
)
CLASSIFY: Schema = {
    "parameters": [
        _parameter(
            "top", "So many classes, the most probable first.", {"type": "integer", "minimum": 1, "maximum": 1000}
        ),
        _parameter("why", "A class, or nothing for the best: tell which places of the picture speak for it.", TEXT),
        _parameter("model", "name, or name@version, of /v1/images/models.", TEXT),
        _parameter("lang", "Language of the words, instead of Accept-Language.", {"enum": ["fr", "en"]}),
    ],
    "requestBody": PICTURES,
    "responses": {
        "200": _answer(
            {
                "anyOf": [
                    _ref("Seen"),
                    _object(
                        ["readings"],
                        readings=_array({"anyOf": [_ref("Seen"), _object(["error"], error=_ref("Problem"))]}),
                    ),
                ]
            },
            "The classes of one picture; a list, in order, for several. A picture that cannot be read is a problem in "
            "its place.",
        )
    },
}
COURSE_IMAGES: Schema = {
    "requestBody": _body(
        _object(["image"], image=PICTURE), _object(["image"], image=FILE), {"one": {"value": {"image": DRAWN_ONE}}}
    ),
    "responses": {"200": _answer(_ref("Seen"), "The five most probable classes, as the course's clients expect them.")},
}
PROBLEM: Schema = {
    "description": "What went wrong, in French or English by Accept-Language.",
    "content": {PROBLEM_TYPE: {"schema": _ref("Problem")}},
}


def described(app: FastAPI, models: Callable[[], Iterable[str]], steps: Sequence[str]) -> Schema:
    """Return the description of the whole service; made once, but for the models.

    Args:
        app: with all its routes.
        models: returns the names that may be asked for now.
        steps: preparation steps that may be left out.
    """
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        components = made.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):  # ours are problems
            components.pop(name, None)
        components.update(SCHEMAS)
        for operations in made["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = PROBLEM
        app.openapi_schema = made
    known = "|".join(steps)
    possible = {
        "model": {"enum": list(models())},
        "off": {"type": "string", "pattern": f"^(({known})(,({known}))*)?$"},
    }
    for parameter in app.openapi_schema["paths"]["/v1/digits"]["post"]["parameters"]:
        parameter["schema"] = possible.get(parameter["name"], parameter["schema"])
    return app.openapi_schema
