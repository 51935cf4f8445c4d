"""How the tests that were left out are told of."""

from collections import Counter


def told(left_out: dict[str, list[str]]) -> list[str]:
    """Say how many tests were left out, and what for; a test that lacked two things is counted once."""
    if not left_out:
        return []
    lacks = Counter(", ".join(sorted(set(missing))) for missing in left_out.values())
    total = f"left out: {len(left_out)} tests (set CALAME_DATA, or pip install 'calame[train]')"
    return [total, *(f"  {count} that need {names}" for names, count in sorted(lacks.items()))]
