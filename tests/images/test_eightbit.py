"""Eight bits: the TFLite file read to the last number, and the network that it makes agrees with the one in float32."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import smallnet
from calame.artifact import INSPECT, MODEL, write
from calame.engine.session import Session
from calame.errors import DamagedModel
from calame.images.eightbit import EightBit, Scaled, Step, emit_eight_bit, read_tflite
from calame.images.mobilenet import HEAD, IMAGE, plan_of
from calame.images.weights import ARRAYS, TFLITE, manifest_of, read_arrays


def scale_of(*values):
    return np.array(values, np.float32)


def kernel_of(kernel, axis):
    """Whole numbers and a scale for each filter."""
    others = tuple(place for place in range(kernel.ndim) if place != axis)
    scale = (np.abs(kernel).max(others) / 127).astype(np.float32)
    shape = [-1 if place == axis else 1 for place in range(kernel.ndim)]
    return Scaled(np.rint(kernel / scale.reshape(shape)).astype(np.int8), scale, 0)


def eight_bits(weights):
    """The small network in whole numbers; wide scales where nothing clips."""
    into, steps = 2 / 255, []
    entry = Scaled(np.empty(0, np.int8), scale_of(into), -1)
    for layer in plan_of(weights):
        kernel = kernel_of(weights[f"{layer.name}/kernel"], 2 if layer.depthwise else 3)
        bias = np.rint(weights[f"{layer.name}/bias"] / (into * kernel.scale)).astype(np.int32)
        output = Scaled(
            np.empty(0, np.int8), scale_of(6 / 255 if layer.clipped else 16 / 255), -128 if layer.clipped else 0
        )
        total = Scaled(output.values, scale_of(20 / 255), 3) if layer.adds else None
        steps.append(Step(layer, kernel, bias, output, total))
        into = float((total or output).scale[0])
    return EightBit(entry, tuple(steps), kernel_of(weights[f"{HEAD}/kernel"], 1), weights[f"{HEAD}/bias"])


def test_the_small_network_in_eight_bits_agrees_with_itself_in_float32(tmp_path):
    weights = smallnet.arrays()
    network = eight_bits(weights)
    given = {"name": IMAGE, "shape": [32, 32, 3], "dtype": "float32", "range": [-1.0, 1.0]}
    manifest = replace(manifest_of("small", weights, smallnet.CLASSES, "-"), input=given)
    files = {MODEL: emit_eight_bit(network, side=32), INSPECT: emit_eight_bit(network, side=32, inspect=True)}
    made = write(tmp_path / "eight", manifest, files)
    pictures = np.random.default_rng(2).integers(0, 256, (8, 32, 32, 3)).astype(np.uint8)
    whole = Session(smallnet.folder(tmp_path / "float"))(pictures)
    assert np.abs(Session(made)(pictures) - whole).max() < 0.1
    back = network.arrays()
    assert set(back) == set(weights)
    assert all(np.abs(back[name] - weights[name]).max() < 0.02 for name in weights)


@pytest.fixture(scope="module")
def tflite():
    return Path(os.environ["CALAME_DATA"]) / TFLITE


@pytest.mark.slow
@pytest.mark.data("images")
def test_its_weights_are_those_of_the_float32_arrays_to_the_last_bit_but_one(tflite):
    found = read_tflite(tflite).without(1).arrays()
    arrays = read_arrays(tflite.parent.parent / ARRAYS)
    assert set(found) == set(arrays)
    for name, values in arrays.items():
        assert found[name] == pytest.approx(values, rel=1e-6, abs=1e-7), name


@pytest.mark.data("images")
def test_a_file_cut_short_is_damaged_and_never_anything_else(tflite, tmp_path):
    content = tflite.read_bytes()
    path = tmp_path / "cut.tflite"
    for length in (8, 40, 4000, len(content) // 2):
        path.write_bytes(content[:length])
        with pytest.raises(DamagedModel, match=r"cut\.tflite|MobileNetV2"):
            read_tflite(path)


@pytest.mark.data("images")
def test_flipped_bytes_of_the_structure_end_in_a_network_or_in_damage(tflite, tmp_path):
    content, path, random = bytearray(tflite.read_bytes()), tmp_path / "odd.tflite", np.random.default_rng(3)
    for place in random.integers(0, 60_000, 10):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        path.write_bytes(changed)
        try:
            emit_eight_bit(read_tflite(path))
        except DamagedModel:
            continue


def test_another_file_is_refused(tmp_path):
    path = tmp_path / "a.tflite"
    path.write_bytes(b"PK\x03\x04and more")
    with pytest.raises(DamagedModel, match="no TFLite"):
        read_tflite(path)
