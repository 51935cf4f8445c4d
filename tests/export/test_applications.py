"""Networks of `keras.applications` by name, tested with small made weights: the same answers, the same class map."""

import numpy as np
import pytest

from calame.errors import NoKerasWeights, UnsupportedModel, UsageError

pytestmark = pytest.mark.train
CLASSES = ("cat", "dog", "boat", "sun")


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


@pytest.fixture(scope="module")
def small(keras):
    """A network with all that ResNet and MobileNet are made of."""
    layers = keras.layers
    given = keras.Input((32, 32, 3))
    first = layers.BatchNormalization()(layers.Conv2D(6, 3, strides=2)(layers.ZeroPadding2D(((0, 1), (0, 1)))(given)))
    block = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(layers.ReLU(6.0)(first))
    added = layers.Add()([layers.MaxPooling2D(2)(layers.Activation("relu")(block)), layers.MaxPooling2D(2)(first)])
    pooled = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(added))
    mild = keras.initializers.RandomNormal(stddev=0.01, seed=0)  # so that no probability is 0 to the last bit
    return keras.Model(given, layers.Dense(4, "softmax", kernel_initializer=mild)(pooled), name="small")


def caffe(pixels):
    """As ResNet's: blue first, and a mean taken off each colour."""
    return pixels[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)


@pytest.mark.parametrize("prepare", [caffe, lambda pixels: pixels / 127.5 - 1, lambda pixels: pixels / 255])
def test_a_network_says_what_keras_says_and_its_map_is_exact(small, tmp_path, prepare):
    from calame.export.applications import import_network
    from calame.images.classifier import ImageClassifier

    made = import_network(small, prepare, tmp_path / "small" / "1", name="small", classes=CLASSES)
    assert (made.manifest.preparation, made.manifest.task) == ("shorter(37) | middle(32)", "pictures")
    photo = np.random.default_rng(1).integers(0, 256, (37, 37, 3)).astype(np.uint8)
    reader = ImageClassifier(made)
    answer = reader.read(photo).probabilities
    wanted = np.asarray(small(prepare(photo[None, 2:34, 2:34].astype(np.float32)), training=False))[0]
    assert answer == pytest.approx(wanted, abs=1e-4)
    logits = [reader.why(photo, label).evidence.mean() for label in CLASSES]
    assert np.diff(np.log(answer)) == pytest.approx(np.diff(logits), abs=1e-3)


@pytest.fixture(scope="module")
def rare(keras):
    """A network with what EfficientNet, MobileNetV3, ConvNeXt, NASNet and Inception-ResNet have besides."""
    from keras.src.applications.convnext import LayerScale
    from keras.src.applications.inception_resnet_v2 import CustomScaleLayer

    layers = keras.layers
    given = keras.Input((32, 32, 3))
    scaled = layers.Rescaling([0.5, 1.0, 2.0], [0.0, 1.0, -1.0])(layers.Rescaling(1 / 255)(given))
    known = layers.Normalization(mean=[0.4, 1.4, 0.0], variance=[0.04, 0.1, 0.5])(scaled)
    learned = layers.Normalization()
    cut = layers.Cropping2D(((1, 0), (2, 1)))(learned(layers.Conv2D(6, 3, activation="hard_swish")(known)))
    gate = layers.ReLU(6.0)(layers.Conv2D(6, 1)(cut) + 3.0) * (1.0 / 6.0)
    block = LayerScale(0.3, 6)(layers.LayerNormalization(epsilon=1e-6)(layers.Multiply()([cut, gate])))
    inner = keras.Sequential([keras.Input(cut.shape[1:]), layers.Dense(6, "gelu"), layers.Dense(6, "sigmoid")])
    added = layers.BatchNormalization()(CustomScaleLayer(0.17)([cut, inner(block)]))
    mild = keras.initializers.RandomNormal(stddev=0.3, seed=0)
    answer = layers.Dense(4, "softmax", kernel_initializer=mild)(layers.GlobalAveragePooling2D()(added))
    model = keras.Model(given, answer, name="rare")
    learned.set_weights([np.linspace(-1, 1, 6), np.linspace(0.2, 3, 6), np.array(9)])
    learned.finalize_state()  # as loading weights does
    return model


def test_the_rarer_layers_say_what_keras_says(rare, tmp_path):
    from calame.engine.session import Session
    from calame.export.applications import import_network

    made = import_network(rare, lambda pixels: pixels, tmp_path / "rare" / "1", name="rare", classes=CLASSES)
    pictures = np.random.default_rng(2).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    wanted = np.asarray(rare(pictures.astype(np.float32), training=False))
    assert wanted.std() > 0.01
    assert Session(made)(pictures) == pytest.approx(wanted, abs=1e-5)


def test_a_network_that_takes_any_side_gets_one():
    from calame.export.applications import load

    assert load("MobileNetV3Small", weights=None)[0].input_shape == (None, 224, 224, 3)


def test_what_is_no_network_of_keras_is_refused(small, tmp_path, monkeypatch, capsys, keras):
    from calame.export import applications

    assert {"ResNet50", "MobileNetV2"} <= set(applications.names())
    with pytest.raises(UsageError, match="ResNet50"):
        applications.load("ResNet5000")
    with pytest.raises(UnsupportedModel, match="preprocess_input"):
        applications.linear_of(np.sqrt)
    with pytest.raises(UnsupportedModel):
        applications.import_network(small, caffe, tmp_path / "1", name="small", classes=("one",))

    def broken(weights):
        print("Downloading data")  # as Keras does, on the standard output, where a program reads the answer
        raise OSError("no connection")

    monkeypatch.setattr(keras.applications, "ResNet50", broken)
    with pytest.raises(NoKerasWeights, match="no connection"):
        applications.load("ResNet50")
    assert capsys.readouterr().out == ""
