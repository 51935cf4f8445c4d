"""The ladder of the four-block network: what each rung is worth, chosen on held-out writers.

    python recipes/ladder.py --data DIR [--seeds 3] [--out runs/ladder]

Minutes: two a run on 2 cores that compute in bfloat16, 12 runs. Expected: docs/records/ladder.json and .md.

Three blocks → + augmentation → + fourth block → + label smoothing. Every rung has the same epochs, rate and
seeds; the epoch that is kept is the best on writers that the run did not learn from; the test set is opened
once, at the end, for all runs. (The project that the ladder comes from stopped on the test set itself.)
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from calame.config import quiet_tensorflow
from calame.data.fetch import locate
from calame.data.sets import load_mnist, load_writers, split_by_writer
from calame.models.backend import load_keras
from calame.training.plan import MILD, Plan
from calame.training.record import environment, write_json

RECORDS = Path(__file__).parent.parent / "docs" / "records"
BASE = Plan("blocks-3", epochs=10, rate=2e-3, schedule="one-cycle")
RUNGS = {
    "three blocks": BASE,
    "+ augmentation": replace(BASE, augmentation=MILD),
    "+ fourth block": replace(BASE, network="blocks", augmentation=MILD),
    "+ label smoothing": replace(BASE, network="blocks", augmentation=MILD, smoothing=0.1),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/ and qmnist/")
    parser.add_argument("--out", type=Path, default=Path("runs/ladder"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=BASE.epochs)
    arguments = parser.parse_args()
    quiet_tensorflow()
    load_keras()
    import keras

    for number, plan in enumerate(RUNGS.values()):
        for seed in range(arguments.seeds):
            train(replace(plan, seed=seed, epochs=arguments.epochs), arguments, f"{number}-{seed}")
            keras.backend.clear_session()
    rungs = [measure(number, name, arguments) for number, name in enumerate(RUNGS)]
    write_json(RECORDS / "ladder.json", environment() | {"recipe": "recipes/ladder.py", "rungs": rungs})
    (RECORDS / "ladder.md").write_text(table(rungs, arguments.seeds), encoding="utf-8")
    print(table(rungs, arguments.seeds))


def train(plan: Plan, arguments: argparse.Namespace, name: str) -> None:
    """Train one run into its folder, unless it is there already."""
    from calame.training.progress import Watcher
    from calame.training.run import RECORD, run

    if (arguments.out / name / RECORD).exists():
        return
    mnist = load_mnist(locate("mnist", arguments.data))
    learn, held = split_by_writer(load_writers(locate("qmnist", arguments.data)))
    pictures, labels = mnist.train_images, mnist.train_labels
    run(
        plan,
        (pictures[learn], labels[learn]),
        (pictures[held], labels[held]),
        arguments.out / name,
        watchers=[Watcher(plan.epochs)],
    )


def measure(number: int, name: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Validation and test accuracy of one rung over its seeds."""
    from calame.training.batches import as_input
    from calame.training.run import restore

    mnist = load_mnist(locate("mnist", arguments.data))
    test, valid, parameters = [], [], 0
    for seed in range(arguments.seeds):
        folder = arguments.out / f"{number}-{seed}"
        model = restore(folder)
        read = model.predict(as_input(mnist.test_images), batch_size=500, verbose=0).argmax(1)
        test.append(round(float((read == mnist.test_labels).mean()), 4))
        curves = json.loads((folder / "curves.json").read_text())
        valid.append(round(curves["val_accuracy"][int(np.argmin(curves["val_loss"]))], 5))
        parameters = model.count_params()
    return {
        "name": name,
        "parameters": parameters,
        "plan": replace(RUNGS[name], epochs=arguments.epochs).to_json(),
        "n": arguments.seeds,
        "validation": valid,
        "test": test,
        "mean": round(float(np.mean(test)), 5),
        "worst": min(test),
    }


def table(rungs: list[dict[str, object]], seeds: int) -> str:
    """The ladder as a Markdown table."""
    lines = [
        f"| rung | parameters | validation, mean | test, mean of {seeds} seeds | worst |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {rung['name']} | {rung['parameters']:,} | {np.mean(rung['validation']):.2%} | {rung['mean']:.2%}"
        f" | {rung['worst']:.2%} |"
        for rung in rungs
    ]
    return "\n".join([*lines, "", "Made by `python recipes/ladder.py --data DIR`."]) + "\n"


if __name__ == "__main__":
    main()
