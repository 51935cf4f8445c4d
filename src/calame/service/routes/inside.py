"""`/v1/inside`: what the network computes for a picture, how each value comes about, and what the answer rests on.

Every route takes a picture as `/v1/digits` does; with `prepared=1` it is one that the network has seen already, 28×28,
ink bright on black (`prepared` of a reading), and is taken as it is.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from calame.errors import BadParameter, CalameError, InputError, Unexplained
from calame.imaging.codec import Limits, decode, is_pdf
from calame.service.inside import Check, Inside, Lane, Pixels, insides
from calame.service.inside_schemas import FLIP, LOOK
from calame.service.opened import Opened
from calame.service.pictures import Given, ModelWanted, Wishes, only_known, picture_name, pictures
from calame.service.problems import language_of
from calame.service.reading import Json
from calame.service.schemas import PICTURED
from calame.service.service import Service
from calame.types import SIDE

QUICK, SLOW = 64, 8  # in hand at once: of what takes some milliseconds, and of what may take seconds
SMALL = Limits(bytes=20_000, pixels=SIDE * SIDE)

Digit = Annotated[int, Query(ge=0, le=9, description="The class that is asked about.", examples=[1])]
Layer = Annotated[str, Query(max_length=200, description="A layer of /v1/inside/network.", examples=["stage1_conv"])]
Place = Annotated[int, Query(ge=0, le=1_000_000, description="Which of its maps or values, from 0 on.")]
Kind = Annotated[str, Query(max_length=40, description="noise, blur, rotation or occlusion.", examples=["noise"])]
Ready = Annotated[bool, Query(description="The picture is 28×28 as the network sees it, and is not prepared again.")]
Found = Callable[[Inside, Pixels, Check], Json]


@dataclass(frozen=True, eq=False)
class Seen:
    """A picture (28, 28) as the network sees it, None where there is none; and how it was read, if it was."""

    pixels: Pixels | None
    reading: Json


@dataclass(frozen=True, eq=False)
class Room:
    """What these routes share: the opened models, and where they compute."""

    service: Service
    models: Opened[Inside]
    quick: Lane
    slow: Lane

    async def answer(self, request: Request, model: str | None, work: Awaitable[Json]) -> Response:
        """Return an answer, unless its client leaves or waits too long."""

        async def done() -> Json:
            return await work

        told = await self.service.finish(request, done())
        headers = {"X-Model": self.service.desk.models.name(model), "Cache-Control": "no-store"}
        return Response(json.dumps(told), headers=headers, media_type="application/json")

    async def found(
        self, request: Request, model: str | None, find: Found, *, ready: bool, slow: bool = False
    ) -> Response:
        """Return what is found in the picture of a request.

        Raises:
            CalameError: its picture cannot be read, or nothing is on it.
        """
        sent = await self.service.receive(pictures(request, 1))
        lane = self.slow if slow else self.quick

        async def work() -> Json:
            seen = await self.seen(request, sent.pictures[0], model, ready=ready)
            pixels = seen.pixels
            if pixels is None:
                raise Unexplained(name=picture_name(1), problem=seen.reading["reason"])
            return await lane.run(lambda check: find(self.models.get(model), pixels, check))

        return await self.answer(request, model, work())

    async def seen(self, request: Request, given: Given, model: str | None, *, ready: bool) -> Seen:
        """Return a picture as the network sees it.

        Raises:
            CalameError: it cannot be read; Overloaded: not now.
        """
        if isinstance(given, CalameError):
            raise given
        if ready:
            return Seen(await self.quick.run(lambda _: as_seen(given)), {})
        language = language_of(request.scope, self.service.settings.language)
        (told,) = await self.service.desk.read([given], Wishes(model=model), language)
        if isinstance(told, CalameError):
            raise told
        return Seen(told.reading.prepared, told.values)


def as_seen(content: bytes) -> Pixels:
    """Decode a picture of 28×28, ink bright on black.

    Raises:
        InputError: it cannot be read. BadParameter: it has another size, or none: a page of a PDF is drawn elsewhere.
    """
    if is_pdf(content):
        raise BadParameter(name="image", found="PDF", expected=f"{SIDE}×{SIDE}")
    try:
        found = decode(content, limits=SMALL).pixels
    except InputError as error:
        raise type(error)(**{**error.values, "name": picture_name(1)}) from error
    if found.shape[:2] != (SIDE, SIDE):
        raise BadParameter(name="image", found=f"{found.shape[1]}×{found.shape[0]}", expected=f"{SIDE}×{SIDE}")
    return found if found.ndim == 2 else np.rint(found.mean(2)).astype(np.uint8)


def router(service: Service) -> APIRouter:
    """Return the routes."""
    desk = service.desk
    room = Room(service, insides(desk.models), Lane(desk.pool, QUICK), Lane(desk.slow, SLOW))
    routes = APIRouter(tags=["inside"], dependencies=[Depends(only_known)])
    _add_network(routes, room)
    _add_making(routes, room)
    _add_reasons(routes, room)
    _add_what_if(routes, room)
    return routes


def _add_network(routes: APIRouter, room: Room) -> None:
    @routes.get("/v1/inside/network", summary="Lay out the network in columns")
    async def network(request: Request, model: ModelWanted = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give the network as columns, from left to right, with the maps of each that say most; and digits to try."""
        return await room.answer(request, model, room.quick.run(lambda _: room.models.get(model).outline))

    @routes.post("/v1/inside", summary="Follow a picture through the network", openapi_extra=LOOK)
    async def look(request: Request, model: ModelWanted = None, prepared: Ready = False) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Compute every column's values for a picture; where there is no ink there is a reading, and no columns."""
        sent = await room.service.receive(pictures(request, 1))

        async def work() -> Json:
            seen = await room.seen(request, sent.pictures[0], model, ready=prepared)
            pixels = seen.pixels
            if pixels is None:
                return {"reading": seen.reading, "stages": []}
            found = await room.quick.run(lambda _: room.models.get(model).look(pixels))
            return found | {"reading": seen.reading or None}

        return await room.answer(request, model, work())


def _add_making(routes: APIRouter, room: Room) -> None:
    @routes.post("/v1/inside/map", summary="Show how a feature map comes about", openapi_extra=PICTURED)
    async def making(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        layer: Layer,
        map: Place = 0,  # noqa: A002
        model: ModelWanted = None,
        prepared: Ready = False,
    ) -> Response:
        """Write out how every value of one map comes about: inputs, weights, bias, and what follows."""
        return await room.found(request, model, lambda one, seen, _: one.making(seen, layer, map), ready=prepared)

    @routes.get("/v1/inside/liking", summary="Grow the picture that a filter answers to most")
    async def liking(request: Request, layer: Layer, unit: Place = 0, model: ModelWanted = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Grow the picture that a filter or a class answers to most; seconds for the first time, then remembered."""
        grow = room.slow.run(lambda check: room.models.get(model).liking(layer, unit, check))
        return await room.answer(request, model, grow)


def _add_reasons(routes: APIRouter, room: Room) -> None:
    @routes.post("/v1/inside/class", summary="Show where a digit's score comes from", openapi_extra=PICTURED)
    async def origin(  # pyright: ignore[reportUnusedFunction]
        request: Request, digit: Digit, model: ModelWanted = None, prepared: Ready = False
    ) -> Response:
        """Tell where the score of a digit comes from: which places of the last maps, and which maps × weights."""
        return await room.found(request, model, lambda one, seen, _: one.origin(seen, digit), ready=prepared)

    @routes.post("/v1/inside/occlusion", summary="Show what the answer rests on", openapi_extra=PICTURED)
    async def occlusion(  # pyright: ignore[reportUnusedFunction]
        request: Request, digit: Digit, model: ModelWanted = None, prepared: Ready = False
    ) -> Response:
        """Tell how the probability of a digit falls where a square of blank paper covers the picture."""
        return await room.found(request, model, lambda one, seen, _: one.occlusion(seen, digit), ready=prepared)

    @routes.post(
        "/v1/inside/neighbours", summary="Find the training digits nearest to a picture", openapi_extra=PICTURED
    )
    async def neighbours(request: Request, model: ModelWanted = None, prepared: Ready = False) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Find the training digits that are nearest to a picture, to the network's mind."""
        return await room.found(request, model, lambda one, seen, _: one.neighbours(seen), ready=prepared)


def _add_what_if(routes: APIRouter, room: Room) -> None:
    @routes.post("/v1/inside/sweep", summary="Change a picture step by step", openapi_extra=PICTURED)
    async def sweep(request: Request, kind: Kind, model: ModelWanted = None, prepared: Ready = False) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Change a picture a little more each time, and tell the ten probabilities at each step."""
        return await room.found(request, model, lambda one, seen, _: one.sweep(seen, kind), ready=prepared)

    @routes.post("/v1/inside/flip", summary="Find the smallest change that flips the answer", openapi_extra=FLIP)
    async def flip(request: Request, model: ModelWanted = None, prepared: Ready = False) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Look for the smallest change of the pixels that flips what one look of the network answers; seconds."""
        find: Found = lambda one, seen, check: one.flip(seen, check)  # noqa: E731
        return await room.found(request, model, find, ready=prepared, slow=True)
