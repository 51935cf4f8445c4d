"""What every function is given: a model by any name, a picture of one shape."""

import numpy as np
import pytest

from calame import explain
from calame.errors import BadArray, BadParameter, MissingModel
from calame.explain.network import Network, opened


def test_a_model_comes_as_a_name_a_folder_or_opened(network, seven):
    by_name = explain.feature_maps("digits", seven)["output"]
    np.testing.assert_array_equal(explain.feature_maps(network.folder, seven)["output"], by_name)
    np.testing.assert_array_equal(explain.feature_maps(None, seven)["output"], by_name)
    assert opened(network) is network
    assert [Network(one).digest for one in ("digits", network.folder.path, None)] == [network.digest] * 3
    with pytest.raises(MissingModel, match="nobody"):
        explain.filters("nobody")


@pytest.mark.parametrize(
    "bad", [np.zeros((1, 28, 28), np.uint8), np.zeros((28, 28)), np.zeros((20, 20), np.uint8), None]
)
def test_another_picture_is_refused(network, bad):
    for function in (explain.class_activation, explain.grad_cam, explain.occlusion, explain.nearest):
        with pytest.raises(BadArray, match=r"expected \(28, 28\) uint8"):
            function(network, bad, 7)


@pytest.mark.parametrize("digit", [-1, 10, None, 7.5])
def test_another_digit_is_refused(network, seven, digit):
    for function in (explain.class_activation, explain.grad_cam, explain.occlusion):
        with pytest.raises(BadParameter, match=f"digit is {digit}; expected 0 – 9"):
            function(network, seven, digit)


def test_it_knows_where_the_scores_are(network: Network):
    assert network.logits == "output/Gemm"
    assert network.last.inputs[0] == "pooled"
    assert network.bias.shape == (10,)
    assert network.inner("stage3_3") == "stage3_3/Relu"
    assert network.inner("pooled") == "pooled"
