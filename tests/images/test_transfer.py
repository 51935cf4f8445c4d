"""One's own classes from a folder: what is learned, what is refused, and clear words for every odd folder."""

import shutil

import numpy as np
import pytest
from PIL import Image

import smallnet
from calame.errors import UsageError
from calame.images.classifier import NONE, ImageClassifier
from calame.images.dense import fit_dense, softmax
from calame.images.features import Store, arrays_of, extract
from calame.images.folder import doubles, gather, split
from calame.images.outsiders import distance, fit_outsiders
from calame.images.report import html
from calame.images.transfer import Wishes, calibration_error, train

COLOURS = {"red": (200, 40, 30), "green": (30, 190, 60), "blue": (40, 60, 210)}


def spotted(colour, random, size=(48, 40)):
    """A photo of one colour, with noise and a darker side."""
    noise = random.normal(0, 25, (size[1], size[0], 3))
    shade = np.linspace(0.7, 1, size[0])[None, :, None]
    return Image.fromarray(np.clip(np.array(colour) * shade + noise, 0, 255).astype(np.uint8))


def fill(folder, count=14, names=tuple(COLOURS)):
    random = np.random.default_rng(0)
    for name in names:
        (folder / name).mkdir(parents=True)
        for number in range(count):
            size = (40 + 4 * (number % 5), 40)
            spotted(COLOURS[name], random, size).save(folder / name / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return smallnet.folder(tmp_path_factory.mktemp("base") / "model")


@pytest.fixture(scope="module")
def learned(tmp_path_factory, base):
    """A network for three colours, from a folder with oddities."""
    place = tmp_path_factory.mktemp("own")
    folder = fill(place / "colours")
    (folder / "red" / "torn.jpg").write_bytes(b"\xff\xd8\xff and no more")
    (folder / "red" / "notes.txt").write_text("no photo")
    shutil.copy(folder / "red" / "0.png", folder / "red" / "copy.png")
    shutil.copy(folder / "red" / "1.png", folder / "blue" / "astray.png")
    shutil.copy(folder / "red" / "2.png", folder / "of no class.png")
    (folder / "white").mkdir()
    store = Store(place / "features.npz")
    return train(folder, base, place / "models" / "colours" / "1", name="colours", store=store), folder, store


def test_the_network_reads_photos_that_it_has_not_seen(learned):
    (made, report), _, _ = learned
    assert str(made.manifest) == "colours@1"
    reader = ImageClassifier(made)
    assert reader.classes == ("blue", "green", "red")
    random = np.random.default_rng(9)
    said = [reader.classify(spotted(colour, random), top=1)[0][0] for colour in COLOURS.values() for _ in range(5)]
    assert np.mean([one == name for one, name in zip(said, np.repeat(list(COLOURS), 5), strict=True)]) > 0.8
    assert report["accuracy"]["share"] > 0.7
    assert report["accuracy"]["low"] < report["accuracy"]["share"] <= report["accuracy"]["high"]


def test_what_is_unlike_all_of_it_is_refused(learned):
    (made, _), _, _ = learned
    reader = ImageClassifier(made)
    odd = [smallnet.photo(seed) for seed in range(10)] + [np.zeros((40, 40, 3), np.uint8)]
    assert np.mean([reading.rejected == NONE for reading in reader.read_many(odd)]) > 0.7
    assert made.manifest.classes[-1] == "none of these"


def test_the_report_names_what_was_odd(learned):
    (_, report), folder, _ = learned
    assert report["unread"][0].startswith(str(folder / "red" / "torn.jpg"))
    assert ["red/0.png", "red/copy.png"] in report["same"]
    assert report["same_in_two_classes"] == 1
    assert report["photos"] == 3 * 14 + 2
    assert sum(map(sum, report["confusion"])) == report["split"]["judge"]
    assert [one["name"] for one in report["classes"]] == ["blue", "green", "red"]
    assert (report["empty"], report["astray"]) == (["white"], 1)
    for language in ("en", "fr"):
        assert all(word in html(report, language) for word in ("colours", "white", "viewport"))
    assert "&lt;b&gt;" in html(report | {"folder": "<b>"}, "en")


def test_features_are_computed_once(learned, base, monkeypatch):
    _, folder, store = learned
    paths = gather(folder).paths
    again = Store(store.path)
    assert len(again.rows) == 3 * 14 + 0  # the copies have the bytes of others
    monkeypatch.setattr("calame.images.features.decode", lambda *_, **__: pytest.fail("decoded again"))
    rows = extract([path for path in paths if path.suffix == ".png"], base, again)
    assert all(row.features.shape == (4, 16) for row in rows)


def test_a_store_that_is_damaged_is_begun_anew(tmp_path):
    (tmp_path / "features.npz").write_bytes(b"PK\x03\x04 torn")
    assert Store(tmp_path / "features.npz").rows == {}


def test_the_weights_of_a_network_come_back_from_its_file(base):
    found, weights = arrays_of(base), smallnet.arrays()
    assert set(found) == set(weights)
    assert all(np.array_equal(found[name], weights[name]) for name in weights)


def words(folder, base, tmp_path):
    with pytest.raises(UsageError) as caught:
        train(folder, base, tmp_path / "made", name="x", store=Store(None))
    assert not (tmp_path / "made").exists()
    return str(caught.value)


def test_folders_that_cannot_be_learned_from_get_clear_words(base, tmp_path):
    assert "no such folder" in words(tmp_path / "nowhere", base, tmp_path)
    (tmp_path / "flat").mkdir()
    spotted((9, 9, 9), np.random.default_rng(0)).save(tmp_path / "flat" / "a.png")
    assert "no folder with photos inside" in words(tmp_path / "flat", base, tmp_path)
    assert "only one class, red" in words(fill(tmp_path / "one", names=("red",)), base, tmp_path)
    assert "red (3), green (3)" in words(fill(tmp_path / "few", 3, ("red", "green")), base, tmp_path).replace(
        "green (3), red (3)", "red (3), green (3)"
    )
    copied = fill(tmp_path / "copied", 8, ("red", "green"))
    for number in range(1, 8):
        shutil.copy(copied / "red" / "0.png", copied / "red" / f"{number}.png")
    assert "counted once: red (1)" in words(copied, base, tmp_path)
    torn = fill(tmp_path / "torn", 8, ("red", "green"))
    for number in range(4):
        (torn / "red" / f"{number}.png").write_bytes(b"torn")
    assert "red (4)" in words(torn, base, tmp_path)


def test_a_split_is_stratified_and_keeps_copies_together():
    labels = np.repeat([0, 1], [40, 20])
    same = [(0, 1), (0, 2), (3, 50)]
    parts = split(labels, same, 0)
    sides = {number: side for side, part in enumerate((parts.learn, parts.stop, parts.judge)) for number in part}
    assert sorted(sides) == list(range(60))
    assert all(sides[one] == sides[other] for one, other in same)
    for part in (parts.stop, parts.judge):
        assert set(labels[part]) == {0, 1}
    assert len(parts.learn) >= 40


def test_the_gap_between_confidence_and_accuracy_is_of_no_single_photos():
    sure = np.array([0.9, 0.8, 0.7, 0.6])
    assert calibration_error(sure, [True, True, True, False]) == pytest.approx(0)


def test_doubles_are_pairs_with_the_nearest():
    assert doubles([0, 2**64 - 1, 1, 7]) == [(0, 2), (2, 3)]


def test_the_head_learns_and_each_class_weighs_the_same():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1], [180, 20])
    features = random.normal(0, 1, (200, 1, 8)).astype(np.float32)
    features[labels == 1, :, 0] += 2.5
    dense = fit_dense(features, labels, (features[:, 0], labels), classes=2)
    said = softmax(dense.logits(features[:, 0])).argmax(axis=1)
    assert (said[labels == 1] == 1).mean() > 0.8
    assert (said[labels == 0] == 0).mean() > 0.8


def test_the_plane_holds_what_was_learned_from():
    random = np.random.default_rng(0)
    inside = (random.normal(0, 1, (100, 3)) @ random.normal(0, 1, (3, 20))).astype(np.float32)
    dense = fit_dense(inside[:, None], np.arange(100) % 2, (inside, np.arange(100) % 2), classes=2, epochs=2)
    found = fit_outsiders(inside, inside[:30], dense)
    assert distance(inside, found.middle, found.directions).max() < 1e-2
    away = random.normal(0, 3, (10, 20)).astype(np.float32)
    assert found.shares(away, dense.logits(away)).min() > 0.5


@pytest.mark.train
def test_the_top_blocks_learn_too_and_the_network_is_what_keras_computes(tmp_path, base):
    pytest.importorskip("keras")
    from calame.images.mobilenet import plan_of
    from calame.models import transfer

    weights = smallnet.arrays()
    layers = plan_of(weights)
    model = transfer.build(layers, weights, smallnet.SIDE)
    pictures = np.random.default_rng(1).integers(0, 256, (3, 32, 32, 3)).astype(np.uint8)
    from calame.engine.session import Session

    answers = np.asarray(model(transfer.as_input(pictures), training=False))
    assert answers == pytest.approx(Session(base)(pictures), abs=1e-5)
    assert transfer.unfreeze(model, 1) == [
        "block_3_expand", "block_3_depthwise", "block_3_project", "Conv_1", "Logits",
    ]  # fmt: skip
    folder = fill(tmp_path / "colours", 8)
    made, report = train(folder, base, tmp_path / "1", name="x", store=Store(None), wishes=Wishes(epochs=2, unfreeze=1))
    assert report["split"]["judge"] == 3
    assert made.manifest.training["unfrozen"] == 1
