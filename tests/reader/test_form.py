"""The fields of a form: each is read as if it were alone, from a picture that is decoded once."""

import unicodedata

import cv2
import numpy as np
import pytest
from PIL import Image

from calame import Field, FormReader
from calame.errors import BadCheck, BadParameter, InputError, PictureNotFound, UsageError
from calame.reader import form
from calame.reader.code import CodeReader
from calame.reader.form import names_of
from calame.service.code_values import code_json

PLACES = {"client": "0,0,100,30", "Order no-1": "0,35,60,30", "total": "50,70,50,30"}
COUNTS = {"client": 3, "Order no-1": 4, "total": 2}


def sheet():
    """Three numbers of strokes, each in its place: 111, 1111 and 11."""
    pixels = np.full((600, 800), 240, np.uint8)
    for row, count in enumerate(COUNTS.values()):
        for place in range(count):
            left, top = 60 + 60 * place + 400 * (row == 2), 60 + 210 * row
            cv2.line(pixels, (left, top), (left - 2, top + 50), 20, 7)
    return pixels


def test_each_field_is_read_as_if_it_were_alone():
    pixels = sheet()
    fields = {**PLACES, "total": Field(PLACES["total"], checks="length(9)")}
    read = FormReader(fields, checks=["length(2,4)"]).read(pixels)
    assert list(read) == list(PLACES)
    for name, reading in read.items():
        checks = ["length(2,4)", *(["length(9)"] if name == "total" else [])]
        alone = CodeReader(region=PLACES[name], checks=checks).read(pixels)
        assert code_json(reading, "en") == {"field": name, **code_json(alone, "en")}  # to six decimals
        assert reading.size == alone.size
        assert (reading.field, alone.field, reading.guess) == (name, "", "1" * COUNTS[name])
    assert read["total"].failed == ("length(9)",)


def test_a_picture_is_decoded_once_and_the_networks_are_opened_once(tmp_path, monkeypatch):
    Image.fromarray(sheet()).save(tmp_path / "a.png")
    decoded, opened, decode, reader = [], [], form.decode, form.CodeReader
    monkeypatch.setattr(form, "decode", lambda *given, **more: decoded.append(given) or decode(*given, **more))
    monkeypatch.setattr(form, "CodeReader", lambda *given, **more: opened.append(given) or reader(*given, **more))
    read = FormReader(PLACES).read(tmp_path / "a.png", trace=True)
    assert (len(decoded), len(opened)) == (1, 1)
    assert {reading.name for reading in read.values()} == {str(tmp_path / "a.png")}
    assert [step.name for step in read["total"].trace.steps][:3] == ["decode", "region", "grey"]


def test_of_many_pictures_a_bad_one_has_its_error_in_each_field_and_stops_none():
    first, bad, last = FormReader(PLACES).read_many([sheet(), b"no picture", sheet()])
    assert [one["total"].guess for one in (first, last)] == ["11", "11"]
    assert [(one.field, one.text) for one in bad.values()] == [(name, None) for name in PLACES]
    assert all(isinstance(one.error, InputError) for one in bad.values())
    with pytest.raises(UsageError):
        FormReader(PLACES).read_many("one.png")


def test_a_picture_that_cannot_be_read_is_an_error():
    with pytest.raises(PictureNotFound, match="no such file"):
        FormReader(PLACES).read("no such file.png")


@pytest.mark.parametrize("name", ["", "1st", "-", "a:b", "a,b", "a=b", "x" * 31, "tab\there", "°C", "'=1", "a(b"])
def test_what_is_no_name_is_told(name):
    with pytest.raises(BadParameter, match="1 to 30 letters"):
        FormReader({name: "0,0,10,10"})


def test_two_names_that_differ_in_capitals_or_bytes_alone_are_one():
    for first, second in (("Client", " client"), ("é", unicodedata.normalize("NFD", "É"))):
        with pytest.raises(BadParameter, match="no other field"):
            names_of([first, second])
    assert names_of([" n ", "Référence_2", "x" * 30]) == ["n", "Référence_2", "x" * 30]
    assert names_of(forms := ["N° commande", "Réf. client", "Bon d'achat", "Bon d’envoi"]) == forms
    assert names_of([unicodedata.normalize("NFD", "é")]) == ["é"]


def test_what_else_is_wrong_is_told_as_of_one_number():
    with pytest.raises(BadParameter, match="≥ 1"):
        FormReader({})
    with pytest.raises(BadParameter, match=r"region client.* inside it"):
        FormReader({"client": "60,5,50,8"})
    with pytest.raises(BadCheck, match="nonsense"):
        FormReader({"client": Field("60,5,30,8", checks="nonsense")})
