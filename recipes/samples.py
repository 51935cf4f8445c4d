"""The sample pictures of the package, drawn and photographed by arithmetic: no one's handwriting, no one's camera.

    python recipes/samples.py [--out src/calame/samples] [--sheet docs/images/samples.png]

Half a minute on one core. Writes twelve pictures of one digit each, their `labels.csv`, and the contact sheet.
Every picture has its own seed, so the same versions of NumPy and OpenCV give the same pixels.
"""

import argparse
import csv
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio import (
    Scene,
    blackboard,
    dye,
    envelope,
    fax,
    glare,
    grit,
    lamp,
    linear,
    paper,
    phone,
    render,
    scanner,
    seyes,
    shadow,
    squared,
    sticky_note,
    whiteboard,
    window,
)

ROOT = Path(__file__).parent.parent
QUALITY = 82  # of the JPEG files
TILE = (164, 205)  # width and height of a picture on the contact sheet
COLUMNS = 6
GUTTER = 8

BALL_BLUE = partial(dye, colour=linear(52, 72, 158), uneven=0.16)
BALL_BLACK = partial(dye, colour=linear(50, 48, 54), uneven=0.14)
RED = partial(dye, colour=linear(206, 62, 66), uneven=0.14)
FELT = partial(dye, colour=linear(40, 39, 44), uneven=0.06)
MARKER = partial(dye, colour=linear(50, 88, 176), uneven=0.1)
PENCIL = partial(grit, colour=linear(84, 84, 90), size=0.17, soft=2.3, gaps=0.1)
CHALK = partial(grit, colour=linear(236, 235, 226), size=2.6, soft=1.1, gaps=0.3)
WARM, COOL = np.array((1.05, 1.0, 0.88), np.float32), np.array((0.93, 0.99, 1.08), np.float32)

SCENES = (
    Scene("squared-paper-four.jpg", "4", "open 4, blue ball pen on 5 mm squares", 41, (360, 450), 30, 14.5, 0.75,
          squared, BALL_BLUE, at=(-0.6, 0.4), turn=-4, lean=(0.03, -0.06),
          lights=(partial(lamp, angle=-35, fall=0.22, near=WARM, far=COOL),), camera=partial(phone, focus=0.5)),
    Scene("phone-seven.jpg", "7", "crossed 7, black felt pen, under the shadow of the phone", 72, (360, 450), 64, 29,
          2.3, partial(paper, colour=linear(240, 239, 236)), FELT, taper=0.2, turn=3, lean=(-0.04, -0.1),
          lights=(partial(lamp, angle=20, fall=0.15, near=WARM, far=COOL),
                  partial(shadow, angle=-17, centre=(0.34, 0.42), half=(0.4, 0.55), edge=0.012, deep=0.36))),
    Scene("school-paper-one.jpg", "1", "1 with an upstroke, blue ball pen on French school paper", 15, (360, 450), 26,
          11.5, 0.62, partial(seyes, margin=-8.2), BALL_BLUE, at=(0.9, 0.3), turn=2.5, lean=(0.04, -0.06),
          lights=(partial(lamp, angle=150, fall=0.2, near=WARM, far=COOL),)),
    Scene("whiteboard-three.jpg", "3", "3, blue marker on a whiteboard with a ceiling light in it", 33, (450, 360),
          210, 100, 9.5, whiteboard, MARKER, taper=0.15, at=(10, 6), turn=-2, lean=(0.1, -0.05),
          lights=(partial(lamp, angle=60, fall=0.3, near=COOL, far=WARM),
                  partial(glare, centre=(-0.4, -0.33), half=(0.15, 0.045), much=0.55)),
          camera=partial(phone, exposure=0.62, grain=0.8)),
    Scene("blackboard-eight.jpg", "8", "8, chalk on a green board", 88, (360, 450), 330, 165, 12, blackboard, CHALK,
          taper=0.2, turn=1.5, lean=(-0.08, -0.05),
          lights=(partial(lamp, angle=-50, fall=0.4, near=WARM, far=COOL),),
          camera=partial(phone, exposure=0.95, grain=1.0)),
    Scene("envelope-two.jpg", "2", "2, black ball pen on kraft paper", 26, (450, 360), 32, 15, 0.85, envelope,
          BALL_BLACK, at=(1.5, 1.6), turn=-3, lean=(0.03, -0.08),
          lights=(partial(lamp, angle=100, fall=0.25, near=COOL, far=WARM),)),
    Scene("pencil-five.jpg", "5", "5, soft pencil on drawing paper", 51, (360, 450), 46, 20, 1.15,
          partial(paper, colour=linear(243, 241, 233), rough=1.6), PENCIL, turn=5, lean=(-0.05, -0.06),
          lights=(partial(lamp, angle=200, fall=0.3, near=WARM, far=COOL),),
          camera=partial(phone, exposure=0.7, cast=(1.02, 1.0, 0.93))),
    Scene("beige-nine.jpg", "9", "9, black felt pen on beige paper, sun through a window", 95, (360, 450), 60, 26,
          1.9, partial(paper, colour=linear(232, 214, 182), rough=1.5), FELT, taper=0.3, turn=-3,
          lean=(0.03, -0.1), lights=(partial(window, angle=-24, deep=0.33),)),
    Scene("red-pen-zero.jpg", "0", "0, red pen on French school paper", 7, (450, 360), 26, 12.5, 0.8, seyes, RED,
          at=(0.4, -0.2), turn=-6, lean=(0.02, -0.07),
          lights=(partial(lamp, angle=30, fall=0.25, near=COOL, far=WARM),
                  partial(shadow, angle=24, centre=(-0.7, 0.3), half=(0.34, 0.8), edge=0.05, deep=0.3))),
    Scene("sticky-note-six.jpg", "6", "6, black felt pen on a yellow note on a desk", 64, (400, 400), 96, 37, 2.6,
          sticky_note, FELT, taper=0.25, turn=-4, lean=(0.04, -0.08),
          lights=(partial(lamp, angle=-140, fall=0.2, near=COOL, far=WARM),)),
    Scene("scan-seven.png", "7", "crossed 7, black ball pen, scanned in grey", 77, (320, 400), 24, 12, 0.7,
          partial(paper, colour=linear(246, 246, 246), rough=0.4), BALL_BLACK, slant=0.18, turn=1, camera=scanner),
    Scene("fax-two.png", "2", "2, felt pen, black and white as a fax", 29, (320, 400), 40, 19, 1.7,
          partial(paper, colour=linear(246, 246, 246), rough=0.4), FELT, slant=0.05, turn=-2, camera=fax),
)  # fmt: skip


def save(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write one picture, by the format of its name; black and white takes a bit a pixel."""
    pixels = picture[..., ::-1] if picture.ndim == 3 else picture
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY] if path.suffix == ".jpg" else [cv2.IMWRITE_PNG_COMPRESSION, 9]
    if path.suffix == ".png" and set(np.unique(picture)) <= {0, 255}:
        options += [cv2.IMWRITE_PNG_BILEVEL, 1]
    if not cv2.imwrite(str(path), pixels, options):
        raise OSError(f"{path}: not written")


def contact_sheet(pictures: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return the pictures side by side, each cut to the shape of a tile, (h, w, 4) RGBA with nothing between them."""
    rows = -(-len(pictures) // COLUMNS)
    width, height = TILE
    sheet = np.zeros((rows * (height + GUTTER) - GUTTER, COLUMNS * (width + GUTTER) - GUTTER, 4), np.uint8)
    for place, picture in enumerate(pictures):
        colour = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, axis=2)
        scale = max(width / colour.shape[1], height / colour.shape[0])
        small = cv2.resize(colour, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        top, left = (small.shape[0] - height) // 2, (small.shape[1] - width) // 2
        y, x = (height + GUTTER) * (place // COLUMNS), (width + GUTTER) * (place % COLUMNS)
        sheet[y : y + height, x : x + width, :3] = small[top : top + height, left : left + width]
        sheet[y : y + height, x : x + width, 3] = 255
        cv2.rectangle(sheet, (x, y), (x + width - 1, y + height - 1), (196, 196, 196, 255))  # white on a white page
    return sheet


def save_sheet(path: Path, sheet: NDArray[np.uint8]) -> None:
    """Write the contact sheet in 255 colours and one for nothing: a third of the bytes."""
    image = Image.fromarray(sheet[..., :3]).quantize(255, method=Image.Quantize.MEDIANCUT, kmeans=1,
                                                     dither=Image.Dither.NONE)  # fmt: skip
    places = np.where(sheet[..., 3] == 255, np.asarray(image), 255).astype(np.uint8)
    final = Image.fromarray(places, "P")
    final.putpalette([*(image.getpalette() or [])[:765], 255, 255, 255])
    final.save(path, transparency=255, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--out", type=Path, default=ROOT / "src" / "calame" / "samples")
    parser.add_argument("--sheet", type=Path, default=ROOT / "docs" / "images" / "samples.png")
    arguments = parser.parse_args()
    for folder in (arguments.out, arguments.sheet.parent):
        folder.mkdir(parents=True, exist_ok=True)
    pictures = [render(scene) for scene in SCENES]
    for scene, picture in zip(SCENES, pictures, strict=True):
        save(arguments.out / scene.name, picture)
    with (arguments.out / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("path", "digit", "what"))
        writer.writerows((scene.name, scene.digit, scene.what) for scene in SCENES)
    save_sheet(arguments.sheet, contact_sheet(pictures))


if __name__ == "__main__":
    main()
