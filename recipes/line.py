"""The line network: reads a number without cutting it, taught by made lines through the preparation that readers use.

    python recipes/line.py --data DIR [--out runs/line] [--epochs N] [--share S] [--start RUN] [--mean RUN ...] [--ship]

Minutes: on 2 cores, about twenty to make 120,000 lines, and about six an epoch. Expected: docs/records/line.json.

1. make: numbers by real hands on cheques, forms and photos, prepared, cut into rows and levelled as `CodeReader` does;
2. start from the digit network that is in the package: its convolutions pass over a line as over a digit; or, with
   --start, at a third of the rate, from an earlier run, whose lines are learned from as well as the new ones, or from
   the line network that is in the package (`--start package`);
3. train with CTC on the hands that are not held out; report on those that are, by kind and by length. With --mean, the
   mean of the weights of runs that went on from one is taken instead (Wortsman and others, "Model soups", 2022);
4. export: the averaged weights, in float16 and in eight bits, as a model folder; with --lighten, the network of the
   package gets its eight bits anew, and nothing is trained.

Nothing of `dev/` is learned from or chosen by.
"""

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from averaging import mean_of
from calame.artifact import ModelFolder, load
from calame.config import quiet_tensorflow
from calame.data import lines
from calame.data.hands import Hands, collect_hands
from calame.engine.graph import read_graph
from calame.errors import InputError
from calame.imaging.codec import decode
from calame.imaging.frame import Frame
from calame.imaging.level import level
from calame.imaging.rows import CROOKED, Row, turned
from calame.imaging.segment import FAINT
from calame.models.backend import load_keras
from calame.reader.code import CodeReader
from calame.reader.line import SHIPPED_LINE, LineNetwork, search
from calame.reader.preparation import LINE
from calame.shelf import Shelf
from calame.training.record import environment, write_json
from calame.types import DIGITS
from pool import on_all_cores, portions
from shipping import ship

RECORDS = Path(__file__).parent.parent / "docs" / "records"
LEARN = {"cheque": 40_000, "form": 18_000, "cells": 18_000, "scan": 10_000, "six": 8_000, "date": 6_000,
         "photo": 14_000, "drawing": 8_000, "pencil": 9_000, "ones": 14_000, "strokes": 8_000,
         lines.PRINT: 7_000}  # fmt: skip
JUDGE = {"cheque": 1_500, "form": 500, "cells": 400, "scan": 400, "six": 500, "date": 300, "photo": 500, "drawing": 300,
         "pencil": 300, "ones": 300, "strokes": 300, lines.PRINT: 300}  # fmt: skip
CHUNK = 250  # lines a task
MARK = DIGITS  # the class of a point, a dash, a slash
EACH = 150  # lines of a kind that are read after each epoch
SHOWN = 0.55  # of a digit's height: where less of it is left by the preparation, the line teaches nothing
FULL = 0.6  # of a row: where more of it is ink, paper was taken for ink
SECOND = 0.3  # of the lines of a run that goes on: prepared as a reader in doubt does
GENTLE = 1 / 3  # of the rate, for a run that goes on
RANGES = 200  # lines on which the ranges of eight bits are found
PACKAGE = Path("package")  # the line network that is shipped, as a start

Made = tuple[list[NDArray[np.uint8]], list[list[int]], int]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/ and unipen/")
    parser.add_argument("--out", type=Path, default=Path("runs/line"))
    parser.add_argument("--epochs", type=int, default=9)
    parser.add_argument("--share", type=float, default=1.0, help="of the lines: less for a quick look")
    parser.add_argument("--start", type=Path, help="folder of an earlier run, or 'package': to go on from there")
    parser.add_argument("--mean", type=Path, nargs="+", help="folders of runs whose mean is wanted")
    parser.add_argument("--seed", type=int, default=0, help="of the lines and of their order")
    parser.add_argument("--make", dest="only_make", action="store_true", help="make the lines and stop")
    parser.add_argument("--lighten", action="store_true", help="of the network of the package, the eight bits alone")
    parser.add_argument("--ship", action="store_true", help="replace the model folder in the package")
    return parser.parse_args()


@cache
def hands(root: Path, held_out: bool) -> Hands:
    """The hands, read once a process."""
    return collect_hands(root, held_out=held_out)


@cache
def reader() -> CodeReader:
    """Whose preparation and whose rows the lines go through."""
    return CodeReader()


def made(task: tuple[Path, bool, str, int, int, int, float]) -> Made:
    """One task of a worker: so many lines of one kind, their labels, and how many were of no use."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    root, held_out, kind, count, number, seed, second = task
    rng = np.random.default_rng((int(held_out), sum(map(ord, kind)), number, *([seed] if seed else [])))
    pixels: list[NDArray[np.uint8]] = []
    labels: list[list[int]] = []
    for _ in range(count):
        line = lines.make(kind, hands(root, held_out), rng)
        found = prepared(line, otherwise=bool(second and rng.random() < second))
        if found is not None:
            pixels.append(found[0])
            labels.append(classes(found[1]))
    return pixels, labels, count - len(pixels)


def prepared(line: lines.Line, *, otherwise: bool = False) -> tuple[NDArray[np.uint8], str] | None:
    """A made picture as the reader would hand it to the network, and what is in it; None when digits of it are lost."""
    asked = reader()
    try:
        picture = decode(line.picture)
        frame = asked._prepared(picture, asked.another, None) if otherwise else asked._prepare(picture, None)
    except InputError:
        return None
    if frame.rejected or not (frame.pixels > FAINT).any():
        return None
    for row in asked._rows(frame, several=False):
        if float((row.ink > FAINT).mean()) < FULL and all(shows(row, box, frame) for box in line.boxes):
            ink = turned(row, row.slope)[0] if abs(np.rad2deg(row.slope)) > CROOKED else row.ink
            levelled = level(ink)
            return (levelled.pixels, named(line, row, frame)) if levelled is not None else None
    return None


def named(line: lines.Line, row: Row, frame: Frame) -> str:
    """What is written, and a mark for what is printed before and behind it, where the row has something of that."""
    before, behind = (
        "#" if box is not None and place(row, np.array(box), frame).any() else "" for box in (line.before, line.behind)
    )
    return before + line.written + behind


def shows(row: Row, box: NDArray[np.float32], frame: Frame) -> bool:
    """Whether most of a digit, its box in pixels of the picture, is in a row."""
    _, top, _, bottom = at(box, frame)
    whole = min(bottom, len(frame.pixels)) - max(top, 0)
    return bool(place(row, box, frame).any(axis=1).sum() >= SHOWN * whole)


def place(row: Row, box: NDArray[Any], frame: Frame) -> NDArray[np.bool_]:
    """What a row has of ink in a box of the picture."""
    left, top, right, bottom = at(box, frame)
    x = slice(max(0, round(left - row.left)), max(0, round(right - row.left)))
    y = slice(max(0, round(top - row.top)), max(0, round(bottom - row.top)))
    return row.ink[y, x] > FAINT


def at(box: NDArray[Any], frame: Frame) -> tuple[float, float, float, float]:
    """Where a box of the picture lies on the prepared pixels."""
    left, top, right, bottom = ((box - np.array([frame.left, frame.top] * 2)) * frame.scale).tolist()
    return left, top, right, bottom


def classes(written: str) -> list[int]:
    """What the network is to answer: digits, and one mark for marks side by side."""
    found: list[int] = []
    for letter in written.replace(" ", ""):
        one = int(letter) if letter.isdigit() else MARK
        if one != MARK or not found or found[-1] != MARK:
            found.append(one)
    return found


def pixels(part: str, counts: dict[str, int], arguments: argparse.Namespace, *, held_out: bool) -> Any:
    """Make, or read again, the lines of a part, as `training.line.Lines`."""
    path = arguments.out / f"{part}.npz"
    if not path.exists():
        write_lines(path, counts, arguments, held_out)
    return stored_lines(path)


def stored_lines(path: Path) -> Any:
    """Read lines that were made."""
    from calame.training.line import Lines

    with np.load(path) as stored:
        ends, marks = np.cumsum(stored["widths"]), np.cumsum(stored["lengths"])
        return Lines(
            np.split(stored["pixels"], ends[:-1], axis=1),
            np.split(stored["labels"].astype(np.int64), marks[:-1]),
            stored["kinds"].tolist(),
        )


def write_lines(path: Path, counts: dict[str, int], arguments: argparse.Namespace, held_out: bool) -> None:
    """Make the lines of a part with all cores, side by side in one array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    varied = arguments.seed, SECOND if arguments.start else 0.0  # those that judge are the same for every run
    tasks = [
        (arguments.data, held_out, kind, count, start, *((0, 0.0) if held_out else varied))
        for kind, start, count in portions(counts, arguments.share, CHUNK)
    ]
    parts: list[NDArray[np.uint8]] = []
    labels: list[list[int]] = []
    kinds: list[str] = []
    lost: Counter[str] = Counter()
    for task, result in zip(tasks, on_all_cores(made, tasks, f"{CHUNK} lines, {path.stem}"), strict=True):
        parts += result[0]
        labels += result[1]
        kinds += [task[2]] * len(result[0])
        lost[task[2]] += result[2]
    print(f"of no use: {dict(lost)}", file=sys.stderr)
    np.savez(
        path,
        pixels=np.concatenate(parts, axis=1),
        widths=[part.shape[1] for part in parts],
        labels=np.concatenate([np.array(label, np.uint8) for label in labels]),
        lengths=[len(label) for label in labels],
        kinds=np.array(kinds),
    )


def main() -> None:
    arguments = options()
    if arguments.only_make:
        for part, counts, held_out in (("judge", JUDGE, True), ("learn", LEARN, False)):
            if not (arguments.out / f"{part}.npz").exists():
                write_lines(arguments.out / f"{part}.npz", counts, arguments, held_out)
        return
    quiet_tensorflow()
    load_keras()
    if arguments.lighten:
        record = json.loads((RECORDS / "line.json").read_text(encoding="utf-8"))
        judge = pixels("judge", JUDGE, arguments, held_out=True)
        finish(load(SHIPPED_LINE), record | {"lightened": environment()}, judge, arguments)
        return
    network, history = train(arguments) if arguments.mean is None else mean(arguments)
    judge = pixels("judge", JUDGE, arguments, held_out=True)
    record = environment() | {"recipe": "recipes/line.py", "history": history, "unseen hands": told(network, judge)}
    finish(export(network, record, judge, arguments), record, judge, arguments)


def finish(folder: ModelFolder, record: dict[str, Any], judge: Any, arguments: argparse.Namespace) -> None:
    """Add the network in eight bits, which is the one that reads, weigh it, and ship it when asked."""
    from calame.export.line import with_int8

    folder = with_int8(folder, arguments.out / "model", ranges(arguments))
    record["file"] = weighed(folder, judge)
    print(record["unseen hands"], record["file"])
    if arguments.ship:
        write_json(RECORDS / "line.json", record)
        ship(folder, "line@1")


def train(arguments: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    """Train on the made lines, unless OUT has a run that ended; return the averaged network and the history."""
    from calame.export.line import weights_of
    from calame.training.line import Plan, fit, together, transfer

    told = arguments.out / "history.json"
    history = json.loads(told.read_text(encoding="utf-8")) if told.exists() else {"epochs": []}
    if len(history["epochs"]) == arguments.epochs:
        return averaged(arguments.out), history
    learn, judge = pixels("learn", LEARN, arguments, held_out=False), pixels("judge", JUDGE, arguments, held_out=True)
    plan = Plan(seed=arguments.seed, epochs=arguments.epochs)
    first = together(learn.pixels[:256], learn.labels[:256])[0]
    if arguments.start is None:
        start = partial(transfer, weights=read_graph(Shelf(None).find("digits")).weights, pixels=first)
    elif arguments.start == PACKAGE:
        start = partial(transfer, weights=weights_of(load(SHIPPED_LINE)), pixels=first)
    else:
        learn = learn.and_those(stored_lines(arguments.start / "learn.npz"))
        start = partial(set_weights, weights=averaged(arguments.start).get_weights())
    if arguments.start is not None:
        plan = replace(plan, rate=plan.rate * GENTLE)
    return fit(plan, learn, arguments.out, start=start, judge=lambda model: judged(model, judge, EACH))


def set_weights(model: Any, weights: list[NDArray[np.float32]]) -> None:
    """Give a new network the weights of another."""
    model.set_weights(weights)


def averaged(folder: Path) -> Any:
    """Return the network of a run."""
    from calame.models.line import build
    from calame.training.line import WEIGHTS

    network = build()
    network.load_weights(folder / WEIGHTS)
    return network


def mean(arguments: argparse.Namespace) -> tuple[Any, dict[str, Any]]:
    """Return the mean of several runs, kept in OUT as theirs are, with the last one's history."""
    from calame.training.line import WEIGHTS

    network = mean_of([averaged(run) for run in arguments.mean])
    history = json.loads((arguments.mean[-1] / "history.json").read_text(encoding="utf-8"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    network.save_weights(arguments.out / WEIGHTS)
    (arguments.out / "history.json").write_text(json.dumps(history, indent=1), encoding="utf-8")
    return network, history | {"mean of": [run.name for run in arguments.mean]}


def judged(model: Any, judge: Any, most: int | None = None) -> dict[str, float]:
    """The share of lines read exactly, in all and by kind; of at most so many of a kind."""
    from calame.training.line import answers, best_path

    kinds = np.array(judge.kinds)
    chosen = np.concatenate([np.flatnonzero(kinds == kind)[:most] for kind in JUDGE])
    some = judge.only(chosen.tolist())
    right = np.array([best_path(a) == t for a, t in zip(answers(model, some), some.texts(), strict=True)])
    told = {"exact": round(float(right.mean()), 4)}
    return told | {kind: round(float(right[kinds[chosen] == kind].mean()), 4) for kind in JUDGE}


def told(network: Any, judge: Any) -> dict[str, Any]:
    """How lines of unseen hands are read, by the best path: exactly, by kind and by length, with how many there are."""
    from calame.training.line import answers, best_path

    texts = judge.texts()
    right = np.array([best_path(a) == t for a, t in zip(answers(network, judge), texts, strict=True)])
    groups = {"all": np.full(len(texts), True)}
    groups |= {kind: np.array([one == kind for one in judge.kinds]) for kind in JUDGE}
    lengths = np.array([len(text) for text in texts])
    groups |= {f"{length} digits": lengths == length for length in range(1, lines.LONGEST + 1)}
    return {
        name: {"n": int(group.sum()), "exact": round(float(right[group].mean()), 4)}
        for name, group in groups.items() if group.any()
    }  # fmt: skip


def export(network: Any, record: dict[str, Any], judge: Any, arguments: argparse.Namespace) -> ModelFolder:
    """Turn the averaged network into the model folder."""
    from calame.export.line import export_line

    return export_line(
        network,
        arguments.out / "model",
        check=judge.pixels[::100],
        version="1",
        preparation=LINE,
        training={name: value for name, value in record.items() if name not in ("history", "unseen hands")}
        | {"plan": record["history"]["plan"], "lines": record["history"]["lines"]},
        data=Shelf(None).find("digits").manifest.data,  # whose weights it started from, and whose hands wrote the lines
        scores={"unseen hands": record["unseen hands"]},
    )


def ranges(arguments: argparse.Namespace) -> list[NDArray[np.uint8]]:
    """Lines of all kinds that were learned from, of the last run when there are several."""
    learn = stored_lines((arguments.mean[-1] if arguments.mean else arguments.out) / "learn.npz").pixels
    return list(learn[:: max(1, len(learn) // RANGES)])


def weighed(folder: ModelFolder, judge: Any) -> dict[str, Any]:
    """What the shipped file weighs, how it reads by the search, and how long a line takes on one core."""
    network = LineNetwork(folder)
    some = judge.only(list(range(0, len(judge.pixels), 4)))
    read, spent, searched = 0, 0.0, 0.0
    for line, text in zip(some.pixels, some.texts(), strict=True):
        began = time.perf_counter()
        columns = network.ask(line)
        asked = time.perf_counter()
        best = search(columns)[0].text
        spent, searched = spent + asked - began, searched + time.perf_counter() - asked
        read += best == text
    count = len(some.pixels)
    return {
        "bytes": {name: facts["bytes"] for name, facts in folder.manifest.files.items()},
        "parameters": folder.manifest.parameters,
        "n": count,
        "exact": round(read / count, 4),
        "network_ms": round(spent / count * 1e3, 2),
        "search_ms": round(searched / count * 1e3, 2),
    }


if __name__ == "__main__":
    main()
