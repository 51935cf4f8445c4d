"""The second look: at what is in doubt alone, by the mean of five views."""

import numpy as np
import pytest

from calame.imaging.views import views
from calame.reader.looks import look

RNG = np.random.default_rng(3)
IMAGES = RNG.integers(0, 256, (6, 28, 28), np.uint8)


def classify(images):
    """Ten probabilities that depend on every pixel; the brighter the first pixel, the surer."""
    sums = images.reshape(len(images), 784).astype(np.float64) @ np.random.default_rng(0).normal(0, 1e-3, (784, 10))
    powers = np.exp(sums)
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)


def mean_of_views(images):
    return classify(views(images).reshape(-1, 28, 28)).reshape(len(images), 5, 10).mean(axis=1)


def test_the_sure_are_asked_once():
    answers, looks = look(classify, IMAGES, 0.0)
    np.testing.assert_array_equal(answers, classify(IMAGES))
    assert set(looks) == {1}


def test_the_doubtful_alone_are_the_mean_of_their_views():
    once = classify(IMAGES)
    again = float(np.median(once.max(axis=1)))
    doubtful = once.max(axis=1) < again
    answers, looks = look(classify, IMAGES, again)
    assert looks.tolist() == np.where(doubtful, 5, 1).tolist()
    np.testing.assert_array_equal(answers[~doubtful], once[~doubtful])
    np.testing.assert_allclose(answers[doubtful], mean_of_views(IMAGES[doubtful]), atol=1e-6)


def test_some_can_be_looked_at_again_whatever_they_are():
    answers, looks = look(classify, IMAGES, 0.0, np.arange(6) == 2)
    assert looks.tolist() == [1, 1, 5, 1, 1, 1]
    np.testing.assert_allclose(answers[2], mean_of_views(IMAGES[2:3])[0], atol=1e-6)


def test_a_quick_network_is_asked_first_and_the_other_about_all_views_of_what_is_in_doubt():
    asked = []

    def full(images):
        asked.append(len(images))
        return classify(images)

    def quick(images):
        return np.roll(classify(images), 1, axis=1)  # as sure, and of another digit

    first = quick(IMAGES)
    again = float(np.median(first.max(axis=1)))
    doubtful = first.max(axis=1) < again
    answers, looks = look(full, IMAGES, again, quick=quick)
    assert sum(asked) == 5 * doubtful.sum() > 0
    assert looks.tolist() == np.where(doubtful, 5, 1).tolist()
    np.testing.assert_array_equal(answers[~doubtful], first[~doubtful])
    np.testing.assert_allclose(answers[doubtful], mean_of_views(IMAGES[doubtful]), atol=1e-6)


def test_a_quick_network_gives_the_views_of_what_is_always_looked_at_again():
    answers, looks = look(classify, IMAGES, 0.0, True, quick=lambda images: classify(255 - images))
    assert set(looks) == {5}
    wanted = [classify(255 - one).mean(axis=0) for one in views(IMAGES)]
    np.testing.assert_allclose(answers, wanted, atol=1e-6)


@pytest.mark.parametrize("quick", [None, classify])
@pytest.mark.parametrize("always", [True, False])
def test_no_picture_gives_no_answer(always, quick):
    answers, looks = look(classify, IMAGES[:0], 0.9, always, quick)
    assert (answers.shape, looks.shape) == ((0, 10), (0,))
