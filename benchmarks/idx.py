"""Reading MNIST's training images: `read_idx` against the reader of most tutorials, as ratios of CPU time.

    python benchmarks/idx.py [--data DIR]

Without DIR a file of the same size is made up. The tutorial's reader takes the file in one piece, unpacks the
header with `struct`, and copies the rest into an array; the list reader, also seen, goes through Python numbers
(measured on a sixtieth of the file and scaled up).
"""

import argparse
import gzip
import json
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import process_time

import numpy as np

from calame.data.idx import read_idx, write_idx

REPEATS = 7


def tutorial(path: Path) -> np.ndarray:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        _, count, rows, columns = struct.unpack(">4I", file.read(16))
        return np.array(np.frombuffer(file.read(), np.uint8)).reshape(count, rows, columns)


def lists(path: Path) -> np.ndarray:
    with path.open("rb") as file:
        _, count, rows, columns = struct.unpack(">4I", file.read(16))
        size = count * rows * columns
        return np.array(struct.unpack(f"{size}B", file.read()), np.uint8).reshape(count, rows, columns)


def seconds(read: Callable[[Path], np.ndarray], path: Path) -> float:
    """Best of several readings, each of which looks at every number once."""
    times: list[float] = []
    for _ in range(REPEATS):
        start = process_time()
        read(path).max()
        times.append(process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="data root with mnist/")
    data = parser.parse_args().data
    with tempfile.TemporaryDirectory() as folder:
        packed, plain, small = (Path(folder) / name for name in ("images.gz", "images", "small"))
        if data is None:
            noise = np.random.default_rng(0).integers(0, 256, (60_000, 28, 28), np.uint8)
            write_idx(packed, np.where(noise < 200, 0, noise).astype(np.uint8))
        else:
            packed = data / "mnist/train-images-idx3-ubyte.gz"
        images = read_idx(packed)
        write_idx(plain, images)
        write_idx(small, images[:1000])
        assert (tutorial(packed) == images).all()
        ours = {"gzip": seconds(read_idx, packed), "plain": seconds(read_idx, plain)}
        theirs = {"gzip": seconds(tutorial, packed), "plain": seconds(tutorial, plain)}
        by_lists = seconds(lists, small) * len(images) / 1000
    result = {
        "benchmark": "idx",
        "images": list(images.shape),
        "milliseconds": {name: round(1000 * value, 2) for name, value in ours.items()},
        "times_faster_than_tutorial": {name: round(theirs[name] / ours[name], 2) for name in ours},
        "times_faster_than_lists": {"plain": round(by_lists / ours["plain"], 1)},
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
