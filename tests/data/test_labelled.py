"""Labelled sets in every form that is promised, and what is said of those that are not."""

import gzip

import numpy as np
import pytest

from calame.data.labelled import load_labelled
from calame.errors import InputError, NoSuchData


def pictures(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")
    return folder


def test_folder_with_a_list(tmp_path):
    (tmp_path / "labels.csv").write_text("\ufeffpath,digit,writer\na.png,7,w1\nsub/b.png,0,w2\n", encoding="utf-8")
    found = load_labelled(tmp_path)
    assert found.labels.tolist() == [7, 0]
    assert found.paths == (tmp_path / "a.png", tmp_path / "sub/b.png")
    assert found.writers.tolist() == ["w1", "w2"]
    assert load_labelled(tmp_path / "labels.csv").paths == found.paths


def test_folder_of_folders(tmp_path):
    found = load_labelled(pictures(tmp_path, "3/x.png", "3/notes.txt", "8/a.JPG", "other/y.png"))
    assert list(zip(found.labels.tolist(), [path.name for path in found.paths], strict=True)) == [
        (3, "x.png"),
        (8, "a.JPG"),
    ]
    assert found.writers is None


def test_folder_of_named_pictures(tmp_path):
    found = load_labelled(pictures(tmp_path, "7_a.png", "0_0_1.jpg", "12_no.png", "readme.md"))
    assert found.labels.tolist() == [0, 7]


@pytest.mark.parametrize("writers", [None, np.array([4, 4, 9])])
def test_npz(tmp_path, writers):
    images = np.zeros((3, 28, 28), np.uint8)
    held = {"images": images, "labels": np.array([1, 2, 3])} | ({} if writers is None else {"writers": writers})
    np.savez_compressed(tmp_path / "set.npz", **held)
    found = load_labelled(tmp_path / "set.npz")
    assert found.labels.tolist() == [1, 2, 3]
    assert found.images.shape == (3, 28, 28)
    assert (found.writers is None) == (writers is None)


@pytest.mark.parametrize(
    ("line", "grey"),
    [
        ("5 -1.0 1.0 0.0 -1", [0, 255, 128, 0]),  # USPS
        ("5,0,1,0.5,0", [0, 255, 128, 0]),
        ("5,0,16,8,4", [0, 255, 128, 64]),  # optdigits
        ("5;0;255;128;7", [0, 255, 128, 7]),
        ("label,p1,p2,p3,p4\n5,0,255,128,7", [0, 255, 128, 7]),
    ],
)
def test_tables_of_every_scale(tmp_path, line, grey):
    (tmp_path / "set.csv").write_text(line + "\n\n")
    with gzip.open(tmp_path / "set.gz", "wt") as packed:
        packed.write(line)
    for name in ("set.csv", "set.gz"):
        found = load_labelled(tmp_path / name)
        assert found.labels.tolist() == [5]
        assert found.images.reshape(-1).tolist() == grey


def test_only_dark_edged_28_by_28_is_ready_for_a_network(tmp_path):
    def ready(images):
        np.savez(tmp_path / "set.npz", images=images, labels=np.zeros(len(images), int))
        return load_labelled(tmp_path / "set.npz").network_ready

    dark = np.zeros((2, 28, 28), np.uint8)
    dark[:, 8:20, 12:16] = 255
    assert ready(dark)
    assert not ready(255 - dark)
    assert not ready(dark[:, :20, :20])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("labels.csv", "path,digit\na.png,7\nb.png,x\n", "line 3"),
        ("labels.csv", "path,digit\n", "no labelled pictures"),
        ("set.csv", "label,a\n", "no labelled pictures"),
        ("set.csv", "5 1 2 3", "line 1"),
        ("set.csv", "5 1 2 3 4\n6 1 2 x 4", "line 2"),
        ("set.csv", "55 1 2 3 4", "line 1"),
        ("set.csv", "5.5 1 2 3 4", "line 1"),
        ("set.csv", b"\xff\xfe\x00", "not text"),
        ("set.gz", b"\x1f\x8b\x08\x00cut", "gzip"),
        ("set.npz", b"PK\x03\x04", "not a readable .npz"),
        ("set.tar", b"", "not a set that can be evaluated"),
    ],
)
def test_damaged_sets_are_named_with_the_place(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError, match=message) as caught:
        load_labelled(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "arrays",
    [
        {"images": np.zeros((2, 28, 28), np.uint8)},
        {"images": np.zeros((2, 28, 28)), "labels": np.zeros(2, int)},
        {"images": np.zeros((2, 28, 28), np.uint8), "labels": np.zeros(3, int)},
        {"images": np.zeros((2, 28, 28), np.uint8), "labels": np.array([3, 10])},
    ],
)
def test_arrays_of_another_form_are_described(tmp_path, arrays):
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(InputError, match="expected arrays images"):
        load_labelled(tmp_path / "set.npz")


def test_pickled_arrays_are_not_opened(tmp_path):
    np.savez(tmp_path / "set.npz", images=np.array([{}], object), labels=np.zeros(1, int))
    with pytest.raises(InputError, match="not a readable"):
        load_labelled(tmp_path / "set.npz")


def test_unpacking_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr("calame.data.labelled.LARGEST", 1000)
    (tmp_path / "set.csv").write_text("5 1 2 3 4\n" * 200)
    np.savez_compressed(tmp_path / "set.npz", images=np.zeros((9, 28, 28), np.uint8), labels=np.zeros(9, int))
    for name in ("set.csv", "set.npz"):
        with pytest.raises(InputError, match="more than 1000 bytes"):
            load_labelled(tmp_path / name)


def test_nothing_there_and_nothing_labelled(tmp_path):
    with pytest.raises(NoSuchData, match="no such file"):
        load_labelled(tmp_path / "photos")
    with pytest.raises(InputError, match=r"labels\.csv"):
        load_labelled(tmp_path)


@pytest.mark.data("photos", "cvl_valid", "usps_zip")
def test_sets_at_hand(data):
    photos = load_labelled(data / "dev/photos")
    assert (len(photos.labels), len(set(photos.writers.tolist()))) == (40, 4)
    assert all(path.is_file() for path in photos.paths)
    cvl = load_labelled(data / "dev/cvl_valid.npz")
    assert (cvl.images.shape, len(set(cvl.writers.tolist())), cvl.network_ready) == ((7000, 28, 28), 60, False)
    usps = load_labelled(data / "dev/usps_zip.train.gz")
    assert (usps.images.shape, usps.network_ready) == ((7291, 16, 16), False)
