# %% [markdown]
# # 10. A network trained already: use it, freeze it, train it further
#
# **Aims**: use a network that others trained on a million photos; know why its last layer cannot be replaced without
# learning; freeze it, and teach it classes of your own with twenty pictures each; compare with a network that starts
# from nothing.
#
# **Time**: 60 minutes, 1 to 3 of them computing. **You need**: lesson 1; lesson 3 helps. The weights (14 MB) are
# taken from `CALAME_DATA/images` if they are there, else downloaded by Keras.

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
    "network": "{parameters} weights, {layers} layers, {classes} classes.",
    "class": "class",
    "share": "probability",
    "photos": "On {count} labelled photos: the right class comes first for **{first}**, among the first five for **{five}**.",
    "no_photos": "No labelled photos here (`CALAME_DATA/images/photos`): give your own to `PICTURE`.",
    "untrained": "With a fresh last layer: “{label}”, with {share}. Chance would be {chance}.",
    "features": "Every picture becomes {count} numbers, computed only once.",
    "way": "network",
    "learned": "weights learned",
    "accuracy": "accuracy",
    "frozen": "MobileNetV2 frozen + one dense layer",
    "tuned": "then its last storey thawed",
    "scratch": "a small network, from nothing",
    "disc": "disc",
    "square": "square",
    "triangle": "triangle",
    "claim_photos": "share of photos whose right class comes first",
    "claim": "accuracy on new pictures, network frozen",
}
start(LANGUAGE)

# %%
from pathlib import Path

import cv2
import keras
import numpy as np
from IPython.display import display
from PIL import Image

import calame
from lesson import claim, num, pace, pct, show, table, tell
from pretrained import at_hand, mobilenet, prepared

# %% [markdown]
# ## The network
#
# MobileNetV2 was made for telephones: many layers, but convolutions split in two (one for each map, then one that
# mixes the maps), at an eighth or a ninth of the cost. It takes colour pictures of 224×224, from −1 to 1.

# %%
network, labels = mobilenet()
tell(W["network"], parameters=num(network.count_params()), layers=len(network.layers), classes=num(len(labels)))

# %% [markdown]
# ## Use it
#
# A picture, a thousand probabilities, the first five. Put the path of a photo of yours into `PICTURE`. **Before you
# do**: what may it get wrong?

# %%
PICTURE = None

photos = sorted((at_hand("images/photos") or Path("photos")).glob("*.JPEG"))
picture = (
    Path(PICTURE) if PICTURE else (photos or [Path(calame.__file__).parent / "samples" / "sticky-note-six.jpg"])[0]
)


def ask(network, paths):
    return network.predict(np.stack([prepared(Image.open(path)) for path in paths]), verbose=0)


def first(probabilities, count=5):
    return [(labels[place], float(probabilities[place])) for place in np.argsort(-probabilities)[:count]]


display(Image.open(picture).convert("RGB").resize((224, 224)))
table([W["class"], W["share"]], [[label, pct(share, 1)] for label, share in first(ask(network, [picture])[0])])

# %% [markdown]
# It **always** answers one of its thousand classes, even before a digit or a face: they hold neither. And how often
# is it right, on photos whose class is known?

# %%
if photos:
    wanted = [path.stem.split("_", 1)[1].replace("_", " ") for path in photos]
    answers = [[label for label, _ in first(one)] for one in ask(network, photos)]
    hits = np.mean([answer[0] == name for answer, name in zip(answers, wanted, strict=True)])
    among = np.mean([name in answer for answer, name in zip(answers, wanted, strict=True)])
    tell(W["photos"], count=len(photos), first=pct(hits, 0), five=pct(among, 0))
    display(claim(W["claim_photos"], hits, at_least=0.85))
else:
    tell(W["no_photos"])

# %% [markdown]
# With Calame, the same in one line, without Keras (the network is exported to ONNX, as in lesson 8):

# %%
print(calame.ImageClassifier().classify(picture, top=3))

# %% [markdown]
# ## The trap of the last layer
#
# One often finds this program: load MobileNetV2 **without** its last layer (`include_top=False`), add a
# `Dense(1000)`, and read the answer with ImageNet's names. It runs, it shows a class and a percentage. Look.

# %%
keras.utils.set_random_seed(0)
base = keras.Model(network.inputs, network.layers[-2].output, name="mobilenet")
base.trainable = False

fresh = keras.Sequential([base, keras.layers.Dense(len(labels), activation="softmax")])
label, share = first(ask(fresh, [picture])[0])[0]
tell(W["untrained"], label=label, share=pct(share, 2), chance=pct(1 / len(labels), 2))

# %% [markdown]
# ## Freeze, and learn classes of one's own
#
# Put your photos into a folder, a sub-folder for each class, and give it to `MY_PICTURES`. Without it, here are three
# classes, drawn: disc, square, triangle, of any colour, on any background, any way round. **Twenty pictures a class**
# to learn from is very few.

# %%
MY_PICTURES = None
random = np.random.default_rng(0)


def drawn(kind):
    picture = np.full((224, 224, 3), random.integers(0, 256, 3), np.uint8)
    picture = np.clip(picture + random.normal(0, 25, picture.shape), 0, 255).astype(np.uint8)
    colour = tuple(int(one) for one in random.integers(0, 256, 3))
    corners = {"disc": 40, "square": 4, "triangle": 3}[kind]
    turns = random.uniform(0, 2 * np.pi) + 2 * np.pi * np.arange(corners) / corners
    points = random.uniform(85, 140, 2) + random.uniform(45, 75) * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    cv2.fillPoly(picture, [points.astype(np.int32)], colour)
    return prepared(Image.fromarray(picture))


def gathered():
    if MY_PICTURES is None:
        kinds = ["disc", "square", "triangle"]
        return [W[kind] for kind in kinds], [[drawn(kind) for _ in range(pace(80, 35))] for kind in kinds]
    folders = sorted(path for path in Path(MY_PICTURES).iterdir() if path.is_dir())
    shuffled = [random.permutation(sorted(folder.iterdir())) for folder in folders]
    return [folder.name for folder in folders], [[prepared(Image.open(path)) for path in paths] for paths in shuffled]


def cut(groups, start, end):
    pictures = np.stack([one for group in groups for one in group[start:end]])
    return pictures, np.concatenate([[place] * len(group[start:end]) for place, group in enumerate(groups)])


names, groups = gathered()
learn, learn_labels = cut(groups, 0, 20)
judge, judge_labels = cut(groups, 20, None)
show((learn[::5] + 1) / 2, [names[place] for place in learn_labels[::5]], columns=6)

# %% [markdown]
# As the base does not change, neither do its numbers: compute them **once**, then train the dense layer alone, in no
# time.

# %%
learn_features, judge_features = (base.predict(pictures, verbose=0) for pictures in (learn, judge))
tell(W["features"], count=num(learn_features.shape[1]))

head = keras.Sequential(
    [keras.layers.Input((1280,)), keras.layers.Dropout(0.2), keras.layers.Dense(len(names), activation="softmax")]
)
head.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", metrics=["accuracy"])
head.fit(learn_features, learn_labels, epochs=60, verbose=0)
frozen = (head.predict(judge_features, verbose=0).argmax(1) == judge_labels).mean()
claim(W["claim"], frozen, at_least=0.85)

# %% [markdown]
# ## Compared with what?
#
# A small network, from nothing, on **the same** sixty pictures. And, to finish, some fine-tuning: thaw the last
# storey of MobileNetV2 and go on in very small steps, so as not to spoil what it knows.


# %%
def accuracy(model):
    return (model.predict(judge, verbose=0).argmax(1) == judge_labels).mean()


small = keras.Sequential([keras.layers.Input((224, 224, 3)), keras.layers.AveragePooling2D(4)])
for filters in (16, 32, 64):
    small.add(keras.layers.Conv2D(filters, 3, activation="relu"))
    small.add(keras.layers.MaxPooling2D(2))
small.add(keras.layers.GlobalAveragePooling2D())
small.add(keras.layers.Dense(len(names), activation="softmax"))
small.compile("adam", "sparse_categorical_crossentropy")
small.fit(learn, learn_labels, epochs=pace(40, 10), verbose=0)

for layer in base.layers:
    layer.trainable = layer.name.startswith(("block_16", "Conv_1")) and not layer.name.lower().endswith("bn")
tuned = keras.Sequential([base, head])
tuned.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
tuned.fit(learn, learn_labels, epochs=pace(5, 1), batch_size=20, verbose=0)


def trained(model):
    return num(sum(np.prod(weight.shape) for weight in model.trainable_weights))


rows = [
    [W["scratch"], trained(small), pct(accuracy(small), 1)],
    [W["frozen"], trained(head), pct(frozen, 1)],
    [W["tuned"], trained(tuned), pct(accuracy(tuned), 1)],
]
table([W["way"], W["learned"], W["accuracy"]], rows)

# %% [markdown]
# With so few pictures the order of these lines may change from one seed to another: try a second one before you
# conclude. What does not change: the dense layer alone trains in a second. The same in one command, with a model
# folder at the end: `calame train pictures photos/`.
#
# ## Over to you
#
# 1. Photograph two objects on your table, twenty times each, then three times on another background. What has it
#    learned: the object, or the table?
# 2. Give only 5 pictures a class, then 2. Where does it break, and for which of the three networks first?
# 3. Add a fourth class, “none of these”. What should go in it?
#
# ## Questions
# 1. Why freeze the base, and when thaw it?
# 2. Why must pictures be prepared as in the original training?
# 3. What difference does it make to use a network that others trained?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. **Freeze**: at first the fresh layer is much mistaken and sends large corrections back; were the base free, they
#    would spoil in a few steps what a million photos have bought. And with sixty pictures two million free weights
#    would learn by heart. **Thaw**: when the head is trained, if there are pictures enough (some hundreds a class),
#    and if they are little like the original ones; the last storeys first, at a hundredth of the rate, with
#    normalisations left alone.
# 2. Because its weights take numbers from −1 to 1 for granted, in red, green, blue, at this size. On 0 to 255 it
#    answers anything at all, and no error says so. It is the most frequent failure.
# 3. Weeks of computing are gained. One also inherits its classes (many breeds of dog, no person), its biases, its
#    licence (of weights **and** data), and its weaknesses: the same misleading pictures work on all who use it. So
#    check the file's hash, read the model card, and measure on *your* pictures.
#
# **Exercise 1.** Often the table: all photos of an object share background and light. Vary them, or the network will
# learn what is easiest.
