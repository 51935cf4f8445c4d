"""The digits that `calame explain` compares a picture with: some hundreds of MNIST, each in the middle of its like.

    python recipes/neighbours.py --data DIR [--model digits] [--full]

A minute on 2 cores. Writes src/calame/explain/neighbours.npz: 52 digits of each class with their features as int8,
the hash of the model that computed them, and the licence of the data. It fits that model alone: after every change
of the shipped model it must be made anew, and `tests/explain` fails until it is. With `--full` all 60,000 go into
CALAME_HOME instead, for the model that is named, as `calame explain` itself does for a model that is not shipped.
"""

import argparse
import time
from pathlib import Path

from calame.config import read_settings
from calame.data.catalogue import credit
from calame.data.sets import load_mnist
from calame.explain.neighbours import SHIPPED, make_index, save_index
from calame.explain.network import Network
from calame.shelf import Shelf

EACH = 52  # of each digit: as many as keep the file under 300 KB
MOST_BYTES = 300_000


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/")
    parser.add_argument("--model", default=None, help="name or folder of the model; default: the shipped one")
    parser.add_argument("--full", action="store_true", help="all digits, into CALAME_HOME")
    arguments = parser.parse_args()
    started, settings = time.perf_counter(), read_settings()
    network = Network(Shelf(settings.models if arguments.full else None).find(arguments.model))
    mnist = load_mnist(arguments.data)
    each = None if arguments.full else EACH
    count = len(mnist.train_labels) if each is None else 10 * each
    index = make_index(
        network, mnist.train_images, mnist.train_labels, each=each, credit=[dict(one) for one in credit(mnist=count)]
    )
    path = settings.neighbours(network.digest) if arguments.full else SHIPPED
    save_index(index, path)
    size = path.stat().st_size
    if not arguments.full and size > MOST_BYTES:
        raise SystemExit(f"{path.name}: {size} bytes, more than {MOST_BYTES}")
    seconds = time.perf_counter() - started
    print(
        f"{path.name}: {len(index.labels)} digits, {size} bytes, for {index.name} ({index.model[:12]}), {seconds:.0f} s"
    )


if __name__ == "__main__":
    main()
