"""Lighter versions of a trained network, and what they cost: the "lighter model" of the course's challenge.

    python recipes/lighter.py --data DIR [--model digits] [--keras runs/compact/0/model.keras] [--ship]

Minutes: one for int8 and float16, which need only the model folder; with --keras, which also prunes and trains
on, another five on 2 cores. Expected: see docs/records/lighter.json, which this recipe writes.

1. int8 and float16 are written beside `model.onnx`, in a copy of the model folder: OUT/model.
2. With --keras, the smallest half and the smallest 70 % of the weights are set to zero, the others trained on
   for --epochs; each becomes a model folder of its own, OUT/pruned-50 and OUT/pruned-70, int8 and float16 included.
3. All are compared on the MNIST test set. Nothing is chosen on it: every version is reported.

The ranges of int8 are found on, and the pruned networks learn from, the training pictures alone.
"""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from calame.artifact import MODEL, ModelFolder, load
from calame.config import quiet_tensorflow
from calame.data.fetch import locate
from calame.data.sets import Mnist, load_mnist
from calame.models.backend import load_keras
from calame.shelf import Shelf
from calame.training.record import environment, write_json
from shipping import ship

RECORDS = Path(__file__).parent.parent / "docs" / "records"
SHARES = (0.5, 0.7)
CALIBRATION = 512  # training pictures for the ranges of int8
RATE = 0.02  # of the fine-tuning: a fifth of the peak at which `compact` is trained


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with mnist/")
    parser.add_argument("--model", help="model folder to lighten, by name or path; by default the shipped one")
    parser.add_argument("--keras", type=Path, help="the same network as a Keras file, to prune and train on")
    parser.add_argument("--epochs", type=int, default=3, help="of training after pruning")
    parser.add_argument("--out", type=Path, default=Path("runs/lighter"))
    parser.add_argument("--ship", action="store_true", help="put int8 and float16 into the package, beside model.onnx")
    return parser.parse_args()


def main() -> None:
    arguments = options()
    mnist = load_mnist(locate("mnist", arguments.data))
    folder = Shelf(None).find(arguments.model)
    record: dict[str, Any] = environment() | {"model": str(folder.manifest), "lighter": {}}
    record["lighter"]["whole"] = weigh(folder, arguments.out / "model", mnist)
    if arguments.ship:
        ship(load(arguments.out / "model"))
    if arguments.keras:
        for share in SHARES:
            label = f"pruned-{share:.0%}".removesuffix("%")
            record["lighter"][label] = prune_to(share, label, folder, arguments, mnist)
    write_json(RECORDS / "lighter.json", record)


def weigh(folder: ModelFolder, path: Path, mnist: Mnist) -> dict[str, Any]:
    """Write int8 and float16 beside the model, print and return what each costs and weighs."""
    from calame.export.quantise import LIGHTER, compressed_bytes, lighten

    test = mnist.test_images, mnist.test_labels
    lighter = lighten(folder, path, mnist.train_images[:CALIBRATION], test)
    costs: Any = lighter.manifest.scores[LIGHTER]
    for file, cost in costs.items():
        cost["gzip"] = compressed_bytes(lighter, file)
        print(
            f"{path.name:<10} {file:<16} {cost['bytes']:>9,} bytes, {cost['gzip']:>9,} zipped, "
            f"{cost['accuracy']:.2%} ({cost['points']:+.2f} points, {cost['changed']} of {cost['n']} answers changed)"
        )
    return costs


def prune_to(share: float, label: str, folder: ModelFolder, arguments: argparse.Namespace, mnist: Mnist) -> Any:
    """Prune, train on with the zeros held, export, and weigh."""
    quiet_tensorflow()
    load_keras()
    from calame.export.exporter import export_model
    from calame.export.importer import load_network
    from calame.export.prune import KeepZeros, prune, zeros
    from calame.training.batches import Batches
    from calame.training.fit import compile_for
    from calame.training.plan import PLANS

    model = load_network(arguments.keras)
    masks = prune(model, share)
    plan = replace(PLANS["compact"], epochs=arguments.epochs, rate=RATE)
    batches = Batches(mnist.train_images, mnist.train_labels, plan)
    compile_for(model, plan, steps=len(batches))
    model.fit(batches, epochs=plan.epochs, shuffle=False, verbose=2, callbacks=[KeepZeros(masks)])
    manifest = folder.manifest
    made = export_model(
        model,
        arguments.out / label,
        check_images=mnist.train_images[:1024],
        name=manifest.name,
        version=f"{manifest.version}-{label}",
        preparation=manifest.preparation,
        calibration=manifest.calibration,
        training={"from": str(manifest), "pruned": share, "zeros": zeros(model), "plan": plan.to_json()},
        data=manifest.data,
        over=True,
    )
    return weigh(made, arguments.out / label, mnist) | {"zeros": zeros(model), "file": MODEL}


if __name__ == "__main__":
    main()
