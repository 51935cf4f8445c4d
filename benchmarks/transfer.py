"""How long classes of one's own take: a thousand photos of three classes, ten epochs of the head, from start to end.

    CALAME_DATA=DATA python benchmarks/transfer.py [--photos 1000] [--epochs 10]

The photos are made: JPEG of a megapixel, a smooth ground with noise, and on it what the class is named after. The
command is run as a person runs it, on two cores, in an empty home: `first` makes the base's model folder, computes the
features and learns; `again` finds the features where `first` kept them. Wall and processor seconds are of the whole
command, start of Python included; the bar is two minutes of wall for `first`. Prints one JSON object.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

CORES = 2
SIZE = (1200, 834)  # a megapixel
CLASSES = ("cracks", "dents", "sound")


def photo(kind: str, random: np.random.Generator) -> np.ndarray:
    """A made photo, (834, 1200, 3) uint8: a surface in some light, and what the class is named after."""
    ground = random.uniform(60, 200, (4, 6, 3)).astype(np.float32)
    grain = cv2.resize(random.normal(0, 12, (SIZE[1] // 2, SIZE[0] // 2, 3)).astype(np.float32), SIZE)
    seen = cv2.resize(ground, SIZE, interpolation=cv2.INTER_CUBIC) + grain
    if kind == "cracks":
        start = np.array([60, random.uniform(200, SIZE[1] - 200)])
        way = start + np.cumsum(random.normal((18, 0), 14, (60, 2)), axis=0)
        cv2.polylines(seen, [way.astype(np.int32)], False, (25, 25, 25), int(random.integers(2, 8)))
    elif kind == "dents":
        for x, y, radius in random.uniform((0, 0, 20), (*SIZE, 90), (9, 3)).astype(int):
            cv2.circle(seen, (x, y), radius, (40, 40, 40), -1)
    return np.clip(seen, 0, 255).astype(np.uint8)


def make(folder: Path, count: int) -> float:
    """Write the photos; return the mean size of a file in kilobytes."""
    random, written = np.random.default_rng(0), 0
    for number in range(count):
        kind = CLASSES[number % len(CLASSES)]
        (folder / kind).mkdir(parents=True, exist_ok=True)
        path = folder / kind / f"{number:04}.jpg"
        cv2.imwrite(str(path), photo(kind, random), [cv2.IMWRITE_JPEG_QUALITY, 85])
        written += path.stat().st_size
    return written / count / 1000


def measured(command: list[str], environment: dict[str, str]) -> dict[str, float]:
    """Run a command on as many cores as the bar is for; return its wall and processor seconds."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall": round(wall, 1), "processor": round(processor, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=10)
    args = parser.parse_args()
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    with tempfile.TemporaryDirectory() as scratch:
        folder, out = Path(scratch) / "photos", Path(scratch) / "report"
        size = make(folder, args.photos)
        command = [sys.executable, "-m", "calame", "train", "pictures", str(folder), "--out", str(out)]
        command += ["--epochs", str(args.epochs)]
        environment = {**os.environ, "CALAME_HOME": str(Path(scratch) / "home")}
        seconds = {name: measured(command, environment) for name in ("first", "again")}
        report = json.loads((out / "report.json").read_text())
    made = {"photos": args.photos, "pixels": SIZE[0] * SIZE[1], "kilobytes": round(size), "epochs": args.epochs}
    result = {"benchmark": "transfer", "cores": CORES, **made, "seconds": seconds}
    print(json.dumps(result | {"accuracy": report["accuracy"]["share"], "copies": len(report["same"])}))


if __name__ == "__main__":
    main()
