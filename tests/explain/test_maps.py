"""Filters and maps are the network's own."""

import numpy as np

from calame import explain


def test_every_convolution_has_its_filters(network):
    found = explain.filters(network)
    assert found["stage1_conv"].shape == (5, 5, 1, 32)
    assert found["stage3_3_conv"].shape == (3, 3, 128, 128)
    assert found["place"].shape == (7, 7, 1, 128)
    assert all(kernels.dtype == np.float32 for kernels in found.values())


def test_the_filters_make_the_maps(network, seven):
    kernel, maps = explain.filters(network)["stage1_conv"], explain.feature_maps(network, seven)["stage1_conv"]
    patch = seven[10:15, 8:13, None] / np.float32(255)
    wanted = (patch[..., None] * kernel).sum((0, 1, 2))
    np.testing.assert_allclose(maps[12, 10], wanted, atol=1e-5)


def test_every_layer_is_there_in_order(network, seven):
    found = explain.feature_maps(network, seven)
    assert list(found) == list(network.layers)
    assert {name: maps.shape for name, maps in found.items()} == network.layers
    assert found["output"].argmax() == 7
