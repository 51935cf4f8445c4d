import json

import numpy as np
import pytest
import typer

from calame.cli import doctor
from calame.cli.common import Context
from calame.config import Settings
from calame.errors import DamagedModel, MissingModel
from calame.types import DigitReading


@pytest.fixture
def context(tmp_path):
    return Context(Settings(home=tmp_path / "home", data=None, language="en", colour=False))


def test_every_check_is_a_line_with_its_way_out(context, capsys, monkeypatch):
    monkeypatch.setattr(doctor, "check_reading", lambda _: doctor.Check("reading", "ok", "7"))
    doctor.run(context, as_json=False)
    out = capsys.readouterr().out
    assert "ok       numpy: numpy " in out
    assert f"missing  data set MNIST: not in {context.settings.cache}\n         → calame data fetch mnist" in out
    assert f"put the files in {context.settings.cache}/unipen" in out


def test_json_and_the_gravest_exit_code(context, capsys, monkeypatch):
    found = [doctor.Check("a", "missing", "gone", "get it", 4), doctor.Check("b", "failed", "broken", "", 5)]
    monkeypatch.setattr(doctor, "checks", lambda _: iter(found))
    with pytest.raises(typer.Exit) as caught:
        doctor.run(context, as_json=True)
    assert caught.value.exit_code == 5
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == {"check": "a", "status": "missing", "detail": "gone", "way_out": "get it"}
    assert [line["check"] for line in lines] == ["a", "b"]


def test_an_old_python_is_named(context):
    assert doctor.check_python(context, (3, 11)).status == "ok"
    check = doctor.check_python(context, (3, 10))
    assert (check.detail, check.way_out, check.exit_code) == ("3.10", "install Python 3.11 or newer", 5)


def test_packages(context):
    assert doctor.check_package(context, "numpy").detail == f"numpy {np.__version__}"
    base = doctor.check_package(context, "no_such_package")
    assert (base.status, base.exit_code, base.way_out) == ("missing", 4, "install Calame again")


def test_an_extra_is_one_line_with_one_command(context):
    there = doctor.check_extra(context, "train", ("numpy", "PIL"))
    assert (there.name, there.status) == ("extra train", "ok")
    assert there.detail.startswith(f"numpy {np.__version__}, pillow ")
    gone = doctor.check_extra(context, "train", ("numpy", "no_such", "nor_this"))
    assert (gone.status, gone.exit_code, gone.way_out) == ("missing", 0, "pip install 'calame[train]'")
    assert gone.detail == "not installed (no_such, nor_this)"


def test_the_drawn_digit_is_black_on_white():
    picture = doctor.drawn_digit()
    assert (picture.shape, picture.dtype) == ((280, 280), np.uint8)
    assert 0.02 < (picture < 128).mean() < 0.3


def fails(error: Exception):
    def read(picture):
        raise error

    return read


@pytest.mark.parametrize(
    ("read", "status", "code", "detail"),
    [
        (lambda _: DigitReading(7, 0.987), "ok", 0, "7, confidence 98.7%"),
        (lambda _: DigitReading(1, 0.9), "failed", 5, "a drawn 7 was read as: 1"),
        (lambda _: DigitReading(None, 0.1, rejected="unsure"), "failed", 5, "a drawn 7 was read as: unsure"),
        (fails(MissingModel(name="compact", known="")), "failed", 4, "no model named compact"),
        (fails(DamagedModel(path="m", problem="hash")), "failed", 5, "damaged model (hash)"),
        (fails(ImportError("libGL.so.1")), "failed", 5, "ImportError: libGL.so.1"),
    ],
)
def test_a_digit_is_read_or_the_failure_is_told(context, read, status, code, detail):
    check = doctor.check_reading(context, read)
    assert (check.status, check.exit_code) == (status, code)
    assert detail in check.detail


def test_a_home_that_cannot_be_written_is_named(context, tmp_path):
    assert doctor.check_home(context).status == "ok"
    assert not context.settings.home.exists()
    (tmp_path / "home").write_text("a file")
    check = doctor.check_home(context)
    assert (check.status, check.exit_code) == ("failed", 4)
    assert str(tmp_path / "home") in check.detail


@pytest.mark.data("mnist")
def test_found_and_damaged_sets(data, context, tmp_path):
    found = list(doctor.check_data(Context(Settings(tmp_path, data, "en", colour=False))))
    assert (found[0].status, found[0].detail) == ("ok", str(data))
    (context.settings.cache / "mnist").mkdir(parents=True)
    (context.settings.cache / "mnist/train-labels-idx1-ubyte.gz").write_bytes(b"cut")
    assert next(doctor.check_data(context)).status == "failed"
