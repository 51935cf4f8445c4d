# %% [markdown]
# # 1. Qu’est-ce qu’une convolution ?
#
# **Objectifs** : calculer une convolution à la main, puis la retrouver dans Keras au millionième près ; comprendre
# ReLU, le pooling et le partage des poids ; savoir ce que devient la sortie quand le chiffre se déplace.
#
# **Durée** : 45 minutes. **Prérequis** : Python, les tableaux NumPy (`a[1:4, 2:5]`), la multiplication.

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
    "photo": "ce que le réseau voit",
    "vertical": "bords verticaux",
    "horizontal": "bords horizontaux",
    "blur": "flou",
    "kernels": "noyau",
    "before": "avant ReLU",
    "after": "après ReLU",
    "pooled": "après pooling",
    "moved": "décalé de 3 pixels",
    "one": "La somme vaut **{value}** : c’est un pixel de la sortie.",
    "sizes": "Entrée {before}, sortie {after} : le noyau ne dépasse pas du bord, on perd un pixel de chaque côté.",
    "layer": "couche",
    "weights": "poids",
    "conv": "convolution, 32 filtres 3×3",
    "dense": "dense, avec autant de sorties",
    "ratio": "La convolution a **{ratio} fois** moins de poids, pour une sortie de même taille.",
    "shift": "Écart entre « décaler puis convoluer » et « convoluer puis décaler » : **{value}**.",
    "stable": "Décalé d’un pixel, le chiffre change de **{pixels}** (écart relatif des pixels) ; après ReLU et pooling, de **{pooled}** ; après un second pooling, de **{twice}**.",
    "claim": "plus grand écart entre notre convolution et celle de Keras",
}
start(LANGUAGE)

# %%
from pathlib import Path

import numpy as np

import calame
from lesson import claim, num, pct, show, table, tell

# %% [markdown]
# ## Une image est un tableau
#
# Prenons une vraie photo de 7 barré, livrée avec Calame. `DigitReader` la prépare : il trouve l’encre, recadre,
# centre. Il reste 28×28 nombres, de 0 (papier) à 1 (encre). Voici ces nombres pour un petit coin du chiffre.

# %%
photo = Path(calame.__file__).parent / "samples" / "phone-seven.jpg"
image = calame.DigitReader().read(photo).prepared / 255.0

show([image], [W["photo"]])
print(image.shape)
print(image[12:18, 10:18].round(1))

# %% [markdown]
# ## Un pixel de sortie, à la main
#
# Un **noyau** (ou filtre) est un petit tableau de poids, ici 3×3. On le pose sur l’image, on multiplie chaque poids
# par le pixel qu’il recouvre, on additionne tout. Ce noyau-ci répond là où le pixel de droite est plus clair que
# celui de gauche : un bord vertical.

# %%
vertical = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])

window = image[12:15, 14:17]
print(window.round(2), "\n")
print((window * vertical).round(2))
tell(W["one"], value=num((window * vertical).sum(), 2))

# %% [markdown]
# ## Faire glisser le noyau
#
# Le même calcul, partout : deux boucles suffisent. Avant d’exécuter la cellule, **devinez** la taille de la sortie.


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
# En orange, la réponse est positive ; en bleu, négative ; en blanc, nulle. Dans les deux premières, chaque
# trait apparaît deux fois : le bord où l’encre commence (orange) et celui où elle s’arrête (bleu). Le flou, lui,
# n’est qu’une moyenne : tous ses poids sont égaux. Les couleurs sont celles de l’application, toujours selon la même
# règle : ce qui peut être négatif est orange et bleu, ce qui ne peut l’être va du violet au jaune.
#
# Ces trois noyaux, nous les avons choisis. Dans un réseau, personne ne les choisit : **l’entraînement trouve les
# poids**. Le calcul, lui, ne change pas.

# %% [markdown]
# ## Keras fait-il la même chose ?
#
# Donnons nos poids à une couche `Conv2D` et comparons pixel par pixel. (Les mathématiciens appellent ce calcul une
# *corrélation croisée* : la convolution des livres retourne d’abord le noyau. Comme les poids sont appris, le
# retournement ne changerait rien, et toutes les bibliothèques s’en passent.)

# %%
import keras

layer = keras.layers.Conv2D(filters=1, kernel_size=3)
layer.build((None, 28, 28, 1))
layer.set_weights([vertical.reshape(3, 3, 1, 1), np.array([0.5])])
theirs = keras.ops.convert_to_numpy(layer(image.reshape(1, 28, 28, 1).astype("float32")))[0, :, :, 0]
ours = convolve(image, vertical, bias=0.5)

claim(W["claim"], np.abs(ours - theirs).max(), at_most=1e-5)

# %% [markdown]
# ## ReLU : garder ce qui répond
#
# Après la convolution vient une règle d’une ligne : ce qui est négatif devient 0. Sans elle, deux convolutions de
# suite n’en feraient qu’une (une somme de sommes reste une somme) ; avec elle, le réseau peut apprendre des formes
# qu’aucun noyau seul ne décrit.
#
# ## Pooling : garder le plus fort
#
# On découpe la carte en carrés de 2×2 et l’on ne garde que le plus grand nombre de chacun. La carte a quatre fois
# moins de nombres, et ce qui a été trouvé l’est encore, à un pixel près.


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
# ## Le partage des poids
#
# Le même noyau sert à toutes les places : voilà le partage. Une couche dense, elle, aurait un poids pour chaque paire
# (pixel d’entrée, nombre de sortie). Comptons, pour la première couche du réseau du cours : une image de 28×28, 32
# filtres de 3×3, une sortie de 26×26×32.

# %%
outputs = 26 * 26 * 32
convolution = (3 * 3 * 1 + 1) * 32
dense = (28 * 28 + 1) * outputs

table([W["layer"], W["weights"]], [[W["conv"], num(convolution)], [W["dense"], num(dense)]])
tell(W["ratio"], ratio=num(dense / convolution))

# %% [markdown]
# La règle à retenir : une couche de convolution a **(hauteur × largeur × cartes d’entrée + 1) × filtres** poids ; le
# + 1 est le biais. La taille de l’image n’y figure pas.
#
# ## Et si le chiffre se déplace ?
#
# On lit souvent qu’un réseau convolutif est « invariant par translation ». Mesurons.

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
# La convolution n’est pas *invariante* mais **équivariante** : le chiffre se déplace, la carte se déplace avec lui,
# exactement. C’est le pooling qui efface, un peu à chaque fois, *où* se trouvait la réponse. L’invariance n’est donc
# jamais totale ; la leçon 6 la mesurera sur le réseau entier.
#
# ## À vous
#
# 1. Changez un poids de `vertical` et prédisez ce qui va changer avant d’exécuter.
# 2. Écrivez un noyau qui répond aux traits obliques du 7 et à eux seuls.
#
# ## Questions
# 1. Qu’est-ce qui rend les réseaux convolutifs plus efficaces que les réseaux denses pour les images ?
# 2. Pourquoi utilise-t-on le pooling ?
# 3. Un noyau 5×5, ou deux noyaux 3×3 à la suite : lequel a le moins de poids, et que voit chacun ?
# 4. Un réseau convolutif reconnaît-il un chiffre *quelle que soit* sa place ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. **Deux idées que le réseau dense n’a pas.** *Local* : un pixel a surtout à voir avec ses voisins, il suffit donc
#    de regarder une petite fenêtre. *Partagé* : un bord reste un bord où qu’il soit, donc les mêmes poids servent
#    partout. D’où des dizaines de milliers de fois moins de poids par couche : moins de calcul par poids appris,
#    moins de mémoire, moins de surapprentissage, et chaque exemple instruit le filtre en 676 places à la fois. Un
#    réseau dense devrait apprendre le même bord séparément à chaque endroit ; il y arrive sur MNIST (environ 98 %),
#    où tout est centré, et s’effondre dès que le chiffre bouge.
# 2. Pour trois raisons : **moins de nombres** (quatre fois moins à chaque pooling 2×2, donc des couches suivantes
#    moins coûteuses) ; **plus de vue** (après un pooling, un noyau 3×3 couvre deux fois plus de l’image d’origine) ;
#    **un peu de tolérance** aux petits déplacements. Le prix : la position exacte est perdue. Là où elle compte
#    (découper une image, par exemple), on s’en passe ou on la restitue. À noter : le pooling n’a aucun poids ; ce
#    sont les couches denses qui suivent dont il réduit le nombre de paramètres.
# 3. Avec une carte en entrée et une en sortie : 25 poids contre 2 × 9 = 18, sans les biais. Les deux voient 5×5
#    pixels, car chaque pixel de la seconde carte voit 3×3 pixels de la première, qui en voient chacun 3×3. Les deux
#    petits ont en plus un ReLU entre eux. C’est pourquoi les réseaux récents empilent des 3×3.
# 4. Non. Les cartes suivent le chiffre (équivariance) et le pooling tolère un ou deux pixels ; mais le réseau du
#    cours finit par une couche dense qui a un poids par place. Entraîné sur des chiffres centrés, il se trompe dès
#    que le décalage est grand. Remèdes : centrer l’image (ce que fait Calame), décaler au hasard les images
#    d’entraînement, ou finir par une moyenne globale plutôt que par un aplatissement.
