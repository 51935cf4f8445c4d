# %% [markdown]
# # 5. What the network sees: filters and feature maps, the real ones
#
# **Aims**: see the filters that the network has learned and the feature maps that it computes on a real digit; do one
# number of these maps by hand; know where the score of an answer comes from, and what such a picture does not prove.
#
# **Time**: 60 minutes. **You need**: lessons 1 and 3. If lesson 3 was not done on this machine, its network is
# trained now.

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
    "photo": "as the network sees it",
    "seen": "This network reads a **{digit}**, with a probability of {share}.",
    "random": "at random, before training",
    "learned": "learned",
    "filter": "filter {}",
    "alike": "Correlation between a learned filter and its starting point, on average: **{alike}** (1: the same; 0: unrelated).",
    "map": "map {}",
    "sum": "9 pixels × 9 weights, plus the bias: {products} + ({bias}) = **{total}**; after ReLU: **{output}**.",
    "patches": "Filter {filter} of `{layer}`: the eight windows where it answers most, in {count} pictures.",
    "ink": "On {count} digits read right, the place that matters most is on ink **{share}** of the time.",
    "claim_maps": "largest difference between the maps shown and Keras's",
    "claim_ink": "share of explanations whose peak is on ink",
}
start(LANGUAGE)

# %%
from pathlib import Path

import keras
import numpy as np
from IPython.display import display

import calame
from calame import explain
from calame.training.batches import as_input
from lesson import claim, course_folder, course_model, digits, num, pace, pct, show, tell

# %% [markdown]
# ## A real digit, a real network
#
# Many tutorials show filters drawn at random here, and “simulated” maps. They say nothing about anything. All that
# follows is computed by the network that you trained, on a photo.

# %%
folder = course_folder()
photo = Path(calame.__file__).parent / "samples" / "pencil-five.jpg"
picture = calame.DigitReader().read(photo).prepared
probabilities = calame.DigitReader(folder).classify(picture[None])[0]
digit = int(probabilities.argmax())

show([picture], [W["photo"]])
tell(W["seen"], digit=digit, share=pct(probabilities[digit], 0))

# %% [markdown]
# ## The filters
#
# A filter of the first layer is a square of 3×3 weights: it can be looked at. Orange wants ink; blue wants none.
# Above, the random filters that training started from; below, what it made of them.
#
# **Before you look**: how many filters, do you think, will look like the vertical edge of lesson 1?

# %%
keras.utils.set_random_seed(0)
untrained = keras.layers.Conv2D(32, 3)
untrained.build((None, 28, 28, 1))
noise = keras.ops.convert_to_numpy(untrained.kernel)[:, :, 0].transpose(2, 0, 1)
filters = explain.filters(folder)["conv1"][:, :, 0].transpose(2, 0, 1)

print(W["random"])
show(noise[:16], columns=16, colours="balance")
print(W["learned"])
show(filters[:16], columns=16, colours="balance")
alike = [np.corrcoef(before.ravel(), after.ravel())[0, 1] for before, after in zip(noise, filters, strict=True)]
tell(W["alike"], alike=num(np.mean(alike), 2))

# %% [markdown]
# Some edges, some corners, and several filters that nobody could name. That is as it should be: nothing asks a filter
# to be legible, only to be useful along with the others. And the eye is easily fooled: nine learned numbers look like
# nine random ones, the more so when they had only a little way to go. What was learned shows better in what the
# filters *do*.
#
# ## The feature maps
#
# Each filter, slid over the picture, gives a map: “there I found what I look for, so much of it”. Here are the 32
# maps of `conv1`, then those of the second convolution, which no longer looks at the picture but at the first 32
# maps.

# %%
maps = explain.feature_maps(folder, picture)
for name, values in maps.items():
    print(name, values.shape)

plates = explain.drawings.draw_maps(folder, maps, LANGUAGE)
display(plates[0], plates[2])

# %% [markdown]
# Are they the right ones? Let us ask Keras for the same, by another way, and compare everything.

# %%
model = course_model()
layers = ["conv1", "pool1", "conv2", "pool2"]
inside = keras.Model(model.inputs, [model.get_layer(name).output for name in layers])
theirs = inside.predict(as_input(picture[None]), verbose=0)
differences = [np.abs(maps[name] - one[0]).max() for name, one in zip(layers, theirs, strict=True)]

claim(W["claim_maps"], max(differences), at_most=1e-4)

# %% [markdown]
# ## A single number, written out
#
# Let us take the map that answers most, at the place where it answers most, and do the sum of lesson 1 with the real
# weights.

# %%
row, column, chosen = (int(n) for n in np.unravel_index(maps["conv1"].argmax(), maps["conv1"].shape))
window = picture[row : row + 3, column : column + 3] / 255
weights = filters[chosen]
bias = model.get_layer("conv1").get_weights()[1][chosen]
total = (window * weights).sum() + bias

found = explain.arithmetic(folder, picture, "conv1", map=chosen, row=row, column=column)
show([window, weights], ["pixels", W["filter"].format(chosen)], colours="balance")
show([maps["conv1"][:, :, chosen]], [W["map"].format(chosen)], colours="viridis")
tell(
    W["sum"],
    products=num((window * weights).sum(), 3),
    bias=num(bias, 3),
    total=num(total, 3),
    output=num(found.output, 3),
)

# %% [markdown]
# ## More and more abstract: what does each filter look for?
#
# Filters of the second layer cannot be looked at: each has 32 × 9 weights. But one may ask them *what they like*.
# Over hundreds of pictures, here are the windows where a filter answers most. In the first layer a window has 3×3
# pixels; in the second 8×8: pooling has widened the view.

# %%
images = digits().valid[0][: pace(1000, 300)]
answers = dict(zip(layers, inside.predict(as_input(images), verbose=0), strict=True))


def favourites(layer, number, side, stride, count=8):
    answer = answers[layer][..., number]
    best = np.argsort(answer.max(axis=(1, 2)))[::-1][:count]
    windows = []
    for one in best:
        row, column = np.unravel_index(answer[one].argmax(), answer[one].shape)
        windows.append(images[one, row * stride : row * stride + side, column * stride : column * stride + side])
    tell(W["patches"], filter=number, layer=layer, count=len(images))
    show(windows, columns=count)


strongest = np.argsort(answers["conv2"].max(axis=(0, 1, 2)))[::-1]
favourites("conv1", chosen, side=3, stride=1)
for number in strongest[:3]:
    favourites("conv2", number, side=8, stride=2)

# %% [markdown]
# Windows that look alike: the filter looks for *one* pattern. An edge of 3 pixels in the first layer; the end of a
# stroke, an angle, a piece of a loop in the second. The dense layer need only count: “a loop above and an upright
# below speak for a 9”.
#
# ## Where does the answer come from?
#
# For every place: how much does it speak for this digit? That is the class activation map. Here it is in two ways. On
# the right Grad-CAM, as it was published: each map weighed as a whole, so that a map which is never quite zero lights
# up blank paper. On the left each place weighed for itself, and drawn to the strokes. Below, a check that assumes
# nothing: cover the picture piece by piece, and see by how much the probability falls.

# %%
display(explain.drawings.draw_class(explain.class_activation(folder, picture, digit), picture, LANGUAGE))
display(explain.drawings.draw_occlusion(explain.occlusion(folder, picture, digit), picture, LANGUAGE))

# %% [markdown]
# A pretty picture is no proof. A simple check, on many digits: is the place that the explanation calls most important
# on ink?

# %%
network = explain.Network(folder)
tested, truth = digits().valid[0][: pace(300, 80)], digits().valid[1][: pace(300, 80)]
read = network.classify(tested).argmax(1)
on_ink = []
for one, answer in zip(tested[read == truth], truth[read == truth], strict=True):
    fine = explain.class_activation(network, one, int(answer)).fine
    row, column = np.unravel_index(fine.argmax(), fine.shape)
    on_ink.append(one[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].max() > 127)

tell(W["ink"], count=len(on_ink), share=pct(np.mean(on_ink), 1))
claim(W["claim_ink"], np.mean(on_ink), at_least=0.95)

# %% [markdown]
# For photos of your own: `calame explain photo.jpg`, or the page *Inside* of `calame serve`, where the maps move
# while you draw.
#
# ## Over to you
#
# 1. Replace the photo (`samples` has twelve) by an 8. Which maps of `conv2` go dark, which light up?
# 2. Find a filter of `conv1` that never answers. How many are there? What would it cost to remove them?
# 3. Ask `explain.visualise(folder, "output", range(10))` for the picture that each class likes best. Do you recognise
#    digits?
#
# ## Questions
# 1. How do convolutions extract features, and why more and more abstract ones?
# 2. What do feature maps reveal, and what do they not?
# 3. The maps of an untrained network look like the digit too. Why? What follows from that?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. Each filter makes a weighted sum in a small window: large where the pattern of its weights is present, cut to 0
#    elsewhere by ReLU. The first layer sees nothing but pixels: it can find edges and blobs only. The second sees the
#    maps of the first, over a window that covers 8×8 pixels: it can find “a level edge above an upright one”, which
#    is a corner. Each storey composes the patterns of the one below over a wider view: that is all “abstract” means
#    here. Nobody decided on these patterns; they lowered the loss.
# 2. They reveal *what is found and where*: a faint stroke that the first layer misses will be seen by none after it,
#    and an error becomes clear. They do not reveal *what use* is made of it: a map may shine and weigh next to
#    nothing in the decision. For that one needs the class map, or occlusion. And giving a filter a name (“the loop
#    detector”) is an interpretation, to be checked on many pictures.
# 3. Because a convolution with any weights keeps the shape of the picture: it is local and equivariant. So a picture
#    that “looks like it” does not prove that anything was learned. Compare with a control: the network with random
#    weights. If the explanation does not change when all that was learned is wiped out, it did not explain the
#    network (Adebayo and others, *Sanity Checks for Saliency Maps*, 2018).
