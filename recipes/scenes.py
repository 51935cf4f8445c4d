"""One handwritten number amid what else a phone photo has: how many are read, scene by scene, and what of nothing.

    python recipes/scenes.py --data DIR [--count 30] [--scene note --scene tag] [--show DIR] [--out FILE]

Minutes: twelve on 2 cores. Writes docs/records/scenes.json: made photos (made_scenes.py) of numbers of 1 to 10 digits
by hands that nothing was learned from and nothing fitted on, read as one number as a user reads them. Only a report:
the photos were made before the reader was tried on them.

`right` is a guess that is the number, in doubt or not; `accepted` has no doubt, `wrong` of these says another number.
`nothing` are the same scenes with nothing written on them, and a table with a shadow, a fifth as many of each:
`answered` says some number, in doubt or not. Print has digits on `envelope` and `printed page`: a house number, a year.
"""

import argparse
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2

import made_scenes
from calame.reader.code import CodeReader
from calame.training.intervals import wilson
from calame.training.record import environment, write_json
from codes import hands
from pool import on_all_cores

RECORDS = Path(__file__).parent.parent / "docs" / "records"
FEWER = 5  # times: pictures of nothing, of each scene
CHUNK = 5  # pictures a task


class Task(NamedTuple):
    """Photos of one scene, with a number or bare, and the folder to show them in."""

    data: Path
    scene: str
    bare: bool
    start: int
    count: int
    show: Path | None


class Read(NamedTuple):
    """A photo's name, the number on it, the reader's guess, whether it answers, and whether it is accepted."""

    name: str
    scene: str
    text: str
    guess: str
    answered: bool
    accepted: bool
    confidence: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/ and unipen/")
    parser.add_argument("--count", type=int, default=30, help="photos of each scene")
    parser.add_argument("--scene", action="append", choices=list(made_scenes.NOTHING), help="only this; more than once")
    parser.add_argument("--show", type=Path, help="folder to write the photos to")
    parser.add_argument("--out", type=Path, default=RECORDS / "scenes.json", help="the record")
    arguments = parser.parse_args()
    chosen = arguments.scene or list(made_scenes.NOTHING)
    told = readings(arguments, [name for name in chosen if name in made_scenes.SCENES], arguments.count, bare=False)
    empty = readings(arguments, chosen, max(1, arguments.count // FEWER), bare=True)
    record: dict[str, Any] = environment() | {"recipe": "recipes/scenes.py", "count": arguments.count}
    record["scenes"] = by_scene(told, counted)
    record["nothing"] = by_scene(empty, of_nothing)
    record["wrong"] = [
        {"photo": one.name, "number": one.text, "read": one.guess, "confidence": round(one.confidence, 4)}
        for one in (*told, *empty) if one.accepted and one.guess != one.text
    ]  # fmt: skip
    for part in ("scenes", "nothing"):
        for name, facts in record[part].items():
            print(f"{name:<14}{facts}")
    for one in record["wrong"]:
        print(one)
    write_json(arguments.out, record)


def readings(arguments: argparse.Namespace, names: list[str], count: int, *, bare: bool) -> list[Read]:
    """Read so many photos of each scene."""
    tasks = [
        Task(arguments.data, name, bare, start, min(CHUNK, count - start), arguments.show)
        for name in names for start in range(0, count, CHUNK)
    ]  # fmt: skip
    if not tasks:
        return []
    what = f"{CHUNK} photos of " + ("nothing" if bare else "a number")
    return [one for some in on_all_cores(read, tasks, what) for one in some]


@cache
def reader() -> CodeReader:
    """The reader as users have it."""
    return CodeReader()


def read(task: Task) -> list[Read]:
    """One task of a worker: make photos and read each."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    found: list[Read] = []
    for number in range(task.start, task.start + task.count):
        photo = made_scenes.made(hands(task.data, "judge"), task.scene, number, bare=task.bare)
        name = f"{'nothing-' if task.bare else ''}{task.scene.replace(' ', '-')}-{number:03d}.jpg"
        if task.show:
            task.show.mkdir(parents=True, exist_ok=True)
            (task.show / name).write_bytes(photo.jpeg)
        told = reader().read(photo.jpeg)
        accepted = told.state == "accepted"
        found.append(Read(name, task.scene, photo.text, told.guess, told.text is not None, accepted, told.confidence))
    return found


def by_scene(told: list[Read], counting: Any) -> dict[str, Any]:
    """Count what was read, scene by scene and in all."""
    names = list(dict.fromkeys(one.scene for one in told))
    return {"all": counting(told)} | {name: counting([one for one in told if one.scene == name]) for name in names}


def counted(told: list[Read]) -> dict[str, Any]:
    right = sum(one.guess == one.text for one in told)
    accepted = [one for one in told if one.accepted]
    return {
        "n": len(told), "right": right, "interval": [round(end, 4) for end in wilson(right, len(told))],
        "accepted": len(accepted), "wrong": sum(one.guess != one.text for one in accepted),
    }  # fmt: skip


def of_nothing(told: list[Read]) -> dict[str, Any]:
    answered, accepted = sum(one.answered for one in told), sum(one.accepted for one in told)
    return {
        "n": len(told), "answered": answered, "accepted": accepted,
        "interval": [round(end, 4) for end in wilson(accepted, len(told))],
    }  # fmt: skip


if __name__ == "__main__":
    main()
