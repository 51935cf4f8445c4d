"""A place of a paper is the same on every scan of it, whatever its size, and is told as it is asked for."""

import pytest

from calame.errors import BadParameter
from calame.imaging.region import Region, parse_region
from calame.types import Box


@pytest.mark.parametrize(("size", "box"), [((1000, 2000), Box(600, 100, 950, 260)), ((100, 200), Box(60, 10, 95, 26))])
def test_percent_become_pixels_of_any_scan(size, box):
    assert parse_region("60,5,35,8").of(*size) == box


@pytest.mark.parametrize("given", ["60, 5, 35, 8", "60%,5%,35%,8%", (60, 5, 35, 8), [60.0, 5.0, 35.0, 8.0]])
def test_a_region_is_told_as_it_is_taken(given):
    assert str(parse_region(given)) == "60,5,35,8"
    assert parse_region(parse_region(given)) == Region(60, 5, 35, 8)


def test_the_smallest_place_has_a_pixel():
    assert Region(99.99, 0, 0.01, 0.01).of(10, 10) == Box(9, 0, 10, 1)
    assert Region(0, 0, 100, 100).of(7, 3) == Box(0, 0, 7, 3)


@pytest.mark.parametrize(
    "given",
    ["", "60", "1,2,3", "1,2,3,4,5", "60,5,50,8", "a,b,c,d", "nan,0,5,5", "0,0,inf,5", (0, 0, 0, 5), (-1, 0, 5, 5), 7],
)
def test_what_is_no_place_of_a_picture_is_said(given):
    with pytest.raises(BadParameter, match="60,5,35,8"):
        parse_region(given)


def test_how_wide_or_high_it_may_be_is_said_of_what_reaches_out():
    with pytest.raises(BadParameter, match=r"a width of at most 40, for it begins at 60 .* 60,5,35,8"):
        parse_region("60,24,57,6")
    with pytest.raises(BadParameter, match=r"a height of at most 5\.5, for"):
        parse_region("0,94.5,100,6")


def test_a_side_that_is_off_by_rounding_is_not_what_is_told():
    assert Region(60, 5, 40.005, 8).width == 40.005
    with pytest.raises(BadParameter, match=r"a height of at most 5,"):
        Region(60, 95, 40.005, 8)
