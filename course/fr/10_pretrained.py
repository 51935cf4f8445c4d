# %% [markdown]
# # 10. Un réseau déjà entraîné : l’employer, le geler, le réentraîner
#
# **Objectifs** : employer un réseau entraîné par d’autres sur un million de photos ; savoir pourquoi sa dernière
# couche ne se remplace pas sans apprendre ; le geler, et lui apprendre vos propres classes avec vingt images
# chacune ; comparer à un réseau parti de zéro.
#
# **Durée** : 60 minutes, dont 1 à 3 de calcul. **Prérequis** : leçon 1 ; la leçon 3 aide. Les poids (14 Mo) sont pris
# dans `CALAME_DATA/images` s’ils y sont, sinon téléchargés par Keras.

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
    "network": "{parameters} poids, {layers} couches, {classes} classes.",
    "class": "classe",
    "share": "probabilité",
    "photos": "Sur {count} photos étiquetées : la bonne classe en tête pour **{first}**, parmi les cinq premières pour **{five}**.",
    "no_photos": "Pas de photos étiquetées ici (`CALAME_DATA/images/photos`) : donnez les vôtres à `PICTURE`.",
    "untrained": "Dernière couche neuve : « {label} », avec {share}. Au hasard, ce serait {chance}.",
    "features": "Chaque image devient {count} nombres, calculés une seule fois.",
    "way": "réseau",
    "learned": "poids appris",
    "accuracy": "précision",
    "frozen": "MobileNetV2 gelé + une couche dense",
    "tuned": "puis le dernier étage dégelé",
    "scratch": "un petit réseau, parti de zéro",
    "disc": "disque",
    "square": "carré",
    "triangle": "triangle",
    "claim_photos": "part des photos dont la bonne classe vient en tête",
    "claim": "précision sur des images nouvelles, réseau gelé",
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
# ## Le réseau
#
# MobileNetV2 a été fait pour les téléphones : de nombreuses couches, mais des convolutions séparées en deux (une par
# carte, puis une qui mélange les cartes), qui coûtent huit à neuf fois moins. Il attend des images en couleurs de
# 224×224, de −1 à 1.

# %%
network, labels = mobilenet()
tell(W["network"], parameters=num(network.count_params()), layers=len(network.layers), classes=num(len(labels)))

# %% [markdown]
# ## L’employer
#
# Une image, mille probabilités, les cinq premières. Mettez le chemin d’une photo à vous dans `PICTURE`. **Avant** : à
# quoi peut-il se tromper ?

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
# Il répond **toujours** l’une de ses mille classes, même devant un chiffre ou un visage : elles ne contiennent ni
# l’un ni l’autre. Et combien de fois a-t-il raison, sur des photos dont on connaît la classe ?

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
# Avec Calame, la même chose en une ligne, sans Keras (le réseau est exporté en ONNX, comme à la leçon 8) :

# %%
print(calame.ImageClassifier().classify(picture, top=3))

# %% [markdown]
# ## Le piège de la dernière couche
#
# On trouve souvent ce programme : charger MobileNetV2 **sans** sa dernière couche (`include_top=False`), ajouter une
# couche `Dense(1000)`, et lire la réponse avec les noms d’ImageNet. Il tourne, il affiche une classe et un
# pourcentage. Regardez.

# %%
keras.utils.set_random_seed(0)
base = keras.Model(network.inputs, network.layers[-2].output, name="mobilenet")
base.trainable = False

fresh = keras.Sequential([base, keras.layers.Dense(len(labels), activation="softmax")])
label, share = first(ask(fresh, [picture])[0])[0]
tell(W["untrained"], label=label, share=pct(share, 2), chance=pct(1 / len(labels), 2))

# %% [markdown]
# Une couche neuve a des poids tirés au hasard : la réponse aussi. Elle doit **apprendre**. Mais elle seule : tout le
# reste sait déjà voir des bords, des textures, des formes.
#
# ## Geler, et apprendre ses propres classes
#
# Mettez vos photos dans un dossier, un sous-dossier par classe, et donnez-le à `MY_PICTURES`. Sans lui, voici trois
# classes dessinées : disque, carré, triangle, de toute couleur, sur tout fond, dans tous les sens. **Vingt images par
# classe** pour apprendre, c’est très peu.

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
# Puisque la base ne change pas, ses nombres non plus : on les calcule **une fois**, puis on entraîne la seule couche
# dense, en un clin d’œil.

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
# ## À quoi le comparer ?
#
# Un petit réseau, parti de zéro, sur **les mêmes** soixante images. Et, pour finir, un réglage fin : on dégèle le
# dernier étage de MobileNetV2 et l’on continue, à tout petits pas, pour ne pas abîmer ce qu’il sait.


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
# Avec si peu d’images, l’ordre de ces lignes peut changer d’une graine à l’autre : recommencez avec une autre avant
# de conclure. Ce qui ne change pas : la couche dense seule s’entraîne en une seconde. La même chose en une commande,
# avec un dossier de modèle à la fin : `calame train pictures photos/`.
#
# ## À vous
#
# 1. Photographiez deux objets de votre table, vingt fois chacun, puis trois fois sur un autre fond. Qu’a-t-il
#    appris : l’objet, ou la table ?
# 2. Ne donnez que 5 images par classe, puis 2. Où cela casse-t-il, et pour lequel des trois réseaux d’abord ?
# 3. Ajoutez une quatrième classe, « rien de tout cela ». Que mettre dedans ?
#
# ## Questions
# 1. Pourquoi geler la base, et quand la dégeler ?
# 2. Pourquoi faut-il la même préparation d’image que celle de l’entraînement d’origine ?
# 3. Qu’est-ce que cela change d’employer un réseau entraîné par d’autres ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. **Geler** : au début, la couche neuve se trompe beaucoup et renvoie de grandes corrections ; si la base était
#    libre, elles abîmeraient en quelques pas ce qui a coûté un million de photos. Et avec soixante images, deux
#    millions de poids libres apprendraient par cœur. **Dégeler** : quand la tête est entraînée, s’il y a assez
#    d’images (quelques centaines par classe), si elles ressemblent peu à celles d’origine ; les derniers étages
#    d’abord, un pas cent fois plus petit, les normalisations laissées telles quelles.
# 2. Parce que ses poids supposent des nombres de −1 à 1, en rouge, vert, bleu, à cette taille. De 0 à 255, il répond
#    n’importe quoi, sans aucun message d’erreur. C’est la panne la plus fréquente.
# 3. On gagne des semaines de calcul. On hérite aussi de ses classes (beaucoup de races de chiens, aucune personne),
#    de ses biais, de sa licence (poids **et** données), et de ses failles : les mêmes images trompeuses marchent chez
#    tous ceux qui l’emploient. On vérifie donc l’empreinte du fichier, on lit la fiche du modèle, et l’on mesure sur
#    *ses* images.
#
# **Exercice 1.** Souvent la table : toutes les photos d’un objet partagent le fond et la lumière. Variez-les, ou le
# réseau apprendra ce qui est le plus facile.
