"""The engine: what a model folder promises is checked, and nothing outside it is opened."""

from importlib.util import find_spec

import numpy as np
import pytest

from calame.artifact import Manifest, write
from calame.engine.session import CHUNK, Inspector, Session
from calame.errors import BadArray, DamagedModel

pytestmark = pytest.mark.train  # the networks are written with `onnx`, which is in that extra
if find_spec("onnx"):
    import onnx
    from onnx import TensorProto, helper, numpy_helper

CARD = Manifest("tiny", "1", "linear", 7_850, "centre=mass")
WEIGHTS = np.random.default_rng(0).normal(0, 0.1, (784, 10)).astype(np.float32)


def network(*, entry="image", side=28, classes=10, output="probabilities", extra=()):
    """A linear softmax classifier, with the promises kept or broken."""
    pixels = side * side
    nodes = [
        helper.make_node("Reshape", [entry, "shape"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [output]),
    ]
    values = np.resize(WEIGHTS, (pixels, classes))
    constants = [numpy_helper.from_array(values, "weights"), numpy_helper.from_array(np.array([-1, pixels]), "shape")]
    shapes = {"flat": pixels, "logits": classes}
    outputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", shapes[name]]) for name in extra]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(entry, TensorProto.FLOAT, ["n", side, side, 1])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", classes]), *outputs],
        constants,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def folder(tmp_path, model, file="model.onnx"):
    content = model if isinstance(model, bytes) else model.SerializeToString()
    return write(tmp_path / "model", CARD, {file: content}, over=True)


@pytest.fixture
def images():
    return np.random.default_rng(1).integers(0, 256, (2 * CHUNK + 3, 28, 28), np.uint8)


def test_it_computes_what_numpy_computes(tmp_path, images):
    logits = images.reshape(len(images), 784) / np.float32(255) @ WEIGHTS
    powers = np.exp(logits - logits.max(1, keepdims=True))
    given = Session(folder(tmp_path, network()))(images)
    assert given.shape == (len(images), 10)
    assert given.dtype == np.float32
    np.testing.assert_allclose(given, powers / powers.sum(1, keepdims=True), atol=1e-6)


def test_the_batch_does_not_matter(tmp_path, images):
    session = Session(folder(tmp_path, network()), threads=2)
    np.testing.assert_allclose(session(images)[5:6], session(images[5:6]), atol=1e-6)
    np.testing.assert_array_equal(session(images[..., None]), session(images))
    assert session(images[:0]).shape == (0, 10)


@pytest.mark.parametrize("bad", [np.zeros((1, 28, 28)), np.zeros((28, 28), np.uint8), np.zeros((1, 32, 32), np.uint8)])
def test_other_arrays_are_refused(tmp_path, bad):
    with pytest.raises(BadArray, match=r"expected \(n, 28, 28\) uint8"):
        Session(folder(tmp_path, network()))(bad)


def test_the_inspector_gives_every_layer_by_name(tmp_path, images):
    model = folder(tmp_path, network(extra=("flat", "logits")), "inspect.onnx")
    inspector = Inspector(model)
    given = inspector.activations(images[:4])
    assert list(given) == ["probabilities", "flat", "logits"]
    assert inspector.layers == {"flat": (784,), "logits": (10,)}
    np.testing.assert_allclose(given["logits"], images[:4].reshape(4, 784) / np.float32(255) @ WEIGHTS, atol=1e-5)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"entry": "picture"}, "unexpected input: picture"),
        ({"side": 32}, "unexpected input: image"),
        ({"classes": 11}, "unexpected output: probabilities"),
        ({"output": "scores"}, "unexpected output: scores"),
        ({"extra": ("logits",)}, "unexpected output: probabilities, logits"),
    ],
)
def test_a_network_that_keeps_other_promises_is_refused(tmp_path, broken, said):
    with pytest.raises(DamagedModel, match=said):
        Session(folder(tmp_path, network(**broken)))


@pytest.mark.parametrize("content", [b"", b"\x08\x08\x12\x04junk", None])
def test_bytes_that_are_no_network_are_refused(tmp_path, content):
    cut_short = network().SerializeToString()[:-100]
    with pytest.raises(DamagedModel, match=r"model\.onnx: damaged model"):
        Session(folder(tmp_path, cut_short if content is None else content))


def test_tensors_in_other_files_are_refused(tmp_path):
    onnx.save_model(
        network(), tmp_path / "split.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0
    )
    with pytest.raises(DamagedModel, match="tensors in other files"):
        Session(folder(tmp_path, (tmp_path / "split.onnx").read_bytes()))


def test_changed_bytes_never_reach_the_runtime(tmp_path):
    made = folder(tmp_path, network())
    other = bytearray((made.path / "model.onnx").read_bytes())
    other[-1] ^= 1
    (made.path / "model.onnx").write_bytes(other)
    with pytest.raises(DamagedModel, match="other bytes"):
        Session(made)
