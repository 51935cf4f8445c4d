"""Both languages say the same things, and every key that the code names is there."""

import pickle
import re
import string
from pathlib import Path

import pytest

import calame
from calame import errors
from calame.imaging.steps import STEPS
from calame.locale import LANGUAGES, Phrase, catalogue, text
from calame.reader.preparation import FIRST

SOURCE = Path(calame.__file__).parent


def fields(sentence: str) -> set[str]:
    return {name.split("!")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys():
    assert catalogue("fr").keys() == catalogue("en").keys()


@pytest.mark.parametrize("key", sorted(catalogue("en")))
def test_both_languages_fill_in_the_same_values(key):
    assert fields(catalogue("fr")[key]) == fields(catalogue("en")[key])
    assert all(catalogue(language)[key].strip() for language in LANGUAGES)


def test_apostrophes_are_the_same_everywhere():
    """In French they are ’, on the page as in the terminal; the straight ones are a command's quotes."""
    straight = [key for key, sentence in catalogue("fr").items() if re.search(r"[^\W\d_]'[^\W\d_«]", sentence)]
    assert straight == []


@pytest.mark.parametrize("kind", ["page.", "problem.", "openapi.", "service.page."])
def test_what_a_french_page_says_breaks_no_line_before_a_colon(kind):
    """There its spaces are narrow and hold; in a terminal, which may have no such sign, they are plain."""
    loose = [key for key, said in catalogue("fr").items() if key.startswith(kind) and re.search(" [;:?!%»]", said)]
    assert loose == []


def test_every_key_named_in_the_code_exists():
    named = set()
    for path in SOURCE.rglob("*.py"):
        named |= set(re.findall(r'(?:text|say|Phrase)\(\s*"([a-z_.0-9]+)"', path.read_text(encoding="utf-8")))
    assert named - catalogue("en").keys() == set()


def test_every_step_has_its_word_and_those_of_a_digit_have_their_reason_on_the_page():
    known = catalogue("en").keys()  # and the other language has the same
    assert {f"step.{name}" for name in (*STEPS, *FIRST, "closer")} <= known
    assert {f"page.why.{name}" for name in (*STEPS, "decode", "closer")} <= known


def test_every_error_has_its_sentence():
    classes = [
        value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, errors.CalameError)
    ]
    assert {kind.key for kind in classes} <= catalogue("en").keys()


def test_unknown_language_is_a_key_error():
    with pytest.raises(KeyError, match="de"):
        text("cli.version", "de")


def test_a_phrase_takes_the_language_of_the_sentence_around_it():
    error = errors.DamagedModel(path="m", problem=Phrase("model.missing_file", file="model.onnx"))
    assert error.message() == str(error) == "m: damaged model (model.onnx is missing)"
    assert "model.onnx manque" in error.message("fr")
    assert pickle.loads(pickle.dumps(error)).message("fr") == error.message("fr")
