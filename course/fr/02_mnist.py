# %% [markdown]
# # 2. MNIST : charger, regarder, normaliser, coder
#
# **Objectifs** : ouvrir un jeu de données jusqu’à ses octets ; le regarder avant de s’en servir ; savoir pourquoi
# l’on divise par 255 et ce qu’est un codage *one-hot* ; fixer une première barre, sans réseau, que les réseaux
# devront dépasser.
#
# **Durée** : 45 minutes. **Prérequis** : NumPy. Au premier usage, MNIST (11 Mo) est téléchargé s’il n’est pas déjà
# là.

# %% tags=["aside"]
import importlib.util
import subprocess
import sys

if any(importlib.util.find_spec(name) is None for name in ("calame", "keras")):
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "calame[train]"], check=True)

# %% tags=["aside", "words"]
from lesson import start

LANGUAGE = "fr"
W = {
    "head": "Les 16 premiers octets disent : type {kind}, **{count}** images de **{height}×{width}**. Les {rest} octets suivants sont les pixels.",
    "count": "images d’entraînement",
    "digit": "chiffre",
    "writers": "{count} personnes ont écrit les images d’entraînement, {each} chacune en moyenne. En voici deux, {first} et {second}.",
    "box": "Le plus grand côté de l’encre : {side} pixels au plus, {usual} pour {share} des images.",
    "mass": "Centre de masse de l’encre, en moyenne : ligne {row}, colonne {column} ; écart type {spread} pixel.",
    "mean": "L’image moyenne de chaque chiffre",
    "result": "Sans réseau, par la plus proche des dix images moyennes : **{accuracy}** sur {count} images de test.",
    "same": "perte",
    "claim": "précision de l’image moyenne la plus proche",
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
# ## Un fichier, c’est des octets
#
# MNIST est distribué dans un format d’une simplicité rare : seize octets d’en-tête, puis les pixels, un octet chacun,
# image après image. Lisons-le nous-mêmes.

# %%
file = need_file("mnist/train-images-idx3-ubyte.gz", find("mnist"))
content = read_content(file)
kind, count, height, width = struct.unpack(">4I", content[:16])
pixels = np.frombuffer(content, np.uint8, offset=16).reshape(count, height, width)
tell(W["head"], kind=kind, count=num(count), height=height, width=width, rest=num(len(content) - 16))

mnist = load_mnist(find("mnist"))
print(np.array_equal(pixels, mnist.train_images))

# %% [markdown]
# La dernière ligne compare avec `load_mnist`, qui vérifie en plus la somme de contrôle, les formes et les étiquettes.
# C’est ce que l’on emploie ensuite.
#
# ## Regarder, toujours
#
# Avant tout calcul : que représentent ces nombres ?

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
# Les classes sont à peu près équilibrées : répondre toujours « 1 » donnerait 11 %. C’est la barre la plus basse. Si
# une classe faisait 95 % des images, une précision de 95 % ne vaudrait rien.
#
# ## Qui a écrit ?
#
# MNIST ne le dit pas, mais QMNIST a retrouvé l’auteur de chaque image. Deux personnes, deux mains : regardez leurs 7,
# leurs 4, leurs 1.

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
# Presque aucun 7 barré, presque aucun 1 à crochet : ces mains sont américaines. Un réseau n’apprend que ce qu’on lui
# montre. C’est pourquoi un réseau à 99,6 % sur MNIST lit si mal les chiffres d’ici.
#
# ## Comment ces images ont été préparées
#
# Toute image que le réseau lira plus tard devra leur ressembler. Mesurons la recette.

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
# Encre claire sur fond noir, 20 pixels de haut, centre de masse au milieu : voilà le contrat. `calame read` prépare
# vos photos ainsi, et montre le résultat.
#
# ## Diviser par 255
#
# Les poids d’un réseau neuf sont petits, de l’ordre de 0,1. Avec des entrées jusqu’à 255, les premières sommes
# seraient énormes et les premiers pas d’apprentissage aussi : l’entraînement part de travers. Entre 0 et 1, tout est
# du même ordre. Et un piège, en prime :

# %%
bright = np.array([250], np.uint8)
print(bright + np.uint8(10))
print(bright.astype("float32") + 10)

inputs = images[..., None].astype("float32") / 255
print(inputs.shape, inputs.dtype, inputs.min(), inputs.max())

# %% [markdown]
# 250 + 10 = 4 : un entier de 8 bits repart de zéro après 255. On passe donc en réels **avant** de calculer. L’axe de
# taille 1 ajouté à la fin est celui des cartes : une image en couleurs en aurait 3.
#
# ## One-hot
#
# Le réseau donne dix probabilités ; la vérité doit avoir la même forme : 1 à la place du bon chiffre, 0 ailleurs. La
# matrice identité fait le travail en une indexation.

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
# Les deux pertes sont la même : `categorical_crossentropy` veut du one-hot, `sparse_categorical_crossentropy` se
# contente des étiquettes et épargne la mémoire. Pourquoi pas simplement le nombre 7 comme cible ? Parce qu’un 8 n’est
# pas « plus proche » d’un 7 qu’un 1 : ce sont des noms, pas des quantités.
#
# ## Une barre à dépasser, sans réseau
#
# Faisons la moyenne de toutes les images de chaque chiffre. Pour lire une nouvelle image : laquelle des dix moyennes
# est la plus proche ?

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
# Dix images floues suffisent pour quatre chiffres sur cinq. Tout réseau qui fait moins bien a un défaut de câblage ;
# tout réseau qui coûte cher doit faire *beaucoup* mieux.
#
# ## À vous
#
# 1. Quel chiffre la plus proche moyenne lit-elle le moins bien ? Expliquez-le par son image moyenne.
# 2. Décalez les images de test de 3 pixels (`np.roll`). Que devient le taux ? Qu’en conclure sur le centrage ?
# 3. Mélangez les pixels de toutes les images par la même permutation. Le taux change-t-il ? Et celui d’un réseau
#    convolutif, à votre avis ?
#
# ## Questions
# 1. Pourquoi faut-il regarder les données avant d’entraîner ?
# 2. On normalise avec la moyenne et l’écart type plutôt que par 255. Sur quelles images doit-on les calculer ?
# 3. Pourquoi couper entre entraînement et validation par auteur, et non au hasard ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. Parce que presque toutes les fautes coûteuses s’y voient en une minute : encre et fond inversés, images tournées,
#    étiquettes décalées, classes vides, doublons entre entraînement et test, pixels déjà entre 0 et 1 que l’on divise
#    encore par 255. Le réseau, lui, ne se plaint jamais : il apprend n’importe quoi.
# 2. Sur l’entraînement seul, puis on applique les *mêmes* nombres à la validation, au test et en production. Les
#    calculer sur le test, c’est y avoir déjà regardé ; les recalculer sur chaque image change ce que le réseau voit.
# 3. Une main se reconnaît. Au hasard, chaque auteur est des deux côtés, et la validation mesure « lire quelqu’un de
#    connu ». En production, c’est un inconnu qui écrit.
#
# **Exercices.** 2 : le taux s’effondre, car la comparaison se fait pixel par pixel ; le centrage fait l’essentiel du
# travail. 3 : le taux ne change pas, car une somme de carrés ne dépend pas de l’ordre ; un réseau convolutif, qui
# compte sur le voisinage, perdrait beaucoup.
