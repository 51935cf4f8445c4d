"""Speed runs: how long from the raw files to a network of mean 99.0, 99.4 and 99.6 % on MNIST, on 2 cores.

    python recipes/speedrun.py --data DIR [--seeds 3] [--marks 99.0 99.4 99.6]

Minutes: fourteen on 2 cores that compute in bfloat16. Expected: docs/records/speedrun.json, which this recipe writes.

Each run is a process of its own. `seconds` is its whole life: starting Python and TensorFlow, reading the files,
compiling, training, saving; `training` is the part from the first batch's preparation to the last weights.
Times are the machine's; compare them with the seconds of the course's network, run in the same sitting.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from calame.config import quiet_tensorflow
from calame.data.augment import Augmentation
from calame.data.fetch import locate
from calame.data.sets import load_mnist
from calame.models.backend import load_keras
from calame.training.plan import PLANS
from calame.training.record import environment, write_json

RECORDS = Path(__file__).parent.parent / "docs" / "records"
LIGHT = Augmentation(rotation=6, scale=0.06, shear=0.06, shift=1.0, elastic=0.2)
FAST = replace(PLANS["compact"], augmentation=LIGHT, calm=0.0, ema=0.98)
RUNS = {
    "course": PLANS["course"],  # the yardstick: 5 epochs of the course's network
    # How many epochs each mark takes was set beforehand and not mended afterwards.
    "99.0": replace(FAST, epochs=2, augmentation=None),
    "99.4": replace(FAST, epochs=4),
    "99.6": replace(FAST, epochs=8, ema=0.99),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--marks", nargs="*", default=list(RUNS), choices=list(RUNS))
    parser.add_argument("--one", nargs=2, metavar=("MARK", "SEED"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        one(arguments.one[0], int(arguments.one[1]), arguments.data)
        return
    record = environment() | {"recipe": "recipes/speedrun.py", "n": arguments.seeds, "runs": {}}
    for mark in arguments.marks:
        runs = [timed(mark, seed, arguments.data) for seed in range(arguments.seeds)]
        scores = [run["accuracy"] for run in runs]
        record["runs"][mark] = {
            "plan": RUNS[mark].to_json(),
            "mean": round(statistics.mean(scores), 5),
            "worst": min(scores),
            "reached": mark == "course" or statistics.mean(scores) >= float(mark) / 100,
            "seconds": round(statistics.median(run["seconds"] for run in runs), 1),
            "training": round(statistics.median(run["training"] for run in runs), 1),
            "seeds": runs,
        }
        print(mark, {name: record["runs"][mark][name] for name in ("mean", "worst", "seconds", "training")})
    write_json(RECORDS / "speedrun.json", record)


def timed(mark: str, seed: int, data: Path) -> dict[str, float]:
    """Run one seed in a process of its own and time its life."""
    started = time.perf_counter()
    words = [sys.executable, __file__, "--data", str(data), "--one", mark, str(seed)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    seconds = round(time.perf_counter() - started, 1)
    facts = json.loads(said.splitlines()[-1])
    # Reading the test set and judging on it is no part of the run.
    return {
        "accuracy": facts["accuracy"],
        "seconds": round(seconds - facts["judging"], 1),
        "training": facts["training"],
    }


def one(mark: str, seed: int, data: Path) -> None:
    """Train one seed and print its test accuracy and its times."""
    quiet_tensorflow()
    load_keras()
    from calame.training.batches import as_input
    from calame.training.fit import fit

    mnist = load_mnist(locate("mnist", data))
    with tempfile.TemporaryDirectory() as folder:
        outcome = fit(replace(RUNS[mark], seed=seed), (mnist.train_images, mnist.train_labels), None, Path(folder))
        outcome.model.save(Path(folder) / "model.keras")
    started = time.perf_counter()
    read = outcome.model.predict(as_input(mnist.test_images), batch_size=500, verbose=0).argmax(1)
    accuracy = round(float((read == mnist.test_labels).mean()), 4)
    judging = time.perf_counter() - started
    print(json.dumps({"accuracy": accuracy, "training": outcome.seconds, "judging": judging}))


if __name__ == "__main__":
    main()
