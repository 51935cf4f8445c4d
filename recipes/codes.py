"""How the two readers of codes are joined, and how far their answers can be trusted: kind by kind, on unseen hands.

    python recipes/codes.py --data DIR [--share 1.0] [--ship]

Minutes: about ten on 2 cores. Writes docs/records/codes.json and, with --ship, the numbers in the package
(src/calame/reader/codes.json).

1. make:   numbers by hands that no network has learned from, on cheques, forms and photos.
2. join:   the weights of the two readers, by the likelihood, on one half of these hands.
3. judge:  the whole reader on the other half: accuracy, the risk-coverage curve with intervals, and what can be
           promised, for each kind of document and for all together.
4. report: the same figures on real cheques and photos (dev/): only a report, nothing is chosen by them. They are lower:
           what was measured on made pictures says little about real ones.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from calame.data import lines
from calame.data.hands import Hands, collect_hands
from calame.imaging.codec import decode
from calame.imaging.segment import FAINT
from calame.reader.budget import ANY, Calibration, Steady, curve, shipped, steady
from calame.reader.code import DOUBT_BELOW, CodeReader
from calame.reader.joining import Weights, candidates, features
from calame.training.intervals import wilson
from calame.training.record import environment, write_json
from calame.training.selective import at_coverage, auroc, risk_coverage
from calame.types import SIDE, CodeReading
from pool import on_all_cores, portions
from shipping import parser

RECORDS = Path(__file__).parent.parent / "docs" / "records"
SHIPPED = Path(__file__).parent.parent / "src" / "calame" / "reader" / "codes.json"
JOIN = {"cheque": 500, "form": 250, "cells": 150, "scan": 150, "six": 200, "date": 100, "photo": 250, "drawing": 100,
        "ones": 150, "strokes": 100}  # fmt: skip
JUDGE = {"cheque": 3000, "form": 2400, "cells": 2000, "scan": 2000, "six": 2000, "date": 1800, "photo": 3600,
         "drawing": 1800}  # fmt: skip
# Six digits as they were scanned, side by side or touching; six apart, photographed; behind a printed name; in pencil:
# reported, part of nothing.
SCANNED = {"scanned": (1, 7), "touching": (-1, 1)}  # pixels between two digits: from, to and without
APART = {"scanned": 2000, "touching": 1000, "neat": 1000, "named": 600, "pencil": 600}
PARTS = {"join": JOIN, "judge": JUDGE, "apart": APART}
CHUNK = 50  # lines a task
PRIOR = 1.0  # lines that the weights are held to where they started
COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3)
WRONG = 1 / 200
EDGE = 12  # pixels of white around what is scanned
DEV = {"cheque_amounts": "cheque", "code_photos": "photo"}
# Cheques whose label is another number than the picture shows, by the number in the file's name: seen by eye, and only
# where reader and label differ. Both figures are told, with them and without.
DISPUTED = {
    "cheque_amounts": {
        "000285": "89800", "000414": "30880", "000525": "22107", "000672": "32712", "000803": "39300",
        "000819": "671", "000977": "19620", "001037": "110820", "001086": "97060", "001167": "109", "001192": "198",
    },
}  # fmt: skip


class Told(NamedTuple):
    """Made numbers of one part, and what was read of each."""

    readings: list[CodeReading]
    texts: list[str]
    kinds: list[str]


def main() -> None:
    options = parser(__doc__, "numbers")
    options.add_argument("--quick", action="store_true", help="without the real sets and the record")
    arguments = options.parse_args()
    weights = fitted(arguments)
    reader = with_weights(weights)
    record = environment() | {"recipe": "recipes/codes.py", "readers": reader.readers}
    readings = {part: read(part, weights, arguments) for part in PARTS}
    calibration = calibrated(reader, readings)
    for part in ("judge", "apart"):
        steady_now = [replace(one, confidence=calibration.steady(one.confidence)) for one in readings[part].readings]
        readings[part] = readings[part]._replace(readings=steady_now)
    numbers = {"joining": weights._asdict(), "calibration": calibration.as_json()}
    record["joining"] = numbers["joining"]
    record["made"] = {kind: judged(*of_kind(readings["judge"], kind)) for kind in [ANY, *JUDGE]}
    record["made"] |= {kind: judged(*of_kind(readings["apart"], kind)) for kind in APART}
    record["promises"] = {kind: [told(budget) for budget in one.able()] for kind, one in calibration.curves.items()}
    if arguments.ship:
        SHIPPED.write_text(json.dumps(numbers, indent=1) + "\n", encoding="utf-8")
        shipped.cache_clear()
        reader = CodeReader(reject_below=0.0)
    else:
        reader._shipped = calibration
    record["dev"] = {} if arguments.quick else dict(dev(reader, arguments.data))
    show(record)
    if not arguments.quick:
        write_json(RECORDS / "codes.json", record)


# 1. Make


def made(root: Path, part: str, kind: str, start: int, count: int) -> Iterator[lines.Line]:
    """Make some numbers of one kind."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    for number in range(start, start + count):
        rng = np.random.default_rng((number, sum(map(ord, part + kind))))
        known = hands(root, part)
        yield scanned(known, SCANNED[kind], rng) if kind in SCANNED else lines.make(kind, known, rng)


def scanned(known: Hands, apart: tuple[int, int], rng: np.random.Generator) -> lines.Line:
    """Six digits of one of MNIST's writers, nothing done to them: on white, side by side, so many pixels apart."""
    writers = known.known["mnist"]
    hand = writers[int(rng.integers(len(writers)))]
    text = "".join(map(str, rng.integers(0, 10, 6)))
    gap = int(rng.integers(*apart))
    found = [hand.write(int(letter), rng).scan for letter in text]
    scans = [scan[:, np.flatnonzero(scan.any(axis=0))] for scan in found if scan is not None]
    ink = np.zeros((SIDE + 2 * EDGE, sum(scan.shape[1] for scan in scans) + 5 * gap + 2 * EDGE), np.uint8)
    boxes = np.zeros((len(scans), 4), np.float32)
    left = EDGE
    for place, scan in enumerate(scans):
        top, right = EDGE + int(rng.integers(-2, 3)), left + scan.shape[1]
        ink[top : top + SIDE, left:right] = np.maximum(ink[top : top + SIDE, left:right], scan)
        boxes[place], left = (left, top, right, top + SIDE), right + gap
    return lines.Line(np.repeat(255 - ink[..., None], 3, axis=2), text, text, boxes)


def tasks(part: str, arguments: argparse.Namespace) -> list[tuple[Any, ...]]:
    """Return a part in portions."""
    return [(arguments.data, part, *portion) for portion in portions(PARTS[part], arguments.share, CHUNK)]


@cache
def hands(root: Path, part: str) -> Hands:
    """One half of the hands that are held out, read once a process."""
    held = collect_hands(root, held_out=True)
    half = 0 if part == "join" else 1
    return Hands({name: some[half::2] for name, some in held.known.items()})


@cache
def with_weights(weights: Weights | None = None) -> CodeReader:
    """Return a reader that joins with these weights; its probabilities come as they are, to be fitted."""
    reader = CodeReader(reject_below=0.0)
    reader._weights = weights or reader._weights
    reader._shipped = replace(reader._shipped, steady=Steady(1.0, 0.0))
    return reader


# 2. Join


def said_of(task: tuple[Any, ...]) -> list[tuple[NDArray[np.float64], int]]:
    """One task of a worker: what the two readers say of numbers on one line, and which candidate is right."""
    reader = with_weights()
    found: list[tuple[NDArray[np.float64], int]] = []
    for made_line in made(*task):
        frame = reader._prepare(decode(made_line.picture), None)
        rows = reader._rows(frame, several=False) if frame.rejected is None and (frame.pixels > FAINT).any() else []
        if len(rows) != 1:
            continue
        both = reader._read_row(rows[0], frame)
        line = [(text.text, text.score) for text in both.line.texts]
        cutting = [(text.text, text.score) for text in both.cutting.texts]
        texts = candidates(line, cutting)
        right = texts.index(made_line.text) if made_line.text in texts else len(texts)
        found.append((features(texts, line, cutting, both.cutting.score_of), right))
    return found


def fitted(arguments: argparse.Namespace) -> Weights:
    """Fit the weights of the two readers by the likelihood, on pictures of one line (Newton's method)."""
    said = on_all_cores(said_of, tasks("join", arguments), f"{CHUNK} lines, to join")
    items = [item for some in said for item in some]
    start = np.array(with_weights()._weights)
    values = start.copy()
    for _ in range(40):
        slope, bend = PRIOR * (start - values), PRIOR * np.eye(len(values))
        for rows, right in items:
            chance = np.exp(rows @ values - (rows @ values).max())
            chance /= chance.sum()
            mean = chance @ rows
            slope += rows[right] - mean
            bend += (rows * chance[:, None]).T @ rows - np.outer(mean, mean)
        step = np.linalg.solve(bend, slope)
        values += np.clip(step, -0.5, 0.5)
        if np.abs(step).max() < 1e-6:
            break
    return Weights(*(round(float(value), 4) for value in values))


def reading_of(task: tuple[Any, ...]) -> tuple[str, list[str], list[CodeReading]]:
    """One task of a worker: numbers, as the whole reader reads them."""
    *what, weights = task
    some = list(made(*what))
    readings = with_weights(weights).read_many([line.picture for line in some])
    return what[2], [line.text for line in some], readings


def read(part: str, weights: Weights, arguments: argparse.Namespace) -> Told:
    """Read the numbers of a part."""
    todo = [(*task, weights) for task in tasks(part, arguments)]
    told = Told([], [], [])
    for kind, texts, readings in on_all_cores(reading_of, todo, f"{CHUNK} lines, to {part}"):
        told.readings.extend(readings)
        told.texts.extend(texts)
        told.kinds.extend([kind] * len(texts))
    return told


def calibrated(reader: CodeReader, readings: dict[str, Told]) -> Calibration:
    """Fit what makes confidences come true on one half of the hands; measure on the other."""
    fitted = steady(*sure_and_right(readings["join"].readings, readings["join"].texts))
    curves = {}
    for kind in [ANY, *JUDGE]:
        sure, right = sure_and_right(*of_kind(readings["judge"], kind))
        curves[kind] = curve(
            kind, [fitted(one) for one in sure], right, readings["judge"].kinds if kind == ANY else None
        )
    return Calibration("made pictures", reader.readers, fitted, curves)


# 3. Judge


def sure_and_right(readings: Sequence[CodeReading], texts: Sequence[str]) -> tuple[list[float], list[bool]]:
    """Confidences, and whether the best guess is right."""
    return [one.confidence for one in readings], [one.guess == text for one, text in zip(readings, texts, strict=True)]


def of_kind(told: Told, kind: str) -> tuple[list[CodeReading], list[str]]:
    keep = [place for place, one in enumerate(told.kinds) if kind in (ANY, one)]
    return [told.readings[place] for place in keep], [told.texts[place] for place in keep]


def judged(readings: Sequence[CodeReading], texts: Sequence[str]) -> dict[str, Any]:
    """Accuracy with its interval, what each reader does by itself, and the risk-coverage curve."""
    sure, right = (np.array(one) for one in sure_and_right(readings, texts))
    facts: dict[str, Any] = {"n": len(right), "exact": share_of(right), "interval": interval(right)}
    for name in ("line", "cutting"):
        alone = [any(one.reader == name and one.text == text for one in reading.readers)
                 for reading, text in zip(readings, texts, strict=True)]  # fmt: skip
        facts[name] = share_of(np.array(alone))
    agreed = np.array([one.agree for one in readings])
    facts["agreed"] = {"share": share_of(agreed), "wrong": int((~right[agreed]).sum()), "n": int(agreed.sum())}
    taken = sure >= DOUBT_BELOW  # what is not handed to a person, when nobody says how many wrong answers are too many
    facts["accepted"] = {"share": share_of(taken), "wrong": int((~right[taken]).sum()), "n": int(taken.sum())}
    points = {str(share): at_coverage(sure, right, share) for share in COVERAGES}
    facts["risk_at_coverage"] = {
        share: {"answered": point.answered, "wrong": point.wrong, "risk": round(point.risk, 5),
                "interval": [round(end, 5) for end in point.interval]}
        for share, point in points.items()
    }  # fmt: skip
    line = risk_coverage(sure, right)
    good = np.flatnonzero(line.risk <= WRONG)
    facts["coverage_at_1_in_200"] = round(float(line.coverage[good[-1]]), 4) if good.size else 0.0
    facts["aurc"], facts["auroc"] = round(line.area, 5), auroc(sure, right)
    facts["mean_confidence"] = round(float(sure.mean()), 4)
    return facts


def share_of(right: NDArray[np.bool_]) -> float:
    return round(float(right.mean()), 4)


def interval(right: NDArray[np.bool_]) -> list[float]:
    return [round(end, 4) for end in wilson(int(right.sum()), len(right))]


def told(budget: Any) -> dict[str, Any]:
    return {"one_in": round(1 / budget.max_wrong), "refused": round(budget.refused, 4),
            "bound": round(budget.bound, 6), "answered": budget.answered, "wrong": budget.wrong}  # fmt: skip


# 4. Report


def dev(reader: CodeReader, root: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The real sets that are there; one that is not is named."""
    for name in DEV:
        table = root / "dev" / name / "labels.csv"
        if not table.is_file():
            print(f"left out: {name}", file=sys.stderr)
            continue
        with table.open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        readings = reader.read_many([table.parent / row["path"] for row in rows])
        texts = [row["text"] for row in rows]
        facts = judged(readings, texts) | {"promises": kept(reader, *sure_and_right(readings, texts))}
        doubted = DISPUTED.get(name, {})
        keep = [place for place, row in enumerate(rows) if not any(f"_{one}_" in row["path"] for one in doubted)]
        if doubted:
            facts["undisputed"] = judged([readings[place] for place in keep], [texts[place] for place in keep])
            facts["undisputed"] |= {"left out": doubted}
        yield name, facts


def kept(reader: CodeReader, sure: Sequence[float], right: Sequence[bool]) -> list[dict[str, Any]]:
    """What became of each promise made on the made pictures: how many real ones it lets through, and how many wrong."""
    found: list[dict[str, Any]] = []
    for budget in reader._shipped.curve(None).able():
        let = np.array(sure) >= budget.threshold
        wrong = int((~np.array(right))[let].sum())
        found.append({"one_in": round(1 / budget.max_wrong), "answered": int(let.sum()), "wrong": wrong,
                      "share": round(wrong / max(1, int(let.sum())), 4)})  # fmt: skip
    return found


def show(record: dict[str, Any]) -> None:
    for part in ("made", "dev"):
        told = dict(record[part])
        told |= {f"{name}*": facts["undisputed"] for name, facts in told.items() if "undisputed" in facts}
        for name, facts in told.items():
            risk = facts["risk_at_coverage"]["0.7"]
            print(
                f"{name:<15}{facts['n']:>5} exact {facts['exact']:.4f} {facts['interval']}"
                f" cutting {facts['cutting']:.4f} line {facts['line']:.4f} agreed {facts['agreed']}"
                f" accepted {facts['accepted']}"
                f" wrong at 70 % {risk['wrong']}/{risk['answered']} sure {facts['mean_confidence']}"
            )
    print(json.dumps(record["promises"][ANY]))


if __name__ == "__main__":
    main()
