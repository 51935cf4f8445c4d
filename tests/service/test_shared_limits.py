"""Clients counted in Redis: one share for all workers, and nobody kept out when it does not answer.

The Redis is fakeredis, which runs the script's Lua; CALAME_TEST_REDIS names a real one to take instead.
"""

import asyncio
import hashlib
import logging
import os
import socket
import sys
import uuid
from contextlib import closing

import fakeredis
import pytest

from calame.errors import MissingExtra, TooManyRequests, UsageError
from calame.service import shared_limits
from calame.service.limits import OwnRates
from calame.service.shared_limits import SharedRates

STAND_IN = "redis://stand-in"


@pytest.fixture
def redis_url(monkeypatch):
    """The URL of a Redis, one for all that connect to it."""
    if url := os.environ.get("CALAME_TEST_REDIS"):
        return url
    server, connect = fakeredis.FakeServer(), shared_limits.connect
    monkeypatch.setattr(
        shared_limits,
        "connect",
        lambda url: fakeredis.FakeAsyncRedis(server=server) if url == STAND_IN else connect(url),
    )
    return STAND_IN


@pytest.fixture
def silent():
    """The URL of a server that takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}"


def somebody() -> str:
    return uuid.uuid4().hex


def taken(url, *calls, rate=60):
    """What the calls come to, made one after another by two workers in turn: the header, or the error."""

    async def run():
        workers = [SharedRates(rate, url, pytest.fail) for _ in range(2)]
        found = []
        for number, client in enumerate(calls):
            try:
                found.append((await workers[number % 2].take(client))["RateLimit"])
            except TooManyRequests as error:
                found.append(error)
        for worker in workers:
            await worker.close()
        return found

    return asyncio.run(run())


def test_a_share_is_one_for_all_workers(redis_url):
    client, other = somebody(), somebody()
    found = taken(redis_url, client, client, client, other, rate=2)
    assert found[:2] == ['"minute";r=1;t=30', '"minute";r=0;t=60']
    assert "at most 2 requests a minute; try again in 30 s" in str(found[2])
    assert found[3] == '"minute";r=1;t=30'


def test_it_says_the_same_as_the_memory_of_a_process(redis_url):
    own, client = OwnRates(600), somebody()
    assert taken(redis_url, *[client] * 5, rate=600) == [own.take_at(client, 0)["RateLimit"] for _ in range(5)]


def test_no_two_take_the_same_last_request(redis_url):
    async def run():
        workers, client = [SharedRates(5, redis_url, pytest.fail) for _ in range(4)], somebody()
        asked = [worker.take(client) for worker in workers for _ in range(5)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        for worker in workers:
            await worker.close()
        return found

    found = asyncio.run(run())
    assert sum(isinstance(one, dict) for one in found) == 5
    assert sum(isinstance(one, TooManyRequests) for one in found) == 15


def test_a_bucket_fills_again_and_is_forgotten_when_full(redis_url):
    async def run():
        rates, client = SharedRates(6000, redis_url, pytest.fail), somebody()  # 100 a second
        for _ in range(50):
            await rates.take(client)
        store = shared_limits.connect(redis_url)
        kept = await store.pttl(shared_limits.PREFIX + client)
        await asyncio.sleep(0.2)
        left = (await rates.take(client))["RateLimit"]
        await store.aclose()
        await rates.close()
        return kept, left

    kept, left = asyncio.run(run())
    assert 1000 <= kept <= 1500
    assert int(left.partition("r=")[2].partition(";")[0]) >= 5949 + 20


@pytest.mark.parametrize("kind", ["closed", "silent"])
def test_when_redis_does_not_answer_requests_are_let_in(kind, silent, caplog):
    url = silent if kind == "silent" else "redis://:secret@127.0.0.1:1"
    let_in = []

    async def run():
        rates = SharedRates(1, url, lambda: let_in.append(1))
        said = [await rates.take("a") for _ in range(3)]
        await rates.close()
        return said

    with caplog.at_level(logging.WARNING, "calame.service"):
        assert asyncio.run(run()) == [{}, {}, {}]
    assert len(let_in) == 3
    assert len(caplog.records) == 1  # once a minute
    assert "shared limits do not answer" in caplog.text
    assert "secret" not in caplog.text


def test_it_is_asked_again_after_a_while(redis_url, monkeypatch):
    async def run():
        rates = SharedRates(60, redis_url, lambda: None)
        away = shared_limits.connect("redis://127.0.0.1:1").register_script(shared_limits.TAKE)
        here, rates._script = rates._script, away
        first = await rates.take("a")
        rates._script = here
        second = await rates.take(somebody())
        monkeypatch.setattr(shared_limits.time, "monotonic", lambda: rates._quiet_until)
        third = await rates.take(somebody())
        await rates.close()
        return first, second, third

    first, second, third = asyncio.run(run())
    assert first == second == {}
    assert third["RateLimit"] == '"minute";r=59;t=1'


def test_the_service_counts_in_redis(serving, one, redis_url):
    key = somebody()
    client = serving(rate=2, limits=redis_url, keys=(hashlib.sha256(key.encode()).digest(),))
    bearer = {"authorization": f"Bearer {key}"}
    answers = [client.post("/v1/digits", files={"image": one}, headers=bearer) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["ratelimit"].startswith('"minute";r=0;t=')
    assert "calame_uncounted_requests_total 0.0" in client.get("/metrics", headers=bearer).text


def test_the_service_counts_those_it_let_in(serving, one):
    client = serving(rate=1, limits="redis://127.0.0.1:1")
    answers = [client.post("/v1/digits", files={"image": one}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "ratelimit" not in answers[0].headers
    assert "calame_uncounted_requests_total 3.0" in client.get("/metrics").text


@pytest.mark.parametrize("url", ["http://localhost", "localhost:6379", "redis://:secret@host:port", ""])
def test_a_url_of_something_else_is_refused_without_its_password(url):
    with pytest.raises(UsageError, match="is none of Redis; write redis://HOST:6379") as refused:
        shared_limits.connect(url)
    assert "secret" not in str(refused.value)


def test_without_the_package_the_command_that_gets_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(MissingExtra, match=r"redis is not installed; get it with: pip install 'calame\[redis\]'"):
        shared_limits.connect("redis://localhost")
