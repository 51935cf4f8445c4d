# %% [markdown]
# # 3. Le réseau du cours : construire, entraîner, lire les courbes
#
# **Objectifs** : construire un réseau convolutif et justifier chacun de ses 225 034 poids ; l’entraîner ; lire ses
# courbes de perte et de précision ; savoir sur quelles images on a le droit de choisir.
#
# **Durée** : 60 minutes, dont 1 à 3 de calcul. **Prérequis** : leçons 1 et 2.

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
    "layer": "couche",
    "shape": "sortie",
    "weights": "poids",
    "by_hand": "à la main",
    "counts": "{train} images pour apprendre, {valid} pour choisir. Ceux qui ont écrit les secondes n’ont écrit aucune des premières.",
    "untrained": "Avant l’entraînement : **{accuracy}** de bonnes réponses, perte **{loss}**. Au hasard, on attend 10 % et ln 10 = {chance}.",
    "loss": "perte",
    "accuracy": "précision",
    "epoch": "époque",
    "train": "entraînement",
    "valid": "validation",
    "best": "Meilleure époque : la {epoch}, avec **{accuracy}** sur des écritures jamais vues.",
    "gap": "Écart entre entraînement et validation à la dernière époque : {gap} points.",
    "claim": "précision sur des écritures jamais vues",
}
start(LANGUAGE)

# %%
import numpy as np

from calame.training.batches import as_input
from lesson import claim, digits, num, pace, pct, show, table, tell, work

# %% [markdown]
# ## Les données, en trois parts
#
# | part | pour |
# |---|---|
# | **entraînement** | apprendre les poids |
# | **validation** | choisir : l’époque, le nombre de filtres, quand s’arrêter |
# | **test** | savoir, une fois que plus rien ne sera choisi |
#
# Choisir sur le test, c’est voir le sujet avant l’examen : la note ne vaut plus rien. Autre piège : un même élève a
# écrit une centaine de chiffres de MNIST. S’il en a dans les deux parts, le réseau reconnaît sa main, et la
# validation flatte. Ici, la coupure se fait donc **par personne**.

# %%
parts = digits()
images, labels = parts.train
tell(W["counts"], train=num(len(images)), valid=num(len(parts.valid[0])))
show(images[:10], labels[:10])

# %% [markdown]
# ## Construire
#
# Huit couches. `Conv2D(32, 3)` : 32 filtres de 3×3. `MaxPooling2D(2)` : le plus grand de chaque carré 2×2.
# `Flatten` : des cartes à une liste de nombres. `Dense(128)` : 128 sommes de tout. `Dropout(0.5)` : pendant
# l’entraînement, la moitié de ces 128 nombres, tirée au sort, est mise à zéro ; le réseau ne peut compter sur aucun
# en particulier. `softmax` : dix nombres positifs dont la somme vaut 1.

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
# **Comptez avant de regarder.** Convolution : (hauteur × largeur × cartes d’entrée + 1) × filtres. Dense : (entrées +
# 1) × sorties. Les autres couches n’ont aucun poids. Où sont presque tous les poids ?

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
# Plus de neuf poids sur dix sont dans **une seule couche dense**. Les convolutions, qui font l’essentiel du travail,
# n’en ont presque pas : c’est le partage des poids de la leçon 1.
#
# ## La perte
#
# Le réseau donne une probabilité à chaque chiffre. La **perte** (entropie croisée) est −ln de celle du bon chiffre :
# 0 s’il en est sûr, 0,7 s’il hésite à deux, 4,6 s’il ne lui laissait que 1 %. Entraîner, c’est changer chaque poids
# un tout petit peu dans la direction qui fait baisser la perte moyenne d’un **lot** de 128 images, puis recommencer.
# Une **époque**, c’est toutes les images une fois.

# %%
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])

loss, accuracy = model.evaluate(as_input(parts.valid[0]), parts.valid[1], verbose=0)
tell(W["untrained"], accuracy=pct(accuracy, 0), loss=num(loss, 2), chance=num(np.log(10), 2))

# %% [markdown]
# ## Entraîner
#
# `as_input` divise par 255 et ajoute l’axe des cartes : (n, 28, 28) entiers → (n, 28, 28, 1) réels entre 0 et 1.
# `ModelCheckpoint` garde les poids de la meilleure époque, jugée sur la validation.

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
# **Lire les courbes.** Les deux descendent ensemble : le réseau apprend quelque chose de général. La validation
# remonte pendant que l’entraînement descend : il apprend par cœur (surapprentissage) ; il faut s’arrêter, ou plus
# d’images, ou plus de dropout. Les deux restent hautes : il est trop petit, ou le pas trop grand ou trop petit.
#
# Il arrive qu’ici la validation soit *meilleure* que l’entraînement. Ce n’est pas une erreur : la précision
# d’entraînement est mesurée avec dropout, donc avec la moitié des neurones, et en moyenne sur l’époque, pendant que
# le réseau apprend encore.
#
# ## Ce qu’il a le plus de mal à lire

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
# « 4 → 9 » se lit : un 4, lu 9. Auriez-vous tout lu juste ?
#
# La même chose en une commande, avec reprise après une coupure et un dossier de modèle à la fin : `calame train
# course`.
#
# ## À vous
#
# 1. Supprimez le `Dropout` et réentraînez. Que devient l’écart entre les deux courbes ?
# 2. Mettez 8 puis 128 filtres dans `conv1`. Que gagne-t-on, et combien de temps cela coûte-t-il ?
# 3. Donnez `learning_rate=0.1` à `keras.optimizers.Adam`. Que fait la perte, et pourquoi ?
#
# ## Questions
# 1. Quel est l’effet du nombre de filtres et de couches sur les performances ?
# 2. Pourquoi ne pas entraîner sur toutes les images, validation comprise ?
# 3. Pourquoi la perte baisse-t-elle encore alors que la précision ne bouge plus ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. **Plus de filtres** : plus de motifs différents détectés à chaque niveau. Le gain est net tant qu’ils sont très
#    peu nombreux, puis s’éteint ; le coût croît avec le produit (cartes d’entrée × filtres). **Plus de couches** :
#    des motifs de motifs, et un champ de vue plus large ; c’est souvent le meilleur emploi d’un même nombre de poids,
#    à condition de normaliser (*batch normalization*) pour que l’entraînement reste stable. Dans les deux cas,
#    au-delà d’un certain point, on n’achète plus que du surapprentissage et du temps. L’échelle mesurée de la leçon 7
#    donne les chiffres : l’ajout d’un quatrième bloc rapporte bien plus que l’augmentation de données seule.
# 2. Parce qu’il ne resterait rien pour choisir l’époque ni pour voir venir le surapprentissage. Une fois tout choisi,
#    on peut réentraîner une dernière fois sur tout, avec les réglages figés : on y gagne un peu, mais on ne peut plus
#    le mesurer que sur le test.
# 3. La précision ne regarde que le plus probable ; la perte regarde *de combien*. Un chiffre qui passe de 60 % à 95 %
#    fait baisser la perte sans changer la réponse. À l’inverse, une perte de validation qui remonte alors que la
#    précision tient signale un réseau qui devient trop sûr de ses erreurs : c’est la question de la calibration.
#
# **Dropout supprimé** : l’entraînement monte plus vite et passe au-dessus de la validation, qui ne suit pas. **Pas de
# 0,1** : Adam fait alors des pas bien plus grands que les poids eux-mêmes ; la perte saute ou reste bloquée vers 2,3,
# et les ReLU « mortes » ne repartent pas.
