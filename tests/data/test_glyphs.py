"""European forms: every digit has one, and each keeps what makes it that digit."""

import numpy as np
import pytest

from calame.data import glyphs


def rng(seed):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("digit", range(10))
def test_every_digit_has_forms_about_one_high(digit):
    for seed in range(20):
        strokes = glyphs.draw(digit, rng(seed))
        points = np.concatenate(strokes)
        assert np.isfinite(points).all()
        assert np.ptp(points[:, 1]) == pytest.approx(1.0, abs=0.35)
        assert all(stroke.shape[1] == 2 and len(stroke) >= 2 for stroke in strokes)


def test_no_two_drawings_are_alike_and_a_seed_draws_the_same_again():
    assert not np.array_equal(glyphs.draw(7, rng(0))[0], glyphs.draw(7, rng(1))[0])
    np.testing.assert_array_equal(glyphs.draw(7, rng(0))[0], glyphs.draw(7, rng(0))[0])


def test_the_upstroke_of_a_one_rises_where_the_head_of_a_seven_is_level():
    """The rule that tells the two apart: how far the first part climbs for its length."""
    for seed in range(50):
        one = glyphs.one_upstroke(rng(seed))[0]
        peak = int(one[:, 1].argmin())
        reach, climb = abs(one[peak, 0] - one[0, 0]), one[0, 1] - one[peak, 1]
        assert climb > 0.3 * reach
        seven = glyphs.seven_crossed(rng(seed))[0]
        assert abs(seven[0, 1] - seven[:, 1].min()) < 0.3


def test_the_flag_of_a_one_is_too_narrow_for_a_seven():
    for seed in range(50):
        flag = glyphs.one_flagged(rng(seed))[0]
        top = flag[flag[:, 1] < 0.15]
        assert np.ptp(top[:, 0]) < 0.4


def test_a_four_in_one_line_ends_below_where_it_turned():
    """What tells it from a 6, whose bowl is the lowest."""
    for form in (glyphs.four_lightning, glyphs.four_cup):
        for seed in range(30):
            strokes = form(rng(seed))
            points = np.concatenate(strokes)
            turn = points[points[:, 0].argmin()]
            assert points[-1, 1] == points[:, 1].max()
            assert points[-1, 1] > turn[1] + 0.1


def test_the_head_of_a_rolled_two_is_above_its_foot_and_its_foot_is_short_of_a_ring():
    """What tells it from a 9, whose leg ends without one, and from an 8."""
    for seed in range(30):
        (line,) = glyphs.two_rolled(rng(seed))
        heel = int(line[:, 1].argmax())
        assert line[0, 1] < 0.7 * line[heel, 1]
        assert line[-1, 0] > line[line[:, 1] > 0.9][:, 0].min() + 0.1
        assert np.ptp(line[line[:, 1] > 0.8][:, 1]) < 0.35


def test_the_head_of_an_open_nine_is_at_the_right_of_its_stem():
    for seed in range(30):
        points = np.concatenate(glyphs.nine_open(rng(seed)))
        head, foot = points[points[:, 1] < 0.45], points[points[:, 1] > 0.8]
        assert len(foot)
        assert head[:, 0].max() > np.median(points[(points[:, 1] > 0.5) & (points[:, 1] < 0.7)][:, 0])


def test_the_loop_of_a_one_is_too_narrow_for_a_nine():
    for seed in range(30):
        (line,) = glyphs.one_looped(rng(seed))
        top = line[line[:, 1] < 0.15]
        assert np.ptp(top[:, 0]) < 0.3
        assert line[0, 1] > 0.3


def test_an_open_four_is_two_strokes_that_cross():
    for seed in range(20):
        first, second = glyphs.four_open(rng(seed))
        assert first[0, 1] < first[1, 1] + 0.1
        assert second[-1, 1] > first[-1, 1]


def test_there_is_no_form_of_a_letter():
    with pytest.raises(KeyError):
        glyphs.draw(10, rng(0))


def test_a_curve_goes_through_its_points():
    points = [(0.0, 0.0), (1.0, 0.5), (0.0, 1.0)]
    line = glyphs.curve(points, rng(0), play=0)
    for point in points:
        assert np.hypot(*(line - point).T).min() < 1e-6
