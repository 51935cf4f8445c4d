"""What the shipped model reads of sets it never learned from: photos, European hands, envelopes, old registers.

    python recipes/dev_sets.py --data DIR [--model digits]

Minutes: three on 2 cores. Writes docs/records/dev-sets.json and prints a table. Only a report: nothing is
chosen here. DIR holds the evaluation sets (dev/photos, dev/cvl_valid.npz, dev/usps_zip.train.gz,
dev/historical.tar); a set that is not there is left out and named.

`accuracy` counts a refusal as an error; `best_guess` takes the most probable digit of what was refused as well.
"""

import argparse
import csv
import gzip
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from calame.imaging.codec import Source
from calame.reader.digit import DigitReader
from calame.training.intervals import wilson
from calame.training.record import environment, write_json

RECORDS = Path(__file__).parent.parent / "docs" / "records"
Labelled = Iterator[tuple[Source, int]]
ZOOM, MARGIN = 4, 24  # of the 16×16 envelopes: enlarged and given some paper around them


def photos(root: Path) -> Labelled:
    with (root / "dev/photos/labels.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield root / "dev/photos" / row["path"], int(row["digit"])


def cvl(root: Path) -> Labelled:
    with np.load(root / "dev/cvl_valid.npz") as arrays:
        yield from zip(arrays["images"], arrays["labels"].tolist(), strict=True)


def envelopes(root: Path) -> Labelled:
    with gzip.open(root / "dev/usps_zip.train.gz", "rt") as file:
        for line in file:
            label, *values = map(float, line.split())
            ink = (np.array(values, np.float32).reshape(16, 16) + 1) / 2
            paper = np.clip(255 - 255 * np.kron(ink, np.ones((ZOOM, ZOOM))), 0, 255).astype(np.uint8)
            yield np.pad(paper, MARGIN, constant_values=255), int(label)


def registers(root: Path) -> Labelled:
    with tarfile.open(root / "dev/historical.tar") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isfile() else None
            if content is not None:
                yield content.read(), int(Path(member.name).name[0])


SETS: dict[str, Callable[[Path], Labelled]] = {
    "photos": photos,
    "cvl_valid": cvl,
    "usps_zip.train": envelopes,
    "historical": registers,
}


def options(description: str | None) -> argparse.ArgumentParser:
    """What every recipe that only reports is told: where the sets are, and which model reads."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model")
    return parser


def available(root: Path) -> Iterator[tuple[str, tuple[Source, ...], tuple[int, ...]]]:
    """Each set that is there: its name, sources and labels; one that is not is named."""
    for name, load in SETS.items():
        try:
            sources, labels = zip(*load(root), strict=True)
        except FileNotFoundError as error:
            print(f"{name}: left out, {error.filename} is not there", file=sys.stderr)
            continue
        yield name, sources, labels


def main() -> None:
    arguments = options(__doc__).parse_args()
    reader = DigitReader(arguments.model)
    record = environment() | {"recipe": "recipes/dev_sets.py", "model": str(reader.folder.manifest), "sets": {}}
    for name, sources, labels in available(arguments.data):
        readings = reader.read_many(sources)
        right = sum(reading.digit == label for reading, label in zip(readings, labels, strict=True))
        guessed = sum(
            reading.prepared is not None and reading.top(1)[0][0] == label
            for reading, label in zip(readings, labels, strict=True)
        )
        low, high = wilson(right, len(labels))
        record["sets"][name] = {
            "n": len(labels),
            "accuracy": round(right / len(labels), 4),
            "interval": [round(low, 4), round(high, 4)],
            "best_guess": round(guessed / len(labels), 4),
            "refused": sum(reading.rejected is not None for reading in readings),
        }
        print(f"{name:<16} {right / len(labels):7.2%}  ({low:.2%} to {high:.2%})  n {len(labels)}")
    write_json(RECORDS / "dev-sets.json", record)


if __name__ == "__main__":
    main()
