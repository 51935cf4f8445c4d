"""What a network has learned to look for, and what it finds in a picture: its filters and its feature maps.

Drawing them is as old as the convolutional network that won ImageNet: Krizhevsky and others, "ImageNet
Classification with Deep Convolutional Neural Networks", 2012, figure 3.
"""

import numpy as np

from calame.engine.session import Floats
from calame.explain.network import Model, Picture, opened, seen


def filters(model: Model = None) -> dict[str, Floats]:
    """Return the filters of every convolution by its layer's name, each (height, width, inputs, filters) float32.

    A filter is a small picture of weights for each map that it looks at; where it lies on what it was made for, the
    sum of weights × values is large. `filters[..., 0, 5]` is what the sixth filter does with the first map.

    Source: LeCun and others, "Gradient-Based Learning Applied to Document Recognition", 1998.

    Example:
        >>> filters("digits")["stage1_conv"].shape
        (5, 5, 1, 32)
    """
    graph = opened(model).graph
    kernels = {name: value for name, value in graph.weights.items() if value.ndim == 4 and "kernel" in name}
    return {_layer(name): np.ascontiguousarray(value.transpose(2, 3, 1, 0)) for name, value in kernels.items()}


def feature_maps(model: Model, picture: Picture) -> dict[str, Floats]:
    """Return what every layer makes of a picture, in order, by its name: maps (h, w, channels) or values (n,).

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0, as the network sees it (`DigitReading.prepared`).

    They are what ONNX Runtime computes on the way to the answer, by `inspect.onnx`: nothing is drawn at random.
    Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", 2014.

    Raises:
        BadArray: another shape or dtype.

    Example:
        >>> feature_maps("digits", reading.prepared)["stage1"].shape
        (14, 14, 32)
    """
    network = opened(model)
    found = network.inspector.activations(seen(picture))
    return {name: found[name][0] for name in network.layers}


def _layer(kernel: str) -> str:
    """`conv1/kernel` is of the layer conv1; `sep/depthwise_kernel` is one of two of its layer."""
    layer, _, part = kernel.rpartition("/")
    return layer if part == "kernel" else f"{layer}/{part.removesuffix('_kernel')}"
