"""What every route that reads pictures does alike: take them in, have them read in good time, and answer in order."""

import json
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from calame.errors import CalameError
from calame.service.pictures import Given, Sent, pictures
from calame.service.problems import language_of, note, problem
from calame.service.service import Service


class Answered(Protocol):
    """What was told of a picture, as plain values."""

    @property
    def values(self) -> Mapping[str, object]:
        """The names are a contract."""
        ...


class Direct(APIRoute):
    """A route whose function takes the request and gives the response: there are no parameters to look for."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the function itself."""
        return self.endpoint


One = TypeVar("One", bound=Answered)
Read = Callable[..., Awaitable[Sequence[One | CalameError]]]
"""Pictures and a language, by name `language`, in; in order, what is told of each, or what is wrong with it."""


async def received(
    service: Service,
    request: Request,
    read: Read[One],
    most: int | None = None,
    parameters: Sequence[str] | None = None,
) -> tuple[Sent, Sequence[One | CalameError], str]:
    """Return the pictures of a request, what was told of each, and the language of the words.

    With `parameters`, those of the address, the body may hold pictures alone.

    Raises:
        CalameError: the request, or the one picture that it brought without a list, cannot be answered.
    """
    sent = await service.receive(pictures(request, most or service.settings.pictures, parameters))
    language = language_of(request.scope, service.settings.language)
    told = await service.finish(request, _read(read, sent.pictures, language))
    if not sent.many and isinstance(told[0], CalameError):
        raise told[0]
    return sent, told, language


def answer(
    request: Request, sent: Sent, told: Sequence[One | CalameError], language: str, *, listed: str, model: str
) -> Response:
    """Return the answer: an object for one picture; for several, a list of this name, each problem in its place."""
    instance = str(request.scope["state"]["id"])
    for one in told:
        if isinstance(one, CalameError):
            note(one, instance)
    values = [
        {"error": problem(one, language, instance)} if isinstance(one, CalameError) else one.values for one in told
    ]
    body = {listed: values} if sent.many else values[0]
    return Response(json.dumps(body), headers={"X-Model": model}, media_type="application/json")


async def _read(read: Read[One], given: Sequence[Given], language: str) -> Sequence[One | CalameError]:
    return await read(given, language=language)
