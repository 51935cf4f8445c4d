"""Files made to do harm, or merely odd: each is refused with the place and the reason, and none is obeyed."""

import io
import json
import pickle
import zipfile
from importlib.util import find_spec

import numpy as np
import pytest

from calame.errors import CalameError, DamagedModel, ForeignModel, InputError, UnsupportedModel

pytestmark = pytest.mark.train
if find_spec("tensorflow"):
    import h5py

    from calame.export import kerasfile
    from calame.export.importer import load_network

CONV = {"name": "conv", "filters": 2, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid",
        "dilation_rate": [1, 1], "activation": "relu", "use_bias": True}  # fmt: skip
WEIGHTS = {"conv": {"kernel": (3, 3, 1, 2), "bias": (2,)}, "dense": {"kernel": (1352, 10), "bias": (10,)}}


def layers(**changes):
    """The layers of a small network; `changes` replaces one by its name."""
    plain = {
        "input": {"class_name": "InputLayer", "config": {"name": "input", "batch_shape": [None, 28, 28, 1]}},
        "conv": {"class_name": "Conv2D", "config": CONV},
        "flatten": {"class_name": "Flatten", "config": {"name": "flatten"}},
        "dense": {"class_name": "Dense", "config": {"name": "dense", "units": 10, "activation": "softmax"}},
    }
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list((plain | changes).values())}}


def entry(shape):
    return layers(input={"class_name": "InputLayer", "config": {"name": "in", "batch_shape": [None, *shape]}})


def conv(**options):
    return layers(conv={"class_name": "Conv2D", "config": CONV | options})


def h5(path, config=None, weights=WEIGHTS, **attributes):
    """Write a file as Keras 2 does."""
    with h5py.File(path, "w") as file:
        if config is not None:
            file.attrs["model_config"] = config if isinstance(config, str | bytes) else json.dumps(config)
        for name, value in attributes.items():
            file.attrs[name] = value
        for layer, arrays in weights.items():
            group = file.create_group(f"model_weights/{layer}")
            group.attrs["weight_names"] = [f"{layer}/{name}".encode() for name in arrays]
            for name, value in arrays.items():
                group.create_dataset(f"{layer}/{name}", data=np.zeros(value) if isinstance(value, tuple) else value)
    return path


def archive(path, members, mode=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", mode) as file:
        for name, content in members:
            file.writestr(name, content if isinstance(content, bytes | str) else json.dumps(content))
    return path


def numbered(weights=WEIGHTS):
    """The weights part of a `.keras` file."""
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        for layer, arrays in weights.items():
            for number, shape in enumerate(arrays.values()):
                file[f"layers/{'conv2d' if layer == 'conv' else layer}/vars/{number}"] = np.zeros(shape)
        file.require_group("layers/flatten")
    return buffer.getvalue()


def test_the_plain_network_is_read_from_both_kinds_of_file(tmp_path):
    assert load_network(h5(tmp_path / "a.h5", layers())).count_params() == 13_550
    members = [("config.json", layers()), ("model.weights.h5", numbered())]
    assert load_network(archive(tmp_path / "a.keras", members)).count_params() == 13_550


WIDE = {"class_name": "ZeroPadding2D", "config": {"name": "pad", "padding": [[999, 999], [999, 999]]}}
BOMB = {"class_name": "Lambda", "config": {"name": "boom", "function": ["4wEAAAA=", None, None]}}


@pytest.mark.parametrize(
    ("config", "layer", "reason"),
    [
        (layers(conv=BOMB), "boom", "never run"),
        (layers(conv=BOMB | {"module": "keras.layers"}), "boom", "never run"),
        (layers(conv={"class_name": "Evil", "config": {"name": "e"}}), "e", "class Evil"),
        (layers(conv={"class_name": "system", "module": "os", "config": {"name": "e"}}), "e", "os system .*never run"),
        (layers(conv={"class_name": "Conv2D", "module": "keras_evil.layers", "config": CONV}), "conv", "never run"),
        (layers(conv={"class_name": "Conv2D", "registered_name": "my>Conv2D", "config": CONV}), "conv", "my>Conv2D"),
        (layers(conv={"class_name": "Conv2D", "module": 7, "config": CONV}), "Sequential", "module 7"),
        (layers(conv={"class_name": "Conv2D", "registered_name": [], "config": CONV}), "Sequential", "name \\[]"),
        (layers(conv={"class_name": "TFSMLayer", "config": {"name": "t", "filepath": "/etc"}}), "t", "class TFSMLayer"),
        (layers(conv={"class_name": "TorchModuleWrapper", "config": {"name": "t"}}), "t", "TorchModuleWrapper"),
        (layers(conv={"class_name": "TimeDistributed", "config": {"name": "t", "layer": BOMB}}), "t", "Time"),
        (conv(activation={"class_name": "function", "module": "os", "config": "system"}), "conv", "activation is"),
        (conv(activation="hard_sigmoid"), "conv", "activation is 'hard_sigmoid'"),
        (conv(data_format="channels_first"), "conv", "data_format is 'channels_first'"),
        (conv(filters=10**9), "conv", "filters is 1000000000"),
        (conv(filters=True), "conv", "filters is True"),
        (conv(filters="2"), "conv", "filters is '2'"),
        (conv(kernel_size=[3]), "conv", "kernel_size is"),
        (conv(kernel_size=[50, 50]), "conv", r"kernel is \(3, 3, 1, 2\) in the file, where \(50, 50, 1, 2\)"),
        (conv(filters=3), "conv", r"kernel is \(3, 3, 1, 2\) in the file, where \(3, 3, 1, 3\)"),
        (conv(lora_rank=4), "conv", "lora_rank is 4"),
        (conv(use_bias=False), "conv", "2 weights in the file, where 1"),
        (layers(flatten=WIDE), "pad", "too large"),
        (layers(flatten={"class_name": "Flatten", "config": {"name": "conv"}}), "conv", "has the name of another"),
        (layers(flatten={"class_name": "Add", "config": {"name": "add"}}), "add", "1 inputs that do not fit"),
        (entry([32, 32, 3]), "in", r"input is \(32, 32, 3\)"),
        (entry([None, None, 1]), "in", "input is"),
        (entry([10**9]), "in", "input is"),
        ({"class_name": "MyModel", "config": {}}, "MyModel", "not a Sequential or Functional"),
        ({"class_name": "Sequential", "config": {"layers": []}}, "Sequential", "0 layers"),
        ({"class_name": "Sequential", "config": {"layers": [{}]}}, "Sequential", "cannot be read"),
        ({"class_name": "Functional", "config": {"layers": [3]}}, "Functional", "cannot be read"),
    ],
)  # fmt: skip
def test_networks_that_are_refused_by_layer_and_reason(config, layer, reason, tmp_path):
    with pytest.raises(UnsupportedModel, match=f"bad.h5: refused at layer {layer}: .*{reason}"):
        load_network(h5(tmp_path / "bad.h5", config))


def functional(nodes, **ends):
    """A Functional network of the same layers, connected by `nodes`."""
    named = [{**layer, "name": layer["config"]["name"]} for layer in layers()["config"]["layers"]]
    for layer, node in zip(named, [[], *nodes], strict=True):
        layer["inbound_nodes"] = node
    ends = {"input_layers": [["input", 0, 0]], "output_layers": [["dense", 0, 0]]} | ends
    return {"class_name": "Functional", "config": {"name": "net", "layers": named, **ends}}


CHAIN = [[[["input", 0, 0, {}]]], [[["conv", 0, 0, {}]]], [[["flatten", 0, 0, {}]]]]


def test_the_functional_form_of_it_is_read(tmp_path):
    assert load_network(h5(tmp_path / "a.h5", functional(CHAIN))).count_params() == 13_550


@pytest.mark.parametrize(
    ("nodes", "ends", "layer", "reason"),
    [
        ([CHAIN[0] * 2, *CHAIN[1:]], {}, "conv", "more than once"),
        ([[[["flatten", 0, 0, {}]]], *CHAIN[1:]], {}, "conv", "does not come before"),
        ([[[["nowhere", 0, 0, {}]]], *CHAIN[1:]], {}, "conv", "does not come before"),
        ([[], *CHAIN[1:]], {}, "conv", "does not come before"),
        ([[[["input", 0, 0, {"y": ["input", 0, 0]}]]], *CHAIN[1:]], {}, "conv", "arguments: y"),
        ([[{"args": [3], "kwargs": {}}], *CHAIN[1:]], {}, "Functional", "cannot be read"),
        ([[[["input", 0, 1, {}]]], *CHAIN[1:]], {}, "Functional", "cannot be read"),
        (CHAIN, {"output_layers": [["dense", 0, 0], ["conv", 0, 0]]}, "net", "1 / 2"),
        (CHAIN, {"output_layers": [["nowhere", 0, 0]]}, "nowhere", "does not come before"),
    ],
)
def test_graphs_that_are_refused(nodes, ends, layer, reason, tmp_path):
    with pytest.raises(UnsupportedModel, match=f"refused at layer {layer}: .*{reason}"):
        load_network(h5(tmp_path / "bad.h5", functional(nodes, **ends)))


def test_models_nested_without_end_are_refused(tmp_path):
    config = layers()
    for depth in range(20):
        config = {
            "class_name": "Sequential",
            "config": {"name": f"n{depth}", "layers": [layers()["config"]["layers"][0], config]},
        }
    with pytest.raises(UnsupportedModel, match="not a Sequential or Functional"):
        load_network(h5(tmp_path / "deep.h5", config))


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_an_output_that_is_no_probability_is_refused(activation, tmp_path):
    from calame.export.importer import import_file

    dense = {"class_name": "Dense", "config": {"name": "dense", "units": 10, "activation": activation}}
    with pytest.raises(UnsupportedModel, match=f"layer dense: the output is Dense .*{activation}"):
        import_file(h5(tmp_path / "a.h5", layers(dense=dense)), tmp_path / "m", name="a", version="1", preparation="x")
    assert not (tmp_path / "m").exists()


def test_links_to_other_files_are_not_followed(tmp_path):
    h5(tmp_path / "other.h5", layers())
    for link in (h5py.ExternalLink("other.h5", "/model_weights/conv"), h5py.SoftLink("/model_weights/dense")):
        path = h5(tmp_path / "linked.h5", layers(), {"dense": WEIGHTS["dense"]})
        with h5py.File(path, "a") as file:
            file["model_weights/conv"] = link
        with pytest.raises(DamagedModel, match="conv is not in the file itself"):
            load_network(path)


def test_weights_that_lie_elsewhere_or_are_no_numbers_are_refused(tmp_path):
    (tmp_path / "secret.bin").write_bytes(bytes(72))
    layout = h5py.VirtualLayout((3, 3, 1, 2), "f4")
    layout[:] = h5py.VirtualSource(h5(tmp_path / "other.h5", layers()), "model_weights/conv/conv/kernel", (3, 3, 1, 2))

    def external(group):
        group.create_dataset("kernel", (3, 3, 1, 2), "f4", external=[(str(tmp_path / "secret.bin"), 0, 72)])

    def virtual(group):
        group.create_virtual_dataset("kernel", layout)

    def words(group):
        group.create_dataset("kernel", data=[[[[b"import os", b"x"]]]])

    def whole(group):
        group.create_dataset("kernel", (3, 3, 1, 2), "i8")

    def nan(group):
        group.create_dataset("kernel", data=np.full((3, 3, 1, 2), np.nan))

    def group(group):
        group.create_group("kernel")

    for place, reason in (
        (external, "plain"),
        (virtual, "plain"),
        (words, "plain"),
        (whole, "plain"),
        (nan, "numbers"),
        (group, "Group"),
    ):
        path = h5(tmp_path / "bad.h5", layers())
        with h5py.File(path, "a") as file:
            del file["model_weights/conv/conv/kernel"]
            place(file["model_weights/conv/conv"])
        with pytest.raises((UnsupportedModel, DamagedModel), match=reason):
            load_network(path)


def test_a_weight_name_cannot_climb_out_of_its_group(tmp_path):
    path = h5(tmp_path / "bad.h5", layers())
    with h5py.File(path, "a") as file:
        file["model_weights/conv"].attrs["weight_names"] = [
            b"/model_weights/dense/dense/kernel",
            b"../dense/dense/bias",
        ]
    with pytest.raises(DamagedModel, match="is not in the file itself"):
        load_network(path)


def test_declared_sizes_are_not_believed(tmp_path):
    """A dataset can declare a terabyte that was never written."""
    path = tmp_path / "huge.h5"
    h5(
        path,
        layers(dense={"class_name": "Dense", "config": {"name": "dense", "units": 65_536}}),
        {"conv": WEIGHTS["conv"]},
    )
    with h5py.File(path, "a") as file:
        group = file.create_group("model_weights/dense")
        group.attrs["weight_names"] = [b"kernel", b"bias"]
        group.create_dataset("kernel", (1352, 65_536), "f4", chunks=(1, 65_536))
        group.create_dataset("bias", (65_536,), "f4", chunks=(65_536,))
    assert path.stat().st_size < 100_000
    with pytest.raises(UnsupportedModel, match="88670228 parameters, and at most"):
        load_network(path)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ([("../../evil.py", "x"), ("config.json", "{}"), ("model.weights.h5", "")], r"evil\.py' does not belong"),
        ([("/etc/passwd", "x")], "does not belong"),
        ([("assets/../../x", "x")], "does not belong"),
        ([("config.json", "{}")], "must be there once"),
        ([("config.json", "{}"), ("model.weights.h5", "no hdf5")], "damaged"),
        ([("config.json", "[]"), ("model.weights.h5", "")], "the configuration is list"),
        ([("config.json", "[" * 100_000), ("model.weights.h5", "")], "damaged"),
        ([("config.json", b" " * (17 << 20)), ("model.weights.h5", "")], r"config\.json has more than"),
        ([("config.json", {"class_name": "Sequential"}), ("model.weights.h5", b"\x89HDF\r\n\x1a\n")], "damaged"),
    ],
)  # fmt: skip
def test_archives_that_are_refused(members, reason, tmp_path):
    with pytest.raises(DamagedModel, match=reason):
        load_network(archive(tmp_path / "bad.keras", members))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.keras"]


def test_weights_must_be_as_many_as_the_layers(tmp_path):
    fewer = numbered({"conv": WEIGHTS["conv"]})
    with pytest.raises(UnsupportedModel, match="layer dense: 0 weights in the file, where 1 are expected"):
        load_network(archive(tmp_path / "a.keras", [("config.json", layers()), ("model.weights.h5", fewer)]))


@pytest.mark.parametrize("cut", [10, 300, 1_000])
@pytest.mark.parametrize("kind", ["a.h5", "a.keras"])
def test_files_that_are_cut_short_are_refused(cut, kind, tmp_path):
    path = tmp_path / kind
    if kind == "a.h5":
        h5(path, layers())
    else:
        archive(path, [("config.json", layers()), ("model.weights.h5", numbered())])
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(DamagedModel, match=kind):
        load_network(path)


@pytest.mark.parametrize(
    ("content", "error", "reason"),
    [
        (pickle.dumps({"weights": 1}), ForeignModel, "a pickle, which can run code"),
        (b"", ForeignModel, "begins with b''"),
        (b"\x7fELF", ForeignModel, "ELF"),
        (None, InputError, "no such file"),
    ],
)
def test_what_is_no_keras_file_is_refused(content, error, reason, tmp_path):
    path = tmp_path / "model.h5"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=reason):
        load_network(path)


def test_folders_and_bare_weights_are_refused(tmp_path):
    with pytest.raises(ForeignModel, match="SavedModel"):
        load_network(tmp_path)
    with pytest.raises(ForeignModel, match="weights without a network"):
        load_network(h5(tmp_path / "w.h5"))
    with pytest.raises(DamagedModel, match=r"w\.h5"):
        load_network(h5(tmp_path / "w.h5", b"\xff{"))


def test_an_address_that_no_file_can_have_is_damage(tmp_path):
    turned = bytearray(h5(tmp_path / "a.h5", layers()).read_bytes())
    turned[54] = 61  # of the superblock's address of a driver: more than a signed number holds
    (tmp_path / "a.h5").write_bytes(turned)
    with pytest.raises(DamagedModel, match=r"a\.h5: damaged model \(Python int too large"):
        load_network(tmp_path / "a.h5")


def test_damaged_bytes_never_end_in_anything_but_our_own_errors(tmp_path):
    """Bytes turned at random: a network is read, or one of our errors says why not."""
    random = np.random.default_rng(0)
    whole = {
        "a.h5": h5(tmp_path / "a.h5", layers()).read_bytes(),
        "a.keras": archive(
            tmp_path / "a.keras", [("config.json", layers()), ("model.weights.h5", numbered())], zipfile.ZIP_STORED
        ).read_bytes(),
    }
    refused = 0
    for name, content in whole.items():
        for _ in range(60):
            turned = np.frombuffer(content, np.uint8).copy()
            places = random.integers(0, min(len(turned), 12_000), 20)
            turned[places] = random.integers(0, 256, 20)
            (tmp_path / name).write_bytes(turned.tobytes())
            try:
                load_network(tmp_path / name)
            except CalameError:
                refused += 1
    assert refused > 30


def marred(path, mark, place, byte):
    """A file that HDF5 opens, and cannot read to its end."""
    content = bytearray(h5(path, layers()).read_bytes())
    content[content.index(mark) + place] = byte
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("mark", "place", "byte"), [(b"model_config", 17, 186), (b"GCOL", 9, 19)], ids=["falls", "hangs"]
)
def test_a_file_that_brings_the_library_down_or_holds_it_for_ever_is_damaged(tmp_path, monkeypatch, mark, place, byte):
    monkeypatch.setattr(kerasfile, "SECONDS", 3.0)
    with pytest.raises(DamagedModel, match="cannot be read to its end"):
        load_network(marred(tmp_path / "a.h5", mark, place, byte))
