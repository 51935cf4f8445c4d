"""The OpenAPI description of what is read from requests by hand, with examples; and of every problem, everywhere.

Bodies are read by hand because a form and JSON come to one address, and because each picture has an error of its
own; this module describes them and checks nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import get_args

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from calame.service.code_schemas import CODE_SCHEMAS
from calame.service.problems import CODES
from calame.service.problems import JSON as PROBLEM_TYPE
from calame.service.schema_parts import (
    COUNT,
    DIGIT,
    DOCUMENT,
    DRAWN_ONE,
    FILE,
    LANGUAGE,
    NUMBER,
    OF_DOCUMENT,
    PAGE,
    PICTURE,
    PICTURES,
    PNG,
    SHARE,
    SWITCH,
    TEXT,
    TRACE,
    Schema,
    answer,
    array,
    body,
    closed,
    obj,
    or_null,
    parameter,
    ref,
)  # fmt: skip
from calame.types import Advice, Rejection

CLASS_NAME: Schema = {"type": "string", "description": "The class for a person, in the language asked for."}
GUESSES = array(obj(["label", "probability"], label=TEXT, probability=SHARE))
NOT_ONE_OF_THEM = or_null({"type": "string", "enum": ["none_of_these"]})
ONE_IN = (
    "Answer only what is sure enough for at most one wrong answer in so many, as measured; the rest is refused. A "
    "model promises some, the shipped one 50, 100 and 200."
)
NOT_READ = or_null({"type": "string", "enum": list(get_args(Rejection))})

SCHEMAS: Schema = {
    "Problem": obj(
        ["type", "title", "status", "detail", "details", "instance", "code", "error"],
        type={"type": "string", "description": "A page that explains this kind of problem."},
        title=TEXT, status={"type": "integer"}, detail=TEXT,
        details={**obj(["en", "fr"], en=TEXT, fr=TEXT), "description": "The detail in each language, by its code."},
        instance={"type": "string", "description": "This one request, as the server's log calls it."},
        code={"type": "string", "enum": sorted(CODES)},
        error={"type": "string", "description": "The same as detail."},
        command={"type": "string", "description": "What mends it, run on the machine of the service."},
    ),
    "Quality": obj(
        ["score", "level", "contrast", "size", "aspect", "sharpness", "advice", "words"],
        score=SHARE, level={"type": "string", "enum": ["excellent", "good", "fair", "poor"]}, contrast=SHARE,
        size=SHARE, aspect=SHARE, sharpness=SHARE,
        advice={**array({"type": "string", "enum": list(get_args(Advice))}),
                "description": "What would make a better picture, the most pressing first."},
        words=or_null({**TEXT, "description": "The first of it, for a person."}),
    ),
    "Step": obj(
        ["step", "words", "off", "needed", "milliseconds", "image"],
        step=TEXT, words=TEXT, off={"type": "boolean"}, needed={"type": "boolean"}, milliseconds=NUMBER,
        image=or_null(PNG),
    ),
    "Layer": obj(
        ["layer", "kind", "shape", "low", "high", "columns", "image"],
        layer=TEXT, kind=TEXT, shape=array(COUNT), low=NUMBER, high=NUMBER, columns=COUNT, image=PNG,
    ),
    "Reading": obj(
        ["digit", "confidence", "probabilities", "top", "rejected", "reason", "quality", "prepared", "looks",
         "milliseconds", "model"],
        digit=or_null(DIGIT),
        confidence={**SHARE, "description": "Calibrated: of readings at 0.9, nine in ten are right."},
        probabilities=array(SHARE, minItems=10, maxItems=10),
        top=array(array(NUMBER, minItems=2, maxItems=2)),
        rejected=NOT_READ,
        reason=or_null(TEXT),
        quality=or_null(ref("Quality")),
        prepared=or_null({**PNG, "description": "What the network saw, 28 × 28."}),
        looks={**COUNT, "description": "Of how many views this is the mean: in doubt, the network looks again."},
        milliseconds=obj(["decode", "prepare", "network", "all"], decode=NUMBER, prepare=NUMBER, network=NUMBER,
                             all=NUMBER),
        model=TEXT,
        **OF_DOCUMENT,
        id={**or_null(COUNT), "description": "In the history; only with keep=1."},
        trace={**array(ref("Step")), "description": "Only with trace=1."},
        features={**array(ref("Layer")), "description": "Only with features=1."},
    ),
    "Seen": obj(
        ["predictions", "rejected", "reason", "model"],
        predictions=array(obj(["label", "name", "probability"], label=TEXT, name=CLASS_NAME, probability=SHARE)),
        rejected=NOT_ONE_OF_THEM,
        reason=or_null(TEXT),
        model=TEXT,
        why={
            **obj(
                ["label", "name", "image", "seen", "low", "high"],
                label=TEXT, name=CLASS_NAME, image=PNG, low=NUMBER, high=NUMBER,
                seen=obj(["left", "top", "width", "height"], left=SHARE, top=SHARE, width=SHARE, height=SHARE),
            ),
            "description": "Only with why: the evidence of each place, and which part of the picture was seen.",
        },
    ),
    "Readings": obj(
        ["readings"],
        readings=array({"anyOf": [ref("Reading"), obj(["error"], error=ref("Problem"))]}),
    ),
}  # fmt: skip


READ: Schema = {
    "parameters": [
        TRACE,
        parameter("features", "Tell what every layer computed, as pictures.", SWITCH),
        parameter("tta", "Average over five slightly turned views: a little surer, and slower.", SWITCH),
        parameter("one_in", ONE_IN, {**COUNT, "minimum": 1}),
        parameter("keep", "Keep the reading in the history.", SWITCH),
        parameter("model", "name, or name@version, of /v1/models.", TEXT),
        parameter("off", "Preparation steps to leave out, with commas between them.", TEXT),
        PAGE,
        LANGUAGE,
    ],
    "requestBody": PICTURES,
    "responses": {
        "200": answer(
            {"anyOf": [ref("Reading"), ref("Readings")]},
            "One reading for one picture; a list, in order, for several. A picture that cannot be read is a problem "
            "in its place.",
        )
    },
}
PICTURED: Schema = {
    "requestBody": body(
        obj(["image"], image=PICTURE), obj(["image"], image=FILE), {"one": {"value": {"image": DRAWN_ONE}}}
    ),
}
GIVE_PAGE: Schema = {
    "parameters": [PAGE, LANGUAGE],
    "requestBody": body(
        closed(["image"], image=PICTURE), closed(["image"], image=FILE), {"one": {"value": {"image": DOCUMENT}}}
    ),
    "responses": {
        "200": {
            "description": "The page, upright, pixel for pixel as it is read; a PDF at 200 dots per inch or what a "
            "picture may have.",
            "headers": {"X-Pages": {"description": "How many pages there are.", "schema": {**COUNT, "minimum": 1}}},
            "content": {"image/png": {"schema": FILE}},
        }
    },
}
COURSE: Schema = {
    "requestBody": body(
        obj(["image"], image=PICTURE, show_features={"anyOf": [{"type": "boolean"}, SWITCH, {"type": "null"}]}),
        obj(["image"], image=FILE, show_features=SWITCH),
        {"one": {"value": {"image": DRAWN_ONE, "show_features": True}}},
    ),
    "responses": {
        "200": answer(
            obj(
                ["prediction", "confidence", "probabilities", "predictions", "feature_maps", "rejected", "reason"],
                prediction=or_null(DIGIT),
                confidence={"type": "number", "minimum": 0, "maximum": 100, "description": "Per cent."},
                probabilities=array(SHARE),
                predictions=GUESSES,
                feature_maps=array({"type": "string", "description": "A PNG in base64."}),
                rejected=or_null(TEXT),
                reason=or_null(TEXT),
            ),
            "The answer that the course's clients expect.",
        )
    },
}
CLASSIFY: Schema = {
    "parameters": [
        parameter(
            "top", "So many classes, the most probable first.", {"type": "integer", "minimum": 1, "maximum": 1000}
        ),
        parameter("why", "A class, or nothing for the best: tell which places of the picture speak for it.", TEXT),
        parameter("model", "name, or name@version, of /v1/images/models.", TEXT),
        LANGUAGE,
    ],
    "requestBody": PICTURES,
    "responses": {
        "200": answer(
            {
                "anyOf": [
                    ref("Seen"),
                    obj(
                        ["readings"],
                        readings=array({"anyOf": [ref("Seen"), obj(["error"], error=ref("Problem"))]}),
                    ),
                ]
            },
            "The classes of one picture; a list, in order, for several. A picture that cannot be read is a problem in "
            "its place.",
        )
    },
}
COURSE_IMAGES: Schema = {
    "requestBody": body(
        obj(["image"], image=PICTURE), obj(["image"], image=FILE), {"one": {"value": {"image": DRAWN_ONE}}}
    ),
    "responses": {
        "200": answer(
            obj(
                ["predictions", "rejected", "reason", "model"],
                predictions=GUESSES, rejected=NOT_ONE_OF_THEM, reason=or_null(TEXT), model=TEXT,
            ),
            "The five most probable classes, as the course's clients expect them.",
        )
    },
}  # fmt: skip
PROBLEM: Schema = {
    "description": "What went wrong, in French or English by Accept-Language.",
    "content": {PROBLEM_TYPE: {"schema": ref("Problem")}},
}

KEY: Schema = {"type": "http", "scheme": "bearer"}


def described(
    app: FastAPI, models: Callable[[], Iterable[str]], steps: Sequence[str], kept: Sequence[str] = ()
) -> Schema:
    """Return the description of the whole service; made once, but for the models.

    Args:
        app: with all its routes.
        models: returns the names that may be asked for now.
        steps: preparation steps that may be left out.
        kept: how the paths begin that need an API key; none: the service asks for none.
    """
    if app.openapi_schema is None:
        made = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        components = made.setdefault("components", {}).setdefault("schemas", {})
        for name in ("HTTPValidationError", "ValidationError"):  # ours are problems
            components.pop(name, None)
        components.update(SCHEMAS | CODE_SCHEMAS)
        if kept:
            made["components"]["securitySchemes"] = {"key": KEY}
        for path, operations in made["paths"].items():
            for operation in operations.values():
                if kept and path.startswith(tuple(kept)):
                    operation["security"] = [{"key": []}]
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = PROBLEM
        app.openapi_schema = made
    known = "|".join(steps)
    possible = {
        "model": {"enum": list(models())},
        "off": {"type": "string", "pattern": f"^(({known})(,({known}))*)?$"},
    }
    for path in ("/v1/digits", "/v1/codes"):
        for one in app.openapi_schema["paths"][path]["post"]["parameters"]:
            one["schema"] = possible.get(one["name"], one["schema"])
    return app.openapi_schema
