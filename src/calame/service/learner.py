"""The training process: `python -m calame.service.learner ROOT...`, started by `service.training` and by nobody else.

1. load Keras and the digits, so that a job finds them ready;
2. wait for one job, a line of JSON on standard input; leave when none comes;
3. train it with `training.run`, as `calame train` does, and tell the run's folder of every point;
4. keep the best as a model folder on the shelf, read the test set with it, once, and write down what came out.

When standard input closes, whoever started this is gone: what is being trained is judged as it is, kept, and left.
"""

import json
import os
import queue
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from calame.artifact import DataSource, ModelFolder
from calame.data.catalogue import credit
from calame.data.files import find_file
from calame.data.sets import Mnist, load_mnist, load_writers, split_by_writer
from calame.drawing.png import sprite, uri
from calame.engine.session import Session
from calame.errors import CalameError, NothingToLearn
from calame.imaging.recipe import DEFAULT, parse
from calame.locale import Phrase
from calame.models import built
from calame.models.backend import load_keras
from calame.service.runs import Json, Run, State
from calame.service.training import IDLE, NEEDED
from calame.training.plan import MILD, PLANS, Plan, build_network
from calame.training.record import write_json
from calame.types import SIDE

if TYPE_CHECKING:
    from calame.training.fit import Outcome
    from calame.training.live import Live

NICE = 10  # the app comes first
WAIT = 180.0  # seconds for a job
GRACE = 30.0  # seconds to keep what there is, once nobody is there any more
FEW = 1280  # pictures; with fewer a step takes a tenth of them, so that an epoch has ten steps
AT_ONCE = 500  # pictures of the test set


class Line:
    """Standard input, read beside all else.

    Attributes:
        gone: nobody holds its other end.
    """

    def __init__(self, stream: Any) -> None:
        self.gone = threading.Event()
        self._jobs: queue.Queue[Json | None] = queue.Queue()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    @property
    def idle(self) -> bool:
        """Whether no job has come yet."""
        return self._jobs.empty()

    def job(self, seconds: float) -> Json | None:
        """Wait for the job; None when none comes."""
        try:
            return self._jobs.get(timeout=seconds)
        except queue.Empty:
            return None

    def _read(self, stream: Any) -> None:
        for line in stream:
            self._jobs.put(json.loads(line))
        self.gone.set()
        self._jobs.put(None)
        late = threading.Timer(GRACE, os._exit, (1,))  # whatever still computes: nobody waits for it
        late.daemon = True
        late.start()


@dataclass(frozen=True, eq=False)
class Digits:
    """What is learned from, what judges, and the test set: images (n, 28, 28) and labels (n,)."""

    learn: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    judge: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    test: tuple[NDArray[np.uint8], NDArray[np.uint8]]


def load_digits(roots: list[Path]) -> Digits:
    """Read MNIST, split by writer as `calame train` splits it.

    Raises:
        NothingToLearn: it is in none of `roots`. DamagedData: a file is corrupt.
    """
    root = next((root for root in roots if all(find_file(name, root) for name in NEEDED)), None)
    if root is None:
        raise NothingToLearn
    mnist: Mnist = load_mnist(root)
    learn, judge = split_by_writer(load_writers(root))
    images, labels = mnist.train_images, mnist.train_labels
    return Digits(
        (images[learn], labels[learn]), (images[judge], labels[judge]), (mnist.test_images, mnist.test_labels)
    )


def plan_for(asked: Mapping[str, Any]) -> Plan:
    """Return the plan of a run: the network's own, with what was asked; a built network's is the course's."""
    base = PLANS.get(asked["network"]) or Plan(asked["network"], epochs=asked["epochs"])
    images = int(asked["images"])
    return replace(
        base, epochs=asked["epochs"], rate=asked["rate"], seed=asked["seed"], limit=images,
        batch=base.batch if images >= FEW else images // 10,
        augmentation=(base.augmentation or MILD) if asked["augment"] else None,
    )  # fmt: skip


def main(roots: list[str]) -> int:
    """Do one job; return the exit status."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    line = Line(sys.stdin.buffer)
    ready: Digits | CalameError
    try:
        load_keras()
        ready = load_digits([Path(root) for root in roots])
        if line.idle:
            warm_up()
    except CalameError as error:
        ready = error
    job = line.job(WAIT)
    if job is None:
        return IDLE
    run = Run(Path(job["folder"]))
    try:
        if isinstance(ready, CalameError):
            raise ready
        learn(run, job, ready, lambda: run.unwanted or line.gone.is_set())
    except Exception as error:  # the last word of this process is always one for the person who waits
        traceback.print_exc()
        run.finish("failed", in_words(error))
    return 0


def warm_up() -> None:
    """Take a step with a network of one filter: what Keras loads at its first step, a second's worth, is then there."""
    from calame.training.batches import Batches, as_input
    from calame.training.fit import compile_for
    from calame.training.precision import precision

    plan = Plan("conv 1 3, pool 4", epochs=1, batch=8)
    images = np.zeros((plan.batch, SIDE, SIDE), np.uint8)
    with precision(plan.precision):
        model = build_network(plan.network)
    compile_for(model, plan, steps=1)
    model.fit(Batches(images, np.zeros(plan.batch, np.uint8), plan), shuffle=False, verbose=0)
    model(as_input(images), training=False)


def in_words(error: Exception) -> Phrase:
    """Return what went wrong, for a person."""
    if isinstance(error, CalameError):
        return Phrase("training.end.failed", problem=Phrase(error.key, **error.values))
    from calame.training.live import Diverged

    if isinstance(error, Diverged):
        return Phrase("training.end.diverged")
    return Phrase("training.end.failed", problem=f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")


def learn(run: Run, job: Mapping[str, Any], digits: Digits, stop: Callable[[], bool]) -> None:
    """Train, tell, keep."""
    from calame.training.keeper import STATE
    from calame.training.live import Live
    from calame.training.run import RECORD
    from calame.training.run import run as train

    asked = job["asked"]
    plan = plan_for(asked)
    images, labels = digits.learn[0][: plan.limit], digits.learn[1][: plan.limit]
    run.tell("state", {"state": "building", "learn": len(labels), "judge": len(digits.judge[1])})
    live = Live(teller(run), stop, digits.judge)
    try:
        if stop():
            raise KeyboardInterrupt
        outcome, record = train(
            plan, (images, labels), digits.judge, run.path, language=job["language"], watchers=[live]
        )
    except KeyboardInterrupt:
        run.finish(
            *(
                ("failed", Phrase("training.end.diverged"))
                if live.diverged
                else ("stopped", Phrase("training.end.nothing"))
            )
        )
        return
    (run.path / STATE).unlink(missing_ok=True)  # such a run is not taken up again
    early = live.stopped or live.diverged
    outcome = replace(outcome, interrupted=early)
    record |= {"interrupted": early, "command": "calame serve"}
    write_json(run.path / RECORD, record)
    run.tell("state", {"state": "keeping"})
    folder = keep(run, outcome, record, digits, Path(job["models"]), name_of(asked["network"]))
    run.tell("state", {"state": "testing"})
    told = came_out(outcome, record, digits, folder)
    run.finish(*last_words(live, outcome), **told)


def teller(run: Run) -> Callable[[str, Mapping[str, Any], NDArray[np.float32] | None], None]:
    """Return what tells a run's folder of what `Live` sees, the filters as one picture."""

    def tell(kind: str, values: Mapping[str, Any], filters: NDArray[np.float32] | None) -> None:
        seen: Json = {name: round(value, 6) if isinstance(value, float) else value for name, value in values.items()}
        if filters is not None:
            drawn = sprite(filters)
            seen["filters"] = {
                "shape": list(filters.shape), "columns": drawn.columns, "image": uri(drawn.png),
                "low": round(drawn.low, 4), "high": round(drawn.high, 4),
            }  # fmt: skip
        run.tell(kind, seen)

    return tell


def name_of(network: str) -> str:
    """Return what the model is called: as its network, and one that was put together `own`."""
    return network if network in PLANS else built.NAME


def keep(
    run: Run, outcome: "Outcome", record: Mapping[str, object], digits: Digits, models: Path, name: str
) -> ModelFolder:
    """Export the best network to the shelf, under the number of its run, or the next that is free."""
    from calame.export.outcome import export_outcome

    version = run.number
    while (models / name / str(version)).exists():
        version += 1
    return export_outcome(
        outcome, record, digits.judge, models / name / str(version), name=name, preparation=str(parse(DEFAULT)),
        data=cast("list[DataSource]", credit(mnist=int(cast("int", record["train_images"])))), version=str(version),
    )  # fmt: skip


def came_out(outcome: "Outcome", record: Mapping[str, Any], digits: Digits, folder: ModelFolder) -> Json:
    """Return the figures of the table; the test set is read here, once, with what was exported."""
    from calame.training.run import best_of

    session, (images, labels) = Session(folder), digits.test
    starts = range(0, len(images), AT_ONCE)
    said = np.concatenate([session(images[at : at + AT_ONCE]).argmax(axis=1) for at in starts])
    return {
        "parameters": record["parameters"],
        "learn": record["train_images"],
        "judge": record["valid_images"],
        "epochs_done": record["epochs"],
        "best_epoch": outcome.best,
        "seconds": outcome.seconds,
        "val_accuracy": best_of(outcome, "val_accuracy"),
        "test_accuracy": float((said == labels).mean()),
        "test": len(labels),
        "model": str(folder.manifest),
    }


def last_words(live: "Live", outcome: "Outcome") -> tuple[State, Phrase]:
    """Return how it ended, and the sentence that says it."""
    if live.diverged:
        return "stopped", Phrase("training.end.diverged_kept", epoch=outcome.best)
    if live.stopped:
        return "stopped", Phrase("training.end.stopped", epoch=outcome.best)
    return "done", Phrase("training.end.done", epoch=outcome.best)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
