"""Files as six versions of Keras wrote them, against what those versions computed. See fixtures/keras/make.py."""

import io
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from calame.engine.session import Inspector, Session

pytestmark = pytest.mark.train
FIXTURES = Path(__file__).parent.parent / "fixtures" / "keras"
LOGITS = {"branches"}  # ends without softmax
PARAMETERS = {"course": 3_722, "full": 225_034, "mixed": 3_722}


@cache
def fixture(version: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(FIXTURES / f"{version}.zip")


@cache
def expected(version: str) -> dict[str, np.ndarray]:
    return dict(np.load(io.BytesIO(fixture(version).read("expected.npz"))))


FILES = [(path.stem, name) for path in FIXTURES.glob("*.zip") for name in expected(path.stem) if name != "inputs"]


def read(version, name, tmp_path, **options):
    from calame.export.importer import import_file

    fixture(version).extract(name, tmp_path)
    card = {"name": "imported", "version": "1", "preparation": "centre=mass"}
    return import_file(tmp_path / name, tmp_path / "model", **card, **options)


def pixels(version):
    return np.round(expected(version)["inputs"] * 255).astype(np.uint8)


def test_the_fixtures_are_all_there():
    assert {version for version, _ in FILES} == {"2.4", "2.12", "2.15", "3.0", "3.5", "3.15"}
    assert len(FILES) == 61


@pytest.mark.parametrize(("version", "name"), sorted(FILES))
def test_it_computes_what_its_own_keras_computed(version, name, tmp_path):
    network = name.partition(".")[0]
    folder = read(version, name, tmp_path)
    wanted = expected(version)[name]
    if network in LOGITS:
        powers = np.exp(wanted - wanted.max(1, keepdims=True))
        wanted = powers / powers.sum(1, keepdims=True)
    np.testing.assert_allclose(Session(folder)(pixels(version)), wanted, atol=1e-5)
    assert folder.manifest.parameters == PARAMETERS.get(network, folder.manifest.parameters)


def test_what_the_manifest_says_of_the_file(tmp_path):
    training = read("2.15", "full.keras", tmp_path).manifest.training
    assert training["imported_from"] == "full.keras"
    assert training["keras"] == "2.15.0"
    assert len(training["sha256"]) == 64


def test_layers_keep_their_names(tmp_path):
    layers = Inspector(read("2.4", "course.h5", tmp_path)).layers
    assert list(layers) == ["conv2d", "max_pooling2d", "conv2d_1", "max_pooling2d_1", "flatten", "dense", "dense_1"]


def test_full_ink_can_be_said_where_the_file_does_not_show_it(tmp_path):
    plain, scaled = (
        Session(read("3.5", "course.h5", tmp_path / str(brightest), brightest=brightest)) for brightest in (1.0, 255.0)
    )
    images = pixels("3.5")
    assert np.abs(plain(images) - scaled(images)).max() > 0.01
    np.testing.assert_allclose(plain(images // 255 * 255), scaled(images // 255), atol=1e-5)


def test_our_own_training_files_are_read_too(tmp_path):
    import keras

    from calame.export.importer import drawn_strokes, load_network
    from calame.models import compact
    from calame.training.precision import precision

    with precision("bfloat16"):
        model = compact.build()
    model.compile("sgd", "categorical_crossentropy")
    model.save(tmp_path / "model.keras")
    again = load_network(tmp_path / "model.keras")
    assert again.count_params() == compact.PARAMETERS
    assert {layer.compute_dtype for layer in again.layers} == {"float32"}
    for mine, theirs in zip(again.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert type(again.get_layer("stage1_norm")) is keras.layers.BatchNormalization
    assert again(drawn_strokes(2)[..., None] / np.float32(255)).shape == (2, 10)


def test_frozen_layers_inside_a_model_keep_their_weights(tmp_path):
    """A `.h5` file lists the weights of an inner model flat, those that are not trainable at the end."""
    import keras

    from calame.export.importer import load_network

    inner = keras.Sequential(
        [keras.Input((28, 28, 1)), *(layer for size in (1, 1) for layer in
         (keras.layers.Conv2D(size, 3, padding="same"), keras.layers.BatchNormalization()))], name="inner"
    )  # fmt: skip
    inner.layers[0].trainable = False
    model = keras.Sequential([keras.Input((28, 28, 1)), inner, keras.layers.Flatten(), keras.layers.Dense(10)])
    for number, variable in enumerate(model.variables):
        variable.assign(np.full(variable.shape, number + 1.0))
    model.save(tmp_path / "frozen.h5")
    for mine, theirs in zip(load_network(tmp_path / "frozen.h5").get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine.ravel()[:1], theirs.ravel()[:1])
