"""Security headers on every answer; and what holds for every address: HEAD, and files given whole."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_FRAME = "frame-ancestors 'none'"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "font-src 'self'; media-src 'self' blob:; form-action 'self'; base-uri 'none'; manifest-src 'self'; " + NO_FRAME
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
LOOKING = ("GET", "HEAD")
API, PICTURES = "/v1/", "/v1/images"  # pictures have models of their own
PARTS = (b"range", b"if-range")


def raw(frames: tuple[str, ...] = ()) -> list[tuple[bytes, bytes]]:
    """Return the headers as they go out; `frames` are the sites (CSP sources) that may show the page in a frame."""
    policy = POLICY.replace(NO_FRAME, f"frame-ancestors {' '.join(frames)}") if frames else POLICY
    headers = HEADERS | {"Content-Security-Policy": policy}
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


class Headed:
    """Adds the headers; what is read of people's papers is never kept by a cache, the page's files are asked after.

    An answer of the API that names no model, a list or a problem, carries the name of the one that reads.
    """

    def __init__(self, app: ASGIApp, frames: tuple[str, ...] = (), model: str = "") -> None:
        self.app, self.raw, self.model = app, raw(frames), model

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and its answer back with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if "cache-control" not in headers:
                    headers["Cache-Control"] = "no-cache" if scope["method"] in ("GET", "HEAD") else "no-store"
                if scope["path"].startswith(API) and not scope["path"].startswith(PICTURES):
                    headers.setdefault("X-Model", self.model)
                own = {name for name, _ in message["headers"]}  # a page may have a stricter policy of its own
                message["headers"] = [*message["headers"], *(pair for pair in self.raw if pair[0] not in own)]
            await send(message)

        await self.app(scope, receive, headed)


class Looked:
    """Answers HEAD as it would GET, without the body; and gives every file whole, as it may (RFC 9110, section 14.2).

    The framework answers a range that makes no sense with a line of text, where all else is told as a problem.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on as if it were GET of the whole."""
        if scope["type"] != "http" or scope["method"] not in LOOKING:
            await self.app(scope, receive, send)
            return
        bare = scope["method"] == "HEAD"
        asked = {**scope, "method": "GET", "headers": [pair for pair in scope["headers"] if pair[0] not in PARTS]}

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [pair for pair in message["headers"] if pair[0] != b"accept-ranges"]
                message = {**message, "headers": kept}
            elif bare:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(asked, receive, sending)
        finally:
            scope["route"] = asked.get("route")  # by which the request is counted
