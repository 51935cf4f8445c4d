"""The network as it is written: layers by name with their kind and weights, the same that the runtime computes with."""

import numpy as np
import pytest

from calame.artifact import Manifest, load, write
from calame.engine.graph import _varint, read_graph
from calame.engine.session import Inspector
from calame.errors import DamagedModel
from calame.shelf import Shelf


@pytest.fixture(scope="module")
def folder():
    return Shelf(None).find("digits")


def test_every_layer_has_a_kind_and_its_weights(folder):
    graph = read_graph(folder)
    kinds = {name: graph.layer(name).kind for name in Inspector(folder).layers}
    assert kinds["stage1_conv"] == "Conv2D"
    assert kinds["stage1_pool"] == "MaxPooling2D"
    assert kinds["stage1_norm"] == "BatchNormalization"
    assert kinds["stage1"] == "ReLU"
    assert kinds["place"] == "DepthwiseConv2D"
    assert kinds["mean"] == "GlobalAveragePooling2D"
    assert kinds["placed"] == "Flatten"
    assert kinds["output"] == "Dense"
    assert graph.layer("stage1_conv").parameters == 5 * 5 * 32
    assert graph.layer("output").parameters == 3 * 128 * 10 + 10


def test_options_and_whole_numbers_are_read(folder):
    graph = read_graph(folder)
    nodes = {node.outputs[0]: node for node in graph.nodes}
    conv = nodes["stage1_conv/Conv"]
    assert (conv.sizes("pads", ()), conv.sizes("strides", ()), conv.number("group", 0)) == ((2, 2, 2, 2), (1, 1), 1)
    assert nodes["place/Conv"].number("group", 1) == 128
    assert nodes["output"].number("axis", 0) == -1
    assert nodes["stage1/Relu"].attributes == {}
    assert graph.integers["placed/shape"].tolist() == [0, 128]
    assert conv.number("nothing", 0.5) == 0.5


def test_the_filters_are_those_that_compute(folder):
    kernels = read_graph(folder).kernels("stage1_conv")
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, 14, 14] = 255
    seen = Inspector(folder).activations(image)["stage1_conv"][0, 12:17, 12:17]  # an impulse shows the filter, turned
    np.testing.assert_allclose(seen[::-1, ::-1], kernels[:, :, 0], atol=1e-5)


def test_what_is_no_convolution_has_no_filters(folder):
    assert read_graph(folder).kernels("output") is None


@pytest.mark.parametrize("content", [b"", b"\xff" * 40, b"\x3a\x7f\x00", b"\x38\x01"])
def test_bytes_that_are_no_network_are_refused(tmp_path, content):
    write(tmp_path / "model", Manifest("m", "1", "x", 1, "grey"), {"inspect.onnx": content})
    with pytest.raises(DamagedModel, match="not an ONNX file"):
        read_graph(load(tmp_path / "model"))


def test_a_number_has_ten_bytes_at_most():
    assert _varint(memoryview(b"\xff" * 9 + b"\x01"), 0) == (2**64 - 1, 10)
    with pytest.raises(ValueError, match="70"):
        _varint(memoryview(b"\xff" * 10 + b"\x01"), 0)


@pytest.mark.parametrize("seed", range(3))
def test_a_damaged_file_is_refused_or_read_and_nothing_else(folder, tmp_path, seed):
    random, whole = np.random.default_rng(seed), folder.read("inspect.onnx")
    damaged = bytearray(whole[: random.integers(1, len(whole))] if seed else whole)
    for place in random.integers(0, min(len(damaged), 5000), 20):
        damaged[place] = random.integers(256)
    write(tmp_path / "model", Manifest("m", "1", "x", 1, "grey"), {"inspect.onnx": bytes(damaged)})
    try:
        graph = read_graph(load(tmp_path / "model"))
    except DamagedModel:
        return
    assert sum(weights.nbytes for weights in graph.weights.values()) <= len(whole)


@pytest.mark.train
def test_onnx_itself_reads_the_same_weights_and_operations(folder):
    import onnx

    model = onnx.load_model_from_string(folder.read("inspect.onnx"))
    graph = read_graph(folder)
    weights = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer if one.data_type == 1}
    assert graph.weights.keys() == weights.keys()
    for name, values in weights.items():
        np.testing.assert_array_equal(graph.weights[name], values)
    assert [(node.operation, node.inputs, node.outputs) for node in graph.nodes] == [
        (node.op_type, tuple(node.input), tuple(node.output)) for node in model.graph.node
    ]
