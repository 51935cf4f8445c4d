import numpy as np
import pytest

from calame.data.strokes import render

CROSS = [np.array([[0.0, 5.0], [10.0, 5.0]]), np.array([[5.0, 0.0], [5.0, 10.0]])]


def ink_box(picture: np.ndarray) -> tuple[int, int, int, int]:
    rows, columns = np.nonzero(picture < 128)
    return int(columns.min()), int(rows.min()), int(columns.max()), int(rows.max())


def test_black_on_white_in_the_middle_with_the_margin_asked_for():
    picture = render(CROSS, side=280, width=15, margin=40)
    assert (picture.shape, picture.dtype) == ((280, 280), np.uint8)
    assert (picture[0, 0], picture[140, 140]) == (255, 0)
    assert ink_box(picture) == pytest.approx((40, 40, 239, 239), abs=1)


def test_proportions_are_kept():
    left, top, right, bottom = ink_box(render([np.array([[100.0, 0.0], [150.0, 200.0]])], width=1))
    assert (bottom - top) / (right - left) == pytest.approx(4, rel=0.05)
    assert (left + right, top + bottom) == pytest.approx((279, 279), abs=2)


def test_place_and_unit_do_not_matter():
    moved = [stroke * 37.5 + 4000 for stroke in CROSS]
    assert np.abs(render(CROSS).astype(int) - render(moved)).max() <= 32


def test_the_pen_is_as_wide_as_asked_round_and_smooth():
    picture = render([np.array([[0.0, 0.0], [0.0, 1.0]])], width=15)
    row = picture[140]
    assert (255 - row.astype(int)).sum() / 255 == pytest.approx(15, abs=0.5)
    top = ink_box(picture)[1]
    assert (picture[top] < 128).sum() < (picture[top + 7] < 128).sum()
    assert len(np.unique(picture)) > 10


@pytest.mark.parametrize("stroke", [[[5, 5]], [[5, 5], [5, 5], [5, 5]]])
def test_a_dot_is_a_dot(stroke):
    left, top, right, bottom = ink_box(render([np.array(stroke, np.float32)], width=15))
    assert (right - left, bottom - top) == pytest.approx((15, 15), abs=2)


def test_nothing_is_a_white_page():
    assert render([]).min() == 255


def test_no_room_for_the_ink_gives_a_dot_and_no_error():
    assert render(CROSS, side=28, width=15, margin=10).min() == 0
