"""The networks of the course and ours, exported: maps, slopes and class maps against Keras and TensorFlow."""

import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from calame import explain
from calame.errors import UnsupportedModel
from calame.explain.arithmetic import KINDS
from calame.explain.neighbours import features
from calame.explain.network import Network, one_hot

pytestmark = [pytest.mark.train, pytest.mark.slow]
if find_spec("tensorflow"):
    import keras
    import tensorflow as tf

FIXTURES = Path(__file__).parent.parent / "fixtures" / "keras"
NETWORKS = ("course", "blocks", "compact", "broad")
IMPORTED = ("course.h5", "blocks.keras", "branches.keras", "dense.keras", "vector.keras")


def settled(model):
    """Weights as after training: normalisations that shift and scale, biases that are not 0."""
    random = np.random.default_rng(0)
    for weight in model.weights:
        name, values = weight.path.rpartition("/")[2], np.asarray(weight)
        if name in ("bias", "beta", "moving_mean"):
            weight.assign(random.normal(0, 0.3, values.shape))
        elif name in ("gamma", "moving_variance"):
            weight.assign(random.uniform(0.5, 1.5, values.shape))
    return model


@pytest.fixture(scope="module", params=NETWORKS)
def pair(request, tmp_path_factory):
    """A Keras network and its export, opened."""
    from calame.export.exporter import export_model
    from calame.export.importer import drawn_strokes
    from calame.models import blocks, compact, course

    keras.utils.set_random_seed(0)
    builds = {"course": course.build, "blocks": blocks.build, "compact": compact.build, "broad": compact.build_broad}
    model = settled(builds[request.param]())
    folder = tmp_path_factory.mktemp(request.param) / "model"
    card = {"name": request.param, "version": "1", "preparation": ""}
    return model, Network(export_model(model, folder, check_images=drawn_strokes(8), **card))


@pytest.fixture(scope="module")
def strokes():
    from calame.export.importer import drawn_strokes

    return drawn_strokes(3)


def scores(model):
    """Return a function from pixels to logits: the last layer without its softmax."""
    features = keras.Model(model.inputs[0], model.layers[-1].input)
    kernel, bias = model.layers[-1].get_weights()
    return lambda pixels: features(pixels, training=False) @ kernel + bias


def test_maps_are_those_of_keras_at_every_layer(pair, strokes):
    model, network = pair
    pixels = strokes[..., None] / np.float32(255)
    shown = [layer for layer in model.layers if layer.name in network.layers]
    assert len(shown) == len(network.layers)
    wanted = keras.Model(model.inputs[0], [layer.output for layer in shown])(pixels, training=False)
    for place, picture in enumerate(strokes):
        found = explain.feature_maps(network, picture)
        for layer, values in zip(shown, wanted, strict=True):
            np.testing.assert_allclose(found[layer.name], values[place], atol=1e-4, err_msg=layer.name)


def test_filters_are_those_of_keras(pair):
    model, network = pair
    for name, kernels in explain.filters(network).items():
        wanted = np.asarray(model.get_layer(name).get_weights()[0])
        wanted = wanted.transpose(0, 1, 3, 2) if name == "place" else wanted  # a depthwise kernel has its maps third
        np.testing.assert_array_equal(kernels, wanted)


def test_slopes_are_those_of_tensorflow(pair):
    """On pictures without blank paper: there all values of a pool are equal but for rounding, and any may be largest.

    A value before a ReLU may still round to either side of 0: most pictures agree to the last digits, and not all.
    """
    from calame.export.importer import drawn_strokes

    noise = np.random.default_rng(1).integers(0, 128, (16, 28, 28))
    strokes = (drawn_strokes(16) // 2 + noise).astype(np.uint8)
    model, network = pair
    pixels, score = tf.constant(strokes[..., None] / np.float32(255)), scores(model)
    for digit in (0, 7):
        with tf.GradientTape() as watched:
            watched.watch(pixels)
            total = tf.reduce_sum(score(pixels)[:, digit])
        wanted = watched.gradient(total, pixels).numpy()
        tape = network.run(pixels.numpy())
        found = network.slopes(tape, {network.logits: one_hot([digit] * len(strokes))})
        apart = np.abs(found - wanted).max(axis=(1, 2, 3)) / np.abs(wanted).max()
        assert np.median(apart) < 1e-4
        assert np.linalg.norm(found - wanted) < 0.1 * np.linalg.norm(wanted)


def test_class_maps_add_up_where_the_head_pools_and_are_grad_cam_elsewhere(pair, strokes):
    model, network = pair
    wanted = np.asarray(scores(model)(strokes[..., None] / np.float32(255)))
    for place, picture in enumerate(strokes):
        found = explain.class_activation(network, picture, 4)
        assert found.exact == (model.name != "course")
        assert found.logit == pytest.approx(wanted[place, 4], abs=1e-4)
        if found.exact:
            assert found.values.sum(dtype=np.float64) + found.bias == pytest.approx(wanted[place, 4], abs=1e-4)


def test_grad_cam_is_that_of_tensorflow(pair, strokes):
    model, network = pair
    layer = {"course": "conv2", "blocks": "block4", "compact": "stage3_3", "broad": "stage3_3"}[model.name]
    both = keras.Model(model.inputs[0], [model.get_layer(layer).output, model.layers[-1].input])
    kernel, bias = model.layers[-1].get_weights()
    for picture in strokes:
        with tf.GradientTape() as watched:
            maps, features = both(picture[None, ..., None] / np.float32(255), training=False)
            score = (features @ kernel + bias)[0, 4]
        weights = tf.reduce_mean(watched.gradient(score, maps), (1, 2))
        wanted = np.maximum((maps * weights[:, None, None]).numpy().sum(3)[0], 0)
        found = explain.grad_cam(network, picture, 4)
        assert found.layer == layer
        np.testing.assert_allclose(found.values, wanted, atol=1e-4 * max(1, wanted.max()))


@pytest.mark.parametrize("pair", ["blocks"], indirect=True)
def test_behind_a_global_average_both_maps_are_one(pair, strokes):
    _, network = pair
    for picture in strokes:
        for digit in range(10):
            exact = explain.class_activation(network, picture, digit)
            assert exact.exact
            for signed in (True, False):
                other = explain.grad_cam(network, picture, digit, signed=signed).values
                wanted = exact.values if signed else np.maximum(exact.values, 0)
                assert not other.any() or np.corrcoef(wanted.ravel(), other.ravel())[0, 1] >= 0.99


@pytest.mark.parametrize("pair", ["course"], indirect=True)
def test_the_course_network_can_be_looked_into_whole(pair, strokes):
    _, network = pair
    for layer, place in (("conv1", (3, 4, 5)), ("pool2", (60, 4, 4)), ("conv2", (9, 10, 0)), ("dense1", (77,))):
        found = explain.arithmetic(network, strokes[0], layer, *place)
        inside = [step.value for step in found.then if step.layer == layer]
        assert (inside[-1] if inside else found.total) == pytest.approx(found.output, abs=1e-4)
    assert [step.kind for step in explain.arithmetic(network, strokes[0], "conv1", 3, 4, 5).then] == ["ReLU"]
    assert [stage.kinds for stage in explain.outline(network)[:2]] == [("Conv2D", "ReLU"), ("MaxPooling2D",)]
    cam = explain.class_activation(network, strokes[0], 3)
    assert (cam.values.shape, cam.grid.start, cam.grid.step) == ((11, 11), (3.5, 3.5), (2.0, 2.0))
    assert explain.visualise(network, "output", [3], steps=3).pictures.shape == (1, 28, 28)
    assert features(network, strokes).shape == (3, 128)


@pytest.mark.parametrize("name", IMPORTED)
def test_imported_files_can_be_looked_into(name, tmp_path, strokes):
    from calame.export.importer import import_file

    with zipfile.ZipFile(FIXTURES / "3.15.zip") as archive:
        archive.extract(name, tmp_path)
    folder = import_file(tmp_path / name, tmp_path / "m", name="m", version="1", preparation="")
    network = Network(folder)
    tape, runtime = network.run(network.pixels(strokes)), network.inspector.activations(strokes)
    for layer, wanted in runtime.items():
        np.testing.assert_allclose(tape.values[layer], wanted, atol=1e-4, err_msg=layer)
    assert explain.occlusion(network, strokes[0], 3).picture.shape == (28, 28)
    if explain.filters(network):
        assert explain.class_activation(network, strokes[0], 3).picture.shape == (28, 28)
    else:
        with pytest.raises(UnsupportedModel, match="no feature maps with places"):
            explain.class_activation(network, strokes[0], 3)
    for layer in network.layers:
        if network.graph.layer(layer).kind in KINDS:
            found = explain.arithmetic(network, strokes[0], layer, 1)
            inside = [step.value for step in found.then if step.layer == layer]
            assert (inside[-1] if inside else found.total) == pytest.approx(found.output, abs=1e-4), layer
