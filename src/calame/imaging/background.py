"""The step `background`: what a salient-object network takes for background becomes plain paper. Off by default.

The network is u2netp (Qin and others, "U²-Net", 2020; Apache-2.0), run by `rembg`, an optional package that fetches
the 4.7 MB of weights once. It is always named: what rembg runs when asked for nothing may not be used commercially.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from calame.errors import DownloadFailed, MissingExtra
from calame.imaging.frame import Frame
from calame.locale import Phrase

NETWORK = "u2netp"
SHA256 = "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8"


@dataclass(frozen=True)
class Background:
    """Blend what the network takes for background into the median colour of it, so that it is even paper.

    Args:
        sure: share of the mask, 0-1, from which on a pixel is kept as it is.

    Raises:
        MissingExtra: rembg is not installed.
        DownloadFailed: its weights are not there and cannot be fetched, or are not those of u2netp.
    """

    sure: float = 0.5

    def __call__(self, frame: Frame) -> Frame:
        pixels = frame.pixels if frame.pixels.ndim == 3 else cv2.cvtColor(frame.pixels, cv2.COLOR_GRAY2RGB)
        rembg, session = _session()
        mask = np.asarray(rembg.remove(pixels, session=session, only_mask=True), np.float32) / 255
        behind = pixels[mask < self.sure]
        if not behind.size:
            return frame
        keep = np.clip(mask / self.sure, 0, 1)[..., None]
        paper = np.median(behind, axis=0)
        blended = np.clip(pixels * keep + paper * (1 - keep) + 0.5, 0, 255).astype(np.uint8)
        return frame._replace(pixels=blended if frame.pixels.ndim == 3 else blended[..., 0])


@cache
def _session() -> tuple[Any, Any]:
    """Return rembg and its session for u2netp: made once a process, for it takes longer than a picture."""
    try:
        import rembg  # pyright: ignore[reportMissingImports]  # of the extra `background`
    except ImportError as error:
        raise MissingExtra(package=error.name or "rembg", extra="background") from error
    try:
        session: Any = rembg.new_session(NETWORK)
    except OSError as error:  # of requests, which rembg downloads with
        raise DownloadFailed(name=NETWORK, folder="~/.u2net", problem=str(error)) from error
    path = Path(type(session).download_models())
    if hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        problem = Phrase("background.foreign", path=path)
        raise DownloadFailed(name=NETWORK, folder=str(path.parent), problem=problem)
    return rembg, session
