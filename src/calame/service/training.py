"""One training at a time, in a process of its own: started, watched, stopped, and told of in words when it dies.

What happens is written in the run's folder (`service.runs`), so that every process of the service sees the same, and
so that a page that comes later, or comes back, sees all of it. The lock is a file's: it is held as long as the
training process or the one that started it lives, and no longer, however they end. The training process ends when
the one that started it does: its standard input closes. This module knows processes, and nothing of networks.
"""

import contextlib
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from calame.config import environment_with_threads
from calame.data.files import find_file
from calame.data.sets import FILES
from calame.errors import AlreadyTraining, CalameError, CannotWrite, MissingExtra, NothingToLearn, NotThere, RunInUse
from calame.locale import Phrase
from calame.service.runs import Json, Run, Runs
from calame.service.settings import ServiceSettings
from calame.shelf import Shelf

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

COMMAND = (sys.executable, "-m", "calame.service.learner")
PACKAGES = ("keras", "tensorflow", "onnx", "h5py", "matplotlib")  # of the extra `train`
NEEDED = (*FILES["train"], *FILES["test"][:2])
IDLE = 75  # exit status of a process that was warm and had nothing to do: no failure
LEAVING = 8.0  # seconds that a training has to keep its best when the service ends
PATIENCE = 0.3  # seconds for which a start asks for the lock: another process may hold it for a moment, to look
PARTING = 20.0  # the same, when no run is going on: the process of the one before is on its way out


@dataclass(frozen=True, eq=False)
class Child:
    """A process that waits for its job, or does it, and the lock that it shares."""

    process: "subprocess.Popen[bytes]"
    lock: IO[bytes]

    def give(self, job: Mapping[str, Any]) -> None:
        """Hand the job over.

        Raises:
            BrokenPipeError: the process has ended.
        """
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(job).encode() + b"\n")
        self.process.stdin.flush()

    def leave(self) -> None:
        """Let the process end: it sees that nobody holds the other end of its standard input."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()


class Trainer:
    """Starts and watches; there is one in each process of the service.

    Args:
        settings: of the service; without a folder for runs nothing is trained.
        command: of the training process, for tests.

    Attributes:
        closing: set when the service ends: who streams stops.
    """

    def __init__(self, settings: ServiceSettings, command: Sequence[str] = COMMAND) -> None:
        self.settings, self.command = settings, command
        self.closing = threading.Event()
        self._runs = None if settings.training is None else Runs(settings.training)
        self._shelf = Shelf(settings.models)
        self._turn = threading.RLock()
        self._warm: Child | None = None
        self._watched: tuple[Child, threading.Thread] | None = None

    @property
    def runs(self) -> Runs:
        """What was trained.

        Raises:
            NotThere: the service has no folder for it.
        """
        if self._runs is None:
            raise NotThere(name="/v1/training")
        return self._runs

    @property
    def roots(self) -> list[Path]:
        """Where the digits may be, best first."""
        return [root for root in (self.settings.data, self.settings.cache) if root is not None]

    def trouble(self) -> CalameError | None:
        """Return why nothing can be trained here, with the command that gets what is missing; None: it can."""
        importlib.invalidate_caches()  # it may have been installed since
        if self._runs is None:
            return NotThere(name="/v1/training")
        if self.command == COMMAND:
            for package in PACKAGES:
                if importlib.util.find_spec(package) is None:
                    return MissingExtra(package=package, extra="train")
        there = any(all(find_file(name, root) for name in NEEDED) for root in self.roots)
        return None if there else NothingToLearn()

    def warm(self) -> bool:
        """Start a process that loads what takes long and waits, unless one trains or is warm; say whether one waits."""
        with self._turn:
            if self.running() is not None or self.trouble() is not None:
                return False
            self._child()
            return True

    def start(self, asked: Mapping[str, Any], language: str) -> Run:
        """Begin a run.

        Raises:
            AlreadyTraining: one is running, in this process of the service or another.
            MissingExtra, NothingToLearn: it cannot be done here. CannotWrite: nothing can be kept.
        """
        if (trouble := self.trouble()) is not None:
            raise trouble
        with self._turn:
            child = self._free_child()
            self._warm = None
            try:
                run = self.runs.add(asked)
                run.tell("state", {"state": "starting"})
            except OSError as error:
                child.leave()
                child.lock.close()
                raise CannotWrite(path=self.settings.training, problem=error.strerror or error) from error
            job = {
                "folder": str(run.path), "models": str(self.settings.models or ""), "language": language,
                "asked": dict(asked),
            }  # fmt: skip
            watching = threading.Thread(target=self._watch, args=(child, run, job), name="calame-training", daemon=True)
            self._watched = child, watching
            watching.start()
            return run

    def running(self) -> Run | None:
        """Return the run that is going on, in whichever process; one that nobody trains any more is ended in words."""
        newest = next(iter(self.runs.all()), None)
        if newest is None or newest.ended:
            return None
        with self._lock_file() as lock:
            if not seize(lock, 0.0):
                return newest
            if not newest.ended:  # it may have ended before we had the lock
                newest.finish("lost", Phrase("training.end.lost"))
        return None

    def delete(self, number: int) -> None:
        """Delete a run, and the model that came out of it.

        Raises:
            NoSuchRun: no run of this number. AlreadyTraining: it is going on.
            RunInUse: its model is the one in production.
        """
        run = self.runs.get(number)
        going = self.running()
        if going is not None and going.number == number:
            raise AlreadyTraining
        model = run.row().get("model")
        if model is not None:
            if self._shelf.production() == model:
                raise RunInUse(id=number, model=model)
            name, _, version = str(model).partition("@")
            self._shelf.remove(name, version)
        self.runs.delete(run)

    def close(self) -> None:
        """End with the service: what is being trained has a moment to keep its best."""
        self.closing.set()
        with self._turn:
            children = [child for child in (self._warm, self._watched and self._watched[0]) if child]
            self._warm = None
        for child in children:
            child.leave()
        if self._watched is not None:
            self._watched[1].join(LEAVING)
        for child in children:
            if child.process.poll() is None:
                child.process.kill()
            child.process.wait()
            child.lock.close()
        if self._watched is not None:
            self._watched[1].join()

    def _free_child(self) -> Child:
        """Return a process that waits for a job, with the lock; the process of a run that has ended may still hold it.

        Raises:
            AlreadyTraining: a run is going on.
        """
        until = time.monotonic() + PARTING
        while self.running() is None:
            child = self._child()
            if seize(child.lock, PATIENCE):
                return child
            if time.monotonic() > until:
                break
        raise AlreadyTraining

    def _child(self) -> Child:
        """Return a process that waits for a job, the warm one if it lives."""
        if self._warm is None or self._warm.process.poll() is not None:
            if self._warm is not None:
                self._warm.leave()
                self._warm.lock.close()
            self._warm = self._spawn()
        return self._warm

    def _spawn(self) -> Child:
        lock = self._lock_file()
        shared = () if sys.platform == "win32" else (lock.fileno(),)
        with (self.runs.folder / "learner.log").open("wb") as log:
            # A group of its own, which no Ctrl-C reaches, in the service's session: Linux weighs sessions against each
            # other before it heeds `nice`.
            process = subprocess.Popen(
                [*self.command, *map(str, self.roots)], stdin=subprocess.PIPE, stdout=log, stderr=log,
                env=environment_with_threads(os.cpu_count() or 1), pass_fds=shared, process_group=0,
            )  # fmt: skip
        return Child(process, lock)

    def _lock_file(self) -> IO[bytes]:
        try:
            self.runs.folder.mkdir(parents=True, exist_ok=True)
            return (self.runs.folder / "lock").open("ab")
        except OSError as error:
            raise CannotWrite(path=self.settings.training, problem=error.strerror or error) from error

    def _watch(self, child: Child, run: Run, job: Mapping[str, Any]) -> None:
        """Give the job and wait for the end; one that ends without a word is spoken for."""
        status = IDLE
        while status == IDLE and not self.closing.is_set():  # it left for want of work at the very moment it had some
            with contextlib.suppress(BrokenPipeError):
                child.give(job)
            status = child.process.wait()
            child.leave()
            if status == IDLE:
                child = self._spawned_with(child.lock)
        if not run.ended and run.path.is_dir():
            run.finish(*spoken_for(status, closing=self.closing.is_set()))
        child.lock.close()

    def _spawned_with(self, lock: IO[bytes]) -> Child:
        fresh = self._spawn()
        fresh.lock.close()  # the one before is held already
        return Child(fresh.process, lock)


def spoken_for(status: int, *, closing: bool) -> tuple[Any, Phrase]:
    """Return state and words for a training process that ended without any."""
    if closing:
        return "lost", Phrase("training.end.lost")
    if status < 0:
        return "failed", Phrase("training.end.killed", signal=-status)
    return "failed", Phrase("training.end.crashed", status=status)


def seize(lock: IO[bytes], patience: float) -> bool:
    """Take the lock for as long as the file is open, here or where it was handed on; say whether we have it."""
    until = time.monotonic() + patience
    while not _try(lock):
        if time.monotonic() >= until:
            return False
        time.sleep(0.02)
    return True


def _try(lock: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def told_of(trainer: Trainer, each: Callable[[Run], Json]) -> list[Json]:
    """Return every run as a line of the table, newest first; one that is being deleted is passed over."""
    found: list[Json] = []
    for run in trainer.runs.all():
        with contextlib.suppress(FileNotFoundError):
            found.append(each(run))
    return found
