"""How often MobileNetV2 is right, in both kinds of arithmetic, on photos that say in their names what is on them.

    CALAME_DATA=DATA python benchmarks/photos.py [--photos DIR]

A photo is called `n02110958_pug.JPEG`, as those of ImageNet's samples: the number stands in the class index and says
the class. `top1` and `top5` come with their 95 % intervals (Wilson); `agree` is how often both networks name the same
class first, `apart` by how much their probability of it differs in the mean. Prints one JSON object.
"""

import argparse
import json
import os
from pathlib import Path

import numpy as np

from calame import ImageClassifier
from calame.images.transfer import share

NETWORKS = ("mobilenetv2", "mobilenetv2-int8")
TOP = 5


def labelled(folder: Path, index: Path) -> tuple[list[Path], list[str]]:
    """The photos of a folder and what is on each."""
    names = dict(json.loads(index.read_text()).values())
    paths = sorted(path for path in folder.iterdir() if path.name.partition("_")[0] in names)
    return paths, [names[path.name.partition("_")[0]] for path in paths]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--photos", type=Path)
    args = parser.parse_args()
    data = Path(os.environ["CALAME_DATA"]) / "images"
    paths, truths = labelled(args.photos or data / "photos", data / "imagenet_class_index.json")
    found, first, sure = {}, [], []
    for name in NETWORKS:
        readings = ImageClassifier(name).read_many(paths)
        tops = [[label for label, _ in reading.top(TOP)] for reading in readings]
        right = {
            "top1": [top[:1] == [truth] for top, truth in zip(tops, truths, strict=True)],
            "top5": [truth in top for top, truth in zip(tops, truths, strict=True)],
        }
        found[name] = {key: share(sum(hits), len(hits)) for key, hits in right.items()}
        first.append([top[:1] for top in tops])
        sure.append(np.stack([reading.probabilities for reading in readings]))
    apart = np.abs(sure[0].max(axis=1) - sure[1][np.arange(len(paths)), sure[0].argmax(axis=1)])
    agree = sum(one == other for one, other in zip(*first, strict=True))
    result = {"benchmark": "photos", **found, "agree": share(agree, len(paths)), "apart": round(float(apart.mean()), 4)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
