"""What becomes of a number whose picture lies on its side, or upside down: a person should see it, nobody accept it.

    python recipes/turned.py --data DIR [--each 50]

Minutes: two on 2 cores. Writes docs/records/turned.json: made numbers of unseen hands, of each kind so many, as they
are and turned by quarters; how many are accepted, of those how many wrong, and how many are handed over for lying so.
Only a report: nothing was set on these.
"""

import argparse
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from calame.data import lines
from calame.training.record import environment, write_json
from codes import JUDGE
from pool import on_all_cores
from unseen import hands, reader

RECORDS = Path(__file__).parent.parent / "docs" / "records"
COUNTED = ("n", "accepted", "wrong", "turned")
Task = tuple[Path, str, int, int]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/, qmnist/ and unipen/")
    parser.add_argument("--each", type=int, default=50, help="numbers of each kind")
    arguments = parser.parse_args()
    record: dict[str, Any] = environment() | {"recipe": "recipes/turned.py", "degrees": {}}
    for quarters in range(4):
        tasks = [(arguments.data, kind, arguments.each, quarters) for kind in JUDGE]
        told = np.array(list(on_all_cores(counted, tasks, f"numbers turned by {90 * quarters}°"))).sum(axis=0)
        record["degrees"][str(90 * quarters)] = dict(zip(COUNTED, told.tolist(), strict=True))
        print(90 * quarters, record["degrees"][str(90 * quarters)])
    write_json(RECORDS / "turned.json", record)


def counted(task: Task) -> tuple[int, ...]:
    """Count, of numbers of one kind, all, those accepted, of these the wrong ones, and those told to lie turned."""
    cv2.setNumThreads(1)  # the workers are as many as the cores
    root, kind, count, quarters = task
    made = [lines.make(kind, hands(root), np.random.default_rng((number, 12))) for number in range(count)]
    told = reader().read_many([np.rot90(line.picture, quarters).copy() for line in made])
    accepted = [one.text != line.text for one, line in zip(told, made, strict=True) if one.state == "accepted"]
    return count, len(accepted), sum(accepted), sum(one.doubt == "turned" for one in told)


if __name__ == "__main__":
    main()
