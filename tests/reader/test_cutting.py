"""The cutting reader: nobody is asked whether two digits for sure are one."""

import cv2
import numpy as np

from calame.reader.cutting import CuttingReader


def rings(count):
    """Rings that stand apart: whole pieces, as high as the line."""
    line = np.zeros((60, 20 + 36 * count), np.uint8)
    for place in range(count):
        cv2.ellipse(line, (28 + 36 * place, 30), (11, 20), 0, 0, 360, 255, 5, cv2.LINE_AA)
    return line


def sure(share):
    """A network that gives every picture this much for a 0, and notes how many it was asked about."""
    asked = []

    def classify(images):
        asked.append(len(images))
        answers = np.full((len(images), 10), (1 - share) / 9, np.float32)
        answers[:, 0] = share
        return answers

    return classify, asked


def test_pieces_that_are_digits_for_sure_are_not_put_together():
    classify, asked = sure(0.999)
    assert CuttingReader(classify).read(rings(4)).texts[0].text == "0000"
    assert sum(asked) == 4
    doubtful, asked = sure(0.6)
    CuttingReader(doubtful).read(rings(4))
    assert sum(asked) > 4, "what is not sure is cut, and put together in every way"
