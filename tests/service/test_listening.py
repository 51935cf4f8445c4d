"""A port that several workers listen on: each has its share of the connections, and nobody else gets in."""

import pickle
import socket
import sys

import pytest

from calame.errors import PortTaken
from calame.service import listening
from calame.service.listening import for_workers, listen

HOST, CONNECTIONS = "127.0.0.1", 200

linux = pytest.mark.skipif(sys.platform != "linux", reason="one socket serves all workers there")


@pytest.fixture
def taken():
    with listen(HOST, 0) as made:
        yield made


@pytest.fixture
def workers(taken):
    with for_workers(taken) as sent:
        made = [pickle.loads(pickle.dumps(sent)) for _ in range(2)]
    for worker in made:
        worker.listen(CONNECTIONS)
        worker.setblocking(False)
    yield made
    for worker in made:
        worker.close()


def accepted(worker):
    found = []
    while True:
        try:
            found.append(worker.accept()[0])
        except BlockingIOError:
            return found


@linux
def test_each_worker_has_its_share_of_the_connections(taken, workers):
    clients = [socket.create_connection(taken.getsockname()) for _ in range(CONNECTIONS)]
    shares = [accepted(worker) for worker in workers]
    for connection in (*clients, *shares[0], *shares[1]):
        connection.close()
    assert len(shares[0]) + len(shares[1]) == CONNECTIONS
    assert min(map(len, shares)) > CONNECTIONS // 8


@linux
def test_when_one_worker_ends_the_other_has_all(taken, workers):
    workers[0].close()
    clients = [socket.create_connection(taken.getsockname()) for _ in range(20)]
    found = accepted(workers[1])
    for connection in (*clients, *found):
        connection.close()
    assert len(found) == len(clients)


@linux
def test_a_port_that_workers_share_is_taken_for_everybody_else(taken, workers):
    with pytest.raises(PortTaken):
        listen(*taken.getsockname())


@linux
def test_an_answer_is_sent_at_once_by_each_worker(workers):
    assert all(worker.proto == socket.IPPROTO_TCP for worker in workers)  # what asyncio looks at


def test_elsewhere_than_on_linux_all_workers_have_the_one_socket(taken, monkeypatch):
    monkeypatch.setattr(listening.sys, "platform", "darwin")
    assert for_workers(taken) is taken
