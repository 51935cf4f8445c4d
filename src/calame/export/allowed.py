"""The layers that are read from other people's files: which classes, which options, what weights they have.

A table of data: what is not in it is refused, and nothing of a file reaches Keras but values that passed one of
the checks below. Options of Keras 2 are given their names of Keras 3. Files and graphs are not known here.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from calame.errors import UnsupportedModel
from calame.export.emit import IDENTITIES
from calame.export.topology import Call
from calame.locale import Phrase

Check = Callable[[Any], bool]
LARGEST = 65_536  # of any number in a layer's options: filters, units, a kernel's side
ACTIVATIONS = {
    *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "sigmoid", "tanh", "softmax"),
    *("softplus", "softsign", "exponential", "silu", "swish", "gelu"),
}
# hard_sigmoid is left out: Keras 2 and Keras 3 compute different things under that name.
OTHER_NAMES = {"softmax_v2": "softmax"}  # what `tf.nn.softmax` is saved as
OURS = ("FusedBatchNormalization", "calame>FusedBatchNormalization")  # computes as Keras's BatchNormalization


def _count(value: Any) -> bool:
    return type(value) is int and 0 < value <= LARGEST


def _axis(value: Any) -> bool:
    return type(value) is int and -8 <= value <= 8


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9


def _maybe_number(value: Any) -> bool:
    return value is None or _number(value)


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value < 1


def _pair(value: Any) -> bool:
    return _count(value) or (isinstance(value, list) and len(cast("list[Any]", value)) == 2 and all(map(_count, value)))


def _maybe_pair(value: Any) -> bool:
    return value is None or _pair(value)


def _padding(value: Any) -> bool:
    return value in ("valid", "same")


def _edges(value: Any) -> bool:
    """((top, bottom), (left, right)), in pixels."""
    pairs = cast("list[Any]", value) if isinstance(value, list) else []
    flat = [edge for pair in pairs if isinstance(pair, list) for edge in cast("list[Any]", pair)]
    return len(pairs) == 2 and len(flat) == 4 and all(type(edge) is int and 0 <= edge <= 1024 for edge in flat)


def _sides(value: Any) -> bool:
    sides = cast("list[Any]", value) if isinstance(value, list) else []
    return 0 < len(sides) <= 4 and all(_count(side) or side == -1 for side in sides)


def _order(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(cast("list[Any]", value)) <= 4 and all(map(_count, value))


def _last(value: Any) -> bool:
    return value == "channels_last"


def _activation(value: Any) -> bool:
    return isinstance(value, str) and value in ACTIVATIONS


_FORMAT: dict[str, Check] = {"data_format": _last}
_KERNEL: dict[str, Check] = {
    **_FORMAT,
    "kernel_size": _pair,
    "strides": _pair,
    "dilation_rate": _pair,
    "padding": _padding,
    "activation": _activation,
    "use_bias": _flag,
}
_POOL: dict[str, Check] = {**_FORMAT, "pool_size": _pair, "strides": _maybe_pair, "padding": _padding}
LAYERS: dict[str, dict[str, Check]] = {  # class -> the options that are handed on, each with its check
    "Conv2D": {**_KERNEL, "filters": _count, "groups": _count},
    "DepthwiseConv2D": {**_KERNEL, "depth_multiplier": _count},
    "SeparableConv2D": {**_KERNEL, "filters": _count, "depth_multiplier": _count},
    "Dense": {"units": _count, "activation": _activation, "use_bias": _flag},
    "BatchNormalization": {"axis": _axis, "epsilon": _share, "momentum": _number, "center": _flag, "scale": _flag},
    "MaxPooling2D": _POOL,
    "AveragePooling2D": _POOL,
    "GlobalMaxPooling2D": {**_FORMAT, "keepdims": _flag},
    "GlobalAveragePooling2D": {**_FORMAT, "keepdims": _flag},
    "ZeroPadding2D": {**_FORMAT, "padding": _edges},
    "Flatten": _FORMAT,
    "Reshape": {"target_shape": _sides},
    "Permute": {"dims": _order},
    "Activation": {"activation": _activation},
    "ReLU": {"max_value": _maybe_number, "negative_slope": _number, "threshold": _number},
    "LeakyReLU": {"negative_slope": _number},
    "ELU": {"alpha": _number},
    "Softmax": {"axis": _axis},
    "Rescaling": {"scale": _number, "offset": _number},
    "Add": {},
    "Subtract": {},
    "Multiply": {},
    "Maximum": {},
    "Minimum": {},
    "Concatenate": {"axis": _axis},
    "Dropout": {"rate": _share},
    "SpatialDropout2D": {"rate": _share},
    "AlphaDropout": {"rate": _share},
    "GaussianDropout": {"rate": _share},
    "GaussianNoise": {"stddev": _number},
}
SKIPPED = IDENTITIES - LAYERS.keys()  # rotations and the like: nothing but training would notice them
SEVERAL_INPUTS = {"Add", "Subtract", "Multiply", "Maximum", "Minimum", "Concatenate"}
# Options that say how a layer was started, trained or named, and nothing of what it computes.
PASSED_OVER = {
    *("name", "trainable", "dtype", "seed", "noise_shape", "batch_input_shape", "batch_shape", "input_shape"),
    *("renorm_momentum", "supports_masking", "synchronized"),
}
ENDINGS = ("_initializer", "_regularizer", "_constraint")


def kind_of(call: Call, path: object) -> str:
    """Return the class of Keras that a layer is to be built as.

    Raises:
        UnsupportedModel: Lambda, a class of the file's own, or one that is not in the table.
    """
    if (call.kind, call.registered) == OURS:
        return "BatchNormalization"
    module = (call.module or "keras").split(".")
    foreign = module[0] not in ("keras", "tf_keras") and module[:2] not in (["tensorflow", "keras"],)
    if foreign or call.registered not in (None, call.kind) or call.kind == "Lambda":
        found = f"{call.module or ''} {call.registered or call.kind}".strip()
        raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.custom", found=found[:120]))
    if call.kind not in LAYERS and call.kind not in SKIPPED:
        raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.kind", kind=call.kind[:80]))
    return call.kind


def options_of(call: Call, kind: str, path: object) -> dict[str, Any]:
    """Return the options to build the layer with: those of the table, each checked.

    Raises:
        UnsupportedModel: a value that fails its check, or an option that is not known and not empty.
    """
    given = _modern(call.config, kind)
    table = LAYERS.get(kind, {})
    for option, value in given.items():
        if option in table:
            if not table[option](value):
                raise _bad(path, call, option, value)
        elif option not in PASSED_OVER and not option.endswith(ENDINGS) and value not in (None, False, [], {}):
            raise _bad(path, call, option, value)
    return {option: given[option] for option in table if option in given}


def _bad(path: object, call: Call, option: str, value: object) -> UnsupportedModel:
    problem = Phrase("import.bad_option", option=option[:40], found=f"{value!r:.80}")
    return UnsupportedModel(path=path, layer=call.name, problem=problem)


def _modern(config: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Give the options of Keras 2 their names and forms of Keras 3."""
    given = {option: _unwrapped(value) for option, value in config.items()}
    if kind == "LeakyReLU" and "alpha" in given:
        given["negative_slope"] = given.pop("alpha")
    if isinstance(given.get("axis"), list) and len(given["axis"]) == 1:
        given["axis"] = given["axis"][0]
    if kind in {"DepthwiseConv2D", "SeparableConv2D"}:
        given.pop("groups", None)  # Keras 2 writes 1 there, or the channels; neither is an option of Keras 3
    if isinstance(given.get("activation"), str):
        given["activation"] = OTHER_NAMES.get(given["activation"], given["activation"])
    return given


def _unwrapped(value: Any) -> Any:
    """Some versions wrap NumPy scalars: `{"class_name": "__numpy__", "config": {"value": 0.0, ...}}`."""
    if isinstance(value, dict) and value.get("class_name") == "__numpy__" and isinstance(value.get("config"), dict):
        return value["config"].get("value")
    return value


def weight_names(call: Call) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the names of a layer's learned weights and of its moving ones, in Keras's order."""
    config = call.config
    bias = ("bias",) if config.get("use_bias", True) else ()
    if call.kind in {"Conv2D", "DepthwiseConv2D", "Dense"}:
        return ("kernel", *bias), ()
    if call.kind == "SeparableConv2D":
        return ("depthwise_kernel", "pointwise_kernel", *bias), ()
    if call.kind in {"BatchNormalization", OURS[0]}:
        gamma = ("gamma",) if config.get("scale", True) else ()
        beta = ("beta",) if config.get("center", True) else ()
        return (*gamma, *beta), ("moving_mean", "moving_variance")
    return (), ()


def weight_shapes(kind: str, options: Mapping[str, Any], shape: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight that a layer has when it takes inputs of `shape` (no batch)."""
    channels, height_width = shape[-1], _both(options.get("kernel_size", 1))
    if kind == "BatchNormalization":
        return dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (channels,))
    if kind == "Dense":
        return {"kernel": (channels, options["units"]), "bias": (options["units"],)}
    deep = channels * options.get("depth_multiplier", 1)
    deep_kernel = (*height_width, channels, options.get("depth_multiplier", 1))
    if kind == "Conv2D":
        filters = options["filters"]
        return {"kernel": (*height_width, channels // options.get("groups", 1), filters), "bias": (filters,)}
    if kind == "DepthwiseConv2D":
        return {"kernel": deep_kernel, "bias": (deep,)}
    point = {"pointwise_kernel": (1, 1, deep, options.get("filters", 1)), "bias": (options.get("filters", 1),)}
    return {"depthwise_kernel": deep_kernel, **point}


def _both(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[1])
