"""What the OpenAPI description is made of: objects, arrays, pictures, bodies."""

from typing import Any

Schema = dict[str, Any]
DRAWN_ONE = (  # a PNG of 28×28 with a stroke, so that the examples can be sent as they stand
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABwAAAAcCAAAAABXZoBIAAAAH0lEQVR4AWNgGHDw/z8eJ4xKAgNnNBAIBQKeFEQ9"
    "KQAPlSfZzh80twAAAABJRU5ErkJggg=="
)


def obj(required: list[str], **properties: Schema) -> Schema:
    """Return an object with these properties."""
    return {"type": "object", "required": required, "properties": properties}


def closed(required: list[str], **properties: Schema) -> Schema:
    """Return an object with these properties and no other."""
    return {**obj(required, **properties), "additionalProperties": False}


def ref(name: str) -> Schema:
    """Return a reference to a named schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def or_null(schema: Schema) -> Schema:
    """Return the same, or null."""
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
DOCUMENT = (  # a PDF of one page with a stroke
    "data:application/pdf;base64,"
    "JVBERi0xLjQKMSAwIG9iajw8L1R5cGUvQ2F0YWxvZy9QYWdlcyAyIDAgUj4+ZW5kb2JqCjIgMCBvYmo8PC9UeXBlL1BhZ2VzL0tp"
    "ZHNbMyAwIFJdL0NvdW50IDE+PmVuZG9iagozIDAgb2JqPDwvVHlwZS9QYWdlL1BhcmVudCAyIDAgUi9NZWRpYUJveFswIDAgNjAg"
    "NjBdL0NvbnRlbnRzIDQgMCBSPj5lbmRvYmoKNCAwIG9iajw8L0xlbmd0aCAyMj4+c3RyZWFtCjQgdyAzMiAxMCBtIDI4IDUwIGwg"
    "UwplbmRzdHJlYW0gZW5kb2JqCnRyYWlsZXI8PC9Sb290IDEgMCBSPj4KJSVFT0Y="
)
SWITCH: Schema = {"type": "string", "enum": ["1", "0", "true", "false", "yes", "no", "on", "off", ""]}


OF_DOCUMENT = {
    "page": {**COUNT, "minimum": 1, "description": "Which page it is; only of a document of several."},
    "pages": {**COUNT, "minimum": 2, "description": "How many pages the document has."},
}


def array(items: Schema, **more: object) -> Schema:
    """Return an array of such items."""
    return {"type": "array", "items": items, **more}


def parameter(name: str, description: str, schema: Schema, *, required: bool = False) -> Schema:
    """Return a parameter of an address."""
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


TRACE = parameter("trace", "Tell every preparation step, with its time and picture.", SWITCH)
PAGE = parameter("page", "Of each document (PDF, TIFF), from 1 on; the first unless said.", {**COUNT, "minimum": 1})
LANGUAGE = parameter("lang", "Language of the words, instead of Accept-Language.", {"enum": ["fr", "en"]})


def answer(schema: Schema, description: str) -> Schema:
    """Return an answer in JSON."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def body(json_schema: Schema, form: Schema, examples: Schema) -> Schema:
    """Return a body in JSON or as a form."""
    content = {
        "application/json": {"schema": json_schema, "examples": examples},
        "multipart/form-data": {"schema": form},
    }
    return {"required": True, "content": content}


FILE: Schema = {"type": "string", "format": "binary"}
PICTURES: Schema = body(
    {
        "anyOf": [
            closed(["image"], image=PICTURE),
            closed(["images"], images=array(PICTURE, minItems=1)),
        ]
    },
    closed(["image"], image=array(FILE, minItems=1)),
    {"one": {"value": {"image": DRAWN_ONE}}, "several": {"value": {"images": [DRAWN_ONE, DRAWN_ONE]}}},
)
