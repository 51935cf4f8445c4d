"""How numbers are found on pages: made forms of print, tables and boxes with numbers of unseen hands, scanned.

    python recipes/pages.py --data DIR [--count 100]

Minutes: nine on 2 cores. Writes docs/records/pages.json. Only a report: `code.PAGE` and the limits of `reader/page.py`
were set on pages like the first 24, which are left out.

`tables` are order forms that are filled in (order_forms.py), straight and crooked by a degree: the same figures, how
many of their numbers are found by how many digits they have, and on how many pages all come in the order of reading.

The same pages lie straight, crooked by 1 and by 2.5 degrees. `right` are the numbers that are among those told,
`others` what is told and was not written: a number read wrong, or print, which has no digits here. `places` are the
same numbers, each read as one where it is on the page that lies straight, with one and a half of its heights around it:
`right` counts guesses, too, the others what is told for sure. `whole` are the same pages, each read as if it were one
number: `right` is told where one that is written there is guessed. `covers` are made cover sheets (cover_sheets.py),
whose print has digits: likewise, and `print accepted` is what is told for sure of the same sheets read as pages, and is
not the number; by the half of the hands that limits were not set on. `sheets` are real ones (dev/form_scans): only a
report.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import cover_sheets
import made_pages
import order_forms
from calame.imaging.codec import decode
from calame.imaging.region import Region
from calame.reader.code import CodeReader
from calame.training.intervals import wilson
from calame.training.record import environment, write_json
from calame.types import Box
from codes import hands as half
from made_pages import turned
from pool import on_all_cores
from unseen import hands, reader

RECORDS = Path(__file__).parent.parent / "docs" / "records"
ANGLES = (0.0, 1.0, 2.5)  # degrees
SET_ON = 24  # pages of each kind that limits were set on
COVERS_SET_ON = 60  # cover sheets, likewise
FORMS, FORM_ANGLES = 40, (0.0, 1.0)  # order forms, and degrees
ROOM = 1.5  # heights of a number: of the page around it, where its place is named
Counts = tuple[int, int, int, int]  # numbers, right, right and accepted, wrong and accepted
LONG = 4  # digits: longer numbers count with these


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/ and unipen/")
    parser.add_argument("--count", type=int, default=100, help="of pages that nothing was set on")
    arguments = parser.parse_args()
    record: dict[str, Any] = environment() | {"recipe": "recipes/pages.py", "pages": arguments.count, "crooked": {}}
    for angle in ANGLES:
        tasks = [(arguments.data, number, angle) for number in range(SET_ON, SET_ON + arguments.count)]
        told = np.array(list(on_all_cores(read, tasks, f"pages at {angle}°"))).sum(axis=0).tolist()
        written, right, others, accepted = told
        low, high = wilson(right, written)
        record["crooked"][str(angle)] = {
            "numbers": written, "right": right, "share": round(right / written, 4),
            "interval": [round(low, 4), round(high, 4)], "others": others, "others accepted": accepted,
        }  # fmt: skip
        print(angle, record["crooked"][str(angle)])
    record["places"] = {str(angle): counted(read_places, arguments, angle, "places") for angle in ANGLES}
    print(record["places"])
    record["whole"] = {str(angle): counted(read_whole, arguments, angle, "pages as one number") for angle in ANGLES}
    print(record["whole"])
    record["tables"] = {str(angle): tables(arguments, angle) for angle in FORM_ANGLES}
    print(record["tables"])
    record["covers"] = {str(angle): covers(arguments, angle) for angle in FORM_ANGLES}
    print(record["covers"])
    record["sheets"] = dict(sheets(arguments.data / "dev" / "form_scans"))
    print(record["sheets"])
    write_json(RECORDS / "pages.json", record)


def sheets(folder: Path) -> Iterator[tuple[str, dict[str, int]]]:
    """Count the same of real cover sheets, scanned straight and turned as the made pages are, where they are there."""
    table = folder / "labels.csv"
    if not table.is_file():
        print(f"left out: {folder.name}", file=sys.stderr)
        return
    with table.open(encoding="utf-8") as file:
        rows = [(decode(folder / row["path"]).pixels, row["student_id"]) for row in csv.DictReader(file)]
    for angle in ANGLES:
        told = [reader().read(turned(pixels, angle), several=True) for pixels, _ in rows]
        texts = [[one.text or one.guess for one in some] for some in told]
        found = sum(number in some for (_, number), some in zip(rows, texts, strict=True))
        others = sum(map(len, texts)) - found
        yield str(angle), {"numbers": len(rows), "right": found, "others": others}


def read(task: tuple[Path, int, float]) -> tuple[int, int, int, int]:
    """One page: how many numbers are on it, are told right, are told and not there, and are accepted of these."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    root, number, angle = task
    page = made_pages.made(hands(root), np.random.default_rng((number, 4)), angle)
    told = reader().read(page.picture, several=True)
    texts = [one.text or one.guess for one in told]
    others = [one for one, text in zip(told, texts, strict=True) if text not in page.numbers]
    right = sum(text in texts for text in page.numbers)
    return len(page.numbers), right, len(others), sum(bool(one.text and not one.doubt) for one in others)


def counted(
    read_one: Callable[[tuple[Path, int, float]], Counts], arguments: argparse.Namespace, angle: float, name: str
) -> dict[str, int]:
    """Count what is told of the numbers of made pages that are read otherwise."""
    tasks = [(arguments.data, number, angle) for number in range(SET_ON, SET_ON + arguments.count)]
    told = list(on_all_cores(read_one, tasks, f"{name} at {angle}°"))
    return dict(
        zip(("numbers", "right", "right accepted", "wrong accepted"), np.sum(told, axis=0).tolist(), strict=True)
    )


def read_whole(task: tuple[Path, int, float]) -> Counts:
    """One page, likewise: it is one, and right is any number that is on it."""
    cv2.setNumThreads(1)
    root, number, angle = task
    page = made_pages.made(hands(root), np.random.default_rng((number, 4)), angle)
    told = reader().read(page.picture)
    right, sure = told.guess in page.numbers, told.state == "accepted"
    return 1, right, right and sure, sure and not right


def covers(arguments: argparse.Namespace, angle: float) -> dict[str, int]:
    """Count what is told of cover sheets."""
    tasks = [(arguments.data, number, angle) for number in range(COVERS_SET_ON, COVERS_SET_ON + arguments.count)]
    told = np.array(list(on_all_cores(read_cover, tasks, f"cover sheets at {angle}°"))).sum(axis=0).tolist()
    return dict(zip(("sheets", "right", "right accepted", "wrong accepted", "print accepted"), told, strict=True))


def read_cover(task: tuple[Path, int, float]) -> tuple[int, int, int, int, int]:
    """One cover sheet that has room for its number: likewise, and how much else is accepted where it is a page."""
    cv2.setNumThreads(1)
    root, number, angle = task
    page = cover_sheets.made(half(root, "judge"), np.random.default_rng((number, 12)), angle)
    if not page.numbers:
        return 0, 0, 0, 0, 0
    told, every = reader().read(page.picture), reader().read(page.picture, several=True)
    right, sure = told.guess in page.numbers, told.state == "accepted"
    others = sum(one.state == "accepted" and one.guess not in page.numbers for one in every)
    return 1, right, right and sure, sure and not right, others


def read_places(task: tuple[Path, int, float]) -> Counts:
    """One page: how many numbers are on it, are told right in their places, are accepted of these and of the others."""
    cv2.setNumThreads(1)
    root, number, angle = task
    page = made_pages.made(hands(root), np.random.default_rng((number, 4)), angle)
    height, width = page.picture.shape[:2]
    told = [CodeReader(region=around(box, width, height)).read(page.picture) for box in page.places]
    rights = [one.guess == text for one, text in zip(told, page.numbers, strict=True)]
    sure = [one.state == "accepted" for one in told]
    return len(told), sum(rights), sum(np.logical_and(rights, sure)), sum(np.logical_and(np.logical_not(rights), sure))


def around(box: Box, width: int, height: int) -> Region:
    """Return the place that a person draws around a number, with room to spare."""
    room = round(ROOM * box.height)
    left, top = max(0, box.left - room), max(0, box.top - room)
    right, bottom = min(width, box.right + room), min(height, box.bottom + room)
    sides = zip((left, top, right - left, bottom - top), (width, height, width, height), strict=True)
    return Region(*(100 * side / size for side, size in sides))


def tables(arguments: argparse.Namespace, angle: float) -> dict[str, Any]:
    """Count what is told of order forms."""
    tasks = [(arguments.data, number, angle) for number in range(SET_ON, SET_ON + FORMS)]
    told = list(on_all_cores(read_form, tasks, f"order forms at {angle}°"))
    written, right = (sum((one[part] for one in told), Counter[int]()) for part in (0, 1))
    others, accepted, ordered = np.array([one[2:] for one in told]).sum(axis=0).tolist()
    low, high = wilson(right.total(), written.total())
    return {
        "numbers": written.total(), "right": right.total(), "share": round(right.total() / written.total(), 4),
        "interval": [round(low, 4), round(high, 4)], "others": others, "others accepted": accepted,
        "digits": {str(count): [right[count], written[count]] for count in sorted(written)},
        "forms": FORMS, "in order": ordered,
    }  # fmt: skip


def read_form(task: tuple[Path, int, float]) -> tuple[Counter[int], Counter[int], int, int, bool]:
    """One order form: its numbers by their digits, those told right, what else is told, and whether all is in order."""
    cv2.setNumThreads(1)
    root, number, angle = task
    page = order_forms.made(hands(root), np.random.default_rng((number, 9)), angle)
    told = reader().read(page.picture, several=True)
    texts = [one.text or one.guess for one in told]
    written, said = Counter(page.numbers), Counter(texts)
    right, others = written & said, said - written
    accepted = sum(bool(one.text and not one.doubt) for one in told if one.text in others)
    common = [text for text in texts if text in right], [text for text in page.numbers if text in right]
    return by_length(written), by_length(right), others.total(), accepted, common[0] == common[1]


def by_length(numbers: Counter[str]) -> Counter[int]:
    """Count numbers by how many digits they have."""
    found: Counter[int] = Counter()
    for text, count in numbers.items():
        found[min(LONG, len(text))] += count
    return found


if __name__ == "__main__":
    main()
