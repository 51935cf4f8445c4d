"""A levelled line: one height whatever the size and the slope, and the way back to the ink."""

import cv2
import numpy as np
import pytest

from calame.imaging.level import BESIDE, HEIGHT, HIGHEST, ROOM, level, varied


def bars(count=5, high=60, apart=50, slope=0.0, bright=255):
    page = np.zeros((400, apart * (count + 1)), np.uint8)
    for number in range(count):
        x = apart * (number + 1)
        top = round(150 + slope * x)
        half = max(1, high // 10)
        cv2.rectangle(page, (x - half, top), (x + half, top + high - 1), bright, -1)
    return page


def rows(pixels):
    inked = np.flatnonzero(pixels.max(axis=1) > 128)
    return inked[0], inked[-1]


@pytest.mark.parametrize("high", [14, 60, 180])
@pytest.mark.parametrize("slope", [0.0, 0.12, -0.2])
def test_every_line_comes_out_at_one_height(high, slope):
    found = level(bars(high=high, apart=max(50, high), slope=slope))
    top, bottom = rows(found.pixels)
    assert found.pixels.shape[0] == HEIGHT
    assert found.pixels.shape[1] % 4 == 0
    assert top == pytest.approx(ROOM, abs=2)
    assert bottom == pytest.approx(HEIGHT - ROOM - 1, abs=2)


def test_faint_ink_is_made_dark():
    assert level(bars(bright=90)).pixels.max() > 240


def test_no_ink_is_no_line():
    assert level(np.zeros((30, 80), np.uint8)) is None


def test_a_tall_stroke_beside_does_not_make_the_digits_tiny():
    page = bars()
    cv2.line(page, (20, 100), (24, 250), 255, 4)
    top, bottom = rows(level(page).pixels[:, 40:])
    assert bottom - top > (HEIGHT - 2 * ROOM) / HIGHEST / 1.4


def test_columns_lead_back_to_the_ink():
    page = bars()
    found = level(page)
    columns = np.flatnonzero(found.pixels.max(axis=0) > 128)
    box = found.back(float(columns[0]), float(columns[-1]) + 1)
    assert columns[0] == pytest.approx(BESIDE, abs=1)
    assert (box.left, box.right) == (pytest.approx(44, abs=4), pytest.approx(257, abs=4))
    assert (box.top, box.bottom) == (pytest.approx(150, abs=4), pytest.approx(210, abs=4))


@pytest.mark.parametrize(("wide", "slant"), [(0.88, 0.0), (1.2, 0.0), (1.0, 0.15), (1.0, -0.3)])
def test_a_varied_line_keeps_all_its_ink_in_place(wide, slant):
    line = np.zeros((HEIGHT, 60), np.uint8)
    line[4:28, 4:8] = line[4:28, 50:54] = 255
    seen = varied(line, wide, slant)
    assert seen.shape[0] == HEIGHT
    assert seen.shape[1] % 4 == 0
    assert seen.sum() == pytest.approx(line.sum() * wide, rel=0.02)
    columns = np.arange(seen.shape[1])
    top, bottom = (float((seen[row] * columns).sum() / seen[row].sum()) for row in (5, 26))
    assert top - bottom == pytest.approx(21 * slant, abs=0.2)
