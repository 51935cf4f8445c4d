"""`POST /v1/codes`: pictures of numbers in, readings out, in order; and the readings as a table."""

from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from calame.service.answers import answer, received
from calame.service.code_schemas import FITS, LIST_KINDS, READ_CODES, SHEET
from calame.service.code_sheet import COLUMNS, RESUMED, CodeRow, as_csv, as_xlsx, with_field
from calame.service.codes import PARAMETERS, code_wishes, unfit
from calame.service.exports import MEDIA
from calame.service.pictures import only_known
from calame.service.problems import language_of
from calame.service.rows import rows_of_request
from calame.service.service import Service


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["codes"])

    @routes.post("/v1/codes", summary="Read numbers of several digits", openapi_extra=READ_CODES)
    async def read_codes(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Read the number of several digits on each picture."""
        asked = code_wishes(request.query_params)
        read = partial(service.codes.read, asked=asked)
        sent, told, language = await received(service, request, read, parameters=PARAMETERS)
        return answer(request, sent, told, language, listed="readings", model=service.desk.models.name(asked.model))

    @routes.get("/v1/codes/fits", summary="Check a number against checks", openapi_extra=FITS)
    async def fits(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Say which checks a number that a person typed does not fit."""
        return JSONResponse({"failed": await service.desk.work(unfit, request.query_params)})  # it may take a while

    @routes.get(
        "/v1/codes/kinds", summary="List the kinds of pictures", openapi_extra=LIST_KINDS,
        dependencies=[Depends(only_known)],
    )  # fmt: skip
    async def kinds() -> Response:  # pyright: ignore[reportUnusedFunction]
        """List the kinds of pictures that were measured: what `kind` of /v1/codes may be."""
        return JSONResponse({"kinds": await service.codes.kinds()})

    @routes.post("/v1/codes/sheet.{form}", summary="Make a table of readings", openapi_extra=SHEET)
    async def sheet(  # pyright: ignore[reportUnusedFunction]
        request: Request, form: Annotated[str, Path(description="csv or xlsx.")]
    ) -> Response:
        """Write readings as a table whose cells are text: CSV or XLSX."""
        rows = await service.receive(rows_of_request(request, form))
        language = language_of(request.scope, service.settings.language)
        made = await service.finish(request, service.desk.work(table, rows, form, language))
        return Response(made, media_type=MEDIA["csv" if form == "csv" else "xlsx"])

    return routes


def table(rows: Sequence[CodeRow], form: str, language: str) -> bytes:
    """Return rows as a file; how they were read, are written and their field have columns where a row says it."""
    columns = RESUMED if any(row.settings or row.written for row in rows) else COLUMNS
    columns = with_field(columns) if any(row.field for row in rows) else columns
    return as_csv(rows, language, columns) if form == "csv" else as_xlsx(rows, language, columns=columns)
