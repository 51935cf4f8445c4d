"""The rows of a table that a request asks for, from JSON: text, of a length that a cell can hold."""

import json
from typing import cast
from unicodedata import category

from starlette.requests import Request

from calame.errors import BadParameter, BadRequest, ForeignBody, NotThere
from calame.locale import Phrase
from calame.service.code_sheet import STATES, CodeRow
from calame.service.pictures import shown

FORMS = ("csv", "xlsx")
MOST, LONGEST = 5000, 500  # rows; letters of a cell
SPACE = "Zs"  # of Unicode: those before : and % in French are not printable to Python
WORDS = (
    "file", "text", "reason", "guess", "alternatives", "failed", "changes", "place", "settings", "written", "field",
)  # fmt: skip


async def rows_of_request(request: Request, form: str) -> list[CodeRow]:
    """Return the rows of `{"rows": [{"file", "text", "confidence", "state", …}, …]}`.

    Raises:
        NotThere: no such form of table.
        ForeignBody, BadRequest, BadParameter: the body is not that; the message says what is wrong.
    """
    if form not in FORMS:
        raise NotThere(name=f"sheet.{form[:20]}")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise ForeignBody(found=repr(kind[:60]))
    try:
        body = cast("object", json.loads(await request.body()))
    except (ValueError, RecursionError) as error:
        raise BadRequest(problem=Phrase("service.not_json")) from error
    rows = cast("dict[str, object]", body).get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list):
        raise BadParameter(name="rows", found=shown(rows), expected=Phrase("service.expected.rows"))
    items = cast("list[object]", rows)
    if len(items) > MOST:
        raise BadParameter(name="rows", found=len(items), expected=f"≤ {MOST}")
    return [_row(item, place) for place, item in enumerate(items)]


def _row(item: object, place: int) -> CodeRow:
    if not isinstance(item, dict):
        raise BadParameter(name=f"rows[{place}]", found=shown(item), expected=Phrase("service.expected.row"))
    given = cast("dict[str, object]", item)
    words = {name: _word(given.get(name), f"rows[{place}].{name}") for name in WORDS}
    sure, state = given.get("confidence") or 0.0, given.get("state")
    if not isinstance(sure, int | float) or not 0 <= sure <= 1:
        raise BadParameter(name=f"rows[{place}].confidence", found=repr(sure)[:40], expected="0 … 1")
    if state not in STATES:
        raise BadParameter(name=f"rows[{place}].state", found=repr(state)[:40], expected=" / ".join(STATES))
    return CodeRow(**words, confidence=float(sure), state=state)


def _word(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST:
        raise BadParameter(name=name, found=repr(value)[:40], expected=f"text, ≤ {LONGEST}")
    return "".join(letter for letter in value if letter.isprintable() or category(letter) == SPACE)
