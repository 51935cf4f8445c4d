"""How long a cold start takes: `import calame`, and `calame read` of one picture, each in a process of its own.

    python benchmarks/cold_read.py [PICTURE]

Without a picture, one of the samples. The baseline, `import numpy`, runs in turn with them; the seconds are medians
of wall time and mean little on a busy machine, the ratios stand. `packages` is what `import calame` loads from
outside the standard library, and should be empty. Prints one JSON object.
"""

import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import calame

ROUNDS = 9
SAMPLE = Path(calame.__file__).parent / "samples" / "phone-seven.jpg"
LOADED = """
import sys
before = set(sys.modules)
import calame
new = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names) - {"calame"}))
"""


def seconds(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    picture = sys.argv[1] if len(sys.argv) > 1 else str(SAMPLE)
    starts = {
        "python": ("-c", "pass"),
        "import_numpy": ("-c", "import numpy"),
        "import_calame": ("-c", "import calame"),
        "read_one": ("-m", "calame", "read", picture),
    }
    for arguments in starts.values():
        seconds(*arguments)  # the disk's and the bytecode's caches
    rounds = [{name: seconds(*arguments) for name, arguments in starts.items()} for _ in range(ROUNDS)]
    medians = {name: statistics.median(one[name] for one in rounds) for name in starts}
    loaded = subprocess.run([sys.executable, "-c", LOADED], check=True, capture_output=True, text=True)
    result = {
        "benchmark": "cold_read",
        "rounds": ROUNDS,
        "seconds": {name: round(median, 3) for name, median in medians.items()},
        "ratio_import": round(medians["import_calame"] / medians["import_numpy"], 2),
        "ratio_read": round(medians["read_one"] / medians["import_numpy"], 2),
        "packages": loaded.stdout.split(),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
