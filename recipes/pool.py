"""Work in portions, on all cores: what every recipe that makes pictures does alike."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Task, Result = TypeVar("Task"), TypeVar("Result")


def portions(counts: Mapping[str, int], share: float, chunk: int) -> list[tuple[str, int, int]]:
    """Return kind, first and how many of each portion, at most `chunk`, of a share of so many of each kind."""
    wanted = {kind: round(count * share) for kind, count in counts.items()}
    return [
        (kind, start, min(chunk, count - start))
        for kind, count in wanted.items()
        for start in range(0, count, chunk)
    ]  # fmt: skip


def on_all_cores(work: Callable[[Task], Result], tasks: Sequence[Task], what: str) -> Iterator[Result]:
    """Yield what `work` makes of each task, in order, and say on stderr how many of `what` are done."""
    # Not forked: a fork of a process that TensorFlow has threads in stands still.
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as workers:
        for done, result in enumerate(workers.map(work, tasks), 1):
            yield result
            print(f"\r{done} of {len(tasks)} × {what}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
