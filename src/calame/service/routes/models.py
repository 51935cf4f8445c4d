"""`GET /v1/models`: which models there are, what each is, and how good it was measured to be."""

import json
import logging
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InAddress
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from calame.artifact import MODEL, ModelFolder
from calame.errors import BadParameter, CalameError
from calame.imaging.recipe import name_of
from calame.locale import text
from calame.reader.digit import recipe_of
from calame.service.digit_values import NEEDED, Json, sprite_json
from calame.service.pictures import ModelWanted, only_known
from calame.service.problems import INTERNAL, language_of
from calame.service.reading import Model, Models
from calame.service.service import Service

LOG = logging.getLogger("calame.service")
PACKAGE = Path(__file__).parents[2]
RECORDS = (PACKAGE / "records", PACKAGE.parents[1] / "docs" / "records")


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["models"], dependencies=[Depends(only_known)])
    desk = service.desk

    @routes.get("/v1/models", summary="List the models")
    async def list_models(  # pyright: ignore[reportUnusedFunction]
        request: Request,
        brief: Annotated[bool, Query(description="Only what the manifests say: none is opened for it.")] = False,
    ) -> Response:
        """List the models that can be asked for."""
        language = language_of(request.scope, service.settings.language)
        await desk.work(desk.models.refresh, 0.0)
        names = desk.models.folders
        if brief:
            found = await desk.work(lambda: [brief_card(desk.models, name) for name in names])
        else:
            found = [await desk.work(named_card, desk.models, name, language) for name in names]
        return JSONResponse({"default": desk.models.default.name, "models": found})

    @routes.get("/v1/models/{name}", summary="Describe a model")
    async def one_model(  # pyright: ignore[reportUnusedFunction]
        request: Request, name: Annotated[str, InAddress(description="name, or name@version, of /v1/models.")]
    ) -> Response:
        """Tell what one model is: its facts, its steps, its layers."""
        language = language_of(request.scope, service.settings.language)
        model = await desk.work(desk.models.get, name)
        return JSONResponse(await desk.work(card, model, language))

    @routes.get("/v1/model/filters", summary="Draw the filters of a convolution")
    async def filters(  # pyright: ignore[reportUnusedFunction]
        model: ModelWanted = None,
        layer: Annotated[str | None, Query(description="A convolution; the first unless said.")] = None,
    ) -> Response:
        """Draw the filters of a convolution: those that look at one map whole, of the others the first input's."""
        return JSONResponse(await desk.work(draw_filters, desk.models, model, layer))

    @routes.get("/v1/performance", summary="Give a model's scores")
    async def performance(model: ModelWanted = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Give what was measured: the model's own scores and training, and the records of this version."""
        models = desk.models
        manifest = models.folder(models.name(model)).manifest
        records = await desk.work(read_records)
        measured = {"scores": dict(manifest.scores), "training": dict(manifest.training)}
        return JSONResponse({"model": str(manifest), **measured, "records": records})

    return routes


def named_card(models: Models, name: str, language: str) -> Json:
    """Return the card of a model; of one that does not open, that it does not."""
    try:
        return card(models.get(name), language)
    except Exception as error:  # whatever it is: one bad folder must not hide the others
        return unopened(name, error)


def brief_card(models: Models, name: str) -> Json:
    """Return what the manifest alone says; of one whose preparation is not known here, that it does not open."""
    try:
        return facts(models.folder(name))
    except CalameError as error:
        return unopened(name, error)


def unopened(name: str, error: Exception) -> Json:
    """Return what is told of a model that does not open."""
    LOG.error("%s: %s", name, error, exc_info=error)  # its words name folders: for the log alone
    code = error.code if isinstance(error, CalameError) else INTERNAL
    return {"name": name.partition("@")[0], "version": name.partition("@")[2], "id": name, "error": code}


def facts(folder: ModelFolder) -> Json:
    """Return what a model is by its manifest, as plain values.

    Raises:
        DamagedModel: a preparation step that this version does not know.
    """
    manifest = folder.manifest
    steps = [name_of(step) for step in recipe_of(folder).steps]
    return {
        "name": manifest.name,
        "version": manifest.version,
        "id": str(manifest),
        "architecture": manifest.architecture,
        "parameters": manifest.parameters,
        "bytes": size(folder),
        "steps": steps,
        "needed": [name for name in steps if name in NEEDED],
    }


def card(model: Model, language: str) -> Json:
    """Return what a model is, as plain values: the facts of its manifest, its steps and its layers."""
    manifest = model.folder.manifest
    return facts(model.folder) | {
        "task": manifest.task,
        "preparation": manifest.preparation,
        "classes": list(manifest.classes),
        "calibration": dict(manifest.calibration),
        "scores": dict(manifest.scores),
        "data": [dict(source) for source in manifest.data],
        "created": manifest.created,
        "step_words": {name: text(f"step.{name}", language) for name in model.steps},
        "layers": [
            {"name": name, "shape": list(shape), **model.graph.layer(name)._asdict()}
            for name, shape in model.inspector.layers.items()
        ],
    }


def draw_filters(models: Models, wanted: str | None, layer: str | None) -> Json:
    """Return the filters of a layer, of the first convolution when none is named, as a sprite.

    Raises:
        BadParameter: no convolution of this name.
    """
    model = models.get(wanted)
    kernels = {name: model.graph.kernels(name) for name in model.inspector.layers}
    known = [name for name, values in kernels.items() if values is not None]
    chosen = layer if layer is not None else next(iter(known), "")
    found = kernels.get(chosen)
    if found is None:
        raise BadParameter(name="layer", found=repr(chosen[:40]), expected=", ".join(known))
    return {"layer": chosen, "kind": model.graph.layer(chosen).kind, "shape": list(found.shape)} | sprite_json(
        found[:, :, 0]
    )


def read_records() -> Json:
    """Return the measurements of this version, by name; in a checkout they are still among the documents."""
    folder = next((place for place in RECORDS if place.is_dir()), None)
    found = sorted(folder.glob("*.json")) if folder else []
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def size(folder: ModelFolder) -> int:
    """Return the bytes of the network that reads."""
    return folder.manifest.files[MODEL]["bytes"]
