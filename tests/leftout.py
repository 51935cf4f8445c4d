"""How the tests that were left out are told of."""

from collections import Counter


def told(left_out: dict[str, list[str]]) -> list[str]:
    """Say how many tests were left out, and what for; a test that lacked two things is counted once."""
    if not left_out:
        return []
    lacks = Counter(", ".join(sorted(set(missing))) for missing in left_out.values())
    npm = {any("npm" in lack for lack in missing) for missing in left_out.values()}
    ways = ["set CALAME_DATA, or pip install 'calame[train]'"] * (False in npm) + ["install npm, online"] * (
        True in npm
    )
    return [
        f"left out: {len(left_out)} tests ({'; '.join(ways)})",
        *(f"  {count} that need {names}" for names, count in sorted(lacks.items())),
    ]
