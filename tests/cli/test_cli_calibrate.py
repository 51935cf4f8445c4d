"""`calame calibrate`: one's own pictures say how sure is sure enough, and the others are named."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image

from calame.cli import main
from calame.reader.budget import load_calibration


@pytest.fixture
def forms(tmp_path, monkeypatch):
    """Forty pictures of 111, three of them labelled as something else."""
    (tmp_path / "forms").mkdir()
    pixels = np.full((80, 240), 240, np.uint8)
    for place in range(3):
        cv2.line(pixels, (60 + 60 * place, 16), (58 + 60 * place, 64), 20, 7)
    rows = ["path,text"]
    for number in range(40):
        Image.fromarray(pixels).save(tmp_path / "forms" / f"{number}.png")
        rows.append(f"{number}.png,{'112' if number < 3 else '111'}")
    (tmp_path / "forms" / "labels.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path


def test_what_was_measured_is_said_written_and_used(forms, capsys):
    assert main(["calibrate", "forms", "--out", "own.json"]) == 0
    said = capsys.readouterr()
    assert "forms: 40 pictures, 92.5% read right" in said.out
    assert "own.json" in said.err
    found = load_calibration(forms / "own.json")
    assert (found.curve().count, found.curve().right) == (40, 37)
    wish = ["read", "--code", "forms/9.png", "--calibration", "own.json", "--max-wrong"]
    assert main([*wish, "1/1000"]) == 2
    assert main([*wish, "1/3"]) == 0
    assert "(forms)" in capsys.readouterr().err


def test_as_json_and_with_a_bad_picture_among_them(forms, capsys):
    (forms / "forms" / "7.png").write_text("no picture")
    assert main(["calibrate", "forms", "--json", "--name", "orders"]) == 3
    said = capsys.readouterr()
    assert {"name": "orders", "count": 39, "right": 36}.items() <= json.loads(said.out).items()
    assert "7.png" in said.err


def test_what_cannot_be_measured_is_refused(forms, capsys):
    assert main(["calibrate", "nowhere"]) == 4
    (forms / "forms" / "labels.csv").write_text("path,text\n0.png,111\n", encoding="utf-8")
    assert main(["calibrate", "forms"]) == 2
    assert main(["read", "--code", "forms/0.png", "--calibration", "forms/labels.csv"]) == 3
    assert main(["serve", "--calibration", "nowhere.json"]) == 3
    capsys.readouterr()
