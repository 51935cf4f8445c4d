# %% [markdown]
# # 4. Evaluate: confusion matrix, errors, and what a percentage is worth
#
# **Aims**: fill in a confusion matrix by hand and read it; tell the precision of a digit from its recall; say between
# which bounds the true rate lies; look at errors one by one; check what the displayed confidence is worth; leave
# MNIST.
#
# **Time**: 60 minutes. **You need**: lesson 3 (its network is taken up, or trained now).

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
    "accuracy": "**{right}** right out of {count}: **{accuracy}**. 95% interval: {low} to {high}.",
    "read": "read",
    "true": "written",
    "worst": "Most frequent confusion: a **{true}** read as **{read}**, {count} times.",
    "digit": "digit",
    "precision": "precision",
    "recall": "recall",
    "support": "pictures",
    "top2": "The right digit is among the first two in **{share}** of the cases.",
    "wrong": "{true} read {read}\n({share})",
    "band": "confidence announced",
    "count": "answers",
    "real": "right in fact",
    "naive": "Resize, invert: **{right} of {count}**.",
    "prepared": "Calame's preparation, *same network*: **{right} of {count}**.",
    "shipped": "The model that comes with Calame: **{right} of {count}**.",
    "photos": "Look at the two rows of pictures: that is why a network with **{accuracy}** on MNIST “does not work on my photos”.",
    "claim": "accuracy on the MNIST test",
}
start(LANGUAGE)

# %%
import csv
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageOps

import calame
from calame.training.batches import as_input
from calame.training.intervals import wilson
from calame.training.metrics import class_scores, confusion, top_k
from lesson import claim, course_folder, course_model, digits, num, pace, pct, show, table, tell

# %% [markdown]
# ## A rate, and its bounds
#
# The test set has served for nothing so far: it is opened now, once. The measured rate is not *the* rate of the
# network: with other pictures it would be a little different. Wilson's interval says by how much.

# %%
model = course_model()
images, truth = digits().test
probabilities = model.predict(as_input(images), verbose=0)
read = probabilities.argmax(axis=1)

right = int((read == truth).sum())
low, high = wilson(right, len(truth))
tell(
    W["accuracy"],
    right=num(right),
    count=num(len(truth)),
    accuracy=pct(right / len(truth)),
    low=pct(low),
    high=pct(high),
)
claim(W["claim"], right / len(truth), at_least=pace(0.98, 0.9))

# %% [markdown]
# Two networks that differ by 0.1 point on 10,000 pictures differ by ten pictures: their intervals overlap, and one
# cannot say yet which is better.
#
# ## The confusion matrix, by hand
#
# One row for each digit **written**, one column for each digit **read**. Every picture adds 1 to a cell.

# %%
matrix = np.zeros((10, 10), int)
for written, answer in zip(truth, read, strict=True):
    matrix[written, answer] += 1

print(np.array_equal(matrix, confusion(read, truth)), matrix.sum(), np.trace(matrix))

# %%
axes = plt.figure(figsize=(5.6, 5.2)).subplots()
off = matrix - np.diag(np.diag(matrix))
axes.imshow(off, cmap="Oranges")
for row in range(10):
    for column in range(10):
        value = matrix[row, column]
        dark = off[row, column] > 0.6 * off.max()
        axes.text(column, row, value or "·", ha="center", va="center", fontsize=8, color="white" if dark else "black")
axes.set(xticks=range(10), yticks=range(10), xlabel=W["read"], ylabel=W["true"])
axes.tick_params(length=0)
plt.show()

row, column = np.unravel_index(off.argmax(), off.shape)
tell(W["worst"], true=row, read=column, count=off.max())

# %% [markdown]
# Only the errors are coloured: the diagonal, so much larger, would drown everything. **Read a row** to know
# what a digit is taken for; **a column**, to know who hides behind an answer.
#
# ## Precision and recall
#
# * **Recall** of 7: of all the 7s *written*, what share was read as 7? (the row)
# * **Precision** of 7: of all that was *read* as 7, what share was one? (the column)

# %%
print(matrix[7, 7] / matrix[7].sum(), matrix[7, 7] / matrix[:, 7].sum())

scores = class_scores(matrix)
rows = [[n, pct(scores.precision[n]), pct(scores.recall[n]), num(scores.support[n])] for n in range(10)]
table([W["digit"], W["precision"], W["recall"], W["support"]], rows)
tell(W["top2"], share=pct(top_k(probabilities, truth, 2)))

# %% [markdown]
# ## The errors, from the surest to the least sure
#
# A wavering error may be forgiven: somebody will check it. A **sure** one goes unnoticed. For each of them, would you
# have done better? (The MNIST test holds some fifteen disputed labels.)

# %%
confidence = probabilities.max(axis=1)
wrong = np.flatnonzero(read != truth)
worst = wrong[np.argsort(-confidence[wrong])][:20]
titles = [W["wrong"].format(true=truth[one], read=read[one], share=pct(confidence[one], 0)) for one in worst]
show(images[worst], titles)

# %% [markdown]
# ## What is the displayed confidence worth?
#
# A confidence of 90% should be wrong one time in ten, no more and no less. Let us count, band by band.

# %%
rows = []
for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.99), (0.99, 1.01)):
    band = (confidence >= low) & (confidence < high)
    if band.any():
        share = (read[band] == truth[band]).mean()
        rows.append([f"{pct(low, 0)} – {pct(min(high, 1), 0)}", num(band.sum()), pct(share, 1)])
table([W["band"], W["count"], W["real"]], rows)

# %% [markdown]
# ## Leaving MNIST
#
# Here are twelve photos, scans and faxes of digits that come with Calame. The tutorials' recipe: make it grey, shrink
# it to 28×28, invert. Then Calame's preparation (find the ink, crop to 20 pixels, put the centre of mass in the
# middle), **with the same network**.

# %%
samples = Path(calame.__file__).parent / "samples"
listed = list(csv.DictReader((samples / "labels.csv").open(encoding="utf-8")))
paths = [samples / row["path"] for row in listed]
written = np.array([int(row["digit"]) for row in listed])


def as_tutorials_do(path):
    grey = ImageOps.exif_transpose(Image.open(path)).convert("L")
    return np.asarray(ImageOps.invert(grey.resize((28, 28))))


naive = np.stack([as_tutorials_do(path) for path in paths])
prepared = [reading.prepared for reading in calame.DigitReader(course_folder()).read_many(paths)]
answers = {
    "naive": model.predict(as_input(naive), verbose=0).argmax(1),
    "prepared": model.predict(as_input(np.stack(prepared)), verbose=0).argmax(1),
    "shipped": np.array([reading.top(1)[0][0] for reading in calame.DigitReader().read_many(paths)]),
}

show(naive, answers["naive"], columns=12)
show(prepared, answers["prepared"], columns=12)
for name, answer in answers.items():
    tell(W[name], right=(answer == written).sum(), count=len(written))
tell(W["photos"], accuracy=pct(right / len(truth)))

# %% [markdown]
# The first question is never “which network?” but “**what does it really see?**”. (Twelve pictures are no
# measurement: the 95% interval of 12 out of 12 begins at 76%. The real measurements are in the README.)
#
# ## Over to you
#
# 1. Which digit has the worst recall? Look at all its errors.
# 2. From what confidence on are there no errors left on the test? How many answers would then have to be checked?
# 3. `calame evaluate --model ~/.local/share/calame/course/cnn --report report` makes a page to print. (The path is
#    that of `lesson.work()`.)
#
# ## Questions
# 1. A network is right 99% of the time. An order number has ten digits. What share of the numbers is read without a
#    fault?
# 2. A hospital wants to find the 1s at all costs, even if too many are announced. Precision or recall?
# 3. Why look at the misread pictures rather than only at their number?
# 4. Two networks get 9,930 and 9,942 of the same 10,000 pictures right. Is the second better?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. 0.99¹⁰ ≈ **90.4%** if errors are independent: one number in ten is wrong. It takes 99.9% per digit for 99% per
#    number. That is the first thing to say to whoever wants to “automate the typing”.
# 2. **Recall**: better false alarms than a miss. Lower the threshold from which a 1 is announced; precision falls,
#    that is the price. A setting cannot give both; only a better network or better pictures can.
# 3. Because the number does not say what to do. The pictures do: a wrong label (mend the data), a stroke cut off
#    (mend the preparation), a hand that training has not seen (add data), a fair doubt (have somebody check).
# 4. These two numbers alone cannot tell. What counts are the pictures on which they **differ**: if the first reads 40
#    that the second misses, and the second 52 that the first misses, a lead of 12 is about what tossing coins would
#    give (McNemar's test, `calame.training.metrics.mcnemar`). If it is 0 against 12, the second is better, almost
#    surely.
