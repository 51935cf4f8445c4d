"""Every operation's way back, against finite differences in double precision."""

import numpy as np
import pytest

from calame.engine.graph import Node
from calame.explain.operators import OPERATORS

RANDOM = np.random.default_rng(0)
STEP = 1e-6


def values(*shape):
    """Normal values, none of them near a corner of a function."""
    drawn = RANDOM.normal(0, 1, shape)
    return np.where(np.abs(drawn) < 0.05, 0.3, drawn)


def whole(*numbers):
    return np.array(numbers, np.int64)


MAPS = (2, 4, 6, 7)
PLAIN = {"strides": (1, 1), "pads": (0, 0, 0, 0)}
CASES = {
    **{name: (name, {}, [values(2, 9)]) for name in ("Identity", "Relu", "Selu", "Sigmoid", "Tanh", "Softplus")},
    **{name: (name, {}, [values(2, 9)]) for name in ("Softsign", "Exp", "Erf", "Softmax")},
    "LeakyRelu": ("LeakyRelu", {"alpha": 0.2}, [values(2, 9)]),
    "Elu": ("Elu", {"alpha": 0.7}, [values(2, 9)]),
    "Clip": ("Clip", {}, [values(2, 9), np.array(-0.5), np.array(0.8)]),
    **{name: (name, {}, [values(*MAPS), values(4, 1, 1)]) for name in ("Add", "Sub", "Mul", "Max", "Min")},
    "Add of two": ("Add", {}, [values(*MAPS), values(*MAPS)]),
    "Gemm": ("Gemm", {}, [values(2, 9), values(9, 3), values(3)]),
    "MatMul": ("MatMul", {}, [values(2, 5, 9), values(9, 3)]),
    "Transpose": ("Transpose", {"perm": (0, 2, 3, 1)}, [values(*MAPS)]),
    "Reshape": ("Reshape", {}, [values(*MAPS), whole(0, 8, 21)]),
    "Flatten": ("Flatten", {"axis": 1}, [values(*MAPS)]),
    "Concat": ("Concat", {"axis": 1}, [values(2, 3), values(2, 4)]),
    "Pad": ("Pad", {}, [values(*MAPS), whole(0, 0, 1, 2, 0, 0, 3, 0)]),
    "Conv": ("Conv", PLAIN, [values(*MAPS), values(5, 4, 3, 2), values(5)]),
    "Conv far": (
        "Conv",
        {"strides": (2, 1), "pads": (1, 2, 0, 1), "dilations": (2, 1)},
        [values(*MAPS), values(5, 4, 2, 3)],
    ),
    "Conv in groups": ("Conv", {"group": 2, "pads": (1, 1, 1, 1)}, [values(*MAPS), values(6, 2, 3, 3), values(6)]),
    "Conv of each": ("Conv", {"group": 4}, [values(*MAPS), values(4, 1, 6, 7)]),
    "MaxPool": ("MaxPool", {"kernel_shape": (2, 2), "strides": (2, 2), "pads": (0, 0, 0, 1)}, [values(*MAPS)]),
    "AveragePool": ("AveragePool", {"kernel_shape": (3, 3), "strides": (2, 2), "pads": (1, 1, 1, 1)}, [values(*MAPS)]),
    "GlobalMaxPool": ("GlobalMaxPool", {}, [values(*MAPS)]),
    "GlobalAveragePool": ("GlobalAveragePool", {}, [values(*MAPS)]),
}


def test_every_operation_is_tried():
    assert {case[0] for case in CASES.values()} == set(OPERATORS)


@pytest.mark.parametrize("name", CASES)
def test_the_way_back_is_the_slope(name):
    operation, options, inputs = CASES[name]
    run = OPERATORS[operation]
    node = Node(operation, (), (), options)
    output, back = run(node, inputs)
    weights = RANDOM.normal(0, 1, output.shape)
    slopes = back(weights)
    moved = [place for place, given in enumerate(inputs) if given.dtype == np.float64 and given.ndim > 0]
    told = [place for place in moved if place < len(slopes) and slopes[place] is not None]
    assert told[0] == 0
    for place in told:
        way = RANDOM.normal(0, 1, inputs[place].shape)
        ends = [
            [given + side * STEP * way if number == place else given for number, given in enumerate(inputs)]
            for side in (1, -1)
        ]
        upper, lower = ((run(node, end)[0] * weights).sum() for end in ends)
        np.testing.assert_allclose((slopes[place] * way).sum(), (upper - lower) / (2 * STEP), rtol=1e-5, atol=1e-7)
