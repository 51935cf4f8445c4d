"""Whether it lives, whether it is ready, and its measures."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from calame.errors import Overloaded
from calame.service.metrics import CONTENT_TYPE
from calame.service.service import Service


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health/live", summary="Is the process alive?")
    async def live() -> Response:  # pyright: ignore[reportUnusedFunction]
        """Say that the process lives."""
        return JSONResponse({"status": "live"})

    @routes.get("/health/ready", summary="Would a picture be read now?")
    async def ready() -> Response:  # pyright: ignore[reportUnusedFunction]
        """Say that a picture would be read now: the model is open and the queue has room."""
        if service.desk.full:
            raise Overloaded(seconds=1)
        return JSONResponse({"status": "ready", "model": service.desk.models.default.name})

    @routes.get("/metrics", summary="Measures for Prometheus", response_class=PlainTextResponse)
    async def metrics() -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give the measures in Prometheus' text format."""
        return Response(service.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    return routes
