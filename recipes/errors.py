"""Every error of the shipped reader on the evaluation sets, as sheets to look at: the picture beside its 28×28.

    python recipes/errors.py --data DIR [--model digits]

A minute on 2 cores. Writes docs/records/errors-SET.png, at most `SHOWN` errors each, drawn at random, in the order of
their labels, numbered; and docs/records/errors.json: which digit was taken for which, how often. Whose fault each is,
the preparation's, the style's or the label's, is for eyes: docs/errors.md counts them.
"""

from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import dev_sets
from calame.imaging.codec import decode
from calame.imaging.paper import shrink
from calame.reader.digit import DigitReader
from calame.training.record import environment, write_json
from calame.types import DigitReading

RECORDS = Path(__file__).parent.parent / "docs" / "records"
SHOWN, ACROSS = 96, 12
SIDE = 72  # pixels of the picture and of its 28×28
WORDS = 14  # pixels below them

Tile = NDArray[np.uint8]


def main() -> None:
    arguments = dev_sets.options(__doc__).parse_args()
    reader = DigitReader(arguments.model)
    record = environment() | {"recipe": "recipes/errors.py", "model": str(reader.folder.manifest), "sets": {}}
    for name, sources, labels in dev_sets.available(arguments.data):
        readings = reader.read_many(sources)
        wrong = [place for place, reading in enumerate(readings) if reading.digit != labels[place]]
        taken = Counter(f"{labels[place]} as {said(readings[place])}" for place in wrong)
        record["sets"][name] = {"n": len(labels), "errors": len(wrong), "taken": dict(taken.most_common())}
        print(name, record["sets"][name])
        if wrong:
            chosen = sorted(np.random.default_rng(0).permutation(wrong)[:SHOWN], key=lambda place: labels[place])
            tiles = [tile(decode(sources[n]).pixels, readings[n], labels[n], i) for i, n in enumerate(chosen, 1)]
            cv2.imwrite(str(RECORDS / f"errors-{name}.png"), sheet(tiles))
    write_json(RECORDS / "errors.json", record)


def said(reading: DigitReading) -> str:
    return str(reading.rejected) if reading.digit is None else str(reading.digit)


def tile(picture: Any, reading: DigitReading, label: int, number: int) -> Tile:
    """The picture, what the network saw of it, and the words below."""
    grey = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    small = shrink(grey, SIDE)
    if max(small.shape) < SIDE:
        zoom = SIDE / max(small.shape)
        small = cv2.resize(small, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_NEAREST)[:SIDE, :SIDE]
    card = np.full((SIDE + WORDS, 2 * SIDE + 6), 255, np.uint8)
    card[: small.shape[0], : small.shape[1]] = small
    if reading.prepared is not None:
        card[:SIDE, SIDE + 2 : 2 * SIDE + 2] = cv2.resize(
            255 - reading.prepared, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST
        )
    words = f"{number}: {label} as {said(reading)} {reading.confidence:.2f}"
    cv2.putText(card, words, (1, SIDE + 11), cv2.FONT_HERSHEY_SIMPLEX, 0.36, 0, 1, cv2.LINE_AA)
    return card


def sheet(tiles: list[Tile]) -> Tile:
    """The tiles in rows."""
    blank = np.full_like(tiles[0], 255)
    tiles = tiles + [blank] * (-len(tiles) % ACROSS)
    return np.vstack([np.hstack(tiles[start : start + ACROSS]) for start in range(0, len(tiles), ACROSS)])


if __name__ == "__main__":
    main()
