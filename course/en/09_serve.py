# %% [markdown]
# # 9. The web app and its API
#
# **Aims**: start the app; call its API from Python and JavaScript; read an error; measure what batches bring; find
# the professional's list of good practice in real code.
#
# **Time**: 75 minutes. **You need**: the basics of HTTP (request, response, status code) and of JSON. No training.

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
    "address": "The app runs at {address}.",
    "answer": "Answer: **{digit}**, confidence {confidence}. Model: `{model}`.",
    "agree": "By the API: {right} right out of {count}. By `DigitReader`: {direct}.",
    "network": "The network alone: {one} ms for one picture, {many} ms for 64 together, **{times} times** as long.",
    "way": "way",
    "each": "ms per picture",
    "singly": "a request per picture, one after the other",
    "together": "all in one request",
    "crowd": "a request per picture, eight clients at once",
    "node": "Node is not installed here: paste this code into the browser's console (F12), on the page of the app.",
    "practice": "practice",
    "file": "file",
    "says": "what it says",
    "validation": "validate inputs",
    "size": "limit sizes",
    "rate": "limit the rate",
    "paths": "clean what comes from elsewhere",
    "batch": "work in batches",
    "cache": "load the model once",
    "compute": "an engine made for the processor",
    "logs": "logs",
    "metrics": "monitoring",
    "problems": "clear errors",
    "versions": "versions of models",
    "contract": "contract of the API",
    "claim": "right answers on the twelve photos, by the API",
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
# ## Start the app
#
# In a terminal: `calame serve`, then http://localhost:5001. In a notebook one line is enough; the page shows below
# the cell. **Draw a digit**: the answer comes while you draw, with the 28×28 picture that the network saw.

# %%
app = calame.serve_in_notebook(history=False)
tell(W["address"], address=app.address)

# %% [markdown]
# ## A call from Python
#
# An API is addresses and formats, nothing else. Send a picture (here in base64, within JSON), get JSON back. The
# standard library will do.

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
# Does the API answer as the library does? The twelve photos, in a single request:

# %%
answers, _ = ask("/v1/digits", {"images": [coded(picture) for picture in pictures]})
by_api = [one["digit"] for one in answers["readings"]]
direct = [one.digit for one in calame.DigitReader().read_many(pictures)]

right = sum(read == truth for read, truth in zip(by_api, written, strict=True))
tell(W["agree"], right=right, count=len(written), direct=sum(a == b for a, b in zip(direct, written, strict=True)))
print(by_api == direct)
claim(W["claim"], right / len(written), at_least=11 / 12)

# %% [markdown]
# The tutorials' old address, `/predict`, answers too, in the format that they expect, with the *real* feature maps:

# %%
old, _ = ask("/predict", {"image": coded(pictures[1]), "show_features": True})
print(old["prediction"], old["confidence"], len(old["feature_maps"]))

# %% [markdown]
# ## When it goes wrong
#
# A good API says what came, what it expected, and the way out, in the reader's language; and a stable **code** for
# the program. Here in the format of RFC 9457. Read both answers.

# %%
for body in ({"image": coded(b"this is no picture")}, {"picture": "?"}):
    try:
        ask("/v1/digits", body)
    except urllib.error.HTTPError as error:
        print(error.code, json.dumps(json.load(error), ensure_ascii=False, indent=1)[:600])

# %% [markdown]
# ## From JavaScript
#
# The browser has all it takes: `fetch` and `FormData`. The same code works in the console of the page (F12) and in
# Node. A page served **from elsewhere** would be stopped by the browser (CORS) until you allow its origin: `calame
# serve --origin https://intranet.example`.

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
# ## Measure: one by one, in batches, many at once
#
# “Batches make it fast”, say the guides: one call with 64 pictures rather than 64 calls. **Place your bet**: how many
# times as long as one picture do 64 take together? First the network alone.

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
# At 64 or above the batch has gained nothing: one picture keeps the processor busy already. Near 1, as on a GPU, it is
# almost free. Now the whole service, 48 pictures in three ways: the client may group them, or the server gathers the
# requests that come at the same time (`engine/batcher.py`).

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
# Compare with the network alone: where does the time of a request go? The first answer above says it, in
# `milliseconds`: into preparing the picture, above all. No batch makes that faster; more cores do. So Calame's batcher
# never waits for a batch to fill: it takes together what has come while it worked.
#
# ## Watch
#
# Is it alive? Is it ready? How many requests, how long, how many refusals? These addresses are for the machines that
# watch (Prometheus, Kubernetes).

# %%
print(ask("/health/ready")[0])
with urllib.request.urlopen(app.address + "/metrics") as response:
    lines = response.read().decode().splitlines()
print("\n".join(line for line in lines if "readings" in line or "digits_total" in line)[:900])

# %% [markdown]
# ## The professional's list, in real code
#
# Validate, limit, batch, cache, log, monitor, version: every guide asks for it. Here is where it is in Calame. The
# last column is the first line of each file. **Open three of them.**

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
# Deployment is at the root of the repository: `Dockerfile`, `compose.yaml`, `Caddyfile` (TLS); the ways to open it to
# others are in `docs/deploy.md`; and every change passes all tests before it is accepted (continuous integration).

# %%
app.stop()
print(app)

# %% [markdown]
# ## Over to you
#
# 1. Write a program of twenty lines that reads all pictures of a folder by the API and writes a CSV. What does it do
#    about a damaged picture in the middle?
# 2. Send 700 requests in a minute to the service when it is open to others (`calame serve --host 0.0.0.0`). What does
#    it answer, and what does the header `Retry-After` say?
# 3. Open `/docs` on the app. Try a call there. Where does this page come from?
#
# ## Questions
# 1. What are the advantages of offering a model by a small web server such as Flask or FastAPI?
# 2. What difficulties come with deploying a model in a web application?
# 3. How can more users be served at once?
# 4. What security measures are due before production?

# %% [markdown] tags=["answer"]
# ### Answers
# 1. The model and its libraries stay in one place; any language calls it by HTTP; it is updated without touching the
#    clients; it can be watched and limited. Flask is small, well known, quickly written: perfect for a demonstration.
#    Its limits come soon: a request takes a thread, nothing validates inputs or describes the API, and the
#    development server is not made for production (behind gunicorn or uwsgi it is). FastAPI adds validation, an
#    OpenAPI description and async. Either way the network's computing must never block the loop that receives
#    requests.
# 2. **The gap between training and reality**: photos are not like MNIST, the first cause of failure. **The same
#    preparation** on both sides, or the scores are worth nothing. **Weight** of the libraries and of the model,
#    start-up, memory. **Latency** and peaks of load. **Versions**: of the model, the libraries, the API, and the way
#    back. **Drift**: inputs change and nobody says so. **Silent errors**: a network always answers something.
#    **Personal data**: what is kept, where, how long.
# 3. First measure where the time goes (often into decoding the picture, not into the network). Then: load the model
#    once; an inference engine rather than Keras; a lighter model; gather requests into batches; several processes,
#    one a core; a bounded queue that refuses clearly (429 or 503 with `Retry-After`) rather than collapse; cache what
#    is repeated; and several machines behind a balancer, which asks for a service without state. A GPU helps only
#    when batches are large.
# 4. **TLS**; listen only where needed; **authenticate** (API keys, kept as hashes) and **limit the rate** per client;
#    bound the size of files **and** of decoded pictures (a PNG of 48 KB can hold 400 megapixels); know the format by
#    the content and not by the extension; never build a path from a name received; restricted CORS; errors without
#    inner traces; a container without administrator's rights; dependencies kept up to date; models only from a
#    trusted source, checked by hash (a model file can run code); logs without personal data; keep nothing that is not
#    needed.
