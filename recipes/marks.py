"""Points, commas, dashes and slashes between the digits of a number: how many that are told are there, and the reverse.

    python recipes/marks.py --data DIR [--each 200]

Minutes: three on 2 cores. Writes docs/records/marks.json: made numbers of unseen hands, of each kind so many, and of
those whose digits are read right how many have a mark told where none is written, a mark in a wrong place, or none
told. Spaces do not count, nor does which mark it is, but for `same`. Only a report: nothing was set on these.
"""

import argparse
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from calame.data import lines
from calame.training.record import environment, write_json
from codes import JUDGE
from pool import on_all_cores
from unseen import hands, reader

RECORDS = Path(__file__).parent.parent / "docs" / "records"
UNMARKED, MARKED = ("none", "invented"), ("placed", "part", "missing", "wrong")
Task = tuple[Path, str, int]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/ and unipen/")
    parser.add_argument("--each", type=int, default=200, help="numbers of each kind")
    arguments = parser.parse_args()
    kinds = [*JUDGE, *(kind for kind in lines.KINDS if kind not in JUDGE)]
    tasks = [(arguments.data, kind, arguments.each) for kind in kinds]
    told = dict(zip(kinds, on_all_cores(counted, tasks, "kinds of numbers"), strict=True))
    record: dict[str, Any] = environment() | {"recipe": "recipes/marks.py", "each": arguments.each}
    record["all"] = summed(sum(told.values(), Counter[str]()))
    record["kinds"] = {kind: summed(found) for kind, found in told.items()}
    for kind, facts in {"all": record["all"], **record["kinds"]}.items():
        print(f"{kind:<10}{facts}")
    write_json(RECORDS / "marks.json", record)


def counted(task: Task) -> Counter[str]:
    """Count what is told of the marks in numbers of one kind that are read right."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    root, kind, count = task
    made = [lines.make(kind, hands(root), np.random.default_rng((number, 23))) for number in range(count)]
    found: Counter[str] = Counter()
    for one, line in zip(reader().read_many([line.picture for line in made]), made, strict=True):
        if one.guess == line.text:
            truth, shown = marks_in(line.written), marks_in(one.written)
            found[judged([place for place, _ in truth], [place for place, _ in shown])] += 1
            found["same"] += bool(truth) and truth == shown
    return found


def marks_in(written: str) -> list[tuple[int, str]]:
    """Return the marks between digits, each after how many; the strokes that a hand makes for a dash are dashes."""
    found: list[tuple[int, str]] = []
    count = 0
    for letter in written.translate(str.maketrans("_~#*", "----")):
        count += letter.isdigit()
        if not letter.isdigit() and not letter.isspace():
            found.append((count, letter))
    return [(place, next(marks)[1]) for place, marks in groupby(found, lambda one: one[0]) if 0 < place < count]


def judged(truth: list[int], shown: list[int]) -> str:
    """Return what was made of the marks after so many digits each."""
    if not truth:
        return "invented" if shown else "none"
    if not shown:
        return "missing"
    return "placed" if shown == truth else "part" if set(shown) < set(truth) else "wrong"


def summed(found: Counter[str]) -> dict[str, int]:
    """Return the counts by name: of numbers without a mark, of those with some."""
    unmarked, marked = (sum(found[name] for name in names) for names in (UNMARKED, MARKED))
    return {
        "unmarked": unmarked, "invented": found["invented"],
        "marked": marked, **{name: found[name] for name in MARKED}, "same": found["same"],
    }  # fmt: skip


if __name__ == "__main__":
    main()
