"""The command line: `calame COMMAND`. One file per command; what is heavy is imported inside the command.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 2 wrong usage, 3 bad input, 4 something
missing (with the command that gets it), 5 internal, 130 interrupted.
"""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default `sys.argv[1:]`) and return its exit code."""
    from calame.cli.app import run

    return run(list(sys.argv[1:] if argv is None else argv))
