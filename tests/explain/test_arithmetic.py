"""The sum that is written out is the value that ONNX Runtime computes."""

import json

import numpy as np
import pytest

from calame import explain
from calame.errors import BadParameter

REDUCED = {
    "sum": lambda found: found.products.sum(dtype=np.float64) + found.bias,
    "max": lambda found: np.nanmax(found.inputs),
    "mean": lambda found: np.nanmean(found.inputs),
}
KINDS = {"Conv2D", "DepthwiseConv2D", "MaxPooling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "Dense"}


def test_sums_are_the_layers_real_values_everywhere(network, seven):
    random = np.random.default_rng(0)
    layers = [name for name in network.layers if network.graph.layer(name).kind in KINDS]
    assert len(layers) == 12
    for layer in layers:
        *sides, maps = network.layers[layer]
        for _ in range(3):
            place = [int(random.integers(side)) for side in (maps, *sides)]
            found = explain.arithmetic(network, seven, layer, *place)
            values = explain.feature_maps(network, seven)[layer]
            assert found.output == pytest.approx(float(values[(*place[1:], place[0])]))
            assert REDUCED[found.operation](found) == pytest.approx(found.total, abs=1e-4)
            ends = [step.value for step in found.then if step.layer == layer]
            assert (ends[-1] if ends else found.total) == pytest.approx(found.output, abs=1e-4)


def test_the_inputs_are_what_lies_under_the_kernel(network, seven):
    found = explain.arithmetic(network, seven, "stage1_conv", map=5, row=12, column=14)
    assert (found.source, found.corner) == ("image", (10, 12))
    np.testing.assert_allclose(found.inputs[..., 0], seven[10:15, 12:17] / np.float32(255), atol=1e-6)
    np.testing.assert_array_equal(found.weights, explain.filters(network)["stage1_conv"][..., 5])
    edge = explain.arithmetic(network, seven, "stage1_conv", map=5, row=0, column=27)
    assert edge.corner == (-2, 25)
    assert not edge.inputs[:2].any()


def test_what_follows_is_told_step_by_step(network, seven):
    found = explain.arithmetic(network, seven, "stage2_1_conv", map=9, row=7, column=6)
    norm, relu = found.then
    assert (norm.layer, norm.kind, relu.layer, relu.kind) == ("stage2_1_norm", "BatchNormalization", "stage2_1", "ReLU")
    assert norm.value == pytest.approx(found.total * norm.scale + norm.shift, abs=1e-4)
    assert relu.value == max(norm.value, 0)
    assert relu.value == pytest.approx(float(explain.feature_maps(network, seven)["stage2_1"][7, 6, 9]), abs=1e-4)


def test_a_pooling_takes_the_largest_of_four(network, seven):
    found = explain.arithmetic(network, seven, "stage1_pool", map=2, row=6, column=7)
    maps = explain.feature_maps(network, seven)["stage1_conv"]
    np.testing.assert_allclose(found.inputs[..., 0], maps[12:14, 14:16, 2], atol=1e-5)
    assert found.weights is None
    assert found.total == found.inputs[found.chosen] == found.inputs.max()


def test_a_class_score_is_a_sum_over_features(network, seven):
    found = explain.arithmetic(network, seven, "output", map=7)
    assert (found.inputs.shape, found.source, found.kind) == ((384,), "pooled", "Dense")
    assert found.total == pytest.approx(explain.class_activation(network, seven, 7).logit, abs=1e-4)
    assert found.then[-1].kind == "Softmax"
    assert found.then[-1].value == pytest.approx(found.output, abs=1e-5)


def test_a_layer_that_changes_each_value_stands_for_the_one_before(network, seven):
    found = explain.arithmetic(network, seven, "stage2_1", map=9, row=7, column=6)
    assert found.layer == "stage2_1_conv"
    assert found.then[-1].layer == "stage2_1"


def test_it_can_be_told_as_json(network, seven):
    told = json.loads(json.dumps(explain.arithmetic(network, seven, "mean", map=3).to_json(), allow_nan=False))
    assert told["operation"] == "mean"
    assert np.array(told["inputs"]).shape == (7, 7, 1)
    assert told["weights"] is None


@pytest.mark.parametrize(
    ("layer", "place"),
    [("nowhere", (0, 0, 0)), ("pooled", (0, 0, 0)), ("stage1_conv", (32, 0, 0)), ("stage1_conv", (0, 28, 0))],
)
def test_what_is_not_there_is_refused(network, seven, layer, place):
    with pytest.raises(BadParameter, match="expected"):
        explain.arithmetic(network, seven, layer, *place)


def test_a_whole_map_is_made_as_each_of_its_places(network, seven):
    random = np.random.default_rng(1)
    layers = [name for name in network.layers if network.graph.layer(name).kind in {*KINDS, "ReLU"}]
    for layer in layers:
        *sides, maps = network.layers[layer]
        number, place = int(random.integers(maps)), tuple(int(random.integers(side)) for side in sides)
        whole, one = (
            explain.making(network, seven, layer, number),
            explain.arithmetic(network, seven, layer, number, *place),
        )
        at = place if whole.totals.shape else ()
        assert whole.totals[at] == pytest.approx(one.total)
        assert [float(step.value[at]) for step in whole.then] == pytest.approx([step.value for step in one.then])
        assert [(step.scale, step.shift) for step in whole.then] == [(step.scale, step.shift) for step in one.then]
        np.testing.assert_allclose(whole.output, explain.feature_maps(network, seven)[layer][..., number], atol=1e-5)
        assert whole.output.shape == tuple(sides)


def test_the_window_slides_over_the_whole_maps(network, seven):
    whole = explain.making(network, seven, "stage2_2", 9)
    one = explain.arithmetic(network, seven, "stage2_2", map=9, row=3, column=5)
    assert (whole.layer, whole.kind, whole.inputs.shape, whole.weights) == (
        "stage2_2_pool",
        "MaxPooling2D",
        (14, 14, 1),
        None,
    )
    top, left = whole.sliding.corner(3, 5)
    assert (top, left) == one.corner
    np.testing.assert_array_equal(whole.inputs[top : top + 2, left : left + 2], one.inputs)
