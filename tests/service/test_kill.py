"""The server killed with -9, and told to stop: what was acknowledged is there, and what was begun is answered."""

import http.client
import json
import random
import signal
import socket
import sqlite3
import threading

import pytest

CLIENTS, WRITES = 3, 12
FORM = {"content-type": "multipart/form-data; boundary=b"}


def form(one: bytes) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n'
    return head + one + b"\r\n--b--\r\n"


class Writer(threading.Thread):
    """Reads, corrects and deletes until the server is gone; remembers what it was told, by id."""

    def __init__(self, address, one, seed):
        super().__init__()
        self.connection, self.body, self.random = http.client.HTTPConnection(*address), form(one), random.Random(seed)
        self.known: dict[int, int | None] = {}  # id: truth
        self.gone: set[int] = set()
        self.begun: int | None = None  # what the last request was about: it may have happened, or not
        self.start()

    def ask(self, method, path, body=None, headers=None):
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        assert answer.status == 200
        return json.loads(answer.read())

    def run(self):
        while True:
            number = self.random.choice(list(self.known)) if self.known else None
            try:
                self.step(number, self.random.random())
            except (OSError, http.client.HTTPException):
                return self.connection.close()

    def step(self, number, chance):
        if number is None or chance < 0.5:
            self.begun = None
            self.known[self.ask("POST", "/v1/digits?keep=1", self.body, FORM)["id"]] = None
            return
        self.begun, truth = number, self.random.randrange(10)
        if chance < 0.8:
            sent = json.dumps({"truth": truth})
            self.known[number] = self.ask("PATCH", f"/v1/history/{number}", sent, {"content-type": "application/json"})[
                "truth"
            ]
        else:
            self.ask("DELETE", f"/v1/history/{number}")
            self.gone.add(number)
            del self.known[number]


@pytest.mark.slow
def test_kill_9_takes_back_nothing_that_was_answered(one, running, tmp_path):
    known, gone = {}, set()
    for place in range(3):
        with running() as (server, address):
            writers = [Writer(address, one, 10 * place + number) for number in range(CLIENTS)]
            while sum(len(writer.known) + len(writer.gone) for writer in writers) < WRITES:
                writers[0].join(0.01)
            server.send_signal(signal.SIGKILL)
            for writer in writers:
                writer.join()
        unsure = {writer.begun for writer in writers}
        for writer in writers:
            known |= writer.known
            gone |= writer.gone
        file = sqlite3.connect(tmp_path / "history.db")
        rows = dict(file.execute("SELECT id, truth FROM readings").fetchall())
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        file.close()
        known = {number: truth for number, truth in known.items() if number not in unsure}
        assert known.items() <= rows.items()
        assert not gone & rows.keys()
    assert len(known) + len(gone) >= WRITES


@pytest.mark.slow
def test_what_was_begun_is_answered_and_kept_when_it_is_told_to_stop(one, running, tmp_path):
    body = form(one)
    head = f"POST /v1/digits?keep=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: {FORM['content-type']}\r\n"
    head += f"Content-Length: {len(body)}\r\n\r\n"
    with running() as (server, address):
        begun = [socket.create_connection(address) for _ in range(20)]
        for client in begun:
            client.sendall(head.encode() + body[:50])
        asked = http.client.HTTPConnection(*address)
        asked.request("GET", "/health/ready")  # by now they have all been seen
        assert asked.getresponse().status == 200
        server.send_signal(signal.SIGTERM)
        ids = []
        for client in begun:
            client.sendall(body[50:])
            answer = http.client.HTTPResponse(client)
            answer.begin()
            ids.append(json.loads(answer.read())["id"])
            client.close()
        asked.close()
        assert server.wait() == 0
    file = sqlite3.connect(tmp_path / "history.db")
    assert sorted(ids) == [number for (number,) in file.execute("SELECT id FROM readings ORDER BY id")]
    file.close()
