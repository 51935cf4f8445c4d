"""The hands that nothing has learned from, and the reader that is measured on them: made once in each process."""

from functools import cache
from pathlib import Path

from calame.data.hands import Hands, collect_hands
from calame.reader.code import CodeReader


@cache
def hands(root: Path) -> Hands:
    """The hands that are held out."""
    return collect_hands(root, held_out=True)


@cache
def reader() -> CodeReader:
    """The reader as users have it."""
    return CodeReader()
