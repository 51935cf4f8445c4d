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
    teacher, student = (build.make(script, teacher=teacher) for teacher in (True, False))
    assert "Because" in sources(teacher)
    assert "solution = 42" in sources(teacher)
    assert "Because" not in sources(student)
    assert "solution" not in sources(student).replace("solutions", "")
    assert "*Your answer:*" in sources(student)
    assert len(teacher.cells) == len(student.cells)


def test_a_notebook_carries_the_modules_that_its_lesson_imports(script):
    notebook = build.make(script, teacher=False)
    nbformat.validate(notebook)
    carried = [cell for cell in notebook.cells if "carried" in cell.metadata.get("tags", [])]
    assert [cell.source.partition("\n")[0] for cell in carried] == ["%%writefile lesson.py"]
    assert notebook.cells[0].source == "# A title"
    assert all(cell.metadata["jupyter"]["source_hidden"] for cell in notebook.cells[1:3])


def test_a_changed_lesson_replaces_its_notebook_unless_somebody_has_worked_in_it(script, tmp_path):
    target = tmp_path / "out" / "one.ipynb"
    assert build.write(script, target, teacher=False)
    script.write_text(LESSON.replace("A title", "Another title"))
    assert build.write(script, target, teacher=False)
    there = nbformat.read(target, as_version=4)
    assert "Another title" in sources(there)
    there.cells[-1].source = "mine = 1"
    nbformat.write(there, target)
    script.write_text(LESSON)
    assert not build.write(script, target, teacher=False)
    assert "mine = 1" in sources(nbformat.read(target, as_version=4))


def test_running_a_notebook_is_no_work_in_it(script, tmp_path):
    target = tmp_path / "out" / "one.ipynb"
    build.write(script, target, teacher=False)
    there = nbformat.read(target, as_version=4)
    there.cells[1].outputs = [nbformat.v4.new_output("stream", text="Writing lesson.py")]
    nbformat.write(there, target)
    assert build.write(script, target, teacher=False)
    assert nbformat.read(target, as_version=4).cells[1].outputs  # kept: the lesson has not changed


def test_every_lesson_is_built_in_four_editions(tmp_path):
    assert build.build(tmp_path) == []
    editions = {path.name for path in tmp_path.iterdir()}
    assert editions == {"fr", "fr-teacher", "en", "en-teacher"}
    assert len({len(list(folder.glob("*.ipynb"))) for folder in tmp_path.iterdir()}) == 1
