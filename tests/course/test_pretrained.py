"""The network of lesson 10: what it is given, and how folded weights are unfolded."""

import json

import numpy as np
import pytest
from PIL import Image

import pretrained


def test_a_picture_is_cut_to_its_middle_square_and_scaled():
    picture = Image.new("RGB", (400, 200), (255, 0, 0))
    picture.paste((0, 0, 0), (0, 0, 90, 200))  # outside of the middle square
    pixels = pretrained.prepared(picture)
    assert (pixels.shape, pixels.dtype) == ((224, 224, 3), np.float32)
    assert pixels[:, :, 0].min() == 1.0
    assert pixels[:, :, 1].max() == -1.0


def test_names_of_classes_come_in_order(tmp_path):
    path = tmp_path / "index.json"
    path.write_text(json.dumps({"1": ["n2", "tabby_cat"], "0": ["n1", "tench"]}))
    assert pretrained.read_labels(path) == ["tench", "tabby cat"]


def test_what_is_not_there_is_not_at_hand(tmp_path, monkeypatch):
    monkeypatch.setenv("CALAME_DATA", str(tmp_path))
    assert pretrained.at_hand("images/photos") is None


@pytest.mark.train
def test_a_folded_bias_is_added_after_the_convolution():
    import keras

    layers = keras.layers
    network = keras.Sequential(
        [layers.Input((1, 1, 1)), layers.Conv2D(2, 1, use_bias=False, name="Conv1"), layers.BatchNormalization()]
    )
    kernel, bias = np.array([[[[2.0, -1.0]]]], np.float32), np.array([0.5, 3.0], np.float32)
    pretrained.fill(network, {"Conv1/kernel": kernel, "Conv1/bias": bias})
    answer = keras.ops.convert_to_numpy(network(np.full((1, 1, 1, 1), 10, np.float32), training=False))
    assert np.allclose(answer, [[[[20.5, -7.0]]]], atol=1e-4)
