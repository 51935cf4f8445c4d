"""The lessons: the same code in both languages, everything that a lesson promises, and claims that hold when run."""

import ast
import json
import os
import re
import string
import subprocess
import sys
from pathlib import Path

import jupytext
import pytest

from calame.training.robustness import HARMS

COURSE = Path(__file__).parent.parent.parent / "course"
NAMES = [path.stem for path in sorted((COURSE / "fr").glob("[0-9][0-9]_*.py"))]
PARTS = {  # what every lesson has
    "fr": ("**Objectifs**", "**Durée**", "**Prérequis**", "## À vous", "## Questions", "### Réponses"),
    "en": ("**Aims**", "**Time**", "**You need**", "## Over to you", "## Questions", "### Answers"),
}
FREE = {"07_improve": "## À vous", "11_project": "## À vous"}  # exercises all through


def cells(language, name):
    return jupytext.read(COURSE / language / f"{name}.py", fmt="py:percent").cells


def tags(cell):
    return cell.metadata.get("tags", [])


def code(language, name):
    """What the cells do: their syntax, without the words of the lesson or the wording of a model answer."""
    found = []
    for cell in cells(language, name):
        if cell.cell_type == "code" and "words" not in tags(cell):
            tree = ast.parse(cell.source)
            found.append(ast.dump(Unworded().visit(tree) if "answer" in tags(cell) else tree))
    return found


class Unworded(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.Constant("…") if isinstance(node.value, str) else node


def words(language, name):
    (cell,) = (cell for cell in cells(language, name) if "words" in tags(cell))
    spoken, table = (node.value for node in ast.parse(cell.source).body if isinstance(node, ast.Assign))
    assert ast.literal_eval(spoken) == language
    return ast.literal_eval(table)


def fields(sentence):
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field is not None}


def test_there_are_eleven_lessons_in_both_languages():
    assert [name[:2] for name in NAMES] == [f"{number:02}" for number in range(1, 12)]
    assert [path.stem for path in sorted((COURSE / "en").glob("[0-9][0-9]_*.py"))] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_code(name):
    assert code("fr", name) == code("en", name)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_words_for_the_same_things(name):
    french, english = words("fr", name), words("en", name)
    assert {key: fields(sentence) for key, sentence in french.items()} == {
        key: fields(sentence) for key, sentence in english.items()
    }
    code_cells = (cell for cell in cells("fr", name) if cell.cell_type == "code" and "words" not in tags(cell))
    used = "\n".join(cell.source for cell in code_cells)
    looked_up = {harm.name for harm in HARMS} if "W[harm.name]" in used else set()
    assert [key for key in french if not re.search(f"""["']{key}["']""", used) and key not in looked_up] == []


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_lesson_has_all_its_parts(name, language):
    text = "\n".join(cell.source for cell in cells(language, name) if cell.cell_type == "markdown")
    wanted = [part for part in PARTS[language] if not (name in FREE and part in ("## À vous", "## Over to you"))]
    assert [part for part in wanted if part not in text] == []
    questions = text.partition("## Questions")[2]
    asked, answered = re.split(r"### (?:Réponses|Answers)", questions)
    assert re.findall(r"^\d+\.", asked, re.M) == re.findall(r"^\d+\.", answered, re.M) != []


@pytest.mark.parametrize("name", NAMES)
def test_french_is_set_as_french(name):
    text = "\n".join(cell.source for cell in cells("fr", name) if cell.cell_type == "markdown")
    prose = re.sub(r"```.*?```|`[^`]*`|https?://\S+", "", text, flags=re.S)
    assert re.findall(r".{9}(?: [;:!?»%]|« |').{0,9}", prose) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_accuracy_that_fails_on_photos_is_that_of_the_run(language):
    prose = "\n".join(cell.source for cell in cells(language, "04_evaluate") if cell.cell_type == "markdown")
    before_the_questions = re.split("## (?:Questions|Over to you|À vous)", prose)[0]
    assert re.findall(r"99\W?%", before_the_questions) == []
    assert "accuracy" in fields(words(language, "04_evaluate")["photos"])


def marks(name):
    """What a lesson needs to be run: data sets, and Keras."""
    text = "\n".join(code("fr", name))
    asks = [asked for asked in ("digits", "find", "course_model", "course_folder") if f"Name(id='{asked}'" in text]
    needed = (["mnist", "qmnist"] if asks else []) + (["images"] if "ImageClassifier" in text else [])
    return [pytest.mark.train, pytest.mark.slow] + ([pytest.mark.data(*needed)] if needed else [])


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """Where the lessons leave what later lessons take up: the course's network is trained once."""
    return tmp_path_factory.mktemp("course")


@pytest.mark.parametrize(
    ("language", "name"),
    # Each is run in one language: the code is the same, and so are the fields of its words.
    [pytest.param(("fr", "en")[place % 2], name, marks=marks(name)) for place, name in enumerate(NAMES)],
)
def test_what_a_lesson_claims_holds(language, name, home):
    given = {"CALAME_COURSE": "short", "CALAME_HOME": str(home), "IPYTHONDIR": str(home / "ipython"), "MPLBACKEND": ""}
    given |= {"JUPYTER_RUNTIME_DIR": str(home / "jupyter"), "JUPYTER_PLATFORM_DIRS": "1"}
    command = [sys.executable, COURSE / "build.py", "--run", f"{language}/{name}.py", "--out", home / "run" / name]
    done = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    claims = json.loads(done.stdout)
    assert claims != []
    assert [claim for claim in claims if not claim["held"]] == []
