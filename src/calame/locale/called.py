"""How this program was called: the words by which a person who reads a command can run it, as it stands there.

After `make serve` the commands lie in `.venv/bin`, which is on nobody's path.
"""

import sys
from pathlib import Path


def commands() -> dict[str, str]:
    """Return the words for `{calame}` and `{pip}`: with their folder when this program was called by a relative path.

    Example:
        >>> commands()  # after `.venv/bin/calame serve`
        {'calame': '.venv/bin/calame', 'pip': '.venv/bin/pip'}
    """
    called = Path(sys.argv[0] if sys.argv else "")
    here = called.stem == "calame" and not called.is_absolute() and len(called.parts) > 1
    return {"calame": str(called), "pip": str(called.with_name("pip"))} if here else {"calame": "calame", "pip": "pip"}
