"""The reader: one path for every kind of source, and nothing lost on it."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from calame import DigitReader
from calame.artifact import INT8
from calame.engine.session import Session
from calame.errors import BadArray, BadParameter, EmptyPicture, MissingModel, PictureNotFound, UsageError
from calame.reader.code import CodeReader
from calame.reader.confidence import calibrate
from calame.reader.digit import TOGETHER
from calame.reader.looks import look
from made_digits import small_on_squared_paper


class Scripted:
    """A classifier that says 1 of tall ink and 0 of wide ink, 80 % sure, and remembers how it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, images):
        self.asked.append(len(images))
        answers = np.full((len(images), 10), 0.02, np.float32)
        slim = (images.max(1) > 100).sum(1) < (images.max(2) > 100).sum(1)
        answers[np.arange(len(images)), slim.astype(int)] += 0.8
        return answers / answers.sum(1, keepdims=True)


@pytest.fixture
def one():
    picture = np.full((100, 80), 240, np.uint8)
    cv2.line(picture, (40, 20), (40, 80), 20, 8)
    return picture


@pytest.fixture
def reader():
    return DigitReader(Scripted())


def encoded(picture):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG")
    return buffer.getvalue()


def test_every_kind_of_source_reads_alike(reader, one, tmp_path):
    path = tmp_path / "one.png"
    path.write_bytes(encoded(one))
    sources = [path, str(path), encoded(one), io.BytesIO(encoded(one)), Image.fromarray(one), one, one[..., None]]
    sources += [np.repeat(one[..., None], 3, 2)]
    readings = reader.read_many(sources)
    assert [reading.digit for reading in readings] == [1] * len(sources)
    for reading in readings[1:]:
        np.testing.assert_array_equal(reading.prepared, readings[0].prepared)
    assert readings[0].name == str(path)


def test_a_reading_holds_what_its_contract_says(reader, one):
    reading = reader.read(one, trace=True)
    assert reading.probabilities.shape == (10,)
    assert reading.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert reading.confidence == pytest.approx(float(reading.probabilities[1]))
    assert reading.top(2)[0] == (1, pytest.approx(reading.confidence))
    assert reading.prepared.shape == (28, 28)
    assert reading.prepared.dtype == np.uint8
    assert reading.quality.level in {"excellent", "good", "fair", "poor"}
    assert [step.name for step in reading.trace.steps[:2]] == ["decode", "grey"]
    np.testing.assert_array_equal(reading.trace.steps[-1].picture, reading.prepared)
    assert reader.read(one).trace is None


def test_bad_items_keep_their_place_and_stop_nothing(reader, one):
    readings = reader.read_many([one, "missing.png", b"", one])
    assert [reading.digit for reading in readings] == [1, None, None, 1]
    assert isinstance(readings[1].error, PictureNotFound)
    assert isinstance(readings[2].error, EmptyPicture)
    assert readings[1].name == "missing.png"
    with pytest.raises(PictureNotFound, match=r"missing\.png"):
        reader.read("missing.png")


def test_a_pile_is_read_a_few_at_a_time(one):
    classifier = Scripted()
    taken = []
    sources = (taken.append(number) or one for number in range(TOGETHER + 3))
    stream = DigitReader(classifier).stream(sources)
    next(stream)
    assert len(taken) == TOGETHER
    assert len(list(stream)) == TOGETHER + 2
    assert classifier.asked == [TOGETHER, 3]


def test_an_empty_sheet_is_refused_without_asking_the_network():
    classifier = Scripted()
    reading = DigitReader(classifier).read(np.full((60, 60), 230, np.uint8))
    assert reading.digit is None
    assert reading.rejected in {"blank", "no_ink"}
    assert reading.prepared is None
    assert classifier.asked == []


def test_an_unsure_reading_is_refused_and_still_shows_its_guess(one):
    reading = DigitReader(Scripted(), reject_below=0.99).read(one)
    assert (reading.digit, reading.rejected) == (None, "unsure")
    assert reading.top(1)[0][0] == 1


@pytest.mark.parametrize("limit", [2, -0.1, float("nan"), "0.5", [0.5]])
def test_a_limit_that_is_no_confidence_is_refused(limit):
    for reader in (DigitReader, CodeReader):
        with pytest.raises(BadParameter, match="reject_below"):
            reader(reject_below=limit)


@pytest.mark.parametrize("wish", [{"one_in": "x"}, {"one_in": 0.01}, {"tta": "no"}, {"tta": 1}])
def test_a_wish_of_another_kind_is_refused(wish):
    (name,) = wish
    with pytest.raises(BadParameter, match=f"{name} is .*; expected"):
        DigitReader(**wish)
    assert DigitReader(Scripted(), tta=np.True_).tta is True


def test_tta_asks_five_views_of_each(one):
    classifier = Scripted()
    assert DigitReader(classifier, tta=True).read(one).digit == 1
    assert classifier.asked == [1, 4]


def test_eight_bits_answer_what_is_sure_and_the_full_network_the_rest():
    reader = DigitReader()
    ink = np.random.default_rng(4).uniform(0, 1, (12, 28, 28)) ** np.linspace(1, 40, 12)[:, None, None]
    ink[6:, 4:24, 13:16] = 1  # a 1, in less and less dirt
    images = (255 * ink).astype(np.uint8)
    lighter = Session(reader.folder, INT8)(images)
    sure = lighter.max(axis=1) >= reader.look_again
    assert 0 < sure.sum() < len(images)
    wanted = np.where(sure[:, None], lighter, look(Session(reader.folder), images, 0.0, True).answers)
    np.testing.assert_allclose(reader.classify(images), calibrate(wanted, reader.temperature), atol=1e-6)


@pytest.mark.parametrize(
    "row",
    [np.full(11, 1 / 11), np.full(9, 1 / 9), np.zeros(10), np.full(10, np.nan), np.arange(10) - 4.4, ["a"] * 10],
)
@pytest.mark.parametrize("make", [DigitReader, CodeReader])
def test_a_callable_that_gives_no_probabilities_is_named_where_it_is_asked(make, row, one):
    with pytest.raises(UsageError, match=r"callable gave .* expected probabilities"):
        make(lambda images: np.array([row] * len(images))).read(one)


@pytest.mark.parametrize("make", [DigitReader, CodeReader])
def test_a_callable_answers_for_each_picture_and_in_any_precision(make, one):
    half = np.eye(10, dtype=np.float16)[1] * np.float16(0.999)
    assert make(lambda images: np.tile(half, (len(images), 1))).read(one).confidence > 0.5
    with pytest.raises(UsageError, match="callable gave"):
        make(lambda images: np.tile(half, (len(images) + 1, 1))).read(one)


def test_classify_takes_prepared_pictures_only(reader):
    assert reader.classify(np.zeros((3, 28, 28), np.uint8)).shape == (3, 10)
    for wrong in (
        np.zeros((3, 28, 28), np.float32),
        np.zeros((28, 28), np.uint8),
        np.zeros((1, 32, 32), np.uint8),
        None,
    ):
        with pytest.raises(BadArray, match=r"\(n, 28, 28\) uint8"):
            reader.classify(wrong)


@pytest.mark.parametrize("lone", ["photo.jpg", Path("photo.jpg"), b"\x89PNG", io.BytesIO(), np.zeros((9, 9, 1))])
def test_one_picture_in_the_place_of_a_list_is_refused(reader, lone):
    with pytest.raises(UsageError, match=r"read_many\(\[picture\]\)"):
        reader.read_many(lone)


def test_an_unknown_model_is_named_with_what_can_be_given_instead():
    with pytest.raises(MissingModel, match=r"no model named nope comes with Calame.* the path of its folder"):
        DigitReader("nope")


def test_a_small_digit_that_is_lost_on_its_paper_is_seen_closer(monkeypatch):
    reader, picture = DigitReader(), small_on_squared_paper()
    reading = reader.read(picture, trace=True)
    assert (reading.digit, reading.rejected) == (7, None)
    assert [step.name for step in reading.trace.steps][:3] == ["decode", "closer", "grey"]
    assert reader.read_many([picture, picture])[1].digit == 7
    monkeypatch.setattr("calame.reader.digit.SURE", 1.1)  # not sure enough: the first look counts
    first = reader.read(picture, trace=True)
    assert first.digit is None
    assert "closer" not in [step.name for step in first.trace.steps]
