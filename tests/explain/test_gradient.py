"""The network in NumPy: forwards as ONNX Runtime, backwards as finite differences."""

from dataclasses import replace

import numpy as np
import pytest

from calame.engine.graph import Node
from calame.errors import UnsupportedModel
from calame.explain.gradient import Tape
from calame.explain.network import one_hot


def test_every_layer_is_what_onnx_runtime_computes(network, samples):
    pictures = np.stack(list(samples.values()))
    tape, runtime = network.run(network.pixels(pictures)), network.inspector.activations(pictures)
    assert len(runtime) > 20
    for name, wanted in runtime.items():
        np.testing.assert_allclose(tape.values[name], wanted, atol=1e-4, err_msg=name)


def test_the_slope_of_a_score_is_that_of_finite_differences(network, rough):
    tape, wanted = network.run(rough), one_hot(7, np.float64)
    slopes = network.slopes(tape, {network.logits: wanted})
    assert slopes.dtype == np.float64
    for seed in range(5):
        way = np.random.default_rng(seed).normal(0, 1, rough.shape)
        lower, here, upper = (network.run(rough + side * way).values[network.logits][0, 7] for side in (-1e-6, 0, 1e-6))
        sides = (here - lower) / 1e-6, (upper - here) / 1e-6  # a ReLU that bends in between bends one of them
        found = (slopes * way).sum()
        assert any(found == pytest.approx(side, rel=1e-3) for side in sides)


def test_slopes_can_stop_at_any_layer_and_begin_at_any(network, rough):
    tape = network.run(rough)
    whole = network.slopes(tape, {network.logits: one_hot(3, np.float64)})
    at_maps = tape.back({network.logits: one_hot(3, np.float64)}, "stage2_2/Relu")
    np.testing.assert_allclose(network.slopes(tape, {"stage2_2/Relu": at_maps}), whole, rtol=1e-9)
    assert tape.back({"stage1": np.ones((1, 14, 14, 32))}, "stage2_2/Relu").sum() == 0  # it comes before


def test_it_stops_where_it_is_told_to(network, rough):
    assert list(network.run(rough, until="stage1/Relu").values)[-1] == "stage1/Relu"


def test_a_foreign_operation_is_refused_by_name(network, rough):
    nodes = (Node("QLinearConv", ("image",), ("strange",)), *network.graph.nodes)
    with pytest.raises(UnsupportedModel, match=r"strange: operation QLinearConv cannot be looked into"):
        Tape(replace(network.graph, nodes=nodes), "image", rough)
