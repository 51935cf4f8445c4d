"""Puts the service together: the desk that reads, the routes, the page, and the shell around them all."""

import asyncio
import signal
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from types import FrameType

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from calame import __version__
from calame.artifact import ModelFolder
from calame.errors import CalameError
from calame.imaging.recipe import stay_in_thread
from calame.service import problems
from calame.service.codes import CodeDesk
from calame.service.headers import Headed, Looked
from calame.service.limits import COUNTED, MEASURES, Guard, OwnRates, Rates
from calame.service.logs import Caught, Watched
from calame.service.metrics import Metrics
from calame.service.reading import Desk
from calame.service.routes import (
    codes,
    course,
    digits,
    document_pages,
    health,
    history,
    images,
    inside,
    pages,
    samples,
    training,
)
from calame.service.routes import models as model_routes
from calame.service.schemas import described
from calame.service.service import Service
from calame.service.settings import ServiceSettings
from calame.service.sites import Sites
from calame.service.store import NoStore, Store
from calame.service.training import Trainer

STATIC = Path(__file__).parent / "static"
# Nothing is told to anybody: not even where the environment asks FastAPI to (`FASTAPI_OTEL_AUTO_CONFIGURE`).
NO_TELEMETRY: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip


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
    desk = Desk(settings, metrics, models)
    service = Service(settings, metrics, desk, CodeDesk(desk), open_store(settings), Trainer(settings))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        with told_of_the_end(service.trainer.closing.set):
            yield
        await asyncio.to_thread(service.trainer.close)
        service.codes.close()
        service.desk.close()  # uvicorn comes here when the last request is answered
        service.store.close()
        await rates.close()

    app = FastAPI(
        title="Calame", version=__version__, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
        lifespan=lifespan, telemetry=NO_TELEMETRY,
    )  # fmt: skip
    removable = service.desk.models.default.removable
    kept = (*COUNTED, MEASURES) if settings.keys else ()
    app.openapi = partial(described, app, lambda: service.desk.models.folders, removable, kept)
    app.state.language = settings.language
    app.state.service = service
    add_routes(app, service)
    app.add_exception_handler(CalameError, problems.on_calame_error)
    app.add_exception_handler(HTTPException, problems.on_http_exception)
    app.add_exception_handler(RequestValidationError, problems.on_validation)
    app.add_middleware(Looked)  # the last added is the outermost
    app.add_middleware(Guard, settings=settings, rates=rates)
    app.add_middleware(Caught, language=settings.language)
    app.add_middleware(Sites, origins=settings.origins, language=settings.language)
    app.add_middleware(Headed, frames=settings.frames, model=service.desk.models.default.name)
    app.add_middleware(Watched, service=service)
    return app


@contextmanager
def told_of_the_end(say: Callable[[], object]) -> Generator[None]:
    """Call `say` as soon as the process is asked to end: the server waits for answers that stream, and they for this.

    In a notebook the server has no signals, and says so itself.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def heard(number: int, frame: FrameType | None) -> None:
        say()
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    for number in before:
        signal.signal(number, heard)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


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
    for family in (
        digits,  # asked in this order: first what is asked for most
        course,
        codes,
        images,
        document_pages,
        model_routes,
        inside,
        samples,
        training,
        health,
        pages,
    ):
        app.include_router(family.router(service))
    app.include_router(history.router(service.store, service.receive))
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC), compresslevel=5), name="static")
