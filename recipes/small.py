"""Small digits on squared and ruled paper, photographed: how many are read, at first sight and with a closer look.

    python recipes/small.py --data DIR [--count 600]

Minutes: one on 2 cores. Writes docs/records/small.json: digits of hands that were not learned from, a twentieth to a
third as high as the picture, on paper whose ruling lies up to seven degrees crooked; by how high they are.
Only a report: the limits of `imaging/closer.py` were set on pictures that another made.
"""

import argparse
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import corpus, scene
from calame.imaging.codec import decode
from calame.reader import digit as reading
from calame.reader.digit import DigitReader
from calame.training.intervals import wilson
from calame.training.record import environment, write_json

RECORDS = Path(__file__).parent.parent / "docs" / "records"
HIGH, WIDE = 1200, 900  # pixels of the photo
SHARES = (0.05, 0.1, 0.2, 0.33)  # of its height: from which to which a digit is as high
CROOKED = 7.0  # degrees


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/, uci/ and unipen/")
    parser.add_argument("--count", type=int, default=600)
    arguments = parser.parse_args()
    held = corpus.collect(arguments.data, held_out=True)
    made = [photographed(held, np.random.default_rng((13, number))) for number in range(arguments.count)]
    record: dict[str, Any] = environment() | {"recipe": "recipes/small.py", "paper": {}}
    record["paper"]["with a closer look"] = told(made)
    reading.SURE = 2.0  # nothing is as sure: the first look counts
    record["paper"]["at first sight"] = told(made)
    write_json(RECORDS / "small.json", record)


def told(made: list[tuple[NDArray[np.uint8], int, float]]) -> dict[str, Any]:
    """Read all, and count by how high the digits are."""
    readings = DigitReader().read_many([picture for picture, _, _ in made])
    facts: dict[str, Any] = {}
    bands = [("all", 0.0, 1.0), *((f"{low:.0%} to {high:.0%}", low, high) for low, high in pairwise(SHARES))]
    for name, low, high in bands:
        some = [(one, label) for one, (_, label, share) in zip(readings, made, strict=True) if low <= share < high]
        right = sum(one.digit == label for one, label in some)
        wrong = [one for one, label in some if one.digit not in (None, label)]
        facts[name] = {
            "n": len(some), "right": right, "interval": [round(bound, 4) for bound in wilson(right, len(some))],
            "wrong": len(wrong), "wrong and over 90 % sure": sum(one.confidence > 0.9 for one in wrong),
        }  # fmt: skip
        print(f"{name:<12}{facts[name]}", flush=True)
    return facts


def photographed(held: corpus.Corpus, rng: np.random.Generator) -> tuple[NDArray[np.uint8], int, float]:
    """Return a photo (h, w, 3) uint8 of a digit on ruled or squared paper, the digit, and how high it is in it."""
    digit = held.any(rng)
    drawn = corpus.on_pad(digit, 0.9 * corpus.CANVAS, rng.uniform(8, 22), rng, vary=0.5)
    rows, columns = (np.flatnonzero(drawn.max(axis=axis)) for axis in (1, 0))
    drawn = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    share = float(np.exp(rng.uniform(*np.log([SHARES[0], SHARES[-1]]))))
    high = round(share * HIGH)
    wide = min(round(high * drawn.shape[1] / drawn.shape[0]), WIDE // 2)
    ink = cv2.resize(drawn, (max(3, wide), high), interpolation=cv2.INTER_AREA) / np.float32(255)
    sheet = scene.paper(HIGH, WIDE, rng, colour=True)
    sheet *= 1 - ruling(rng)[..., None] * np.float32(rng.uniform(0.1, 0.3))
    top, left = rng.integers(60, HIGH - high - 60), rng.integers(60, WIDE - ink.shape[1] - 60)
    place = sheet[top : top + high, left : left + ink.shape[1]]
    place *= 1 - ink[..., None] * np.float32(rng.uniform(0.55, 0.85))
    seen = sheet * scene.light(HIGH, WIDE, rng, shade=True, shadow=bool(rng.random() < 0.3))
    seen = cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.5, 1.2)))
    seen += rng.standard_normal(seen.shape, dtype=np.float32) * np.float32(rng.uniform(0.003, 0.015))
    picture = scene.as_jpeg(np.clip(seen * 255 + 0.5, 0, 255).astype(np.uint8), int(rng.integers(50, 92)))
    return decode(picture).pixels, digit.label, share


def ruling(rng: np.random.Generator) -> NDArray[np.float32]:
    """Return printed squares or lines as coverage (h, w)."""
    pixels = np.zeros((HIGH, WIDE), np.uint8)
    gap, thick = float(rng.uniform(22, 60)), int(rng.integers(1, 3))
    for y in np.arange(-WIDE, HIGH + WIDE, gap):
        cv2.line(pixels, (-WIDE, round(y)), (2 * WIDE, round(y)), 255, thick)
    if rng.random() < 0.6:
        for x in np.arange(-HIGH, WIDE + HIGH, gap):
            cv2.line(pixels, (round(x), -HIGH), (round(x), 2 * HIGH), 255, thick)
    turn = cv2.getRotationMatrix2D((WIDE / 2, HIGH / 2), float(rng.uniform(-CROOKED, CROOKED)), 1.0)
    return (cv2.warpAffine(pixels, turn, (WIDE, HIGH), flags=cv2.INTER_LINEAR) / np.float32(255)).astype(np.float32)


if __name__ == "__main__":
    main()
