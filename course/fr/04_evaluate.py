# %% [markdown]
# # 4. Évaluer : matrice de confusion, erreurs, et ce que vaut un pourcentage
#
# **Objectifs** : remplir une matrice de confusion à la main et la lire ; distinguer précision et rappel d’un
# chiffre ; dire entre quelles bornes se trouve le vrai taux ; regarder les erreurs une à une ; vérifier ce que vaut
# la confiance affichée ; sortir de MNIST.
#
# **Durée** : 60 minutes. **Prérequis** : leçon 3 (son réseau est repris, ou entraîné maintenant).

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
    "accuracy": "**{right}** bonnes réponses sur {count} : **{accuracy}**. Intervalle à 95 % : de {low} à {high}.",
    "read": "lu",
    "true": "écrit",
    "worst": "Confusion la plus fréquente : un **{true}** lu **{read}**, {count} fois.",
    "digit": "chiffre",
    "precision": "précision",
    "recall": "rappel",
    "support": "images",
    "top2": "Le bon chiffre est parmi les deux premiers dans **{share}** des cas.",
    "wrong": "{true} lu {read}\n({share})",
    "band": "confiance annoncée",
    "count": "réponses",
    "real": "bonnes en réalité",
    "naive": "Redimensionner, inverser : **{right} sur {count}**.",
    "prepared": "Préparation de Calame, *même réseau* : **{right} sur {count}**.",
    "shipped": "Le modèle livré avec Calame : **{right} sur {count}**.",
    "photos": "Regardez les deux rangées d’images : voilà pourquoi un réseau à **{accuracy}** sur MNIST « ne marche pas sur mes photos ».",
    "claim": "précision sur le test de MNIST",
}
start(LANGUAGE)

# %%
import csv
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageOps

import calame
from calame.training.batches import as_input
from calame.training.intervals import wilson
from calame.training.metrics import class_scores, confusion, top_k
from lesson import claim, course_folder, course_model, digits, num, pace, pct, show, table, tell

# %% [markdown]
# ## Un taux, et ses bornes
#
# Le jeu de test n’a servi à rien jusqu’ici : on l’ouvre maintenant, une fois. Le taux mesuré n’est pas *le* taux du
# réseau : avec d’autres images, il serait un peu différent. L’intervalle de Wilson dit de combien.

# %%
model = course_model()
images, truth = digits().test
probabilities = model.predict(as_input(images), verbose=0)
read = probabilities.argmax(axis=1)

right = int((read == truth).sum())
low, high = wilson(right, len(truth))
tell(
    W["accuracy"],
    right=num(right),
    count=num(len(truth)),
    accuracy=pct(right / len(truth)),
    low=pct(low),
    high=pct(high),
)
claim(W["claim"], right / len(truth), at_least=pace(0.98, 0.9))

# %% [markdown]
# Deux réseaux qui diffèrent de 0,1 point sur 10 000 images diffèrent de dix images : leurs intervalles se
# chevauchent, et l’on ne peut pas encore dire lequel est le meilleur.
#
# ## La matrice de confusion, à la main
#
# Une ligne par chiffre **écrit**, une colonne par chiffre **lu**. Chaque image ajoute 1 dans une case.

# %%
matrix = np.zeros((10, 10), int)
for written, answer in zip(truth, read, strict=True):
    matrix[written, answer] += 1

print(np.array_equal(matrix, confusion(read, truth)), matrix.sum(), np.trace(matrix))

# %%
axes = plt.figure(figsize=(5.6, 5.2)).subplots()
off = matrix - np.diag(np.diag(matrix))
axes.imshow(off, cmap="Oranges")
for row in range(10):
    for column in range(10):
        value = matrix[row, column]
        dark = off[row, column] > 0.6 * off.max()
        axes.text(column, row, value or "·", ha="center", va="center", fontsize=8, color="white" if dark else "black")
axes.set(xticks=range(10), yticks=range(10), xlabel=W["read"], ylabel=W["true"])
axes.tick_params(length=0)
plt.show()

row, column = np.unravel_index(off.argmax(), off.shape)
tell(W["worst"], true=row, read=column, count=off.max())

# %% [markdown]
# Seules les erreurs sont colorées : la diagonale, tellement plus grande, écraserait tout. **Lisez une ligne** pour
# savoir comment un chiffre est pris pour d’autres ; **une colonne**, pour savoir qui se cache derrière une réponse.
#
# ## Précision et rappel
#
# * **Rappel** du 7 : de tous les 7 *écrits*, quelle part a été lue 7 ? (la ligne)
# * **Précision** du 7 : de tout ce qui a été *lu* 7, quelle part en était ? (la colonne)
#
# Attention au vocabulaire : le français dit aussi « précision » pour la part de bonnes réponses en tout (*accuracy*).

# %%
print(matrix[7, 7] / matrix[7].sum(), matrix[7, 7] / matrix[:, 7].sum())

scores = class_scores(matrix)
rows = [[n, pct(scores.precision[n]), pct(scores.recall[n]), num(scores.support[n])] for n in range(10)]
table([W["digit"], W["precision"], W["recall"], W["support"]], rows)
tell(W["top2"], share=pct(top_k(probabilities, truth, 2)))

# %% [markdown]
# ## Les erreurs, de la plus sûre à la moins sûre
#
# Une erreur hésitante est pardonnable : on la fera vérifier. Une erreur **sûre d’elle** passe inaperçue. Pour
# chacune, auriez-vous fait mieux ? (Le test de MNIST contient une quinzaine d’étiquettes contestées.)

# %%
confidence = probabilities.max(axis=1)
wrong = np.flatnonzero(read != truth)
worst = wrong[np.argsort(-confidence[wrong])][:20]
titles = [W["wrong"].format(true=truth[one], read=read[one], share=pct(confidence[one], 0)) for one in worst]
show(images[worst], titles)

# %% [markdown]
# ## Que vaut la confiance affichée ?
#
# Une confiance de 90 % devrait se tromper une fois sur dix, ni plus ni moins. Comptons, tranche par tranche.

# %%
rows = []
for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.99), (0.99, 1.01)):
    band = (confidence >= low) & (confidence < high)
    if band.any():
        share = (read[band] == truth[band]).mean()
        rows.append([f"{pct(low, 0)} – {pct(min(high, 1), 0)}", num(band.sum()), pct(share, 1)])
table([W["band"], W["count"], W["real"]], rows)

# %% [markdown]
# ## Sortir de MNIST
#
# Voici douze photos, scans et fax de chiffres, livrés avec Calame. La recette des tutoriels : passer en gris, réduire
# à 28×28, inverser. Puis la préparation de Calame (trouver l’encre, recadrer à 20 pixels, centrer sur le centre de
# masse), **avec le même réseau**.

# %%
samples = Path(calame.__file__).parent / "samples"
listed = list(csv.DictReader((samples / "labels.csv").open(encoding="utf-8")))
paths = [samples / row["path"] for row in listed]
written = np.array([int(row["digit"]) for row in listed])


def as_tutorials_do(path):
    grey = ImageOps.exif_transpose(Image.open(path)).convert("L")
    return np.asarray(ImageOps.invert(grey.resize((28, 28))))


naive = np.stack([as_tutorials_do(path) for path in paths])
prepared = [reading.prepared for reading in calame.DigitReader(course_folder()).read_many(paths)]
answers = {
    "naive": model.predict(as_input(naive), verbose=0).argmax(1),
    "prepared": model.predict(as_input(np.stack(prepared)), verbose=0).argmax(1),
    "shipped": np.array([reading.top(1)[0][0] for reading in calame.DigitReader().read_many(paths)]),
}

show(naive, answers["naive"], columns=12)
show(prepared, answers["prepared"], columns=12)
for name, answer in answers.items():
    tell(W[name], right=(answer == written).sum(), count=len(written))
tell(W["photos"], accuracy=pct(right / len(truth)))

# %% [markdown]
# La première question à poser n’est jamais « quel réseau ? », mais « **que voit-il vraiment ?** ». (Douze
# images ne font pas une mesure : l’intervalle à 95 % de 12 sur 12 commence à 76 %. Les vraies mesures sont dans
# le README.)
#
# ## À vous
#
# 1. Quel chiffre a le plus mauvais rappel ? Regardez toutes ses erreurs.
# 2. À partir de quelle confiance n’y a-t-il plus aucune erreur sur le test ? Combien de réponses faudrait-il alors
#    faire vérifier ?
# 3. `calame evaluate --model ~/.local/share/calame/course/cnn --report rapport` fait une page à imprimer. (Le chemin
#    est celui de `lesson.work()`.)
#
# ## Questions
# 1. Un réseau a 99 % de bonnes réponses. Un numéro de commande a dix chiffres. Quelle part des numéros est lue sans
#    faute ?
# 2. Un hôpital veut repérer les 1 à tout prix, quitte à en annoncer trop. Précision ou rappel ?
# 3. Pourquoi regarder les images mal lues plutôt que seulement leur nombre ?
# 4. Deux réseaux font 9 930 et 9 942 sur les mêmes 10 000 images. Le second est-il meilleur ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. 0,99¹⁰ ≈ **90,4 %** si les erreurs sont indépendantes : un numéro sur dix est faux. Il faudrait 99,9 % par
#    chiffre pour 99 % par numéro. C’est la première chose à dire à qui veut « automatiser la saisie ».
# 2. Le **rappel** : on préfère de fausses alertes à un oubli. On abaisse le seuil à partir duquel on annonce un 1 ;
#    la précision baisse, c’est le prix. On ne peut pas avoir les deux par un réglage, seulement par un meilleur
#    réseau ou de meilleures images.
# 3. Parce que le nombre ne dit pas quoi faire. Les images disent : étiquette fausse (corriger les données), trait
#    coupé (corriger la préparation), écriture absente de l’entraînement (ajouter des données), hésitation légitime
#    (faire vérifier par quelqu’un).
# 4. On ne peut pas le dire avec ces deux nombres seuls. Ce qui compte, ce sont les images sur lesquelles ils
#    **diffèrent** : si le premier en lit 40 que le second manque, et le second 52 que le premier manque, l’écart de
#    12 est à peu près ce que donnerait pile ou face (test de McNemar, `calame.training.metrics.mcnemar`). Si c’est 0
#    contre 12, le second est meilleur, presque sûrement.
