"""A running service, a browser, and a page that must stay silent: no error, no other host."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
READY = 60  # seconds for the service to start
PATIENCE = 20_000  # milliseconds for anything on the page, on a machine that is busy
VIOLATIONS = "axe.run().then((all) => all.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]))"
SEVEN = [[(80, 75), (195, 75), (150, 150), (125, 215)]]


def pytest_configure(config):
    config.addinivalue_line("markers", "browser: needs Playwright and Chromium; left out, and named, without them")


@pytest.fixture
def leave_out(request):
    """Skip, and have it named at the end with the other tests that lack something."""

    def for_want_of(lack):
        above = request.config.pluginmanager.get_plugin(str(Path(__file__).parents[1] / "conftest.py"))
        request.config.stash[above.LEFT_OUT][request.node.nodeid] = [lack]
        pytest.skip(f"needs {lack}")

    return for_want_of


@pytest.fixture(scope="session")
def address(tmp_path_factory, serving):
    """The address of a service with a history of its own and no data sets."""
    with serving(tmp_path_factory.mktemp("home")) as served:
        yield served


@pytest.fixture(scope="session")
def serving():
    """Run a service: `with serving(home) as address`."""
    return serve


@contextmanager
def serve(home):
    """Run a service whose files are in `home`, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "CALAME_HOME": str(home), "CALAME_DATA": str(home)}
    command = [sys.executable, "-m", "calame", "serve", "--port", str(port), "--rate", "0"]
    with (
        (home / "log").open("wb") as log,
        subprocess.Popen(command, env=environment, stdout=log, stderr=log) as service,
    ):
        try:
            wait(f"http://localhost:{port}", service, home / "log")
            yield f"http://localhost:{port}"
        finally:
            service.terminate()


def wait(address, service, log):
    end = time.monotonic() + READY
    while time.monotonic() < end and service.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/health/ready", timeout=2).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the service did not start: {log.read_text()}")


@pytest.fixture(scope="session")
def chromium():
    """A browser; None where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        path = None
    if path is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(leave_out, address, chromium):
    """Open the page, with the settings of a browser's context; an error or a request elsewhere fails the test."""
    if chromium is None:
        leave_out("Playwright and Chromium")
    urllib.request.urlopen(urllib.request.Request(f"{address}/v1/history", method="DELETE")).close()
    contexts, wrong = [], []

    def watch(page, forgiven):
        def hear(message):
            if message.type in ("error", "warning") and not (forgiven and forgiven in message.text):
                wrong.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda one: one.url.startswith((address, "data:", "blob:")) or wrong.append(one.url))

    def open_page(path="/", forgiven=None, ready="html.ready", **settings):
        context = chromium.new_context(**{"locale": "en-GB", **settings})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        watch(page, forgiven)
        page.goto(address + path)
        page.wait_for_selector(ready)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def page(visit):
    return visit()


@pytest.fixture
def codes(visit):
    """Open the page of numbers."""

    def open_page(**settings):
        page = visit("/#/codes", **settings)
        page.wait_for_selector("line-pad canvas")
        return page

    return open_page


@pytest.fixture
def expect():
    """Playwright's own: it waits, and needs no eval, which the page forbids."""
    from playwright.sync_api import expect

    expect.set_options(timeout=PATIENCE)
    return expect


@pytest.fixture
def answer(expect):
    """Wait until the page answers with a digit."""
    return lambda page, digit: expect(page.locator(".answer-digit")).to_have_text(digit)


@pytest.fixture
def draw():
    """Draw strokes, lists of points on a paper of 280×280, with the mouse."""

    def strokes_on(page, strokes=SEVEN):
        box = page.locator(".pad-paper").bounding_box()
        for stroke in strokes:
            points = [(box["x"] + x / 280 * box["width"], box["y"] + y / 280 * box["height"]) for x, y in stroke]
            page.mouse.move(*points[0])
            page.mouse.down()
            for point in points[1:]:
                page.mouse.move(*point, steps=5)
            page.mouse.up()

    return strokes_on


@pytest.fixture
def violations(leave_out, axe):
    """What axe finds wrong with a page as it is now."""
    if axe is None:
        leave_out("npm and axe-core")

    def find(page):
        page.evaluate(axe)
        return page.evaluate(VIOLATIONS)

    return find


@pytest.fixture
def speak_french():
    """Choose French on a page; the list that comes back gets the addresses that the page asks for from then on."""

    def speak(page):
        sent = []
        page.on("request", lambda one: sent.append(one.url))
        page.click("#speak-fr")
        return sent

    return speak


@pytest.fixture(scope="session")
def axe(npm):
    """The source of axe-core; None where it cannot be had."""
    folder = npm("axe-core@4")
    return folder and (folder / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def npm(tmp_path_factory):
    """Fetch packages for the tests alone; None without npm or a registry."""

    def fetch(*packages):
        command = shutil.which("npm")
        folder = tmp_path_factory.mktemp("npm")
        if command is None:
            return None
        done = subprocess.run(
            [command, "install", "--silent", "--ignore-scripts", "--prefix", folder, *packages], capture_output=True
        )
        return folder / "node_modules" if done.returncode == 0 else None

    return fetch
