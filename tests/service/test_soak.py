"""A short soak: good and bad requests mixed, from several clients at once; nothing breaks, and memory stays flat."""

import base64
import http.client
import itertools
import json
import random
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

GROWTH = 60  # MB that the process may grow between the first and the last round: pools and caches, no leak
CLIENTS, EACH, ROUNDS = 4, 60, 4
JSON, FORM = {"content-type": "application/json"}, {"content-type": "multipart/form-data; boundary=b"}


def form(content: bytes, name: str = "image") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="é.png"\r\n\r\n'
    return head.encode() + content + b"\r\n--b--\r\n"


def requests(one: bytes) -> list[tuple]:
    """What is asked for: method, address, body, headers."""
    read, text = "/v1/digits", base64.b64encode(one).decode()
    return [
        ("POST", read + "?keep=1", form(one), FORM),
        ("POST", read + "?trace=1&features=1&tta=1&lang=fr", json.dumps({"images": [text, text[:200], 5]}), JSON),
        ("POST", "/predict", json.dumps({"image": text, "show_features": True}), JSON),
        ("POST", read, form(one[: len(one) // 2]), FORM),
        ("POST", read, form(b"\x89PNG\r\n\x1a\n" + bytes(500)), FORM),
        ("POST", read, form(one, "other"), FORM),
        ("POST", read, form(one), {"content-type": "multipart/form-data; boundary=b; charset=undefined"}),
        ("POST", read, "[" * 100_000, JSON),
        ("POST", read, '{"images": [' + "0," * 100 + "0]}", JSON),
        ("POST", read, json.dumps({"image": "x" * 2_000_000}), JSON),
        ("POST", read + "?model=none&off=ink", form(one), FORM),
        ("PUT", read, b"", {}),
        ("PATCH", "/v1/history/1", json.dumps({"truth": 4, "note": "=1+1"}), JSON),
        ("PATCH", "/v1/history/1", '{"note": "\\ud800"}', JSON),
        ("DELETE", "/v1/history/3", b"", {}),
        ("GET", "/v1/history?query=4>9&limit=5", b"", {}),
        ("GET", "/v1/sheet.xlsx?limit=20", b"", {}),
        ("HEAD", "/v1/sheet", b"", {}),
        ("GET", "/static/..%2f..%2fapp.py", b"", {"range": "bytes=9-1"}),
        ("GET", "/v1/mnist/-1", b"", {}),
        ("GET", "/metrics", b"", {}),
    ]


def ask(address: tuple[str, int], asked: tuple) -> tuple[int, bool]:
    """Return the status, and whether it was told when to come back."""
    method, path, body, headers = asked
    connection = http.client.HTTPConnection(*address, timeout=120)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, "retry-after" in answer.headers
    finally:
        connection.close()


def leave(address: tuple[str, int]) -> None:
    """Begin a request, and be gone."""
    with socket.create_connection(address, timeout=120) as client:
        client.sendall(b"POST /v1/digits HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        client.sendall(b"Content-Length: 1000\r\n\r\n{")


def resident(process: int) -> int:
    """Return the memory of a process, in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) // 1024


def one_client(address: tuple[str, int], asked: list[tuple], seed: int) -> list[tuple[int, bool]]:
    order = random.Random(seed)
    leave(address)
    return [ask(address, order.choice(asked)) for _ in range(EACH)]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_nothing_breaks_and_nothing_grows(one, running, tmp_path):
    seeds, sizes, told = itertools.count(), [], []
    with running() as (server, address), ThreadPoolExecutor(CLIENTS) as threads:
        for _ in range(ROUNDS):
            rounds = [threads.submit(one_client, address, requests(one), next(seeds)) for _ in range(CLIENTS)]
            told += itertools.chain.from_iterable(future.result() for future in rounds)
            sizes.append(resident(server.pid))
    assert {status for status, _ in told} >= {200, 400, 404, 405, 413, 415, 422}
    assert {(status, later) for status, later in told if status >= 500} <= {(503, True)}
    assert sizes[-1] - sizes[0] <= GROWTH, sizes
    assert '"level": "error"' not in (tmp_path / "log").read_text(encoding="utf-8")
