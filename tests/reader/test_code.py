"""A picture of a number becomes a reading: text, boxes, bars, both readers' answers, and the reason for none."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from calame.data import hands, lines
from calame.errors import BadCalibration, PictureNotFound, UsageError
from calame.reader import code
from calame.reader.budget import Steady
from calame.reader.calibrating import calibrate, measured
from calame.reader.code import CodeReader
from calame.reader.cutting import CuttingReader
from calame.reader.written import mean
from calame.types import Answer, Box, CodeReading

PLAIN = lines.Look(paper=(0.95, 0.96), ink=(0.9, 0.91), jpeg=0.0, noise=(0.004, 0.005))


@pytest.fixture(scope="module")
def reader():
    return CodeReader(reject_below=0.0)


def picture(text, seed=3, size=40.0, look=PLAIN):
    """A number in a made-up hand, written loosely."""
    rng = np.random.default_rng(seed)
    manner = lines.any_manner(rng, (size, size + 1))
    manner = replace(manner, gap=lines.GAPS["loose"], slant=0.0, slope=0.0, wander=0.0, uneven=0.02, zeros=1.0,
                     ligature=0.0, margins=(0.4, 0.4, 0.4, 0.4))  # fmt: skip
    return lines.draw(text, hands._european(rng), manner, look, rng)


def test_most_of_a_few_plain_numbers_are_read_to_the_last_digit(reader):
    texts = ["2046", "593820", "81", "4400762", "36915", "7", "20262", "5208"]
    found = reader.read_many([picture(text, seed).picture for seed, text in enumerate(texts)])
    assert sum(reading.guess == text for reading, text in zip(found, texts, strict=True)) >= 7


def test_what_is_printed_beside_a_number_is_no_part_of_it(reader):
    texts = ["2046", "593820", "81", "4400762", "36915", "20262", "5208", "77", "70413"]
    named = [picture(text, seed, look=replace(PLAIN, named=1.0)) for seed, text in enumerate(texts)]
    found = reader.read_many([one.picture for one in named])
    right = [(one, line) for one, line in zip(found, named, strict=True) if one.guess == line.text]
    assert len(right) >= len(texts) - 2
    assert sum(one.box.left >= line.before[2] - 3 for one, line in right) >= len(right) - 1
    cutting = [answer.text for one, line in right for answer in one.readers if answer.reader == "cutting"]
    assert sum(text == line.text for text, (_, line) in zip(cutting, right, strict=True)) >= len(right) - 2


@pytest.mark.parametrize(
    ("seed", "text", "written"),
    [(1, "62,40", "62,40"), (2, "1.234,56", "1.234,56"), (3, "730156", ""), (5, "12/05/98", "12/05/98")],
)
def test_what_is_told_between_digits_is_there_and_is_no_print_above_them(reader, seed, text, written):
    pixels = picture(text, seed).picture
    above = np.full((26, pixels.shape[1], 3), np.median(pixels), np.uint8)
    cv2.putText(above, "CODE CLIENT", (12, 22), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (30, 30, 30), 2, cv2.LINE_AA)
    reading = reader.read(np.vstack([above, pixels]))
    digits = "".join(letter for letter in text if letter.isdigit())
    assert (reading.guess, reading.written) == (digits, written)


def strokes(text, apart):
    """1s and 7s of straight strokes, as one draws them with a mouse."""
    pixels = np.full((280, 160 + apart * len(text)), 255, np.uint8)
    for place, digit in enumerate(text):
        points = {"1": [(20, 70), (18, 214)], "7": [(0, 70), (60, 66), (24, 215)]}[digit]
        cv2.polylines(pixels, [np.add(points, (60 + apart * place, 0)).astype(np.int32)], False, 0, 12, cv2.LINE_AA)
    return pixels


@pytest.mark.parametrize("text", ["11", "111", "1111", "77", "777", "1717", "17", "71117"])
def test_rows_of_strokes_are_digits_and_no_print(reader, text):
    wide, close = reader.read_many([strokes(text, 128), strokes(text, 80)])
    assert (wide.guess, wide.doubt) in [(text, None), (text, "likely"), (text, "ones")]
    assert close.guess == text or close.confidence < 0.6


def test_numbers_far_apart_are_perhaps_several(reader):
    near, far = picture("2046").picture, picture("5938", 1).picture
    far = cv2.resize(far, (round(far.shape[1] * len(near) / len(far)), len(near)))
    room = np.full((len(near), 2 * len(near), 3), 255, np.uint8)
    reading = reader.read(np.hstack([near, room, far]))
    assert (reading.guess, reading.doubt) == ("20465938", "several")


def test_two_readers_that_say_nothing_do_not_agree():
    assert CodeReading(None, 0.0, readers=(Answer("line", "12", 0.9), Answer("cutting", "12", 0.9))).agree
    assert not CodeReading(None, 0.0, readers=(Answer("line", "", 0.0), Answer("cutting", "", 0.0))).agree


def test_a_reading_has_boxes_bars_and_both_answers(reader):
    line = picture("2046")
    reading = reader.read(line.picture)
    assert reading.guess == "2046"
    assert reading.probabilities.shape == (4, 10)
    assert reading.probabilities.sum(axis=1) == pytest.approx(np.ones(4), abs=1e-3)
    assert [digit.digit for digit in reading.digits] == [2, 0, 4, 6]
    for digit, box in zip(reading.digits, line.boxes, strict=True):
        assert np.abs(np.array(digit.box) - box).max() < 6
    assert [answer.reader for answer in reading.readers] == ["line", "cutting"]
    assert reading.agree == (reading.readers[0].text == reading.readers[1].text)
    assert reading.box is not None
    assert abs(reading.box.left - reading.digits[0].box.left) < 6


def test_boxes_of_a_number_that_its_picture_fits_close_are_inside(reader):
    pixels = picture("36915", 2, 64.0).picture
    rows, columns = np.nonzero(pixels.min(axis=2) < 160)
    tight = pixels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    reading = reader.read(tight)
    boxes = [reading.box, *(digit.box for digit in reading.digits)]
    assert reading.guess == "36915"
    assert all(box.right <= tight.shape[1] and box.bottom <= tight.shape[0] for box in boxes)


def test_a_check_that_fails_is_told_and_never_accepted():
    reading = CodeReader(checks=["length(9)"], reject_below=0.0).read(picture("2046").picture)
    assert (reading.text, reading.rejected, reading.failed) == (None, "check", ("length(9)",))
    assert reading.guess == "2046"


def test_one_check_needs_no_list():
    checks = CodeReader(checks=["length(9)"]).checks
    assert [str(check) for check in checks] == ["length(9)"]
    for one in ("length(9)", checks[0]):
        assert [str(check) for check in CodeReader(checks=one).checks] == ["length(9)"]


def test_what_is_in_doubt_is_prepared_in_another_way_and_counts_as_the_mean_of_both(reader, monkeypatch):
    page, seen = picture("2046").picture, []
    prepared = CodeReader._prepared

    def noted(self, picture, recipe, steps):
        seen.append(recipe)
        return prepared(self, picture, recipe, steps)

    monkeypatch.setattr(CodeReader, "_prepared", noted)
    once = reader.read(page)
    assert seen == [reader.recipe]
    monkeypatch.setattr("calame.reader.code.IN_DOUBT", 1.1)
    twice = reader.read(page, trace=True)
    assert seen[1:] == [reader.recipe, reader.another]
    assert once.guess == twice.guess == "2046"
    assert [step.name for step in twice.trace.steps][:2] == ["decode", "grey"]


def test_the_mean_of_two_looks_takes_what_either_saw_and_one_that_saw_nothing_says_nothing():
    assert mean([("12", 0.5), ("17", 0.25)], [("17", 0.75)]) == [("17", 0.5), ("12", 0.25)]
    assert mean([], [("17", 0.75)]) == mean([("17", 0.75)], []) == [("17", 0.75)]


def test_printed_lines_of_a_page_are_not_cut(reader, monkeypatch):
    page, cuts = np.full((900, 800), 255, np.uint8), []
    for row in range(12):
        words = "Name and full address of the company"[row % 3 :]
        cv2.putText(page, words, (30, 60 + 60 * row), cv2.FONT_HERSHEY_COMPLEX, 0.9, 40, 2, cv2.LINE_AA)
    number = cv2.cvtColor(picture("2046", size=36.0).picture, cv2.COLOR_RGB2GRAY)
    page[800 : 800 + number.shape[0], 60 : 60 + number.shape[1]] = number
    cut = CuttingReader.read
    monkeypatch.setattr(CuttingReader, "read", lambda self, *ink: cuts.append(ink) or cut(self, *ink))
    assert "2046" in [reading.guess for reading in reader.read(page, several=True)]
    assert len(cuts) <= 3


def test_nothing_on_paper_is_said_to_be_nothing(reader):
    assert reader.read(np.full((60, 200), 255, np.uint8)).rejected == "blank"
    assert reader.read(np.full((60, 200), 255, np.uint8), several=True) == []
    (nothing,) = reader.read_page(np.full((60, 200), 255, np.uint8), trace=True)
    assert (nothing.rejected, nothing.size, nothing.trace.steps[1].name) == ("no_digits", (200, 60), "grey")
    missing = reader.read_many(["no such file.png"])[0]
    assert isinstance(missing.error, PictureNotFound)
    with pytest.raises(PictureNotFound):
        reader.read_page("no such file.png")
    with pytest.raises(PictureNotFound):
        reader.read("no such file.png")
    with pytest.raises(UsageError, match="one picture where a list"):
        reader.read_many("page.png")


@pytest.mark.parametrize(("count", "radius"), [(1, 0), (5, 0), (1, 14)])
def test_the_empty_box_of_a_form_is_no_1(reader, count, radius):
    """Its sides were: nothing is left when they are gone, and the picture was looked at as if they were writing."""
    image = Image.new("L", (560, 150), 245)
    for place in range(count):
        left, side = 30 + 500 // count * place, 500 // count
        ImageDraw.Draw(image).rounded_rectangle((left, 25, left + side, 125), radius, outline=60, width=3)
    reading = reader.read(np.asarray(image))
    assert reading.rejected in {"blank", "no_ink"}
    assert not reading.guess


def test_what_is_hardly_read_as_one_line_is_looked_at_as_a_page(reader, monkeypatch):
    page, looked = np.full((420, 640), 235, np.uint8), []
    for place, digit in enumerate("362947"):
        cv2.putText(page, digit, (180 + 44 * place, 190), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 60, 4, cv2.LINE_AA)
    cv2.polylines(page, [np.array([(120, 205), (560, 205), (575, 60)])], False, 90, 5, cv2.LINE_AA)  # edge of a sheet
    page[0, 0] = 200  # no perfect paper, which is cut to its ink
    monkeypatch.setattr(reader, "_numbers", lambda *_: looked.append(True) or [])
    reader.read(page)
    assert looked


def test_a_page_gives_its_numbers_from_top_to_bottom(reader):
    page = np.full((900, 700, 3), 245, np.uint8)
    for place, text in enumerate(["2036", "5938", "36915"]):
        line = picture(text, place).picture[:, :560]
        page[80 + 260 * place : 80 + 260 * place + len(line), 60 : 60 + line.shape[1]] = line
    found = [reading.guess for reading in reader.read(page, several=True)]
    assert len(found) == 3
    assert found[0] == "2036"


def test_two_lines_read_as_one_number_are_for_a_person_to_see(reader):
    page = np.full((400, 560, 3), 245, np.uint8)
    for place, text in enumerate(["2036", "5938"]):
        line = picture(text, place).picture[:, :500]
        page[30 + 190 * place : 30 + 190 * place + len(line), 30 : 30 + line.shape[1]] = line
    reading = reader.read(page)
    assert len(reading.guess) == 8
    assert reading.doubt == "lines"
    assert reader.read(picture("2036", 0).picture).doubt is None


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_number_that_lies_turned_is_none_that_is_accepted(reader, turns):
    texts = ["593820", "4400762", "36915", "20262"]
    lying = [np.rot90(picture(text, seed).picture, turns).copy() for seed, text in enumerate(texts)]
    assert not [one.text for one in reader.read_many(lying) if one.text and not one.doubt]


def test_an_answer_that_is_only_likely_is_for_a_person_unless_the_caller_sets_the_limit():
    for given, doubt in ({}, "likely"), ({"reject_below": 0.5}, None), ({"max_wrong": "1/20"}, None):
        reader = CodeReader(**given)
        reader.reject_below = 0.5
        reader._shipped = replace(reader._shipped, steady=Steady(0.0, 1.0))  # always 73 % sure
        reading = reader.read(picture("2046").picture)
        assert (reading.text, reading.doubt) == ("2046", doubt)


def test_a_trace_shows_every_step(reader):
    trace = reader.read(picture("81").picture, trace=True).trace
    assert [step.name for step in trace.steps][:2] == ["decode", "grey"]
    assert trace.steps[-1].name == "pen"


def test_a_wish_sets_the_threshold_and_an_unknown_kind_says_which_there_are():
    reader = CodeReader(max_wrong="1/20")
    assert reader.budget is not None
    assert reader.reject_below == reader.budget.threshold
    assert reader.budget.bound <= 1 / 20
    with pytest.raises(UsageError, match="there is no kind of input 'letter'"):
        CodeReader(max_wrong="1/20", kind="letter")
    with pytest.raises(UsageError, match="cannot be promised"):
        CodeReader(max_wrong="1/1000000")


def test_one_must_measure_before_another_network_promises():
    with pytest.raises(UsageError, match="calame calibrate"):
        CodeReader(lambda images: np.full((len(images), 10), 0.1, np.float32), max_wrong="1/20")


def test_a_calibration_of_ones_own_replaces_the_packages(tmp_path, reader):
    told = []
    texts = ["2046", "81"] * 10
    made = calibrate(reader, [picture(text).picture for text in texts], texts, name="orders",
                     progress=lambda *counts: told.append(counts))  # fmt: skip
    assert told[-1] == (20, 20)
    assert made.curve().count == 20
    made.save(tmp_path / "orders.json")
    mine = CodeReader(calibration=tmp_path / "orders.json", max_wrong="1/2")
    assert mine.budget.kind == "orders"
    with pytest.raises(BadCalibration, match="other networks"):
        CodeReader(calibration=replace(made, readers={"digits": "another"}))
    with pytest.raises(UsageError, match=r"already \(orders\).* without calibration="):
        calibrate(mine, ["unread.png"] * 20, texts, name="twice")
    with pytest.raises(UsageError, match="takes 20 at least"):
        calibrate(reader, [], [], name="none")


def test_what_a_check_refuses_is_never_counted_as_answered(reader):
    good = CodeReading("1", 0.9, guess="1")
    refused = CodeReading(None, 0.99, rejected="check", guess="1")
    line = measured(reader, [good] * 30 + [refused] * 10, ["1"] * 40, name="x").curve()
    assert (line.count, line.right) == (40, 30)
    assert next(look for look in line.looks if look.answered == 30).wrong == 0


def test_of_a_number_on_many_lines_only_so_many_are_read_one_by_one(reader, monkeypatch):
    wide = [picture(text, seed).picture for seed, text in enumerate(("2046", "5938", "8120", "4400"))]
    side = max(one.shape[1] for one in wide)
    page = np.vstack([np.pad(one, ((20, 20), (0, side - one.shape[1]), (0, 0)), constant_values=242) for one in wide])
    read: list[int] = []
    of_row = CodeReader._read_row

    def counted(self, row, frame):
        read.append(row.top)
        return of_row(self, row, frame)

    monkeypatch.setattr(CodeReader, "_read_row", counted)
    monkeypatch.setattr(CodeReader, "_amid", lambda _, reading, *__: reading)
    monkeypatch.setattr(code, "IN_DOUBT", 0.0)
    for most, many in ((24, 4), (2, 2)):
        monkeypatch.setattr(code, "LINES", most)
        read.clear()
        reader.read(page)
        assert len(read) == many
        assert read == sorted(read)


@pytest.mark.parametrize("print_lines", [12, 0])  # 0: the page, which is read first, tells it
@pytest.mark.parametrize(("left", "doubt"), [(150, None), (262, "edge")])
def test_a_lone_digit_is_in_doubt_at_the_edge_of_the_picture_and_nowhere_else(
    reader, monkeypatch, left, doubt, print_lines
):
    wide = np.full((120, 300), 255, np.uint8)
    cv2.line(wide, (150, 30), (148, 90), 0, 6)
    lone = CodeReading("1", 0.9, guess="1", box=Box(left, 20, left + 38, 100))
    monkeypatch.setattr(code, "PRINT", print_lines)
    monkeypatch.setattr(CodeReader, "_one", lambda *_: lone)
    monkeypatch.setattr(CodeReader, "_amid", lambda *_: lone)
    assert reader.read(wide).doubt == doubt
