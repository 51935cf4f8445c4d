"""Doubts: each says something of the line that no probability knows, and the plainest comes first."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from calame.reader.checks import parse_check
from calame.reader.doubts import doubt_of, may_be_several
from calame.reader.line import LineText
from calame.types import Box, Separator

BOXES = [Box(10, 0, 20, 20), Box(24, 0, 34, 20), Box(38, 0, 48, 20)]
A, SLASH = [(56, 20), (61, 2), (66, 20), (58, 14)], [(56, 20), (64, 2)]
FAR = [*BOXES[:2], Box(90, 0, 100, 20)]


def line(whole="249", cut="249", *, score=-0.001, drawn=(), **others):
    """A line with three digits and what else is drawn, lines of points, and what the two readers say of it."""
    told = {"columns": (), "height": 20.0, "beside": False} | others
    ink = np.zeros((24, 120), np.uint8)
    for box in BOXES:
        cv2.ellipse(ink, (box.left + 5, 10), (4, 9), 0, 0, 360, 255, 2)
    for points in drawn:
        cv2.polylines(ink, [np.array(points)], False, 255, 2)
    stretch = SimpleNamespace(ink=ink, pieces=None, back=np.eye(2, 3))
    answers = [SimpleNamespace(text=text) for text in (whole, cut)]
    return SimpleNamespace(answers=answers, stretch=stretch, line=SimpleNamespace(best=LineText(whole, score)), **told)


def network(score):
    return SimpleNamespace(read=lambda _: SimpleNamespace(best=LineText("642", score)))


@pytest.mark.parametrize(
    ("lines", "boxes", "others", "doubt"),
    [
        ([line()], BOXES, {}, None),
        ([line(), line()], BOXES, {}, "lines"),
        ([line()], BOXES, {"aside": 3}, "turned"),
        ([line()], BOXES, {"aside": 2}, None),
        ([line(beside=True)], BOXES, {"likely": True}, "likely"),
        ([line()], FAR, {}, "several"),
        ([line(beside=True)], BOXES, {}, "beside"),
        ([line(drawn=[A])], BOXES, {}, "beside"),
        ([line(drawn=[SLASH])], BOXES, {}, None),
        ([line("249", "2491")], BOXES, {}, "ones"),
        ([line("2491", "249")], BOXES, {}, None),
        ([line("249", "2491")], BOXES, {"checks": [parse_check("length(3)")]}, None),
        ([line("249", "2491")], BOXES, {"checks": [parse_check("length(3,4)")]}, "ones"),
    ],
)
def test_a_doubt_says_what_speaks_against_a_number(lines, boxes, others, doubt):
    aside = others.pop("aside", 0)
    assert doubt_of(lines, boxes, (), aside, network(-9.0), **others) == doubt


@pytest.mark.parametrize(
    ("text", "score", "turned", "doubt"),
    [
        ("249", -0.2, -0.1, "turned"),
        ("249", -0.2, -0.3, None),
        ("249", -0.001, -0.0001, None),  # so sure that nobody looks
        ("69", -0.2, -0.1, None),  # the same either way
    ],
)
def test_what_is_surer_upside_down_may_be_turned(text, score, turned, doubt):
    assert doubt_of([line(text, text, score=score)], BOXES, (), 0, network(turned)) == doubt


@pytest.mark.parametrize(
    ("mark", "box", "several"),
    [
        (",", Box(29, 16, 32, 26), False),
        ("-", Box(28, 10, 34, 12), True),
        (",", Box(21, 16, 23, 26), True),  # the room is behind the comma
    ],
)
def test_a_commas_room_parts_no_numbers(mark, box, several):
    boxes = [Box(10, 0, 20, 20), Box(38, 0, 48, 20), Box(52, 0, 62, 20)]
    assert may_be_several(line(), boxes, (), on_page=True)
    assert may_be_several(line(), boxes, [Separator(mark, 1, box)], on_page=True) is several


def test_a_comma_below_its_digits_stands_on_its_feet():
    upright = [line("249", score=-0.2)], BOXES
    assert doubt_of(*upright, [Separator("-", 2, Box(35, 9, 37, 11))], 0, network(-0.1)) == "turned"
    assert doubt_of(*upright, [Separator(",", 2, Box(35, 16, 37, 24))], 0, network(-0.1)) is None
