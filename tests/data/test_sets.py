import gzip
import json

import numpy as np
import pytest

from calame.data import sets
from calame.data.idx import write_idx
from calame.errors import DamagedData, MissingData


def put(root, path: str, content: str) -> None:
    (root / path).parent.mkdir(exist_ok=True)
    (root / path).write_bytes(gzip.compress(content.encode()))


@pytest.fixture
def made(tmp_path):
    """A small MNIST with QMNIST's rows for it."""
    rng = np.random.default_rng(0)
    for part, count, rows in (("train", 60, 60), ("test", 10, 30)):
        images, labels, qmnist = (tmp_path / path for path in sets.FILES[part])
        for path in (images, qmnist):
            path.parent.mkdir(exist_ok=True)
        classes = rng.integers(0, 10, rows)
        write_idx(images, rng.integers(0, 256, (count, 28, 28), np.uint8))
        write_idx(labels, classes[:count].astype(np.uint8))
        table = np.zeros((rows, 8), np.int32)
        table[:, 0], table[:, 2] = classes, np.arange(rows) // 5 + 2000
        write_idx(qmnist, table)
    return tmp_path


def test_mnist_and_its_writers(made):
    mnist = sets.load_mnist(made)
    assert mnist.train_images.shape == (60, 28, 28)
    assert mnist.test_labels.shape == (10,)
    assert sets.load_writers(made).tolist() == [2000 + n // 5 for n in range(60)]
    assert sets.load_writers(made, "test").shape == (10,)


def test_writers_may_lie_in_another_root(made, tmp_path):
    (made / "mnist").rename(tmp_path / "elsewhere")
    with pytest.raises(MissingData, match="mnist not found"):
        sets.load_writers(made)
    (tmp_path / "other").mkdir()
    (tmp_path / "elsewhere").rename(tmp_path / "other/mnist")
    assert sets.load_writers(made, mnist=tmp_path / "other").shape == (60,)


def test_unpacked_files_do_as_well(made):
    path = made / sets.FILES["train"][0]
    path.with_suffix("").write_bytes(gzip.decompress(path.read_bytes()))
    path.unlink()
    assert sets.load_mnist(made).train_images.shape == (60, 28, 28)


def test_rows_of_another_mnist_are_refused(made):
    labels = made / sets.FILES["train"][1]
    write_idx(labels, ((sets.load_mnist(made).train_labels + np.arange(60) // 57) % 10).astype(np.uint8))
    with pytest.raises(DamagedData, match="the classes of 3 rows are not MNIST's labels, the first at row 57"):
        sets.load_writers(made)


def load_all(root) -> None:
    sets.load_mnist(root)
    sets.load_writers(root)


@pytest.mark.parametrize(
    ("index", "array", "message"),
    [
        (0, np.zeros((60, 28, 27), np.uint8), "60×28×27, expected n×28×28"),
        (0, np.zeros((60, 28, 28), np.int32), "expected n×28×28"),
        (1, np.zeros(59, np.uint8), "59, expected 60"),
        (1, np.full(60, 10, np.uint8), "in their range"),
        (2, np.zeros((59, 8), np.int32), "59×8, expected 60×8"),
    ],
)
def test_another_shape_is_named(made, index, array, message):
    path = made / sets.FILES["train"][index]
    write_idx(path, array)
    with pytest.raises(DamagedData, match=message) as caught:
        load_all(made)
    assert str(path) in str(caught.value)


def test_no_hand_is_on_both_sides_and_the_split_is_fixed():
    writers = np.repeat(np.arange(2000, 2012), 3)
    train, valid = sets.split_by_writer(writers)
    assert (train ^ valid).all()
    assert set(writers[train]).isdisjoint(writers[valid])
    assert sorted(set(writers[valid].tolist())) == [2002, 2008]
    assert sets.split_by_writer(writers, share=0.5, seed=1)[1].sum() == 18


def bitmap(label: int) -> str:
    return ("0" * 15 + "1" * 2 + "0" * 15 + "\n") * 32 + f" {label}\n"


def test_optdigits_bitmaps(tmp_path):
    put(tmp_path, "uci/optdigits-orig.tra.gz", "made\n\nntot = 2\nwhitepix = 0\n" + bitmap(3) + bitmap(1))
    images, labels = sets.load_optdigits_bitmaps(tmp_path)
    assert images.shape == (2, 32, 32)
    assert np.unique(images[:, :, 15]).tolist() == [255]
    assert images.mean() == 255 / 16
    assert labels.tolist() == [3, 1]


@pytest.mark.parametrize(
    "content", ["", "ntot = 1\n" + bitmap(3)[33:], "ntot = 2\n" + bitmap(3), "ntot = 1\n" + bitmap(33)]
)
def test_damaged_bitmaps_are_named(tmp_path, content):
    put(tmp_path, "uci/optdigits-orig.tra.gz", content)
    with pytest.raises(DamagedData, match=r"optdigits-orig\.tra\.gz: not a table of 32 columns"):
        sets.load_optdigits_bitmaps(tmp_path)


def test_tables(tmp_path):
    put(tmp_path, "uci/pendigits.tra.gz", "47,100, 27,81, 57,37, 26,0, 0,23, 56,53, 100,90, 40,98, 8\n")
    points, labels = sets.load_pendigits(tmp_path)
    assert points[0, :3].tolist() == [[47, 0], [27, 19], [57, 63]]
    assert labels.tolist() == [8]
    put(tmp_path, "uci/semeion.data.gz", "1.0000 " * 16 + "0 " * 240 + "0 0 1 0 0 0 0 0 0 0 \n")
    images, labels = sets.load_semeion(tmp_path)
    assert images[0, :2, 0].tolist() == [255, 0]
    assert labels.tolist() == [2]


@pytest.mark.parametrize(
    "row", ["", "1,2,3", ",".join(["101"] * 16) + ",7", ",".join(["x"] * 17), ",".join(["0.5"] * 17)]
)
def test_damaged_tables_are_named(tmp_path, row):
    put(tmp_path, "uci/pendigits.tra.gz", row)
    with pytest.raises(DamagedData, match=r"pendigits\.tra\.gz: not a table of 17 columns"):
        sets.load_pendigits(tmp_path)


def entry(label="4", strokes=([[0, 0], [3, 5]],), src="data/1a/syn/a.dat") -> str:
    return json.dumps({"label": label, "strokes": strokes, "src": src})


def test_strokes_are_turned_and_what_is_dropped_is_counted(tmp_path):
    lines = [
        entry(strokes=[[[1, 2], [3, 5]], [[0, 0]]]),
        entry(label="b"),
        entry(strokes=[[[0, 0]], []]),
        entry(strokes=[]),
        entry(src="data/1a/tos/a.dat"),
        entry(label="9"),
    ]
    put(tmp_path, "unipen/unipen_digits.jsonl.gz", "\n".join(lines) + "\n")
    pen = sets.load_unipen(tmp_path)
    assert (pen.labels.tolist(), pen.dropped) == ([4, 9], 4)
    assert [[stroke.tolist() for stroke in strokes] for strokes in pen.strokes] == [
        [[[1, -2], [3, -5]]],
        [[[0, 0], [3, -5]]],
    ]
    assert pen.sources == ["data/1a/syn/a.dat"] * 2


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"label": "1"}',
        entry(strokes=[[[1], [2]]]),
        entry(strokes=[["ab", "cd"]]),
        entry(strokes=[[[1, 2], [3]]]),
    ],
)
def test_a_line_that_is_no_digit_is_named(tmp_path, line):
    put(tmp_path, "unipen/unipen_digits.jsonl.gz", entry() + "\n" + line)
    with pytest.raises(DamagedData, match=r"unipen_digits\.jsonl\.gz: line 2 is not a digit with its strokes"):
        sets.load_unipen(tmp_path)


@pytest.mark.data("mnist", "qmnist")
def test_the_real_mnist(data):
    assert sets.load_mnist(data).train_images.shape == (60_000, 28, 28)
    writers = sets.load_writers(data)
    train, valid = sets.split_by_writer(writers)
    assert (len(np.unique(writers)), train.sum(), valid.sum()) == (539, 50_128, 9_872)
    assert np.intersect1d(writers, sets.load_writers(data, "test")).size == 0


@pytest.mark.data("uci", "unipen")
def test_the_real_others(data):
    assert sets.load_optdigits_bitmaps(data).images.shape == (1_934, 32, 32)
    assert sets.load_pendigits(data).images.shape == (7_494, 8, 2)
    assert sets.load_semeion(data).images.shape == (1_593, 16, 16)
    pen = sets.load_unipen(data)
    assert (len(pen.strokes), pen.dropped) == (13_019, 382)
