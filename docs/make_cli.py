"""Writes docs/cli.md from the commands' own help, so that it cannot say anything else.

    python docs/make_cli.py            # or: make docs

`tests/test_docs.py` fails when the page is older than the help.
"""

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parent / "cli.md"
SOURCES = PAGE.parents[1] / "src"
COMMANDS = (
    ("read",), ("calibrate",), ("classify",), ("explain",), ("serve",), ("train",), ("evaluate",),
    ("models",), ("models", "list"), ("models", "show"), ("models", "import"), ("models", "use"),
    ("models", "rollback"),
    ("data",), ("data", "list"), ("data", "fetch"), ("data", "verify"), ("doctor",),
)  # fmt: skip
INTRODUCTION = """# The command line

Made from `calame COMMAND --help` by `python docs/make_cli.py`. The same help is there in French: `--lang fr`.
Data goes to stdout, everything else to stderr. Exit codes: 0 done · 2 wrong usage · 3 bad input (each bad item is
named) · 4 something missing (with the command that gets it) · 5 internal · 130 interrupted.
"""


def page() -> str:
    """The whole page as text."""
    parts = [INTRODUCTION]
    for command in COMMANDS:
        words = [sys.executable, "-m", "calame", "--lang", "en", *command, "--help"]
        environment = {"COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1", "LANG": "C.UTF-8", "PATH": ""}
        environment["PYTHONPATH"] = str(SOURCES)  # this tree's, whichever Calame is installed
        said = subprocess.run(words, check=True, capture_output=True, text=True, env=environment).stdout
        plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
        parts.append(f"## calame {' '.join(command)}\n\n```text\n{plain.strip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
