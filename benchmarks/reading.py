"""How long one reading takes, decode excluded: a drawing, a photo of 1 and of 12 megapixels; and a pile of them.

    python benchmarks/reading.py

The pictures are made (a 7 on paper, in a slanting light), the same in every run. One core but for the pile: OpenCV
and ONNX Runtime are told so. Prints one JSON object: milliseconds are medians; `ratio` is what a resize to 28×28, the
course's whole preparation, takes of the same picture in the same run; `views` is what five views of it take
(`tta=True`), by one reading; `cores` is the pile's gain over one core; `memory` is the most that the process held, in
MB.
"""

import json
import os
import resource
import statistics
import time
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import glyphs, pens
from calame.reader.digit import DigitReader

SIZES = {"drawing": (280, 280, 60), "1 MP": (866, 1154, 25), "12 MP": (3024, 4032, 12)}  # height, width, rounds
PILE = 128


def picture(height: int, width: int) -> NDArray[np.uint8]:
    """A 7 on paper; the larger the picture, the more paper there is around it, and the light is worse."""
    rng = np.random.default_rng(7)
    box = (width / 2, height / 2, min(height, width) * (0.65 if height < 400 else 0.35))
    ink = pens.write(glyphs.draw(7, rng), height, width, pens.Pen(0.08), rng, box=box)
    if height < 400:
        return (255 - 255 * ink).astype(np.uint8)
    light = np.linspace(1.0, 0.6, width, dtype=np.float32)
    grey = 215 * light * (1 - 0.8 * ink) + rng.normal(0, 2, ink.shape)
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def milliseconds(action: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds + 2):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1e3)
    return statistics.median(times[2:])


def main() -> None:
    reader, turned = DigitReader(), DigitReader(tta=True)
    result: dict[str, object] = {"benchmark": "reading", "megapixels_decoded": False}
    cv2.setNumThreads(1)
    for name, (height, width, rounds) in SIZES.items():
        pixels = picture(height, width)
        read = milliseconds(lambda pixels=pixels: reader.read(pixels), rounds)
        naive = milliseconds(lambda pixels=pixels: cv2.resize(pixels, (28, 28), interpolation=cv2.INTER_AREA), rounds)
        views = milliseconds(lambda pixels=pixels: turned.read(pixels), rounds)
        result[name] = {
            "milliseconds": round(read, 2), "ratio": round(read / naive, 1), "views": round(views / read, 2),
        }  # fmt: skip
    pile = [picture(866, 1154)] * PILE
    alone = milliseconds(lambda: [reader.read(pixels) for pixels in pile], 1)
    together = milliseconds(lambda: reader.read_many(pile), 1)
    result["pile"] = {
        "pictures": PILE,
        "milliseconds_each": round(together / PILE, 2),
        "gain": round(alone / together, 2),
        "cores": os.cpu_count(),
    }
    result["memory"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
