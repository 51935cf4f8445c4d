"""Lighter versions: fewer bytes, nearly the same answers, and the loss written down."""

from importlib.util import find_spec

import numpy as np
import pytest

from calame.artifact import load
from calame.engine.session import Session
from calame.errors import UsageError

pytestmark = pytest.mark.train
if find_spec("tensorflow"):
    import keras
    import onnx

    from calame.export.exporter import export_model
    from calame.export.importer import drawn_strokes
    from calame.export.prune import KeepZeros, prune, zeros
    from calame.export.quantise import FLOAT16, INT8, LIGHTER, compressed_bytes, lighten, with_int8


@pytest.fixture(scope="module")
def images():
    return drawn_strokes(200)


@pytest.fixture
def network():
    from calame.models import compact

    keras.utils.set_random_seed(0)
    return compact.build()


@pytest.fixture
def folder(network, images, tmp_path):
    card = {"name": "compact", "version": "1", "preparation": "x", "scores": {"mnist": {"n": 1}}}
    return export_model(network, tmp_path / "whole", check_images=images, **card)


def test_int8_and_float16_lie_beside_the_network_with_what_they_cost(folder, images, tmp_path):
    labels = Session(folder)(images).argmax(1)
    labels[:20] = (labels[:20] + 1) % 10  # 90 % right, so that a loss and a gain can both be seen
    lighter = lighten(folder, tmp_path / "lighter", images[:64], (images, labels))
    costs = load(lighter.path).manifest.scores[LIGHTER]
    assert lighter.manifest.scores["mnist"] == {"n": 1}
    assert set(lighter.manifest.files) == {"model.onnx", "inspect.onnx", INT8, FLOAT16}
    assert lighter.read("model.onnx") == folder.read("model.onnx")
    for file, share in (("model.onnx", 1.0), (FLOAT16, 0.52), (INT8, 0.3)):
        answers = Session(lighter, file)(images).argmax(1)
        assert costs[file]["accuracy"] == pytest.approx((answers == labels).mean())
        assert costs[file]["points"] == pytest.approx(100 * (costs[file]["accuracy"] - 0.9), abs=1e-4)
        assert costs[file]["changed"] == (answers != Session(folder)(images).argmax(1)).sum() <= 60
        assert costs[file]["n"] == 200
        assert costs[file]["bytes"] == len(lighter.read(file)) < share * len(folder.read("model.onnx")) + 1


def test_float16_changes_probabilities_by_rounding_alone(folder, images, tmp_path):
    lighter = lighten(folder, folder.path, images[:64], (images, np.zeros(200, int)))
    assert lighter.path == folder.path
    np.testing.assert_allclose(Session(lighter, FLOAT16)(images), Session(lighter)(images), atol=5e-3)


def test_eight_bits_alone_are_the_same_file(folder, images, tmp_path):
    lighter = lighten(folder, tmp_path / "lighter", images[:64], (images, np.zeros(200, int)))
    alone = with_int8(folder, tmp_path / "alone", images[:64])
    assert set(alone.manifest.files) == {"model.onnx", "inspect.onnx", INT8}
    assert alone.read(INT8) == lighter.read(INT8)
    left = with_int8(folder, tmp_path / "left", images[:64], ["output/Gemm"]).read(INT8)
    (last,) = (node for node in onnx.load_model_from_string(left).graph.node if node.name == "output/Gemm")
    assert "output/kernel" in last.input
    with pytest.raises(UsageError):
        with_int8(folder, tmp_path / "none", images[:0])


def test_lightening_needs_digits(folder, images, tmp_path):
    with pytest.raises(UsageError, match="real digits"):
        lighten(folder, tmp_path / "x", images[:0], (images, np.zeros(200)))


@pytest.mark.parametrize("share", [0.0, 0.5, 0.7])
def test_pruning_takes_the_smallest_weights_of_the_whole_network(share, network):
    before = np.concatenate([kernel.numpy().ravel() for kernel in network.trainable_variables if len(kernel.shape) > 1])
    masks = prune(network, share)
    after = np.concatenate([kernel.numpy().ravel() for kernel in network.trainable_variables if len(kernel.shape) > 1])
    assert zeros(network) == pytest.approx(share, abs=1e-4)
    assert sum(int((mask == 0).sum()) for mask in masks.values()) == (after == 0).sum()
    kept = after != 0
    np.testing.assert_array_equal(after[kept], before[kept])
    assert np.abs(before[~kept]).max(initial=0) <= np.abs(before[kept]).min()


def test_pruned_weights_stay_zero_while_the_others_learn(network, images):
    masks = prune(network, 0.7)
    before = network.get_weights()
    network.compile(keras.optimizers.SGD(0.1, use_ema=True, ema_momentum=0.9), "sparse_categorical_crossentropy")
    network.fit(images[..., None] / 255, np.arange(200) % 10, batch_size=64, verbose=0, callbacks=[KeepZeros(masks)])
    assert zeros(network) == pytest.approx(0.7, abs=1e-4)
    assert any((old != new).any() for old, new in zip(before, network.get_weights(), strict=True))


def test_a_pruned_network_is_a_model_folder_that_compresses(network, folder, images, tmp_path):
    prune(network, 0.7)
    pruned = export_model(
        network, tmp_path / "pruned", check_images=images, name="compact", version="1-p", preparation="x"
    )
    assert compressed_bytes(pruned, "model.onnx") < 0.5 * compressed_bytes(folder, "model.onnx")


@pytest.mark.parametrize("share", [1.0, -0.1])
def test_shares_that_make_no_sense_are_refused(share, network):
    with pytest.raises(UsageError, match="cannot be pruned"):
        prune(network, share)
