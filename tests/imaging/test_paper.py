"""Any sheet becomes dark ink on a flat white page: both polarities, gradients, hard shadows, thin and thick pens."""

import cv2
import numpy as np
import pytest

from calame.imaging.frame import Frame
from calame.imaging.paper import Even, Flatten, Illumination, Polarity, centre_weight, halved, shrink, shrink_whole

SHEET = (240, 320)


def written(pen, paper=215, ink=60):
    """A 3-like stroke of `pen` pixels on plain paper."""
    page = np.full(SHEET, paper, np.uint8)
    cv2.ellipse(page, (160, 85), (40, 35), 0, -160, 90, ink, pen, cv2.LINE_AA)
    cv2.ellipse(page, (160, 155), (45, 35), 0, -90, 160, ink, pen, cv2.LINE_AA)
    return page


def lit(page, light):
    return np.clip(page * light, 0, 255).astype(np.uint8)


def shadow():
    light = np.ones(SHEET)
    cv2.fillPoly(light, [np.array([[150, 0], [320, 0], [320, 240], [190, 240]])], 0.5)
    return light


GRADIENT = np.linspace(1.1, 0.4, SHEET[1])[None].repeat(SHEET[0], axis=0)


@pytest.mark.parametrize("pen", [3, 10, 30])
@pytest.mark.parametrize("light", [np.ones(SHEET), GRADIENT, shadow()], ids=["even", "gradient", "shadow"])
def test_polarity_finds_the_ink_in_any_light(pen, light):
    page = lit(written(pen), light)
    np.testing.assert_array_equal(Polarity()(Frame(page)).pixels, page)
    np.testing.assert_array_equal(Polarity()(Frame(255 - page)).pixels, page)


def test_polarity_is_not_taken_in_by_a_dark_table_beside_the_sheet():
    page = written(3, ink=110)
    page[:20] = 30
    np.testing.assert_array_equal(Polarity()(Frame(page)).pixels, page)


def test_a_line_of_writing_in_the_light_of_a_lamp_is_dark_and_on_a_blackboard_it_is_light():
    page = np.full((60, 300), 215, np.uint8)
    for x in range(70, 230, 30):
        cv2.ellipse(page, (x, 30), (8, 14), 0, 0, 360, 90, 3, cv2.LINE_AA)
    lamp = 1 - 0.75 * np.clip(np.hypot(*np.mgrid[-1:1:60j, -1:1:300j]) * 0.9, 0, 1)
    sheet, board = lit(page, lamp), lit(255 - page, lamp)
    np.testing.assert_array_equal(Polarity()(Frame(sheet)).pixels, sheet)
    np.testing.assert_array_equal(Polarity()(Frame(board)).pixels, 255 - board)


def test_the_texture_of_a_dark_table_beside_the_sheet_is_no_ink():
    page = written(8)
    table = np.random.default_rng(0).integers(3, 35, SHEET).astype(np.uint8)
    page[:, :60] = cv2.blur(table, (3, 3))[:, :60]
    done = Illumination()(Frame(page)).pixels
    assert done[:, :56].min() == 255
    inside = written(8) == 60
    assert (done[inside] < 128).mean() > 0.9


def test_what_is_written_in_the_deep_shadow_of_a_hand_stays():
    page = lit(written(8), np.where(shadow() < 1, 0.3, 1.0))
    done = Illumination()(Frame(page)).pixels
    inside = written(8)[130:190, 205:] == 60
    assert (done[130:190, 205:][inside] < 128).mean() > 0.9


@pytest.mark.parametrize("pen", [3, 10, 30])
@pytest.mark.parametrize("light", [GRADIENT, shadow()], ids=["gradient", "shadow"])
def test_illumination_makes_the_paper_white_and_keeps_the_ink_dark(pen, light):
    page = written(pen)
    flat = Illumination()(Frame(lit(page, light))).pixels
    paper = cv2.erode(page, np.ones((9, 9), np.uint8)) == 215
    assert np.percentile(flat[paper], 2) > 215  # a wide pen needs a wide window, which lags behind a steep gradient
    assert np.percentile(flat[page < 70], 90) < 80  # relative to the paper: 60 of 215 is 71 of 255


VIGNETTE = 1.05 - 0.35 * sum(part**2 for part in np.mgrid[-1:1:240j, -1:1:320j])


@pytest.mark.parametrize("pen", [3, 10, 30])
@pytest.mark.parametrize("light", [GRADIENT, VIGNETTE], ids=["gradient", "vignette"])
@pytest.mark.parametrize("turned", [False, True])
def test_flatten_takes_away_smooth_light_whatever_the_polarity(pen, light, turned):
    page = lit(255 - written(pen) if turned else written(pen), light)
    paper = cv2.erode(written(pen), np.ones((9, 9), np.uint8)) == 215
    before, after = page[paper].astype(float), Flatten()(Frame(page)).pixels[paper].astype(float)
    assert after.std() / after.mean() < 0.35 * before.std() / before.mean()


def test_flatten_leaves_even_paper_alone():
    page = written(10)
    np.testing.assert_allclose(Flatten()(Frame(page)).pixels, page, atol=12)


def test_a_shadow_along_the_border_is_paper():
    page = written(6)
    page[:, :50] //= 2
    flat = Illumination()(Frame(page)).pixels
    assert np.percentile(flat[:, :46], 5) > 215


def test_illumination_does_not_hollow_out_a_thick_pen():
    flat = Illumination()(Frame(written(45))).pixels
    assert flat[written(45) == 60].max() < 90


def test_shrink_keeps_the_aspect_and_never_enlarges():
    assert shrink(np.zeros((300, 600, 3), np.uint8), 200).shape == (100, 200, 3)
    assert shrink(np.zeros((1, 5000), np.uint8), 200).shape == (1, 200)
    small = np.zeros((20, 30), np.uint8)
    assert shrink(small, 200) is small


@pytest.mark.parametrize(("shape", "longer", "size"), [
    ((300, 200), 128, (100, 66)), ((129, 3), 128, (64, 1)), ((5000, 1), 128, (125, 1)), ((128, 90), 128, (128, 90)),
])  # fmt: skip
def test_blocks_of_whole_pixels_are_averaged(shape, longer, size):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    small, scale = shrink_whole(pixels, longer)
    side = round(1 / scale)
    assert small.shape == size
    block = pixels[:side, : min(side, shape[1])]
    assert abs(float(small[0, 0]) - block.mean()) <= 0.5


def test_the_middle_counts_most():
    weight = centre_weight(21, 31)
    assert weight.max() == weight[10, 15] == 1
    assert weight[0].max() == pytest.approx(0.1, abs=1e-6)


@pytest.mark.parametrize("dark", [False, True])
def test_a_drawing_takes_the_short_way(dark):
    page = written(10, paper=255, ink=0)
    frame = Even()(Frame(255 - page if dark else page))
    assert frame.even
    assert 64 < max(frame.pixels.shape) <= 128
    assert frame.pixels[0, 0] == 255
    assert frame.pixels.min() < 50
    for step in (Flatten(), Polarity(), Illumination()):
        assert step(frame).pixels is frame.pixels


def test_a_small_digit_on_a_large_drawing_is_not_shrunk():
    frame = Even()(Frame(np.pad(written(10, paper=255)[40:200, 100:220], 900, constant_values=255)))
    assert frame.even
    assert frame.scale == 0.5  # of 160 pixels and a margin


@pytest.mark.parametrize(
    "page",
    [
        lit(written(10), GRADIENT),
        np.pad(lit(written(10), GRADIENT), 40, constant_values=255),
        np.pad(written(10), 40),  # a sheet on black
        np.full(SHEET, 255, np.uint8),
        np.random.default_rng(0).integers(0, 255, SHEET, np.uint8),
    ],
    ids=["photo", "padded photo", "sheet on black", "blank", "noise"],
)
def test_what_is_no_drawing_takes_the_long_way(page):
    frame = Frame(page)
    assert Even()(frame) is frame


def hard_shadow(page):
    """A shadow over the lower right, its edge as hard as a ruler's."""
    page = page.astype(np.float32)
    cv2.fillPoly(dark := np.ones_like(page), [np.array([[330, 60], [330, 250], [40, 250]])], 0.45)
    return (page * dark).astype(np.uint8)


@pytest.mark.parametrize("pen", [3, 8])
def test_a_hard_shadow_neither_tilts_the_light_nor_turns_the_page(pen):
    page = hard_shadow(written(pen))
    frame = Frame(page)
    assert Flatten()(frame) is frame
    np.testing.assert_array_equal(Polarity()(frame).pixels, page)
    np.testing.assert_array_equal(Polarity()(Frame(255 - page)).pixels, page)


def test_halving_keeps_what_is_asked_for_and_averages_four():
    pixels = np.random.default_rng(0).integers(0, 256, (401, 803), np.uint8)
    small = halved(pixels, 200)
    assert small.shape == (100, 200)
    mean = pixels[:400, :800].astype(float).reshape(100, 4, 200, 4).mean(axis=(1, 3))
    assert np.abs(small - mean).max() <= 1  # rounded twice
    assert halved(pixels, 402) is pixels
    assert halved(np.zeros((1, 5000), np.uint8), 200).shape == (1, 5000)
    assert halved(np.zeros((40, 60, 3), np.uint8), 30).shape == (20, 30, 3)
