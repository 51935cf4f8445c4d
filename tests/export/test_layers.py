"""An export is compared with Keras at every layer, and a layer that computes something else is found."""

from importlib.util import find_spec

import numpy as np
import pytest

pytestmark = pytest.mark.train
if find_spec("tensorflow"):
    import keras

    L = keras.layers


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    inner = keras.Sequential([L.Input((26, 26, 2)), L.Conv2D(3, 3, name="deep"), L.ReLU(name="inside")], name="inner")
    first, second = L.Conv2D(2, 3, name="image"), L.Dropout(0.5)
    last = [L.Flatten(name="flat"), L.Dense(10, activation="softmax", name="probabilities")]
    return keras.Sequential([L.Input((28, 28, 1)), first, second, inner, *last])


def test_every_layer_is_compared_and_the_one_that_differs_is_found(model, tmp_path):
    from calame.export.exporter import export_model
    from calame.export.importer import drawn_strokes
    from calame.export.layers import layer_differences

    images = drawn_strokes(8)
    folder = export_model(
        model, tmp_path / "m", check_images=images, name="m", version="1", preparation="", brightest=255.0
    )
    differences = layer_differences(folder, model, images, 255.0)
    assert list(differences) == ["image", "inner/deep", "inner/inside", "flat", "probabilities"]
    assert max(differences.values()) < 1e-5
    kernel, bias = model.get_layer("inner").layers[0].get_weights()
    model.get_layer("inner").layers[0].set_weights([kernel, np.asarray(bias) + 0.1])
    changed = layer_differences(folder, model, images, 255.0)
    assert changed["image"] == differences["image"]
    assert changed["inner/deep"] > 1e-4
