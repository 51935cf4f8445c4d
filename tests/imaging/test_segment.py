"""The digit is kept whole and alone: its own pieces stay, specks, edges and neighbours go."""

import cv2
import numpy as np
import pytest

from calame.imaging.frame import Frame
from calame.imaging.segment import Check, Main, bounds, pieces, union
from calame.types import Box


def blank():
    return np.zeros((240, 240), np.uint8)


def stroke(ink, *points, pen=8):
    cv2.polylines(ink, [np.array(points)], False, 255, pen, cv2.LINE_AA)
    return ink


def hook(ink):
    """A 5 without its bar, boxed by (86, 86) and (145, 185)."""
    return stroke(ink, (100, 90), (100, 125), (135, 130), (140, 165), (90, 180))


def kept(*extra):
    """The digit's box with these strokes beside a 5's hook, and whether each stroke was kept."""
    ink = hook(blank())
    for points in extra:
        stroke(ink, *points)
    frame = Main()(Frame(ink, edge=1.0))
    return [frame.pixels[points[0][1], points[0][0]] > 0 for points in extra]


def test_figures_of_the_pieces():
    ink = blank()
    ink[100:140, 110:130] = 255
    ink[0:10, 30:50] = 255
    found = pieces(ink)
    assert found.boxes[1:].tolist() == [[30, 0, 50, 10], [110, 100, 130, 140]]
    assert found.mass[1:].tolist() == [200, 800]
    assert found.middle[2] == pytest.approx(0)
    assert found.touch[1:].tolist() == [20, 0]
    assert found.longer[1:].tolist() == [20, 40]


@pytest.mark.parametrize(("name", "points", "belongs"), [
    ("the bar of the 5", [(108, 76), (150, 72)], True),
    ("a bar that sticks out", [(112, 76), (185, 70)], True),
    ("a full stop", [(160, 182), (163, 182)], False),
    ("a digit beside it", [(200, 90), (200, 180)], False),
    ("the edge of the page", [(0, 2), (239, 2)], False),
    ("a neighbour cut by the border", [(236, 80), (225, 130), (239, 180)], False),
    ("writing far above", [(90, 20), (140, 20)], False),
])  # fmt: skip
def test_what_belongs_to_the_digit(name, points, belongs):
    assert kept(points) == [belongs], name


@pytest.mark.parametrize(("points", "rejected"), [
    ([(192, 120), (220, 120), (200, 165)], "several_digits"),
    ([(200, 130), (200, 172)], "several_digits"),
    ([(152, 150), (170, 150), (156, 182)], "several_digits"),
    ([(200, 150), (200, 165)], None),
    ([(60, 215), (190, 218)], None),
    ([(100, 20), (150, 45)], None),
], ids=["a smaller 7", "a short 1", "a much smaller 7", "a tick", "a line under it", "a stroke above it"])  # fmt: skip
def test_a_drawing_has_no_neighbours_by_chance(points, rejected):
    ink = stroke(hook(blank()), *points)
    assert Main()(Frame(ink, edge=1.0, even=True)).rejected == rejected
    assert Main()(Frame(ink, edge=1.0)).rejected is None


def test_a_row_that_slopes_is_several_digits_and_one_beside_smaller_writing_is_not():
    ink = hook(np.zeros((400, 500), np.uint8))
    stroke(ink, (220, 190), (224, 280))
    assert Main()(Frame(ink, edge=1.0)).rejected is None
    assert Main()(Frame(stroke(ink.copy(), (330, 300), (340, 330)), edge=1.0)).rejected is None
    assert Main()(Frame(stroke(ink, (330, 290), (340, 385)), edge=1.0)).rejected == "several_digits"


def test_a_stroke_that_became_faint_is_still_one():
    ink = stroke(stroke(blank(), (150, 80), (138, 190)), (80, 140), (140, 95))
    ink[:, 116:132] //= 8
    assert Main()(Frame(ink, edge=1.0, even=True)).rejected is None
    ink[:, 116:132] = 0
    assert Main()(Frame(ink, edge=1.0, even=True)).rejected == "several_digits"


def test_the_two_strokes_of_an_open_four_stay_together():
    ink = stroke(stroke(blank(), (90, 80), (85, 140), (118, 140)), (130, 80), (128, 190))
    for even in (False, True):
        frame = Main()(Frame(ink, edge=1.0, even=even))
        assert (frame.box.width > 45, frame.rejected) == (True, None)


def test_the_middle_wins_over_the_border_even_when_that_has_more_ink():
    ink = hook(blank())
    ink[:30] = 255
    box = Main()(Frame(ink, edge=1.0)).box
    assert (box.top, box.bottom) == pytest.approx((85, 185), abs=3)


def test_a_digit_that_fills_the_picture_is_no_neighbour():
    ink = hook(blank())[86:185, 86:146]
    np.testing.assert_array_equal(Main()(Frame(ink, edge=1.0)).pixels, ink)


def test_no_ink_is_said():
    assert Main()(Frame(blank())).rejected == "no_ink"


@pytest.mark.parametrize(("points", "pen", "reason"), [
    ([(20, 120), (220, 122)], 8, "not_a_digit"),  # a line
    ([(120, 120), (121, 121)], 90, "not_a_digit"),  # a blot
    ([(120, 20), (121, 220)], 12, None),  # a 1
    ([(100, 90), (100, 125), (135, 130), (140, 165), (90, 180)], 8, None),
])  # fmt: skip
def test_check_refuses_lines_and_blots(points, pen, reason):
    ink = stroke(blank(), *points, pen=pen)
    if pen == 90:
        ink[75:165, 75:165] = 255
    frame = Check()(Main()(Frame(ink, edge=1.0)))
    assert frame.rejected == reason
    assert frame.pixels.any()  # it can still be looked at


def test_boxes():
    ink = blank()
    ink[5:9, 7:20] = 90
    assert bounds(ink) == Box(7, 5, 20, 9)
    assert bounds(ink, over=100) == Box(0, 0, 240, 240)
    assert union(np.array([[1, 2, 3, 4], [0, 3, 2, 9]])) == Box(0, 2, 3, 9)


def boxed(digit_width=30):
    """A 0 in a printed box."""
    ink = np.zeros((120, 120), np.uint8)
    cv2.rectangle(ink, (8, 10), (110, 108), 255, 2)
    cv2.ellipse(ink, (60, 60), (digit_width // 2, 30), 0, 0, 360, 255, 5)
    return ink


def test_a_printed_box_is_not_the_digit():
    frame = Main()(Frame(boxed()))
    assert frame.box is not None
    assert (frame.box.width, frame.box.height) == pytest.approx((35, 65), abs=4)


def test_a_ring_in_a_ring_is_no_box():
    ink = np.zeros((120, 120), np.uint8)
    cv2.ellipse(ink, (60, 60), (35, 50), 0, 0, 360, 255, 5)
    cv2.ellipse(ink, (60, 60), (12, 18), 0, 0, 360, 255, 3)
    frame = Main()(Frame(ink))
    assert frame.box is not None
    assert frame.box.height > 95


@pytest.mark.parametrize(
    ("places", "rejected"),
    [((60,), None), ((35, 85), "several_digits"), ((30, 62, 95), "several_digits"), ((60, 118), None), ((2, 60), None)],
    ids=["alone", "two", "three", "cut on the right", "cut on the left"],
)
def test_whole_digits_side_by_side_are_several_and_cut_neighbours_are_not(places, rejected):
    ink = np.zeros((80, 120), np.uint8)
    for x in places:
        cv2.ellipse(ink, (x, 40), (10, 25), 0, 0, 360, 255, 4)
    assert Main()(Frame(ink)).rejected == rejected


def test_a_neighbour_in_pieces_is_a_neighbour_and_specks_are_none():
    ink = np.zeros((80, 120), np.uint8)
    cv2.ellipse(ink, (30, 40), (10, 25), 0, 0, 360, 255, 4)
    specks = ink.copy()
    for x, y in ((80, 15), (84, 40), (79, 66)):
        cv2.circle(specks, (x, y), 1, 255, -1)
    assert Main()(Frame(specks)).rejected is None
    cv2.ellipse(ink, (85, 40), (10, 25), 0, 20, 160, 255, 4)
    cv2.ellipse(ink, (85, 40), (10, 25), 0, 200, 340, 255, 4)
    assert Main()(Frame(ink)).rejected == "several_digits"


@pytest.mark.parametrize(("x", "width", "rejected"), [(100, 130, "several_digits"), (124, 130, None)])
def test_a_whole_neighbour_as_tall_is_a_second_digit_and_half_of_one_is_none(x, width, rejected):
    ink = np.zeros((80, width), np.uint8)
    for place in (x - 35, x):
        cv2.ellipse(ink, (place, 40), (10, 25), 0, 0, 360, 255, 4)
    assert Main()(Frame(ink)).rejected == rejected


def test_a_row_is_a_row_where_one_of_it_reaches_the_border():
    ink = np.zeros((80, 160), np.uint8)
    for x, tall in ((30, 25), (80, 41), (130, 25)):
        cv2.ellipse(ink, (x, 40), (10, tall), 0, 0, 360, 255, 4)
    assert Main()(Frame(ink)).rejected == "several_digits"


@pytest.mark.parametrize(
    ("middle", "rejected"), [((60, 60), None), ((0, 60), "cut_off"), ((120, 60), "cut_off"), ((60, 0), "cut_off")]
)
def test_a_digit_over_the_border_is_cut_off(middle, rejected):
    ink = np.zeros((120, 120), np.uint8)
    cv2.ellipse(ink, middle, (25, 35), 0, 0, 360, 255, 6)
    assert Main()(Frame(ink)).rejected == rejected


def test_a_close_crop_is_not_cut_off():
    ink = np.zeros((60, 40), np.uint8)
    cv2.ellipse(ink, (20, 30), (20, 30), 0, 0, 360, 255, 6)
    assert Main()(Frame(ink)).rejected is None


@pytest.mark.parametrize("even", [True, False])
def test_pieces_far_apart_are_one_digit_in_a_drawing_only(even):
    ink = blank()
    stroke(ink, (60, 30), (60, 90), (75, 90))  # the left part of a 4
    stroke(ink, (100, 20), (100, 130))
    assert Main()(Frame(ink, even=even)).box.width > 40 if even else Main()(Frame(ink)).box.width < 20


def test_two_tall_pieces_of_a_drawing_are_two_digits():
    ink = blank()
    stroke(ink, (60, 20), (60, 130))
    stroke(ink, (100, 20), (100, 130))
    assert Main()(Frame(ink, even=True)).box.width < 20


@pytest.mark.parametrize("lean", [0, 4])
@pytest.mark.parametrize("side", ["left", "top", "right", "bottom"])
def test_a_box_that_is_open_at_a_side_is_not_the_digit(side, lean):
    ink = np.zeros((160, 160), np.uint8)
    corners = [(20, 24), (140, 24 + lean), (140 - lean, 136), (20, 136)]
    first = {"top": 1, "right": 2, "bottom": 3, "left": 0}[side]
    cv2.polylines(ink, [np.array(corners[first:] + corners[:first])], False, 255, 3)
    cv2.ellipse(ink, (80, 50 if side == "top" else 80), (16, 34), 0, 0, 360, 255, 6)
    frame = Main()(Frame(ink, edge=1.0))
    assert (frame.box.width, frame.box.height) == pytest.approx((39, 75), abs=5)


def test_three_strokes_that_are_a_digit_stay():
    ink = np.zeros((160, 160), np.uint8)
    cv2.polylines(ink, [np.array([(60, 30), (60, 80), (100, 80), (100, 30), (100, 130)])], False, 255, 6)
    cv2.circle(ink, (140, 120), 8, 255, -1)
    frame = Main()(Frame(ink, edge=1.0))
    assert frame.box.height > 95
