"""What general pictures cost: one JPEG of a megapixel to its five classes, on one core, and the memory of it.

    CALAME_DATA=DATA python benchmarks/images.py [--rounds 30]

The seconds are the processor's, not the wall's, so that other work on the machine counts little; decoding the same
file whole and doing nothing else is the baseline. Each network runs in a process of its own, after it has read a
digit: `over_digits` is what it adds to the memory of one that reads digits. `loaded_by_digits` lists what of
`calame.images`, names of classes apart, a service for digits has loaded, and should be empty. Prints one JSON object.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROUNDS = 30
SIZE = (1200, 834)  # a megapixel
NETWORKS = ("mobilenetv2", "mobilenetv2-int8")
CREATE = """
import sys
from calame.service.app import create_app
create_app()
print(*sorted({name for name in sys.modules if name.startswith("calame.images.")} - {"calame.images.names"}))
"""


def resident() -> float:
    """Megabytes that this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def photo(data: Path) -> bytes:
    """A photo of a megapixel as JPEG, as a phone saves it."""
    from PIL import Image

    source = sorted((data / "images" / "photos").glob("*"))[14]
    content = io.BytesIO()
    Image.open(source).convert("RGB").resize(SIZE).save(content, "JPEG", quality=90)
    return content.getvalue()


def milliseconds(call, rounds: int) -> dict[str, float]:
    """Processor time of a call: median and the slowest tenth's beginning."""
    import time

    for _ in range(3):
        call()
    took = []
    for _ in range(rounds):
        started = time.process_time()
        call()
        took.append((time.process_time() - started) * 1e3)
    return {"median": round(statistics.median(took), 2), "p90": round(sorted(took)[int(0.9 * rounds)], 2)}


def one(name: str, rounds: int, data: Path) -> None:
    """Measure one network in this process; prints its part of the result."""
    import calame
    from calame.imaging.codec import decode
    from calame.imaging.recipe import stay_in_thread

    stay_in_thread()
    content = photo(data)
    calame.DigitReader().read(str(Path(calame.__file__).parent / "samples" / "phone-seven.jpg"))
    before = resident()
    classifier = calame.ImageClassifier(name)
    whole = milliseconds(lambda: classifier.classify(content, top=5), rounds)
    memory = resident() - before
    prepared = classifier.ready(content)
    print(json.dumps({
        "to_top5": whole, "ready": milliseconds(lambda: classifier.ready(content), rounds),
        "network": milliseconds(lambda: classifier.ask([prepared.pixels]), rounds),
        "decode_whole": milliseconds(lambda: decode(content), rounds), "over_digits_mb": round(memory, 1),
    }))  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--network")
    args = parser.parse_args()
    data = Path(os.environ["CALAME_DATA"])
    if args.network:
        one(args.network, args.rounds, data)
        return
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "CALAME_HOME": os.environ.get("CALAME_HOME", home)}
        found = {}
        for name in NETWORKS:
            command = [sys.executable, __file__, "--network", name, "--rounds", str(args.rounds)]
            subprocess.run([*command[:-1], "3"], env=environment, check=True, capture_output=True)  # made, and cached
            told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
            found[name] = json.loads(told)
        loaded = subprocess.run(
            [sys.executable, "-c", CREATE], env=environment, check=True, capture_output=True, text=True
        )
    result = {"benchmark": "images", "pixels": SIZE[0] * SIZE[1], "rounds": args.rounds, "milliseconds": found}
    print(json.dumps(result | {"loaded_by_digits": loaded.stdout.split()}))


if __name__ == "__main__":
    main()
