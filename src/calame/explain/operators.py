"""Every operation of our ONNX files in NumPy, each with its way back: one function for each kind, in a table.

A function takes the node and its inputs and returns the output and a `Pullback` (see `windows`, which has those
that slide). What an exporter writes is in `export.operators`; what is not in the table below is refused by name.
The rule of the chain, run backwards over such functions, is Linnainmaa's (1970); the names are those of ONNX,
https://onnx.ai/onnx/operators/.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

from calame.engine.graph import Node
from calame.explain.windows import (
    Array,
    Outcome,
    average_pool,
    convolve,
    global_average,
    global_max,
    max_pool,
    pad,
)

Operator = Callable[[Node, list[Array]], Outcome]
SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer and others, 2017


def _pointwise(value: Callable[[Array, Node], Array], slope: Callable[[Array, Array, Node], Array]) -> Operator:
    """Make an operator of a function of one value; `slope` is told input and output."""

    def operator(node: Node, inputs: list[Array]) -> Outcome:
        given = inputs[0]
        output = value(given, node)
        return output, lambda above: (above * slope(given, output, node),)

    return operator


def _elu(given: Array, alpha: float, scale: float = 1.0) -> Array:
    return scale * np.where(given > 0, given, alpha * np.expm1(np.minimum(given, 0)))


def _elu_slope(given: Array, output: Array, alpha: float, scale: float = 1.0) -> Array:
    return np.where(given > 0, scale, output + scale * alpha)


def _sigmoid(given: Array) -> Array:
    return 0.5 * (1 + np.tanh(0.5 * given))


def _erf(given: Array) -> Array:
    return np.vectorize(math.erf, otypes=[given.dtype])(given)


POINTWISE: dict[str, Operator] = {
    "Identity": _pointwise(lambda x, n: x, lambda x, y, n: np.ones_like(x)),
    "Relu": _pointwise(lambda x, n: np.maximum(x, 0), lambda x, y, n: (x > 0).astype(x.dtype)),
    "LeakyRelu": _pointwise(
        lambda x, n: np.where(x > 0, x, x * n.number("alpha", 0.01)).astype(x.dtype),
        lambda x, y, n: np.where(x > 0, 1, n.number("alpha", 0.01)).astype(x.dtype),
    ),
    "Elu": _pointwise(
        lambda x, n: _elu(x, n.number("alpha", 1.0)), lambda x, y, n: _elu_slope(x, y, n.number("alpha", 1.0))
    ),
    "Selu": _pointwise(
        lambda x, n: _elu(x, SELU_ALPHA, SELU_SCALE), lambda x, y, n: _elu_slope(x, y, SELU_ALPHA, SELU_SCALE)
    ),
    "Sigmoid": _pointwise(lambda x, n: _sigmoid(x), lambda x, y, n: y * (1 - y)),
    "Tanh": _pointwise(lambda x, n: np.tanh(x), lambda x, y, n: 1 - y * y),
    "Softplus": _pointwise(lambda x, n: np.logaddexp(x, 0), lambda x, y, n: _sigmoid(x)),
    "Softsign": _pointwise(lambda x, n: x / (1 + np.abs(x)), lambda x, y, n: (1 - np.abs(y)) ** 2),
    "Exp": _pointwise(lambda x, n: np.exp(x), lambda x, y, n: y),
    "Erf": _pointwise(lambda x, n: _erf(x), lambda x, y, n: 2 / math.sqrt(math.pi) * np.exp(-x * x)),
}
ACTIVATIONS = frozenset(POINTWISE) - {"Identity", "Exp", "Erf"}


def _summed(slope: Array, shape: tuple[int, ...]) -> Array:
    """Undo a broadcast: add up over the axes along which a value was repeated."""
    slope = slope.sum(tuple(range(slope.ndim - len(shape)))) if slope.ndim > len(shape) else slope
    repeated = tuple(axis for axis, side in enumerate(shape) if side == 1 and slope.shape[axis] != 1)
    return slope.sum(repeated, keepdims=True) if repeated else slope


def _pairwise(
    value: Callable[[Array, Array], Array], slopes: Callable[[Array, Array], tuple[Array | float, Array | float]]
) -> Operator:
    """Make an operator of a function of two values, which may be repeated to fit each other."""

    def operator(node: Node, inputs: list[Array]) -> Outcome:
        left, right = inputs

        def back(above: Array) -> tuple[Array | None, ...]:
            by_left, by_right = slopes(left, right)
            return _summed(above * by_left, left.shape), _summed(above * by_right, right.shape)

        return value(left, right), back

    return operator


PAIRWISE: dict[str, Operator] = {
    "Add": _pairwise(lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
    "Sub": _pairwise(lambda a, b: a - b, lambda a, b: (1.0, -1.0)),
    "Mul": _pairwise(lambda a, b: a * b, lambda a, b: (b, a)),
    "Max": _pairwise(lambda a, b: np.maximum(a, b), lambda a, b: (_half(a, b), _half(b, a))),
    "Min": _pairwise(lambda a, b: np.minimum(a, b), lambda a, b: (_half(b, a), _half(a, b))),
}


def _half(larger: Array, smaller: Array) -> Array:
    """1 where it is larger, a half where both are the same."""
    return 0.5 * (1 + np.sign(larger - smaller))


def clip(node: Node, inputs: list[Array]) -> Outcome:
    """Keep values between two bounds."""
    given, low, high = inputs
    inside = ((given > low) & (given < high)).astype(given.dtype)
    return np.clip(given, low, high), lambda slope: (slope * inside, None, None)


def softmax(node: Node, inputs: list[Array]) -> Outcome:
    """Make shares of 1 of values along an axis."""
    given, axis = inputs[0], int(node.number("axis", -1))
    powers = np.exp(given - given.max(axis, keepdims=True))
    output = powers / powers.sum(axis, keepdims=True)
    return output, lambda slope: (output * (slope - (slope * output).sum(axis, keepdims=True)),)


def dense(node: Node, inputs: list[Array]) -> Outcome:
    """Multiply (…, in) with a kernel (in, out), and add a bias (out,)."""
    given, kernel, *bias = inputs
    output = given @ kernel
    return (output + bias[0] if bias else output), lambda slope: (slope @ kernel.T,)


def transpose(node: Node, inputs: list[Array]) -> Outcome:
    """Change the order of the axes."""
    order = node.sizes("perm", tuple(reversed(range(inputs[0].ndim))))
    return inputs[0].transpose(order), lambda slope: (slope.transpose(np.argsort(order)),)


def reshape(node: Node, inputs: list[Array]) -> Outcome:
    """Give another shape; a 0 in it keeps that axis."""
    given, wanted = inputs[0], inputs[1].astype(int).tolist()
    shape = [given.shape[axis] if side == 0 else side for axis, side in enumerate(wanted)]
    return given.reshape(shape), lambda slope: (slope.reshape(given.shape), None)


def flatten(node: Node, inputs: list[Array]) -> Outcome:
    """Make one axis of all that come after the first."""
    given = inputs[0]
    return given.reshape(len(given), -1), lambda slope: (slope.reshape(given.shape),)


def concatenate(node: Node, inputs: list[Array]) -> Outcome:
    """Put values one after the other along an axis."""
    axis = int(node.number("axis", 1))
    ends = np.cumsum([given.shape[axis] for given in inputs])[:-1]
    return np.concatenate(inputs, axis), lambda slope: tuple(np.split(slope, ends, axis))


OPERATORS: Mapping[str, Operator] = {
    **POINTWISE,
    **PAIRWISE,
    "Clip": clip,
    "Softmax": softmax,
    "Gemm": dense,
    "MatMul": dense,
    "Transpose": transpose,
    "Reshape": reshape,
    "Flatten": flatten,
    "Concat": concatenate,
    "Conv": convolve,
    "MaxPool": max_pool,
    "AveragePool": average_pool,
    "GlobalAveragePool": global_average,
    "GlobalMaxPool": global_max,
    "Pad": pad,
}
