"""The networks have the parameters they claim, and compute probabilities."""

import numpy as np
import pytest

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def builders():
    from calame.models import blocks, compact, course

    return {
        "course": (course.build, course.PARAMETERS),
        "course-quick": (course.build_quick, course.PARAMETERS),
        "blocks": (blocks.build, blocks.PARAMETERS),
        "blocks-3": (lambda: blocks.build(3), blocks.PARAMETERS_OF_THREE),
        "compact": (compact.build, compact.PARAMETERS),
        "broad": (compact.build_broad, compact.BROAD_PARAMETERS),
    }


@pytest.mark.parametrize("name", ["course", "course-quick", "blocks", "blocks-3", "compact", "broad"])
def test_parameter_count_and_output(builders, name):
    build, parameters = builders[name]
    model = build()
    assert model.count_params() == parameters
    answers = np.asarray(model(np.zeros((2, 28, 28, 1), np.float32)))
    assert answers.shape == (2, 10)
    assert answers.dtype == np.float32
    np.testing.assert_allclose(answers.sum(1), 1, rtol=1e-5)


def test_published_counts():
    from calame.models import blocks, compact, course

    assert course.PARAMETERS == 225_034
    assert blocks.PARAMETERS == 392_330
    assert compact.PARAMETERS <= compact.MOST_PARAMETERS == 300_000


def test_only_the_full_course_network_drops_out(builders):
    kinds = [{type(layer).__name__ for layer in builders[name][0]().layers} for name in ("course", "course-quick")]
    assert ["Dropout" in kind for kind in kinds] == [True, False]


def test_fused_normalisation_is_keras_normalisation():
    """Oracle: the layer it derives from, in training and in inference, and its gradient."""
    import keras
    import tensorflow as tf

    from calame.models.layers import FusedBatchNormalization

    x = np.random.default_rng(0).normal(2, 3, (8, 5, 5, 4)).astype(np.float32)
    ours, theirs = FusedBatchNormalization(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)
    outputs, slopes = [], []
    for layer in (ours, theirs):
        layer.build(x.shape)
        layer.gamma.assign([1.0, 2.0, 0.5, 1.5])
        layer.beta.assign([0.0, 1.0, -1.0, 0.3])
        with tf.GradientTape() as tape:
            value = tf.convert_to_tensor(x)
            tape.watch(value)
            y = layer(value, training=True)
            loss = tf.reduce_sum(y**3)
        outputs.append(np.asarray(y))
        slopes.append(np.asarray(tape.gradient(loss, value)))
    np.testing.assert_allclose(outputs[0], outputs[1], atol=2e-5)
    np.testing.assert_allclose(slopes[0], slopes[1], atol=2e-3)
    np.testing.assert_allclose(np.asarray(ours.moving_mean.value), np.asarray(theirs.moving_mean.value), rtol=1e-5)
    np.testing.assert_allclose(
        np.asarray(ours.moving_variance.value), np.asarray(theirs.moving_variance.value), rtol=1e-4
    )
    np.testing.assert_allclose(np.asarray(ours(x)), np.asarray(theirs(x)), rtol=1e-4)
