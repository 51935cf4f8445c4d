"""One line of JSON a request, with its number, and never a picture; and the shell through which nothing leaks out.

What nobody expected ends here: it is logged with its traceback, and the client is told the number of the line.
"""

import logging
import random
import re
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calame.service.problems import VERBS, internal
from calame.service.service import ClientLeft, Service

LOG = logging.getLogger("calame.service")
ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")  # of a request, when its client gives one
QUIET = ("/health", "/metrics")  # asked every few seconds by machines
LONGEST = 200  # characters of a path in a line
LEFT = 499  # nginx's number for a client that has left; only ever logged


class Watched:
    """Numbers, times, counts and logs every request."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and note what became of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        state = scope.setdefault("state", {})
        state["id"] = number = _number(scope)
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except ClientLeft:
            status = LEFT
        finally:
            self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        path = str(scope["path"])
        if path.startswith(QUIET):
            return
        # The route's pattern, not the path: a path can hold anything, and would make a counter for each.
        route, state, metrics = str(getattr(scope.get("route"), "path", "-")), scope["state"], self.service.metrics
        verb = scope["method"] if scope["method"] in VERBS else "other"
        metrics.requests.labels(route, verb, status).inc()
        metrics.duration.labels(route).observe(seconds)
        if "code" in state:
            metrics.refused.labels(state["code"]).inc()
        if LOG.isEnabledFor(logging.INFO):
            facts = {"id": state["id"], "method": scope["method"], "path": path[:LONGEST], "status": status}
            LOG.info("request", extra=facts | {"milliseconds": round(seconds * 1e3, 2), "code": state.get("code")})


class Caught:
    """Answers what nobody expected, inside of the shells that add headers: they hold for this answer too."""

    def __init__(self, app: ASGIApp, language: str) -> None:
        self.app, self.language = app, language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and see to it that it is answered."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except ClientLeft:
            raise
        except Exception:
            if scope["type"] != "http":
                raise
            LOG.exception("internal error", extra={"id": scope["state"]["id"]})
            if not begun:
                await internal(scope, self.language)(scope, receive, send)


def _number(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and ID.fullmatch(value):
            return value.decode()
    # A number and no secret. To ask the system for one, as `uuid4` does, is to let go of Python's lock and wait for it.
    return f"{random.getrandbits(128):032x}"
