"""A digit in a circle is read without it; a 0 stays a 0, whatever is inside."""

import cv2
import numpy as np
import pytest

from calame.imaging.frame import Frame
from calame.imaging.segment import Main

MIDDLE = (150, 150)
FIVE = [(168, 118), (135, 118), (135, 145), (162, 150), (166, 172), (130, 182)]  # boxed by (130, 118) and (168, 182)
SEVEN = [(130, 118), (168, 118), (144, 182)]


def ring(radius=(100, 100), pen=4, *, of=MIDDLE, arcs=((0, 360),)):
    ink = np.zeros((300, 300), np.uint8)
    for start, end in arcs:
        cv2.ellipse(ink, of, radius, 0, start, end, 255, pen, cv2.LINE_AA)
    return ink


def written(ink, points, pen=6, shift=(0, 0)):
    cv2.polylines(ink, [np.array(points) + np.array(shift)], False, 255, pen, cv2.LINE_AA)
    return ink


def box(ink):
    """Left, top, right and bottom of what is kept as the digit."""
    found = Main()(Frame(ink, edge=1.0))
    assert found.rejected is None
    assert found.box is not None
    return tuple(found.box)


@pytest.mark.parametrize("around", [
    ring(),
    ring(pen=20),
    ring((130, 90), pen=2),
    ring(arcs=[(-60, 230)]),
    ring(arcs=[(0, 80), (95, 170), (190, 350)]),
    ring(arcs=[(start, start + 8) for start in range(0, 360, 12)]),
    ring(of=(85, 150)),
], ids=["a circle", "a thick one", "an oval", "open", "broken", "dashed", "cut by the border"])  # fmt: skip
def test_what_a_ring_holds_is_the_digit(around):
    assert box(written(around.copy(), FIVE)) == pytest.approx((126, 114, 173, 187), abs=2)


@pytest.mark.parametrize("shift", [(66, 0), (0, -43), (48, 40)], ids=["beside", "above", "in a corner"])
def test_a_digit_is_cut_free_of_the_ring_that_it_touches(shift):
    left, top, right, bottom = box(written(ring(), [(115, 100), (185, 100), (140, 200)], shift=shift))
    assert right - left < 85
    assert 85 < bottom - top < 115


def test_a_0_in_a_ring_is_the_0():
    ink = ring()
    cv2.ellipse(ink, MIDDLE, (28, 40), 0, 0, 360, 255, 6)
    assert box(ink) == pytest.approx((119, 107, 182, 194), abs=2)


@pytest.mark.parametrize(("radius", "inside"), [
    ((100, 100), []),
    ((70, 100), [(150, 148), (151, 152)]),
    ((100, 100), [(150, 140), (155, 160)]),
    ((95, 100), [(82, 222), (218, 78)]),
    ((60, 100), [(150, 120), (150, 180)]),
    ((100, 100), [(110, 150), (190, 152)]),
    ((90, 100), [(160, 52), (140, 75), (150, 100)]),
], ids=["nothing", "a dot", "a speck", "a slash", "a bar, and it is slim", "a level bar", "a curl"])  # fmt: skip
def test_a_0_stays_a_0(radius, inside):
    ink = ring(radius, pen=6)
    if inside:
        written(ink, inside)
    left, top, right, bottom = box(ink)
    assert (right - left, bottom - top) == pytest.approx((2 * radius[0] + 7, 207), abs=3)


def test_a_6_with_a_dot_in_its_hole_stays_a_6():
    ink = np.zeros((300, 300), np.uint8)
    cv2.ellipse(ink, (150, 190), (60, 60), 0, 0, 360, 255, 8)
    written(ink, [(92, 190), (100, 100), (150, 40)], pen=8)
    written(ink, [(150, 175), (150, 205)], pen=10)
    left, top, right, bottom = box(ink)
    assert (right - left, bottom - top) == pytest.approx((130, 220), abs=6)


def test_two_rings_are_two_digits():
    ink = np.zeros((300, 500), np.uint8)
    for x in (120, 380):
        cv2.circle(ink, (x, 150), 80, 255, 4)
        written(ink, SEVEN, shift=(x - 150, 0))
    assert Main()(Frame(ink, edge=1.0)).rejected == "several_digits"
