# %% [markdown]
# # 3. The course's network: build, train, read the curves
#
# **Aims**: build a convolutional network and account for each of its 225,034 weights; train it; read its curves of
# loss and accuracy; know on which pictures one may choose.
#
# **Time**: 60 minutes, 1 to 3 of them computing. **You need**: lessons 1 and 2.

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
    "layer": "layer",
    "shape": "output",
    "weights": "weights",
    "by_hand": "by hand",
    "counts": "{train} pictures to learn from, {valid} to choose by. Those who wrote the second wrote none of the first.",
    "untrained": "Before training: **{accuracy}** right, loss **{loss}**. Pure chance gives 10% and ln 10 = {chance}.",
    "loss": "loss",
    "accuracy": "accuracy",
    "epoch": "epoch",
    "train": "training",
    "valid": "validation",
    "best": "Best epoch: number {epoch}, with **{accuracy}** on handwriting never seen.",
    "gap": "Gap between training and validation at the last epoch: {gap} points.",
    "claim": "accuracy on handwriting never seen",
}
start(LANGUAGE)

# %%
import numpy as np

from calame.training.batches import as_input
from lesson import claim, digits, num, pace, pct, show, table, tell, work

# %% [markdown]
# ## The data, in three parts
#
# | part | to |
# |---|---|
# | **training** | learn the weights |
# | **validation** | choose: the epoch, the number of filters, when to stop |
# | **test** | know, once there is nothing left to choose |
#
# To choose on the test set is to see the paper before the exam: the mark is worth nothing. Another trap: one person
# wrote a hundred or so of MNIST's digits. If some are in both parts, the network knows the hand, and validation
# flatters. So here the cut is made **by person**.

# %%
parts = digits()
images, labels = parts.train
tell(W["counts"], train=num(len(images)), valid=num(len(parts.valid[0])))
show(images[:10], labels[:10])

# %% [markdown]
# ## Build
#
# Eight layers. `Conv2D(32, 3)`: 32 filters of 3×3. `MaxPooling2D(2)`: the largest of each 2×2 square. `Flatten`: from
# maps to a list of numbers. `Dense(128)`: 128 sums of everything. `Dropout(0.5)`: in training, half of these 128
# numbers, drawn at random, are set to zero; the network cannot lean on any one of them. `softmax`: ten positive
# numbers that add up to 1.

# %%
import keras
from keras import layers

keras.utils.set_random_seed(0)
model = keras.Sequential(
    [
        layers.Input((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu", name="conv1"),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Conv2D(64, 3, activation="relu", name="conv2"),
        layers.MaxPooling2D(2, name="pool2"),
        layers.Flatten(name="flatten"),
        layers.Dense(128, activation="relu", name="dense1"),
        layers.Dropout(0.5, name="dropout1"),
        layers.Dense(10, activation="softmax", name="output"),
    ],
    name="course",
)

# %% [markdown]
# **Count before you look.** Convolution: (height × width × input maps + 1) × filters. Dense: (inputs + 1) × outputs.
# The other layers have no weights. Where are nearly all of them?

# %%
by_hand = {
    "conv1": (3 * 3 * 1 + 1) * 32,
    "conv2": (3 * 3 * 32 + 1) * 64,
    "dense1": (5 * 5 * 64 + 1) * 128,
    "output": (128 + 1) * 10,
}
rows = [
    [layer.name, layer.output.shape[1:], num(layer.count_params()), num(by_hand.get(layer.name, 0))]
    for layer in model.layers
]
table([W["layer"], W["shape"], W["weights"], W["by_hand"]], rows)
print(sum(by_hand.values()), model.count_params())

# %% [markdown]
# More than nine weights in ten are in **a single dense layer**. The convolutions, which do most of the work, have
# next to none: that is the weight sharing of lesson 1.
#
# ## The loss
#
# The network gives every digit a probability. The **loss** (cross-entropy) is −ln of that of the right digit: 0 if it
# is sure, 0.7 if it wavers between two, 4.6 if it left it a mere 1%. Training means to change every weight a very
# little in the direction that lowers the mean loss of a **batch** of 128 pictures, and again. An **epoch** is every
# picture once.

# %%
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

loss, accuracy = model.evaluate(as_input(parts.valid[0]), parts.valid[1], verbose=0)
tell(W["untrained"], accuracy=pct(accuracy, 0), loss=num(loss, 2), chance=num(np.log(10), 2))

# %% [markdown]
# ## Train
#
# `as_input` divides by 255 and adds the axis of maps: (n, 28, 28) integers → (n, 28, 28, 1) reals between 0 and 1.
# `ModelCheckpoint` keeps the weights of the best epoch, judged on validation.

# %%
best_file = work() / "cnn.keras"
keeper = keras.callbacks.ModelCheckpoint(best_file, monitor="val_accuracy", save_best_only=True)
history = model.fit(
    as_input(images),
    labels,
    batch_size=128,
    epochs=pace(5, 3),
    validation_data=(as_input(parts.valid[0]), parts.valid[1]),
    callbacks=[keeper],
    verbose=2,
).history

# %%
import matplotlib.pyplot as plt

panels = plt.figure(figsize=(9, 3)).subplots(1, 2)
for name, panel in zip(("loss", "accuracy"), panels, strict=True):
    epochs = range(1, len(history[name]) + 1)
    panel.plot(epochs, history[name], "--", color="#c2701c", label=W["train"])
    panel.plot(epochs, history[f"val_{name}"], color="#1f5a96", label=W["valid"])
    panel.set(title=W[name], xlabel=W["epoch"], xticks=list(epochs))
    panel.grid(axis="y")
panels[0].legend(frameon=False)
plt.show()

best = int(np.argmax(history["val_accuracy"]))
tell(W["best"], epoch=best + 1, accuracy=pct(history["val_accuracy"][best]))
tell(W["gap"], gap=num(100 * (history["accuracy"][-1] - history["val_accuracy"][-1]), 2))

# %% [markdown]
# **Reading the curves.** Both go down together: the network learns something general. Validation goes up while
# training goes down: it learns by heart (overfitting); stop, or get more pictures, or more dropout. Both stay high:
# it is too small, or the learning rate too large or too small.
#
# Validation may well be *better* than training here. That is no mistake: training accuracy is measured with dropout,
# that is with half of the neurons, and as a mean over the epoch, while the network is still learning.
#
# ## What it finds hardest to read

# %%
model = keras.saving.load_model(best_file)
probabilities = model.predict(as_input(parts.valid[0]), verbose=0)
truth = parts.valid[1]
given = probabilities[np.arange(len(truth)), truth]
hardest = np.argsort(given)[:10]
titles = [f"{truth[one]} → {probabilities[one].argmax()}" for one in hardest]
show(parts.valid[0][hardest], titles)

claim(W["claim"], (probabilities.argmax(1) == truth).mean(), at_least=pace(0.98, 0.9))

# %% [markdown]
# “4 → 9” reads: a 4, read as 9. Would you have read them all?
#
# The same in one command, which goes on after an interruption and ends with a model folder: `calame train course`.
#
# ## Over to you
#
# 1. Take the `Dropout` out and train again. What becomes of the gap between the two curves?
# 2. Put 8, then 128 filters in `conv1`. What is gained, and what does it cost in time?
# 3. Give `keras.optimizers.Adam` a `learning_rate=0.1`. What does the loss do, and why?
#
# ## Questions
# 1. How do the numbers of filters and of layers affect the results?
# 2. Why not train on all pictures, validation included?
# 3. Why does the loss still fall when the accuracy has stopped moving?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. **More filters**: more kinds of pattern found at each level. The gain is clear while they are very few, and then
#    fades; the cost grows with the product (input maps × filters). **More layers**: patterns of patterns, and a wider
#    field of view; often the best use of the same number of weights, provided the values are normalised (*batch
#    normalization*) so that training stays stable. Either way, beyond some point one buys no more than overfitting
#    and time. The measured ladder of lesson 7 gives the figures: a fourth block brings far more than augmentation
#    alone.
# 2. Because nothing would be left to choose the epoch by, or to see overfitting coming. Once all is chosen one may
#    train a last time on everything, with the settings frozen: that gains a little, but only the test set can still
#    tell.
# 3. Accuracy looks only at which is most probable; the loss looks at *by how much*. A digit that goes from 60% to 95%
#    lowers the loss and leaves the answer as it was. Conversely, a validation loss that rises while accuracy holds
#    tells of a network that grows too sure of its errors: a matter of calibration.
#
# **Without dropout** training rises faster and passes validation, which does not follow. **At a rate of 0.1** Adam
# takes steps far larger than the weights themselves; the loss jumps about or stays near 2.3, and “dead” ReLUs do not
# come back.
