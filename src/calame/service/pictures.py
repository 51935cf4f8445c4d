"""The pictures of a request, in order, from a form or from JSON; and what the request wishes to know of them.

This module knows how pictures come; it decodes none of them.
"""

import asyncio
import base64
import binascii
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Query
from fastapi.routing import APIRoute
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, Headers, QueryParams, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from calame.errors import (
    BadBase64,
    BadParameter,
    BadRequest,
    ForeignBody,
    InputError,
    NoPicture,
    TooManyPictures,
    UnknownParameter,
)
from calame.locale import LANGUAGES, Phrase
from calame.types import Picture

YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off", "")
LONG = 200_000  # bytes: a body that takes a millisecond to read, and is read beside the event loop
FIELDS = 1000  # of a form, besides its files
VALUES = 10_000  # that JSON may hold: each takes fifty times the memory of its two letters
MARKS = (b",", b":", b"[", b"{")  # at least one for each value but the first; base64 has none of them
COUNT_DIGITS = 9  # at most: no document has more pages
WHOLE = 2**40  # bytes: no part of a form is too large alone; the request as a whole has a limit already
BLANKS = b" \t\r\n\f\v"  # between the lines of base64
BOUNDARY = re.compile(r'[^"\\\x00-\x1f]{1,256}')
PARAMETERS = ("features", "keep", "lang", "model", "off", "one_in", "page", "trace", "tta")  # of /v1/digits
MEMBERS = ("image", "images")  # of a body
NAMED = 40  # letters of an unknown name that are told back
Given = bytes | InputError  # the bytes of a picture, or why there are none
ModelWanted = Annotated[str | None, Query(description="name, or name@version, of /v1/models.")]


@dataclass(frozen=True)
class Wishes:
    """What a request wants to know besides the answer; `off` names preparation steps to leave out.

    `page`: of each document, from 1 on. `one_in`: answer only what is sure enough for at most one wrong in so many.
    """

    trace: bool = False
    features: bool = False
    tta: bool = False
    keep: bool = False
    model: str | None = None
    off: tuple[str, ...] = ()
    page: int = 1
    one_in: int | None = None


@dataclass(frozen=True)
class Sent:
    """The pictures of a request; `many` when they came as a list, and are to be answered as one."""

    pictures: Sequence[Given]
    names: Sequence[str]  # of their files, "" where there is none
    many: bool
    fields: dict[str, object]


def wishes(query: QueryParams) -> Wishes:
    """Read the parameters of an address.

    Raises:
        UnknownParameter: one that is not known.
        BadParameter: a switch that is neither on nor off, a language that is not spoken, or a page, or a promise, that
            is no number.
    """
    check_names(query, PARAMETERS)
    switches = {name: switch(name, query.get(name, "")) for name in ("trace", "features", "tta", "keep")}
    if query.get("lang", "fr") not in LANGUAGES:
        raise BadParameter(name="lang", found=repr(query["lang"][:20]), expected=" / ".join(LANGUAGES))
    off = tuple(dict.fromkeys(name for name in query.get("off", "").replace(" ", "").split(",") if name))
    one_in = count_asked(query, "one_in") if query.get("one_in") else None
    return Wishes(**switches, model=query.get("model") or None, off=off, page=page_asked(query), one_in=one_in)


def check_names(query: Iterable[str], known: Sequence[str]) -> None:
    """Raise `UnknownParameter` for a parameter of an address that is none of these: no wish is ignored in silence."""
    for name in query:
        if name not in known:
            raise UnknownParameter(name=name[:NAMED], known=", ".join(known))


def only_known(request: Request) -> None:
    """Let a route whose parameters the framework reads refuse all others, and not pass over them; a dependency."""
    route: APIRoute = request.scope["route"]
    told: list[dict[str, str]] = (route.openapi_extra or {}).get("parameters", [])
    own = [field.alias for field in route.dependant.query_params] + [one["name"] for one in told]
    check_names(request.query_params, (*own, "lang"))


def page_asked(query: QueryParams) -> int:
    """Read which page of each document is asked for; the first, unless another is named. Raises as `count_asked`."""
    return count_asked(query, "page")


def count_asked(query: QueryParams, name: str) -> int:
    """Read a number of an address; 1, unless there is another.

    Raises:
        BadParameter: no number from 1 on.
    """
    given = query.get(name) or "1"
    if not (given.isascii() and given.isdecimal() and len(given) <= COUNT_DIGITS and int(given)):
        raise BadParameter(name=name, found=repr(given[:20]), expected="1, 2, 3, …")
    return int(given)


def page_json(picture: Picture) -> dict[str, object]:
    """Return which page of a document a picture is, of how many; nothing when there is but one."""
    return {"page": picture.page, "pages": picture.pages} if picture.pages > 1 else {}


def switch(name: str, value: str) -> bool:
    """Read a switch of an address; nothing is off.

    Raises:
        BadParameter: neither on nor off.
    """
    lowered = value.lower()
    if lowered not in YES and lowered not in NO:
        raise BadParameter(name=name, found=repr(value[:40]), expected="1 / 0")
    return lowered in YES


def picture_name(number: int) -> Phrase:
    """Return what to call the picture at `number`, from 1 on, in a message."""
    return Phrase("service.picture", number=number)


async def pictures(request: Request, most: int, parameters: Sequence[str] | None = None) -> Sent:
    """Return the pictures of a request.

    Args:
        request: with its body still to come.
        most: pictures.
        parameters: of the address; when they are told, the body may hold pictures alone, and who puts one of them
            there, or anything else, is told so.

    Raises:
        ForeignBody, BadRequest, NoPicture, TooManyPictures: the request is not one that can be answered.
            What is wrong with one picture stands in its place, as an `InputError`.
        UnknownParameter: something besides pictures, with `parameters`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        sent = await _from_form(request, most)
    elif kind == "application/json" or kind.endswith("+json"):
        body = await request.body()
        sent = _from_json(body, most) if len(body) < LONG else await asyncio.to_thread(_from_json, body, most)
    else:
        raise ForeignBody(found=repr(kind[:60]))
    if not sent.pictures:
        raise NoPicture
    if parameters is not None:
        for name in sent.fields:
            known = Phrase("service.members", members=", ".join(MEMBERS), parameters=", ".join(parameters))
            raise UnknownParameter(name=Phrase("service.member", name=name[:NAMED]), known=known)
    return sent


async def _from_form(request: Request, most: int) -> Sent:
    form = await _parsed(request, most)
    try:
        parts = [*form.getlist("image"), *form.getlist("images")]
        _check_count(len(parts), most)
        given: list[Given] = []
        for number, part in enumerate(parts, start=1):
            given.append(await part.read() if isinstance(part, UploadFile) else from_base64(part, number))
        names = [(part.filename or "")[:100] if isinstance(part, UploadFile) else "" for part in parts]
        fields: dict[str, object] = {name: value for name, value in form.items() if name not in MEMBERS}
        return Sent(given, names, len(given) > 1 or "images" in form, fields)
    finally:
        await form.close()


async def _parsed(request: Request, most: int) -> FormData:
    """Read a form, all in memory: it may run where no file can be written, and no picture is left on a disk."""
    limits = {"max_files": most + 1, "max_fields": FIELDS, "max_part_size": WHOLE}
    parser = MultiPartParser(_form_type(request.headers["content-type"]), request.stream(), **limits)
    parser.spool_max_size = WHOLE
    try:
        return await parser.parse()
    except MultiPartException as error:
        if error.message.startswith("Too many files"):
            raise TooManyPictures(found=f"> {most}", limit=most) from error
        raise BadRequest(problem=Phrase("service.not_a_form")) from error


def _form_type(kind: str) -> Headers:
    """Return a form's content type with its boundary alone.

    No form has a charset (RFC 7578, section 5.1.2), and Python remembers every one that it was ever asked for and
    does not know.
    """
    boundary = parse_options_header(kind)[1].get(b"boundary", b"").decode("latin-1")
    if not BOUNDARY.fullmatch(boundary):
        raise BadRequest(problem=Phrase("service.not_a_form"))
    return Headers({"content-type": f'multipart/form-data; boundary="{boundary}"'})


def _check_count(found: int, most: int) -> None:
    if found > most:
        raise TooManyPictures(found=found, limit=most)


def _from_json(body: bytes, most: int) -> Sent:
    if sum(map(body.count, MARKS)) > VALUES:
        raise BadRequest(problem=Phrase("service.too_many_values", limit=VALUES))
    try:
        value = cast("object", json.loads(body))
    except (ValueError, RecursionError) as error:
        raise BadRequest(problem=Phrase("service.not_json")) from error
    if not isinstance(value, dict):
        raise BadRequest(problem=Phrase("service.not_an_object"))
    fields = cast("dict[str, object]", value)
    many = "images" in fields
    several = fields.get("images", [])
    if not isinstance(several, list):
        raise BadParameter(name="images", found=shown(several), expected=Phrase("service.expected.pictures"))
    alone = [fields["image"]] if "image" in fields else []
    items = alone + cast("list[object]", several)
    _check_count(len(items), most)
    given = [from_base64(item, number) for number, item in enumerate(items, start=1)]
    return Sent(
        given,
        [""] * len(given),
        many,
        {name: value for name, value in fields.items() if name not in MEMBERS},
    )


def shown(value: object) -> str:
    """Return the beginning of a value of a JSON body, to say what came where something else was expected."""
    return "{…}" if isinstance(value, dict) else "[…]" if isinstance(value, list) else repr(value)[:NAMED]


def from_base64(value: object, number: int) -> Given:
    """Return the bytes of base64 or of a data URL; or, in their place, what is wrong with it."""
    if not isinstance(value, str):
        return BadBase64(name=picture_name(number))
    text = value.partition(",")[2] if value[:5].lower() == "data:" else value
    try:
        letters = text.encode("ascii").translate(None, BLANKS)
        return base64.b64decode(letters + b"=" * (-len(letters) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return BadBase64(name=picture_name(number))
