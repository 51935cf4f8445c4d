"""`POST /v1/digits`: pictures in, readings out, in order."""

import json

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from calame.errors import CalameError
from calame.service.pictures import pictures, wishes
from calame.service.problems import language_of, problem
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
        instance = str(request.scope["state"]["id"])
        if not sent.many and isinstance(told[0], CalameError):
            raise told[0]
        values: list[object] = []
        for name, one in zip(sent.names, told, strict=True):
            if isinstance(one, CalameError):
                values.append({"error": problem(one, language, instance)})
                continue
            if asked.keep:
                one.values["id"] = await service.keep(one, name)
            values.append(one.values)
        body = {"readings": values} if sent.many else values[0]
        model = service.desk.models.name(asked.model)
        return Response(json.dumps(body), headers={"X-Model": model}, media_type="application/json")

    return routes
