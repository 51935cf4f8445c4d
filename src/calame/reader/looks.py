"""A second look at what is in doubt: the network is asked again about slightly turned views, and their mean counts.

A network that is sure gains nothing by being asked again; one in doubt errs up to a third less (`recipes/reader.py`
measures it on hands never learned from). So only what is in doubt is looked at again; and what comes before doubt may
be a quicker network, the same one in eight bits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from calame.engine.session import Classifier
from calame.imaging.views import ANGLES, views
from calame.types import DIGITS, SIDE


class Looked(NamedTuple):
    """What a network said of n pictures.

    Attributes:
        answers: (n, 10) float32, not calibrated.
        looks: (n,) int64: of how many views each answer is the mean, 1 or 5.
    """

    answers: NDArray[np.float32]
    looks: NDArray[np.int64]


UNASKED = Looked(np.empty((0, DIGITS), np.float32), np.empty(0, np.int64))  # of no picture at all


def look(
    classify: Classifier,
    images: NDArray[np.uint8],
    again: float,
    always: NDArray[np.bool_] | bool = False,
    quick: Classifier | None = None,
) -> Looked:
    """Ask a network about pictures, and about four more views of those that it is in doubt about.

    Args:
        classify: (n, 28, 28) uint8 -> (n, 10) float32.
        images: (n, 28, 28) uint8.
        again: a highest probability below this is doubt, 0-1; 0 for no second look.
        always: (n,) those that are looked at again however sure the network is, or all, or none.
        quick: asked first, about all; `classify` is then asked about all five views of what is in doubt, and of no
            other. None: `classify` is asked first as well.
    """
    if quick is not None:
        looked = look(quick, images, 0.0, always)
        doubtful = looked.answers.max(axis=1, initial=0.0) < again
        if doubtful.any():
            looked.answers[doubtful], looked.looks[doubtful] = look(classify, images[doubtful], 0.0, True)
        return looked
    answers, looks = classify(images), np.ones(len(images), np.int64)
    doubtful = (answers.max(axis=1) < again) | always if len(images) else np.zeros(0, bool)
    if not doubtful.any():
        return Looked(answers, looks)
    seen = views(images[doubtful])[:, 1:]  # the first view is the picture itself
    more = classify(seen.reshape(-1, SIDE, SIDE)).reshape(len(seen), seen.shape[1], -1)
    answers = np.array(answers, np.float32)
    answers[doubtful] = (answers[doubtful] + more.sum(axis=1)) / len(ANGLES)
    looks[doubtful] = len(ANGLES)
    return Looked(answers, looks)
