"""Builds the notebooks of the course from its lessons, for students and for teachers, and runs them.

    python course/build.py                          # course/notebooks/{fr,en}[-teacher]/NN_name.ipynb
    python course/build.py --open                   # and JupyterLab on them, in the language of this machine
    python course/build.py --run fr/03_network.py   # one lesson from its first cell to its last, and what it claims

A lesson is a script in Jupytext's percent format. Cells tagged `answer` are for the teacher: the student's notebook
has an empty cell in their place. Cells tagged `aside` are folded. A notebook that somebody has worked in is kept.
"""

import argparse
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat

HERE = Path(__file__).parent
NOTEBOOKS = HERE / "notebooks"
LANGUAGES = ("fr", "en")
CLAIM = "application/vnd.calame.claim+json"
CARRIED = (
    "lesson.py",
    "marking.py",
    "pretrained.py",
)  # what a notebook writes beside itself, for machines without this repository
YOURS = {
    "fr": {"markdown": "*Votre réponse\u202f:*", "code": "# À vous."},
    "en": {"markdown": "*Your answer:*", "code": "# Over to you."},
}
TIMEOUT = 3600  # seconds a cell may take: training on a slow machine


def lessons(language: str) -> list[Path]:
    """Return the scripts of a language, in order."""
    return sorted((HERE / language).glob("[0-9][0-9]_*.py"))


def make(script: Path, *, teacher: bool) -> Any:
    """Return a lesson as a notebook, without outputs."""
    notebook: Any = jupytext.read(script, fmt="py:percent")
    for place, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        cell.id = f"{script.stem}-{place}"
        if "aside" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True}
        if "answer" in tags and not teacher:
            cell.source = YOURS[script.parent.name][cell.cell_type]
    notebook.cells[1:1] = carried(notebook)  # after the title
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata = {"kernelspec": kernel, "calame": {"built": fingerprint(notebook)}}
    return notebook


def carried(notebook: Any) -> list[Any]:
    """Return folded cells that write the modules that the lesson imports beside the notebook."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    cells = []
    for name in CARRIED:
        if f"from {Path(name).stem} import" in code:
            source = f"%%writefile {name}\n{(HERE / name).read_text(encoding='utf-8')}"
            metadata = {"tags": ["carried"], "jupyter": {"source_hidden": True}}
            cells.append(nbformat.v4.new_code_cell(source, id=f"carried-{Path(name).stem}", metadata=metadata))
    return cells


def fingerprint(notebook: Any) -> str:
    """Return what tells whether somebody has changed a cell."""
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def write(script: Path, target: Path, *, teacher: bool) -> bool:
    """Write a lesson's notebook unless somebody has worked in the one that is there; return whether it is ours."""
    notebook = make(script, teacher=teacher)
    if target.exists():
        there: Any = nbformat.read(target, as_version=4)
        built = there.metadata.get("calame", {}).get("built")
        if built != fingerprint(there):
            return False
        if built == notebook.metadata["calame"]["built"]:
            return True  # with whatever outputs it has
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    return True


def build(out: Path) -> list[Path]:
    """Write every notebook; return those that were kept because somebody has worked in them."""
    kept: list[Path] = []
    for language in LANGUAGES:
        for script in lessons(language):
            for edition, teacher in ((language, False), (f"{language}-teacher", True)):
                target = out / edition / f"{script.stem}.ipynb"
                kept += [] if write(script, target, teacher=teacher) else [target]
    return kept


def run(script: Path, folder: Path) -> list[dict[str, Any]]:
    """Run the teacher's edition of a lesson in `folder`; return what it claims.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails; the message holds it.
    """
    from nbclient import NotebookClient

    notebook = make(script, teacher=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        NotebookClient(notebook, timeout=TIMEOUT, resources={"metadata": {"path": str(folder)}}).execute()
    finally:
        nbformat.write(notebook, folder / f"{script.parent.name}-{script.stem}.ipynb")
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    return [output["data"][CLAIM] for output in outputs if CLAIM in output.get("data", {})]


def main() -> None:
    """Build, open or run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--out", type=Path, default=NOTEBOOKS, help="folder of the notebooks")
    parser.add_argument("--open", action="store_true", help="open JupyterLab on them")
    parser.add_argument("--run", type=Path, help="a lesson to run, fr/03_network.py; its notebook goes to --out")
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(run(HERE / arguments.run, arguments.out.resolve()), ensure_ascii=False))
        return
    for path in build(arguments.out):
        print(f"kept, somebody has worked in it: {path}", file=sys.stderr)
    print(arguments.out)
    if arguments.open:
        from calame.config import read_settings

        first = arguments.out / read_settings().language / f"{lessons('en')[0].stem}.ipynb"
        quiet = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        subprocess.run([sys.executable, "-m", "jupyterlab", *quiet, str(first)], check=True)


if __name__ == "__main__":
    main()
