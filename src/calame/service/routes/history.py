"""`/v1/history` and `/v1/sheet`: what was read, its corrections, and the test sheet that they make.

Nothing here runs on the event loop, for it waits for a disk: the framework runs plain functions beside it. Sheets are
made one after another: each may hold two thousand rows with their pictures.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from calame.drawing.png import uri
from calame.errors import BodyTooLarge, ForeignBody
from calame.locale import text
from calame.service.exports import MEDIA, REASONS, Form, export, file_name, small
from calame.service.pictures import only_known
from calame.service.problems import language_of
from calame.service.sheet import LEAST, Sheet, sheet, surety
from calame.service.store import LAST_ID, NOTE, Entry, Store

PAGE, PAGES = 50, 200  # readings in an answer: unless asked otherwise, and at most
SHOWN, LISTED, MOST_LISTED = 200, 1000, 2000  # rows with pictures: of a sheet, of its files, and at most
PRIVATE = "no-store"  # people's handwriting stays out of caches
SAID = 64_000  # bytes of a correction, at most: a remark of emoji, each written as two \uXXXX

Receiver = Callable[[Awaitable[bytes]], Coroutine[Any, Any, bytes]]
"""Waits for a body, for so long and no longer; see `Service.receive`."""

Number = Annotated[int, Path(ge=1, le=LAST_ID, description="The id of a reading.", examples=[1])]
Words = Annotated[
    str,
    Query(
        max_length=200,
        description="Words that must all be met: a digit (read or written), `4>9` (a 4 read as a 9), `right`, `wrong`, "
        "`refused`, a day such as `2026-11-21` (UTC), or a part of the name, the remark or the model.",
    ),
]
Rows = Annotated[int, Query(ge=0, le=MOST_LISTED, description="Rows to list; the figures count every reading.")]


class Item(BaseModel):
    """One reading of the history; pictures are data URLs, the time is ISO 8601 in UTC."""

    id: int
    time: datetime
    name: str
    digit: int | None
    confidence: float
    rejected: str | None
    reason: str | None
    truth: int | None
    right: bool | None
    note: str
    model: str
    image: str
    prepared: str | None


class Items(BaseModel):
    """A page of the history, newest first; `more` when there are older ones, before the last id."""

    items: list[Item]
    more: bool


def _whole(value: object) -> object:
    """Take 4.0 for 4, as JSON Schema does; not 4.5, "4" or true."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Correction(BaseModel):
    """What was really written (null: take it back), or a remark; what is not named stays."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"truth": 4, "note": "open 4"}]})

    truth: Annotated[int, Field(ge=0, le=9, strict=True), BeforeValidator(_whole)] | None = None
    note: Annotated[str, Field(max_length=NOTE)] = ""


class Keeping(BaseModel):
    """Whether readings are kept."""

    model_config = ConfigDict(extra="forbid")

    keep: Annotated[bool, Field(strict=True)]


class Deleted(BaseModel):
    """How many readings were deleted."""

    deleted: int


class DigitFigures(BaseModel):
    """How one digit was read, when it was really written."""

    digit: int
    n: int
    right: int
    rate: float | None
    interval: tuple[float, float]


class Figures(BaseModel):
    """The test sheet. A test is a reading with an answer and a truth; rows are oldest first.

    `interval` is Wilson's at 95 %. `best` and `hardest` are among the digits with at least `least` tests.
    """

    rows: list[Item]
    entries: int
    n: int
    right: int
    rate: float | None
    interval: tuple[float, float]
    mean_confidence: float | None
    surety: str | None
    digits: list[DigitFigures]
    best: list[int]
    hardest: list[int]
    least: int
    confusion: list[list[int]]
    refused: int
    unjudged: int


async def wait(body: Awaitable[bytes]) -> bytes:
    """Wait for a body for as long as it takes."""
    return await body


def router(store: Store, receive: Receiver = wait) -> APIRouter:
    """Return the routes over a store."""
    routes = APIRouter(
        tags=["history"], dependencies=[Depends(_private), Depends(only_known)], route_class=received_by(receive)
    )
    _add_history(routes, store)
    _add_sheet(routes, store)
    return routes


def received_by(receive: Receiver) -> type[APIRoute]:
    """Return a kind of route that looks at a body before the framework does, which takes any and waits for ever."""

    class Received(APIRoute):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            match, child = super().matches(scope)
            # What looks like the number of a reading, and is a neighbour with verbs of its own.
            return (Match.NONE, {}) if child.get("path_params", {}).get("number") == "settings" else (match, child)

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def received(request: Request) -> Response:
                if self.body_field is not None:
                    check_said(await receive(request.body()), request.headers.get("content-type", ""))
                return await handle(request)

            return received

    return Received


def check_said(body: bytes, kind: str) -> None:
    """Look at a body from outside.

    Raises:
        BodyTooLarge: more than anything that can be said here. ForeignBody: another content type than JSON.
    """
    if len(body) > SAID:
        raise BodyTooLarge(limit=SAID)
    if kind.partition(";")[0].strip().lower() != "application/json":
        raise ForeignBody(found=repr(kind[:60]))


def _private(response: Response) -> None:
    response.headers["Cache-Control"] = PRIVATE


def _add_history(routes: APIRouter, store: Store) -> None:
    @routes.get("/v1/history", summary="Search the readings that were kept", response_model=Items)
    def list_history(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        query: Words = "",
        limit: Annotated[int, Query(ge=1, le=PAGES, description="So many at most.")] = PAGE,
        before: Annotated[int | None, Query(ge=1, le=LAST_ID, description="Only older than this id.")] = None,
    ) -> Response:
        """Search the readings that were kept, newest first."""
        found = store.search(query, limit=limit, before=before)
        return told(Items(items=[item(entry, _language(request)) for entry in found.entries], more=found.more))

    @routes.delete("/v1/history", summary="Delete every reading")
    def clear_history() -> Deleted:  # pyright: ignore[reportUnusedFunction]
        """Delete every reading with its pictures."""
        return Deleted(deleted=store.clear())

    @routes.get("/v1/history/settings", summary="Say whether readings are kept")
    def get_settings() -> Keeping:  # pyright: ignore[reportUnusedFunction]
        """Say whether readings are kept."""
        return Keeping(keep=store.keeping())

    @routes.put("/v1/history/settings", summary="Switch the keeping of readings on or off")
    def put_settings(wanted: Keeping) -> Keeping:  # pyright: ignore[reportUnusedFunction]
        """Switch the keeping of readings on or off; what is kept stays."""
        store.keep(wanted.keep)
        return wanted

    @routes.get("/v1/history/{number}", summary="Give a reading")
    def get_entry(request: Request, number: Number) -> Item:  # pyright: ignore[reportUnusedFunction]
        """Return one reading."""
        return item(store.get(number), _language(request))

    @routes.patch("/v1/history/{number}", summary="Correct a reading, or write a remark")
    def correct_entry(request: Request, number: Number, said: Correction) -> Item:  # pyright: ignore[reportUnusedFunction]
        """Say what was really written, or write a remark."""
        truth = said.truth if "truth" in said.model_fields_set else ...
        note = said.note if "note" in said.model_fields_set else ...
        return item(store.correct(number, truth=truth, note=note), _language(request))

    @routes.delete("/v1/history/{number}", summary="Delete a reading")
    def delete_entry(number: Number) -> Deleted:  # pyright: ignore[reportUnusedFunction]
        """Delete one reading with its pictures."""
        store.delete(number)
        return Deleted(deleted=1)


def _add_sheet(routes: APIRouter, store: Store) -> None:
    turn = asyncio.Semaphore(1)

    @routes.get("/v1/sheet", summary="Give the test sheet", response_model=Figures)
    async def get_sheet(request: Request, query: Words = "", limit: Rows = SHOWN) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Return the test sheet of the readings that a query finds, by default of all; its pictures are small."""
        async with turn:
            return await asyncio.to_thread(lambda: told(figures(_sheet(store, query, limit), _language(request))))

    @routes.get(
        "/v1/sheet.{form}",
        summary="Give the test sheet as a file",
        response_class=Response,
        responses={200: {"content": {kind.partition(";")[0]: {} for kind in MEDIA.values()}}},
    )
    async def export_sheet(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        form: Annotated[Form, Path(description="csv, md, xlsx, or html to print.")],
        query: Words = "",
        limit: Rows = LISTED,
    ) -> Response:
        """Return the test sheet as a file: CSV and Markdown with every row, XLSX and a page to print with pictures."""
        async with turn:
            return await asyncio.to_thread(exported, store, form, query, limit, _language(request))


def told(values: BaseModel) -> Response:
    """Return values as JSON, written where this is called: the framework would write it on the event loop."""
    return Response(values.model_dump_json(), headers={"Cache-Control": PRIVATE}, media_type="application/json")


def exported(store: Store, form: Form, query: str, limit: int, language: str) -> Response:
    """Return the answer that brings the sheet as a file."""
    found = _sheet(store, query, limit) if form in ("xlsx", "html") else sheet(_all(store, query))
    name = file_name(form, language, datetime.now().astimezone())
    headers = {"Content-Language": language, "Vary": "Accept-Language", "Cache-Control": PRIVATE}
    if form == "html":
        from calame.service.printed import policy

        headers["Content-Security-Policy"] = policy()
    else:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return Response(export(found, form, language), headers=headers, media_type=MEDIA[form])


def _language(request: Request) -> str:
    return language_of(request.scope, getattr(request.app.state, "language", "en"))


def _all(store: Store, query: str) -> list[Entry]:
    return store.search(query, limit=None, pictures=False).entries


def _sheet(store: Store, query: str, limit: int) -> Sheet:
    """Figures over all that the query finds; of the rows, the newest `limit` with their pictures."""
    found = sheet(_all(store, query))
    return replace(found, rows=tuple(reversed(_newest(store, query, found.rows, limit))))


def _newest(store: Store, query: str, rows: Sequence[Entry], limit: int) -> list[Entry]:
    """Return the newest `limit` of the rows, newest first, with their pictures as small as they are shown.

    A page at a time: whole pictures by the thousand would take gigabytes.
    """
    newest: list[Entry] = []
    before = rows[-1].id + 1 if rows else 0
    while len(newest) < limit:
        found = store.search(query, limit=min(PAGES, limit - len(newest)), before=before)
        newest += [replace(entry, image=small(entry.image)) for entry in found.entries]
        if not found.more:
            break
        before = found.entries[-1].id
    return newest


def item(entry: Entry, language: str) -> Item:
    """Return a reading as plain values."""
    return Item(
        id=entry.id,
        time=entry.time.astimezone(UTC),
        name=entry.name,
        digit=entry.digit,
        confidence=round(entry.confidence, 6),
        rejected=entry.rejected,
        reason=text(f"reading.rejected.{entry.rejected}", language) if entry.rejected in REASONS else None,
        truth=entry.truth,
        right=entry.right,
        note=entry.note,
        model=entry.model,
        image=uri(entry.image),
        prepared=uri(entry.prepared) if entry.prepared else None,
    )


def figures(found: Sheet, language: str) -> Figures:
    """Return the sheet as plain values."""
    return Figures(
        rows=[item(entry, language) for entry in found.rows],
        entries=found.entries,
        n=found.n,
        right=found.right,
        rate=found.rate,
        interval=found.interval,
        mean_confidence=found.mean_confidence,
        surety=surety(found),
        digits=[
            DigitFigures(digit=one.digit, n=one.n, right=one.right, rate=one.rate, interval=one.interval)
            for one in found.digits
        ],
        best=list(found.best),
        hardest=list(found.hardest),
        least=LEAST,
        confusion=[list(row) for row in found.confusion],
        refused=found.refused,
        unjudged=found.unjudged,
    )
