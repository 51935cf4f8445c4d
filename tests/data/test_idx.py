import gzip
import struct

import numpy as np
import pytest

from calame.data.idx import read_idx, write_idx
from calame.errors import DamagedData

IMAGES = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)
ROWS = np.array([[5, -4, 2154], [0, 70000, 1]], np.int32)


def header(kind: int, *lengths: int) -> bytes:
    return struct.pack(f">HBB{len(lengths)}I", 0, kind, len(lengths), *lengths)


@pytest.mark.parametrize("name", ["plain", "packed.gz"])
@pytest.mark.parametrize("array", [IMAGES, IMAGES[:, 0, 0], ROWS, ROWS[:0], np.array([[0.5, 1e9]])], ids=str)
def test_what_is_written_is_read(tmp_path, name, array):
    write_idx(tmp_path / name, array)
    found = read_idx(tmp_path / name)
    assert found.dtype == array.dtype.newbyteorder(">")
    np.testing.assert_array_equal(found, array)
    assert not found.flags.writeable


def test_numbers_are_big_endian(tmp_path):
    (tmp_path / "rows").write_bytes(header(0x0C, 1, 2) + struct.pack(">2i", 2154, -1))
    assert read_idx(tmp_path / "rows").tolist() == [[2154, -1]]


def test_plain_file_is_mapped_and_not_copied(tmp_path):
    write_idx(tmp_path / "plain", IMAGES)
    base = read_idx(tmp_path / "plain")
    while isinstance(base, np.ndarray):
        base = base.base
    assert type(base.obj if isinstance(base, memoryview) else base).__name__ == "mmap"


def test_same_array_gives_the_same_compressed_bytes(tmp_path):
    write_idx(tmp_path / "a.gz", IMAGES)
    write_idx(tmp_path / "b.gz", IMAGES)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


DAMAGE = {
    "empty": (b"", "0 bytes, expected 4"),
    "another magic number": (b"\x00\x01\x08\x01" + bytes(8), "not an IDX file: starts with 00010801"),
    "unknown type": (header(0x07, 1) + bytes(1), "not an IDX file: starts with 00000701"),
    "no axes": (header(0x08) + bytes(1), "not an IDX file: starts with 00000800"),
    "cut in the header": (header(0x08, 2, 3, 4)[:9], "9 bytes, expected 16"),
    "cut short": (header(0x08, 2, 3, 4) + bytes(23), "39 bytes, expected 40"),
    "left over": (header(0x08, 2, 3, 4) + bytes(25), "left over after the expected 40"),
    "absurd lengths": (header(0x08, 2**31, 2**31, 2**31) + bytes(99), "expected|declares 9903520314283042199192993808"),
}


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_named(tmp_path, kind, packed):
    content, message = DAMAGE[kind]
    path = tmp_path / ("file.gz" if packed else "file")
    path.write_bytes(gzip.compress(content) if packed else content)
    if packed and kind == "empty":
        message = "not an IDX file: starts with "
    with pytest.raises(DamagedData, match=message) as caught:
        read_idx(path)
    assert str(path) in str(caught.value)


SPOIL = {
    "cut": lambda packed: packed[:-20],
    "another checksum": lambda packed: packed[:-8] + bytes(8),
    "a hole": lambda packed: packed[:2000] + bytes(99) + packed[2099:],
    "left over": lambda packed: packed + b"more",
}


@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL)
def test_broken_gzip_is_named(tmp_path, spoil):
    path = tmp_path / "broken.gz"
    noise = np.random.default_rng(0).integers(0, 256, (9, 28, 28), np.uint8)
    write_idx(path, noise)
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(DamagedData, match="broken or truncated gzip"):
        read_idx(path)


@pytest.mark.data("mnist", "qmnist")
def test_real_files(data):
    assert read_idx(data / "mnist/train-images-idx3-ubyte.gz").shape == (60_000, 28, 28)
    assert read_idx(data / "qmnist/qmnist-train-labels-idx2-int.gz")[0, :3].tolist() == [5, 4, 2154]
