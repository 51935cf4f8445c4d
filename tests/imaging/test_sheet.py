"""The trace becomes files whose names sort in order, and no picture's files overwrite another's."""

import numpy as np
import pytest
from PIL import Image

from calame.errors import CannotWrite
from calame.imaging.sheet import MARK, sheet, write_trace
from calame.types import Trace, TraceStep

STEPS = (
    TraceStep("photo", 0.1, np.full((40, 60, 3), (200, 10, 10), np.uint8)),
    TraceStep("centre", 1.2, np.eye(28, dtype=np.uint8) * 255),
)


def test_one_picture_a_step_and_the_sheet(tmp_path):
    folder = write_trace(Trace(STEPS), tmp_path, "photo")
    assert sorted(path.name for path in folder.iterdir()) == [MARK, "01-photo.png", "02-centre.png", "steps.png"]
    assert Image.open(folder / "01-photo.png").getpixel((5, 5)) == (200, 10, 10)  # red stays red
    np.testing.assert_array_equal(np.asarray(Image.open(folder / "02-centre.png")), STEPS[1].picture)


def test_two_pictures_of_one_name_get_two_folders(tmp_path):
    names = [write_trace(Trace(STEPS), tmp_path, "photo").name for _ in range(3)]
    assert names == ["photo", "photo-2", "photo-3"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "loose").symlink_to(tmp_path / "nowhere" / "at-all")
    for wrong in ("file", "loose"):
        with pytest.raises(CannotWrite, match=wrong):
            write_trace(Trace(STEPS), tmp_path / wrong, "photo")


def test_the_sheet_has_a_tile_a_step():
    one_row, two_rows = sheet(STEPS), sheet(STEPS * 5)
    assert two_rows.shape[0] > one_row.shape[0]
    assert two_rows.shape[1] > one_row.shape[1]
    assert sheet(()).ndim == 3
