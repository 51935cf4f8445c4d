"""Builds the notebooks of the course from its lessons, for students and for teachers, and runs them.

    python course/build.py                          # course/notebooks/EDITION/NN_name.ipynb
    python course/build.py --open                   # and JupyterLab on them, in the language of this machine
    python course/build.py --run fr/03_network.py   # one lesson from its first cell to its last, and what it claims

A lesson is a script in Jupytext's percent format. Cells tagged `answer` are for the teacher: the student's notebook
has an empty cell in their place. Cells tagged `aside` are folded. A notebook that somebody has worked in is kept.
Editions: `fr`, `en` for students, `fr-teacher`, `en-teacher`, and `fr-colab`, `en-colab` for students whose machine has
not this repository: a notebook of these carries the course's modules along, the others have them beside it.
"""

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
NOTEBOOKS = HERE / "notebooks"
LANGUAGES = ("fr", "en")
CLAIM = "application/vnd.calame.claim+json"
EDITIONS = ("", "-teacher", "-colab")
MODULES = ("lesson.py", "marking.py", "pretrained.py")  # what lessons import
YOURS = {
    "fr": {"markdown": "*Votre réponse\u202f:*", "code": "# À vous."},
    "en": {"markdown": "*Your answer:*", "code": "# Over to you."},
}
TOOLS = {
    "fr": "Les outils de la leçon\u202f: exécutez cette cellule d’abord",
    "en": "The lesson's tools: run this cell first",
}
TIMEOUT = 3600  # seconds a cell may take: training on a slow machine


def lessons(language: str) -> list[Path]:
    """Return the scripts of a language, in order."""
    return sorted((HERE / language).glob("[0-9][0-9]_*.py"))


def make(script: Path, edition: str = "") -> Any:
    """Return a lesson as a notebook of an edition, without outputs."""
    notebook: Any = jupytext.read(script, fmt="py:percent")
    language = script.parent.name
    for place, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        cell.id = f"{script.stem}-{place}"
        if "aside" in tags:
            cell.metadata["jupyter"] = {"source_hidden": True}
        if "answer" in tags and edition != "-teacher":
            cell.source = YOURS[language][cell.cell_type]
    if edition == "-colab":
        notebook.cells[1:1] = [carrier(imported(notebook), language)]  # after the title
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata = {"kernelspec": kernel, "calame": {"built": fingerprint(notebook)}}
    return notebook


def imported(notebook: Any) -> list[str]:
    """Return which of the course's modules a lesson imports."""
    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [name for name in MODULES if f"from {Path(name).stem} import" in code]


def carrier(names: list[str], language: str) -> Any:
    """Return a folded cell that writes modules beside the notebook."""
    held = {name: (HERE / name).read_text(encoding="utf-8") for name in names}
    writes = [f"Path({name!r}).write_text(r'''{text}''', encoding='utf-8')" for name, text in held.items()]
    lines = [f"# @title {TOOLS[language]}", "from pathlib import Path", *writes]
    metadata = {"tags": ["carried"], "cellView": "form", "jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell("\n\n".join(lines), id="carried", metadata=metadata)


def fingerprint(notebook: Any) -> str:
    """Return what tells whether somebody has changed a cell."""
    cells = [(cell.cell_type, cell.source) for cell in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def write(script: Path, target: Path, edition: str = "") -> bool:
    """Write a lesson's notebook unless somebody has worked in the one that is there; return whether it is ours."""
    notebook = make(script, edition)
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
        for edition in EDITIONS:
            folder = out / f"{language}{edition}"
            put_modules(folder)
            targets = [(script, folder / f"{script.stem}.ipynb") for script in lessons(language)]
            kept += [target for script, target in targets if not write(script, target, edition)]
    return kept


def put_modules(folder: Path) -> None:
    """Copy the modules that lessons import to where notebooks are."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in MODULES:
        shutil.copyfile(HERE / name, folder / name)


def run(script: Path, folder: Path) -> list[dict[str, Any]]:
    """Run the teacher's edition of a lesson in `folder`; return what it claims.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell fails; the message holds it.
    """
    from nbclient import NotebookClient

    notebook = make(script, "-teacher")
    put_modules(folder)
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
        open_lab(arguments.out.resolve())


def open_lab(out: Path) -> None:
    """Open JupyterLab on the first lesson in this machine's language, without its news and update checks."""
    from calame.config import read_settings

    first = out / read_settings().language / f"{lessons('en')[0].stem}.ipynb"
    root = ROOT if out.is_relative_to(ROOT) else out  # so that links into the repository lead somewhere
    quiet = {**os.environ, "JUPYTER_CONFIG_PATH": str(HERE / "jupyter")}
    root_user = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []  # in a container
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}", *root_user, str(first)]
    lab = subprocess.Popen(command, env=quiet)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # it asks whether to stop; nobody is to stop it meanwhile
    sys.exit(lab.wait())


if __name__ == "__main__":
    main()
