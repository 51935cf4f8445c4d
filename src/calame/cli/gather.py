"""What the words of `calame read` name: files as given, the pictures of folders, what patterns match, `-` for stdin.

Of a document of several pages (PDF, TIFF) each page is one of them: `scan.pdf#page=2`. A word that names nothing is
kept with its error, and a file that is no picture is counted, so that nothing is left out in silence. No file is opened
here but those that can have several pages.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from calame.cli.common import Context
from calame.errors import InputError
from calame.imaging import pages
from calame.imaging.codec import SUFFIXES, count_pages
from calame.imaging.sheet import MARK
from calame.locale import Phrase

STDIN = "-"
PATTERN = frozenset("*?[")
COMPANIONS = {"labels.csv", "thumbs.db", "desktop.ini"}  # beside pictures on purpose, or put there by the system
KINDS = 3  # of files left out that are named


@dataclass(frozen=True)
class Pile:
    """What there is to read.

    Attributes:
        paths: in the order of the words; of a folder, by sub-folder and name.
        errors: of words that name nothing.
        others: files of folders that are no pictures, by kind, e.g. "DOCX".
        traces: folders that an earlier `--trace` made, which are passed over.
    """

    paths: list[str] = field(default_factory=list[str])
    errors: list[InputError] = field(default_factory=list[InputError])
    others: Counter[str] = field(default_factory=Counter[str])
    traces: list[str] = field(default_factory=list[str])


def gather(words: Iterable[str]) -> Pile:
    """Return what the words name."""
    pile = Pile()
    for word in words:
        path = Path(word)
        if word != STDIN and path.is_dir():
            _add(pile, word, sorted(_pictures(path, pile)), Phrase("cli.read.no_pictures"))
        elif PATTERN & set(word) and not path.exists():
            base = Path(path.anchor) if path.anchor else Path()
            found = sorted(base.glob(str(path.relative_to(path.anchor)) if path.anchor else word))
            _add(pile, word, found, Phrase("cli.read.no_match"))
        else:
            pile.paths.append(word)  # what is not there is left for the reader to report
    pile.paths[:] = [page for path in pile.paths for page in pages_of(path)]
    return pile


def pages_of(path: str) -> list[str]:
    """Return the names of a document's pages; of one page, of a picture, and of what cannot be opened, the path."""
    suffix = Path(path).suffix.lower()
    if path == STDIN or (suffix in SUFFIXES and suffix not in pages.SUFFIXES):
        return [path]
    count = count_pages(path)
    return [path] if count == 1 else [pages.page_name(path, page) for page in range(1, count + 1)]


def short_name(path: str) -> str:
    """Return what to call a path where files are named after it."""
    return "stdin" if path == STDIN else pages.short_name(path)


def say_left_out(pile: Pile, context: Context) -> None:
    """Say what was passed over in folders, each in one line."""
    if pile.traces:
        context.say("cli.read.traces", count=len(pile.traces), folder=pile.traces[0])
    if pile.others:
        kinds = ", ".join(f"{count} {kind}" for kind, count in pile.others.most_common(KINDS))
        context.say("cli.read.others", count=pile.others.total(), kinds=kinds)


def _add(pile: Pile, word: str, found: list[Path], problem: Phrase) -> None:
    pile.paths.extend(map(str, found))
    if not found:
        pile.errors.append(InputError(name=word, problem=problem))


def _pictures(folder: Path, pile: Pile) -> Iterator[Path]:
    """Yield the pictures below a folder; count the rest. What is hidden, as macOS's `._a.jpg`, is nobody's picture."""
    for place, inner, names in os.walk(folder):
        marked = [name for name in sorted(inner) if (Path(place) / name / MARK).exists()]
        pile.traces.extend(str(Path(place) / name) for name in marked)
        inner[:] = [name for name in inner if name not in marked and not name.startswith(".")]
        for name in names:
            if name.startswith("."):
                continue
            path = Path(place) / name
            if path.suffix.lower() in SUFFIXES | pages.SUFFIXES:
                yield path
            elif name.lower() not in COMPANIONS:
                pile.others[path.suffix.lstrip(".").upper() or "?"] += 1
