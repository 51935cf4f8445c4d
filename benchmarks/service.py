"""The service under load, beside the course's own Flask app: readings a second, waiting times, overload, memory.

    python benchmarks/service.py [--seconds 5] [--workers 2] [--soak MINUTES]

Three processes: the service, the load (this file again, with `--load`), and this one, which starts both. The pictures
are drawings as a browser's canvas gives them (280×280, RGBA, PNG), a hundred different ones; every reading has all
checks and the whole preparation. The Flask app is the course's: it inverts and shrinks the drawing, asks Keras's
`predict`, and draws the first feature maps with Matplotlib; both are asked `/predict` in the same words, so the
ratios are of the same work order. It needs the extra `train` and the group `bench`; without them the ratios are left
out and named. Prints one JSON object. Times are milliseconds, memory is MB of each process.
"""

import argparse
import asyncio
import base64
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

PICTURES, CLIENTS = 100, 32
HOST = "127.0.0.1"
OVERLOAD = 10  # times the clients that the service can serve at once
HERE = Path(__file__)


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=5.0, help="of each measurement")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes of the service")
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES", help="mixed load, bad input included")
    parser.add_argument("--flask", type=int, metavar="PORT", help=argparse.SUPPRESS)
    parser.add_argument("--load", metavar="JSON", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    arguments = options()
    if arguments.flask:
        return flask_app(arguments.flask)
    if arguments.load:
        return print(json.dumps(asyncio.run(load(Load(**json.loads(arguments.load))))))
    print(json.dumps(soak(arguments) if arguments.soak else measure(arguments), indent=1))
    return None


# --- what is measured


def measure(arguments: argparse.Namespace) -> dict[str, object]:
    seconds, result = arguments.seconds, {"benchmark": "service", "cores": os.cpu_count(), "workers": arguments.workers}
    with service(arguments.workers) as (port, ready, process):
        result["ready"] = round(ready, 2)
        away(port, "predict", 2, clients=CLIENTS)  # every thread and worker has seen work
        result["one client"] = away(port, "reading", seconds, clients=1)
        before = sum(processor(child) for child in family(process))
        result["many clients"] = busy = away(port, "reading", seconds, clients=CLIENTS)
        spent = sum(processor(child) for child in family(process)) - before
        result["processor each"] = round(spent * 1e3 / sum(busy["statuses"].values()), 3)  # type: ignore[attr-defined]
        own = away(port, "predict", seconds, clients=CLIENTS)
        maps = away(port, "maps", seconds, clients=CLIENTS)
        over = away(port, "reading", 2 * seconds, clients=OVERLOAD * CLIENTS)
        result["overload"] = over | {"of the peak": round(float(over["answers"]) / float(busy["answers"]), 3)}  # type: ignore[arg-type]
        after = away(port, "reading", 1, clients=CLIENTS)
        result["one second after"] = round(float(after["answers"]) / float(busy["answers"]), 3)  # type: ignore[arg-type]
        result["memory"] = [round(resident(child)) for child in family(process)]
    if find_spec("flask") is None or find_spec("keras") is None:
        return result | {"flask": "left out: pip install '.[train]' --group bench"}
    with flask() as port:
        away(port, "predict", 2, clients=2)
        flask_plain, flask_maps = (away(port, what, seconds, clients=4) for what in ("predict", "maps"))
    return result | {
        "course": flask_plain["answers"], "times the course": round(own["answers"] / flask_plain["answers"], 1),
        "course, maps": flask_maps["answers"], "times, maps": round(maps["answers"] / flask_maps["answers"], 1),
    }  # fmt: skip


def soak(arguments: argparse.Namespace) -> dict[str, object]:
    """Mixed load for so many minutes: statuses by kind of request, and the memory after each tenth of the time."""
    with service(arguments.workers) as (port, _, process):
        tenth, statuses, memory = arguments.soak * 6, {}, []
        for _ in range(10):
            seen = away(port, "mixed", tenth, clients=8)["statuses"]
            statuses = {code: statuses.get(code, 0) + seen.get(code, 0) for code in {*statuses, *seen}}  # type: ignore[union-attr]
            memory.append([round(resident(child)) for child in family(process)])
    return {"benchmark": "soak", "minutes": arguments.soak, "statuses": statuses, "memory": memory}


# --- who is measured


@contextmanager
def service(workers: int) -> Iterator[tuple[int, float, subprocess.Popen[bytes]]]:
    """The service as a user starts it; its port, the seconds until it was ready, and its process."""
    port = free_port()
    with tempfile.TemporaryDirectory() as home:
        command = [sys.executable, "-m", "calame", "serve", "--port", str(port), "--no-browser", "--no-history",
                   "--workers", str(workers)]  # fmt: skip
        started = time.perf_counter()
        with running(command, {"CALAME_HOME": home}) as process:
            yield port, wait_for(f"http://127.0.0.1:{port}/health/ready", started), process


@contextmanager
def flask() -> Iterator[int]:
    port = free_port()
    with running([sys.executable, str(HERE), "--flask", str(port)], {"TF_CPP_MIN_LOG_LEVEL": "3"}):
        wait_for(f"http://127.0.0.1:{port}/", time.perf_counter())
        yield port


@contextmanager
def running(command: list[str], variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, env=os.environ | variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(address: str, started: float) -> float:
    """Return after how many seconds the address answers 200."""
    while time.perf_counter() - started < 120:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return time.perf_counter() - started
        except OSError:
            time.sleep(0.005)
    raise SystemExit(f"{address} does not answer")


def flask_app(port: int) -> None:
    """The course's app: Flask's own server, Keras's `predict`, Matplotlib's pictures."""
    import keras
    import matplotlib as mpl
    from flask import Flask, jsonify, request

    from calame.models import course

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    network = course.build_quick()
    first = keras.Model(network.inputs, next(layer for layer in network.layers if "conv" in layer.name).output)
    app = Flask("course")

    def drawn(maps: np.ndarray) -> list[str]:
        found = []
        for number in range(min(8, maps.shape[-1])):
            plt.figure(figsize=(2, 2))
            plt.imshow(maps[0, :, :, number], cmap="viridis")
            plt.axis("off")
            held = BytesIO()
            plt.savefig(held, format="png", bbox_inches="tight")
            plt.close()
            found.append(base64.b64encode(held.getvalue()).decode())
        return found

    @app.get("/")
    def page() -> str:
        return "course"

    @app.post("/predict")
    def predict() -> object:
        asked = request.get_json()
        picture = Image.open(BytesIO(base64.b64decode(asked["image"]))).convert("L").resize((28, 28))
        pixels = (255 - np.asarray(picture, np.float32)).reshape(1, 28, 28, 1) / 255
        said = network.predict(pixels)[0]
        answer = {"prediction": int(said.argmax()), "confidence": float(said.max() * 100)}
        if asked.get("show_features"):
            answer["feature_maps"] = drawn(first.predict(pixels))
        return jsonify(answer)

    app.run(port=port)


# --- the load


@dataclass
class Load:
    """What a load process is told: where, what, for how long, with how many clients."""

    port: int
    what: str
    seconds: float
    clients: int


@dataclass
class Seen:
    """What the clients saw."""

    waits: list[float] = field(default_factory=list)  # seconds, of the answers
    refusals: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)


def away(port: int, what: str, seconds: float, *, clients: int) -> dict[str, float]:
    """Put a load on from a process of its own; answers a second, and what waiting was like."""
    told = json.dumps({"port": port, "what": what, "seconds": seconds, "clients": clients})
    done = subprocess.run([sys.executable, str(HERE), "--load", told], check=True, capture_output=True)
    return json.loads(done.stdout)


async def load(told: Load) -> dict[str, object]:
    loop, seen = asyncio.get_running_loop(), Seen()
    requests = made(told.what)
    ends = loop.time() + told.seconds
    clients = [
        (await loop.create_connection(partial(Client, told.port, requests, n, ends, seen), "127.0.0.1", told.port))[
            1
        ].done
        for n in range(told.clients)
    ]
    started = loop.time()
    await asyncio.wait([asyncio.ensure_future(done) for done in clients], timeout=told.seconds + 30)
    took = max(told.seconds, loop.time() - started)
    refused = seen.refusals
    return {
        "clients": told.clients, "answers": round(len(seen.waits) / took, 1), "statuses": seen.statuses,
        **spread("", seen.waits), "refusals": round(len(refused) / took, 1), **spread("refusal ", refused),
    }  # fmt: skip


def spread(name: str, waits: list[float]) -> dict[str, float]:
    if len(waits) < 2:
        return {}
    cuts = statistics.quantiles(waits, n=1000, method="inclusive")
    return {f"{name}p{what}": round(cuts[place] * 1e3, 2) for what, place in (("50", 499), ("95", 949), ("99", 989))}


class Client(asyncio.Protocol):
    """Asks, waits for the answer, asks again; one that is refused waits as long as it is told to.

    The methods are those of `asyncio.Protocol`.
    """

    def __init__(self, port: int, requests: list[bytes], turn: int, ends: float, seen: Seen) -> None:
        self.port, self.requests, self.turn, self.ends, self.seen = port, requests, turn, ends, seen
        self.loop, self.held, self.missing = asyncio.get_running_loop(), bytearray(), 0
        self.done: asyncio.Future[None] = self.loop.create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.ask()

    def ask(self) -> None:
        if self.loop.time() >= self.ends:
            self.finish()
            return
        self.started = self.loop.time()
        self.transport.write(self.requests[self.turn % len(self.requests)])
        self.turn += 1

    def data_received(self, data: bytes) -> None:
        self.held += data
        if not self.missing:
            head, found, _ = self.held.partition(b"\r\n\r\n")
            if not found:
                return
            low = bytes(head).lower()
            place = low.index(b"content-length:") + 15
            self.missing = len(head) + 4 + int(low[place : low.find(b"\r", place) if b"\r" in low[place:] else None])
        if len(self.held) < self.missing:
            return
        self.note(int(self.held[9:12]), bytes(self.held[: self.missing]))
        self.held, self.missing = bytearray(), 0

    def note(self, status: int, answer: bytes) -> None:
        waited = self.loop.time() - self.started
        if self.started < self.ends:
            self.seen.statuses[status] = self.seen.statuses.get(status, 0) + 1
            (self.seen.refusals if status in (429, 503) else self.seen.waits).append(waited)
        if b"\nconnection: close" in answer.partition(b"\r\n\r\n")[0].lower():
            self.transport.close()  # and a new one is opened when it is: Flask's own server answers once a connection
            return
        if status not in (429, 503):
            self.ask()
            return
        place = answer.lower().index(b"retry-after:") + 12
        self.loop.call_later(float(answer[place : answer.index(b"\r", place)]), self.ask)

    def connection_lost(self, exc: Exception | None) -> None:
        if self.done.done() or self.loop.time() >= self.ends:
            self.finish()
        else:
            self.held, self.missing = bytearray(), 0
            self.again = self.loop.create_task(self.loop.create_connection(lambda: self, HOST, self.port))

    def finish(self) -> None:
        if not self.done.done():
            self.done.set_result(None)
        self.transport.close()


def made(what: str) -> list[bytes]:
    """Whole requests, as bytes: a hundred drawings, asked for in one of the ways, or all ways and bad input mixed."""
    encoded = [drawing(seed) for seed in range(PICTURES)]
    if what == "reading":
        return [multipart(one) for one in encoded]
    if what in ("predict", "maps"):
        return [as_json("/predict", {"image": base64.b64encode(one).decode(), "show_features": what == "maps"})
                for one in encoded]  # fmt: skip
    bad = [
        as_json("/v1/digits", {"image": "???"}),
        multipart(encoded[0][:200]),
        multipart(b""),
        as_json("/predict", []),
    ]
    fine = [as_json("/v1/digits?trace=1&features=1&tta=1", {"image": base64.b64encode(encoded[1]).decode()})]
    several = as_json("/v1/digits", {"images": [base64.b64encode(one).decode() for one in encoded[:16]]})
    return [request for one in encoded[:20] for request in (multipart(one), bad[one[-9] % len(bad)], *fine, several)]


def as_json(path: str, value: object) -> bytes:
    return request(path, "application/json", json.dumps(value).encode())


def multipart(content: bytes) -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
    return request("/v1/digits", "multipart/form-data; boundary=x", part + content + b"\r\n--x--\r\n")


def request(path: str, kind: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def drawing(seed: int) -> bytes:
    """A digit on the page's canvas, as PNG."""
    from calame.data import glyphs, pens

    rng = np.random.default_rng(seed)
    ink = pens.write(glyphs.draw(seed % 10, rng), 280, 280, pens.Pen(0.08), rng, box=(140, 140, rng.uniform(120, 220)))
    grey = (255 - 255 * ink).astype(np.uint8)
    held = BytesIO()
    Image.fromarray(np.dstack([grey, grey, grey, np.full_like(grey, 255)])).save(held, "PNG")
    return held.getvalue()


# --- small helpers


def family(process: subprocess.Popen[bytes]) -> list[int]:
    """The workers, or the one process when it is its own worker."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    workers = [int(child) for child in children if "spawn_main" in Path(f"/proc/{child}/cmdline").read_text()]
    return workers or [process.pid]


def resident(process: int) -> float:
    """MB of a process that are in memory."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def processor(process: int) -> float:
    """Seconds that a process has computed."""
    facts = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(facts[11]) + int(facts[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


if __name__ == "__main__":
    main()
