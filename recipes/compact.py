"""`compact` on MNIST: five seeds and their committee, nothing chosen on the test set, one model folder.

    python recipes/compact.py --data DIR [--seeds 5] [--out runs/compact]

Minutes: seven to nine a seed on 2 cores that compute in bfloat16, and once more for the run with held-out writers.
Expected: see docs/records/compact.json, which this recipe writes.

1. One run learns from five writers in six; the others judge it, and give the temperature of its confidence.
   The plan (epochs, rates, augmentation) was chosen on those writers.
2. Each seed learns from all 60,000 pictures for the plan's epochs and keeps its last, averaged weights.
3. The test set is opened once, for all seeds: mean, worst, committee, the errors and their pictures.
4. The first seed, whatever its score, becomes the model folder.

Every seed is a process of its own, timed from its start to its saved weights; a finished one is not run again.
"""

import argparse
import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from calame.config import quiet_tensorflow
from calame.data.catalogue import credit
from calame.data.fetch import locate
from calame.data.sets import Mnist, load_mnist, load_writers, split_by_writer
from calame.models.backend import load_keras
from calame.training.calibration import fit_temperature
from calame.training.plan import PLANS
from calame.training.record import environment, write_json

RECORDS = Path(__file__).parent.parent / "docs" / "records"
DISPUTED = (947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729)
HELD_OUT = "held-out"
PLAN = PLANS["compact"]


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/ and qmnist/")
    parser.add_argument("--out", type=Path, default=Path("runs/compact"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=PLAN.epochs)
    parser.add_argument("--one", help=argparse.SUPPRESS)  # the process of one seed
    return parser.parse_args()


def main() -> None:
    arguments = options()
    if arguments.one:
        train_one(arguments.one, arguments)
        return
    for name in (HELD_OUT, *map(str, range(arguments.seeds))):
        if not (arguments.out / name / "seconds.json").exists():
            words = ("--data", arguments.data, "--out", arguments.out, "--epochs", arguments.epochs, "--one", name)
            started = time.perf_counter()
            subprocess.run([sys.executable, __file__, *map(str, words)], check=True)
            write_json(arguments.out / name / "seconds.json", {"seconds": round(time.perf_counter() - started, 1)})
    report(arguments)


def train_one(name: str, arguments: argparse.Namespace) -> None:
    """Train one seed, or the run with held-out writers, into its folder."""
    quiet_tensorflow()
    load_keras()
    from calame.training.progress import Watcher
    from calame.training.run import run

    mnist = load_mnist(locate("mnist", arguments.data))
    learn, judge = np.full(len(mnist.train_labels), True), None
    if name == HELD_OUT:
        learn, held = split_by_writer(load_writers(locate("qmnist", arguments.data)))
        judge = (mnist.train_images[held], mnist.train_labels[held])
    plan = replace(PLAN, epochs=arguments.epochs, seed=0 if name == HELD_OUT else int(name))
    train = (mnist.train_images[learn], mnist.train_labels[learn])
    run(plan, train, judge, arguments.out / name, watchers=[Watcher(plan.epochs)])


def answers(folder: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Probabilities (n, 10) of a trained network, in float32 as it is exported."""
    from calame.training.batches import as_input
    from calame.training.run import restore

    return restore(folder).predict(as_input(images), batch_size=500, verbose=0)


def report(arguments: argparse.Namespace) -> None:
    """Open the test set, once; write the record, the pictures of the errors and the model folder."""
    quiet_tensorflow()
    load_keras()
    mnist = load_mnist(locate("mnist", arguments.data))
    probabilities = [answers(arguments.out / str(seed), mnist.test_images) for seed in range(arguments.seeds)]
    seeds = [
        count(one, mnist) | {"seed": seed} | json.loads((arguments.out / str(seed) / "seconds.json").read_text())
        for seed, one in enumerate(probabilities)
    ]
    scores = [seed["accuracy"] for seed in seeds]
    committee = np.mean(probabilities, axis=0)
    record = environment() | {
        "recipe": "recipes/compact.py",
        "plan": replace(PLAN, epochs=arguments.epochs).to_json(),
        "n": arguments.seeds,
        "mean": round(float(np.mean(scores)), 6),
        "worst": min(scores),
        "best": max(scores),
        "standard_deviation": round(float(np.std(scores, ddof=1)), 6) if len(scores) > 1 else None,
        "seeds": seeds,
        "committee": count(committee, mnist),
        "calibration": calibrate(arguments, mnist),
    }
    write_json(RECORDS / "compact.json", record)
    draw_errors(probabilities, mnist, RECORDS / "compact-errors.png")
    print(json.dumps({name: record[name] for name in ("n", "mean", "worst", "best", "committee")}))
    export(arguments, record, mnist)


def count(probabilities: NDArray[np.float32], mnist: Mnist) -> dict[str, object]:
    """Accuracy and errors on the 10,000 test pictures, and on the 9,985 whose label nobody disputes."""
    wrong = np.flatnonzero(probabilities.argmax(1) != mnist.test_labels)
    undisputed = np.setdiff1d(wrong, DISPUTED)
    total = len(mnist.test_labels)
    return {
        "accuracy": round(1 - len(wrong) / total, 6),
        "errors": len(wrong),
        "undisputed_accuracy": round(1 - len(undisputed) / (total - len(DISPUTED)), 6),
        "undisputed_errors": undisputed.tolist(),
    }


def calibrate(arguments: argparse.Namespace, mnist: Mnist) -> dict[str, float]:
    """The temperature, from the writers that the held-out run did not learn from, and its accuracy on them."""
    _, held = split_by_writer(load_writers(locate("qmnist", arguments.data)))
    probabilities = answers(arguments.out / HELD_OUT, mnist.train_images[held])
    labels = mnist.train_labels[held]
    return {
        "temperature": round(fit_temperature(probabilities, labels), 4),
        "validation_accuracy": round(float((probabilities.argmax(1) == labels).mean()), 6),
        "validation_images": int(held.sum()),
    }


def draw_errors(probabilities: list[NDArray[np.float32]], mnist: Mnist, path: Path) -> None:
    """A sheet of every test picture that some seed misreads: true digit, what was read, by how many seeds."""
    from matplotlib.figure import Figure

    reads = np.stack([one.argmax(1) for one in probabilities])
    wrong = (reads != mnist.test_labels).sum(0)
    order = [index for index in np.argsort(-wrong, kind="stable") if wrong[index]]
    columns = 10
    rows = -(-len(order) // columns)
    figure = Figure(figsize=(columns * 0.95, rows * 1.25), layout="constrained", facecolor="white")
    for place, axes in enumerate(figure.subplots(rows, columns, squeeze=False).flat):
        axes.axis("off")
        if place < len(order):
            index = order[place]
            read = np.bincount(reads[reads[:, index] != mnist.test_labels[index], index]).argmax()
            axes.imshow(255 - mnist.test_images[index], cmap="gray", vmin=0, vmax=255)
            mark = " *" if index in DISPUTED else ""
            title = f"{mnist.test_labels[index]} → {read}  {wrong[index]}/{len(reads)}{mark}"
            axes.set_title(f"{title}\n#{index}", fontsize=7, color="#1b1e23")
    figure.suptitle("True → read, misread by so many seeds; * disputed label", fontsize=9)
    figure.savefig(path, dpi=110)


def export(arguments: argparse.Namespace, record: dict[str, object], mnist: Mnist) -> None:
    """Turn the first seed into a model folder."""
    from calame.export.exporter import export_model
    from calame.imaging.recipe import DEFAULT, parse
    from calame.training.run import restore

    run = json.loads((arguments.out / "0" / "record.json").read_text())
    scores = {name: record[name] for name in ("mean", "worst", "best")} | {"seeds": record["n"], "n": 10_000}
    scores["accuracy"] = record["seeds"][0]["accuracy"]  # of these very weights
    export_model(
        restore(arguments.out / "0"),
        arguments.out / "model",
        name="compact",
        version="1",
        preparation=str(parse(DEFAULT)),
        calibration={"temperature": record["calibration"]["temperature"]},
        training=run,
        data=credit(mnist=len(mnist.train_labels), qmnist=len(mnist.train_labels)),
        scores={"mnist_test": scores},
        check_images=mnist.train_images[:1024],
        over=True,
    )


if __name__ == "__main__":
    main()
