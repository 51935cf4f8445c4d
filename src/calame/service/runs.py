"""Training runs as they are kept, each in a folder of its own: what was asked, what happened, what came out.

    RUNS/7/asked.json      the wish; RUNS/7/events.jsonl  one event a line, the nth line is event n
    RUNS/7/result.json     what came out, written once, last; beside it what `calame train` writes

Several processes read here at once; one writes, the one that holds the lock (`service.training`). This module knows
files, and nothing of networks, processes or requests.
"""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from calame.errors import NoSuchRun
from calame.locale import LANGUAGES, Phrase, text
from calame.training.record import write_json

ASKED, EVENTS, RESULT, STOP, COUNT = "asked.json", "events.jsonl", "result.json", "stop", "count"
Json = dict[str, Any]
State = Literal["done", "stopped", "failed", "lost"]


@dataclass(frozen=True)
class Run:
    """The folder of one run."""

    path: Path

    @property
    def number(self) -> int:
        """What it is called by; never given twice."""
        return int(self.path.name)

    @property
    def ended(self) -> bool:
        """Whether its result is written."""
        return (self.path / RESULT).is_file()

    @property
    def asked(self) -> Json:
        """What was asked for."""
        return _read(self.path / ASKED)

    def row(self) -> Json:
        """Return the run as a line of a table: what was asked, and what came out once it has ended."""
        row = {"id": self.number, "state": "running", **self.asked}
        return row | (_read(self.path / RESULT) if self.ended else {})

    def tell(self, kind: str, values: Mapping[str, Any]) -> None:
        """Add an event; a line that a killed process left half is ended first."""
        line = json.dumps({"kind": kind, **values}, ensure_ascii=False, allow_nan=False)
        with (self.path / EVENTS).open("a+b") as stream:
            stream.seek(max(0, stream.tell() - 1))
            torn = stream.read() not in (b"", b"\n")
            stream.write(b"\n" * torn + line.encode() + b"\n")

    def finish(self, state: State, words: Phrase, **values: Any) -> None:
        """Write down what came out, and tell it as the last event; `words` say it in every language."""
        said = {language: text(words.key, language, **words.values) for language in LANGUAGES}
        write_json(self.path / RESULT, {"state": state, "words": said, **values})
        self.tell("end", {"run": self.row()})

    def stop(self) -> None:
        """Wish that it stops; whoever trains looks for it."""
        (self.path / STOP).touch()

    @property
    def unwanted(self) -> bool:
        """Whether it is to stop."""
        return (self.path / STOP).exists()


class Runs:
    """All runs, in a folder that is made when the first one is.

    Example:
        >>> Runs(settings.training).all()[0].row()["val_accuracy"]
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> list[Run]:
        """Return the runs, newest first."""
        found = [path for path in self._folder.iterdir() if _number(path)] if self._folder.is_dir() else []
        return [Run(path) for path in sorted(found, key=_number, reverse=True) if (path / ASKED).is_file()]

    def get(self, number: int) -> Run:
        """Return one run.

        Raises:
            NoSuchRun: there is none of this number.
        """
        run = Run(self._folder / str(number))
        if not (run.path / ASKED).is_file():
            raise NoSuchRun(id=number)
        return run

    def add(self, asked: Mapping[str, Any]) -> Run:
        """Begin a run; its number is one more than any was, deleted ones included."""
        count = self.folder / COUNT
        last = int(count.read_text(encoding="ascii")) if count.is_file() else 0
        number = 1 + max([last, *(run.number for run in self.all())])
        run = Run(self._folder / str(number))
        run.path.mkdir(parents=True)
        count.write_text(str(number), encoding="ascii")
        write_json(run.path / ASKED, {**asked, "began": round(time.time(), 1)})
        return run

    @staticmethod
    def delete(run: Run) -> None:
        """Delete a run with all its files."""
        shutil.rmtree(run.path)

    @property
    def _folder(self) -> Path:
        return self.folder / "runs"


class Tail:
    """The events of a run from one on, as they are written: `read` returns those that came since it was asked last."""

    def __init__(self, run: Run, after: int = 0) -> None:
        self.run, self._after = run, after
        self._number = self._place = 0
        self.over = False

    def read(self) -> list[tuple[int, Json]]:
        """Return (number, event) in order; `over` when the last event is among them."""
        path = self.run.path / EVENTS
        if not path.is_file():
            self.over = not self.run.path.is_dir()  # deleted meanwhile
            return []
        with path.open("rb") as stream:
            stream.seek(self._place)
            whole = stream.read().rpartition(b"\n")[0]  # half a line is left for the next time
        self._place += len(whole) + 1 if whole else 0
        found: list[tuple[int, Json]] = []
        for line in whole.splitlines():
            self._number += 1
            if (event := _event(line)) is not None:
                self.over = self.over or event["kind"] == "end"
                found += [(self._number, event)] if self._number > self._after else []
        return found


def _event(line: bytes) -> Json | None:
    try:
        return cast("Json", json.loads(line))
    except ValueError:  # torn by a kill
        return None


def _read(path: Path) -> Json:
    return cast("Json", json.loads(path.read_text(encoding="utf-8")))


def _number(path: Path) -> int:
    return int(path.name) if path.name.isascii() and path.name.isdigit() else 0
