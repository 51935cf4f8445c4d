"""`POST /predict`: the call of the courses' own clients, answered as they expect it, by the same reading.

Two courses call it. One sends base64 and wants `prediction`, `confidence` in per cent and `feature_maps`; the
other sends a file or a data URL and wants `predictions`, labels with probabilities.
"""

import base64
import json
from collections.abc import Sequence

import numpy as np
from fastapi import APIRouter
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import Response

from calame.drawing.png import EMPTY, coloured
from calame.errors import BadParameter, CalameError
from calame.service.answers import Direct
from calame.service.pictures import Given, Wishes, pictures, switch
from calame.service.problems import language_of
from calame.service.reading import Desk, Json, Model, Told
from calame.service.schemas import COURSE
from calame.service.service import Service

MAPS = 8  # of the first convolution, as in the course
LARGER = 4  # times: a map of 28 pixels is shown with 112
LABELS = 5


def router(service: Service) -> APIRouter:
    """Return the route."""
    routes = APIRouter(tags=["course"], route_class=Direct)

    @routes.post("/predict", summary="Read a digit, as the course does", openapi_extra=COURSE)
    async def predict(request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Read one digit, as the course's app does."""
        sent = await service.receive(pictures(request, 1))
        shown = asks_features(sent.fields.get("show_features", False))
        language = language_of(request.scope, service.settings.language)
        body = await service.finish(request, predicted(service.desk, sent.pictures, language, shown=shown))
        headers = {"X-Model": service.desk.models.default.name}
        return Response(json.dumps(body), headers=headers, media_type="application/json")

    return routes


async def predicted(desk: Desk, pictures: Sequence[Given], language: str, *, shown: bool) -> Json:
    """Return the answer for one picture, with the first maps when they are to be shown.

    Raises:
        CalameError: it cannot be read, or not now.
    """
    (told,) = await desk.read(pictures, Wishes(), language)
    if isinstance(told, CalameError):
        raise told
    body = course_json(told)
    if shown and told.reading.prepared is not None:
        body["feature_maps"] = await desk.work(first_maps, desk.models.default, told.reading.prepared)
    return body


def asks_features(value: object) -> bool:
    """Read `show_features`, of JSON or of a form.

    Raises:
        BadParameter: neither true nor false.
    """
    if isinstance(value, bool | str | None):
        return switch("show_features", str(value or ""))
    raise BadParameter(name="show_features", found=repr(value)[:40], expected="true / false")


def course_json(told: Told) -> Json:
    """Return a reading in the course's words; of one that is refused, the best guess, and `rejected` beside it."""
    reading = told.reading
    seen = reading.prepared is not None
    return {
        "prediction": reading.top(1)[0][0] if seen else None,
        "confidence": round(reading.confidence * 100, 4),
        "probabilities": told.values["probabilities"],
        "predictions": [
            {"label": str(digit), "probability": round(share, 6)} for digit, share in reading.top(LABELS if seen else 0)
        ],
        "feature_maps": [],
        "rejected": reading.rejected,
        "reason": told.values["reason"],
    }


def first_maps(model: Model, pixels: NDArray[np.uint8]) -> list[str]:
    """Return the first maps of the first convolution as PNG in base64, each on its own scale, as the course does."""
    computed = model.inspector.activations(pixels[None])
    first = next((name for name, shape in model.inspector.layers.items() if len(shape) == 3), None)
    maps = [] if first is None else [computed[first][0, ..., place] for place in range(computed[first].shape[3])][:MAPS]
    return [base64.b64encode(coloured(levels(one))).decode() for one in maps]


def levels(one: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Bring a map (h, w) to 0..254 by its own range, and enlarge it pixel by pixel."""
    low, high = float(one.min()), float(one.max())
    scaled = ((one - low) * ((EMPTY - 1) / ((high - low) or 1)) + 0.5).astype(np.uint8)
    return scaled.repeat(LARGER, axis=0).repeat(LARGER, axis=1)
