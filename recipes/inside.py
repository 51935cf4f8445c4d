"""Does what `calame explain` shows hold? Measured on 500 digits of MNIST's test set, of those that are read right.

    python recipes/inside.py --data DIR [--model digits]

Three minutes on one core. Prints, and for the shipped model writes to docs/records/inside.json:

- `cam`: where the class activation map of the answer has its peak: `fine`, the map drawn to the strokes; and
  `coarse`, the exact map of 7×7 cells, which may find a ring by its middle. As in the pointing game (Zhang and others,
  "Top-down Neural Attention by Excitation Backprop", 2016: 15 pixels of 224), a peak is on ink when there is ink
  within 2 pixels of it; `exactly` allows no margin, `cell` asks for ink in the 4×4 pixels of the coarse peak. `chance`
  is how often the same holds for the middles of the middle 5×5 cells.
- `occlusion`: whether there is ink under the square whose covering costs most, and at the very pixel of the peak.
- `sum`: the largest difference between the places of a class map and the score.
- `visualise`: how many of the units of each layer answer to their picture at least five times as strongly as to noise.
- `flip`: the grey levels by which every pixel may change before the answer does.
- `neighbours`: the share of the eight nearest digits of the shipped index that are of the same kind.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calame import explain
from calame.data.sets import load_mnist
from calame.explain.network import Network
from calame.shelf import Shelf
from calame.training.record import environment, write_json
from calame.types import DIGITS

RECORDS = Path(__file__).parent.parent / "docs" / "records"
COUNT, FLIPPED = 500, 30
UNITS = 32  # of each layer
MARGIN = 2  # pixels
RAISED = 5  # times noise
NEAREST = 8

Digits = list[tuple[NDArray[np.uint8], int]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/")
    parser.add_argument("--model", default=None, help="name or folder of the model; default: the shipped one")
    arguments = parser.parse_args()
    started = time.perf_counter()
    network = Network(Shelf(None).find(arguments.model))
    mnist = load_mnist(arguments.data)
    chosen = np.random.default_rng(0).permutation(len(mnist.test_labels))[:COUNT]
    pictures, labels = mnist.test_images[chosen], mnist.test_labels[chosen].astype(int)
    right = network.classify(pictures).argmax(1) == labels
    digits = [(picture, int(label)) for picture, label in zip(pictures[right], labels[right], strict=True)]
    record = environment() | {"recipe": "recipes/inside.py", "model": str(network.folder.manifest)}
    record |= {"n": COUNT, "right": len(digits)}
    for part in (cam, occlusion, neighbours, flip, visualise):
        record[part.__name__] = part(network, digits)
        print(part.__name__, record[part.__name__], flush=True)
    record["seconds"] = round(time.perf_counter() - started)
    if arguments.model is None:  # the record is of the shipped one
        write_json(RECORDS / "inside.json", record)


def cam(network: Network, digits: Digits) -> dict[str, Any]:
    found = [explain.class_activation(network, picture, digit) for picture, digit in digits]
    inks = [picture > 0 for picture, _ in digits]
    near = [widened(ink, MARGIN) for ink in inks]
    middle = range(1, found[0].values.shape[0] - 1)
    cells = [(row, column) for row in middle for column in middle]
    grid = found[0].grid
    at = [tuple(round(side) for side in grid.middle(*cell)) for cell in cells]

    def pointed(maps: list[NDArray[np.float32]]) -> dict[str, float]:
        peaks = [np.unravel_index(one.argmax(), one.shape) for one in maps]
        exactly, within = (share(ink[peak] for ink, peak in zip(some, peaks, strict=True)) for some in (inks, near))
        return {"on_ink": within, "exactly": exactly}

    coarse = pointed([one.picture for one in found])
    coarse["cell"] = share(ink[grid.under(*one.peak)].any() for ink, one in zip(inks, found, strict=True))
    return {
        "exact": all(one.exact for one in found),
        "sum": float(max(abs(one.values.sum(dtype=np.float64) + one.bias - one.logit) for one in found)),
        "fine": pointed([one.fine for one in found]),
        "coarse": coarse,
        "chance": {
            "on_ink": share(ink[place] for ink in near for place in at),
            "exactly": share(ink[place] for ink in inks for place in at),
            "cell": share(ink[grid.under(*cell)].any() for ink in inks for cell in cells),
        },
    }


def occlusion(network: Network, digits: Digits) -> dict[str, Any]:
    found = [(picture, explain.occlusion(network, picture, digit)) for picture, digit in digits]
    peaks = [(picture, np.unravel_index(one.picture.argmax(), (28, 28))) for picture, one in found]
    inside = range(4, len(found[0][1].tops) - 4)
    size, tops = found[0][1].size, found[0][1].tops
    places = [(tops[row], tops[column]) for row in inside for column in inside]
    return {
        "on_ink": share(picture[one.peak].max() > 0 for picture, one in found),
        "chance": share(picture[y : y + size, x : x + size].max() > 0 for picture, _ in found for y, x in places),
        "exactly": share(picture[peak] > 0 for picture, peak in peaks),
    }


def neighbours(network: Network, digits: Digits) -> dict[str, Any]:
    found = [(explain.nearest(network, picture, NEAREST).labels == digit).mean() for picture, digit in digits]
    return {"nearest": NEAREST, "same": round(float(np.mean(found)), 4)}


def flip(network: Network, digits: Digits) -> dict[str, Any]:
    found = [explain.flip(network, picture) for picture, _ in digits[:FLIPPED]]
    levels = [one.level for one in found if one is not None]
    return {"n": FLIPPED, "flipped": len(levels), "median": float(np.median(levels)), "largest": max(levels)}


def visualise(network: Network, digits: Digits) -> dict[str, Any]:
    del digits  # nothing is shown to it but noise
    layers = [name for name in network.layers if network.graph.layer(name).kind == "ReLU"]
    counts = {name: min(UNITS, network.layers[name][-1]) for name in layers} | {list(network.layers)[-1]: DIGITS}
    found = {name: explain.visualise(network, name, range(count)) for name, count in counts.items()}
    raised = {name: one.responses >= RAISED * np.maximum(one.noise, 0) for name, one in found.items()}
    awake = {name: one.responses > 0 for name, one in found.items()}
    return {
        name: {"units": counts[name], "raised": int((raised[name] & awake[name]).sum()), "times": RAISED}
        for name in counts
    }


def share(values: Any) -> float:
    return round(float(np.mean(list(values))), 4)


def widened(ink: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """Ink, and all that is within so many pixels of it, as a disc."""
    side = ink.shape[0]
    padded = np.pad(ink, pixels)
    reach = range(-pixels, pixels + 1)
    moves = [(y, x) for y in reach for x in reach if y * y + x * x <= pixels * pixels]
    shifted = [padded[pixels + y : pixels + y + side, pixels + x : pixels + x + side] for y, x in moves]
    return np.any(shifted, axis=0)


if __name__ == "__main__":
    main()
