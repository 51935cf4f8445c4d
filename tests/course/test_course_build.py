"""Notebooks: made from lessons, answers for the teacher alone, and nobody's work overwritten."""

import nbformat
import pytest

import build

LESSON = """# %% [markdown]
# # A title

# %% tags=["aside"]
from lesson import claim

# %% [markdown] tags=["answer"]
# ### Answers
# Because.

# %% tags=["answer"]
solution = 42
"""


@pytest.fixture
def script(tmp_path):
    (tmp_path / "en").mkdir()
    path = tmp_path / "en" / "01_title.py"
    path.write_text(LESSON)
    return path


def sources(notebook):
    return "\n".join(cell.source for cell in notebook.cells)


def test_answers_are_for_the_teacher(script):
    teacher, student = (build.make(script, edition) for edition in ("-teacher", ""))
    assert "Because" in sources(teacher)
    assert "solution = 42" in sources(teacher)
    assert "Because" not in sources(student)
    assert "solution" not in sources(student).replace("solutions", "")
    assert "*Your answer:*" in sources(student)
    assert len(teacher.cells) == len(student.cells)


def test_a_notebook_for_colab_carries_the_modules_that_its_lesson_imports(script, tmp_path, monkeypatch):
    notebook = build.make(script, "-colab")
    nbformat.validate(notebook)
    title, carrier = notebook.cells[:2]
    assert title.source == "# A title"
    assert carrier.source.startswith("# @title The lesson's tools")
    monkeypatch.chdir(tmp_path)
    exec(carrier.source, {})
    assert (tmp_path / "lesson.py").read_bytes() == (build.HERE / "lesson.py").read_bytes()
    assert not (tmp_path / "marking.py").exists()


def test_every_module_survives_being_carried(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(build.carrier(list(build.MODULES), "fr").source, {})
    assert {name: (tmp_path / name).read_bytes() for name in build.MODULES} == {
        name: (build.HERE / name).read_bytes() for name in build.MODULES
    }


def test_a_changed_lesson_replaces_its_notebook_unless_somebody_has_worked_in_it(script, tmp_path):
    target = tmp_path / "out" / "one.ipynb"
    assert build.write(script, target)
    script.write_text(LESSON.replace("A title", "Another title"))
    assert build.write(script, target)
    there = nbformat.read(target, as_version=4)
    assert "Another title" in sources(there)
    there.cells[-1].source = "mine = 1"
    nbformat.write(there, target)
    script.write_text(LESSON)
    assert not build.write(script, target)
    assert "mine = 1" in sources(nbformat.read(target, as_version=4))


def test_running_a_notebook_is_no_work_in_it(script, tmp_path):
    target = tmp_path / "out" / "one.ipynb"
    build.write(script, target)
    there = nbformat.read(target, as_version=4)
    there.cells[1].outputs = [nbformat.v4.new_output("stream", text="seen")]
    nbformat.write(there, target)
    assert build.write(script, target)
    assert nbformat.read(target, as_version=4).cells[1].outputs  # kept: the lesson has not changed


def test_every_lesson_is_built_in_every_edition(tmp_path):
    assert build.build(tmp_path) == []
    assert {path.name for path in tmp_path.iterdir()} == {
        language + edition for language in build.LANGUAGES for edition in build.EDITIONS
    }
    assert {len(list(folder.glob("*.ipynb"))) for folder in tmp_path.iterdir()} == {len(build.lessons("fr"))}
