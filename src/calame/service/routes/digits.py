"""`POST /v1/digits`: pictures in, readings out, in order."""

import json
from collections.abc import Sequence
from typing import Protocol

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from calame.errors import CalameError
from calame.service.pictures import Sent, pictures, wishes
from calame.service.problems import language_of, problem
from calame.service.reading import Json, Told
from calame.service.schemas import READ
from calame.service.service import Service


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["digits"])

    @routes.post("/v1/digits", openapi_extra=READ)
    async def read_digits(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Read one digit from each picture."""
        asked = wishes(request.query_params)
        sent = await service.receive(pictures(request, service.settings.pictures))
        language = language_of(request.scope, service.settings.language)
        told = await service.finish(request, service.desk.read(sent.pictures, asked, language))
        if asked.keep:
            await keep(service, sent, told)
        return answer(service, request, sent, told, asked.model)

    return routes


class Valued(Protocol):
    """What is told of a picture."""

    @property
    def values(self) -> Json:
        """The plain values."""
        ...


def answer(
    service: Service, request: Request, sent: Sent, told: Sequence[Valued | CalameError], model: str | None
) -> Response:
    """Answer with what is told of each picture; what is wrong with the only one is the answer's own problem."""
    if not sent.many and isinstance(told[0], CalameError):
        raise told[0]
    language = language_of(request.scope, service.settings.language)
    instance = str(request.scope["state"]["id"])
    values = [
        {"error": problem(one, language, instance)} if isinstance(one, CalameError) else one.values for one in told
    ]
    headers = {"X-Model": service.desk.models.name(model)}
    body = {"readings": values} if sent.many else values[0]
    return Response(json.dumps(body), headers=headers, media_type="application/json")


async def keep(service: Service, sent: Sent, told: Sequence[Told | CalameError]) -> None:
    """Write what was read to the history, and its ids beside it."""
    named = [(one, name) for one, name in zip(told, sent.names, strict=True) if not isinstance(one, CalameError)]
    ids = await service.keep([one for one, _ in named], [name for _, name in named])
    for (one, _), number in zip(named, ids, strict=True):
        one.values["id"] = number
