"""Each harm does what its amount says, on a picture simple enough to know the answer."""

import numpy as np
import pytest

from calame import perturb

RNG = np.random.default_rng


def bar(count: int = 3, width: int = 4) -> np.ndarray:
    """Upright bars, 16 pixels high, in the middle of (count, 28, 28)."""
    images = np.zeros((count, 28, 28), np.uint8)
    images[:, 6:22, 14 - width // 2 : 14 + width // 2] = 255
    return images


def centre(image: np.ndarray) -> np.ndarray:
    """Centre of mass (y, x) from the middle of the picture."""
    return np.array([np.average(axis - 13.5, weights=image) for axis in np.indices(image.shape)])


NEUTRAL = [
    (perturb.add_noise, 0),
    (perturb.rotate, 0),
    (perturb.scale, 1),
    (perturb.shift, 0),
    (perturb.stroke, 0),
    (perturb.blur, 0),
    (perturb.occlude, 0),
]


@pytest.mark.parametrize(("harm", "level"), NEUTRAL, ids=lambda value: getattr(value, "__name__", None))
def test_neutral_level_changes_nothing_and_gives_a_copy(harm, level):
    images = RNG(0).integers(0, 256, (4, 28, 28), np.uint8)
    before = images.copy()
    same = harm(images, level, RNG(1))
    assert np.array_equal(same, images)
    same[:] = 0
    assert np.array_equal(images, before)


@pytest.mark.parametrize("harm", [harm for harm, _ in NEUTRAL])
def test_shape_and_type_are_kept_also_of_none(harm):
    for count in (0, 2):
        changed = harm(bar(count), 0.7, RNG(0))
        assert changed.shape == (count, 28, 28)
        assert changed.dtype == np.uint8


def test_noise_has_its_standard_deviation_and_is_clipped():
    grey = np.full((50, 28, 28), 128, np.uint8)
    noise = perturb.add_noise(grey, 0.1, RNG(0)).astype(float) / 255
    assert noise.std() == pytest.approx(0.1, rel=0.02)
    assert noise.mean() == pytest.approx(128 / 255, abs=0.002)
    black = perturb.add_noise(np.zeros_like(grey), 0.5, RNG(0))
    assert np.mean(black == 0) == pytest.approx(0.5, abs=0.02)


def test_rotation_by_90_is_a_turn_to_the_left():
    images = RNG(0).integers(0, 256, (2, 28, 28), np.uint8)
    turned = perturb.rotate(images, 90, RNG(0)).astype(int)
    assert np.abs(turned - np.rot90(images, axes=(1, 2))).max() <= 2


def test_scale_changes_the_area_by_its_square():
    for factor in (0.5, 0.8, 1.2):
        ratio = perturb.scale(bar(1), factor, RNG(0)).sum() / bar(1).sum()
        assert ratio == pytest.approx(factor**2, rel=0.06)


def test_shift_moves_every_picture_as_far_but_its_own_way():
    moves = np.array([centre(image) for image in perturb.shift(bar(60), 3, RNG(0))])
    assert np.hypot(*moves.T) == pytest.approx(3, abs=0.1)
    assert np.hypot(*moves.mean(0)) < 1


@pytest.mark.parametrize(("level", "width"), [(-2, 2), (-1, 3), (1, 5), (2, 6), (4, 8)])
def test_stroke_width_changes_by_the_level(level, width):
    changed = perturb.stroke(bar(1), level, RNG(0))
    assert changed[0, 14].sum() / 255 == pytest.approx(width, abs=0.3)


def test_blur_spreads_a_point_by_its_sigma():
    point = np.zeros((1, 28, 28), np.uint8)
    point[0, 12:15, 12:15] = 255
    spread = perturb.blur(point, 2, RNG(0))[0].astype(float)
    column = spread.sum(0)
    variance = np.average((np.arange(28) - 13) ** 2, weights=column)
    assert variance == pytest.approx(4 + 2 / 3, rel=0.1)  # a uniform three pixels have 2 / 3 of their own


def test_occlusion_blanks_one_square_at_its_own_place():
    white = np.full((40, 28, 28), 255, np.uint8)
    holes = perturb.occlude(white, 6, RNG(0)) == 0
    assert set(holes.sum((1, 2))) == {36}
    places = {tuple(np.argwhere(hole).min(0)) for hole in holes}
    assert len(places) > 20
