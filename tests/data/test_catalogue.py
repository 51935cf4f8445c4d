import hashlib
import re

import pytest

from calame.data.catalogue import SOURCES, credit
from calame.data.files import find_file, verify

FILES = [file for source in SOURCES.values() for file in source.files]


def test_the_sets():
    assert list(SOURCES) == ["mnist", "qmnist", "unipen", "uci", "images"]
    assert all(source.name == name and source.may_learn and source.licence for name, source in SOURCES.items())
    assert [source.name for source in SOURCES.values() if not source.has_mirrors] == ["unipen"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_every_file_is_described_in_full(file):
    folder = file.path.partition("/")[0]
    assert folder in SOURCES
    assert file.size > 0
    assert re.fullmatch("[0-9a-f]{64}", file.sha256)
    assert bool(file.content_sha256) == bool(file.content_size) == file.path.endswith(".gz")
    assert all(mirror.url.startswith("https://") for mirror in file.mirrors)


@pytest.mark.data("mnist", "qmnist", "unipen", "uci")
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_the_files_are_what_the_catalogue_says(data, file):
    path = find_file(file.path, data)
    assert path is not None or not file.needed
    if path is not None:
        verify(file, path)
        if file.md5:
            assert hashlib.md5(path.read_bytes()).hexdigest() == file.md5


def test_credits_name_source_licence_and_count():
    (one,) = credit(mnist=60_000)
    assert one == {
        "name": SOURCES["mnist"].title,
        "source": SOURCES["mnist"].url,
        "licence": "CC BY-SA 3.0",
        "count": 60_000,
    }
