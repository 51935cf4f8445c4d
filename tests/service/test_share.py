"""A public link: clear words when there can be none, strangers treated as strangers, closed at the end."""

import contextlib
import sys
from types import ModuleType

import pytest

from calame.cli import main
from calame.config import read_settings
from calame.errors import MissingExtra, NoLink, NoLinkToken
from calame.service import share
from calame.service.settings import EVERYBODY, for_host
from calame.service.share import opened, public_link

LINK = "https://calame.example"


class Link:
    """As `ngrok.Listener`."""

    def url(self):
        return LINK


class StandIn(ModuleType):
    """As the package `ngrok` where no event loop runs: the same names, the same errors."""

    def __init__(self, refusal=None):
        super().__init__("ngrok")
        self.refusal, self.calls = refusal, []

    def forward(self, addr=None, proto=None, **options):
        self.calls.append(("forward", addr, options))
        if self.refusal:
            raise self.refusal
        return Link()

    def disconnect(self, url=None):
        self.calls.append(("disconnect", url))


@pytest.fixture
def ngrok(monkeypatch):
    made = StandIn()
    monkeypatch.setitem(sys.modules, "ngrok", made)
    monkeypatch.setattr(share, "LETTING_GO", 0)
    return made


@pytest.mark.parametrize(("host", "named"), [("127.0.0.1", "127.0.0.1:5001"), ("::1", "[::1]:5001")])
def test_a_link_is_opened_to_the_port_and_closed_whatever_happens(ngrok, host, named):
    with contextlib.suppress(ZeroDivisionError), public_link(host, 5001, "token") as link:
        assert link == LINK
        assert ngrok.calls == [("forward", named, {"authtoken": "token"})]
        1 / 0  # noqa: B018
    assert ngrok.calls[1:] == [("disconnect", LINK)]


def test_without_the_package_the_command_that_gets_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ngrok", None)
    with (
        pytest.raises(MissingExtra, match=r"ngrok is not installed; get it with: pip install 'calame\[share\]'"),
        public_link("127.0.0.1", 1, "token"),
    ):
        pass


@pytest.mark.parametrize("token", [None, ""])
def test_without_a_token_it_is_said_where_to_get_one(ngrok, token):
    with (
        pytest.raises(NoLinkToken, match=r"dashboard\.ngrok\.com/get-started/your-authtoken, then: NGROK_AUTHTOKEN="),
        public_link("127.0.0.1", 1, token),
    ):
        pass
    assert ngrok.calls == []


def test_a_refusal_is_told_without_the_token(ngrok):
    ngrok.refusal = ValueError("failed to connect session", "Your authtoken: s3cret\r\n\r\nERR_NGROK_105\r\n")
    with (
        pytest.raises(NoLink, match=r"\(failed to connect session: Your authtoken: … ERR_NGROK_105\)") as refused,
        public_link("127.0.0.1", 1, "s3cret"),
    ):
        pass
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_shared_means_open_to_others(tmp_path):
    user = read_settings({"CALAME_HOME": str(tmp_path)})
    made = opened(for_host(user, "127.0.0.1", 1, shared=True), LINK, "127.0.0.1")
    assert made.rate == EVERYBODY
    assert made.hosts == ("127.0.0.1", "localhost", "::1", "calame.example")
    assert made.proxies == ("127.0.0.1",)
    assert not made.may_keep
    assert opened(for_host(user, "0.0.0.0", 1, shared=True), LINK, "127.0.0.1").hosts == ()  # any name


@pytest.fixture
def run(ngrok, tmp_path, monkeypatch):
    """Run the command until it would serve; give back what it would have served with, and its announcement."""
    served = []
    monkeypatch.setenv("CALAME_HOME", str(tmp_path))
    monkeypatch.setenv("NGROK_AUTHTOKEN", "token")
    monkeypatch.setattr("calame.cli.serve.serve_on", lambda _, settings, __, say: (served.append(settings), say()))

    def run(*words):
        assert main(["--lang", "en", "serve", "--port", "0", "--no-browser", *words]) == 0
        return served[-1]

    return run


def test_a_shared_service_keeps_nothing_and_says_so(run, ngrok, capsys):
    made = run("--share")
    said = capsys.readouterr().err
    assert (made.database, made.may_keep) == (None, False)
    assert f"Everyone who has this link can use it until you stop: {LINK}" in said
    assert "through the servers of ngrok. None of what is read is kept." in said
    assert "Nothing that is read leaves this machine" not in said
    assert ngrok.calls[-1] == ("disconnect", LINK)


def test_a_shared_history_is_asked_for_and_warned_of(run, capsys):
    assert run("--share", "--history").database.endswith("history.db")
    assert "everyone who has the link sees the whole history" in capsys.readouterr().err


def test_one_s_own_machine_keeps_and_shares_nothing(run, ngrok, capsys):
    made = run()
    assert made.database.endswith("history.db")
    assert made.may_keep
    assert "Nothing that is read leaves this machine" in capsys.readouterr().err
    assert ngrok.calls == []


def test_the_command_ends_with_4_when_there_is_no_link(run, ngrok, monkeypatch, capsys):
    ngrok.refusal = ValueError("failed to connect session", "failed to establish tcp connection")
    words = ["--lang", "fr", "serve", "--port", "0", "--share"]
    assert main(words) == 4
    assert "le lien public n’a pas pu être créé" in capsys.readouterr().err
    monkeypatch.delenv("NGROK_AUTHTOKEN")
    assert main(words) == 4
    assert "un lien public demande un jeton de ngrok" in capsys.readouterr().err


def test_a_visitor_does_not_switch_the_history_on(serving, one):
    client = serving(may_keep=False)
    assert client.get("/v1/history/settings").json() == {"keep": False}
    refused = client.put("/v1/history/settings", json={"keep": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "history_off")
    assert client.put("/v1/history/settings", json={"keep": False}).status_code == 200
    assert client.post("/v1/digits?keep=1", files={"image": one}).json().get("id") is None
    assert client.get("/v1/history").json()["items"] == []
    assert client.get("/problems/history_off").status_code == 200
