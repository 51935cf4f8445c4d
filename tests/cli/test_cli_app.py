"""The command line as a whole: languages, exit codes, streams."""

import io
import json
import re
import shutil
import sys

import pytest

from calame import __version__
from calame.cli import app, main
from calame.cli.common import check_writable, emit
from calame.cli.read import SAMPLES
from calame.errors import BadOutput, MissingData


def test_version(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"calame {__version__}\n"


def test_help_speaks_the_language_asked_for_wherever_it_stands(capsys):
    assert main(["--lang", "fr", "--help"]) == 0
    french = capsys.readouterr().out
    assert main(["read", "--help", "--lang=fr"]) == 0
    assert "Lit" in french
    assert "chiffre" in capsys.readouterr().out


@pytest.mark.parametrize("option", ["-h", "--help"])
@pytest.mark.parametrize("words", [[], *([command] for command in app.COMMANDS), ["models", "show"], ["data", "fetch"]])
def test_every_command_has_help_in_plain_words(words, option, capsys):
    assert main([*words, option]) == 0
    said = capsys.readouterr().out
    assert "--lang" in said
    assert "<" not in said  # no Python type


def test_a_group_takes_the_language_too(capsys):
    assert main(["data", "--lang", "fr", "list"]) == 0
    assert "mains américaines" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "expected"),
    [(["paint"], "paint"), (["read", "--sideways"], "--sideways"), (["train", "course", "--epochs", "0"], "epochs")],
)
def test_wrong_usage_exits_2_and_names_it(words, expected, capsys):
    assert main(words) == 2
    assert expected in capsys.readouterr().err


@pytest.mark.parametrize(("words", "expected"), [
    ("reed", "commande inconnue : reed ; peut-être read ?"), ("read --bogus", "option inconnue : --bogus"),
    ("models paint", "commande inconnue : paint"), ("explain", "il manque IMAGE"), ("explain a b", "ceci est"),
    ("classify --top", "--top demande une valeur"), ("classify --top x", "--top n’est pas un nombre entier"),
    ("classify --top 0", "--top est trop petit"), ("models import a --brightest z", "--brightest n’est pas un nombre"),
    ("read --json=3", "--json ne prend pas de valeur"), ("--lang fr", "il manque une commande"),
])  # fmt: skip
def test_wrong_usage_is_told_in_french_and_begins_as_every_error_does(words, expected, capsys, monkeypatch):
    monkeypatch.setenv("CALAME_LANG", "fr")
    assert main(words.split()) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"calame: {expected}")
    assert said.out == ""
    assert not re.search(r"Error|Try|Usage:|such|should|Missing", said.err)


def test_help_is_french_all_through(capsys):
    said = ""
    for words in ([], *([command] for command in app.COMMANDS), ["models", "import"], ["data", "fetch"]):
        assert main([*words, "--help", "--lang", "fr"]) == 0
        said += capsys.readouterr().out
    assert {"Usage : calame", "Arguments :", "Options :", "Commandes :"} <= set(
        re.findall(r"^(?:Usage : calame|\w+ :$)", said, re.MULTILINE)
    )
    assert not re.search(r"Show|Usage:|Options:|Arguments:|Commands|default|required", said)
    assert "calame [OPTIONS] COMMANDE [ARGUMENTS]..." in said
    assert "--trace DOSSIER" in said
    assert not re.search(r"\b(COMMAND|ARGS|PATH|FILE|DIR|FOLDER|NAME|PICTURE|NET|CHECK|KIND|SHARE|LANG|LIST)\b", said)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("group", [[], ["models"], ["data"]])
def test_each_command_of_a_list_has_one_whole_sentence_on_one_line(group, language, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([*group, "--help", "--lang", language]) == 0
    listed = re.split("Command(?:e)?s\\s?:\n", capsys.readouterr().out)[1].splitlines()
    assert len(listed) in {5, 3, len(app.COMMANDS)}
    assert all(re.fullmatch(r"  \w+ +\w.*[^.]\.", line) and len(line) <= 80 for line in listed)


def test_an_unknown_language_exits_2(capsys):
    assert main(["read", "x.png", "--lang", "de"]) == 2
    assert "calame: de: no language of Calame; choose en or fr" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (MissingData(name="mnist", files="a", folder="b"), 4, "calame data fetch mnist"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_what_happens_becomes_an_exit_code(monkeypatch, capsys, failure, code, said):
    def fail(*_, **__):
        raise failure

    monkeypatch.setattr("calame.cli.data.run_list", fail)
    assert main(["data", "list"]) == code
    assert said in capsys.readouterr().err


def test_a_bug_is_not_swallowed(monkeypatch, capsys):
    def fail(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("calame.cli.data.run_list", fail)
    assert main(["data", "list"]) == 5
    said = capsys.readouterr().err
    assert 'ZeroDivisionError("oops")' in said  # the line of the traceback
    assert "internal error, please report it: ZeroDivisionError: oops" in said


def test_a_folder_is_checked_before_the_work_and_not_made(tmp_path):
    check_writable(tmp_path / "a" / "b", "--out")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "afile").touch()
    for wrong in (tmp_path / "afile", tmp_path / "afile" / "b"):
        with pytest.raises(BadOutput, match=r"afile.* choose another folder for --out") as caught:
            check_writable(wrong, "--out")
        assert caught.value.exit_code == 4


def test_emit_refuses_what_json_has_no_word_for(capsys):
    emit({"é": 1})
    assert capsys.readouterr().out == '{"é": 1}\n'
    with pytest.raises(ValueError, match="JSON"):
        emit({"x": float("nan")})


@pytest.mark.parametrize(("encoding", "named"), [("cp1252", "é->.jpg"), ("ascii", "e->.jpg"), ("utf-8", "é→.jpg")])
def test_a_narrow_encoding_gets_plainer_signs_and_json_its_escapes(encoding, named, desk, monkeypatch):
    """Windows gives a pipe cp1252, which lacks the narrow space of French."""
    shutil.copy(next(SAMPLES.glob("*.jpg")), desk / "é→.jpg")
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert main(["read", "--lang", "fr", "é→.jpg"]) == 0
    assert main(["read", "--lang", "fr", "é→.jpg", "--json"]) == 0
    sys.stdout.flush()
    line, answer = sys.stdout.buffer.getvalue().decode(encoding).splitlines()
    assert line.startswith(named)
    assert re.search(r"\d[ \u202f]%", line)
    assert json.loads(answer)["path"] == "é→.jpg"
