"""The app in a notebook: in a frame below the cell, once, on this machine alone; nothing to install for it."""

import sys
import urllib.error
import urllib.request
from types import ModuleType, SimpleNamespace

import pytest

import calame
from calame.errors import PortTaken
from calame.service import notebook
from calame.service.headers import POLICY
from calame.service.listening import listen
from calame.service.notebook import COLAB, FRAMES, serve_in_notebook, settings_for


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """A home of its own, no notebook around, and nothing left running."""
    monkeypatch.setenv("CALAME_HOME", str(tmp_path))
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    yield
    if notebook._Shown.app:
        notebook._Shown.app.stop()


@pytest.fixture
def shown(monkeypatch):
    """A stand-in for IPython with a kernel; what it was asked to show."""
    found = []
    package, display = ModuleType("IPython"), ModuleType("IPython.display")
    package.get_ipython = lambda: SimpleNamespace(kernel=object())
    display.IFrame = lambda src, width, height, extras=None: (src, width, height, extras)
    display.display = found.append
    monkeypatch.setitem(sys.modules, "IPython", package)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return found


def get(address, **headers):
    request = urllib.request.Request(address, headers=headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.status, answer.headers


def test_outside_of_a_notebook_it_serves_all_the_same(capsys):
    app = calame.serve_in_notebook()
    assert get(app.address + "/health/ready")[0] == 200
    assert repr(app) == f"<Calame at {app.address}>"
    app.stop()
    app.stop()
    assert repr(app) == f"<Calame at {app.address}, stopped>"
    with pytest.raises(urllib.error.URLError):
        get(app.address)
    assert capsys.readouterr() == ("", "")


def test_in_jupyter_it_is_shown_in_a_frame_that_may_use_the_camera(shown):
    app = serve_in_notebook(height=500)
    assert shown == [(app.address, "100%", 500, ['allow="camera; clipboard-write"'])]


def test_a_terminal_shows_no_frame(shown, monkeypatch):
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", SimpleNamespace)  # a shell without a kernel
    serve_in_notebook()
    assert shown == []


def test_a_cell_that_is_run_again_shows_what_runs(shown):
    first = serve_in_notebook()
    assert serve_in_notebook() is first
    assert len(shown) == 2
    second = serve_in_notebook(history=False)
    assert (first.running, second.running) == (False, True)
    second.stop()
    third = serve_in_notebook(history=False)
    assert third is not second
    assert third.running


def test_one_port_can_be_served_again_and_again(shown):
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        taken.listen()
        with pytest.raises(PortTaken, match=f"port {port} of 127.0.0.1 is taken"):
            serve_in_notebook(port)
    first = serve_in_notebook(port)
    second = serve_in_notebook(port, history=False)
    assert first.address == second.address == f"http://localhost:{port}"
    assert get(second.address + "/health/ready")[0] == 200


def test_only_pages_of_notebooks_may_frame_it(shown, client):
    headers = get(serve_in_notebook().address)[1]
    assert headers["Content-Security-Policy"].endswith("frame-ancestors " + " ".join(FRAMES))
    assert client.get("/").headers["content-security-policy"] == POLICY
    assert POLICY.endswith("frame-ancestors 'none'")


def test_other_names_are_not_answered_to(shown):
    address = serve_in_notebook().address
    with pytest.raises(urllib.error.HTTPError, match="421"):
        get(address, Host="evil.example")


def test_history_is_kept_unless_it_is_not_wanted(tmp_path):
    assert settings_for(0, True, colab=False).database == f"sqlite:///{tmp_path}/history.db"
    assert settings_for(0, False, colab=False).database is None


def test_in_colab_the_port_is_passed_on(shown, monkeypatch):
    served = []
    output = ModuleType("google.colab.output")
    output.serve_kernel_port_as_iframe = lambda port, path="/", width="100%", height="400": served.append(
        (port, path, width, height)
    )
    for name, module in (("google.colab", ModuleType("google.colab")), ("google.colab.output", output)):
        monkeypatch.setitem(sys.modules, name, module)
    app = serve_in_notebook(height=600)
    assert served == [(app.port, "/", "100%", "600")]
    assert shown == []
    headers = get(app.address, Host="1234-colab.example", Origin="https://1234-colab.example")[1]
    assert headers["Content-Security-Policy"].endswith("frame-ancestors " + " ".join(COLAB))
