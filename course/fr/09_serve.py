# %% [markdown]
# # 9. L’application web et son API
#
# **Objectifs** : lancer l’application ; appeler son API depuis Python et JavaScript ; lire une erreur ; mesurer ce
# qu’apportent les lots ; retrouver dans un vrai code la liste des bonnes pratiques du métier.
#
# **Durée** : 75 minutes. **Prérequis** : les bases de HTTP (requête, réponse, code de retour) et de JSON. Aucun
# entraînement.

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
    "address": "L’application tourne à l’adresse {address}.",
    "answer": "Réponse : **{digit}**, confiance {confidence}. Modèle : `{model}`.",
    "agree": "Par l’API : {right} bonnes réponses sur {count}. Par `DigitReader` : {direct}.",
    "network": "Le réseau seul : {one} ms pour une image, {many} ms pour 64 ensemble, **{times} fois** le temps d’une.",
    "way": "façon",
    "each": "ms par image",
    "singly": "une requête par image, l’une après l’autre",
    "together": "toutes dans une requête",
    "crowd": "une requête par image, huit clients à la fois",
    "node": "Node n’est pas installé ici : collez ce code dans la console du navigateur (F12), sur la page de l’application.",
    "practice": "pratique",
    "file": "fichier",
    "says": "ce qu’il en dit",
    "validation": "valider les entrées",
    "size": "limiter la taille",
    "rate": "limiter le débit",
    "paths": "nettoyer ce qui vient d’ailleurs",
    "batch": "traiter par lots",
    "cache": "charger le modèle une fois",
    "compute": "un moteur fait pour le processeur",
    "logs": "journaux",
    "metrics": "surveillance",
    "problems": "erreurs claires",
    "versions": "versions des modèles",
    "contract": "contrat de l’API",
    "claim": "réponses justes sur les douze photos, par l’API",
}
start(LANGUAGE)

# %%
import base64
import csv
import importlib
import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import calame
from lesson import claim, num, pct, table, tell

# %% [markdown]
# ## Lancer l’application
#
# Dans un terminal : `calame serve`, puis http://localhost:5001. Dans un notebook, une ligne suffit ; la page
# s’affiche sous la cellule. **Dessinez un chiffre** : la réponse vient pendant que vous dessinez, avec l’image 28×28
# que le réseau a vue.

# %%
app = calame.serve_in_notebook(history=False)
tell(W["address"], address=app.address)

# %% [markdown]
# ## Un appel depuis Python
#
# Une API, ce sont des adresses et des formats, rien d’autre. On envoie une image (ici en base64, dans du JSON), on
# reçoit du JSON. Rien que la bibliothèque standard.

# %%
samples = Path(calame.__file__).parent / "samples"
listed = list(csv.DictReader((samples / "labels.csv").open(encoding="utf-8")))
pictures = [(samples / row["path"]).read_bytes() for row in listed]
written = [int(row["digit"]) for row in listed]


def ask(path, body=None, language=LANGUAGE):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Accept-Language": language}
    request = urllib.request.Request(app.address + path, data, headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response), response.headers


def coded(picture):
    return base64.b64encode(picture).decode()


reading, headers = ask("/v1/digits", {"image": coded(pictures[0])})
tell(W["answer"], digit=reading["digit"], confidence=pct(reading["confidence"], 1), model=headers["X-Model"])
print({name: value for name, value in reading.items() if name not in ("prepared", "probabilities")})

# %% [markdown]
# L’API répond-elle comme la bibliothèque ? Les douze photos, en une seule requête :

# %%
answers, _ = ask("/v1/digits", {"images": [coded(picture) for picture in pictures]})
by_api = [one["digit"] for one in answers["readings"]]
direct = [one.digit for one in calame.DigitReader().read_many(pictures)]

right = sum(read == truth for read, truth in zip(by_api, written, strict=True))
tell(W["agree"], right=right, count=len(written), direct=sum(a == b for a, b in zip(direct, written, strict=True)))
print(by_api == direct)
claim(W["claim"], right / len(written), at_least=11 / 12)

# %% [markdown]
# L’ancienne adresse des tutoriels, `/predict`, répond aussi, dans le format qu’ils attendent, avec les *vraies*
# cartes de caractéristiques :

# %%
old, _ = ask("/predict", {"image": coded(pictures[1]), "show_features": True})
print(old["prediction"], old["confidence"], len(old["feature_maps"]))

# %% [markdown]
# ## Quand cela se passe mal
#
# Une bonne API dit ce qui est arrivé, ce qu’elle attendait, et comment s’en sortir, dans la langue de celui qui lit ;
# et un **code** stable pour le programme. Ici au format RFC 9457. Lisez les deux réponses.

# %%
for body in ({"image": coded(b"this is no picture")}, {"picture": "?"}):
    try:
        ask("/v1/digits", body)
    except urllib.error.HTTPError as error:
        print(error.code, json.dumps(json.load(error), ensure_ascii=False, indent=1)[:600])

# %% [markdown]
# ## Depuis JavaScript
#
# Le navigateur a tout ce qu’il faut : `fetch` et `FormData`. Le même code marche dans la console de la page (F12) et
# dans Node. Une page servie **d’ailleurs** serait arrêtée par le navigateur (CORS) tant que vous n’autorisez pas son
# origine : `calame serve --origin https://intranet.exemple`.

# %%
script = """
const bytes = Uint8Array.from(atob(PICTURE), (letter) => letter.charCodeAt(0));
const form = new FormData();
form.append("image", new Blob([bytes], { type: "image/jpeg" }), "photo.jpg");
const response = await fetch(ADDRESS + "/v1/digits", { method: "POST", body: form });
const reading = await response.json();
if (!response.ok) throw new Error(reading.detail);
console.log(JSON.stringify([response.status, reading.digit, reading.confidence]));
"""
node = shutil.which("node")
known = f"const ADDRESS = {json.dumps(app.address)}; const PICTURE = {json.dumps(coded(pictures[0]))};"
if node:
    done = subprocess.run(
        [node, "--input-type=module"], input=known + script, capture_output=True, text=True, check=True
    )
    print(done.stdout)
else:
    tell(W["node"])
    print(script)

# %% [markdown]
# ## Mesurer : un par un, par lots, à plusieurs
#
# « Les lots rendent rapide », disent les guides : un appel avec 64 images plutôt que 64 appels. **Pariez** : 64
# images ensemble prennent combien de fois le temps d’une seule ? D’abord le réseau seul.

# %%
reader = calame.DigitReader()
prepared = np.stack([one.prepared for one in reader.read_many(pictures)])


def milliseconds(batch, turns=30):
    reader.classify(batch)
    started = time.perf_counter()
    for _ in range(turns):
        reader.classify(batch)
    return 1000 * (time.perf_counter() - started) / turns


alone, together = milliseconds(prepared[:1]), milliseconds(np.resize(prepared, (64, 28, 28)))
tell(W["network"], one=num(alone, 2), many=num(together, 1), times=num(together / alone))

# %% [markdown]
# Vers 64 ou au-delà, le lot n’a rien gagné : une seule image occupe déjà le processeur. Près de 1, comme sur un GPU, il
# est presque gratuit. Maintenant le service entier, 48 images de trois façons : soit le client les groupe, soit le
# serveur réunit les requêtes qui arrivent au même moment (`engine/batcher.py`).

# %%
bodies = [{"image": coded(pictures[-1 - place % 2])} for place in range(48)]


def timed(work):
    started = time.perf_counter()
    work()
    return num(1000 * (time.perf_counter() - started) / len(bodies), 1)


def crowd():
    with ThreadPoolExecutor(8) as clients:
        return list(clients.map(lambda body: ask("/v1/digits", body), bodies))


rows = [
    [W["singly"], timed(lambda: [ask("/v1/digits", body) for body in bodies])],
    [W["together"], timed(lambda: ask("/v1/digits", {"images": [body["image"] for body in bodies]}))],
    [W["crowd"], timed(crowd)],
]
table([W["way"], W["each"]], rows)

# %% [markdown]
# Comparez avec le réseau seul : où passe le temps d’une requête ? La première réponse ci-dessus le dit, dans
# `milliseconds` : à préparer l’image, surtout. Aucun lot n’accélère cela ; d’autres cœurs, si. Aussi Calame n’attend-il
# jamais qu’un lot se remplisse : il prend ensemble ce qui est arrivé pendant qu’il travaillait.
#
# ## Surveiller
#
# Est-il vivant ? Est-il prêt ? Combien de requêtes, de quelle durée, combien de refus ? Ces adresses sont faites pour
# les machines qui veillent (Prometheus, Kubernetes).

# %%
print(ask("/health/ready")[0])
with urllib.request.urlopen(app.address + "/metrics") as response:
    lines = response.read().decode().splitlines()
print("\n".join(line for line in lines if "readings" in line or "digits_total" in line)[:900])

# %% [markdown]
# ## La liste du professionnel, dans un vrai code
#
# Valider, limiter, grouper, mettre en cache, journaliser, surveiller, versionner : tout guide le demande. Voici où
# cela se trouve dans Calame. La dernière colonne est la première ligne de chaque fichier, en anglais comme tout le
# code. **Ouvrez-en trois.**

# %%
places = {
    "validation": "imaging.codec",
    "size": "service.pictures",
    "rate": "service.limits",
    "paths": "artifact",
    "batch": "engine.batcher",
    "cache": "service.reading",
    "compute": "engine.session",
    "logs": "service.logs",
    "metrics": "service.metrics",
    "problems": "service.problems",
    "versions": "shelf",
    "contract": "service.schemas",
}
rows = []
for practice, name in places.items():
    module = importlib.import_module(f"calame.{name}")
    link = f"[{name.replace('.', '/')}.py]({os.path.relpath(module.__file__)})"
    rows.append([W[practice], link, module.__doc__.splitlines()[0]])
table([W["practice"], W["file"], W["says"]], rows)

# %% [markdown]
# Le déploiement est à la racine du dépôt : `Dockerfile`, `compose.yaml`, `Caddyfile` (TLS) ; les façons de l’ouvrir à
# d’autres, dans `docs/fr/deploy.md` ; et chaque modification passe tous les tests avant d’être acceptée (intégration
# continue).

# %%
app.stop()
print(app)

# %% [markdown]
# ## À vous
#
# 1. Écrivez un programme de vingt lignes qui lit toutes les images d’un dossier par l’API et écrit un CSV. Que
#    fait-il d’une image abîmée au milieu ?
# 2. Envoyez 700 requêtes en une minute au service ouvert à d’autres (`calame serve --host 0.0.0.0`). Que répond-il,
#    et que dit l’en-tête `Retry-After` ?
# 3. Ouvrez `/docs` sur l’application. Essayez-y un appel. D’où vient cette page ?
#
# ## Questions
# 1. Quels avantages y a-t-il à exposer un modèle par un petit serveur web comme Flask ou FastAPI ?
# 2. Quelles difficultés pose le déploiement d’un modèle dans une application web ?
# 3. Comment servir davantage d’utilisateurs à la fois ?
# 4. Quelles mesures de sécurité prendre avant une mise en production ?

# %% [markdown] tags=["answer"]
# ### Réponses
# 1. Le modèle et ses bibliothèques restent en un seul endroit ; n’importe quel langage l’appelle par HTTP ; on le met
#    à jour sans toucher aux clients ; on peut le surveiller et le limiter. Flask est petit, connu, vite écrit :
#    parfait pour une démonstration. Ses limites viennent vite : une requête occupe un fil d’exécution, rien ne valide
#    les entrées ni ne décrit l’API, et le serveur de développement n’est pas fait pour la production (derrière
#    gunicorn ou uwsgi, il l’est). FastAPI ajoute la validation, une description OpenAPI et l’asynchrone. Dans les
#    deux cas, le calcul du réseau ne doit jamais bloquer la boucle qui reçoit les requêtes.
# 2. **Écart entre l’entraînement et la réalité** : les photos ne ressemblent pas à MNIST, c’est la première cause
#    d’échec. **Même préparation** des deux côtés, sinon les scores ne valent plus rien. **Poids** des bibliothèques
#    et du modèle, démarrage, mémoire. **Latence** et pics de charge. **Versions** : du modèle, des bibliothèques, de
#    l’API, et retour en arrière. **Dérive** : les entrées changent, personne ne prévient. **Erreurs silencieuses** :
#    un réseau répond toujours quelque chose. **Données personnelles** : ce qui est gardé, où, combien de temps.
# 3. D’abord mesurer où passe le temps (souvent le décodage de l’image, pas le réseau). Puis : charger le modèle une
#    fois ; un moteur d’inférence plutôt que Keras ; un modèle allégé ; grouper les requêtes en lots ; plusieurs
#    processus, un par cœur ; une file bornée qui refuse clairement (429 ou 503 avec `Retry-After`) plutôt que de
#    s’écrouler ; mettre en cache ce qui se répète ; enfin plusieurs machines derrière un répartiteur, ce qui demande
#    un service sans état. Un GPU n’aide que si les lots sont gros.
# 4. **TLS** ; n’écouter que là où il faut ; **authentifier** (clés d’API, gardées hachées) et **limiter le débit**
#    par client ; borner la taille des fichiers **et** des images décodées (un PNG de 48 Ko peut contenir 400
#    mégapixels) ; reconnaître le format par le contenu et non par l’extension ; ne jamais bâtir un chemin avec un nom
#    reçu ; CORS restreint ; erreurs sans trace interne ; conteneur sans droits d’administrateur ; dépendances à
#    jour ; modèles seulement de source sûre, vérifiés par empreinte (un fichier de modèle peut exécuter du code) ;
#    journaux sans données personnelles ; ne pas garder ce dont on n’a pas besoin.
