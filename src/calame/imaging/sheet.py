"""The trace as files to look at: one PNG a step, and all of them side by side on one sheet.

A folder made here holds a mark, by which `calame read FOLDER` knows it and passes it over.
"""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.errors import CannotWrite
from calame.types import Trace, TraceStep

TILE, GAP, CAPTION = 220, 18, 30  # pixels
COLUMNS = 8
INK, QUIET, PAGE = (35, 30, 27), (128, 114, 107), (250, 250, 250)  # blue, green, red
SHEET = "steps.png"
MARK = ".calame-trace"  # in each folder made here, so that nobody takes its pictures for pictures to read


def write_trace(trace: Trace, folder: Path, name: str) -> Path:
    """Write `folder/name/01-grey.png` and so on, and `steps.png`; return the folder that was made.

    A name that is taken gets -2, -3 and so on: two pictures of one name in two folders do not meet here.

    Raises:
        CannotWrite: the folder cannot be made or written.
    """
    try:
        target = fresh(folder, name)
        (target / MARK).touch()
        for number, step in enumerate(trace.steps, start=1):
            _write(target / f"{number:02d}-{step.name}.png", step.picture)
        _write(target / SHEET, sheet(trace.steps))
    except OSError as error:
        raise CannotWrite(path=error.filename or folder, problem=error.strerror or error) from error
    return target


def fresh(folder: Path, name: str) -> Path:
    """Make and return `folder/name`, or `folder/name-2` and so on where that is taken; raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        target = folder / (name if number == 1 else f"{name}-{number}")
        try:
            target.mkdir()
        except FileExistsError:
            number += 1
        else:
            return target


def sheet(steps: Sequence[TraceStep]) -> NDArray[np.uint8]:
    """Return all steps side by side with names and times, (h, w, 3) uint8 RGB."""
    columns = min(COLUMNS, len(steps)) or 1
    rows = -(-len(steps) // columns)
    size = rows * (TILE + CAPTION + GAP) + GAP, columns * (TILE + GAP) + GAP, 3
    page = np.full(size, PAGE[::-1], np.uint8)
    for place, step in enumerate(steps):
        row, column = divmod(place, columns)
        top, left = GAP + row * (TILE + CAPTION + GAP), GAP + column * (TILE + GAP)
        tile = _tile(step.picture)
        y, x = top + (TILE - tile.shape[0]) // 2, left + (TILE - tile.shape[1]) // 2
        page[y : y + tile.shape[0], x : x + tile.shape[1]] = tile
        cv2.rectangle(page, (x - 1, y - 1), (x + tile.shape[1], y + tile.shape[0]), QUIET[::-1], 1, cv2.LINE_AA)
        _caption(page, f"{place + 1} {step.name}", f"{step.milliseconds:.1f} ms", left, top + TILE + 20)
    return page


def _caption(page: NDArray[np.uint8], name: str, time: str, left: int, bottom: int) -> None:
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(page, name, (left, bottom), font, 0.5, INK[::-1], 1, cv2.LINE_AA)
    width = cv2.getTextSize(time, font, 0.42, 1)[0][0]
    cv2.putText(page, time, (left + TILE - width, bottom), font, 0.42, QUIET[::-1], 1, cv2.LINE_AA)


def _tile(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Fit a picture into a tile; small ones are enlarged pixel by pixel, so that their pixels can be counted."""
    colour = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
    height, width = colour.shape[:2]
    ratio = TILE / max(height, width)
    size = max(1, round(width * ratio)), max(1, round(height * ratio))
    how = cv2.INTER_NEAREST if ratio > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(colour, size, interpolation=how), np.uint8)


def _write(path: Path, picture: NDArray[np.uint8]) -> None:
    ordered = picture[..., ::-1] if picture.ndim == 3 else picture
    _, encoded = cv2.imencode(".png", ordered)
    path.write_bytes(encoded.tobytes())
