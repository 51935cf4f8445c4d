"""`calame train pictures FOLDER`: from photos to `calame classify --model`, and clear words on the way."""

import json

import numpy as np
import pytest
from PIL import Image

import smallnet
from calame.cli import main
from calame.cli.pictures import name_of


@pytest.fixture(autouse=True)
def furnished(desk):
    smallnet.folder(desk / "home" / "models" / "mobilenetv2" / "1", name="mobilenetv2")
    random = np.random.default_rng(0)
    for name, level in (("day", 210), ("night", 40)):
        (desk / "My sky" / name).mkdir(parents=True)
        for number in range(10):
            pixels = np.clip(random.normal(level, 20, (40, 48, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(desk / "My sky" / name / f"{number}.png")


def test_from_a_folder_to_an_answer(desk, capsys):
    (desk / "My sky" / "day" / "torn.png").write_bytes(b"torn")
    (desk / "My sky" / "dusk").mkdir()
    (desk / "My sky" / "beside.jpg").touch()
    assert main(["train", "pictures", "My sky"]) == 0
    said = capsys.readouterr()
    assert "passed over (1): dusk" in said.err
    assert "of no class and passed over: 1" in said.err
    assert said.out.strip() == "my-sky@1"
    assert "torn.png" in said.err
    assert "95 % interval" in said.err or "95 % interval" in said.err.replace("\u202f", " ")
    assert "My sky" in (desk / "runs" / "my-sky" / "report.html").read_text(encoding="utf-8")
    assert main(["classify", "--json", "--model", "my-sky", "My sky/night/3.png"]) == 0
    assert json.loads(capsys.readouterr().out)["predictions"][0]["label"] == "night"
    assert main(["train", "pictures", "My sky", "--name", "sky", "--out", "made", "--epochs", "5"]) == 0
    assert (desk / "made" / "report.json").is_file()
    assert main(["train", "pictures", "My sky", "--name", "sky"]) == 0
    assert capsys.readouterr().out.splitlines() == ["sky@1", "sky@2"]


@pytest.mark.parametrize(("call", "said"), [
    (["pictures"], "name the folder"), (["pictures", "nowhere"], "no such folder"), (["pictures", "home"], "one class"),
    (["course", "My sky"], "only pictures"), (["pictures", "My sky", "--name", "../x"], "x"),
    (["pictures", "My sky", "--name", "digits"], "looks for"),
])  # fmt: skip
def test_calls_that_make_no_sense(desk, call, said, capsys):
    (desk / "home" / "a").mkdir(parents=True)
    Image.new("RGB", (9, 9)).save(desk / "home" / "a" / "a.png")
    assert main(["train", *call]) == 2
    assert said in capsys.readouterr().err


def test_a_folder_named_as_our_own_models_gets_another_name(tmp_path):
    assert name_of(tmp_path / "Digits") == "digits-pictures"
    assert name_of(tmp_path / "Défauts 2026!") == "defauts-2026"
