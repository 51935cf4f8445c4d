# %% [markdown]
# # 5. Ce que voit le réseau : filtres et cartes de caractéristiques, les vrais
#
# **Objectifs** : voir les filtres que le réseau a appris et les cartes (*feature maps*) qu’il calcule sur un chiffre
# réel ; refaire à la main un nombre de ces cartes ; savoir d’où vient le score d’une réponse, et ce qu’une telle
# image ne prouve pas.
#
# **Durée** : 60 minutes. **Prérequis** : leçons 1 et 3. Si la leçon 3 n’a pas été faite sur cette machine, son réseau
# est entraîné maintenant.

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
    "photo": "vu par le réseau",
    "seen": "Ce réseau lit un **{digit}**, avec une probabilité de {share}.",
    "random": "au hasard, avant l’entraînement",
    "learned": "appris",
    "filter": "filtre {}",
    "alike": "Corrélation entre un filtre appris et son point de départ, en moyenne : **{alike}** (1 : identique ; 0 : sans rapport).",
    "map": "carte {}",
    "sum": "9 pixels × 9 poids, plus le biais : {products} + ({bias}) = **{total}** ; après ReLU : **{output}**.",
    "patches": "Filtre {filter} de `{layer}` : les huit fenêtres où il répond le plus fort, sur {count} images.",
    "ink": "Sur {count} chiffres bien lus, le point le plus important tombe sur l’encre **{share}** du temps.",
    "claim_maps": "plus grand écart entre les cartes affichées et celles de Keras",
    "claim_ink": "part des explications dont le sommet est sur l’encre",
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
# ## Un vrai chiffre, un vrai réseau
#
# Beaucoup de tutoriels montrent ici des filtres tirés au hasard et des cartes « simulées ». Elles ne disent rien de
# rien. Tout ce qui suit est calculé par le réseau que vous avez entraîné, sur une photo.

# %%
folder = course_folder()
photo = Path(calame.__file__).parent / "samples" / "pencil-five.jpg"
picture = calame.DigitReader().read(photo).prepared
probabilities = calame.DigitReader(folder).classify(picture[None])[0]
digit = int(probabilities.argmax())

show([picture], [W["photo"]])
tell(W["seen"], digit=digit, share=pct(probabilities[digit], 0))

# %% [markdown]
# ## Les filtres
#
# Un filtre de la première couche est un carré de 3×3 poids : on peut le regarder. Orange, il veut de l’encre ;
# bleu, il n’en veut pas. En haut, les filtres tirés au hasard d’où l’entraînement est parti ; en bas, ce qu’il en a
# fait.
#
# **Avant de regarder** : combien ressembleront, à votre avis, au bord vertical de la leçon 1 ?

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
# Quelques bords, quelques coins, et plusieurs filtres que personne ne saurait nommer. C’est normal : rien ne demande
# à un filtre d’être lisible, seulement d’être utile avec les autres. Et l’œil se trompe vite : neuf nombres appris
# ressemblent à neuf nombres tirés au hasard, surtout quand ils n’ont eu qu’un petit chemin à faire. Ce qui a été
# appris se voit mieux dans ce que les filtres *font*.
#
# ## Les cartes de caractéristiques
#
# Chaque filtre, glissé sur l’image, donne une carte : « là, j’ai trouvé ce que je cherche, tant ». Voici les 32
# cartes de `conv1`, puis celles de la deuxième convolution, qui ne regarde plus l’image mais les 32 premières cartes.

# %%
maps = explain.feature_maps(folder, picture)
for name, values in maps.items():
    print(name, values.shape)

plates = explain.drawings.draw_maps(folder, maps, LANGUAGE)
display(plates[0], plates[2])

# %% [markdown]
# Sont-ce les bonnes ? Demandons les mêmes à Keras, par un autre chemin, et comparons tout.

# %%
model = course_model()
layers = ["conv1", "pool1", "conv2", "pool2"]
inside = keras.Model(model.inputs, [model.get_layer(name).output for name in layers])
theirs = inside.predict(as_input(picture[None]), verbose=0)
differences = [np.abs(maps[name] - one[0]).max() for name, one in zip(layers, theirs, strict=True)]

claim(W["claim_maps"], max(differences), at_most=1e-4)

# %% [markdown]
# ## Un seul nombre, écrit en entier
#
# Prenons la carte qui répond le plus fort, à la place où elle répond le plus fort, et refaisons le calcul de la leçon
# 1 avec les vrais poids.

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
# ## De plus en plus abstrait : que cherche chaque filtre ?
#
# Les filtres de la deuxième couche ne se regardent pas : chacun a 32 × 9 poids. Mais on peut leur demander *ce qui
# leur plaît*. Sur des centaines d’images, voici les fenêtres où un filtre répond le plus fort. En première couche,
# une fenêtre fait 3×3 pixels. En deuxième, 8×8 : le pooling a élargi la vue.

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
# Une rangée de fenêtres qui se ressemblent : le filtre cherche *un* motif. Un bord de 3 pixels en première couche ;
# une fin de trait, un angle, un morceau de boucle en deuxième. La couche dense n’a plus qu’à compter : « une boucle
# en haut et un trait vertical en bas, cela parle pour un 9 ».
#
# ## D’où vient la réponse ?
#
# Pour chaque place : combien parle-t-elle pour ce chiffre ? C’est la carte d’activation de classe. La voici de deux
# façons. À droite Grad-CAM, tel qu’il a été publié : chaque carte est pesée en bloc, si bien qu’une carte jamais tout à
# fait nulle allume du papier vide. À gauche, chaque place est pesée pour elle-même, et ramenée aux traits. En dessous,
# une vérification qui ne suppose rien : on cache l’image morceau par morceau, et l’on regarde de combien la probabilité
# tombe.

# %%
display(explain.drawings.draw_class(explain.class_activation(folder, picture, digit), picture, LANGUAGE))
display(explain.drawings.draw_occlusion(explain.occlusion(folder, picture, digit), picture, LANGUAGE))

# %% [markdown]
# Une belle image n’est pas une preuve. Un contrôle simple, sur beaucoup de chiffres : le point que l’explication dit
# le plus important est-il sur l’encre ?

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
# Pour vos propres photos : `calame explain photo.jpg`, ou la page *À l’intérieur* de `calame serve`, où les cartes
# bougent pendant que vous dessinez.
#
# ## À vous
#
# 1. Remplacez la photo (`samples` en contient douze) par un 8. Quelles cartes de `conv2` s’éteignent, lesquelles
#    s’allument ?
# 2. Trouvez un filtre de `conv1` qui ne répond jamais. Combien y en a-t-il ? Que coûterait-il de les enlever ?
# 3. Demandez à `explain.visualise(folder, "output", range(10))` l’image que chaque classe préfère. Y
#    reconnaissez-vous des chiffres ?
#
# ## Questions
# 1. Comment les couches de convolution extraient-elles les caractéristiques, et pourquoi de plus en plus abstraites ?
# 2. Que révèlent les cartes de caractéristiques, et que ne révèlent-elles pas ?
# 3. Les cartes d’un réseau non entraîné ressemblent elles aussi au chiffre. Pourquoi ? Que faut-il en conclure ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. Chaque filtre fait une somme pondérée dans une petite fenêtre : grande là où le motif de ses poids est présent,
#    coupée à 0 ailleurs par ReLU. La première couche ne voit que des pixels : elle ne peut trouver que des bords et
#    des taches. La deuxième voit les cartes de la première, sur une fenêtre qui couvre 8×8 pixels : elle peut trouver
#    « un bord horizontal au-dessus d’un bord vertical », c’est-à-dire un angle. Chaque étage compose les motifs de
#    l’étage d’avant, sur une vue plus large : c’est tout le sens d’« abstrait » ici. Personne n’a décidé de ces
#    motifs ; ils baissaient la perte.
# 2. Elles révèlent *ce qui est trouvé et où* : un trait pâle que la première couche manque ne sera vu par aucune
#    suivante, et l’on comprend une erreur. Elles ne révèlent pas *l’emploi* qui en est fait : une carte peut briller
#    et n’avoir presque aucun poids dans la décision. Pour cela il faut la carte de classe ou l’occlusion. Et nommer
#    un filtre (« le détecteur de boucles ») est une interprétation, à vérifier sur beaucoup d’images.
# 3. Parce qu’une convolution par n’importe quels poids garde la forme de l’image : elle est locale et équivariante.
#    Une image qui « ressemble » ne prouve donc pas que quelque chose a été appris. Il faut comparer à un témoin : le
#    réseau aux poids aléatoires. Si l’explication ne change pas quand on efface ce qui a été appris, elle
#    n’expliquait pas le réseau (Adebayo et autres, *Sanity Checks for Saliency Maps*, 2018).
