"""Checks: the right numbers pass, slips do not, and a check that cannot be read says what would be."""

import pickle

import pytest
from stdnum.cl import rut

from calame.errors import BadCheck
from calame.locale import catalogue
from calame.reader.checks import CHECKS, DECREE, parse_check

GOOD = {
    "luhn": ["79927398713", "4539578763621486"],
    "ean": ["73513537", "9780471117094"],
    "ean8": ["73513537"],
    "ean(13)": ["4006381333931"],
    "isbn10": ["1857982185"],
    "isbn": ["1857982185", "9780471117094"],
    "siren": ["732829320", "404833048"],
    "siret": ["73282932000074", "35600000000048", "35600000049837"],  # the last: La Poste, digits a multiple of 5
    "iban(FR)": ["7630006000011234567890189"],
    "iban(de)": ["89370400440532013000"],
    "mod11(10)": ["1857982185"],
    "mod11(iso)": ["794623", "002006673085"],
    "mod97": ["9999123456789012141490"],
    "mod97(remainder)": ["090933755493"],
    "mod97(complement)": ["295109912611193"],
    "postcode": ["75001", "01000", "20200", "97110", "98000", "95880"],
    "phone": ["0123456789", "33612345678", "0033612345678"],
    "phone(any)": ["4930123456"],
    "date": ["31122019", "290224", "290200"],
    "date(ymd)": ["20240229"],
    "date(mdy)": ["12312019"],
    r"regex(20\d{2}(1|2))": ["20191"],
    "oneof(17, 1 023)": ["17", "1023"],
    "length(10)": ["0123456789"],
    "Length( 2, 4 )": ["12", "123", "1234"],
    f"nir({DECREE})": ["295109912611193"],
}
BAD = {
    "luhn": ["79927398710", "", "7992739871x", "٧٩٩٢"],
    "ean8": ["73513536", "9780471117094", "123456789012"],
    "isbn13": ["4006381333931", "1857982185"],
    "siren": ["732829321", "73282932"],
    "siret": ["73282932000079", "35600000049838", "732829320000744"],
    "iban": ["7630006000011234567890188", "89370400440532013000"],
    "mod11": ["1", "123456"],
    "mod97": ["12", "9999123456789012141491"],
    "postcode": ["96000", "7500", "00000", "98100"],
    "phone": ["0023456789", "012345678"],
    "date": ["31022019", "310219", "290223", "31129999", "1122019"],
    "length(10)": ["123"],
    "oneof(17, 18)": ["1", "19"],
}


@pytest.mark.parametrize("text", GOOD)
def test_right_numbers_pass(text):
    check = parse_check(text)
    assert [number for number in GOOD[text] if not check(number)] == []
    assert check.words.text("fr") != check.words.text("en")


@pytest.mark.parametrize("text", BAD)
def test_wrong_numbers_do_not(text):
    check = parse_check(text)
    assert [number for number in BAD[text] if check(number)] == []


def test_what_is_longer_than_any_code_fits_no_check():
    checks = [text for text in GOOD if not text.startswith("oneof")] + [r"regex(\d+)"]
    assert [text for text in checks if parse_check(text)("1" * 5000)] == []


def test_mod11_is_that_of_an_independent_source():
    check = parse_check("mod11")
    for number in range(1_000_000, 1_003_000):
        digit = rut.calc_check_digit(str(number))
        assert digit == "K" or check(f"{number}{digit}")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lune", "there are: luhn"), ("length(3", "not closed"), ("luhn(3)", "name alone"), ("length", "whole numbers"),
        ("length(0)", "from 1 to 64"), ("length(1,2,3)", "2 at most"), ("length(10, 8)", "(from, to)"),
        ("length(000000064999999)", "from 1 to 64"),
        ("mod11(2)", "from 3 to 10"),
        ("regex((1)", r"cannot be read from character 0"), ("regex", "cannot be read"), ("date(dym)", "dmy, ymd, mdy"),
        ("oneof(no.txt)", "no file no.txt"), ("oneof", "a file with one code"), ("oneof(,)", "no code"),
        ("iban(FRA)", "two letters"), ("nir", "2019-341"), ("nir(yes)", "2019-341"), ("", "no such check"),
        ("__import__('os')", "no such check"),
    ],
)  # fmt: skip
def test_a_check_that_cannot_be_read_says_what_would_be(text, said):
    with pytest.raises(BadCheck, match=said) as error:
        parse_check(text)
    assert error.value.message("fr") != error.value.message()
    assert pickle.loads(pickle.dumps(error.value)).message() == error.value.message()


def test_the_number_of_persons_is_off_for_the_laws_reason():
    with pytest.raises(BadCheck, match="decree 2019-341") as error:
        parse_check("nir")
    assert "décret 2019-341" in error.value.message("fr")
    assert f"nir({DECREE})" in error.value.message()


def test_a_list_is_the_first_column_of_a_file(tmp_path):
    path = tmp_path / "codes (new).csv"
    path.write_text('\ufeffcode;name\n"00 17";A\n1.023,B\n\nx\n1\u00a0024\n1\u202f025', encoding="utf-8")
    check = parse_check(f"oneof({path})")
    assert [check(code) for code in ("0017", "1023", "1024", "1025", "17")] == [True, True, True, True, False]
    assert parse_check(str(check)) == check
    with pytest.raises(BadCheck, match="cannot be named here"):
        parse_check(f"oneof({path})", files=False)
    assert parse_check("oneof(17,18)", files=False)("18")


def test_a_list_that_cannot_be_read_says_so(tmp_path):
    (tmp_path / "empty.txt").write_text("code\n")
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\xff\xfe")
    for name, said in (("empty.txt", "holds no code"), ("picture.txt", "as text"), (".", "cannot be read")):
        with pytest.raises(BadCheck, match=said):
            parse_check(f"oneof({tmp_path / name})")


def test_every_check_has_its_words_and_travels_to_another_process():
    assert {f"check.{name}" for name in CHECKS} <= catalogue("en").keys()
    for text in GOOD:
        check = pickle.loads(pickle.dumps(parse_check(text)))
        assert check(GOOD[text][0])
        assert parse_check(str(check)) == check
