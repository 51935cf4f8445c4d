"""The network as columns: those of its own graph, in order, and the maps that say most."""

import numpy as np

from calame import explain
from calame.explain.outline import IMAGE


def test_every_column_sums_or_pools_and_takes_what_follows_with_it(network):
    stages = {stage.name: stage for stage in explain.outline(network)}
    assert list(stages)[:4] == ["stage1_conv", "stage1_pool", "stage2_1_conv", "stage2_2_conv"]
    assert stages["stage1_pool"].layers == ("stage1_pool", "stage1_norm", "stage1")
    assert stages["stage1_pool"].kinds == ("MaxPooling2D", "BatchNormalization", "ReLU")
    assert stages["stage1_conv"].sources == (IMAGE,)
    assert stages["output"].sources == ("mean", "max", "place")
    assert stages["mean"].depth == stages["max"].depth == stages["place"].depth == stages["output"].depth - 1


def test_every_layer_is_in_one_column_or_only_moves_values(network):
    stages = explain.outline(network)
    held = [layer for stage in stages for layer in stage.layers]
    assert len(held) == len(set(held))
    assert set(network.layers) - set(held) == {"placed", "pooled"}
    for stage in stages:
        assert stage.shape == network.layers[stage.shown]


def test_the_maps_that_are_shown_answer_to_digits_and_each_to_its_own(network, samples):
    pictures = np.stack(list(samples.values()))
    chosen = explain.busiest(network, pictures, 8)
    assert chosen["stage1_conv"] == chosen["stage1_pool"]
    for name, maps in chosen.items():
        assert len(set(maps)) == 8
        found = network.inspector.activations(pictures, [name])[name]
        assert np.abs(found[..., maps[0]]).max() > 0
