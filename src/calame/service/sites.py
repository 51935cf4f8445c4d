"""Pages of other sites: which may call the API from a browser (CORS), and what the others are told."""

from starlette.datastructures import Headers
from starlette.middleware.cors import ALL_METHODS, CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from calame.errors import BadParameter, CalameError
from calame.service.limits import check_origin
from calame.service.problems import answer

EXPOSED = ["X-Model", "X-Request-ID", "Retry-After", "RateLimit", "RateLimit-Policy", "X-Label", "X-Pages"]
ASKED = "access-control-request-method"
NETWORK = "access-control-request-private-network"


class Sites(CORSMiddleware):
    """Starlette's, which tells what it refuses in a line of text; here that is a problem like every other.

    Args:
        app: what is called.
        origins: sites whose pages may call; none: a browser's question is refused, and nothing else changes.
        language: of problems, for a client that asks for none.
    """

    def __init__(self, app: ASGIApp, origins: tuple[str, ...], language: str) -> None:
        super().__init__(app, allow_origins=origins, allow_methods=["*"], allow_headers=["*"], expose_headers=EXPOSED)
        self.origins, self.language = origins, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer what a browser asks before one."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        asking = "origin" in headers and scope["method"] == "OPTIONS" and ASKED in headers
        if asking:
            try:
                check_asked(headers, self.origins)
            except CalameError as error:
                told = answer(error, scope, self.language)
                told.headers["Vary"] += ", Origin"
                await told(scope, receive, send)
                return
        own = asking and not self.is_allowed_origin(headers["origin"])  # our own page: nothing of another site
        await (super().__call__ if self.origins and not own else self.app)(scope, receive, send)


def check_asked(headers: Headers, origins: tuple[str, ...]) -> None:
    """Check what a browser asks before a page's request.

    Raises:
        ForeignOrigin: the page is of a site that may not call.
        BadParameter: a verb that there is not, or a network that no page is let into.
    """
    check_origin(headers, origins)
    if headers[ASKED] not in ALL_METHODS:
        raise BadParameter(name=ASKED, found=headers[ASKED][:20], expected=" / ".join(ALL_METHODS))
    if NETWORK in headers:
        raise BadParameter(name=NETWORK, found=headers[NETWORK][:20], expected="–")
