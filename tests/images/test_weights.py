"""Weights are found, fetched or asked for; and both kinds of them make the same network."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import smallnet
from calame.engine.session import Session
from calame.errors import CannotWrite, DamagedData, DamagedModel, DownloadFailed, MissingData, MissingModel, OtherTask
from calame.images import weights
from calame.images.weights import ARRAYS, LABELS, TFLITE, Places, open_network, read_arrays, read_labels
from calame.reader.digit import DigitReader
from calame.shelf import Shelf


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path / "models", (tmp_path / "data", tmp_path / "cache"))


def given(*paths, root):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(os.environ["CALAME_DATA"]) / path, root / path)
    return root


@pytest.mark.data("images")
def test_either_kind_of_weights_makes_the_same_network_once(places, tmp_path):
    pictures = np.random.default_rng(0).integers(0, 256, (2, 224, 224, 3)).astype(np.uint8)
    answers = []
    for number, path in enumerate((TFLITE, ARRAYS)):
        root = given(path, LABELS, root=tmp_path / f"root{number}")
        folder = open_network(None, Places(tmp_path / f"models{number}", (root,)), fetched=False)
        assert str(folder.manifest) == "mobilenetv2@1"
        assert len(folder.manifest.classes) == 1000
        assert folder.manifest.classes[207] == "golden_retriever"
        answers.append(Session(folder)(pictures))
        shutil.rmtree(root)
        assert open_network(None, Places(tmp_path / f"models{number}", ()), fetched=False).path == folder.path
    assert answers[0] == pytest.approx(answers[1], abs=1e-6)


@pytest.mark.data("images")
def test_eight_bits_come_of_the_tflite_file_alone_and_agree(places):
    given(TFLITE, LABELS, root=places.roots[1])
    eight, whole = (open_network(name, places, fetched=False) for name in ("mobilenetv2-int8", "mobilenetv2"))
    photos = [smallnet.photo(seed, 240, 240)[:224, :224] for seed in range(4)]
    assert np.abs(Session(eight)(np.stack(photos)) - Session(whole)(np.stack(photos))).mean() < 0.001


@pytest.mark.data("images")
def test_arrays_alone_make_no_network_in_eight_bits(places):
    given(ARRAYS, LABELS, root=places.roots[0])
    with pytest.raises(MissingData, match="calame data fetch images"):
        open_network("mobilenetv2-int8", places, fetched=False)


def test_weights_that_are_nowhere_are_asked_for_with_the_command(places):
    with pytest.raises(MissingData, match="calame data fetch images") as caught:
        open_network(None, places, fetched=False)
    assert caught.value.exit_code == 4


def test_weights_that_are_nowhere_are_fetched_into_the_cache(places, monkeypatch):
    asked = []

    def fetch(name, destination, *, progress):
        asked.append((name, destination))
        raise DownloadFailed(name=name, folder=destination, problem="-")

    monkeypatch.setattr(weights, "fetch", fetch)
    with pytest.raises(DownloadFailed):
        open_network(None, places)
    assert asked == [("images", places.roots[-1])]


def test_damaged_weights_are_named_and_nothing_is_made(places):
    for path in (TFLITE, LABELS):
        (places.roots[0] / path).parent.mkdir(parents=True, exist_ok=True)
        (places.roots[0] / path).write_bytes(b"short")
    with pytest.raises(DamagedData, match="tflite"):
        open_network(None, places, fetched=False)
    assert not places.models.exists()


def test_other_models_and_other_names(places):
    with pytest.raises(OtherTask, match="pictures"):
        open_network("digits", places)
    with pytest.raises(MissingModel, match="flowers"):
        open_network("flowers", places)
    smallnet.folder(places.models / "flowers" / "1", name="flowers")
    assert open_network("flowers", places).manifest.name == "flowers"


def test_a_shelf_that_cannot_be_written_says_so(tmp_path):
    (tmp_path / "models").write_text("a file")
    manifest = weights.manifest_of("small", smallnet.arrays(), smallnet.CLASSES, "-")
    with pytest.raises(CannotWrite, match="models"):
        weights.write_folder(Shelf(tmp_path / "models"), manifest, {"model.onnx": b""})


def test_labels_and_arrays_that_are_none(tmp_path):
    path = tmp_path / "odd"
    for content in (b"{}", b"[1]", b"\xff", json.dumps({str(n): ["a"] for n in range(1000)}).encode()):
        path.write_bytes(content)
        with pytest.raises(DamagedModel, match="1,000"):
            read_labels(path)
        with pytest.raises(DamagedModel):
            read_arrays(path)
    np.savez(tmp_path / "few.npz", a=np.zeros(3))
    with pytest.raises(DamagedModel, match="Logits"):
        read_arrays(tmp_path / "few.npz")


def test_a_model_for_pictures_reads_no_digits(places):
    smallnet.folder(places.models / "flowers" / "1", name="flowers")
    with pytest.raises(OtherTask, match="flowers@1"):
        Shelf(places.models).use("flowers")
    with pytest.raises(OtherTask, match="digits"):
        DigitReader(places.models / "flowers" / "1")
