"""How readable a picture is, judged from what the preparation found, before any network is asked."""

from calame.imaging.frame import Frame
from calame.types import Quality, QualityLevel

LARGE_ENOUGH = 40  # pixels of the digit's longer side: twice what the network is given, so that averaging has its fill
FULL_CONTRAST = 0.5  # ink half as bright as the paper is as good as black
CLEAN, GRAINY = 0.05, 0.45  # noise of the paper, a share of the ink's contrast
CRISP, SOFT = 2.0, 12.0  # pixels from paper to ink, in a digit of 100 pixels
SLIMMEST, WIDEST = 0.12, 1.3  # width to height of digits as people write them, a 1 and a flat 2
LEVELS: tuple[tuple[float, QualityLevel], ...] = ((0.8, "excellent"), (0.6, "good"), (0.35, "fair"), (0.0, "poor"))


def measure(frame: Frame) -> Quality | None:
    """Return the quality of a frame whose digit is found, or None when no step has found one.

    The score is the root of the product of its four parts, so that one bad part cannot be made up for. Noise counts
    as want of contrast: of all parts these two tell best which readings go wrong (`recipes/trust.py`).
    """
    if frame.box is None:
        return None
    longer = max(frame.box.width, frame.box.height, 1)
    contrast = _share(frame.contrast / FULL_CONTRAST) * _share(1 - (frame.noise - CLEAN) / (GRAINY - CLEAN))
    size = _share(longer / frame.scale / LARGE_ENOUGH) if longer > 0 else 0.0
    slim = frame.box.width / max(frame.box.height, 1)
    aspect = _share(slim / SLIMMEST) if slim < SLIMMEST else _share(1 - (slim - WIDEST) / WIDEST)
    # A soft edge hides as much of a small digit as a softer one of a large digit.
    edge = frame.edge * 100 / longer if longer > 100 else frame.edge
    sharpness = _share(1 - (edge - CRISP) / (SOFT - CRISP))
    score = (contrast * size * aspect * sharpness) ** 0.5
    return Quality(score, _level(score), contrast, size, aspect, sharpness)


def _level(score: float) -> QualityLevel:
    return next(level for least, level in LEVELS if score >= least)


def _share(value: float) -> float:
    return float(min(1.0, max(0.0, value)))
