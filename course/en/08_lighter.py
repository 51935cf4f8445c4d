# %% [markdown]
# # 8. Save, export, make lighter
#
# **Aims**: save a network without traps; export it so that it runs without Keras, and check that it answers the same;
# quantise and prune it, knowing what is lost and what is gained.
#
# **Time**: 60 minutes, 1 to 2 of them computing. **You need**: lesson 3 (its network is taken up, or trained now).

# %% tags=["aside"]
import importlib.util
import subprocess
import sys

if any(importlib.util.find_spec(name) is None for name in ("calame", "keras")):
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "calame[train]"], check=True)

# %% tags=["aside", "words"]
from lesson import start

LANGUAGE = "en"
W = {
    "file": "file",
    "bytes": "bytes",
    "zipped": "zipped",
    "same": "Loaded again, it gives the same probabilities: largest difference {difference}.",
    "way": "way",
    "one": "one picture (ms)",
    "many": "{} pictures, each (ms)",
    "parity": "Largest difference of probability between Keras and ONNX Runtime: **{difference}**.",
    "weights": "original weights",
    "levels": "in 8 bits",
    "back": "back as reals",
    "step": "One step is {step}; no weight has moved by more than half a step ({half}): the largest difference is {worst}.",
    "accuracy": "accuracy",
    "changed": "answers changed",
    "version": "version",
    "whole": "whole",
    "pruned": "70% of the weights zero",
    "healed": "then trained on",
    "claim_size": "size of the int8 version, as a share of the original",
    "claim_points": "points lost by the int8 version",
}
start(LANGUAGE)

# %%
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

import calame
from calame.engine.session import Session
from calame.export.exporter import export_model
from calame.export.prune import KeepZeros, prune, zeros
from calame.export.quantise import compressed_bytes, lighten
from calame.imaging.recipe import DEFAULT
from calame.training.batches import Batches, as_input
from calame.training.fit import compile_for
from calame.training.plan import PLANS
from lesson import claim, course_model, digits, num, pct, show, table, tell, work

# %% [markdown]
# ## Save
#
# A `.keras` file is a zip archive. Let us open it: the architecture as JSON, the weights beside it, the version of
# Keras. It is the format to use; the old `.h5` still works, but travels badly from one version to another.

# %%
model = course_model()
images, truth = digits().test
file = work() / "lesson8.keras"
model.save(file)

with zipfile.ZipFile(file) as archive:
    for entry in archive.infolist():
        print(f"{entry.file_size:>10,}  {entry.filename}")
    print(archive.read("config.json")[:230].decode(), "…")

again = keras.saving.load_model(file)
first, second = (one.predict(as_input(images[:200]), verbose=0) for one in (model, again))
tell(W["same"], difference=np.abs(first - second).max())

# %% [markdown]
# **Careful.** A model file may hold code (`Lambda` layers): to open it may be to run it. Do not open a stranger's
# file, keep `safe_mode=True`, and never unpickle. `calame models import file.h5` reads an `.h5` or `.keras` file as
# data, runs nothing, and refuses what it does not know.
#
# ## Export
#
# In service one needs neither the optimiser nor TensorFlow (over a gigabyte). **ONNX** describes the computation and
# nothing else; ONNX Runtime runs it. The export is kept only if it answers as Keras does, within 0.00001, on real
# pictures.

# %%
train_images, train_labels = digits().train
folder = export_model(
    model,
    work() / "lesson8",
    check_images=train_images[:256],
    name="lesson8",
    version="1",
    preparation=DEFAULT,
    over=True,
)
table([W["file"], W["bytes"]], [[path.name, num(path.stat().st_size)] for path in sorted(folder.path.iterdir())])

session = Session(folder)
tell(W["parity"], difference=f"{np.abs(session(images[:200]) - first).max():.1e}")

# %% [markdown]
# `manifest.json` says what the weights do not: the recipe of the preparation, the hash of every file, the scores.
# Without it nobody will know, a year from now, how the picture has to arrive.
#
# And speed? Time it after a turn that warms up, several times, and keep the median.


# %%
def milliseconds(ask, turns=15):
    ask()
    taken = []
    for _ in range(turns):
        started = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - started))
    return np.median(taken)


one, many = images[:1], images[:256]


def timed(name, ask):
    alone, together = milliseconds(lambda: ask(one)), milliseconds(lambda: ask(many))
    return [name, num(alone, 2), num(together / len(many), 3)]


rows = [
    timed("Keras `predict`", lambda given: model.predict(as_input(given), verbose=0)),
    timed("ONNX Runtime", session),
]
table([W["way"], W["one"], W["many"].format(len(many))], rows)

# %% [markdown]
# Two lessons in one table: for a single picture `predict` spends nearly all its time getting ready, which a **batch**
# shares out; ONNX Runtime has next to nothing to get ready, and so a batch gains it little.
#
# ## Quantise: eight bits instead of thirty-two
#
# A real weight takes 4 bytes. Let us write it as an integer from −127 to 127 times one common **step**. By hand, on
# the first kernel:

# %%
kernel = model.get_layer("conv1").get_weights()[0][:, :, 0, 0]
step = np.abs(kernel).max() / 127
levels = np.rint(kernel / step).astype(np.int8)

print(W["weights"], kernel.round(4), W["levels"], levels, W["back"], (levels * step).round(4), sep="\n")
worst = np.abs(levels * step - kernel).max()
tell(W["step"], step=num(step, 5), half=num(step / 2, 5), worst=num(worst, 5))

# %% [markdown]
# Four times fewer bytes, and products are done in integers, which processors do faster. The numbers that *pass*
# through the network are quantised too; their range is measured on a few hundred real pictures (calibration).
# `lighten` does all this, and weighs every version on the test.

# %%
lighter = lighten(folder, work() / "lesson8-lighter", train_images[:500], (images, truth))
costs = lighter.manifest.scores["lighter"]
rows = [
    [name, num(cost["bytes"]), num(compressed_bytes(lighter, name)), pct(cost["accuracy"]), num(cost["changed"])]
    for name, cost in costs.items()
]
table([W["version"], W["bytes"], W["zipped"], W["accuracy"], W["changed"]], rows)

# %%
whole, small = costs["model.onnx"], costs["model.int8.onnx"]
claim(W["claim_size"], small["bytes"] / whole["bytes"], at_most=0.3)

# %%
claim(W["claim_points"], 100 * (whole["accuracy"] - small["accuracy"]), at_most=0.5)

# %% [markdown]
# ## Prune: set small weights to zero
#
# A weight that is nearly nothing changes nearly nothing. Let us set the smallest 70% to zero, look at the damage,
# then train the others on for a while, with the zeros held.


# %%
def accuracy(network):
    return (network.predict(as_input(images), verbose=0).argmax(1) == truth).mean()


before = accuracy(model)
masks = prune(model, 0.7)
damaged = accuracy(model)

plan = replace(PLANS["course"], epochs=1, rate=5e-4)
batches = Batches(train_images, train_labels, plan)
compile_for(model, plan, steps=len(batches))
model.fit(batches, epochs=1, shuffle=False, verbose=2, callbacks=[KeepZeros(masks)])
pruned = export_model(
    model,
    work() / "lesson8-pruned",
    check_images=train_images[:256],
    name="lesson8",
    version="1-pruned",
    preparation=DEFAULT,
    over=True,
)

# %%
sizes = [compressed_bytes(one, "model.onnx") for one in (folder, pruned)]
rows = [
    [W["whole"], pct(before), num(sizes[0])],
    [W["pruned"], pct(damaged), ""],
    [W["healed"], pct(accuracy(model)), num(sizes[1])],
]
table([W["version"], W["accuracy"], W["zipped"]], rows)
print(zeros(model))

# %% [markdown]
# The file shrinks only when **zipped**: a zero takes as much room as any number, and computing is no faster without
# an engine made for it. Pruning lightens the download; quantising lightens memory and computing too.
#
# The folder can be used as any model: `calame.DigitReader(folder)`, `calame read --model PATH photo.jpg`.

# %%
reading = calame.DigitReader(pruned).read(Path(calame.__file__).parent / "samples" / "scan-seven.png")
show([reading.prepared], [reading.digit])

# %% [markdown]
# ## Over to you
#
# 1. Prune to 50%, 90%, 98%. Where does training on no longer make up for it?
# 2. Quantise the kernel by hand in 4 bits (−7 to 7) and put it back into the network. What is lost?
# 3. `calame train compact`, then this lesson on the result: which is lighter at equal accuracy, the small network
#    whole or the large one made lighter?
#
# ## Questions
# 1. Why check that the export answers as the original does, and on real pictures?
# 2. Which version would you put into a telephone? On a server?
# 3. What must a model file hold to be of use two years from now?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. Because an export may succeed and be silently wrong: the order of axes, the edges, a scaling forgotten. Random
#    noise is not enough: a network often answers the same to it whatever happens, and the difference does not show.
# 2. Telephone: int8, four times smaller to download and to hold in memory, and thriftier. Server: int8 too, if the
#    processor has the instructions for it (VNNI) and the measured loss is acceptable; else float32. float16 halves
#    the file and speeds up nothing on a processor. In any case measure the version **that will be deployed**, not the
#    one that was trained.
# 3. The architecture and the weights, without code; the preparation that the input needs (size, scale, bright ink or
#    dark); the names of the classes; the versions of the tools; the data and their licence; the scores and how they
#    were measured; a hash, to know that it is the one; and some inputs with their answers, to check.
