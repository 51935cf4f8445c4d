"""Who may come in: names, origins, keys, and so many requests a minute."""

import asyncio
import hashlib
from itertools import repeat

import pytest

from calame.errors import BadParameter, BodyTooLarge, TooManyRequests
from calame.service.limits import LIFE, Guard, OwnRates, from_page, host_name, page_cookie
from calame.service.settings import ServiceSettings, hashed, site

KEYS = hashed(["first", "sha256:" + hashlib.sha256(b"second").hexdigest()])


def test_a_bucket_fills_again_evenly():
    rates = OwnRates(60)
    left = [rates.take_at("a", now=0)["RateLimit"] for _ in range(60)]
    assert left[0] == '"minute";r=59;t=1'
    assert left[-1] == '"minute";r=0;t=60'
    with pytest.raises(TooManyRequests, match="at most 60 requests a minute; try again in 1 s"):
        rates.take_at("a", now=0)
    assert rates.take_at("b", now=0)["RateLimit"] == '"minute";r=59;t=1'
    assert rates.take_at("a", now=10)["RateLimit"] == '"minute";r=9;t=51'


def test_few_clients_are_remembered():
    rates = OwnRates(1, most=2)
    for client in ("a", "b", "c"):
        rates.take_at(client, now=0)
    rates.take_at("a", now=0)  # forgotten, and so let in again
    with pytest.raises(TooManyRequests):
        rates.take_at("c", now=0)


def test_too_many_requests_are_told_when_to_come_back(serving, one):
    client = serving(rate=2)
    answers = [client.post("/v1/digits", files={"image": one}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit-policy"] == '"minute";q=2;w=60'
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30
    assert answers[2].headers["ratelimit"].startswith('"minute";r=0;t=')
    assert answers[2].json()["code"] == "too_many_requests"
    assert client.get("/health/live").status_code == client.get("/").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer first"}, 200),
        ({"authorization": "bearer second"}, 200),
        ({"x-api-key": "first"}, 200),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Bearer third"}, 401),
        ({"authorization": "Basic first"}, 401),
        ({"x-api-key": "é"}, 401),
        ({"cookie": "calame_page=99999999999.abc"}, 401),
        ({"cookie": "calame_page=é.é"}, 401),
    ],
)
def test_a_key_is_asked_for_where_there_are_keys(serving, headers, status):
    client = serving(keys=KEYS)
    raw = {name: value.encode() for name, value in headers.items()}
    answer = client.get("/v1/models", headers=raw)
    assert answer.status_code == status
    assert status == 200 or answer.headers["www-authenticate"] == "Bearer"
    assert client.get("/metrics", headers=raw).status_code == status
    assert client.get("/health/ready").status_code == client.get("/docs").status_code == 200


def test_the_page_needs_no_key(serving, one):
    client = serving(keys=KEYS)
    cookie = client.get("/").headers["set-cookie"]
    assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
    assert client.post("/v1/digits", files={"image": one}).json()["digit"] == 1  # the client kept the cookie
    foreign = client.post("/v1/digits", files={"image": one}, headers={"sec-fetch-site": "same-site"})
    assert foreign.status_code == 401


def test_the_cookie_of_the_page_ends(monkeypatch):
    cookie = page_cookie(b"secret", secure=True).partition(";")[0]
    assert from_page({"cookie": cookie}, b"secret")
    assert not from_page({"cookie": cookie}, b"other")
    now = __import__("time").time()
    monkeypatch.setattr("calame.service.limits.time.time", lambda: now + LIFE + 1)
    assert not from_page({"cookie": cookie}, b"secret")


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 200), ("http://testserver", 200), ("https://good.example", 200), ("https://evil.example", 403),
     ("null", 403), ("", 403)],
)  # fmt: skip
def test_pages_of_other_sites_cannot_send(serving, one, origin, status):
    client = serving(origins=("https://good.example",))
    answer = client.post("/v1/digits", files={"image": one}, headers={} if origin is None else {"origin": origin})
    assert answer.status_code == status


@pytest.mark.parametrize(
    "named", ["app.example.org", "localhost:3000", "https://app.example.org/page", "https://*.org", ""]
)
def test_a_site_that_no_browser_names_so_is_refused(named):
    with pytest.raises(BadParameter, match=r"--origin.*https://app\.example\.org"):
        site(named)


@pytest.mark.parametrize(
    "named", ["*", "null", "https://App.example.org/", "http://localhost:3000", "http://[::1]:8080"]
)
def test_a_site_is_named_as_browsers_name_it(named):
    assert site(named) == named.lower().rstrip("/")


def test_cors_is_off_unless_origins_are_given(client, serving):
    asked = {"origin": "https://good.example", "access-control-request-method": "POST"}
    assert client.options("/v1/digits", headers=asked).status_code == 403
    other = serving(origins=("https://good.example",))
    assert other.options("/v1/digits", headers={**asked, "origin": "http://testserver"}).json()["status"] == 405
    answer = other.options("/v1/digits", headers=asked)
    assert answer.headers["access-control-allow-origin"] == "https://good.example"
    assert "access-control-allow-origin" not in client.get("/v1/models", headers=asked).headers


@pytest.mark.parametrize("origins", [(), ("https://good.example",)])
@pytest.mark.parametrize(("lang", "words"), [("en", "which is not allowed"), ("fr", "qui n’est pas autorisé")])
def test_what_a_browser_asks_for_another_site_is_refused_as_a_problem(serving, origins, lang, words):
    asked = {"origin": "https://evil.example", "access-control-request-method": "POST", "accept-language": lang}
    answer = serving(origins=origins).options("/v1/digits", headers=asked)
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
    assert (answer.json()["code"], "access-control-allow-origin" in answer.headers) == ("foreign_origin", False)
    assert words in answer.json()["detail"]
    assert "serve --origin https://evil.example" in answer.json()["detail"]


@pytest.mark.parametrize("asked", [{}, {"access-control-request-private-network": "true"}])
def test_what_no_page_may_do_is_refused_as_a_problem(serving, asked):
    named = {"origin": "https://good.example", "access-control-request-method": "POST" if asked else "BREW", **asked}
    answer = serving(origins=("https://good.example",)).options("/v1/digits", headers=named)
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_parameter")


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:5001", 200), ("127.0.0.1", 200), ("[::1]:5001", 200), ("evil.example", 421)]
)
def test_this_machine_answers_to_its_own_names_alone(serving, host, status):
    client = serving(hosts=("localhost", "127.0.0.1", "::1"))
    assert client.get("/v1/history", headers={"host": host}).status_code == status


@pytest.mark.parametrize(("authority", "name"), [("A.b:80", "a.b"), ("[::1]:1", "::1"), ("[", ""), ("", "")])
def test_a_host_name_is_read(authority, name):
    assert host_name(authority) == name


MORE, LAST = ({"type": "http.request", "body": bytes(500), "more_body": more} for more in (True, False))


@pytest.mark.parametrize(
    ("messages", "headers", "taken"),
    [
        ([*[MORE] * 7, LAST], {"content-length": "4000"}, 8),  # all of it: who sends first and then listens hears why
        ([*[MORE] * 7, LAST], {}, 8),
        (
            [*[MORE] * 7, LAST],
            {"content-length": "4000", "expect": "100-continue"},
            0,
        ),  # who asks first is told at once
        (repeat(MORE), {"content-length": "5001"}, 0),
        (repeat(MORE), {"content-length": "4000"}, 10),
        (repeat(MORE), {}, 10),
        ([MORE, {"type": "http.disconnect"}], {"content-length": "4000"}, 2),
        ([MORE], {"content-length": "4000"}, 1),  # and no more comes: the time is up
        ([MORE] * 3, {}, 3),
    ],
)
def test_what_is_left_of_too_large_a_body_is_taken_as_far_as_it_is_worth(messages, headers, taken):
    coming, sent, count = iter(messages), [], 0

    async def receive():
        nonlocal count
        message = next(coming, None)
        if message is None:
            await asyncio.Event().wait()
        count += 1
        return message

    async def send(message):
        sent.append(message)

    async def app(scope, receive, send):
        while (await receive())["type"] == "http.request":
            pass

    scope = {
        "type": "http", "method": "POST", "path": "/v1/digits", "client": ("192.0.2.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    guard = Guard(app, ServiceSettings(body=1000, arrival=0.05), OwnRates(60))
    if headers:
        asyncio.run(guard(scope, receive, send))
        assert sent[0]["status"] == 413
    else:
        with pytest.raises(BodyTooLarge):  # which the application answers
            asyncio.run(guard(scope, receive, send))
    assert count == taken
