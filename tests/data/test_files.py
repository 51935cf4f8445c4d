import gzip
import hashlib

import pytest

from calame.data.catalogue import File
from calame.data.files import find_file, has_right_size, need_file, pack, read_content, tidy_numbers, verify
from calame.errors import DamagedData, MissingData

CONTENT = b"0,1,6\n" * 500
PACKED = gzip.compress(CONTENT, mtime=0)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


FILE = File("set/table.gz", len(PACKED), sha256(PACKED), len(CONTENT), sha256(CONTENT))
PLAIN = File("set/LICENSE", len(CONTENT), sha256(CONTENT))


@pytest.fixture
def root(tmp_path):
    (tmp_path / "set").mkdir()
    return tmp_path


@pytest.mark.parametrize("level", [1, 9])
def test_another_compressor_is_as_good(root, level):
    path = root / FILE.path
    path.write_bytes(gzip.compress(CONTENT, level))
    assert has_right_size(FILE, path)
    verify(FILE, path)


def test_unpacked_file_is_found_too_and_the_packed_one_first(root):
    (root / "set/table").write_bytes(CONTENT)
    assert find_file(FILE.path, root) == root / "set/table"
    assert has_right_size(FILE, root / "set/table")
    verify(FILE, root / "set/table")
    (root / FILE.path).write_bytes(PACKED)
    assert find_file(FILE.path, root) == root / FILE.path


def test_what_is_not_there_is_named_with_its_folder(root):
    with pytest.raises(MissingData, match=r"set not found \(table.gz\); put the files in .*set"):
        need_file(FILE.path, root)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", PACKED[:-1], PACKED + b"more", gzip.compress(CONTENT + b"1", mtime=0)],
    ids=["empty", "one", "cut", "more", "longer"],
)
def test_another_size_is_seen_without_unpacking(root, content):
    path = root / FILE.path
    path.write_bytes(content)
    assert not has_right_size(FILE, path)
    with pytest.raises(DamagedData, match=r"table\.gz: "):
        verify(FILE, path)


def test_same_size_with_other_bytes_is_refused(root):
    path = root / FILE.path
    path.write_bytes(gzip.compress(CONTENT.replace(b"6", b"7")))
    assert has_right_size(FILE, path)
    with pytest.raises(DamagedData, match=f"SHA-256 {FILE.content_sha256}"):
        verify(FILE, path)
    (root / PLAIN.path).write_bytes(CONTENT.swapcase().replace(b"6", b"7"))
    with pytest.raises(DamagedData, match=f"SHA-256 {PLAIN.sha256}"):
        verify(PLAIN, root / PLAIN.path)


def test_broken_gzip_is_named(root):
    path = root / FILE.path
    path.write_bytes(PACKED[:-9])
    with pytest.raises(DamagedData, match=r"table\.gz: broken or truncated gzip"):
        read_content(path)


def test_packing_gives_the_same_bytes_at_any_time(root):
    pack(CONTENT, root / "a.gz", "table")
    pack(CONTENT, root / "b.gz", "table")
    assert (root / "a.gz").read_bytes() == (root / "b.gz").read_bytes()
    assert read_content(root / "a.gz") == CONTENT


def test_numbers_are_tidied_as_the_archive_writes_them():
    padded = b" 15, 87, 55,100,  0, 3\r\n 18, 59,  9, 22, 51, 0\n"
    assert tidy_numbers(padded) == b"15,87,55,100,0,3\n18,59,9,22,51,0\n"
    assert tidy_numbers(b"0.0000 1.0000 0 1 \n\n1.0000 0.0000 1 0 ") == b"0 1 0 1\n1 0 1 0\n"
    with pytest.raises(ValueError, match="html"):
        tidy_numbers(b"<html>")


@pytest.mark.data("uci")
@pytest.mark.parametrize("name", ["optdigits.tra", "pendigits.tra", "semeion.data"])
def test_the_tables_that_are_kept_are_tidy(data, name):
    content = read_content(data / f"uci/{name}.gz")
    assert tidy_numbers(content) == content
