"""Numbers on a page: crooked, among print, behind a label, and beside a table that has more ink than all."""

from dataclasses import replace
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from calame.imaging.codec import decode
from calame.imaging.level import level
from calame.imaging.rows import Row, rows_of
from calame.imaging.rules import usual_height
from calame.reader import page as page_reader
from calame.reader.code import REACH_ON_PAGE, CodeReader
from calame.reader.line import LineReading, search
from calame.reader.page import as_it_came, numbers_in, numbers_on, words_of
from calame.types import Box, CodeDigit, CodeReading, Separator

FONT = cv2.FONT_HERSHEY_COMPLEX


@pytest.fixture(scope="module")
def reader():
    return CodeReader()


def write(page, text, place, high=40.0, pen=5):
    """Strokes as plain as 1s and 7s, at the place of their first foot."""
    left, foot = place
    for letter in text:
        top = round(foot - high)
        points = {"1": [(0, 0), (-2, 1)], "7": [(0, 0), (0.55, 0), (0.2, 1)], "4": [(0.15, 0), (0, 0.6), (0.6, 0.6)]}[
            letter
        ]
        spots = [(round(left + x * high if abs(x) <= 1 else left + x), round(top + y * high)) for x, y in points]
        cv2.polylines(page, [np.array(spots)], False, 30, pen, cv2.LINE_AA)
        if letter == "4":
            cv2.line(
                page, (round(left + 0.42 * high), round(top + 0.25 * high)), (round(left + 0.4 * high), foot), 30, pen
            )
        left += round(0.95 * high)


def sheet(*, table=True):
    """A page of print, perhaps with a table, grey as a scanner gives it."""
    page = np.full((1200, 850), 235, np.uint8)
    for row in range(9):
        cv2.putText(page, "the whole address of the company", (60, 420 + 34 * row), FONT, 0.6, 40, 1, cv2.LINE_AA)
    if table:
        for row in range(6):
            cv2.line(page, (80, 800 + 60 * row), (760, 800 + 60 * row), 40, 3)
        for column in range(5):
            cv2.line(page, (80 + 170 * column, 800), (80 + 170 * column, 1100), 40, 3)
    return page


def scanned(page, angle):
    turn = cv2.getRotationMatrix2D((425, 600), angle, 1)
    turned = cv2.warpAffine(page, turn, (850, 1200), borderValue=235)
    return np.clip(turned + np.random.default_rng(0).normal(0, 3, turned.shape), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("angle", [0.0, 1.5, -2.5])
def test_a_number_is_found_on_a_crooked_page_with_a_table(reader, angle):
    page = sheet()
    cv2.putText(page, "Number:", (60, 250), FONT, 0.6, 40, 1, cv2.LINE_AA)
    write(page, "74417", (260, 250))
    (found,) = (one for one in reader.read(scanned(page, angle), several=True) if one.guess == "74417")
    turn = cv2.getRotationMatrix2D((425, 600), angle, 1)  # its boxes are those of the page as it came
    assert found.digits[0].box.left == pytest.approx((turn @ [260, 230, 1])[0], abs=9)
    assert found.digits[0].box.bottom == pytest.approx((turn @ [270, 250, 1])[1], abs=9)


def test_the_steps_of_a_crooked_page_show_it_straight(reader):
    page = sheet()
    write(page, "74417", (260, 250))
    names = [step.name for step in reader.read(scanned(page, 2.0), several=True, trace=True)[0].trace.steps]
    assert names[:3] == ["decode", "straighten", "grey"]


def test_a_number_as_high_as_the_words_before_it_is_found_behind_them(reader):
    page = np.full((300, 850), 235, np.uint8)
    cv2.putText(page, "whole month", (40, 150), FONT, 1.0, 40, 2, cv2.LINE_AA)
    write(page, "74417", (left := 70 + cv2.getTextSize("whole month", FONT, 1.0, 2)[0][0], 150), high=26, pen=3)
    frame = reader._prepare(decode(page), None, reader.page)
    rows = rows_of(frame.pixels, None, REACH_ON_PAGE)
    (part,) = (part for row in rows for part in numbers_in(row, reader._glance).parts)
    assert part.box.left > 0.95 * left * frame.scale


def test_two_numbers_on_a_line_that_print_parts_are_two(reader):
    page = np.full((300, 1100), 235, np.uint8)
    write(page, "74417", (60, 150))
    cv2.putText(page, "pieces of", (300, 150), FONT, 1.0, 40, 2, cv2.LINE_AA)
    write(page, "4771", (500, 150))
    assert [reading.guess for reading in reader.read(page, several=True)] == ["74417", "4771"]


WORDS = 17, 55, 94  # columns in the middle of three words of a levelled line that are as wide and high as print


def found(*said):
    """What may be numbers in a cell of three words; `said` is a column, a digit, and how sure the network is of it."""
    ink = np.zeros((40, 120), np.uint8)
    for left in (10, 50, 90):
        cv2.rectangle(ink, (left, 8), (left + 14, 30), 255, 3)
    levelled = level(ink)
    columns = np.full((levelled.pixels.shape[1] // 2, 11), -9.0)
    columns[:, -1] = -0.001
    for column, digit, sure in said:
        columns[column // 2, [digit, 10]] = np.log(sure), np.log(1 - sure)
    read = LineReading(tuple(search(columns)), columns, level=levelled)
    return numbers_in(Row(ink, 0, 0, 22.0, 0.0, 3, in_cell=True), SimpleNamespace(read=lambda _: read)).parts


def test_what_is_beside_a_part_of_a_line_may_be_more_of_the_number_unless_it_is_print():
    first, second, third = WORDS
    assert [part.goes_on for part in found((first, 3, 0.99), (third, 8, 0.99))] == [False, False]
    assert [part.goes_on for part in found((first, 3, 0.99), (second, 7, 0.4), (third, 8, 0.3))] == [True]


def test_what_a_cell_has_is_one_number_where_the_line_has_more_digits_than_its_words():
    first, second, third = WORDS
    (row,) = found((first, 3, 0.99), (second + 14, 7, 0.99), (third, 8, 0.99))
    assert row.ink.shape[1] == 120


def test_words_are_told_by_their_gaps_and_dots_on_the_way_are_none():
    line = np.zeros((32, 100), np.uint8)
    line[6:26, 4:20] = line[6:26, 24:36] = line[6:26, 60:90] = 255
    line[24:26, 36:60:3] = 255
    assert words_of(line) == [(4, 36), (60, 90)]
    assert words_of(np.zeros((32, 40), np.uint8)) == []


def test_a_table_does_not_say_how_high_the_writing_of_a_page_is():
    page = (sheet() < 128).astype(np.uint8)
    assert usual_height(page) == pytest.approx(usual_height((sheet(table=False) < 128).astype(np.uint8)), abs=2)
    assert usual_height(page) < 25


@pytest.mark.parametrize(
    ("top", "down", "column", "goes_on"),
    [(8, 0, 200, True), (20, 0, 200, True), (20, 16, 200, False), (27, 0, 200, False), (8, 0, 112, False)],
)
def test_a_number_goes_on_where_another_line_has_ink_beside_it_and_no_upright_line_between(top, down, column, goes_on):
    """Ink as high as a digit; a small 0 and, hanging out of the line, none; a comma; the same in the next cell."""
    number = np.zeros((40, 120), np.uint8)
    for left in (10, 50, 90):
        cv2.rectangle(number, (left, 8), (left + 14, 30), 255, 3)
    other = np.zeros((40, 20), np.uint8)
    cv2.line(other, (6, top), (6, 30), 255, 4)
    rows = Row(number, 0, 0, 22.0, 0.0, 3, columns=(float(column),)), Row(other, 114, down, 22.0, 0.0, 1)

    def read(ink):
        columns = np.full((ink.shape[1] // 2, 11), -9.0)
        columns[:, -1] = -0.001
        if ink is number:
            columns[[5, 25, 45], 3] = -0.001
        return LineReading(tuple(search(columns)), columns, level=level(ink))

    (part,) = numbers_on(rows, SimpleNamespace(read=read))
    assert part.goes_on is goes_on


def test_a_number_in_doubt_is_read_closer_and_others_are_not(reader):
    page = sheet()
    write(page, "74417", (260, 250))
    picture = decode(page)
    frame = reader._prepare(picture, None, reader.page)
    (row,) = (part for part in numbers_on(reader._rows(frame, several=True), reader._glance))
    line = reader._read_row(row, frame)
    assert reader._seen_closer(line, picture) is line
    closer = reader._seen_closer(replace(line, shares=[("74411", 0.5), ("74417", 0.4)]), picture)
    assert closer.text == "74417"
    assert closer.shares[0][1] == pytest.approx(0.7, abs=0.05)  # the mean of both
    assert np.allclose(closer.box, line.box, atol=6)


@pytest.mark.parametrize("angle", [0.0, 2.0])
def test_a_place_is_read_as_if_there_were_no_other_and_its_boxes_are_those_of_the_page(angle):
    page = sheet()
    write(page, "74417", (260, 250))
    write(page, "41", (560, 250))
    page = scanned(page, angle)
    alone = CodeReader(region=(25, 14, 32, 10)).read(page, trace=True)
    assert alone.guess == "74417"
    assert alone.size == (850, 1200)
    turn = cv2.getRotationMatrix2D((425, 600), angle, 1)
    assert alone.digits[0].box.left == pytest.approx((turn @ [260, 230, 1])[0], abs=9)
    assert alone.digits[0].box.bottom == pytest.approx((turn @ [270, 250, 1])[1], abs=9)
    assert [step.name for step in alone.trace.steps][:3] == ["decode", "region", "grey"]
    (among,) = (one for one in CodeReader(region="0,0,100,40").read(page, several=True) if one.guess == "74417")
    assert among.box.left == pytest.approx(alone.box.left, abs=4)
    assert among.box.bottom == pytest.approx(alone.box.bottom, abs=4)


def test_no_box_is_empty_or_reaches_beyond_the_picture():
    """Where a strip was scaled and turned back, ink at the border is rounded outwards."""
    boxes = Box(-1, -2, 8, 9), Box(7, 3, 11, 6), Box(10, 5, 10, 5), Box(12, 9, 14, 12), Box(5, 2, 5, 2)
    reading = CodeReading(
        "01234", 0.9, digits=tuple(CodeDigit(digit, 0.9, box) for digit, box in enumerate(boxes)),
        separators=(Separator(",", 1, boxes[1]), Separator(" ", 2)), box=Box(-1, -2, 14, 12),
    )  # fmt: skip
    for back in (None, np.eye(2, 3)):
        told = as_it_came(reading, back, (10, 6))
        assert [one.box for one in told.digits] == [
            (0, 0, 8, 6), (7, 3, 10, 6), (9, 5, 10, 6), (9, 5, 10, 6), (5, 2, 6, 3)
        ]  # fmt: skip
        assert [one.box for one in told.separators] == [(7, 3, 10, 6), None]
        assert told.box == (0, 0, 10, 6)


def test_one_number_amid_print_is_read_as_those_of_a_page_are(reader):
    page = sheet(table=False)[150:700, 40:800]
    write(page, "74417", (300, 110))
    found = reader.read(page)
    assert (found.text, found.size) == ("74417", (760, 550))
    assert found.digits[0].box.left == pytest.approx(298, abs=9)


def test_what_is_surer_and_only_a_part_of_a_number_does_not_stand_for_it(reader, monkeypatch):
    page = sheet(table=False)[150:700, 40:800]
    monkeypatch.setattr(CodeReader, "_numbers", lambda *_: [])
    whole = reader.read(page)
    assert whole.confidence < 0.5
    part = replace(whole, guess=whole.guess[1:3], text=whole.guess[1:3], confidence=0.99)
    monkeypatch.setattr(CodeReader, "_numbers", lambda *_: [part])
    assert reader.read(page).guess == whole.guess


def test_a_page_that_is_read_as_one_number_is_not_read_line_by_line(reader, monkeypatch):
    page = sheet(table=False)
    for line in range(5):
        cv2.putText(page, "and what it sells", (60, 760 + 60 * line), FONT, 0.6, 40, 1, cv2.LINE_AA)
    write(page, "74417", (260, 250))
    monkeypatch.setattr(CodeReader, "_one", None)
    reading = reader.read(page, trace=True)
    assert reading.text == "74417"
    assert [step.name for step in reading.trace.steps].count("grey") == 1  # those of the page alone


def test_of_the_lines_that_grain_makes_the_highest_are_looked_at(monkeypatch):
    looked: list[int] = []
    rows = [Row(np.zeros((4, 4), np.uint8), 0, 0, float(height), 0.0, 1) for height in (3, *[2] * 600, 9)]
    nothing = np.full((2, 11), -0.001)

    def read(_):
        looked.append(1)
        return LineReading(tuple(search(nothing)), nothing)

    network = SimpleNamespace(read=read)
    assert not numbers_on(rows, network)
    assert len(looked) == 602
    monkeypatch.setattr(page_reader, "GRAIN", 550)
    looked.clear()
    assert not numbers_on(rows, network)
    assert len(looked) == 550
    rows = [replace(row, height=row.height + place / 1000) for place, row in enumerate(rows)]
    looked.clear()
    assert not numbers_on(rows, network)
    assert len(looked) == 500
