"""`calame serve`: a clear word about the port, an address, and an end that loses nothing."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from calame.cli import main
from calame.errors import PortTaken, UsageError
from calame.service.listening import address_of, listen
from calame.service.settings import EVERYBODY, for_host


@contextmanager
def started(tmp_path, *words):
    """Run the command in a process of its own and yield it with its address, once it is said."""
    command = [sys.executable, "-m", "calame", "--lang", "en", "serve", "--port", "0", *words]
    environment = {"CALAME_HOME": str(tmp_path), "PATH": ""}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        try:
            first = server.stderr.readline()
            yield server, re.search(r"http://\S+", first).group()
        finally:
            server.kill()


def get(address):
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.status


def test_a_port_that_is_taken_is_named_with_the_way_out():
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port} of 127.0.0.1 is taken .* calame serve --port \d+"):
            listen("127.0.0.1", port)


def test_the_command_ends_with_2_when_the_port_is_taken(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("CALAME_HOME", str(tmp_path))
    with listen("127.0.0.1", 0) as taken:
        taken.listen()
        assert main(["--lang", "fr", "serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "est pris par un autre programme" in capsys.readouterr().err


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(UsageError, match=r"cannot listen at 192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def test_connections_answer_without_delay():
    with listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's delay on
        assert address_of(listening) == f"http://localhost:{listening.getsockname()[1]}"


def test_only_this_machine_has_no_limit(tmp_path):
    from calame.config import read_settings

    user = read_settings({"CALAME_HOME": str(tmp_path), "CALAME_API_KEYS": "a, b,"})
    local, public = for_host(user, "127.0.0.1", 1), for_host(user, "0.0.0.0", 1, hosts=["calame.example"])
    assert (local.rate, public.rate) == (0, EVERYBODY)
    assert "localhost" in local.hosts
    assert public.hosts == ("127.0.0.1", "localhost", "::1", "calame.example")
    assert for_host(user, "0.0.0.0", 1).hosts == ()
    assert (local.may_keep, public.may_keep) == (True, False)
    behind = for_host(user, "127.0.0.1", 1, proxies=["127.0.0.1"])
    assert (behind.rate, behind.may_keep, behind.hosts) == (EVERYBODY, False, ())
    assert for_host(user, "127.0.0.1", 1, limits="redis://localhost").rate == EVERYBODY
    assert for_host(user, "0.0.0.0", 1, rate=0).rate == 0
    assert len(local.keys) == 2
    assert "secret" not in repr(local)


@pytest.mark.slow
@pytest.mark.parametrize("words", [(), ("--workers", "2", "--no-history")])
def test_it_serves_until_told_to_stop(tmp_path, words):
    with started(tmp_path, *words) as (server, address):
        assert get(address + "/health/ready") == 200
        assert get(address + "/v1/history") == 200
        assert (tmp_path / "history.db").exists() == (not words)
        server.send_signal(signal.SIGTERM)
        said = server.stderr.read()
        assert server.wait(60) == 0
        assert "Nothing that is read leaves this machine" in said
        assert "stopped" in said


@pytest.mark.slow
def test_what_runs_is_finished_when_it_is_told_to_stop(tmp_path):
    sample = "--b\r\nContent-Disposition: form-data; name=image; filename=a\r\n\r\n"
    with started(tmp_path) as (server, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as client:
            body = sample.encode() + b"x" * 1000 + b"\r\n--b--\r\n"
            head = f"POST /v1/digits HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:100])
            time.sleep(0.3)
            server.send_signal(signal.SIGTERM)
            time.sleep(0.3)
            client.sendall(body[100:])
            assert b" 415 " in client.recv(4096).partition(b"\r\n")[0]  # answered, although no picture
        assert server.wait(60) == 0
