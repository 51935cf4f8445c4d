"""`/v1/training`: networks trained on this machine, one at a time, watched while they learn, kept and compared.

Whose machine it is may train; visitors of an open service need a key (`ServiceSettings.may_train`). Nothing here waits
for a disk on the event loop.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, params
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from calame.errors import CalameError, TrainingClosed
from calame.locale import held
from calame.models import built
from calame.service.limits import valid_key
from calame.service.pictures import only_known
from calame.service.problems import language_of, problem
from calame.service.routes.history import received_by
from calame.service.runs import Json, Run, Tail
from calame.service.service import Service
from calame.service.settings import ServiceSettings
from calame.service.training import Trainer, told_of
from calame.training.plan import PLANS

OFFERED = {"course": 225_034, "course-quick": 225_034, "blocks": 392_330, "compact": 286_666}  # parameters, by name
FEWEST, MOST_IMAGES, MOST_EPOCHS = 100, 60_000, 100
SLOWEST, FASTEST = 1e-6, 1.0  # learning rate
LAST_SEED, LAST_RUN = 2**31 - 1, 2**31 - 1
TICK = 0.1  # seconds between looks at what happened, while somebody watches
QUIET = 10.0  # seconds without an event, after which the line says that it lives
EVENT_STREAM = "text/event-stream"

Number = Annotated[int, Path(ge=1, le=LAST_RUN, description="The number of a run.", examples=[1])]
After = Annotated[int, Query(ge=0, le=LAST_RUN, description="Only events after this one; as Last-Event-ID.")]
Stack = Annotated[str, Query(max_length=built.LONGEST, description="Layers, such as `conv 32 3, pool 2, dense 128`.")]


class Wish(BaseModel):
    """What is to be trained: a network by name, or layers in words, on how much, for how long, how fast."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"network": "course", "images": 10000, "epochs": 3, "rate": 0.001}]},
    )

    network: Annotated[str, Field(max_length=built.LONGEST)]
    images: Annotated[int, Field(ge=FEWEST, le=MOST_IMAGES, strict=True)] = 10_000
    epochs: Annotated[int, Field(ge=1, le=MOST_EPOCHS, strict=True)] = 5
    rate: Annotated[float, Field(ge=SLOWEST, le=FASTEST, allow_inf_nan=False)] = 0.001
    augment: Annotated[bool, Field(strict=True)] = False
    seed: Annotated[int, Field(ge=0, le=LAST_SEED, strict=True)] = 0


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["training"], dependencies=[Depends(only_known)], route_class=received_by(service.receive))
    own = [Depends(partial(_own, service.settings))]
    _add_beginning(routes, service, own)
    _add_runs(routes, service.trainer, own)
    _add_events(routes, service.trainer, own)
    return routes


def _add_beginning(routes: APIRouter, service: Service, own: Sequence[params.Depends]) -> None:
    trainer = service.trainer

    @routes.get("/v1/training", summary="Say what can be trained here")
    async def overview(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Say whether something can be trained here, which networks are offered, what runs and what was trained."""
        told = await asyncio.to_thread(_overview, trainer, service.settings, request)
        return JSONResponse(told, headers={"Cache-Control": "no-store"})

    @routes.get("/v1/training/layers", summary="Check layers that are put together")
    async def layers(stack: Stack = "") -> Response:  # pyright: ignore[reportUnusedFunction]
        """Check layers that are put together: the shape after each, its parameters, or why they make no network."""
        return JSONResponse(_stack(stack))

    @routes.post("/v1/training/warm", summary="Prepare for a training", dependencies=own)
    def warm() -> dict[str, bool]:  # pyright: ignore[reportUnusedFunction]
        """Load what a training needs, so that the next one begins at once; it is let go of after three minutes."""
        return {"warm": trainer.warm()}

    @routes.post("/v1/training/runs", summary="Begin a training", dependencies=own)
    def start(request: Request, wish: Wish) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """Begin a training; one at a time."""
        return trainer.start(_asked(wish), language_of(request.scope, service.settings.language)).row()


def _add_runs(routes: APIRouter, trainer: Trainer, own: Sequence[params.Depends]) -> None:
    @routes.get("/v1/training/runs/{number}", summary="Describe a training run", dependencies=own)
    def one_run(number: Number) -> dict[str, Any]:  # pyright: ignore[reportUnusedFunction]
        """Tell what a run was asked, and what came out of it."""
        return trainer.runs.get(number).row()

    @routes.delete("/v1/training/runs/{number}", summary="Delete a training run", dependencies=own)
    def delete_run(number: Number) -> dict[str, int]:  # pyright: ignore[reportUnusedFunction]
        """Delete a run and its network."""
        trainer.delete(number)
        return {"deleted": 1}

    @routes.post("/v1/training/runs/{number}/stop", summary="Stop a training run", dependencies=own)
    def stop_run(number: Number) -> dict[str, bool]:  # pyright: ignore[reportUnusedFunction]
        """Stop a run after the step that it is at; its best network so far is kept."""
        run = trainer.runs.get(number)
        if not run.ended:
            run.stop()
        return {"stopping": not run.ended}


def _add_events(routes: APIRouter, trainer: Trainer, own: Sequence[params.Depends]) -> None:
    @routes.get(
        "/v1/training/runs/{number}/events", summary="Stream the events of a training run", dependencies=own,
        response_class=StreamingResponse,
        responses={200: {"content": {EVENT_STREAM: {"schema": {"type": "string"}}}}},
    )  # fmt: skip
    async def events(request: Request, number: Number, after: After = 0) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Stream what happens in a run as server-sent events, from its first or after `Last-Event-ID`, to its end."""
        run = await asyncio.to_thread(trainer.runs.get, number)
        tail = Tail(run, max(after, last_event(request.headers.get("last-event-id", ""))))
        first = await asyncio.to_thread(tail.read)
        if tail.over and not first:
            return Response(status_code=204)  # all is said: a browser asks no more
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream(trainer, tail, first), headers=headers, media_type=EVENT_STREAM)


def _own(settings: ServiceSettings, request: Request) -> None:
    """Let in whose machine it is, or who brings a key.

    Raises:
        TrainingClosed: a visitor.
    """
    if not allowed(settings, request):
        raise TrainingClosed


def allowed(settings: ServiceSettings, request: Request) -> bool:
    """Whether a request may train; the page of an open service, which lets anybody in, may not."""
    return settings.may_train or valid_key(request.headers, settings.keys) is not None


def last_event(said: str) -> int:
    """Return the number after which to go on; nonsense is the beginning."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


async def stream(trainer: Trainer, tail: Tail, first: list[tuple[int, Json]]) -> AsyncGenerator[str]:
    """Yield the events as they are written; a run that nobody trains any more is ended in words."""
    found, said = first, time.monotonic()
    yield "retry: 500\n\n"
    while not trainer.closing.is_set():
        for number, event in found:
            kind = event.pop("kind")
            yield f"id: {number}\nevent: {kind}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n"
            said = time.monotonic()
        if tail.over:
            return
        if time.monotonic() - said > QUIET:
            await asyncio.to_thread(trainer.running)
            yield ": it goes on\n\n"
            said = time.monotonic()
        await asyncio.sleep(TICK)
        found = await asyncio.to_thread(tail.read)


def _overview(trainer: Trainer, settings: ServiceSettings, request: Request) -> Json:
    mine, language = allowed(settings, request), language_of(request.scope, settings.language)
    trouble = trainer.trouble() if mine else TrainingClosed()
    there = mine and settings.training is not None
    running = trainer.running() if there else None
    return {
        "trouble": None if trouble is None else _told(trouble, language),
        "networks": [
            {"name": name, "parameters": count, "epochs": PLANS[name].epochs, "rate": PLANS[name].rate,
             "augment": PLANS[name].augmentation is not None}
            for name, count in OFFERED.items()
        ],
        "stack": built.COURSE,
        "running": None if running is None else running.number,
        "runs": told_of(trainer, Run.row) if there else [],
    }  # fmt: skip


def _told(error: CalameError, language: str) -> Json:
    told = problem(error, language, "-")
    return {
        "code": error.code,
        "title": told["title"],
        "detail": held(error.message(language), language),
        "command": told.get("command"),
    }


def _asked(wish: Wish) -> Json:
    """Return a wish as the run keeps it, a stack in its plainest words.

    Raises:
        BadStack: no network of this name, and no layers that make one.
    """
    known = wish.network in OFFERED
    layers = () if known else built.parse(wish.network)
    parameters = OFFERED[wish.network] if known else sum(row.parameters for row in built.rows(layers))
    return {**wish.model_dump(), "network": wish.network if known else built.written(layers), "parameters": parameters}


def _stack(text: str) -> Json:
    layers = built.parse(text)
    found = built.rows(layers)
    return {
        "stack": built.written(layers),
        "parameters": sum(row.parameters for row in found),
        "layers": [{"layer": row.layer, "shape": list(row.shape), "parameters": row.parameters} for row in found],
    }
