# %% [markdown]
# # 2. MNIST: load, look, normalise, encode
#
# **Aims**: open a data set down to its bytes; look at it before using it; know why one divides by 255 and what
# *one-hot* means; set a first bar, without a network, for networks to clear.
#
# **Time**: 45 minutes. **You need**: NumPy. At first use MNIST (11 MB) is downloaded, unless it is there already.

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
    "head": "The first 16 bytes say: type {kind}, **{count}** pictures of **{height}×{width}**. The {rest} bytes after them are the pixels.",
    "count": "training pictures",
    "digit": "digit",
    "writers": "{count} people wrote the training pictures, {each} each on average. Here are two of them, {first} and {second}.",
    "box": "The longer side of the ink: {side} pixels at most, {usual} in {share} of the pictures.",
    "mass": "Centre of mass of the ink, on average: row {row}, column {column}; standard deviation {spread} pixel.",
    "mean": "The mean picture of each digit",
    "result": "With no network, by the nearest of the ten mean pictures: **{accuracy}** on {count} test pictures.",
    "same": "loss",
    "claim": "accuracy of the nearest mean picture",
}
start(LANGUAGE)

# %%
import struct

import keras
import matplotlib.pyplot as plt
import numpy as np

from calame.data.files import need_file, read_content
from calame.data.sets import load_mnist, load_writers
from lesson import claim, find, num, pace, pct, show, tell

# %% [markdown]
# ## A file is bytes
#
# MNIST comes in a format of rare simplicity: sixteen bytes of header, then the pixels, a byte each, picture after
# picture. Let us read it ourselves.

# %%
file = need_file("mnist/train-images-idx3-ubyte.gz", find("mnist"))
content = read_content(file)
kind, count, height, width = struct.unpack(">4I", content[:16])
pixels = np.frombuffer(content, np.uint8, offset=16).reshape(count, height, width)
tell(W["head"], kind=kind, count=num(count), height=height, width=width, rest=num(len(content) - 16))

mnist = load_mnist(find("mnist"))
print(np.array_equal(pixels, mnist.train_images))

# %% [markdown]
# The last line compares with `load_mnist`, which also checks the checksum, the shapes and the labels. That is what we
# use from here on.
#
# ## Look, always
#
# Before any computing: what do these numbers stand for?

# %%
images, labels = mnist.train_images, mnist.train_labels
print(images.shape, images.dtype, images.min(), images.max())
print(images[0, 5:15, 8:20])
show(images[:20], labels[:20])

# %%
counts = np.bincount(labels)
axes = plt.figure(figsize=(6, 2.4)).subplots()
axes.bar(range(10), counts, color="#1f5a96")
axes.set(xticks=range(10), xlabel=W["digit"], title=W["count"])
axes.grid(axis="y")
plt.show()

# %% [markdown]
# The classes are roughly balanced: always to answer “1” would give 11%. That is the lowest bar. If one class made up
# 95% of the pictures, an accuracy of 95% would be worth nothing.
#
# ## Who wrote?
#
# MNIST does not say, but QMNIST has found the author of each picture again. Two people, two hands: look at their 7s,
# their 4s, their 1s.

# %%
writers = load_writers(find("qmnist"), mnist=find("mnist"))
names, each = np.unique(writers, return_counts=True)
first, second = names[each > 100][[0, 7]]
tell(W["writers"], count=num(len(names)), each=num(each.mean()), first=first, second=second)
for name in (first, second):
    mine = np.flatnonzero(writers == name)
    shown = [mine[labels[mine] == digit][0] for digit in range(10) if (labels[mine] == digit).any()]
    show(images[shown], labels[shown])

# %% [markdown]
# Next to no crossed 7, next to no 1 with an upstroke: these hands are American. A network learns only what it is
# shown. That is why a network with 99.6% on MNIST reads European digits so badly.
#
# ## How these pictures were prepared
#
# Every picture that the network reads later will have to be like them. Let us measure the recipe.

# %%
ink = images > 0
heights = ink.any(axis=2).sum(axis=1)
widths = ink.any(axis=1).sum(axis=1)
longer = np.maximum(heights, widths)
tell(W["box"], side=longer.max(), usual=20, share=pct((longer == 20).mean(), 0))

weight = images.astype(float)
total = weight.sum(axis=(1, 2))
rows = (weight.sum(axis=2) @ np.arange(28)) / total
columns = (weight.sum(axis=1) @ np.arange(28)) / total
tell(W["mass"], row=num(rows.mean(), 1), column=num(columns.mean(), 1), spread=num(rows.std(), 1))

# %% [markdown]
# Bright ink on black, 20 pixels high, the centre of mass in the middle: that is the contract. `calame read` prepares
# your photos that way, and shows the result.
#
# ## Divide by 255
#
# The weights of a fresh network are small, around 0.1. With inputs up to 255 the first sums would be huge, and so
# would the first steps of learning: training starts askew. Between 0 and 1 everything is of one order. And a trap, on
# top:

# %%
bright = np.array([250], np.uint8)
print(bright + np.uint8(10))
print(bright.astype("float32") + 10)

inputs = images[..., None].astype("float32") / 255
print(inputs.shape, inputs.dtype, inputs.min(), inputs.max())

# %% [markdown]
# 250 + 10 = 4: an integer of 8 bits starts again from zero after 255. So convert to reals **before** computing. The
# axis of size 1 at the end is that of the maps: a picture in colour would have 3.
#
# ## One-hot
#
# The network gives ten probabilities; the truth must have the same shape: 1 in the place of the right digit, 0
# elsewhere. The identity matrix does it by one indexing.

# %%
one_hot = np.eye(10, dtype="float32")[labels]
print(labels[:3])
print(one_hot[:3])
print(np.array_equal(one_hot, keras.utils.to_categorical(labels, 10)))

probabilities = np.full((3, 10), 0.1, "float32")
by_codes = keras.losses.CategoricalCrossentropy()(one_hot[:3], probabilities)
by_labels = keras.losses.SparseCategoricalCrossentropy()(labels[:3], probabilities)
print(W["same"], float(by_codes), float(by_labels))

# %% [markdown]
# Both losses are the same: `categorical_crossentropy` wants one-hot, `sparse_categorical_crossentropy` is content
# with labels and saves memory. Why not simply the number 7 as target? Because an 8 is no “closer” to a 7 than a 1 is:
# they are names, not quantities.
#
# ## A bar to clear, without a network
#
# Take the mean of all the pictures of each digit. To read a new picture: which of the ten means is nearest?

# %%
means = np.stack([inputs[labels == digit, :, :, 0].mean(axis=0) for digit in range(10)])
print(W["mean"])
show(means, range(10))

test = mnist.test_images[: pace(None, 2000)].astype("float32") / 255
truth = mnist.test_labels[: pace(None, 2000)]
distances = ((test[:, None] - means[None]) ** 2).sum(axis=(2, 3))
accuracy = (distances.argmin(axis=1) == truth).mean()
tell(W["result"], accuracy=pct(accuracy, 1), count=num(len(test)))
claim(W["claim"], accuracy, at_least=pace(0.8, 0.72))

# %% [markdown]
# Ten blurred pictures are enough for four digits in five. Any network that does worse has a loose wire; any network
# that costs much must do *much* better.
#
# ## Over to you
#
# 1. Which digit does the nearest mean read worst? Explain it by its mean picture.
# 2. Move the test pictures by 3 pixels (`np.roll`). What becomes of the rate? What does that say about centring?
# 3. Shuffle the pixels of all pictures by the same permutation. Does the rate change? And that of a convolutional
#    network, do you think?
#
# ## Questions
# 1. Why must one look at the data before training?
# 2. Some normalise by mean and standard deviation rather than by 255. On which pictures should these be computed?
# 3. Why cut between training and validation by author, and not at random?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. Because nearly all costly mistakes show in a minute: ink and paper swapped, pictures turned, labels out of step,
#    empty classes, duplicates between training and test, pixels that are in 0 to 1 already and are divided by 255
#    once more. The network never complains: it learns anything at all.
# 2. On the training part alone; then the *same* numbers are applied to validation, test and production. To compute
#    them on the test is to have looked at it; to compute them anew for each picture changes what the network sees.
# 3. A hand can be recognised. At random every author is on both sides, and validation measures “reading somebody
#    known”. In production it is a stranger who writes.
#
# **Exercises.** 2: the rate collapses, for the comparison is pixel by pixel; centring does most of the work. 3: the
# rate does not change, for a sum of squares does not depend on order; a convolutional network, which counts on
# neighbourhood, would lose much.
