"""`ImageClassifier`: what is on a photo, the places that speak for it, and a pile with bad ones in it."""

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import smallnet
from calame import ImageClassifier
from calame.config import Settings
from calame.errors import ForeignPicture, UsageError
from calame.images.classifier import NONE


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return ImageClassifier(smallnet.folder(tmp_path_factory.mktemp("net") / "model"))


def test_every_kind_of_source_gives_the_same(small, tmp_path):
    photo = smallnet.photo()
    Image.fromarray(photo).save(tmp_path / "a.png")
    expected = small.classify(photo, top=3)
    assert len(expected) == 3
    assert expected == sorted(expected, key=lambda one: -one[1])
    for source in (tmp_path / "a.png", (tmp_path / "a.png").read_bytes(), Image.fromarray(photo)):
        assert small.classify(source, top=3) == expected
    assert sum(share for _, share in small.classify(photo, top=99)) == pytest.approx(1)


def test_grey_transparent_and_tiny_pictures_are_read(small):
    for picture in (smallnet.photo()[..., 0], np.zeros((1, 1, 3), np.uint8), np.zeros((1, 900, 4), np.uint8)):
        assert len(small.classify(picture)) == 5


def test_a_pile_keeps_its_order_and_its_errors(small):
    readings = small.read_many([smallnet.photo(1), b"no picture", smallnet.photo(2), "nowhere.jpg"])
    assert [reading.error and reading.error.code for reading in readings] == [
        None,
        "foreign_picture",
        None,
        "picture_not_found",
    ]
    assert readings[2].top(1) == small.classify(smallnet.photo(2), top=1)
    with pytest.raises(ForeignPicture):
        small.read(b"no picture")
    with pytest.raises(UsageError):
        small.read_many("a.jpg")


def test_a_large_jpeg_decoded_smaller_reads_the_same(small):
    content = io.BytesIO()
    Image.fromarray(smallnet.photo(3, 600, 800)).save(content, "JPEG", quality=95)
    whole = small.read(np.asarray(Image.open(content)))
    assert small.read(content.getvalue()).probabilities == pytest.approx(whole.probabilities, abs=0.02)


def test_the_map_of_a_class_is_exactly_its_number(small):
    photo = small.ready(smallnet.photo(4))
    probabilities = small.ask([photo.pixels])[0]
    logits = [small.why(photo, label).evidence.mean() for label in ("cat", "dog", "great_white_shark")]
    assert np.diff(np.log(probabilities[:3])) == pytest.approx(np.diff(logits), abs=1e-4)
    assert small.why(photo).label == small.classify(smallnet.photo(4), top=1)[0][0]
    assert photo.seen == pytest.approx((0.166, 0.05, 0.667, 0.9), abs=0.02)  # 80×60: the middle 32 of 36
    with pytest.raises(UsageError, match="no class"):
        small.why(photo, "unicorn")


def test_of_two_classes_of_one_name_the_map_is_the_likelier_s(small):
    photo = small.ready(smallnet.photo(5))
    both = small.inspector.activations(photo.pixels[None])["evidence"][0].mean((0, 1))[3:]
    assert small.why(photo, "crane").evidence.mean() == pytest.approx(both.max(), abs=1e-5)


def test_a_network_that_learned_to_refuse_does(tmp_path):
    folder = smallnet.folder(tmp_path / "model", calibration={NONE: 1.0})
    reader = ImageClassifier(folder)
    readings = reader.read_many([smallnet.photo(seed) for seed in range(20)])
    assert len(reader.classes) == 4
    for reading in readings:
        assert (reading.rejected == NONE) == (1 - reading.probabilities.sum() > 0.5)


@pytest.mark.data("images")
def test_the_labelled_photos(tmp_path):
    data = Path(os.environ["CALAME_DATA"])
    names = {one[0]: one[1] for one in json.loads((data / "images/imagenet_class_index.json").read_text()).values()}
    paths = sorted((data / "images/photos").glob("*.JPEG"))
    truths = [names[path.name.partition("_")[0]] for path in paths]
    settings = Settings(home=tmp_path, data=data, language="en", colour=False)
    answers = {}
    for name in ("mobilenetv2", "mobilenetv2-int8"):
        readings = ImageClassifier(name, settings=settings).read_many(paths)
        tops = [[label for label, _ in reading.top(5)] for reading in readings]
        assert np.mean([top[0] == truth for top, truth in zip(tops, truths, strict=True)]) >= 0.88
        assert np.mean([truth in top for top, truth in zip(tops, truths, strict=True)]) >= 0.95
        answers[name] = [top[0] for top in tops]
    assert np.mean([one == other for one, other in zip(*answers.values(), strict=True)]) >= 0.95
