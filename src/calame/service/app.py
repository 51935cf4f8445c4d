"""Puts the service together: the desk that reads, the routes, the page, and the shell around them all."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.staticfiles import StaticFiles

from calame import __version__
from calame.artifact import ModelFolder
from calame.errors import CalameError
from calame.imaging.recipe import stay_in_thread
from calame.service import problems
from calame.service.codes import CodeDesk
from calame.service.headers import Headed, Looked
from calame.service.limits import Guard, OwnRates, Rates
from calame.service.logs import Caught, Watched, log_to_stderr
from calame.service.metrics import Metrics
from calame.service.reading import Desk
from calame.service.routes import codes, course, digits, health, history, pages, samples
from calame.service.routes import models as model_routes
from calame.service.schemas import described
from calame.service.service import Service
from calame.service.settings import ServiceSettings
from calame.service.store import NoStore, Store

EXPOSED = ["X-Model", "X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Label"]
STATIC = Path(__file__).parent / "static"


def create_app(settings: ServiceSettings | None = None, *, models: Sequence[ModelFolder] | None = None) -> FastAPI:
    """Return the service as an ASGI application, its model opened and warmed up.

    Args:
        settings: how it behaves; the defaults are for one's own machine.
        models: opened model folders, the first of them the default; None: those of the shelf.

    Raises:
        MissingModel, DamagedModel: the model in use does not open.
        UsageError, MissingExtra: the URL of the shared limits makes no sense, or needs the extra `redis`.
    """
    settings = settings or ServiceSettings()
    stay_in_thread()
    metrics = Metrics()
    rates = make_rates(settings, metrics)
    service = Service(settings, metrics, desk := Desk(settings, metrics, models), CodeDesk(desk), open_store(settings))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        yield
        service.codes.close()
        service.desk.close()  # uvicorn comes here when the last request is answered
        service.store.close()
        await rates.close()

    app = FastAPI(
        title="Calame", version=__version__, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan
    )
    app.openapi = partial(described, app, list(service.desk.models.folders), service.desk.models.default.removable)
    app.state.language = settings.language
    app.state.service = service
    add_routes(app, service)
    app.add_exception_handler(CalameError, problems.on_calame_error)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(RequestValidationError, problems.on_validation)
    app.add_middleware(Looked)  # the last added is the outermost
    app.add_middleware(Guard, settings=settings, rates=rates)
    app.add_middleware(Caught, language=settings.language)
    if settings.origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.origins, allow_methods=["*"], allow_headers=["*"],
            expose_headers=EXPOSED,
        )  # fmt: skip
    app.add_middleware(Headed, frames=settings.frames)
    app.add_middleware(Watched, service=service)
    return app


def create_worker(settings: ServiceSettings) -> FastAPI:
    """Return the service for one of several processes, each of which writes its own log lines."""
    log_to_stderr()
    return create_app(settings)


def open_store(settings: ServiceSettings) -> Store:
    """Return the history; without a URL one that keeps nothing, and would keep it in memory alone."""
    if settings.database is not None:
        return Store(settings.database)
    store = Store("sqlite://") if settings.may_keep else NoStore()
    store.keep(False)
    return store


def make_rates(settings: ServiceSettings, metrics: Metrics) -> Rates:
    """Return what counts clients: Redis for all processes together when it is named, else this process alone."""
    if settings.limits is None or not settings.rate:
        return OwnRates(settings.rate)
    from calame.service.shared_limits import SharedRates

    return SharedRates(settings.rate, settings.limits, metrics.uncounted.inc)


def add_routes(app: FastAPI, service: Service) -> None:
    """Add every family of routes, and the page's files."""
    for family in (digits, codes, model_routes, course, samples, health, pages):
        app.include_router(family.router(service))
    app.include_router(history.router(service.store, service.receive))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
