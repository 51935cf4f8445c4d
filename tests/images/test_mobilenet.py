"""The network written as ONNX computes what Keras computes, layer by layer, and says what it rests on."""

import numpy as np
import pytest

import smallnet
from calame.artifact import load
from calame.engine.graph import read_graph
from calame.engine.session import Inspector, Session
from calame.errors import DamagedModel
from calame.images.mobilenet import HEAD, emit, plan_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return smallnet.folder(tmp_path_factory.mktemp("net") / "model")


def pictures(count=3):
    return np.random.default_rng(1).integers(0, 256, (count, smallnet.SIDE, smallnet.SIDE, 3)).astype(np.uint8)


def convolved(x, kernel, bias, stride, depthwise):
    """The plain sum of products, padded as Keras pads."""
    side = kernel.shape[0]
    before, after = ((side - stride) // 2, (side - 1) // 2) if side > 1 else (0, 0)
    x = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(x, (side, side), (1, 2))[:, ::stride, ::stride]
    return np.einsum("nyxcij,ijcd->nyxc" if depthwise else "nyxcij,ijcd->nyxd", windows, kernel) + bias


def by_hand(arrays, x):
    block = x
    for layer in plan_of(arrays):
        block = x if layer.name.endswith("_expand") else block
        x = convolved(x, arrays[f"{layer.name}/kernel"], arrays[f"{layer.name}/bias"], layer.stride, layer.depthwise)
        x = np.clip(x, 0, 6) if layer.clipped else x
        x = x + block if layer.adds else x
    logits = x.mean((1, 2)) @ arrays[f"{HEAD}/kernel"] + arrays[f"{HEAD}/bias"]
    powers = np.exp(logits - logits.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True), logits, x.mean((1, 2))


def test_it_computes_what_is_computed_by_hand(folder):
    expected, logits, features = by_hand(smallnet.arrays(), pictures().astype(np.float32) / 127.5 - 1)
    assert Session(folder)(pictures()) == pytest.approx(expected, abs=1e-5)
    told = Inspector(folder).activations(pictures())
    assert told["features"] == pytest.approx(features, abs=1e-4)
    assert told["evidence"].mean((1, 2)) == pytest.approx(logits, abs=1e-4)  # the class map is exact
    assert told["probabilities"] == pytest.approx(expected, abs=1e-5)


@pytest.mark.train
def test_a_pixel_is_prepared_as_keras_prepares_it(folder):
    keras = pytest.importorskip("keras")
    prepared = keras.applications.mobilenet_v2.preprocess_input(pictures().astype(np.float32))
    assert Session(folder)(pictures()) == pytest.approx(by_hand(smallnet.arrays(), prepared)[0], abs=1e-5)


def test_one_block_adds_its_input_and_strides_are_where_they_belong():
    layers = plan_of(smallnet.arrays())
    assert [layer.name for layer in layers if layer.adds] == ["block_2_project"]
    assert [layer.name for layer in layers if layer.stride == 2] == ["Conv1", "block_1_depthwise", "block_3_depthwise"]


def test_the_file_can_be_read_again(folder):
    graph = read_graph(folder, "model.onnx")
    assert graph.nodes[-1].operation == "Softmax"
    assert graph.weights["Conv1/kernel"].shape == (8, 3, 3, 3)
    assert load(folder.path).manifest.task == "pictures"


@pytest.mark.parametrize("name", ["Conv1/kernel", "block_2_project/bias", "Logits/kernel", "block_1_depthwise/kernel"])
def test_arrays_that_are_missing_or_do_not_fit_are_named(name):
    weights = smallnet.arrays()
    del weights[name]
    with pytest.raises(DamagedModel, match=name.partition("/")[0]):
        emit(weights)
    weights = smallnet.arrays() | {name: np.zeros((2, 2), np.float32)}
    with pytest.raises(DamagedModel, match=name.partition("/")[0]):
        emit(weights)
