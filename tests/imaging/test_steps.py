"""The simple steps, and the whole preparation: a digit comes out as MNIST would have it, however it went in."""

import cv2
import numpy as np
import pytest

from calame.data.idx import read_idx
from calame.imaging.frame import Frame
from calame.imaging.recipe import DEFAULT, parse, run
from calame.imaging.steps import Centre, Close, Crop, Denoise, Grey, Limit, Scale, noise_of
from calame.types import Box, Picture


def prepared(pixels):
    return run(parse(DEFAULT), Picture(pixels))


def test_grey_weighs_the_colours_and_leaves_grey_alone():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert Grey()(Frame(colours)).pixels.tolist() == [[76, 150, 29]]
    plain = np.zeros((2, 2), np.uint8)
    assert Grey()(Frame(plain)).pixels is plain


def test_the_luminance_of_what_has_no_colour_is_what_each_channel_says():
    levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    seen = np.broadcast_to(levels[..., None], (16, 16, 3))
    np.testing.assert_array_equal(Grey()(Frame(seen)).pixels, levels)
    np.testing.assert_array_equal(Grey()(Frame(np.ascontiguousarray(seen))).pixels, levels)


def test_limit_remembers_the_scale():
    frame = Limit(100)(Frame(np.zeros((200, 400), np.uint8)))
    assert (frame.pixels.shape, frame.scale) == ((50, 100), 0.25)


@pytest.mark.parametrize("level", [3, 8, 20])
def test_the_noise_is_measured_beside_ink(level):
    page = np.full((200, 200), 180.0)
    cv2.circle(page, (100, 100), 60, 40.0, 6)
    page += np.random.default_rng(0).normal(0, level, page.shape)
    assert noise_of(np.clip(page, 0, 255).astype(np.uint8)) == pytest.approx(level, rel=0.2)


def test_denoise_blurs_noise_and_leaves_a_clean_picture_alone():
    clean = np.full((100, 100), 200, np.uint8)
    cv2.line(clean, (20, 20), (80, 80), 30, 3)
    assert Denoise()(Frame(clean)).pixels is clean
    noisy = np.clip(clean + np.random.default_rng(0).normal(0, 15, clean.shape), 0, 255).astype(np.uint8)
    assert noise_of(Denoise()(Frame(noisy)).pixels) < 0.4 * noise_of(noisy)


@pytest.mark.parametrize(
    ("shape", "scaled"),
    [((200, 100), (20, 10)), ((30, 300), (2, 20)), ((10, 5), (20, 10)), ((1, 900), (1, 20))],
)
def test_scale_brings_the_longer_side_to_twenty(shape, scaled):
    assert Scale()(Frame(np.full(shape, 200, np.uint8))).pixels.shape == scaled


def test_scale_averages_areas():
    stripes = np.tile(np.array([0, 255], np.uint8), (40, 10))
    assert set(Scale(10)(Frame(stripes)).pixels.ravel().tolist()) <= {127, 128}


@pytest.mark.parametrize("shape", [(20, 4), (20, 20), (28, 28), (40, 9), (1, 20)])
def test_centre_puts_the_centre_of_mass_in_the_middle(shape):
    ink = np.random.default_rng(2).integers(1, 255, shape).astype(np.uint8)
    square = Centre()(Frame(ink)).pixels.astype(float)
    assert square.shape == (28, 28)
    for axis in (0, 1):
        mean = (square.sum(axis=1 - axis) * np.arange(28)).sum() / square.sum()
        assert mean == pytest.approx(14, abs=0.51 if max(shape) <= 28 else 1.5)


def test_crop_cuts_the_box_and_close_bridges_a_gap():
    ink = np.zeros((50, 50), np.uint8)
    ink[10:20, 25] = ink[22:32, 25] = 255
    assert Crop()(Frame(ink)).pixels.shape == (22, 1)
    assert Crop()(Frame(ink, box=Box(0, 0, 30, 40))).pixels.shape == (40, 30)
    assert Close(gap=0.1)(Frame(ink)).pixels[20:22, 25].min() == 255


@pytest.mark.parametrize("pixels", [
    np.full((1, 1), 90, np.uint8),
    np.full((1, 20000), 255, np.uint8),
    np.zeros((20000, 1), np.uint8),
    np.full((300, 300, 3), 255, np.uint8),
    np.zeros((300, 300), np.uint8),
    np.eye(3, dtype=np.uint8) * 255,
    np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8),
    np.tile(np.array([0, 255], np.uint8), (100, 50)),
], ids=lambda pixels: str(pixels.shape))  # fmt: skip
def test_odd_pictures_are_prepared_or_refused_and_never_a_crash(pixels):
    result = prepared(pixels)
    assert result.pixels is None or result.pixels.shape == (28, 28)
    assert result.pixels is not None or result.rejected in ("blank", "no_ink")


@pytest.fixture(scope="module")
def digits(data):
    return read_idx(data / "mnist" / "train-images-idx3-ubyte.gz")[:400]


def enlarged(digit, rng, how):
    """The digit ten times larger, black on white, anywhere on a larger page."""
    page = np.full((400, 400), 255, np.uint8)
    top, left = rng.integers(0, 120, 2)
    page[top : top + 280, left : left + 280] = 255 - cv2.resize(digit, (280, 280), interpolation=how)
    return page


@pytest.mark.data("mnist")
def test_an_mnist_digit_comes_out_as_itself(digits):
    apart = [np.abs(prepared(digit).pixels.astype(int) - digit).mean() for digit in digits]
    assert np.mean(apart) < 2  # of 255
    assert np.median(apart) < 1


@pytest.mark.data("mnist")
@pytest.mark.parametrize(("how", "most"), [(cv2.INTER_NEAREST, 4), (cv2.INTER_LINEAR, 9)])
def test_and_so_does_a_large_dark_one_anywhere_on_a_page(digits, how, most):
    rng = np.random.default_rng(3)
    apart = [np.abs(prepared(enlarged(digit, rng, how)).pixels.astype(int) - digit).mean() for digit in digits]
    assert np.median(apart) < most


@pytest.mark.slow
@pytest.mark.data("mnist")
def test_the_shipped_model_reads_them_alike(data):
    from calame.reader.digit import DigitReader

    digits = read_idx(data / "mnist" / "train-images-idx3-ubyte.gz")[:2000]
    rng = np.random.default_rng(4)
    reader = DigitReader(reject_below=0.0)
    straight = reader.classify(np.ascontiguousarray(digits)).argmax(axis=1)
    through = reader.read_many([enlarged(digit, rng, cv2.INTER_LINEAR) for digit in digits])
    assert np.mean([int(reading.probabilities.argmax()) for reading in through] == straight) >= 0.995
