"""Arrays -> JPEG: pages of paper, which as PNG would be ten times as large."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

QUALITY = 92  # handwriting reads as it did; half the bytes of 98


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """Return (h, w) grey or (h, w, 3) RGB, uint8, as a JPEG, grey when it is grey."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "JPEG", quality=QUALITY)
    return stream.getvalue()
