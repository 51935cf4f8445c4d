"""How far the shipped reader can be trusted: what it reads, refuses and is sure of, kind by kind, on unseen hands.

    python recipes/trust.py --data DIR [--model digits] [--share 1.0] [--ablate]

Minutes: five on 2 cores; with --ablate two more. Writes docs/records/trust.json and, with --ablate,
docs/records/ablation.json. Only a report: nothing is chosen here. A set that is not there is left out and named.

1. read:   photos, the same photos in bad conditions, European hands, envelopes, registers, drawings, MNIST;
           accuracy (a refusal is an error), calibration, and how much is answered at 1 wrong in 200.
2. refuse: 2,000 pictures of what is no digit, made and real; and, beside them, photos of numbers of several digits.
3. steady: the same drawings inverted, padded, moved, scaled, turned, with other pens and as a JPEG; and, as curves,
   turned, zoomed, blurred, in noise and with other pens by more and more. Drawings are of hands never learned from.
4. tables: made photos of a digit, and made forms with a number, each alone and on tables seen all around.
5. tta:    the same sets read with five views, pair by pair.
6. ablate: every preparation step off in turn.
"""

import argparse
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import dev_sets
from calame.data import corpus, harm, lines, others, scene
from calame.data.fetch import locate
from calame.data.hands import collect_hands
from calame.data.sets import load_mnist
from calame.imaging.codec import decode
from calame.imaging.paper import shrink
from calame.imaging.recipe import Recipe, name_of, parse
from calame.reader.code import CodeReader
from calame.reader.digit import DigitReader
from calame.training.intervals import wilson
from calame.training.record import environment, write_json
from calame.training.reliability import equal_mass
from calame.training.selective import at_coverage, risk_coverage
from calame.types import DIGITS, DigitReading

RECORDS = Path(__file__).parent.parent / "docs" / "records"
Set = tuple[list[Any], NDArray[np.int64]]
WRONG = 1 / 200
COVERAGES = (1.0, 0.99, 0.98, 0.95, 0.9, 0.8)
ABLATED = 500  # pictures of a set that the ablation reads
TABLES = (0.03, 0.12, 0.3, 0.5)  # tones
PAIRS = 3000  # of a drawing and the same one changed
BROAD = 50  # pixels of the pen of drawings that the ablation reads, on a canvas of 280
CONDITIONS = 4  # bad conditions each photo is seen in
OFF = {"clahe": "illumination", "close": "ink"}  # steps that are off in the shipped recipe, and what they would follow
NEEDED = {"grey", "ink", "crop", "scale", "centre"}  # without these there is no (28, 28) with ink in it


def main() -> None:
    parser = dev_sets.options(__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of each set: less for a quick look")
    parser.add_argument("--ablate", action="store_true")
    parser.add_argument("--out", type=Path, default=RECORDS / "trust.json")
    arguments = parser.parse_args()
    reader = DigitReader(arguments.model)
    held = corpus.collect(arguments.data, held_out=True)
    sets = dict(all_sets(arguments, held))
    record = environment() | {"recipe": "recipes/trust.py", "model": str(reader.folder.manifest), "read": {}}
    readings = {name: reader.read_many(items) for name, (items, _) in sets.items()}
    for name, (_, labels) in sets.items():
        record["read"][name] = judged(readings[name], labels)
        show("read", name, record["read"][name])
    record["mnist"] = mnist(reader, arguments.data)
    record["quality"] = quality(readings, sets)
    record["refuse"] = refuse(reader, held, arguments)
    record["steady"], record["steady_curves"] = steady(reader, held, arguments)
    record["tables"] = tables(reader, held, arguments)
    record["tta"] = with_views(arguments.model, readings, sets)
    write_json(arguments.out, record)
    if arguments.ablate:
        facts = environment() | {"recipe": record["recipe"], "model": record["model"]}
        write_json(arguments.out.with_name("ablation.json"), facts | {"off": ablate(reader, sets, held)})


def show(part: str, name: str, facts: object) -> None:
    print(f"{part:<8}{name:<18}{facts}", flush=True)


def all_sets(arguments: argparse.Namespace, held: corpus.Corpus) -> Iterator[tuple[str, Set]]:
    """The evaluation sets, each as its sources and its labels."""
    rng = np.random.default_rng(0)
    for name, items, labels in dev_sets.available(arguments.data):
        keep = rng.permutation(len(labels))[: max(40, round(len(labels) * arguments.share))]
        yield name, ([items[place] for place in keep], np.array(labels)[keep])
        if name == "photos":
            yield "photos, spoiled", spoiled(list(items), np.array(labels))
    count = round(3000 * arguments.share)
    drawn = [corpus.as_drawn(held, np.random.default_rng((1, number))) for number in range(count)]
    yield "drawn", ([picture for picture, _ in drawn], np.array([label for _, label in drawn]))


def spoiled(items: list[Any], labels: NDArray[np.int64]) -> Set:
    """Each photo in four bad conditions, drawn without repetition."""
    rng = np.random.default_rng(0)
    pictures: list[Any] = []
    for item in items:
        picture = shrink(decode(item).pixels, 1600)
        picture = picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB)
        chosen = rng.choice(list(harm.HARMS), CONDITIONS, replace=False)
        pictures += [harm.HARMS[str(name)](picture, rng) for name in chosen]
    return pictures, np.repeat(labels, CONDITIONS)


def judged(readings: list[DigitReading], labels: NDArray[np.int64]) -> dict[str, Any]:
    """Accuracy, refusals, calibration of what is answered, and coverage at one wrong in 200."""
    right = np.array([reading.digit == label for reading, label in zip(readings, labels, strict=True)])
    guess = np.array([asked(reading) == label for reading, label in zip(readings, labels, strict=True)])
    answered = np.array([reading.digit is not None for reading in readings])
    low, high = wilson(int(right.sum()), len(right))
    confidence = np.array([reading.confidence for reading in readings])
    curve = risk_coverage(confidence, guess)
    good = np.flatnonzero(curve.risk <= WRONG)
    calibration = equal_mass(confidence[answered], right[answered]) if answered.any() else None
    return {
        "n": len(right),
        "accuracy": round(float(right.mean()), 4),
        "interval": [round(low, 4), round(high, 4)],
        "best_guess": round(float(guess.mean()), 4),
        "refused": dict(Counter(str(reading.rejected) for reading in readings if reading.digit is None)),
        "ece": round(calibration.error, 4) if calibration else None,
        "ece_interval": [round(end, 4) for end in calibration.interval] if calibration else None,
        "reliability": [
            [
                entry.count,
                round(entry.confidence, 4),
                round(entry.accuracy, 4),
                *(round(end, 4) for end in entry.interval),
            ]
            for entry in (calibration.bins if calibration else ())
            if entry.confidence is not None and entry.accuracy is not None
        ],
        "coverage_at_1_in_200": round(float(curve.coverage[good[-1]]), 4) if good.size else 0.0,
        "risk_at_coverage": {
            str(share): [round(point.risk, 5), *(round(end, 5) for end in point.interval)]
            for share in COVERAGES
            for point in (at_coverage(confidence, guess, share),)
        },
        "aurc": round(curve.area, 5),
        "confusion": confusion(readings, labels),
    }


def confusion(readings: list[DigitReading], labels: NDArray[np.int64]) -> list[list[int]]:
    """Counts, 10 rows of truth by the ten answers and, last, the refused."""
    counts = np.zeros((DIGITS, DIGITS + 1), int)
    answers = [DIGITS if reading.digit is None else reading.digit for reading in readings]
    np.add.at(counts, (labels, answers), 1)
    return counts.tolist()


def asked(reading: DigitReading) -> int | None:
    """What the network would say, refused or not."""
    return None if reading.prepared is None else int(reading.probabilities.argmax())


def mnist(reader: DigitReader, data: Path) -> dict[str, Any]:
    """The MNIST test set, as arrays."""
    part = load_mnist(locate("mnist", data))
    right = int((reader.classify(part.test_images).argmax(axis=1) == part.test_labels).sum())
    facts = {"n": 10_000, "accuracy": right / 10_000, "interval": [round(end, 4) for end in wilson(right, 10_000)]}
    show("read", "mnist test", facts)
    return facts


def quality(readings: dict[str, list[DigitReading]], sets: dict[str, Set]) -> dict[str, float | None]:
    """AUROC of a low quality for a wrong best guess, over all sets and within each."""
    scores: dict[str, float | None] = {}
    every: list[tuple[float, bool]] = []
    for name, (_, labels) in sets.items():
        pairs = [
            (reading.quality.score, asked(reading) == label)
            for reading, label in zip(readings[name], labels, strict=True)
            if reading.quality is not None
        ]
        every += pairs
        scores[name] = auroc(pairs)
    scores["all"] = auroc(every)
    show("quality", "auroc", scores)
    return scores


def auroc(pairs: list[tuple[float, bool]]) -> float | None:
    """P(score of a right one > score of a wrong one), ties half; None when there are only right or only wrong."""
    scores, right = np.array([score for score, _ in pairs]), np.array([good for _, good in pairs], bool)
    if right.all() or not right.any():
        return None
    order = np.unique(scores, return_inverse=True)[1]
    ranks = np.bincount(order)
    middle = np.cumsum(ranks) - (ranks - 1) / 2
    above = middle[order][right].sum() - right.sum() * (right.sum() + 1) / 2
    return round(float(above / (right.sum() * (~right).sum())), 4)


def refuse(reader: DigitReader, held: corpus.Corpus, arguments: argparse.Namespace) -> dict[str, Any]:
    """2,000 pictures of what is no digit: each kind made alike often, and the general photos that are there."""
    counts: dict[str, Any] = {}
    photos = sorted((arguments.data / "images" / "photos").glob("*.JPEG"))
    each = round((2000 - len(photos)) / len(others.KINDS) * arguments.share)
    kinds: dict[str, list[Any]] = {"photos of things": list(photos)}
    for name, kind in others.KINDS.items():
        rng = np.random.default_rng((2, sum(map(ord, name))))
        kinds[name] = [kind(rng, [held.any(rng) for _ in range(4)]) for _ in range(each)]
    for name, pictures in kinds.items():
        readings = reader.read_many(pictures)
        refused = sum(reading.digit is None for reading in readings)
        reasons = Counter(str(reading.rejected) for reading in readings if reading.digit is None)
        counts[name] = {"n": len(pictures), "refused": refused, "reasons": dict(reasons)}
        show("refuse", name, counts[name])
    counts["letters"] = letters_apart(reader, kinds["letter"], held, each)
    show("refuse", "letters", counts["letters"])
    counts["numbers"] = numbers_as_one(reader, arguments)
    show("refuse", "numbers", counts["numbers"])
    total = sum(counts[name]["n"] for name in kinds)
    refused = sum(counts[name]["refused"] for name in kinds)
    counts["all"] = {"n": total, "refused": refused, "share": round(refused / max(1, total), 4)}
    show("refuse", "all", counts["all"])
    return counts


def letters_apart(reader: DigitReader, letters: list[Any], held: corpus.Corpus, count: int) -> dict[str, float | None]:
    """AUROC of the two best probabilities together: digits on like paper against letters that are no digit."""
    digits = [corpus.photo(held, np.random.default_rng((4, number)))[0] for number in range(count)]
    pairs = [
        (float(np.sort(reading.probabilities)[-2:].sum()) if reading.prepared is not None else 0.0, digit)
        for pictures, digit in ((digits, True), (letters, False))
        for reading in reader.read_many(pictures)
    ]
    return {"digits": count, "letters": len(letters), "auroc": auroc(pairs)}


def numbers_as_one(reader: DigitReader, arguments: argparse.Namespace) -> dict[str, int]:
    """How many made photos of a number of several digits are refused as one digit; beside the 2,000."""
    hands = collect_hands(arguments.data, held_out=True)
    made = [lines.make("photo", hands, np.random.default_rng((10, n))) for n in range(round(900 * arguments.share))]
    readings = reader.read_many([line.picture for line in made if len(line.text) > 1])
    return {"n": len(readings), "refused": sum(reading.digit is None for reading in readings)}


def steady(
    reader: DigitReader, held: corpus.Corpus, arguments: argparse.Namespace
) -> tuple[dict[str, float], dict[str, Any]]:
    """Share of drawings whose answer changes under a change that keeps the digit; and the same over its amount."""
    pairs, points = round(PAIRS * arguments.share), round(500 * arguments.share)
    before = [reading.digit for reading in reader.read_many([_plain(held, n) for n in range(pairs)])]

    def changed(change: Callable[[corpus.Corpus, int], NDArray[np.uint8]], count: int) -> float:
        after = reader.read_many([change(held, n) for n in range(count)])
        return round(sum(one != other.digit for one, other in zip(before, after, strict=False)) / count, 4)

    flips = {name: changed(change, pairs) for name, change in CHANGES.items()}
    show("steady", "flips", flips)
    curves = {
        name: {"at": amounts, "changed": [changed(partial(by, amount), points) for amount in amounts]}
        for name, (amounts, by) in CURVES.items()
    }
    for name, curve in curves.items():
        show("steady", name, curve)
    return flips, curves


def _plain(held: corpus.Corpus, number: int) -> NDArray[np.uint8]:
    return corpus.as_drawn(held, np.random.default_rng((3, number)))[0]


def _warped(held: corpus.Corpus, number: int, angle: float, zoom: float) -> NDArray[np.uint8]:
    matrix = cv2.getRotationMatrix2D((140, 140), angle, min(zoom, 1.0))
    turned = cv2.warpAffine(np.pad(_plain(held, number), 80, constant_values=255), matrix, (440, 440), borderValue=255)
    return np.asarray(cv2.resize(turned, None, fx=max(zoom, 1.0), fy=max(zoom, 1.0)), np.uint8)


CHANGES: dict[str, Callable[[corpus.Corpus, int], NDArray[np.uint8]]] = {
    "inverted": lambda held, n: 255 - _plain(held, n),
    "padded": lambda held, n: np.pad(_plain(held, n), 120, constant_values=255),
    "shifted": lambda held, n: np.pad(_plain(held, n), ((60, 0), (0, 90)), constant_values=255),
    "scale 0.4": lambda held, n: shrink(_plain(held, n), 112),
    "scale 2": lambda held, n: np.asarray(cv2.resize(_plain(held, n), None, fx=2, fy=2), np.uint8),
    "turned -12°": lambda held, n: _warped(held, n, -12, 1),
    "turned 12°": lambda held, n: _warped(held, n, 12, 1),
    "pen 4": lambda held, n: corpus.as_drawn(held, np.random.default_rng((3, n)), pen=4)[0],
    "pen 40": lambda held, n: corpus.as_drawn(held, np.random.default_rng((3, n)), pen=40)[0],
    "jpeg 40": lambda held, n: harm.jpeg(_plain(held, n), np.random.default_rng(0)),
}


def _with_pen(pen: float, held: corpus.Corpus, number: int) -> NDArray[np.uint8]:
    return corpus.as_drawn(held, np.random.default_rng((3, number)), pen=pen)[0]


def _noisy(level: float, held: corpus.Corpus, number: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng((5, number)).normal(0, 255 * level, (corpus.CANVAS, corpus.CANVAS))
    return np.clip(_plain(held, number) + noise, 0, 255).astype(np.uint8)


def _blurred(sigma: float, held: corpus.Corpus, number: int) -> NDArray[np.uint8]:
    plain = _plain(held, number)
    return np.asarray(cv2.GaussianBlur(plain, (0, 0), sigma), np.uint8) if sigma else plain


CURVES: dict[str, tuple[list[float], Callable[[float, corpus.Corpus, int], NDArray[np.uint8]]]] = {
    "turned": ([-30, -20, -12, -6, 0, 6, 12, 20, 30], lambda angle, held, n: _warped(held, n, angle, 1)),
    "pen": ([2, 4, 8, 15, 25, 40, 50], _with_pen),
    "scale": ([0.1, 0.2, 0.4, 1, 2, 4], lambda zoom, held, n: _zoomed(held, n, zoom)),
    "noise": ([0, 0.05, 0.1, 0.2, 0.3, 0.4], _noisy),
    "blur": ([0, 2, 4, 8, 12, 16], _blurred),
}


def _zoomed(held: corpus.Corpus, number: int, zoom: float) -> NDArray[np.uint8]:
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(_plain(held, number), None, fx=zoom, fy=zoom, interpolation=how), np.uint8)


def tables(reader: DigitReader, held: corpus.Corpus, arguments: argparse.Namespace) -> dict[str, Any]:
    """Share read right of sheets alone, and of the same sheets on tables from nearly black to middling."""
    count = round(200 * arguments.share)
    hands = collect_hands(arguments.data, held_out=True)
    kind = lines.KINDS["form"]
    look = replace(kind.look, table=0.0, named=0.0)
    notes = [corpus.photo(held, np.random.default_rng((7, n))) for n in range(count)]
    forms: list[Any] = []
    for n in range(count):
        rng = np.random.default_rng((8, n))
        forms.append(lines.draw(kind.text(rng), hands.any(rng), kind.manner(rng), look, rng))
    codes = CodeReader()
    told: dict[str, Any] = {"n": count, "digit": {}, "form": {}}
    for tone in (None, *TABLES):
        seen = [on_table(as_colour(picture), tone, n) for n, (picture, _) in enumerate(notes)]
        right = [one.digit == label for one, (_, label) in zip(reader.read_many(seen), notes, strict=True)]
        told["digit"]["alone" if tone is None else str(tone)] = round(float(np.mean(right)), 4)
        seen = [on_table(form.picture, tone, n) for n, form in enumerate(forms)]
        right = [one.text == form.text for one, form in zip(codes.read_many(seen), forms, strict=True)]
        told["form"]["alone" if tone is None else str(tone)] = round(float(np.mean(right)), 4)
    show("tables", "right", told)
    return told


def on_table(picture: NDArray[np.uint8], tone: float | None, number: int) -> NDArray[np.uint8]:
    """The picture alone, or on a table."""
    return picture if tone is None else scene.laid_on_table(picture, tone, np.random.default_rng((9, number)))


def as_colour(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture in three channels."""
    return picture if picture.ndim == 3 else np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2RGB), np.uint8)


def with_views(model: str | None, before: dict[str, list[DigitReading]], sets: dict[str, Set]) -> dict[str, Any]:
    """Readings that five views mend and spoil, set by set."""
    reader = DigitReader(model, tta=True)
    gains: dict[str, Any] = {}
    for name, (items, labels) in sets.items():
        after = reader.read_many(items)
        pairs = [
            (asked(one) == label, asked(other) == label)
            for one, other, label in zip(before[name], after, labels, strict=True)
        ]
        gains[name] = {"n": len(pairs), "mended": pairs.count((False, True)), "spoiled": pairs.count((True, False))}
        show("tta", name, gains[name])
    return gains


def ablate(reader: DigitReader, sets: dict[str, Set], held: corpus.Corpus) -> dict[str, Any]:
    """Accuracy without each step that can be left out, and with each that is off, on at most `ABLATED` of each set.

    The made sets are those that decide which steps are on; the others are only looked at.
    """
    made = {name: made_set(name, held) for name in ("photo", "crowded", "scan")}
    broad = [corpus.as_drawn(held, np.random.default_rng((3, number)), pen=BROAD) for number in range(ABLATED)]
    made["drawn, broad pen"] = [picture for picture, _ in broad], np.array([label for _, label in broad])
    some = {name: (items[:ABLATED], labels[:ABLATED]) for name, (items, labels) in (sets | made).items()}
    table: dict[str, Any] = {}
    whole = reader.recipe
    for label, recipe in variants(whole):
        reader.recipe = recipe
        table[label] = {name: share_right(reader, *facts) for name, facts in some.items()}
        show("ablate", label, table[label])
    reader.recipe = whole
    return table


def share_right(reader: DigitReader, items: list[Any], labels: NDArray[np.int64]) -> float:
    """Accuracy, a refusal counting as an error."""
    right = [reading.digit == label for reading, label in zip(reader.read_many(items), labels, strict=True)]
    return round(float(np.mean(right)), 4)


def variants(whole: Recipe) -> Iterator[tuple[str, Recipe]]:
    """The recipe, then without each step that can be left out, then with each that is off."""
    yield "as shipped", whole
    for off in whole.steps:
        if name_of(off) not in NEEDED:
            yield f"without {name_of(off)}", Recipe(tuple(step for step in whole.steps if step is not off))
    for step, after in OFF.items():
        place = [name_of(one) for one in whole.steps].index(after) + 1
        yield f"with {step}", Recipe((*whole.steps[:place], *parse(step).steps, *whole.steps[place:]))


def made_set(name: str, held: corpus.Corpus) -> Set:
    """Made pictures of held-out hands."""
    pairs = [corpus.MAKERS[name](held, np.random.default_rng((6, number))) for number in range(ABLATED)]
    return [picture for picture, _ in pairs], np.array([label for _, label in pairs])


if __name__ == "__main__":
    main()
