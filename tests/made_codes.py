"""Pictures of numbers, what the service would tell of them, and the page's table of them."""

import csv
import io
import re

import cv2
import numpy as np

from calame.drawing.png import png

OF_PICTURE = {"size": [240, 80], "milliseconds": {"decode": 1, "read": 5}, "model": "digits@1"}
NAMES = re.compile(rb'name="image"; filename="([^"]+)"')


def ones(count):
    """Strokes side by side, as a hand writes ones."""
    pixels = np.full((80, 60 + 60 * count), 255, np.uint8)
    for place in range(count):
        cv2.line(pixels, (60 + 60 * place, 16), (58 + 60 * place, 64), 0, 7)
    return png(pixels)


def bring(page, *counts):
    files = [{"name": f"{count}.png", "mimeType": "image/png", "buffer": ones(count)} for count in counts]
    page.set_input_files("#code-files", files)


def read_as(text, state="accepted", sure=0.9, **more):
    """One number as the service tells it."""
    return {
        "text": text if state == "accepted" else None, "guess": text, "confidence": sure, "state": state, "digits": [],
        "rejected": None if state == "accepted" else "unsure", "doubt": None, "failed": [], "changes": [],
        "reason": None if state == "accepted" else "not sure enough to answer", "alternatives": [["99", 0.024]],
        "readers": [], "repaired": False, "suggestion": None, "separators": [], "box": [1, 2, 3, 4], **more,
    }  # fmt: skip


def answer_with(page, values):
    """Let the service tell this of every picture."""

    def fulfil(route):
        count = (route.request.post_data_buffer or b"").count(b'name="image"')
        told = {**values, **OF_PICTURE}
        route.fulfill(json=told if count == 1 else {"readings": [told] * count})

    page.route("**/v1/codes?*", fulfil)


def answer_each(page, **values):
    """Let the service tell of each picture what stands under its name, without `.png`."""

    def fulfil(route):
        names = [name.decode() for name in NAMES.findall(route.request.post_data_buffer or b"")]
        told = [{**values[name.removesuffix(".png")], **OF_PICTURE} for name in names]
        route.fulfill(json=told[0] if len(told) == 1 else {"readings": told})

    page.route("**/v1/codes?*", fulfil)


def exported(page, **how):
    """The rows of the page's CSV: file, code, confidence, state, guess, and where."""
    with page.expect_download() as download:
        page.locator(".code-table-head button").first.click()
    content = download.value.path().read_text(encoding="utf-8-sig")
    return [(*row[:4], row[5], row[9]) for row in csv.reader(io.StringIO(content), **how)][1:]
