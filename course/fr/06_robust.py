# %% [markdown]
# # 6. Bruit et déformations : mesurer, puis rendre robuste
#
# **Objectifs** : mesurer comment un réseau se dégrade, plutôt que d’essayer sur cinq images ; le rendre plus robuste
# et vérifier ce que cela coûte ; voir qu’une image peut tromper le réseau sans tromper personne.
#
# **Durée** : 60 minutes, dont 1 à 4 de calcul. **Prérequis** : leçons 3 et 4.

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
    "clean": "Sans bruit : **{accuracy}**. Avec un bruit de 0,3 : **{noisy}**.",
    "noise": "bruit (écart type)",
    "rotation": "rotation (degrés)",
    "shift": "décalage (pixels)",
    "scale": "taille (facteur)",
    "stroke": "épaisseur (pixels)",
    "blur": "flou (pixels)",
    "occlusion": "carré caché (pixels)",
    "plain": "réseau du cours",
    "robust": "entraîné sur des images abîmées",
    "filtered": "Réseau du cours, image lissée d’abord (filtre médian 3×3) : **{accuracy}**.",
    "network": "réseau",
    "intact": "images intactes",
    "at_noise": "bruit 0,4",
    "at_turn": "rotation 40°",
    "at_shift": "décalage 4 px",
    "found": "En changeant chaque pixel de {level} niveaux de gris sur 255 au plus, le **{before}** est lu **{after}**.",
    "claim": "points gagnés sur des chiffres décalés de 4 pixels",
}
start(LANGUAGE)

# %%
from dataclasses import replace

import cv2
import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display

from calame import explain, perturb
from calame.data.augment import Augmentation
from calame.training.batches import as_input
from calame.training.plan import plan_for
from calame.training.robustness import HARMS, robustness
from calame.training.run import restore, run
from lesson import claim, course_folder, course_model, digits, pace, pct, show, table, tell, work

# %% [markdown]
# ## Ajouter du bruit
#
# Le bruit gaussien : à chaque pixel, un nombre tiré au hasard, d’écart type 0,3 sur une échelle de 0 à 1, puis on
# coupe à [0, 1]. Essayer sur cinq images, comme on le fait souvent, n’apprend rien : cinq réussites sur cinq sont
# compatibles avec un taux de 57 %. Mesurons sur toutes.

# %%
model = course_model()
parts = digits()
images, truth = parts.test


def accuracy(network, pictures):
    return (network.predict(as_input(pictures), verbose=0).argmax(1) == truth).mean()


noisy = perturb.add_noise(images, 0.3, np.random.default_rng(0))
show(np.concatenate([images[:10], noisy[:10]]))
tell(W["clean"], accuracy=pct(accuracy(model, images)), noisy=pct(accuracy(model, noisy)))

# %% [markdown]
# ## Sept façons d’abîmer une image
#
# Une seule intensité ne dit pas grand-chose. `robustness` en essaie plusieurs pour sept dégradations. **Pariez** : à
# laquelle ce réseau résistera-t-il le moins ?


# %%
def classifier(network):
    return lambda pictures: network.predict(as_input(pictures), batch_size=512, verbose=0)


def measured(network):
    return {curve.name: curve for curve in robustness(classifier(network), images, truth, sample=pace(1000, 300))}


plain = measured(model)
show(plain["noise"].examples, columns=7)
show(plain["rotation"].examples, columns=7)
show(plain["stroke"].examples, columns=7)

# %% [markdown]
# ## Deux remèdes
#
# **Nettoyer l’image.** Un filtre médian remplace chaque pixel par la valeur du milieu de ses neuf voisins : le bruit
# isolé disparaît, les bords restent. Simple, et sans réentraîner.
#
# **Abîmer l’entraînement.** À chaque époque, chaque image est tournée, décalée, déformée, bruitée au hasard
# (*augmentation*). Le réseau ne voit jamais deux fois la même, et doit trouver ce qui reste.

# %%
smoothed = np.stack([cv2.medianBlur(picture, 3) for picture in noisy])
tell(W["filtered"], accuracy=pct(accuracy(model, smoothed)))

damage = Augmentation(
    rotation=25, scale=0.2, shear=0.2, shift=4, elastic=0.5, stroke=0.3, blur=0.2, noise=130, erase=0.2
)
show(damage(parts.train[0][:20], np.random.default_rng(0)))

# %%
plan = replace(plan_for("course"), epochs=pace(8, 5), augmentation=damage)
outcome, record = run(plan, parts.train, parts.valid, work() / "robust", language=LANGUAGE)
tougher = restore(work() / "robust")
better = measured(tougher)

# %%
figure = plt.figure(figsize=(11, 4.6))
for place, harm in enumerate(HARMS, start=1):
    panel = figure.add_subplot(2, 4, place)
    for curves, look, name in ((plain, "--", "plain"), (better, "-", "robust")):
        levels = curves[harm.name].levels
        panel.plot([one.level for one in levels], [100 * one.accuracy for one in levels], look, label=W[name])
    panel.set(title=W[harm.name], ylim=(0, 103))
    panel.grid(axis="y")
figure.legend(
    *panel.get_legend_handles_labels(), loc="lower right", bbox_to_anchor=(1, 0.15), frameon=False, fontsize=8
)
plt.show()


# %%
def at(curves, name, level):
    return next(one.accuracy for one in curves[name].levels if one.level == level)


rows = []
for name, network, curves in (("plain", model, plain), ("robust", tougher, better)):
    figures = [accuracy(network, images), at(curves, "noise", 0.4), at(curves, "rotation", 40), at(curves, "shift", 4)]
    rows.append([W[name], *(pct(one, 1) for one in figures)])
table([W["network"], W["intact"], W["at_noise"], W["at_turn"], W["at_shift"]], rows)

gain = 100 * (at(better, "shift", 4) - at(plain, "shift", 4))
claim(W["claim"], gain, at_least=20)

# %% [markdown]
# Lisez aussi la colonne des images **intactes** : la robustesse peut coûter un peu sur les images propres, ou
# demander plus d’époques pour le même résultat. Et elle ne vaut que pour ce qu’on a montré : un réseau entraîné au
# bruit gaussien n’a rien appris d’une tache de café.
#
# ## Tromper le réseau exprès
#
# Le bruit au hasard est maladroit. Cherchons le *plus petit* changement qui fait basculer la réponse : on suit la
# pente du score, pixel par pixel (FGSM, PGD).

# %%
folder = course_folder()
sure = model.predict(as_input(images[:50]), verbose=0).max(axis=1).argmax()
flipped = explain.flip(folder, images[sure])
tell(W["found"], level=flipped.level, before=flipped.before, after=flipped.after)
display(explain.drawings.draw_flip(flipped, images[sure], LANGUAGE))

# %% [markdown]
# Personne ne s’y tromperait ; le réseau, lui, change d’avis. C’est vrai de tous les réseaux de ce genre. Pour une
# application : ne jamais faire d’une seule lecture automatique une décision qui compte, et surveiller ce qui est
# corrigé.
#
# ## À vous
#
# 1. `explain.sweep(folder, images[0], "rotation", range(-90, 91, 5))` donne la réponse angle par angle. À partir de
#    quand un 6 devient-il un 9 ? Est-ce une erreur ?
# 2. Entraînez avec `rotation=180`. Qu’arrive-t-il aux 6 et aux 9 ? Jusqu’où une augmentation a-t-elle un sens ?
# 3. Appliquez `explain.flip` au réseau robuste (exportez-le comme dans la leçon 8). Faut-il un changement plus
#    grand ?
#
# ## Questions
# 1. Quelles sont les limites du réseau face à des données bruitées ou déformées ?
# 2. Quelles améliorations rendraient le modèle plus robuste au bruit ?
# 3. Pourquoi ne pas simplement tester sur cinq images bruitées ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. Il n’est fiable que près de ce qu’il a vu : encre claire sur noir, centrée, 20 pixels, trait moyen, peu de
#    rotation. Les courbes le montrent : la taille et le décalage le perdent très vite, parce que sa couche dense a un
#    poids par place ; une rotation de plus de 20 à 30° aussi. Il ne dit pas « je ne sais pas » : sur du bruit pur il
#    répond un chiffre, souvent avec assurance. D’où le refus (*reject*) et la calibration dans Calame.
# 2. Dans l’ordre où il faut y penser : **améliorer l’image** (lumière, cadrage, filtre médian, préparation) ;
#    **augmenter** l’entraînement avec les dégradations attendues, et celles-là ; **régulariser** (dropout, lissage
#    des étiquettes, normalisation par lot) ; **moyenner** plusieurs lectures légèrement déplacées, ou plusieurs
#    réseaux ; une tête à **moyenne globale** plutôt qu’une couche dense, pour le décalage ; enfin **refuser** quand
#    la confiance est basse. Et mesurer chaque remède, sur les images propres aussi.
# 3. Parce que cinq images ne mesurent rien : avec 5 sur 5, l’intervalle de Wilson va de 57 % à 100 %. Avec 300
#    images, il fait encore plus ou moins 6 points ; avec 1 000, plus ou moins 3 (au pire, vers 50 %).
