"""The page with its words, the documentation, and the page behind each problem."""

from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from calame.errors import NotThere
from calame.locale import LANGUAGES, catalogue
from calame.locale.called import commands
from calame.service.documents import api_page, no_such_problem, problem_page, problems_list
from calame.service.masthead import app_page
from calame.service.openapi_words import worded
from calame.service.problems import CODES, asks_for_page, language_of
from calame.service.service import Service

HERE = Path(__file__).parents[1]
STYLE = HERE / "documents.css"
WORDS = ("page.", "reading.", "step.", "codes.state.", "codes.column.", "codes.kind.")  # what the page says
PARTS = ("api", "arch", "codes", "help", "inside", "perf", "matrix", "pics", "sheet", "totals", "train")
LONGEST = 40  # letters of a name that is told back
ASIDE = ("codes.", *(f"page.{part}." for part in PARTS))


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(include_in_schema=False)

    def written(content: str, language: str, status: int = 200) -> Response:
        vary = "Accept-Language" if status == 200 else "Accept, Accept-Language"  # a refusal may be JSON as well
        return HTMLResponse(content, status, {"Content-Language": language, "Vary": vary})

    @routes.get("/")
    async def page() -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give the page."""
        return HTMLResponse(app_page())

    @routes.get("/locale/{name}.json")
    async def words(name: str, part: str = "") -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give the page's words in one language: all, those of the main view, or those of the pages beside it."""
        if name not in LANGUAGES:
            raise NotThere(name=name[:LONGEST])
        said = {key: words for key, words in catalogue(name).items() if key.startswith(WORDS)}
        called = commands()["calame"]
        asked = {key: words.replace("{calame}", called) for key, words in said.items() if part in ("", part_of(key))}
        return JSONResponse(asked)

    @routes.get("/docs")
    async def docs(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give the documentation of the API."""
        language = language_of(request.scope, service.settings.language)
        described = worded(request.app.openapi(), language)
        return written(api_page(described, str(request.base_url).rstrip("/"), language), language)

    @routes.get("/openapi.json")
    async def openapi(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give the description of the API for programs: in English, unless another language is asked for."""
        language = language_of(request.scope)
        headers = {"Content-Language": language, "Vary": "Accept-Language"}
        return JSONResponse(worded(request.app.openapi(), language), headers=headers)

    @routes.get("/documents.css")
    async def style() -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give the style of these pages."""
        return FileResponse(STYLE)

    @routes.get("/problems")
    async def problems(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """List every kind of problem."""
        language = language_of(request.scope, service.settings.language)
        return written(problems_list(language), language)

    @routes.get("/problems/{code:path}")
    async def problem(request: Request, code: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Explain one kind of problem."""
        language = language_of(request.scope, service.settings.language)
        if code in CODES:
            return written(problem_page(code, language), language)
        missing = NotThere(name=code[:LONGEST])
        if not asks_for_page(request):
            raise missing
        request.state.code = missing.code
        return written(no_such_problem(code[:LONGEST], language), language, missing.http_status)

    return routes


def part_of(key: str) -> str:
    """Return where words are said: in the main view, which needs them first, or on the pages beside it."""
    return "pages" if key.startswith(ASIDE) else "main"
