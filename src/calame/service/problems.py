"""Whatever goes wrong -> `application/problem+json` (RFC 9457), in French or English, and nothing of our insides.

An error of ours brings its status, its code and its words; what the framework refuses by itself is turned into one
of ours. What nobody expected says that it was logged, under which number, and no more.
"""

import json
import logging
import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import Scope

from calame import errors
from calame.errors import (
    BadParameter,
    BadRequest,
    BusyError,
    CalameError,
    CannotWrite,
    DamagedModel,
    MethodNotAllowed,
    MissingData,
    NotThere,
    Unauthorized,
)
from calame.locale import LANGUAGES, Phrase, held, text

LOG = logging.getLogger("calame.service")
JSON = "application/problem+json"
KINDS = (
    errors.BadRequest, errors.NoPicture, errors.Unauthorized, errors.ForeignOrigin, errors.ForeignHost,
    errors.NotThere, errors.UnknownModel, errors.MethodNotAllowed, errors.SlowRequest, errors.BodyTooLarge,
    errors.TooManyPictures, errors.ForeignBody, errors.BadParameter, errors.UnknownParameter, errors.BadCheck,
    errors.BadBase64, errors.EmptyPicture, errors.LockedDocument, errors.NoSuchPage, errors.SlowPage,
    errors.ForeignPicture, errors.DamagedPicture, errors.FileTooLarge, errors.PictureTooLarge, errors.DamagedModel,
    errors.MissingData, errors.NoWeights, errors.OtherTask,
    errors.CannotWrite, errors.Overloaded, errors.TimedOut, errors.TooManyRequests, errors.BadItem,
    errors.HistoryUnavailable, errors.DamagedHistory, errors.NewerHistory, errors.UnwritableHistory,
    errors.NoSuchEntry, errors.HistoryOff, errors.BadStack, errors.TrainingClosed, errors.AlreadyTraining,
    errors.RunInUse, errors.NoSuchRun, errors.NothingToLearn, errors.MissingExtra, errors.Unexplained,
    errors.UsageError, CalameError,
)  # fmt: skip
OURS = (DamagedModel, MissingData, CannotWrite)  # their messages name folders, and are for the log
CODES = {  # what is wrong with our own files is no mistake of the client's, as it is with a file of one's own
    kind.key.removeprefix("error."): max(500, kind.http_status) if kind in OURS else kind.http_status for kind in KINDS
}
LOOKING = ("GET", "HEAD")  # all that the mounted files know
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
TABS = ("codes", "inside", "pictures", "sheet", "train", "architecture", "performance", "api", "help")  # of the page
INTERNAL = "internal"


def language_of(scope: Scope, default: str = "en") -> str:
    """Return the language that a request asks for: `?lang=`, then Accept-Language with its weights.

    Example:
        >>> language_of({"type": "http", "headers": [(b"accept-language", b"de, fr;q=0.8, en;q=0.5")]})
        'fr'
    """
    query = scope.get("query_string", b"")
    for language in LANGUAGES:
        if f"lang={language}".encode() in query.split(b"&"):
            return language
    best, weight = default, 0.0
    for part in Headers(scope=scope).get("accept-language", "").split(","):
        name, _, rest = part.partition(";")
        language = name.strip().lower().partition("-")[0]
        share = _weight(rest)
        if language in LANGUAGES and share > weight:
            best, weight = language, share
    return best


def _weight(parameters: str) -> float:
    """Read `q=0.8`; nothing is 1, nonsense is 0."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" and math.isfinite(float(value)) else 0.0
    except ValueError:
        return 0.0


def problem(error: CalameError, language: str, instance: str) -> dict[str, object]:
    """Return the members of a problem; `instance` names this one occurrence, as the log does.

    `details` are for a page whose language may change after it was told. `command` is there where one command, on the
    machine of the service, mends it.
    """
    code = _nearest(error)
    said = error.message if _public(error) else partial(text, "service.logged", id=instance)
    details = {name: held(said(name), name) for name in LANGUAGES}
    command = error.command(language)
    return {
        "type": f"/problems/{code}",
        "title": text(f"problem.{code}.title", language),
        "status": CODES[code],
        "detail": details[language],
        "details": details,
        "instance": f"/requests/{instance}",
        "code": code,
        "error": details[language],
        **({} if command is None else {"command": command}),
    }


def note(error: CalameError, instance: str) -> None:
    """Write into the log what a client is told the number of and no more."""
    if not _public(error):
        LOG.error("%s", error, exc_info=error.__cause__, extra={"id": instance, "code": error.code})


def _nearest(error: CalameError) -> str:
    """Return the code of the nearest ancestor that has a page of its own."""
    ancestors = (kind for kind in type(error).__mro__ if issubclass(kind, CalameError))
    codes = (kind.key.removeprefix("error.") for kind in ancestors)
    return next((code for code in codes if code in CODES), INTERNAL)


def _public(error: CalameError) -> bool:
    """Whether a message is for those outside: those of our own trouble name paths and files."""
    return error.code in CODES and error.code != INTERNAL and type(error) not in OURS


def from_framework(error: HTTPException, scope: Scope) -> CalameError:
    """Turn what Starlette refuses by itself into an error of ours."""
    if error.status_code == 405:
        return MethodNotAllowed(method=scope["method"], allowed=", ".join(allowed(scope)))
    if error.status_code == 400:  # of a body that FastAPI cannot read, in words of its own
        return BadRequest(problem=Phrase("service.not_json"))
    return NotThere(name=str(scope.get("path", ""))[:200])  # or, 401, a page's file that may not be read


def allowed(scope: Scope) -> list[str]:
    """Return every verb that some route of the address knows; Starlette names those of the first route alone."""
    routes: list[BaseRoute] = scope["app"].routes
    whole = {**scope, "root_path": scope.get("app_root_path", "")}  # as it was before a mount took its part
    matching = {verb: [r for r in routes if r.matches({**whole, "method": verb})[0] is Match.FULL] for verb in VERBS}
    matching["HEAD"] = matching["GET"]  # answered wherever GET is, see `headers.Looked`
    return [verb for verb in VERBS if any(verb in LOOKING or not isinstance(r, Mount) for r in matching[verb])]


def from_validation(found: Mapping[str, Any]) -> CalameError:
    """Turn a remark of FastAPI's validation into an error of ours."""
    kind, bounds = str(found["type"]), found.get("ctx", {})
    if kind == "json_invalid":
        return BadRequest(problem=Phrase("service.not_json"))
    # Its words are English alone; most of them say what a sign or a type says in every language.
    number, object_ = "0, 1, 2, …", '{"…": …}'
    known: dict[str, object] = {
        "int_parsing": number, "int_parsing_size": number, "int_type": number, "int_from_float": number,
        "bool_type": "true / false", "string_type": '"…"', "string_unicode": '"…"',
        "greater_than_equal": f"≥ {bounds.get('ge')}", "less_than_equal": f"≤ {bounds.get('le')}",
        "string_too_long": f"≤ {bounds.get('max_length')}", "literal_error": bounds.get("expected"),
        "missing": Phrase("service.expected.something"), "extra_forbidden": Phrase("service.expected.nothing"),
        "model_attributes_type": object_, "model_type": object_, "dict_type": object_,
    }  # fmt: skip
    place = ".".join(str(part) for part in found["loc"][1:]) or "body"
    said = "–" if kind == "missing" else repr(found.get("input"))[:60]
    return BadParameter(name=place, found=said, expected=known.get(kind) or found["msg"])


def answer(error: CalameError, scope: Scope, default: str = "en") -> Response:
    """Return the response that tells a client of an error."""
    language = language_of(scope, default)
    members = problem(error, language, str(scope.get("state", {}).get("id", "-")))
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    if isinstance(error, BusyError):
        headers["Retry-After"] = str(max(1, math.ceil(float(str(error.values.get("seconds", 1))))))
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, MethodNotAllowed):
        headers["Allow"] = str(error.values["allowed"])
    scope.setdefault("state", {})["code"] = members["code"]
    body = json.dumps(members, ensure_ascii=False).encode()
    return Response(body, CODES[str(members["code"])], headers, JSON)


async def on_calame_error(request: Request, error: Exception) -> Response:
    """Handle our own errors."""
    assert isinstance(error, CalameError)
    note(error, request.scope["state"]["id"])
    return answer(error, request.scope, request.app.state.language)


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Handle the framework's; a browser that asks for a tab by its plain name is shown the way to it."""
    assert isinstance(error, HTTPException)
    tab = request.url.path.strip("/")
    if error.status_code == 404 and tab in TABS and request.method in LOOKING and asks_for_page(request):
        return RedirectResponse(f"/#/{tab}", headers={"Vary": "Accept"})
    return answer(from_framework(error, request.scope), request.scope, request.app.state.language)


def asks_for_page(request: Request) -> bool:
    """Whether a browser wants something to show to a person, where a program would be told in JSON."""
    return "text/html" in request.headers.get("accept", "")


async def on_validation(request: Request, error: Exception) -> Response:
    """Handle what FastAPI finds wrong with a parameter."""
    assert isinstance(error, RequestValidationError)
    return answer(from_validation(error.errors()[0]), request.scope, request.app.state.language)


def internal(scope: Scope, default: str = "en") -> Response:
    """Return the answer to what nobody expected."""
    return answer(CalameError(problem=""), scope, default)
