"""A network as a person would sketch it: a column for each layer that sums or pools, in the order of computing.

What is done to each value by itself (a normalisation, an activation) belongs to the layer before it; what only moves
values about (a flattening, a concatenation) is an arrow. Wang and others, "CNN Explainer", 2020, draw one network by
hand in this way; here it is read from the model's own file.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from calame.engine.graph import LAYERS, Node
from calame.engine.session import Floats
from calame.explain.arithmetic import EACH
from calame.explain.network import Model, Network, Picture, opened
from calame.explain.operators import ACTIVATIONS
from calame.explain.places import Grid, grid

IMAGE = "image"  # what the first column reads
MOVED = ("Concat", "Pad", "Flatten", "Reshape", "Transpose", "Identity", "Squeeze", "Unsqueeze")
SMALLER = ("MaxPooling2D", "AveragePooling2D")
CHUNK = 64
EACH_TOLD = 3  # maps that should have something to show for every picture


@dataclass(frozen=True)
class Stage:
    """One column.

    Attributes:
        name, kind: of the layer that sums or pools, "Conv2D", "MaxPooling2D", "Dense" ...
        layers: it and those that change each of its values by itself, in order.
        kinds: what is done in them, in order: what each layer is, and the activation that is part of one.
        shape: (h, w, maps) or (n,) of the last of them, whose values the column shows.
        sources: the columns that it reads, or "image".
        depth: how many columns lie before it on the longest way from the picture; those of one depth stand together.
        grid: where its places lie on the picture, and how much of it one place can see; None where it has none.
    """

    name: str
    kind: str
    layers: tuple[str, ...]
    kinds: tuple[str, ...]
    shape: tuple[int, ...]
    sources: tuple[str, ...]
    depth: int
    grid: Grid | None

    @property
    def shown(self) -> str:
        """The layer whose values the column shows."""
        return self.layers[-1]


def outline(model: Model) -> list[Stage]:
    """Return the columns of a network, in the order in which they are computed.

    Example:
        >>> [stage.name for stage in outline("digits")][:3]
        ['stage1_conv', 'stage1_pool', 'stage2_1_conv']
    """
    network = opened(model)
    given = {layer: _given(network, layer) for layer in network.layers}
    readers = {name: [one for one in given if name in given[one]] for name in (IMAGE, *given)}
    stages: dict[str, Stage] = {}
    comes_from: dict[str, tuple[str, ...]] = {IMAGE: (IMAGE,)}
    for layer, sources in given.items():
        from_stages = tuple(dict.fromkeys(stage for one in sources for stage in comes_from[one]))
        before = stages.get(from_stages[0]) if len(from_stages) == 1 else None
        operations = {node.operation for node in _own(network, layer)}
        if operations <= {*MOVED}:
            comes_from[layer] = from_stages
            continue
        if before and operations <= {*EACH, *MOVED} and sources == [before.shown] and readers[before.shown] == [layer]:
            stages[before.name] = _with(before, network, layer)
            comes_from[layer] = (before.name,)
            continue
        comes_from[layer] = (layer,)
        depth = 1 + max(stages[one].depth if one in stages else -1 for one in from_stages)
        kinds = _kinds(network, layer)
        place = grid(network, network.inner(layer)) if len(network.layers[layer]) == 3 else None
        stages[layer] = Stage(layer, kinds[0], (layer,), kinds, network.layers[layer], from_stages, depth, place)
    return list(stages.values())


def busiest(model: Model, pictures: Picture, count: int) -> dict[str, list[int]]:
    """Return for each column with maps those that show most for some pictures, most first.

    Args:
        model: see `network.Model`.
        pictures: (n, 28, 28) uint8, such as digits of every kind.
        count: maps of each column, at most.

    A map's answer to a picture is its largest value, above or below zero alike. The maps are chosen one by one, so that
    for each of the pictures three of them answer as strongly as may be. A pooling shows the maps of the layer that it
    makes smaller, and has the choice for both.
    """
    network = opened(model)
    stages = [stage for stage in outline(network) if len(stage.shape) == 3]
    names = [stage.shown for stage in stages]
    answers: dict[str, list[Floats]] = {name: [] for name in names}
    for start in range(0, len(pictures), CHUNK):
        found = network.inspector.activations(pictures[start : start + CHUNK], names)
        for name in names:
            answers[name].append(np.abs(found[name]).max((1, 2)))
    chosen = {stage.name: _telling(np.concatenate(answers[stage.shown]), count) for stage in stages}
    for stage in stages:
        (source, *others) = stage.sources
        if stage.kind in SMALLER and source in chosen and not others:
            chosen[source] = chosen[stage.name]
    return chosen


def _telling(answers: Floats, count: int) -> list[int]:
    """Return maps of (pictures, maps): greedily those that add most to the `EACH_TOLD` strongest for each picture."""
    best, chosen = np.zeros((len(answers), EACH_TOLD), np.float32), list[int]()
    for _ in range(min(count, answers.shape[1])):
        gains = np.maximum(answers - best[:, :1], 0).sum(0)
        gains[chosen] = -1
        chosen.append(int(gains.argmax()))
        best[:, 0] = np.maximum(best[:, 0], answers[:, chosen[-1]])
        best.sort(axis=1)
    return chosen


def _with(stage: Stage, network: Network, layer: str) -> Stage:
    kinds = (*stage.kinds, *_kinds(network, layer))
    return replace(stage, layers=(*stage.layers, layer), kinds=kinds, shape=network.layers[layer])


def _kinds(network: Network, layer: str) -> tuple[str, ...]:
    """What a layer is, and the activation in it: `Conv2D(32, 3, activation="relu")` is two things in one."""
    kind = network.graph.layer(layer).kind
    operations = (node.operation for node in _own(network, layer) if node.operation in ACTIVATIONS)
    bent = (LAYERS.get(operation, operation) for operation in operations)
    return kind, *(one for one in bent if one != kind)


def _own(network: Network, layer: str) -> list[Node]:
    inside = f"{layer}/"
    return [node for node in network.graph.nodes if node.outputs[0] == layer or node.outputs[0].startswith(inside)]


def _given(network: Network, layer: str) -> list[str]:
    """The layers that one reads, or the picture, in order."""
    found = dict.fromkeys(_read(network, layer))
    return [name if name in network.layers else IMAGE for name in found if name != layer]


def _read(network: Network, layer: str) -> Iterator[str]:
    constants = {*network.graph.weights, *network.graph.integers}
    for node in _own(network, layer):
        for name in node.inputs:
            if name not in constants:
                yield name.rpartition("/")[0] or name
