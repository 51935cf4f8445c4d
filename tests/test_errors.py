"""Errors say what came and the way out, in both languages, and survive a trip to another process."""

import inspect
import pickle

import pytest

from calame import errors
from calame.errors import CalameError, InputError, MissingError, PictureTooLarge

KINDS = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, CalameError)]
EXIT_CODES = {2, 3, 4, 5}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_kind_owns_its_codes_and_stands_in_the_tree(kind):
    assert kind.exit_code in EXIT_CODES
    assert 400 <= kind.http_status < 600
    line = next(line for line in errors.__doc__.splitlines() if kind.__name__ in line.split())
    assert [str(kind.exit_code), str(kind.http_status)] == line.replace(kind.__name__, "").strip("├│└─ ").split()[:2]


def test_branches_share_their_exit_code():
    assert {kind.exit_code for kind in KINDS if issubclass(kind, InputError)} == {3}
    assert {kind.exit_code for kind in KINDS if issubclass(kind, MissingError)} == {4}


def test_messages_hold_the_values_in_both_languages():
    error = PictureTooLarge(name="a.png", width=20_000, height=20_000, limit=50_000_000)
    assert str(error).startswith("a.png: 20000 × 20000 pixels, and at most")
    assert error.message("fr").startswith("a.png : 20000 × 20000 pixels, et")
    assert error.code == "picture_too_large"


def test_errors_can_be_sent_to_another_process():
    error = pickle.loads(pickle.dumps(PictureTooLarge(name="a.png", width=1, height=2, limit=1)))
    assert isinstance(error, PictureTooLarge)
    assert error.values["height"] == 2
