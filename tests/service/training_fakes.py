"""A training process without a network, for the service's tests: it does what the seed of its job says."""

import sys

from calame.data.sets import FILES

SEEDS = {"done": 0, "on": 1, "crash": 2, "model": 3}
FAKE = (
    sys.executable,
    "-c",
    """
import json, os, shutil, sys, threading, time
from pathlib import Path
from calame.artifact import SHIPPED
from calame.locale import Phrase
from calame.service.runs import Run
job = json.loads(sys.stdin.buffer.readline())
gone = threading.Event()
threading.Thread(target=lambda: (sys.stdin.buffer.read(), gone.set()), daemon=True).start()
run, seed = Run(Path(job["folder"])), job["asked"]["seed"]
(run.path / "pid").write_text(str(os.getpid()))
run.tell("begin", {"steps": 2, "epochs": 2, "parameters": 10, "sample": 5})
for place in (0.5, 1.0):
    names = ("loss", "accuracy", "val_loss", "val_accuracy")
    run.tell("point", {"epoch": place, "elapsed": place, **dict.fromkeys(names, 0.5)})
if seed == 2:
    os._exit(7)
while seed == 1 and not run.unwanted and not gone.is_set():
    time.sleep(0.02)
model = None
if seed == 3:
    folder = Path(job["models"]) / "course" / str(run.number)
    shutil.copytree(SHIPPED / "digits", folder)
    said = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(said | {"name": "course", "version": str(run.number)}))
    model = f"course@{run.number}"
run.finish("stopped" if seed == 1 else "done", Phrase("training.end.done", epoch=1), val_accuracy=0.5, model=model)
""",
)


def make_data(root):
    """Lay out files where the digits would be; the fake does not open them."""
    for name in (*FILES["train"], *FILES["test"][:2]):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root
