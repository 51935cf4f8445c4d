"""Model folders: whole or not there at all, and every byte as listed."""

import json

import pytest

from calame import artifact
from calame.artifact import MANIFEST, Manifest, load, write
from calame.errors import DamagedModel, MissingModel, UsageError

CARD = Manifest("tiny", "1.0", "course", 7_850, "centre=mass", calibration={"temperature": 1.5}, scores={"n": 3})


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "tiny", CARD, {"model.onnx": b"network", "inspect.onnx": b"layers"})


def test_what_is_written_is_what_is_loaded(folder):
    again = load(folder.path)
    assert again == folder
    assert str(again.manifest) == "tiny@1.0"
    assert again.manifest.classes == tuple("0123456789")
    assert again.manifest.created.endswith("+00:00")
    assert again.file("model.onnx").read_bytes() == again.read("model.onnx") == b"network"
    assert Manifest.from_json(again.manifest.to_json()) == again.manifest


def test_the_source_of_a_file_may_be_a_path(folder, tmp_path):
    copy = write(tmp_path / "copy", CARD, {"model.onnx": folder.file("model.onnx")})
    assert copy.read("model.onnx") == b"network"


def test_a_folder_is_replaced_only_when_asked(folder):
    with pytest.raises(UsageError, match="already there"):
        write(folder.path, CARD, {"model.onnx": b"other"})
    assert folder.read("model.onnx") == b"network"
    write(folder.path, CARD, {"model.onnx": b"other"}, over=True)
    assert load(folder.path).read("model.onnx") == b"other"
    assert [path.name for path in folder.path.parent.iterdir()] == ["tiny"]


def test_what_fails_leaves_nothing_behind(folder, tmp_path, monkeypatch):
    def refuse(made):
        assert made.read("model.onnx") == b"new"
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write(tmp_path / "fresh", CARD, {"model.onnx": b"new"}, check=refuse)
    with pytest.raises(FileNotFoundError):
        write(tmp_path / "fresh", CARD, {"model.onnx": b"new", "inspect.onnx": tmp_path / "absent"})
    monkeypatch.setattr(artifact.Path, "rename", lambda *_: (_ for _ in ()).throw(OSError("disk")))
    with pytest.raises(OSError, match="disk"):
        write(folder.path, CARD, {"model.onnx": b"new"}, over=True)
    assert load(folder.path).read("model.onnx") == b"network"
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_the_old_folder_is_put_back_when_the_new_one_cannot_take_its_place(folder, monkeypatch):
    rename, moves = artifact.Path.rename, []

    def second_fails(self, target):
        moves.append(target)
        if len(moves) == 2:
            raise OSError("disk")
        return rename(self, target)

    monkeypatch.setattr(artifact.Path, "rename", second_fails)
    with pytest.raises(OSError, match="disk"):
        write(folder.path, CARD, {"model.onnx": b"new"}, over=True)
    assert load(folder.path).read("model.onnx") == b"network"


def test_other_bytes_of_the_same_size_are_found_when_the_file_is_used(folder):
    (folder.path / "model.onnx").write_bytes(b"NETWORK")
    again = load(folder.path)
    with pytest.raises(DamagedModel, match=r"model\.onnx has other bytes"):
        again.file("model.onnx")
    assert again.read("inspect.onnx") == b"layers"


def test_a_file_cut_short_or_gone_is_found_at_once(folder):
    (folder.path / "inspect.onnx").write_bytes(b"lay")
    with pytest.raises(DamagedModel, match=r"inspect\.onnx has another size"):
        load(folder.path)
    (folder.path / "inspect.onnx").unlink()
    with pytest.raises(DamagedModel, match=r"inspect\.onnx is missing"):
        load(folder.path)


def test_only_listed_files_are_handed_out(folder):
    (folder.path / "more.onnx").write_bytes(b"?")
    with pytest.raises(DamagedModel, match=r"more\.onnx is not listed"):
        folder.file("more.onnx")


def test_a_folder_without_manifest_is_no_model(tmp_path):
    with pytest.raises(MissingModel, match=r"manifest\.json"):
        load(tmp_path)


@pytest.mark.parametrize("name", ["../model.onnx", "a/b", ".hidden", "", "manifest.json", "a" * 65])
def test_names_that_are_not_plain_are_not_written(name, tmp_path):
    with pytest.raises(UsageError, match="not a plain name"):
        write(tmp_path / "model", CARD, {name: b""})
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "../../etc"}, "not a plain name"),
        ({"version": None}, "version in the manifest is None"),
        ({"parameters": "many"}, "parameters in the manifest is 'many'"),
        ({"classes": "0123456789"}, "classes in the manifest"),
        ({"input": {"name": "image"}}, "input in the manifest"),
        *(({"calibration": {"temperature": bad}}, "calibration in the manifest") for bad in ("1", 0, -1, float("nan"))),
        ({"calibration": {"reject_below": float("inf")}}, "calibration in the manifest"),
        ({"files": {"../model.onnx": {"sha256": "0" * 64, "bytes": 1}}}, "not a plain name"),
        ({"files": {"model.onnx": {"sha256": "00", "bytes": 1}}}, r"files\.model\.onnx in the manifest"),
        ({"files": {"model.onnx": "?"}}, r"files\.model\.onnx in the manifest"),
    ],
)
def test_a_manifest_that_is_not_one_is_refused(folder, changes, said):
    path = folder.path / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(DamagedModel, match=said):
        load(folder.path)


@pytest.mark.parametrize("text", ["", "{", "[]", "[" * 100_000])
def test_a_manifest_that_is_no_object_is_refused(folder, text):
    (folder.path / MANIFEST).write_text(text)
    with pytest.raises(DamagedModel, match=r"manifest\.json"):
        load(folder.path)


def test_members_of_later_versions_are_passed_over(folder):
    path = folder.path / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"licence": "CC0"}))
    assert load(folder.path).manifest == folder.manifest
