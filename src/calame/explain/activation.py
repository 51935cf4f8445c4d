"""Where a class's score comes from: the class activation map, exact where the head allows it, by gradient elsewhere.

Let A be the last maps of a network and s the logit of a class. Zhou and others ("Learning Deep Features for
Discriminative Localization", 2016) saw that behind a global average pooling and a dense layer, s - bias is the sum
over all places of Σ_c w_c A_c / (h w): each place has its share, and the shares add up to the score.

The same holds for every head in which nothing is bent or added between A and the dense layer. `digits` looks at each
map in three ways, its mean, its maximum and its learned weights by place P:

    s - bias = Σ_c  u_c mean(A_c)  +  Σ_c  v_c max(A_c)  +  Σ_c w_c Σ_ij P_cij A_cij

The first and the third are sums over places as they stand. The second belongs to the place of the maximum, shared
where there are several. So a place (i, j) contributes

    Σ_c A_cij · ( u_c / (h w)  +  v_c [A_cij is the maximum]  +  w_c P_cij )

and the bracket is the slope of s by A_cij. That is no accident: mean, maximum and weighted sum are homogeneous of
degree one, and Euler's theorem on such functions says s - bias = Σ A · ds/dA. So one rule, map × slope, serves all
heads of poolings, and is exact; the slopes come from `gradient`, by the weights in the model's own file.

Where a hidden layer or a bias lies in between (the course's network), the sum is no longer the score, and the map is
Grad-CAM's (Selvaraju and others, 2017): each map weighed by its mean slope, what speaks against the class left out.
Behind `Flatten` every place has weights of its own, and a mean slope can light up where nothing speaks for the class,
blank paper even: Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of convolutional
neural networks", 2020. `values` are Grad-CAM's all the same, since that is what they are called; what is drawn to the
strokes is theirs: map × slope at each place, as in the exact heads.

The last maps are coarse, and what they find in a cell may be the ring of ink around it: the middle of a 0 speaks for
it. `fine` therefore weighs the map, spread over the picture, with how much each place of the *first* maps matters to
the score, Σ |map × slope|: the weights of LayerCAM (Jiang and others, 2021), multiplied as in Guided Grad-CAM.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from calame.engine.graph import Node
from calame.engine.session import Floats
from calame.explain.gradient import Tape
from calame.explain.network import Model, Network, Picture, one_hot, one_of, opened, seen
from calame.explain.operators import ACTIVATIONS, POINTWISE
from calame.explain.places import Grid, grid
from calame.explain.windows import Array
from calame.types import DIGITS

STRAIGHT = {  # what a head may do with the maps without bending or adding
    *("GlobalAveragePool", "GlobalMaxPool", "AveragePool", "MaxPool"),
    *("Concat", "Flatten", "Reshape", "Transpose", "Identity"),
}


@dataclass(frozen=True, eq=False)
class ClassMap:
    """How much each place of the last maps speaks for a class (above 0) or against it.

    Attributes:
        digit: the class.
        values: (h, w) float32.
        exact: whether the values add up to `logit - bias`; else they are Grad-CAM's, without what speaks against.
        logit, bias: of the class, before the softmax.
        layer: whose maps they are.
        grid: where the places lie on the picture.
        fine: (28, 28) float32, the shares of the places (`values` where they are exact) spread over the picture and
            drawn to the strokes that they come from.
        parts: what each pooling of the head contributes, by its layer's name; they add up to `values`.
        kinds: what each of them is, "GlobalMaxPooling2D" ..., see `engine.graph`.
    """

    digit: int
    values: Floats
    exact: bool
    logit: float
    bias: float
    layer: str
    grid: Grid
    fine: Floats
    parts: Mapping[str, Floats] = field(default_factory=dict[str, Floats])
    kinds: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def picture(self) -> Floats:
        """The values spread over the picture, (28, 28) float32."""
        return self.grid.spread(self.values)

    @property
    def peak(self) -> tuple[int, int]:
        """Row and column, on the map, of what speaks most for the class."""
        row, column = np.unravel_index(self.values.argmax(), self.values.shape)
        return int(row), int(column)


def class_activation(model: Model, picture: Picture, digit: int) -> ClassMap:
    """Return where the score of a digit comes from: exact where the head allows it, else Grad-CAM.

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0.
        digit: 0-9, the class that is asked about; it need not be the answer.

    Source: Zhou and others, "Learning Deep Features for Discriminative Localization", 2016; for the head of
    `digits`, and when it is not exact, see the text of this module.

    Raises:
        BadArray, BadParameter: another picture, another digit.
        UnsupportedModel: a network without maps, or without a dense layer at its end.

    Example:
        >>> found = class_activation("digits", reading.prepared, 7)
        >>> abs(found.values.sum() + found.bias - found.logit) < 1e-4
        True
    """
    network = opened(model)
    tape = network.run(network.pixels(seen(picture)))
    source = _head_source(network, tape)
    if source is None:
        return grad_cam(network, picture, digit)
    maps, wanted = tape.values[source], one_hot(one_of("digit", digit, DIGITS))
    values = _shares(maps, tape.back({network.logits: wanted}, source))
    parts = {name: _shares(maps, slopes) for name, slopes in _by_pooling(network, tape, wanted, source)}
    return ClassMap(
        digit=digit,
        values=values,
        exact=True,
        logit=float(tape.values[network.logits][0, digit]),
        bias=float(network.bias[digit]),
        layer=_layer(source),
        grid=_grid(network, source),
        fine=_fine(network, tape, wanted, _grid(network, source).spread(values)),
        parts=parts,
        kinds={name: _kind(network, name) for name in parts},
    )


def grad_cam(model: Model, picture: Picture, digit: int, *, signed: bool = False) -> ClassMap:
    """Return the maps of the last convolution, each weighed by its mean slope, as one map (h, w).

    Args:
        model: see `network.Model`.
        picture: (28, 28) uint8, ink 255 on 0.
        digit: 0-9.
        signed: keep what speaks against the class too, which the paper leaves out.

    Source: Selvaraju and others, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-Based
    Localization", 2017. Behind a global average pooling it is the class activation map, but for a factor.

    Raises:
        BadArray, BadParameter: another picture, another digit.
        UnsupportedModel: a network without maps.
    """
    network = opened(model)
    tape = network.run(network.pixels(seen(picture)))
    source = _last_maps(network, tape)
    wanted = one_hot(one_of("digit", digit, DIGITS))
    slopes = tape.back({network.logits: wanted}, source)
    values = _shares(tape.values[source], slopes.mean((2, 3), keepdims=True))
    values = values if signed else np.maximum(values, 0)
    shares = _shares(tape.values[source], slopes)
    biased = network.maker(network.logits) is not None and network.last
    return ClassMap(
        digit=digit,
        values=values,
        exact=False,
        logit=float(tape.values[network.logits][0, digit]),
        bias=float(network.bias[digit]) if biased else 0.0,
        layer=_layer(source),
        grid=_grid(network, source),
        fine=_fine(network, tape, wanted, _grid(network, source).spread(shares)),
    )


def _shares(maps: Array, slopes: Array) -> Floats:
    return (maps * slopes).sum(1)[0].astype(np.float32)


def _fine(network: Network, tape: Tape, wanted: Array, spread: Floats) -> Floats:
    """Weigh a map on the picture, 0-1 at each pixel, with how much the first maps matter there."""
    bent = [node.outputs[0] for node in network.graph.nodes if node.operation in ACTIVATIONS]
    name = next((name for name in bent if _has_places(tape.values[name])), _last_maps(network, tape))
    slopes = tape.back({network.logits: wanted}, name)
    weights = _grid(network, name).spread(np.abs(tape.values[name] * slopes).sum(1)[0])
    return spread * weights / max(float(weights.max()), 1e-12)


def _head_source(network: Network, tape: Tape) -> str | None:
    """The maps that a head of poolings reads; None where something bends or adds on the way."""
    found: set[str] = set()
    waiting = [network.last.inputs[0]]
    while waiting:
        name = waiting.pop()
        node = network.maker(name)
        if node is not None and (node.operation in STRAIGHT or _weighs_places(node, tape)):
            waiting += [source for source in node.inputs if source in tape.values]
        else:
            found.add(name)
    source = found.pop()
    return source if not found and _has_places(tape.values[source]) and network.maker(source) else None


def _weighs_places(node: Node, tape: Tape) -> bool:
    """Whether it is a convolution over the whole map, without bias: a weight for each place."""
    return node.operation == "Conv" and len(node.inputs) == 2 and tape.values[node.outputs[0]].shape[2:] == (1, 1)


def _by_pooling(network: Network, tape: Tape, wanted: Array, source: str) -> Iterator[tuple[str, Array]]:
    """Yield, for each way in which the head looks at the maps, the slopes that come by that way alone."""
    features = network.last.inputs[0]
    node = network.maker(features)
    if node is None or node.operation != "Concat":
        return
    slopes, start = tape.back({network.logits: wanted}, features), 0
    for part in node.inputs:
        size = tape.values[part].shape[1]
        yield part, tape.back({part: slopes[:, start : start + size]}, source)
        start += size


def _kind(network: Network, name: str) -> str:
    """What a part of the features is: values that were only put in a row are what they were before."""
    node = network.maker(name)
    while node is not None and node.operation in ("Reshape", "Flatten", "Transpose", "Identity"):
        name = node.inputs[0]
        node = network.maker(name)
    return network.graph.layer(_layer(name)).kind


def _last_maps(network: Network, tape: Tape) -> str:
    """The maps of the last convolution that still has places, with what is done to each cell after it."""
    nodes = [node for node in network.graph.nodes if node.operation == "Conv"]
    names = [node.outputs[0] for node in nodes if _has_places(tape.values[node.outputs[0]])]
    if not names:
        raise network.unsupported(network.logits, "explain.no_maps")
    name = names[-1]
    while True:
        readers = network.readers(name)
        if len(readers) != 1 or not _each_cell(readers[0], tape):
            return name
        name = readers[0].outputs[0]


def _each_cell(node: Node, tape: Tape) -> bool:
    """Whether it changes each cell for itself: an activation, a normalisation."""
    alone = sum(source in tape.values for source in node.inputs) == 1
    return alone and (node.operation in POINTWISE or node.operation in {"Mul", "Add", "Clip"})


def _has_places(values: Array) -> bool:
    return values.ndim == 4 and values.shape[2] * values.shape[3] > 1


def _grid(network: Network, source: str) -> Grid:
    found = grid(network, source)
    if found is None:
        raise network.unsupported(source, "explain.no_places")
    return found


def _layer(name: str) -> str:
    """`stage3_3/Relu` is of the layer stage3_3."""
    return name.rpartition("/")[0] or name
