"""Behind a proxy, clients are counted and not the proxy; whoever is no named proxy is not believed about others."""

import pytest
import uvicorn
from starlette.testclient import TestClient

from calame.errors import BadParameter
from calame.service.app import create_app
from calame.service.listening import options
from calame.service.settings import ServiceSettings, proxy

PROXY = "192.0.2.7"


@pytest.fixture
def through():
    """Start a service that is asked from an address: `through("192.0.2.7", proxies=...)` gives a client of it."""
    started = []

    def start(address, **settings):
        made = ServiceSettings(threads=2, **settings)
        config = uvicorn.Config(create_app(made), **options(made))
        config.load()
        started.append(TestClient(config.loaded_app, client=(address, 50_000)))
        return started[-1].__enter__()

    yield start
    for client in started:
        client.__exit__(None, None, None)


def statuses(client, *forwarded):
    return [client.get("/v1/models", headers={"x-forwarded-for": one}).status_code for one in forwarded]


@pytest.mark.parametrize("named", [PROXY, "192.0.2.0/24"])
def test_clients_behind_a_named_proxy_are_counted_one_by_one(through, named):
    client = through(PROXY, rate=1, proxies=(named,))
    assert statuses(client, "198.51.100.1", "198.51.100.2", "198.51.100.1") == [200, 200, 429]


def test_what_a_client_says_of_itself_to_the_proxy_is_not_believed(through):
    client = through(PROXY, rate=1, proxies=(PROXY,))
    assert statuses(client, "203.0.113.1, 198.51.100.1", "203.0.113.2, 198.51.100.1") == [200, 429]


@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.8"])
@pytest.mark.parametrize("proxies", [(), (PROXY,)])
def test_nobody_else_is_believed(through, address, proxies, monkeypatch):
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # uvicorn would read it
    client = through(address, rate=1, proxies=proxies)
    assert statuses(client, "198.51.100.1", "198.51.100.2") == [200, 429]


def test_the_cookie_of_the_page_is_for_tls_where_the_proxy_has_tls(through):
    keys = (b"x" * 32,)
    asked = {"x-forwarded-proto": "https"}
    assert "Secure" in through(PROXY, keys=keys, proxies=(PROXY,)).get("/", headers=asked).headers["set-cookie"]
    assert "Secure" not in through(PROXY, keys=keys).get("/", headers=asked).headers["set-cookie"]


@pytest.mark.parametrize("named", ["*", "caddy", "", "192.0.2.7/24", "192.0.2.7:80", "192.0.2.0/33"])
def test_a_proxy_is_named_by_its_address_or_network(named):
    with pytest.raises(BadParameter, match=r"--proxy.*192\.0\.2\.7 / 192\.0\.2\.0/24"):
        proxy(named)


@pytest.mark.parametrize(
    ("named", "read"), [("192.0.2.7", "192.0.2.7"), ("2001:DB8::0:1", "2001:db8::1"), ("10.0.0.0/8", "10.0.0.0/8")]
)
def test_an_address_is_read_as_one(named, read):
    assert proxy(named) == read
