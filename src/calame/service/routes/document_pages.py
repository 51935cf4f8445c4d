"""`POST /v1/pages`: a document in, one of its pages out as a picture that every browser shows."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from calame.drawing.png import png
from calame.errors import InputError
from calame.imaging.codec import Limits
from calame.service.answers import Direct
from calame.service.jobs import Job
from calame.service.pictures import Given, check_names, page_asked, pictures
from calame.service.reading import Desk
from calame.service.schemas import GIVE_PAGE
from calame.service.service import Service

PARAMETERS = ("lang", "page")


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["pages"], route_class=Direct)

    @routes.post("/v1/pages", summary="Give a page of a document", response_class=Response, openapi_extra=GIVE_PAGE)
    async def give_page(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give one page of a PDF or TIFF as a PNG, pixel for pixel as it is read; X-Pages says how many there are."""
        check_names(request.query_params, PARAMETERS)
        page = page_asked(request.query_params)
        sent = await service.receive(pictures(request, 1, PARAMETERS))
        content, pages = await service.finish(request, given(service.desk, sent.pictures[0], page))
        return Response(content, headers={"X-Pages": str(pages)}, media_type="image/png")

    return routes


async def given(desk: Desk, document: Given, page: int) -> tuple[bytes, int]:
    """Return a page as a PNG, and how many there are; in hand meanwhile, as a picture that is read.

    Raises:
        Overloaded: too many are in hand already. InputError: there is no such page, or no document.
    """
    with desk.hold(1):
        if isinstance(document, InputError):
            raise document
        async with desk.drawer.drawn(document, page, 1) as content:
            job = Job(content, 1, None, "", page)
            return await desk.work(written, job, Limits(desk.settings.body, desk.settings.pixels))


def written(job: Job[None], limits: Limits) -> tuple[bytes, int]:
    """Return a page as a PNG, and how many there are."""
    picture, _ = job.decoded(limits)
    return png(picture.pixels), picture.pages
