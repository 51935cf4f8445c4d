# %% [markdown]
# # 1. What is a convolution?
#
# **Aims**: compute a convolution by hand, then find the same numbers in Keras to the millionth; understand ReLU,
# pooling and weight sharing; know what becomes of the output when the digit moves.
#
# **Time**: 45 minutes. **You need**: Python, NumPy arrays (`a[1:4, 2:5]`), multiplication.

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
    "photo": "what the network sees",
    "vertical": "vertical edges",
    "horizontal": "horizontal edges",
    "blur": "blur",
    "kernels": "kernel",
    "before": "before ReLU",
    "after": "after ReLU",
    "pooled": "after pooling",
    "moved": "moved by 3 pixels",
    "one": "The sum is **{value}**: one pixel of the output.",
    "sizes": "Input {before}, output {after}: the kernel does not hang over the edge, so one pixel is lost on each side.",
    "layer": "layer",
    "weights": "weights",
    "conv": "convolution, 32 filters of 3×3",
    "dense": "dense, with as many outputs",
    "ratio": "The convolution has **{ratio} times** fewer weights, for an output of the same size.",
    "shift": "Difference between “move, then convolve” and “convolve, then move”: **{value}**.",
    "stable": "Moved by one pixel, the digit changes by **{pixels}** (relative difference of the pixels); after ReLU and pooling by **{pooled}**; after a second pooling by **{twice}**.",
    "claim": "largest difference between our convolution and Keras's",
}
start(LANGUAGE)

# %%
from pathlib import Path

import numpy as np

import calame
from lesson import claim, num, pct, show, table, tell

# %% [markdown]
# ## A picture is an array
#
# Let us take a real photo of a crossed 7, which comes with Calame. `DigitReader` prepares it: it finds the ink,
# crops, centres. What is left is 28×28 numbers from 0 (paper) to 1 (ink). Here they are for a small corner of the
# digit.

# %%
photo = Path(calame.__file__).parent / "samples" / "phone-seven.jpg"
image = calame.DigitReader().read(photo).prepared / 255.0

show([image], [W["photo"]])
print(image.shape)
print(image[12:18, 10:18].round(1))

# %% [markdown]
# ## One output pixel, by hand
#
# A **kernel** (or filter) is a small array of weights, here 3×3. Lay it on the picture, multiply each weight by the
# pixel under it, add everything up. This kernel answers where the pixel on the right is brighter than the one on the
# left: at a vertical edge.

# %%
vertical = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])

window = image[12:15, 14:17]
print(window.round(2), "\n")
print((window * vertical).round(2))
tell(W["one"], value=num((window * vertical).sum(), 2))

# %% [markdown]
# ## Slide the kernel
#
# The same sum, everywhere: two loops are enough. Before you run the cell, **guess** the size of the output.


# %%
def convolve(image, kernel, bias=0.0):
    height, width = kernel.shape
    output = np.zeros((image.shape[0] - height + 1, image.shape[1] - width + 1))
    for row in range(output.shape[0]):
        for column in range(output.shape[1]):
            window = image[row : row + height, column : column + width]
            output[row, column] = (window * kernel).sum() + bias
    return output


horizontal = vertical.T
blur = np.full((3, 3), 1 / 9)
edges = convolve(image, vertical)
tell(W["sizes"], before=image.shape, after=edges.shape)
show([vertical, horizontal, blur], [W["kernels"]] * 3, colours="balance")
show(
    [edges, convolve(image, horizontal), convolve(image, blur)],
    [W["vertical"], W["horizontal"], W["blur"]],
    columns=3,
    colours="balance",
)

# %% [markdown]
# Orange is a positive answer, blue a negative one, white is zero. In the first two every stroke shows twice: the side
# where the ink begins (orange) and the one where it ends (blue). The blur is a mere average: all its weights are equal. The colours are those
# of the app, always by the same rule: what can be negative is orange and blue, what cannot goes from violet to yellow.
#
# We chose these three kernels. In a network nobody chooses them: **training finds the weights**. The arithmetic stays
# the same.

# %% [markdown]
# ## Does Keras do the same?
#
# Let us give our weights to a `Conv2D` layer and compare pixel by pixel. (Mathematicians call this sum a
# *cross-correlation*: the convolution of textbooks flips the kernel first. As the weights are learned, flipping would
# change nothing, and every library leaves it out.)

# %%
import keras

layer = keras.layers.Conv2D(filters=1, kernel_size=3)
layer.build((None, 28, 28, 1))
layer.set_weights([vertical.reshape(3, 3, 1, 1), np.array([0.5])])
theirs = keras.ops.convert_to_numpy(layer(image.reshape(1, 28, 28, 1).astype("float32")))[0, :, :, 0]
ours = convolve(image, vertical, bias=0.5)

claim(W["claim"], np.abs(ours - theirs).max(), at_most=1e-5)

# %% [markdown]
# ## ReLU: keep what answers
#
# After the convolution comes a rule of one line: what is negative becomes 0. Without it two convolutions in a row
# would be no more than one (a sum of sums is a sum); with it the network can learn shapes that no single kernel
# describes.
#
# ## Pooling: keep the strongest
#
# Cut the map into squares of 2×2 and keep only the largest number of each. The map has four times fewer numbers, and
# what was found is still found, give or take a pixel.


# %%
def relu(values):
    return np.maximum(values, 0)


def pool(values):
    height, width = (side // 2 for side in values.shape)
    return values[: 2 * height, : 2 * width].reshape(height, 2, width, 2).max(axis=(1, 3))


rectified = relu(edges)
show([edges, rectified], [W["before"], W["after"]], colours="balance")
show([pool(rectified)], [W["pooled"]], colours="viridis")
print(rectified.shape, "→", pool(rectified).shape)

theirs = keras.layers.MaxPooling2D(2)(rectified.reshape(1, 26, 26, 1))
print(np.array_equal(pool(rectified).astype("float32"), keras.ops.convert_to_numpy(theirs)[0, :, :, 0]))

# %% [markdown]
# ## Sharing weights
#
# The same kernel serves every place: that is the sharing. A dense layer would have one weight for each pair (input
# pixel, output number). Let us count, for the first layer of the course's network: a picture of 28×28, 32 filters of
# 3×3, an output of 26×26×32.

# %%
outputs = 26 * 26 * 32
convolution = (3 * 3 * 1 + 1) * 32
dense = (28 * 28 + 1) * outputs

table([W["layer"], W["weights"]], [[W["conv"], num(convolution)], [W["dense"], num(dense)]])
tell(W["ratio"], ratio=num(dense / convolution))

# %% [markdown]
# The rule to remember: a convolution has **(height × width × input maps + 1) × filters** weights; the + 1 is the
# bias. The size of the picture is not in it.
#
# ## And if the digit moves?
#
# One often reads that a convolutional network is “invariant to translation”. Let us measure.

# %%
moved = np.roll(image, 3, axis=1)
difference = convolve(moved, vertical)[:, 3:] - edges[:, :-3]
show([image, moved], ["", W["moved"]])
show([relu(edges), relu(convolve(moved, vertical))], ["", W["moved"]], colours="viridis")
tell(W["shift"], value=num(np.abs(difference).max(), 1))


def change(before, after):
    return pct(np.linalg.norm(after - before) / np.linalg.norm(before), 0)


nudged = np.roll(image, 1, axis=1)
once, once_nudged = (pool(relu(convolve(one, vertical))) for one in (image, nudged))
tell(
    W["stable"],
    pixels=change(image, nudged),
    pooled=change(once, once_nudged),
    twice=change(pool(once), pool(once_nudged)),
)

# %% [markdown]
# A convolution is not *invariant* but **equivariant**: the digit moves and the map moves with it, exactly. It is
# pooling that forgets, a little each time, *where* the answer was. So the invariance is never complete; lesson 6 will
# measure it on the whole network.
#
# ## Over to you
#
# 1. Change one weight of `vertical`, and predict what will change before you run the cell.
# 2. Write a kernel that answers to the slanted strokes of the 7, and to nothing else.
#
# ## Questions
# 1. What makes convolutional networks more efficient than dense ones for pictures?
# 2. Why do we use pooling?
# 3. One 5×5 kernel, or two 3×3 kernels in a row: which has fewer weights, and what does each see?
# 4. Does a convolutional network recognise a digit *wherever* it is?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. **Two ideas that the dense network lacks.** *Local*: a pixel has mostly to do with its neighbours, so a small
#    window is enough. *Shared*: an edge is an edge wherever it is, so the same weights serve everywhere. Hence tens
#    of thousands of times fewer weights in a layer: less memory, less overfitting, and every example teaches the
#    filter at 676 places at once. A dense network would have to learn the same edge anew at each place; it manages on
#    MNIST (about 98%), where everything is centred, and collapses as soon as the digit moves.
# 2. For three reasons: **fewer numbers** (four times fewer with each 2×2 pooling, so the next layers cost less); **a
#    wider view** (after a pooling a 3×3 kernel covers twice as much of the original picture); **some tolerance** of
#    small moves. The price: the exact position is lost. Where it matters (cutting an object out of a picture, say)
#    pooling is left out or undone later. Note that pooling has no weights itself; it is the dense layers after it
#    that end up with fewer parameters.
# 3. With one map in and one out: 25 weights against 2 × 9 = 18, without biases. Both see 5×5 pixels, for each pixel
#    of the second map sees 3×3 of the first, which see 3×3 each. The two small ones have a ReLU between them as well.
#    That is why recent networks stack 3×3.
# 4. No. The maps follow the digit (equivariance) and pooling tolerates a pixel or two; but the course's network ends
#    in a dense layer with one weight per place. Trained on centred digits, it fails when the shift is large.
#    Remedies: centre the picture (as Calame does), shift the training pictures at random, or end with a global
#    average instead of flattening.
