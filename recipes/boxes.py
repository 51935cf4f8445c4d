"""Numbers in the printed boxes of forms, sharp or with round corners: how many are read, and accepted.

    python recipes/boxes.py --data DIR [--each 100]

Minutes: three on 2 cores. Writes docs/records/boxes.json: the same numbers of unseen hands without a box, in one box
that is whole on the picture or cut by its border, and each digit in a box of its own; the corners are quarter circles,
their radius a share of the box's height. Only a report: what finds the boxes was set on numbers of other hands.
"""

import argparse
from collections import Counter
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from calame.data import lines
from calame.training.intervals import wilson
from calame.training.record import environment, write_json
from codes import hands
from made_pages import WRITTEN
from order_forms import manner
from pool import on_all_cores
from unseen import reader

RECORDS = Path(__file__).parent.parent / "docs" / "records"
RADII = {"no box": None, "sharp": 0.0, "round, 5 %": 0.05, "round, 10 %": 0.1, "round, 20 %": 0.2, "round, 50 %": 0.5}
WHERE = "whole", "cut", "each digit"
CIRCLE = 0.5  # a box around one digit with such corners is a circle, which is left out
BOX, HIGH = 100, 58  # pixels: of a box around a number and of the digits in it, at 200 dots an inch
PAPER, INK = (250, 249, 245), (28, 52, 140)
TASK = 20  # numbers
Task = tuple[Path, str, str, int, int]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/ and unipen/")
    parser.add_argument("--each", type=int, default=100, help="numbers in each kind of box")
    arguments = parser.parse_args()
    tasks = [
        (arguments.data, where, corners, start, min(TASK, arguments.each - start))
        for where in WHERE for corners, radius in RADII.items() if (where, radius) != ("each digit", CIRCLE)
        for start in range(0, arguments.each, TASK)
    ]  # fmt: skip
    record: dict[str, Any] = environment() | {"recipe": "recipes/boxes.py", "each": arguments.each, "boxes": {}}
    found: dict[tuple[str, str], Counter[str]] = {}
    for (_, where, corners, _, _), some in zip(tasks, on_all_cores(counted, tasks, "boxes"), strict=True):
        found[where, corners] = found.get((where, corners), Counter()) + some
    for (where, corners), counts in found.items():
        facts = {name: counts[name] for name in ("right", "accepted", "wrong")}
        facts["interval"] = [round(end, 4) for end in wilson(counts["right"], arguments.each)]
        record["boxes"].setdefault(where, {})[corners] = facts
        print(f"{where:<12}{corners:<14}{facts}")
    write_json(RECORDS / "boxes.json", record)


def counted(task: Task) -> Counter[str]:
    """Count, of the numbers in one kind of box, those that are read right, accepted, and accepted and wrong."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    root, where, corners, start, count = task
    made = [form(root, where, RADII[corners], number) for number in range(start, start + count)]
    found: Counter[str] = Counter()
    for reading, (_, text) in zip(reader().read_many([picture for picture, _ in made]), made, strict=True):
        accepted = reading.state == "accepted"
        found += Counter(right=reading.guess == text, accepted=accepted, wrong=accepted and reading.guess != text)
    return found


def form(root: Path, where: str, radius: float | None, number: int) -> tuple[NDArray[np.uint8], str]:
    """Return the place of a form, (h, w, 3) uint8, and the number in it; the same for all kinds of corners."""
    rng = np.random.default_rng((number, 29, WHERE.index(where)))
    hand = hands(root, "judge").any(rng)
    text = "".join(map(str, rng.integers(0, 10, int(rng.integers(3, 8)))))
    tone, thick = (int(rng.integers(60, 180)),) * 3, int(rng.integers(1, 5))
    written = list(text) if where == "each digit" else [text]
    inks = [trimmed(lines.draw(part, hand, manner(HIGH, rng), WRITTEN, rng).picture[..., 0]) for part in written]
    wide = [BOX if where == "each digit" else ink.shape[1] + int(rng.integers(40, 200)) for ink in inks]
    apart = int(rng.choice([0, 8, 16]))
    left, sheet = 30, Image.new("RGB", (60 + sum(wide) + apart * len(wide), BOX + 50), PAPER)
    pen = ImageDraw.Draw(sheet)
    for ink, width in zip(inks, wide, strict=True):
        if radius is not None:
            pen.rounded_rectangle((left, 25, left + width, 25 + BOX), radius * BOX, outline=tone, width=thick)
        x = left + (width - ink.shape[1]) // 2 + int(rng.integers(-5, 6))
        y = 25 + (BOX - ink.shape[0]) // 2 + int(rng.integers(-4, 5))
        sheet.paste(INK, (x, y), Image.fromarray(ink))
        left += width + apart
    turned = sheet.rotate(float(rng.normal(0, 0.4)), Image.Resampling.BICUBIC, fillcolor=PAPER)
    pixels = np.asarray(turned, np.float32) + rng.normal(0, 2.2, (sheet.height, sheet.width, 1))
    cut = 30 + int(rng.integers(5, 15)) if where == "cut" else 0
    return np.clip(pixels[:, cut:], 0, 255).astype(np.uint8), text


def trimmed(ink: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return dark writing on white as ink 255 on 0, without the paper around it."""
    left, top, width, height = cv2.boundingRect((ink < 200).astype(np.uint8))
    return 255 - ink[top : top + height, left : left + width]


if __name__ == "__main__":
    main()
