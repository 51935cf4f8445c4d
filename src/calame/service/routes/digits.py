"""`POST /v1/digits`: pictures in, readings out, in order."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from calame.errors import CalameError
from calame.service.answers import Direct, answer, received
from calame.service.pictures import PARAMETERS, Sent, wishes
from calame.service.reading import Told
from calame.service.schemas import READ
from calame.service.service import Service


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["digits"], route_class=Direct)

    @routes.post("/v1/digits", summary="Read digits", openapi_extra=READ)
    async def read_digits(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Read one digit from each picture."""
        asked = wishes(request.query_params)
        read = partial(service.desk.read, asked=asked)
        sent, told, language = await received(service, request, read, parameters=PARAMETERS)
        if asked.keep:
            await keep(service, sent, told)
        return answer(request, sent, told, language, listed="readings", model=service.desk.models.name(asked.model))

    return routes


async def keep(service: Service, sent: Sent, told: Sequence[Told | CalameError]) -> None:
    """Write what was read to the history, and its ids beside it."""
    named = [(one, name) for one, name in zip(told, sent.names, strict=True) if not isinstance(one, CalameError)]
    ids = await service.keep([one for one, _ in named], [name for _, name in named])
    for (one, _), number in zip(named, ids, strict=True):
        one.values["id"] = number
