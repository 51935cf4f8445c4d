"""Pictures to try: the samples of the package, and MNIST's test set where it is."""

import asyncio
import csv
import threading
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Depends, Query
from fastapi import Path as InAddress
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from calame.artifact import ModelFolder
from calame.data.files import find_file, need_file
from calame.data.idx import read_idx
from calame.data.sets import FILES
from calame.drawing.png import png
from calame.errors import MissingData, NotThere
from calame.service.pictures import ModelWanted, only_known, switch
from calame.service.reading import Json
from calame.service.service import Service

Wrong = Annotated[str, Query(description="1: list those that the model reads wrong.", examples=["1"])]
FOLDER = Path(__file__).parents[2] / "samples"
PICTURES: dict[int | str, dict[str, Any]] = {200: {"content": {"image/png": {}, "image/jpeg": {}}}}
CHUNK = 500  # digits at a time, so that the network is there for others in between


class Digits:
    """MNIST's test set, read when it is first asked for.

    Raises:
        MissingData: it is not there.
    """

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self._lock = threading.Lock()

    @property
    def there(self) -> bool:
        """Whether it can be read."""
        return self.root is not None and all(find_file(name, self.root) for name in FILES["test"][:2])

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """(10000, 28, 28) uint8, ink 255 on 0."""
        return self._read(0)

    @cached_property
    def labels(self) -> NDArray[np.uint8]:
        """(10000,) uint8."""
        return self._read(1)

    def _read(self, which: int) -> NDArray[np.uint8]:
        if self.root is None:
            raise MissingData(name="mnist", files=FILES["test"][which], folder="-")
        return read_idx(need_file(FILES["test"][which], self.root))

    def one(self, index: int) -> tuple[bytes, int]:
        """Return a digit as PNG, dark on light as it would be on paper, and its label.

        Raises:
            NotThere: no digit of this number.
        """
        with self._lock:
            if not 0 <= index < len(self.images):
                raise NotThere(name=str(index)[:20])
            return png(255 - self.images[index]), int(self.labels[index])


class Errors:
    """Which digits of MNIST's test set a model reads wrong; found out once for each.

    In a thread of its own, whoever waits for it: those of the pool are for readings.
    """

    def __init__(self, service: Service, digits: Digits) -> None:
        self._service, self._digits = service, digits
        self._finding: dict[str, tuple[ModelFolder, asyncio.Future[list[int]]]] = {}

    async def indices(self, wanted: str | None = None) -> list[int]:
        """Return their numbers, in order; the first call for a model reads all ten thousand, whoever leaves meanwhile.

        Raises:
            UnknownModel: no model of this name. DamagedModel: it does not open.
        """
        name = self._service.desk.models.name(wanted)
        folder = self._service.desk.models.folder(name)
        known, finding = self._finding.get(name, (None, None))
        if finding is None or known is not folder or (finding.done() and finding.exception()):
            finding = asyncio.ensure_future(asyncio.to_thread(self._find, name))
            self._finding[name] = folder, finding
        return await asyncio.shield(finding)

    def _find(self, name: str) -> list[int]:
        images, labels = self._digits.images, self._digits.labels
        ask = self._service.desk.models.get(name).reader.classify
        starts = range(0, len(images), CHUNK)
        said = np.concatenate([ask(images[start : start + CHUNK]).argmax(axis=1) for start in starts])
        return np.flatnonzero(said != labels).tolist()


def router(service: Service) -> APIRouter:
    """Return the routes."""
    routes, digits = APIRouter(tags=["samples"], dependencies=[Depends(only_known)]), Digits(service.settings.data)
    misread, labels = Errors(service, digits), read_labels()

    @routes.get("/v1/samples", summary="List the sample pictures")
    async def list_samples() -> Response:  # pyright: ignore[reportUnusedFunction]
        """List the sample pictures."""
        return JSONResponse({"samples": list(labels.values()), "mnist": digits.there})

    @routes.get("/v1/samples/{name}", summary="Give a sample picture", responses=PICTURES, response_class=Response)
    async def sample(  # pyright: ignore[reportUnusedFunction]
        name: Annotated[str, InAddress(description="A name of /v1/samples.")],
    ) -> Response:
        """Give a sample picture."""
        if name not in labels:  # so that no other path is ever opened
            raise NotThere(name=name[:40])
        return FileResponse(FOLDER / name)

    @routes.get("/v1/mnist", summary="Count MNIST's test digits, and find those read wrong")
    async def list_digits(request: Request, errors: Wrong = "", model: ModelWanted = None) -> Response:  # pyright: ignore[reportUnusedFunction]
        """Say how many digits MNIST's test set has, and with `?errors=1` which of them are read wrong."""
        count = len(await service.desk.work(lambda: digits.images))
        wrong = switch("errors", errors)
        indices = await service.finish(request, misread.indices(model)) if wrong else None
        return JSONResponse({"count": count} | ({} if indices is None else {"indices": indices}))

    @routes.get("/v1/mnist/{index}", summary="Give a test digit of MNIST", responses=PICTURES, response_class=Response)
    async def digit(  # pyright: ignore[reportUnusedFunction]
        index: Annotated[int, InAddress(description="Which one, from 0 on.")],
    ) -> Response:
        """Give one digit of MNIST's test set, its label in the header X-Label."""
        content, label = await service.desk.work(digits.one, index)
        return Response(content, headers={"X-Label": str(label)}, media_type="image/png")

    return routes


def read_labels() -> dict[str, Json]:
    """Return the samples by file name: what each shows."""
    with (FOLDER / "labels.csv").open(encoding="utf-8", newline="") as stream:
        return {
            row["path"]: {
                "name": row["path"], "label": int(row["digit"]), "what": row["what"],
                "url": f"/v1/samples/{row['path']}",
            }
            for row in csv.DictReader(stream)
        }  # fmt: skip
