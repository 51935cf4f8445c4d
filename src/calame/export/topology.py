"""Which layer feeds which, read from a Keras configuration: plain JSON data, of Keras 2 or Keras 3.

Only data is read here, nothing is built, called or imported; a file's own configuration passes through this
module before Keras hears of it. It does not know what the layers compute.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from calame.errors import UnsupportedModel
from calame.locale import Phrase

Config = Mapping[str, Any]
MODELS = ("Sequential", "Functional", "Model")  # "Model" is what Keras 2.2 called Functional
MOST_LAYERS = 2000  # NASNetLarge has 1,041
DEEPEST = 8  # models inside models


@dataclass(frozen=True)
class Call:
    """One layer and what it is called on.

    Attributes:
        name: of the layer, unique in its graph.
        kind: the Keras class, e.g. "Conv2D"; `module` and `registered` say where the file claims it is from.
        config: the layer's own configuration.
        inputs: names of the layers whose outputs it takes, in order; empty for an InputLayer.
        graph: the layers inside, when the layer is itself a model.
    """

    name: str
    kind: str
    config: Config
    inputs: tuple[str, ...]
    module: str | None = None
    registered: str | None = None
    graph: "Graph | None" = None


@dataclass(frozen=True)
class Graph:
    """The layers of a model in an order in which they can be computed; the first is its one InputLayer."""

    name: str
    kind: str
    calls: tuple[Call, ...]
    output: str


def read(model: Config, path: object, depth: int = 0) -> Graph:
    """Read `{"class_name", "config"}` of a Sequential or Functional model.

    Raises:
        UnsupportedModel: another class, several inputs or outputs, a layer used twice, a call with arguments,
            or a configuration that is not one; `path` and the layer are named.
    """
    kind, config = model.get("class_name"), model.get("config")
    if isinstance(config, list):  # Keras before 2.2.3 wrote a Sequential as a bare list
        config = {"name": "sequential", "layers": config}
    if kind not in MODELS or not isinstance(config, dict) or depth > DEEPEST:
        raise UnsupportedModel(path=path, layer=str(kind), problem=Phrase("import.not_a_model"))
    try:
        name = str(config.get("name", kind))
        layers = cast("list[Config]", config["layers"])
        if not 0 < len(layers) <= MOST_LAYERS:
            raise UnsupportedModel(path=path, layer=name, problem=Phrase("import.layers", count=len(layers)))
        if kind == "Sequential":
            calls, output = _chain(config, path, depth)
        else:
            calls, output = _network(config, path, depth)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UnsupportedModel(path=path, layer=str(kind), problem=Phrase("import.bad_config", found=error)) from error
    ordered = tuple(_ordered(calls, path))
    if output not in {call.name for call in ordered}:
        raise UnsupportedModel(path=path, layer=output, problem=Phrase("import.disorder"))
    return Graph(name, str(kind), ordered, output)


def _chain(config: Config, path: object, depth: int) -> tuple[list[Call], str]:
    """Each layer of a Sequential takes the one before; an input is put in front where the file has none."""
    calls: list[Call] = []
    layers: list[Config] = config["layers"]
    if layers[0]["class_name"] != "InputLayer":
        first = cast("Config", layers[0]["config"])
        shape = first.get("batch_input_shape") or config.get("build_input_shape")
        if shape is None and layers[0]["class_name"] in MODELS:
            shape = input_shape(read(layers[0], path, depth + 1).calls[0], path)
            shape = (None, *shape)
        calls.append(Call("(input)", "InputLayer", {"batch_shape": shape}, ()))
    for layer in layers:
        inputs = (calls[-1].name,) if calls else ()
        calls.append(_call(layer, inputs, path, depth))
    return calls, calls[-1].name


def _network(config: Config, path: object, depth: int) -> tuple[list[Call], str]:
    """Read the graph of a Functional model: each layer says which outputs it was called on."""
    calls: list[Call] = []
    for layer in cast("list[Config]", config["layers"]):
        name, nodes = _name(layer), cast("list[object]", layer["inbound_nodes"])
        if len(nodes) > 1:
            raise UnsupportedModel(path=path, layer=name, problem=Phrase("import.shared"))
        inputs = tuple(_sources(nodes[0], name, path)) if nodes else ()
        calls.append(_call(layer, inputs, path, depth))
    ends = [_endpoints(config[key]) for key in ("input_layers", "output_layers")]
    if [len(names) for names in ends] != [1, 1]:
        found = f"{len(ends[0])} / {len(ends[1])}"
        raise UnsupportedModel(path=path, layer=str(config.get("name")), problem=Phrase("import.ends", found=found))
    return calls, ends[1][0]


def _call(layer: Config, inputs: tuple[str, ...], path: object, depth: int) -> Call:
    kind, config = layer["class_name"], layer["config"]
    graph = read(layer, path, depth + 1) if kind in MODELS else None
    module, registered = layer.get("module"), layer.get("registered_name")
    if not isinstance(kind, str) or not isinstance(config, dict | list):
        raise TypeError(f"{type(kind).__name__}, {type(config).__name__}")
    if not all(isinstance(origin, str | None) for origin in (module, registered)):
        raise TypeError(f"module {module!r:.60}, registered_name {registered!r:.60}")
    return Call(_name(layer), kind, config if isinstance(config, dict) else {}, inputs, module, registered, graph)


def _name(layer: Config) -> str:
    inner = layer["config"]
    name = layer.get("name") or (inner.get("name") if isinstance(inner, dict) else None) or layer["class_name"]
    if not isinstance(name, str) or not 0 < len(name) <= 200:
        raise TypeError(f"name {name!r:.60}")
    return name


def _sources(node: object, name: str, path: object) -> Iterator[str]:
    """Name the layers that one call takes: Keras 3 `{"args", "kwargs"}`, Keras 2 `[[name, 0, 0, {}], ...]`."""
    if isinstance(node, dict):
        call = cast("dict[str, Any]", node)
        options: list[Config] = [call["kwargs"]]
        sources = [tensor["config"]["keras_history"] for tensor in _tensors(call["args"])]
    else:
        sources = cast("list[list[Any]]", node)
        options = [source[3] for source in sources if len(source) > 3]
    for option in options:
        passed = {key: value for key, value in option.items() if not _harmless(key, value)}
        if passed:
            raise UnsupportedModel(path=path, layer=name, problem=Phrase("import.arguments", found=", ".join(passed)))
    for source in sources:
        if not isinstance(source[0], str) or source[2] != 0:
            raise ValueError(f"{source!r:.60}")
        yield source[0]


def _harmless(key: str, value: object) -> bool:
    """`training` and `mask` change nothing in a network of pictures that is only asked for its answer."""
    return (key == "training" and (value is None or isinstance(value, bool))) or (key == "mask" and value is None)


def _tensors(args: object) -> Iterator[Config]:
    if isinstance(args, list | tuple):  # tuples where the model is a live one
        for item in cast("Sequence[object]", args):
            yield from _tensors(item)
    elif isinstance(args, dict) and cast("Config", args).get("class_name") == "__keras_tensor__":
        yield cast("Config", args)
    else:
        raise TypeError(f"{args!r:.60}")


def _endpoints(entries: Sequence[Any]) -> list[str]:
    """`[name, 0, 0]` or `[[name, 0, 0], ...]`, by Keras version."""
    if entries and isinstance(entries[0], str):
        return [entries[0]]
    return [str(entry[0]) for entry in entries]


def _ordered(calls: Sequence[Call], path: object) -> Iterator[Call]:
    """Check that every layer comes after what it takes, has a name of its own, and that one input starts all."""
    seen: set[str] = set()
    for position, call in enumerate(calls):
        if (call.kind == "InputLayer") != (position == 0):
            raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.one_input"))
        if call.name in seen or not seen.issuperset(call.inputs) or (position > 0 and not call.inputs):
            raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.disorder"))
        seen.add(call.name)
        yield call


def input_shape(call: Call, path: object) -> tuple[int, ...]:
    """Return the shape that an InputLayer declares, without the batch."""
    declared = call.config.get("batch_shape") or call.config.get("batch_input_shape")
    if not isinstance(declared, list | tuple) or len(cast("Sequence[object]", declared)) < 2:
        raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.input_shape", found=declared))
    shape = cast("Sequence[object]", declared)[1:]
    if not all(isinstance(side, int) and 0 < side <= 4096 for side in shape):
        raise UnsupportedModel(path=path, layer=call.name, problem=Phrase("import.input_shape", found=declared))
    return cast("tuple[int, ...]", tuple(shape))
