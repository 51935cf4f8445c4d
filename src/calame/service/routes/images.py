"""`POST /v1/images`: pictures in, what is on them out; and `/images/predict`, as the course's clients call it."""

from collections.abc import Sequence
from functools import partial

from fastapi import APIRouter
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from calame.errors import BadParameter, CalameError, NoWeights
from calame.locale import LANGUAGES
from calame.service.answers import Direct, answer, received
from calame.service.looking import DEFAULT, MOST, TOP, Asked, Seen
from calame.service.pictures import check_names
from calame.service.problems import language_of
from calame.service.schemas import CLASSIFY, COURSE_IMAGES
from calame.service.service import Service

PARAMETERS = ("lang", "model", "top", "why")


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes, looking = APIRouter(tags=["images"], route_class=Direct), service.desk.looking

    @routes.post("/v1/images", summary="Say what is on pictures", openapi_extra=CLASSIFY)
    async def classify(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Say what is on each picture: the most probable classes, and, with `why`, which places speak for one."""
        asked = wanted(request.query_params)
        read = partial(looking.read, service.desk, asked=asked)
        sent, told, language = await received(service, request, read, parameters=PARAMETERS)
        model = called(told, asked.model or DEFAULT)
        return answer(request, sent, told, language, listed="readings", model=model)

    @routes.get("/v1/images/models", summary="List the networks for pictures")
    async def list_networks(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """List the networks for general pictures that can be asked for; without any, the command that gets weights."""
        names = await service.desk.work(looking.names)
        language = language_of(request.scope, service.settings.language)
        return JSONResponse({"models": names} if names else {"models": [], "command": NoWeights().command(language)})

    @routes.post("/images/predict", summary="Say what is on a picture, as the course does", openapi_extra=COURSE_IMAGES)
    async def predict(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Say what is on one picture, as the course's API does."""
        read = partial(looking.read, service.desk, asked=Asked(named=False))
        sent, told, language = await received(service, request, read, most=1)
        model = called(told, DEFAULT)
        return answer(request, sent, told, language, listed="readings", model=model)

    return routes


def called(told: Sequence[Seen | CalameError], asked: str) -> str:
    """Return the full name of the network that answered; as it was asked for, where no picture has an answer."""
    return next((str(one.values["model"]) for one in told if isinstance(one, Seen)), asked)


def wanted(query: QueryParams) -> Asked:
    """Read the parameters of an address.

    Raises:
        UnknownParameter: one that is not known.
        BadParameter: a number of classes that is none, or a language that is not spoken.
    """
    check_names(query, PARAMETERS)
    top = query.get("top", str(TOP))
    if not (top.isascii() and top.isdecimal() and 1 <= int(top[:9]) <= MOST):
        raise BadParameter(name="top", found=repr(top[:20]), expected=f"1 - {MOST}")
    if query.get("lang", "fr") not in LANGUAGES:
        raise BadParameter(name="lang", found=repr(query["lang"][:20]), expected=" / ".join(LANGUAGES))
    return Asked(int(top), query.get("model") or None, query.get("why"))
