"""The OpenAPI description of `POST /v1/codes`, with examples that can be sent as they stand."""

from typing import get_args

from calame.service.code_sheet import STATES
from calame.service.schema_parts import (
    COUNT,
    DIGIT,
    LANGUAGE,
    NUMBER,
    OF_DOCUMENT,
    PAGE,
    PICTURES,
    PNG,
    SHARE,
    SWITCH,
    TEXT,
    TRACE,
    Schema,
    answer,
    array,
    obj,
    or_null,
    parameter,
    ref,
)  # fmt: skip
from calame.types import CodeDoubt, CodeReaderName, CodeRejection, Mark

YES: Schema = {"type": "boolean"}
STATE: Schema = {
    "type": "string", "enum": list(STATES),
    "description": "accepted; check: a person is to look at the guess, or at an answer that is in doubt; refused: "
    "nothing can be said; person: by hand, in a table.",
}  # fmt: skip
BOX: Schema = array(COUNT, minItems=4, maxItems=4, description="Left, top, right, bottom, in pixels of the picture.")
KINDS = (
    "What the pictures are, for max_wrong: any (whichever it is), cells, cheque, date, drawing, form, photo, scan "
    "or six (six-digit codes); of a service with a calibration of its own, its kinds. No other is known."
)
MEASURED = (
    "What a wish for few wrong answers costs. The figures that come with Calame were measured on made pictures; "
    "real ones may be harder: calibrate on your own (calame calibrate, calame serve --calibration)."
)
ALTERNATIVE: Schema = {  # `items` as well: generators that know no `prefixItems` would leave out every answer with it
    **array({"anyOf": [TEXT, SHARE]}, minItems=2, maxItems=2), "prefixItems": [TEXT, SHARE],
    "description": "A text, and how probable.",
}  # fmt: skip
NUMBER_READ = {
    "text": or_null({**TEXT, "description": "The digits; null when there is no answer."}),
    "confidence": {**SHARE, "description": "That the best guess is right to the last digit."},
    "state": STATE,
    "digits": array(ref("CodeDigit")),
    "rejected": or_null({"type": "string", "enum": list(get_args(CodeRejection))}),
    "doubt": or_null({"type": "string", "enum": list(get_args(CodeDoubt)), "description": "Of an answer: it stands on "
                      "several lines, may be several numbers side by side, or seems turned, on its side or upside "
                      "down; one reader sees ones that the other does not; beside it stands a sign that was not read; "
                      "it is a lone digit at the edge of the picture; or it is only likely: less sure than 0.9, "
                      "where no limit of wrong answers was asked for."}),
    "reason": or_null(TEXT),
    "guess": or_null({**TEXT, "description": "The surest text, as it was read, accepted or not."}),
    "alternatives": array(ALTERNATIVE),
    "repaired": {**YES, "description": "The guess does not fit the checks, and another would; never accepted."},
    "suggestion": or_null({**TEXT, "description": "The other, when repaired."}),
    "changes": array(obj(["place", "read", "instead"], place=COUNT, read=TEXT, instead=TEXT)),
    "failed": array({**TEXT, "description": "A check that what was read does not fit."}),
    "separators": array(
        obj(
            ["mark", "after", "box"], mark={"type": "string", "enum": list(get_args(Mark))}, after=COUNT,
            box=or_null(BOX),
        )
    ),
    "written": or_null({**TEXT, "description": "The guess with what stands between its digits, such as 619,08; null "
                        "where nothing does."}),
    "box": or_null(BOX),
    "readers": array(
        obj(
            ["reader", "name", "text", "confidence"], reader={"type": "string", "enum": list(get_args(CodeReaderName))},
            name=TEXT, text=TEXT, confidence=SHARE,
        )
    ),
}  # fmt: skip
OF_PICTURE = {
    "size": array(COUNT, minItems=2, maxItems=2, description="Width and height of the picture, upright."),
    "milliseconds": obj(["decode", "read"], decode=NUMBER, read=NUMBER),
    "model": TEXT,
    **OF_DOCUMENT,
    "calibration": {**TEXT, "description": "Only of a service with a calibration of its own: its file, and a stamp."},
    "budget": {**ref("Budget"), "description": "Only with max_wrong."},
    "region": {**BOX, "description": "Where it was read, in pixels of the picture; only with region."},
    "trace": array(ref("CodeStep"), description="Only with trace=1."),
}
ALWAYS = ["size", "milliseconds", "model"]
CODE_SCHEMAS: Schema = {
    "CodeDigit": obj(
        ["digit", "confidence", "box", "probabilities"],
        digit=DIGIT, confidence=SHARE, box=BOX, probabilities=or_null(array(SHARE, minItems=10, maxItems=10)),
    ),
    "CodeStep": obj(["step", "words", "milliseconds", "image"], step=TEXT, words=TEXT, milliseconds=NUMBER, image=PNG),
    "Budget": {**obj(
        ["max_wrong", "kind", "threshold", "refused", "bound", "count", "answered", "wrong"],
        max_wrong=SHARE, kind={**TEXT, "description": KINDS}, threshold=SHARE,
        refused={**SHARE, "description": "The share that is expected to be refused."},
        bound={**SHARE, "description": "With 95 % confidence no more of the answers than this are wrong."},
        count=COUNT, answered=COUNT, wrong=COUNT,
    ), "description": MEASURED},
    "Number": obj(list(NUMBER_READ), **NUMBER_READ),
    "Code": obj([*NUMBER_READ, *ALWAYS], **NUMBER_READ, **OF_PICTURE),
    "Page": obj(["numbers", *ALWAYS], numbers=array(ref("Number")), **OF_PICTURE),
    "Codes": obj(
        ["readings"],
        readings=array({"anyOf": [ref("Code"), ref("Page"), obj(["error"], error=ref("Problem"))]}),
    ),
    "Row": obj(
        ["state"], state=STATE, confidence=SHARE, settings=TEXT, written=TEXT, field=TEXT,
        **dict.fromkeys(("file", "text", "reason", "guess", "alternatives", "failed", "changes", "place"), TEXT),
    ),
}  # fmt: skip
READ_CODES: Schema = {
    "parameters": [
        parameter("check", "What the number must be: luhn, length(10), siret, regex(20\\d{4}), …; may be repeated. It "
                  "chooses among readings and mends none in silence.", array(TEXT)),
        parameter("max_wrong", "Accept only what is sure enough for at most this share of wrong answers.", TEXT),
        parameter("kind", KINDS, TEXT),
        parameter("several", "Find every number on the picture, a page for example.", SWITCH),
        parameter("region", "Where on the picture to read: left,top,width,height in percent of it, such as 60,5,35,8. "
                  "Boxes stay those of the picture.", TEXT),
        PAGE,
        TRACE,
        parameter("model", "The digit network: name, or name@version, of /v1/models.", TEXT),
        LANGUAGE,
    ],
    "requestBody": PICTURES,
    "responses": {
        "200": answer(
            {"anyOf": [ref("Code"), ref("Page"), ref("Codes")]},
            "One reading for one picture, or with several=1 its numbers; a list, in order, for several pictures. A "
            "picture that cannot be read is a problem in its place.",
        )
    },
}  # fmt: skip
FITS: Schema = {
    "parameters": [
        parameter("text", "A number, with or without separators.", {**TEXT, "minLength": 1}, required=True),
        parameter("check", "As in /v1/codes; may be repeated.", array(TEXT)),
    ],
    "responses": {"200": answer(obj(["failed"], failed=array(TEXT)), "The checks that it does not fit.")},
}
LIST_KINDS: Schema = {
    "responses": {
        "200": answer(
            obj(["kinds"], kinds=array(TEXT, minItems=1)), "Their names; the first is meant where none is named."
        )
    },
}
SHEET: Schema = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": obj(["rows"], rows=array(ref("Row"))),
                "examples": {
                    "one": {
                        "value": {"rows": [{"file": "a.png", "text": "0042", "confidence": 0.99, "state": "accepted"}]}
                    }
                },
            }
        },
    },
    "responses": {
        "200": {
            "description": "The table.",
            "content": {
                "text/csv": {"schema": TEXT},
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"schema": TEXT},
            },
        }
    },
}
