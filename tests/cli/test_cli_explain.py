"""`calame explain`: a page and its pictures, the facts as JSON, and the exit codes of the other commands."""

import json
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import calame
from calame.cli import main
from calame.explain import save_index
from calame.explain.neighbours import SHIPPED

SAMPLES = Path(calame.__file__).parent / "samples"
QUICK = "maps,filters,cam,occlusion,neighbours"


@pytest.fixture(autouse=True)
def furnished(desk, monkeypatch):
    monkeypatch.delenv("CALAME_DATA", raising=False)
    shutil.copy(SAMPLES / "phone-seven.jpg", desk / "seven.jpg")


@pytest.mark.slow
def test_a_page_that_asks_nothing_of_the_network_and_a_picture_for_each_part(desk, capsys):
    assert main(["explain", "seven.jpg", "--what", QUICK]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].split()[:2] == ["seven.jpg", "7"]
    assert [line.split()[0] for line in said[1:-1]] == QUICK.split(",")
    folder = desk / "explained" / "seven"
    assert Path(said[-1]) == Path("explained/seven/index.html")
    pictures = {path.name for path in folder.glob("*.png")}
    assert {"seen.png", "cam.png", "occlusion.png", "neighbours.png", "maps-04-stage1.png"} <= pictures
    for name in ("cam.png", "maps-04-stage1.png"):
        with Image.open(folder / name) as plate:
            assert min(plate.size) > 200
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert re.findall(r"(?:src|href)=\"(?!data:|#)", page) == []
    assert "http" not in re.sub(r"data:[^\"]*", "", page)  # base64 may spell anything
    assert "prefers-color-scheme: dark" in page
    assert page.count("<section") == 6
    assert all(alt for alt in re.findall(r'class="whole"[^>]*|alt="([^"]*)" width="\d+" class="whole"', page))
    assert main(["explain", "seven.jpg", "--what", "cam"]) == 0
    assert (desk / "explained" / "seven-2" / "cam.png").is_file()


@pytest.mark.slow
def test_the_facts_as_one_object(desk, capsys):
    assert main(["explain", "seven.jpg", "--json", "--out", "out", "--what", "flip,cam,occlusion,neighbours,maps"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["digit"], facts["best"], facts["rejected"]) == (7, 7, None)
    assert np.sum(facts["cam"]["values"]) + facts["cam"]["bias"] == pytest.approx(facts["cam"]["logit"], abs=1e-4)
    assert sum(facts["cam"]["parts"].values()) == pytest.approx(np.sum(facts["cam"]["values"]), abs=1e-4)
    assert facts["occlusion"]["fall"] > 0
    assert facts["neighbours"]["nearest"][0]["label"] == 7
    assert facts["neighbours"]["data"][0]["licence"] == "CC BY-SA 3.0"
    assert facts["maps"]["stage1"]["shape"] == [14, 14, 32]
    assert facts["flip"]["before"] == 7 != facts["flip"]["after"]
    assert {path.name for path in Path(facts["page"]).parent.glob("*.png")} == set(facts["files"])


def test_in_french(desk, capsys):
    assert main(["explain", "seven.jpg", "--what", "cam", "--lang", "fr"]) == 0
    assert "entièrement expliqué" in capsys.readouterr().out
    page = (desk / "explained" / "seven" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="fr">' in page
    assert "D’où vient le score du 7" in page


@pytest.mark.slow
def test_all_of_it_is_the_default(desk, capsys):
    assert main(["explain", "seven.jpg", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert {"maps", "filters", "cam", "occlusion", "neighbours", "visualise", "flip"} <= facts.keys()
    assert [one["unit"] for one in facts["visualise"]["output"]] == list(range(10))
    assert {"visualise-classes.png", "visualise-stage3_3.png", "flip.png"} <= set(facts["files"])


def test_its_pictures_are_no_pictures_to_read(desk, capsys):
    main(["explain", "seven.jpg", "--what", "cam"])
    capsys.readouterr()
    main(["read", "explained"])
    assert "no pictures in this folder" in capsys.readouterr().err


def test_of_a_picture_that_is_refused_this_is_said_first(desk, capsys):
    page = np.full((80, 240), 255, np.uint8)
    for left in (20, 90, 160):
        page[10:70, left : left + 8] = 0
    Image.fromarray(page).save(desk / "row.png")
    assert main(["explain", "row.png", "--what", "cam"]) == 0
    out, err = capsys.readouterr()
    refused, leaning, *_ = out.splitlines()
    assert refused == "row.png  –  no answer for this picture: several digits in the picture"
    assert leaning.startswith("what the network leans to")
    assert "cut the picture to it; all of them are read by: calame read --code" in err


def test_a_bar_moves_while_pictures_are_written(desk, monkeypatch):
    seen = []

    @contextmanager
    def progress(context, said):
        yield lambda done, total: seen.append((said, done, total))

    monkeypatch.setattr("calame.cli.evaluate.progress", progress)
    assert main(["explain", "seven.jpg", "--what", "cam"]) == 0
    assert seen == [("writing the pictures and the page", done, 2) for done in (1, 2)]


def test_a_picture_without_ink_is_refused_with_the_reason(desk, capsys):
    Image.new("L", (60, 60), 250).save(desk / "blank.png")
    assert main(["explain", "blank.png"]) == 3
    assert "blank.png: " in capsys.readouterr().err
    assert not (desk / "explained").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["none.jpg"], 3, "none.jpg"),
        (["seven.jpg", "--model", "nobody"], 4, "nobody"),
        (["seven.jpg", "--what", "magic"], 2, "expected maps,filters,cam"),
        (["seven.jpg", "--what", ","], 2, "expected maps,filters,cam"),
        (["seven.jpg", "--out", "seven.jpg"], 4, "--out"),
    ],
)
def test_what_cannot_be_is_said_with_an_exit_code(words, code, said, capsys):
    assert main(["explain", *words]) == code
    assert said in capsys.readouterr().err


def test_without_mnist_another_model_is_compared_with_the_digits_of_the_package(desk, capsys, monkeypatch):
    stale(desk / "stale.npz")
    monkeypatch.setattr("calame.cli.inside.SHIPPED", desk / "stale.npz")
    assert main(["explain", "seven.jpg", "--json", "--what", "neighbours"]) == 0
    told = json.loads(capsys.readouterr().out)["neighbours"]
    assert (told["among"], told["nearest"][0]["label"]) == (519, 7)
    assert not (desk / "home" / "explain").exists()  # nothing is kept: all of MNIST is better, once it is there


@pytest.mark.data("mnist")
def test_with_mnist_an_index_is_made_once_and_kept(desk, capsys, monkeypatch, data):
    from calame.data import sets

    few = sets.load_mnist(data)
    few = sets.Mnist(few.train_images[:300], few.train_labels[:300], few.test_images, few.test_labels)
    stale(desk / "stale.npz")
    monkeypatch.setattr("calame.cli.inside.SHIPPED", desk / "stale.npz")
    monkeypatch.setattr("calame.data.sets.load_mnist", lambda _: few)
    monkeypatch.setenv("CALAME_DATA", str(data))
    assert main(["explain", "seven.jpg", "--json", "--what", "neighbours"]) == 0
    assert json.loads(capsys.readouterr().out)["neighbours"]["among"] == 300
    assert len(list((desk / "home" / "explain").glob("neighbours-*.npz"))) == 1
    monkeypatch.delenv("CALAME_DATA")
    assert main(["explain", "seven.jpg", "--what", "neighbours"]) == 0


def stale(path):
    """An index as another model would have made it."""
    from dataclasses import replace

    from calame.explain import Network, load_index
    from calame.shelf import Shelf

    save_index(replace(load_index(SHIPPED, Network(Shelf(None).find("digits"))), model="0" * 64), path)
