# %% [markdown]
# # 8. Enregistrer, exporter, alléger
#
# **Objectifs** : enregistrer un réseau sans piège ; l’exporter pour qu’il tourne sans Keras, et vérifier qu’il répond
# pareil ; le quantifier et l’élaguer, en sachant ce que l’on perd et ce que l’on gagne.
#
# **Durée** : 60 minutes, dont 1 à 2 de calcul. **Prérequis** : leçon 3 (son réseau est repris, ou entraîné
# maintenant).

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
    "file": "fichier",
    "bytes": "octets",
    "zipped": "compressé",
    "same": "Rechargé, il donne les mêmes probabilités : plus grand écart {difference}.",
    "way": "chemin",
    "one": "une image (ms)",
    "many": "{} images, par image (ms)",
    "parity": "Plus grand écart de probabilité entre Keras et ONNX Runtime : **{difference}**.",
    "weights": "poids d’origine",
    "levels": "en 8 bits",
    "back": "revenus en réels",
    "step": "Un cran vaut {step} ; aucun poids n’a bougé de plus d’un demi-cran ({half}) : le plus grand écart est {worst}.",
    "accuracy": "précision",
    "changed": "réponses changées",
    "version": "version",
    "whole": "entier",
    "pruned": "70 % des poids à zéro",
    "healed": "puis réentraîné",
    "claim_size": "taille de la version int8, en part de l’originale",
    "claim_points": "points perdus par la version int8",
}
start(LANGUAGE)

# %%
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

import calame
from calame.engine.session import Session
from calame.export.exporter import export_model
from calame.export.prune import KeepZeros, prune, zeros
from calame.export.quantise import compressed_bytes, lighten
from calame.imaging.recipe import DEFAULT
from calame.training.batches import Batches, as_input
from calame.training.fit import compile_for
from calame.training.plan import PLANS
from lesson import claim, course_model, digits, num, pct, show, table, tell, work

# %% [markdown]
# ## Enregistrer
#
# Un fichier `.keras` est une archive zip. Ouvrons-la : l’architecture en JSON, les poids à part, la version de Keras.
# C’est le format à employer ; le vieux `.h5` marche encore mais passe mal d’une version à l’autre.

# %%
model = course_model()
images, truth = digits().test
file = work() / "lesson8.keras"
model.save(file)

with zipfile.ZipFile(file) as archive:
    for entry in archive.infolist():
        print(f"{entry.file_size:>10,}  {entry.filename}")
    print(archive.read("config.json")[:230].decode(), "…")

again = keras.saving.load_model(file)
first, second = (one.predict(as_input(images[:200]), verbose=0) for one in (model, again))
tell(W["same"], difference=np.abs(first - second).max())

# %% [markdown]
# **Attention.** Un fichier de modèle peut contenir du code (couches `Lambda`) : l’ouvrir, c’est parfois l’exécuter.
# N’ouvrez pas le fichier d’un inconnu, gardez `safe_mode=True`, et ne dépicklez jamais. `calame models import
# fichier.h5` lit un fichier `.h5` ou `.keras` comme des données, sans rien exécuter, et refuse ce qu’il ne connaît
# pas.
#
# ## Exporter
#
# En service, on n’a besoin ni de l’optimiseur ni de TensorFlow (plus d’un gigaoctet). **ONNX** décrit le calcul, et
# rien d’autre ; ONNX Runtime l’exécute. L’export n’est gardé que s’il répond comme Keras, à 0,00001 près, sur de
# vraies images.

# %%
train_images, train_labels = digits().train
folder = export_model(
    model,
    work() / "lesson8",
    check_images=train_images[:256],
    name="lesson8",
    version="1",
    preparation=DEFAULT,
    over=True,
)
table([W["file"], W["bytes"]], [[path.name, num(path.stat().st_size)] for path in sorted(folder.path.iterdir())])

session = Session(folder)
tell(W["parity"], difference=f"{np.abs(session(images[:200]) - first).max():.1e}")

# %% [markdown]
# Le fichier `manifest.json` dit ce que les poids ne disent pas : la recette de préparation, l’empreinte de chaque
# fichier, les scores. Sans lui, dans un an, plus personne ne saura comment l’image doit arriver.
#
# Et la vitesse ? On chronomètre après un tour de chauffe, plusieurs fois, et l’on garde la médiane.


# %%
def milliseconds(ask, turns=15):
    ask()
    taken = []
    for _ in range(turns):
        started = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - started))
    return np.median(taken)


one, many = images[:1], images[:256]


def timed(name, ask):
    alone, together = milliseconds(lambda: ask(one)), milliseconds(lambda: ask(many))
    return [name, num(alone, 2), num(together / len(many), 3)]


rows = [
    timed("Keras `predict`", lambda given: model.predict(as_input(given), verbose=0)),
    timed("ONNX Runtime", session),
]
table([W["way"], W["one"], W["many"].format(len(many))], rows)

# %% [markdown]
# Deux leçons en une table : pour une image seule, `predict` passe presque tout son temps à se préparer, ce qu’un **lot**
# répartit ; ONNX Runtime n’a presque rien à préparer, et un lot lui fait donc gagner peu.
#
# ## Quantifier : huit bits au lieu de trente-deux
#
# Un poids réel occupe 4 octets. Écrivons-le comme un entier de −127 à 127 multiplié par un même **cran**. À la main,
# sur le premier noyau :

# %%
kernel = model.get_layer("conv1").get_weights()[0][:, :, 0, 0]
step = np.abs(kernel).max() / 127
levels = np.rint(kernel / step).astype(np.int8)

print(W["weights"], kernel.round(4), W["levels"], levels, W["back"], (levels * step).round(4), sep="\n")
worst = np.abs(levels * step - kernel).max()
tell(W["step"], step=num(step, 5), half=num(step / 2, 5), worst=num(worst, 5))

# %% [markdown]
# Quatre fois moins d’octets, et les produits se font en entiers, ce que les processeurs font plus vite. Les nombres
# qui *passent* dans le réseau sont quantifiés aussi ; leur étendue se mesure sur quelques centaines de vraies images
# (la calibration). `lighten` fait tout cela, et pèse chaque version sur le test.

# %%
lighter = lighten(folder, work() / "lesson8-lighter", train_images[:500], (images, truth))
costs = lighter.manifest.scores["lighter"]
rows = [
    [name, num(cost["bytes"]), num(compressed_bytes(lighter, name)), pct(cost["accuracy"]), num(cost["changed"])]
    for name, cost in costs.items()
]
table([W["version"], W["bytes"], W["zipped"], W["accuracy"], W["changed"]], rows)

# %%
whole, small = costs["model.onnx"], costs["model.int8.onnx"]
claim(W["claim_size"], small["bytes"] / whole["bytes"], at_most=0.3)

# %%
claim(W["claim_points"], 100 * (whole["accuracy"] - small["accuracy"]), at_most=0.5)

# %% [markdown]
# ## Élaguer : mettre à zéro les petits poids
#
# Un poids presque nul ne change presque rien. Mettons à zéro les 70 % les plus petits, regardons les dégâts, puis
# réentraînons les autres un peu, zéros maintenus.


# %%
def accuracy(network):
    return (network.predict(as_input(images), verbose=0).argmax(1) == truth).mean()


before = accuracy(model)
masks = prune(model, 0.7)
damaged = accuracy(model)

plan = replace(PLANS["course"], epochs=1, rate=5e-4)
batches = Batches(train_images, train_labels, plan)
compile_for(model, plan, steps=len(batches))
model.fit(batches, epochs=1, shuffle=False, verbose=2, callbacks=[KeepZeros(masks)])
pruned = export_model(
    model,
    work() / "lesson8-pruned",
    check_images=train_images[:256],
    name="lesson8",
    version="1-pruned",
    preparation=DEFAULT,
    over=True,
)

# %%
sizes = [compressed_bytes(one, "model.onnx") for one in (folder, pruned)]
rows = [
    [W["whole"], pct(before), num(sizes[0])],
    [W["pruned"], pct(damaged), ""],
    [W["healed"], pct(accuracy(model)), num(sizes[1])],
]
table([W["version"], W["accuracy"], W["zipped"]], rows)
print(zeros(model))

# %% [markdown]
# Le fichier, lui, ne rétrécit qu’une fois **compressé** : un zéro occupe autant de place qu’un autre nombre, et le
# calcul ne va pas plus vite sans un moteur fait pour cela. Élaguer allège le téléchargement ; quantifier allège aussi
# la mémoire et le calcul.
#
# Le dossier obtenu se lit comme n’importe quel modèle : `calame.DigitReader(folder)`, `calame read --model CHEMIN
# photo.jpg`.

# %%
reading = calame.DigitReader(pruned).read(Path(calame.__file__).parent / "samples" / "scan-seven.png")
show([reading.prepared], [reading.digit])

# %% [markdown]
# ## À vous
#
# 1. Élaguez à 50 %, 90 %, 98 %. Où le réentraînement ne suffit-il plus ?
# 2. Quantifiez le noyau à la main sur 4 bits (−7 à 7), remettez-le dans le réseau. Que perd-on ?
# 3. `calame train compact`, puis cette leçon sur le réseau obtenu : lequel est le plus léger à précision égale, le
#    petit réseau entier ou le grand réseau allégé ?
#
# ## Questions
# 1. Pourquoi vérifier que l’export répond comme l’original, et sur de vraies images ?
# 2. Quelle version mettre dans un téléphone ? Sur un serveur ?
# 3. Que doit contenir un fichier de modèle pour être encore utilisable dans deux ans ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. Parce qu’un export peut réussir et se tromper en silence : ordre des axes, bords, mise à l’échelle oubliée. Du
#    bruit au hasard ne suffit pas : un réseau y répond souvent la même chose quoi qu’il arrive, et l’écart ne se voit
#    pas.
# 2. Téléphone : int8, quatre fois plus petit à télécharger et à garder en mémoire, plus sobre en énergie. Serveur :
#    int8 aussi si le processeur a les instructions qu’il faut (VNNI) et si la perte mesurée est acceptable ; sinon
#    float32. float16 réduit de moitié le fichier mais n’accélère rien sur un processeur. Dans tous les cas on mesure
#    la version **qui sera déployée**, pas celle qu’on a entraînée.
# 3. L’architecture et les poids, sans code ; la préparation attendue de l’entrée (taille, échelle, encre claire ou
#    foncée) ; le nom des classes ; les versions des outils ; les données et leur licence ; les scores et comment ils
#    ont été mesurés ; une empreinte, pour savoir que c’est bien lui ; quelques entrées avec leurs réponses, pour
#    vérifier.
