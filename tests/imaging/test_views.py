"""Views are the digit itself and four small turns of it."""

import cv2
import numpy as np

from calame.imaging.views import ANGLES, views


def test_the_first_view_is_the_digit_and_the_others_are_turned():
    image = np.zeros((28, 28), np.uint8)
    cv2.line(image, (14, 4), (14, 23), 255, 3)
    seen = views(image[None])
    assert seen.shape == (1, len(ANGLES), 28, 28)
    np.testing.assert_array_equal(seen[0, 0], image)
    tops = [view[5].argmax() - view[22].argmax() for view in seen[0]]
    assert np.sign(tops).tolist() == [0, 1, 1, -1, -1] or np.sign(tops).tolist() == [0, -1, -1, 1, 1]


def test_none_in_none_out():
    assert views(np.zeros((0, 28, 28), np.uint8)).shape == (0, 5, 28, 28)
