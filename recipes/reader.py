"""The shipped reader: `broad`, taught by every collection in every condition, through its own preparation.

    python recipes/reader.py --data DIR [--out runs/reader] [--start RUN] [--mean RUN ...] [--try] [--ship]

Minutes: on 2 cores, about ten to make the pictures, and about two an epoch. Expected: docs/records/reader.json.

1. make: each collection of digits, photographed, drawn and scanned, and prepared: (n, 28, 28), kept in OUT.
2. train on the hands that are not held out, from nothing or, with --start, from an earlier run (`runs/reader/run`), at
   a fifth of the rate: a few epochs then do for pictures that have changed a little. With --mean, the mean of the
   weights of several runs that went on from one takes the place of training (Wortsman and others, "Model soups", 2022).
   Report on the hands that are held out, kind by kind; fit the temperature.
3. export: the network that was judged is the one that ships, so that its confidence was measured, not supposed; and
   the same in eight bits. With --lighten, the network of the package gets these anew, with --prepare today's
   preparation, and nothing is trained.

Nothing of `dev/` is learned from or chosen by: `recipes/dev_sets.py` opens it, to report.
"""

import argparse
import json
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from averaging import mean_of
from calame.artifact import ModelFolder, write
from calame.config import quiet_tensorflow
from calame.data import corpus
from calame.data.catalogue import credit
from calame.data.sets import load_mnist, load_writers, split_by_writer
from calame.engine.session import Classifier
from calame.imaging.recipe import DEFAULT, parse
from calame.models.backend import load_keras
from calame.reader.confidence import calibrate, doubt
from calame.reader.looks import look
from calame.shelf import Shelf
from calame.training.calibration import fit_temperature
from calame.training.plan import PLANS
from calame.training.record import environment, write_json
from calame.training.selective import threshold_for
from calame.types import DIGITS
from pool import on_all_cores, portions
from shipping import ship

RECORDS = Path(__file__).parent.parent / "docs" / "records"
LEARN = {"photo": 80_000, "crowded": 25_000, "scan": 40_000, "school": 70_000, "drawing": 40_000, "nothing": 95_000}
JUDGE = {"photo": 3_000, "crowded": 1_500, "scan": 6_000, "as_drawn": 6_000, "nothing": 2_000}
GOOD = ("mnist", "scan", "as_drawn")  # kinds of which a reader should refuse next to nothing
STRANGE, UNSURE = (
    0.001,
    0.0005,
)  # shares of their right answers refused as no digit, as unsure: strange paper triples it
AGAIN = 0.96  # of the network's own certainty, below which it looks again: a higher limit mends no more
ONE_IN = (50, 100, 200, 500)  # at most one wrong answer in so many
CHUNK = 500  # pictures a task
RANGES = 200  # pictures of a kind on which the ranges of eight bits are found
GENTLE = 0.2  # of the rate, when the network goes on from an earlier run
OWN = 3  # times that MNIST's own pictures are seen in an epoch, the made ones once
PLAN = PLANS["broad"]

Labelled = tuple[NDArray[np.uint8], NDArray[np.uint8]]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/, unipen/ and uci/")
    parser.add_argument("--out", type=Path, default=Path("runs/reader"))
    parser.add_argument("--epochs", type=int, default=PLAN.epochs)
    parser.add_argument("--start", type=Path, help="folder of an earlier run, to go on from its weights")
    parser.add_argument(
        "--mean", type=Path, nargs="+", help="folders of runs whose mean is wanted, the last one's curves"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the pictures that are learned from, and of their order")
    parser.add_argument("--share", type=float, default=1.0, help="of the pictures: less for a quick look")
    parser.add_argument("--try", dest="only_try", action="store_true", help="stop after the run with held-out hands")
    parser.add_argument("--lighten", action="store_true", help="of the network of the package, the eight bits alone")
    parser.add_argument("--prepare", action="store_true", help="of the network of the package, the preparation alone")
    parser.add_argument("--ship", action="store_true", help="replace the model folder in the package")
    return parser.parse_args()


def main() -> None:
    arguments = options()
    if arguments.prepare:
        prepare(Shelf(None).find("digits"), arguments)
        return
    quiet_tensorflow()
    load_keras()
    if arguments.lighten:
        lighten(Shelf(None).find("digits"), arguments)
        return
    folder = train(arguments) if arguments.mean is None else mean(arguments)
    record = judge(folder, arguments)
    if arguments.only_try:
        return
    write_json(RECORDS / "reader.json", record)
    export(folder, record, arguments)


@cache
def collected(root: Path, held_out: bool) -> corpus.Corpus:
    """The corpus, read once a process."""
    return corpus.collect(root, held_out=held_out)


def made(task: tuple[Path, bool, str, int, int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8], int]:
    """One task of a worker: so many pictures of one kind."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    root, held_out, name, count, number, seed = task
    seeds = sum(map(ord, name)), number, *([seed] if seed else [])
    return corpus.make(name, collected(root, held_out), parse(DEFAULT), count, seeds)


def pixels(part: str, counts: dict[str, int], arguments: argparse.Namespace, *, held_out: bool) -> dict[str, Any]:
    """Make, or read again, the prepared pictures of a part: for each kind its images, labels and refusals."""
    path = arguments.out / f"{part}.npz"
    if not path.exists():
        arguments.out.mkdir(parents=True, exist_ok=True)
        tasks = [
            (arguments.data, held_out, name, count, start, 0 if held_out else arguments.seed)
            for name, start, count in portions(counts, arguments.share, CHUNK)
        ]
        parts: dict[str, list[Any]] = {}
        for task, result in zip(tasks, on_all_cores(made, tasks, f"{CHUNK} pictures, {part}"), strict=True):
            parts.setdefault(task[2], []).append(result)
        arrays = {}
        for name, results in parts.items():
            arrays[f"{name}_images"] = np.concatenate([images for images, _, _ in results])
            arrays[f"{name}_labels"] = np.concatenate([labels for _, labels, _ in results])
            arrays[f"{name}_refused"] = np.array(sum(refused for _, _, refused in results))
        np.savez(path, **arrays)
    with np.load(path) as stored:
        return dict(stored)


def mnist_part(arguments: argparse.Namespace, *, held_out: bool) -> Labelled:
    """MNIST's own pictures, which no preparation has touched."""
    mnist = load_mnist(arguments.data)
    keep = split_by_writer(load_writers(arguments.data))[int(held_out)]
    return mnist.train_images[keep], mnist.train_labels[keep]


def train(arguments: argparse.Namespace) -> Path:
    """Train on the made pictures and MNIST's own; return the run's folder."""
    from calame.training.progress import Watcher
    from calame.training.run import run

    folder = arguments.out / "run"
    if not (folder / "record.json").exists():
        stored = pixels("learn", LEARN, arguments, held_out=False)
        own = mnist_part(arguments, held_out=False)
        images = np.concatenate([own[0]] * OWN + [stored[f"{kind}_images"] for kind in LEARN])
        labels = np.concatenate([own[1]] * OWN + [stored[f"{kind}_labels"] for kind in LEARN])
        rate = PLAN.rate * (1 if arguments.start is None else GENTLE)
        plan = replace(PLAN, seed=arguments.seed, epochs=arguments.epochs, rate=rate)
        run(plan, (images, labels), None, folder, start=arguments.start, watchers=[Watcher(plan.epochs)])
    return folder


def mean(arguments: argparse.Namespace) -> Path:
    """Take the mean of the weights of several runs; return the folder that it is in."""
    from calame.training.run import restore

    folder, runs = arguments.out / "run", arguments.mean
    folder.mkdir(parents=True, exist_ok=True)
    mean_of([restore(run) for run in runs]).save(folder / "model.keras")
    for name in ("curves.json", "record.json"):
        shutil.copy(runs[-1] / name, folder)
    return folder


def judge(folder: Path, arguments: argparse.Namespace) -> dict[str, Any]:
    """Report on hands that were not learned from, kind by kind, and fit the temperature on all of them."""
    classify = classifier(folder)
    stored = pixels("judge", JUDGE, arguments, held_out=True)
    sets = {"mnist": (*mnist_part(arguments, held_out=True), 0)}
    sets |= {kind: tuple(stored[f"{kind}_{what}"] for what in ("images", "labels", "refused")) for kind in JUDGE}
    first = {kind: classify(images).argmax(axis=1) for kind, (images, *_) in sets.items()}
    asked = {kind: look(classify, images, AGAIN).answers for kind, (images, *_) in sets.items()}
    digits = [kind for kind in sets if kind != "nothing"]
    temperature = fit_temperature(
        np.concatenate([asked[kind] for kind in digits]), np.concatenate([sets[kind][1] for kind in digits])
    )
    record: dict[str, Any] = environment() | {"recipe": "recipes/reader.py", "temperature": round(temperature, 4)}
    asked = {kind: calibrate(values, temperature) for kind, values in asked.items()}
    right = {kind: asked[kind].argmax(axis=1) == sets[kind][1] for kind in digits}
    good = np.concatenate([np.sort(asked[kind][right[kind]], axis=1) for kind in GOOD])
    record["digit_above"] = round(float(np.quantile(good[:, -1] + good[:, -2], STRANGE)), 4)
    record["reject_below"] = round(float(np.quantile(good[:, -1], UNSURE)), 4)
    record["one_in"] = promised({kind: asked[kind].max(axis=1) for kind in digits}, right)
    record["look_again"] = AGAIN
    record["kinds"] = {kind: summary(asked[kind], sets[kind]) for kind in sets}
    for kind in digits:
        record["kinds"][kind]["first_look"] = round(float((first[kind] == sets[kind][1]).mean()), 4)
        record["kinds"][kind]["confusion"] = confusion(asked[kind], sets[kind][1], record)
    record["curves"] = curves(folder)
    for kind, facts in record["kinds"].items():
        print(f"{kind:<10} {dict(facts, confusion=...)}")
    return record


def classifier(folder: Path) -> Classifier:
    """The network of a run, as the reader asks it."""
    from calame.training.batches import as_input
    from calame.training.run import restore

    network = restore(folder)
    return lambda images: network.predict(as_input(images), batch_size=500, verbose=0)


def confusion(asked: NDArray[np.float32], labels: NDArray[np.uint8], record: dict[str, Any]) -> list[list[int]]:
    """Counts, 10 rows of truth by the ten answers and, last, those refused as unsure or as no digit."""
    limits = record["reject_below"], record["digit_above"]
    answers = [DIGITS if doubt(one, *limits) else int(one.argmax()) for one in asked]
    counts = np.zeros((DIGITS, DIGITS + 1), int)
    np.add.at(counts, (labels, answers), 1)
    return counts.tolist()


def curves(folder: Path) -> dict[str, list[float]]:
    """What a run noted of each epoch, by name."""
    noted = json.loads((folder / "curves.json").read_text(encoding="utf-8"))
    return {name: [round(float(value), 4) for value in values] for name, values in noted.items()}


def promised(sure: dict[str, NDArray[np.float32]], right: dict[str, NDArray[np.bool_]]) -> dict[str, Any]:
    """The confidence to ask for at most one wrong answer in so many, and the share of each kind refused for it."""
    found: dict[str, Any] = {}
    for count in ONE_IN:
        every = np.concatenate(list(sure.values())), np.concatenate(list(right.values()))
        point = threshold_for(1 / count, *every)
        if point is not None:
            refused = {kind: round(float((values < point.threshold).mean()), 4) for kind, values in sure.items()}
            found[str(count)] = {"threshold": round(point.threshold, 6), "answered": point.answered,
                                 "wrong": point.wrong, "refused": refused}  # fmt: skip
    return found


def summary(asked: NDArray[np.float32], facts: Any) -> dict[str, Any]:
    """How one kind was read; of what is no digit (`NONE`), how sure of itself the network was at most."""
    images, labels, refused = facts
    told: dict[str, Any] = {"n": len(images) + int(refused), "refused": int(refused)}
    if (labels == corpus.NONE).all():
        told["most"] = [round(float(value), 4) for value in np.quantile(asked.max(axis=1), (0.5, 0.9, 0.95, 0.99))]
    else:
        told["accuracy"] = round(float((asked.argmax(axis=1) == labels).mean()), 4)
        told["least"] = [round(float(value), 4) for value in np.quantile(asked.max(axis=1), (0.001, 0.005, 0.01, 0.05))]
    return told


def learned_from(root: Path) -> Any:
    """What was learned from, with licences and how many digits of each source: all but the hands held out."""
    counts = {name: len(digits) for name, digits in collected(root, False).written.items()}
    return credit(
        mnist=counts["mnist"],
        qmnist=counts["mnist"],
        unipen=counts["unipen"],
        uci=sum(counts[name] for name in ("optdigits", "semeion", "pendigits")),
    )


def export(folder: Path, record: dict[str, Any], arguments: argparse.Namespace) -> None:
    """Turn the run into the model folder, open MNIST's test set once, and put all into the package when asked."""
    from calame.export.exporter import export_model
    from calame.training.run import restore

    mnist = load_mnist(arguments.data)
    read = look(classifier(folder), mnist.test_images, AGAIN).answers.argmax(axis=1)
    scores = {"mnist_test": {"n": len(read), "accuracy": float((read == mnist.test_labels).mean())}}
    for kind in ("mnist", "photo", "scan", "as_drawn"):
        scores[f"unseen hands, {kind}"] = {name: record["kinds"][kind][name] for name in ("n", "accuracy")}
    model = export_model(
        restore(folder),
        arguments.out / "model",
        name="digits",
        version="1",
        preparation=str(parse(DEFAULT)),
        calibration={name: record[name] for name in ("temperature", "reject_below", "digit_above", "look_again")}
        | {f"one_in_{count}": facts["threshold"] for count, facts in record["one_in"].items()},
        training={name: value for name, value in record.items() if name not in ("kinds", "curves")},
        data=learned_from(arguments.data),
        scores=scores,
        check_images=mnist.train_images[:1024],
        over=True,
    )
    lighten(model, arguments)


def prepare(model: ModelFolder, arguments: argparse.Namespace) -> None:
    """Give a network the preparation of today, and ship it when asked: a step was added that few pictures need."""
    manifest = replace(model.manifest, preparation=str(parse(DEFAULT)))
    files: dict[str, Path | bytes] = {name: model.read(name) for name in model.manifest.files}
    model = write(arguments.out / "model", manifest, files, over=True)
    if arguments.ship:
        ship(model)


def lighten(model: ModelFolder, arguments: argparse.Namespace) -> None:
    """Add the network in eight bits, which codes are cut with and digits are looked at first; ship it when asked.

    Its last layer stays as it is: in eight bits its answers come in steps, and the surest are all alike.
    """
    from calame.export.quantise import with_int8

    made = pixels("ranges", dict.fromkeys(("photo", "scan", "drawing"), RANGES), arguments, held_out=False)
    ranges = np.concatenate([made[f"{kind}_images"] for kind in ("photo", "scan", "drawing")])
    model = with_int8(model, arguments.out / "model", ranges, ["output/Gemm"])
    if arguments.ship:
        ship(model)


if __name__ == "__main__":
    main()
