"""Printed or handwritten? A network for two classes of one's own, on pictures of writers and fonts it has never seen.

    CALAME_DATA=DATA python recipes/pictures.py --out runs/pictures          # under a minute on 2 cores

Who has a pile of forms wants to know which pages a hand has filled in, before a reader of handwriting is asked. The
pictures are made: one to five digits on paper, in some light, through some camera (`calame.data.scene`). Hand and
print differ in the shape of the digits alone: both are brought to 28×28 first, then laid on paper alike. The digits of
those who write are MNIST's; writers (QMNIST) and fonts of the judging pictures are others than those learned from.

Beside it stands a linear model on the raw pixels, 64×64 in colour, learned by the same program from the same pictures.
The record is `docs/records/pictures.json`: accuracy with intervals, the difference with its own, and how many of 60
photographs of anything, and of blank paper, are refused as none of both.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

import calame
from calame.config import read_settings
from calame.data import scene
from calame.data.pens import any_pen
from calame.data.sets import load_mnist, load_writers, split_by_writer
from calame.data.synth import Written, ink_of
from calame.images.classifier import NONE, ImageClassifier
from calame.images.dense import fit_dense
from calame.images.features import Store
from calame.images.folder import gather
from calame.images.transfer import Wishes, share, train
from calame.images.weights import Places, open_network
from calame.training.record import environment

LEARN, JUDGE = 500, 400  # pictures of each class
LEARN_FONTS = (
    "DejaVuSans",
    "DejaVuSans-Oblique",
    "DejaVuSansMono",
    "STIXGeneral",
    "STIXGeneralItalic",
    "cmr10",
    "cmss10",
)
JUDGE_FONTS = ("DejaVuSerif", "DejaVuSerif-Bold", "DejaVuSerif-Italic", "cmtt10", "cmti10", "cmb10", "Roboto")
RAW = 64  # pixels a side of what the linear model sees


def fonts(names):
    """The fonts of matplotlib and of Calame by name; all free."""
    from matplotlib import get_data_path

    folder, own = (
        Path(get_data_path()) / "fonts" / "ttf",
        Path(calame.__file__).parent / "drawing" / "Roboto-Regular.ttf",
    )
    return [ImageFont.truetype(str(own if name == "Roboto" else folder / f"{name}.ttf"), 40) for name in names]


def printed(font, digit):
    """A digit of a font as MNIST has its digits: its ink, 20 pixels high, in 28×28."""
    sheet = Image.new("L", (80, 80))
    ImageDraw.Draw(sheet).text((20, 12), str(digit), fill=255, font=font)
    ink = np.asarray(sheet.crop(sheet.getbbox()))
    scale = 20 / max(ink.shape)
    size = max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale))
    laid = np.zeros((28, 28), np.uint8)
    small = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    top, left = (28 - size[1]) // 2, (28 - size[0]) // 2
    laid[top : top + size[1], left : left + size[0]] = small
    return Written(digit, scan=laid)


def picture(digits, random):
    """Digits in a row on a photographed sheet, (224, 288, 3) uint8."""
    height, width = 224, 288
    size = min(random.uniform(36, 90), 0.9 * width / (0.72 * len(digits)))
    x, y = width / 2 - 0.36 * size * (len(digits) - 1) + random.normal(0, 10), height / 2 + random.normal(0, 20)
    pen, ink = any_pen(random), np.zeros((height, width), np.float32)
    for place, digit in enumerate(digits):
        box = (x + 0.72 * size * place, y, size)
        ink = np.maximum(ink, ink_of(digit, height, width, pen, random, box=box, vary=0.3))
    return scene.photograph(ink, random)


def make(folder, count, hand, press, seed):
    """Write `count` pictures of each class; a writer or a font writes a whole picture."""
    random = np.random.default_rng(seed)
    for name in ("handwritten", "printed"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            long = int(random.integers(1, 6))
            row = hand(random, long) if name == "handwritten" else press(random, long)
            path = folder / name / f"{number:04d}.jpg"
            Image.fromarray(picture(row, random)).save(path, quality=int(random.integers(75, 96)))


def hands(images, labels, writers):
    """Rows of digits by one of these writers."""
    members = [np.flatnonzero(writers == writer) for writer in np.unique(writers)]

    def row(random, long):
        own = members[random.integers(len(members))]
        return [Written(int(labels[one]), scan=images[one]) for one in random.choice(own, long)]

    return row


def presses(names):
    """Rows of digits in one of these fonts."""
    known = fonts(names)

    def row(random, long):
        font = known[random.integers(len(known))]
        return [printed(font, int(digit)) for digit in random.integers(0, 10, long)]

    return row


def raw(paths):
    """What the linear model sees: (n, 64 · 64 · 3), 0-1."""
    sides = [np.asarray(Image.open(path).convert("RGB").resize((RAW, RAW), Image.Resampling.BOX)) for path in paths]
    return np.stack(sides).reshape(len(sides), -1).astype(np.float32) / 255


def linear(learn, judge, seed):
    """The answers of a linear model on raw pixels for the judging pictures."""
    labels, seen = np.array(learn.labels), raw(learn.paths)
    held = np.random.default_rng(seed).permutation(len(labels)) < len(labels) * 0.15
    stop = seen[held], labels[held]
    dense = fit_dense(seen[~held][:, None], labels[~held], stop, classes=2, epochs=60, seed=seed)
    return dense.logits(raw(judge.paths)).argmax(axis=1)


def difference(one, other, draws=2000):
    """How many points of accuracy lie between two, on the same pictures, with a bootstrapped 95 % interval."""
    random, apart = np.random.default_rng(0), one.astype(float) - other.astype(float)
    found = [apart[random.integers(0, len(apart), len(apart))].mean() for _ in range(draws)]
    low, high = np.quantile(found, (0.025, 0.975))
    return {
        "points": round(100 * float(apart.mean()), 2),
        "low": round(100 * float(low), 2),
        "high": round(100 * float(high), 2),
    }


def refused(classifier, sources):
    readings = classifier.read_many(sources)
    return share(sum(reading.rejected == NONE for reading in readings), len(readings))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0], allow_abbrev=False)
    parser.add_argument("--data", type=Path, default=read_settings().data)
    parser.add_argument("--out", type=Path, default=Path("runs/pictures"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--images", type=int, default=LEARN, help="pictures of each class to learn from")
    parser.add_argument("--record", type=Path)
    args = parser.parse_args()
    started = time.perf_counter()
    settings, mnist = read_settings(), load_mnist(args.data)
    writers = load_writers(args.data)
    learn, judge = split_by_writer(writers)
    images, labels = mnist.train_images, mnist.train_labels
    for name, members, known, count, seed in (
        ("learn", learn, LEARN_FONTS, args.images, args.seed), ("judge", judge, JUDGE_FONTS, JUDGE, args.seed + 1000),
    ):  # fmt: skip
        if not (args.out / name).exists():
            make(
                args.out / name, count, hands(images[members], labels[members], writers[members]), presses(known), seed
            )
    made = time.perf_counter()
    base = open_network(None, Places.of(settings))
    store, place = Store(args.out / "features.npz"), settings.models / "printed-or-handwritten"
    version = 1 + len(list(place.glob("*"))) if place.is_dir() else 1
    wishes = Wishes(seed=args.seed)
    folder, report = train(args.out / "learn", base, place / str(version), name=place.name, store=store, wishes=wishes)
    trained = time.perf_counter()
    classifier, pile = ImageClassifier(folder), gather(args.out / "judge")
    truths, given = np.array(pile.labels), gather(args.out / "learn")
    readings = classifier.read_many(pile.paths)
    right = np.array([reading.probabilities.argmax() for reading in readings]) == truths
    other = linear(given, pile, args.seed) == truths
    photos = sorted((args.data / "images" / "photos").glob("*"))
    blank = [scene.photograph(np.zeros((224, 288), np.float32), np.random.default_rng(one)) for one in range(60)]
    record = {
        "command": "python recipes/pictures.py", "seed": args.seed, "learned_from": len(given.paths),
        "network": share(int(right.sum()), len(right)), "linear_on_pixels": share(int(other.sum()), len(other)),
        "difference": difference(right, other), "own_judges": report["accuracy"],
        "refused": {"its own kind": share(sum(one.rejected == NONE for one in readings), len(readings)),
                    "photographs of anything": refused(classifier, photos), "blank paper": refused(classifier, blank)},
        "seconds": {"making": round(made - started, 1), "training": round(trained - made, 1)},
        "environment": environment(),
    }  # fmt: skip
    (args.record or args.out / "record.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
