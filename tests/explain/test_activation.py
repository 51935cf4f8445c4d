"""The class map adds up to the score, by ONNX Runtime's own account."""

from importlib.util import find_spec

import numpy as np
import pytest

from calame import explain


@pytest.fixture(scope="module")
def runtime_logits(network):
    """ONNX Runtime asked for the scores themselves, which no file of ours gives out."""
    if not find_spec("onnx"):
        pytest.skip("needs the extra `train`")
    import onnx
    import onnxruntime

    model = onnx.load_from_string(network.folder.read("inspect.onnx"))
    model.graph.output.append(onnx.helper.make_tensor_value_info(network.logits, onnx.TensorProto.FLOAT, ["n", 10]))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return lambda pictures: session.run([network.logits], {"image": network.pixels(pictures)})[0]


@pytest.mark.train
def test_the_places_and_the_bias_add_up_to_the_score_of_onnx_runtime(network, samples, runtime_logits):
    wanted = runtime_logits(np.stack(list(samples.values())))
    for row, picture in zip(wanted, samples.values(), strict=True):
        for digit in range(10):
            found = explain.class_activation(network, picture, digit)
            assert found.exact
            assert found.values.shape == (7, 7)
            np.testing.assert_allclose(found.values.sum(dtype=np.float64) + found.bias, row[digit], atol=1e-4)
            np.testing.assert_allclose(found.logit, row[digit], atol=1e-4)


def test_differences_of_scores_are_those_of_the_answer(network, seven):
    """Without the package `onnx`: what the softmax leaves of the scores is their differences."""
    logs = np.log(network.classify(seven[None])[0].astype(np.float64))
    scores = [
        found.values.sum() + found.bias for found in (explain.class_activation(network, seven, d) for d in (7, 2))
    ]
    np.testing.assert_allclose(scores[0] - scores[1], logs[7] - logs[2], atol=1e-4)


def test_the_three_poolings_have_their_parts(network, seven):
    found = explain.class_activation(network, seven, 7)
    assert list(found.parts) == ["mean", "max", "placed"]
    assert list(found.kinds.values()) == ["GlobalAveragePooling2D", "GlobalMaxPooling2D", "DepthwiseConv2D"]
    np.testing.assert_allclose(sum(found.parts.values()), found.values, atol=1e-5)
    maps = explain.feature_maps(network, seven)["stage3_3"]
    weights = network.graph.weights["output/kernel"][:, 7].reshape(3, 128)
    by_hand = {
        "mean": (maps * weights[0]).sum(2) / 49,
        "max": (maps * (maps == maps.max((0, 1))) * weights[1]).sum(2),
        "placed": (maps * network.graph.weights["place/kernel"][:, 0].transpose(1, 2, 0) * weights[2]).sum(2),
    }
    for name, wanted in by_hand.items():
        np.testing.assert_allclose(found.parts[name], wanted, atol=1e-5, err_msg=name)


def test_it_speaks_for_the_digit_that_is_there(network, seven):
    assert explain.class_activation(network, seven, 7).values.sum() > 3
    assert explain.class_activation(network, seven, 0).values.sum() < 1


def test_the_peak_and_the_picture_are_at_the_same_place(network, seven):
    found = explain.class_activation(network, seven, 7)
    row, column = np.unravel_index(found.picture.argmax(), (28, 28))
    under = found.grid.under(*found.peak)
    assert found.picture.shape == (28, 28)
    assert (under[0].start <= row < under[0].stop, under[1].start <= column < under[1].stop) == (True, True)


def test_the_fine_map_is_drawn_to_the_strokes(network, samples):
    for digit, picture in samples.items():
        found = explain.class_activation(network, picture, digit)
        row, column = np.unravel_index(found.fine.argmax(), (28, 28))
        assert picture[max(row - 2, 0) : row + 3, max(column - 2, 0) : column + 3].any()
        assert (np.abs(found.fine) <= np.abs(found.picture) + 1e-6).all()


def test_grad_cam_is_drawn_to_the_strokes_place_by_place(network, seven):
    """As a whole a map may light up blank paper; what is drawn is the share of each place, as in an exact head."""
    exact, found = explain.class_activation(network, seven, 7), explain.grad_cam(network, seven, 7)
    np.testing.assert_allclose(found.fine, exact.fine, atol=1e-5)
    assert not np.allclose(found.values, exact.values, atol=0.1)
