"""The service as a whole: headers, ids, measures, OpenAPI, overload, a client that leaves, and the end."""

import asyncio
import json
import logging
import re
import threading

import numpy as np
import pytest
from starlette.testclient import TestClient

from calame.errors import TimedOut
from calame.reader.digit import DigitReader
from calame.service.app import create_app
from calame.service.lines import Lines
from calame.service.routes import samples
from calame.service.settings import ServiceSettings

FORM = (b"content-type", b"multipart/form-data; boundary=b")


def scope(path="/v1/digits"):
    headers = [(b"host", b"localhost"), FORM]
    common = {"type": "http", "http_version": "1.1", "scheme": "http", "query_string": b"", "root_path": ""}
    return common | {"method": "POST", "path": path, "raw_path": path.encode(), "headers": headers,
                     "client": ("127.0.0.1", 1), "server": ("localhost", 5001)}  # fmt: skip


def form(one: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n' + one + b"\r\n--b--\r\n"


class Stuck:
    """A network that answers only when it is let go."""

    def __init__(self, app, monkeypatch):
        self.go, self.calls = threading.Event(), []
        model = app.state.service.desk.models.default
        self.batcher, self.real = model.batcher, model.look
        monkeypatch.setattr(model, "look", self)

    def __call__(self, images, always):
        self.calls.append(len(images))
        assert self.go.wait(5)
        return self.real(images, always)


async def call(app, one, *, leave=None):
    """Send a picture; `leave` is an event after which the client is gone. Returns the status, or None."""
    sent, messages = [], [{"type": "http.request", "body": form(one), "more_body": False}]

    async def receive():
        if messages:
            return messages.pop()
        await (leave or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    await app(scope(), receive, send)
    return sent[0]["status"] if sent else None


@pytest.mark.parametrize("path", ["/", "/v1/models", "/nothing", "/docs", "/static/icon.svg", "/problems/internal"])
def test_every_answer_is_guarded(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert re.fullmatch(r"[0-9a-f]{32}", headers["x-request-id"])


@pytest.mark.parametrize("path", ["/", "/v1/models", "/static/icon.svg", "/v1/sheet.csv", "/metrics"])
def test_head_is_get_without_the_body(serving, path):
    client = serving()
    whole, bare = client.get(path), client.head(path)
    assert (bare.status_code, bare.content) == (200, b"")
    assert bare.headers["content-type"] == whole.headers["content-type"]
    assert path == "/metrics" or bare.headers["content-length"] == str(len(whole.content))
    assert client.head("/v1/digits").headers["allow"] == "POST"
    assert 'method="HEAD",route="/v1/models"' in client.get("/metrics").text or path != "/v1/models"


@pytest.mark.parametrize("wanted", ["bytes=0-1", "bytes=x", "bytes=99999999-", "lines=1-2"])
@pytest.mark.parametrize("path", ["/", "/static/icon.svg"])
def test_files_are_given_whole(client, path, wanted):
    answer = client.get(path, headers={"range": wanted})
    assert (answer.status_code, answer.content) == (200, client.get(path).content)
    assert "accept-ranges" not in answer.headers


def test_a_request_may_bring_its_number(client):
    assert client.get("/", headers={"x-request-id": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert client.get("/", headers={"x-request-id": "a b\t"}).headers["x-request-id"] != "a b"


@pytest.mark.parametrize("path", ["/", "/docs", "/problems"])
def test_pages_ask_nothing_of_other_machines(client, path):
    page = client.get(path)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r'(?:src|href|action)=["\']?(?:https?:)?//', page.text)
    assert " style=" not in page.text
    assert "<script>" not in page.text


def test_openapi_describes_every_route_and_every_problem(client):
    described = client.get("/openapi.json").json()
    routes = {"/v1/digits", "/v1/models", "/predict", "/v1/history", "/v1/samples", "/health/ready", "/v1/sheet"}
    assert routes <= set(described["paths"])
    text = json.dumps(described)
    assert "HTTPValidationError" not in text
    for name in set(re.findall(r"#/components/schemas/(\w+)", text)):
        assert name in described["components"]["schemas"]
    for operations in described["paths"].values():
        for operation in operations.values():
            assert "application/problem+json" in operation["responses"]["default"]["content"]


def test_openapi_says_in_plain_words_what_an_operation_does(client):
    for operations in client.get("/openapi.json").json()["paths"].values():
        for operation in operations.values():
            assert operation["summary"] != operation["summary"].title()  # the name of a function


def test_the_examples_of_openapi_can_be_sent(client):
    described = client.get("/openapi.json").json()
    for path in ("/v1/digits", "/predict"):
        examples = described["paths"][path]["post"]["requestBody"]["content"]["application/json"]["examples"]
        for example in examples.values():
            assert client.post(path, json=example["value"]).status_code == 200


def test_the_measures_are_counted(serving, one):
    client = serving()
    client.post("/v1/digits", files={"image": one})
    client.post("/v1/digits", files={"image": b"x"})
    client.get("/any/thing")
    measured = client.get("/metrics").text
    for line in (
        'calame_requests_total{method="POST",route="/v1/digits",status="200"} 1.0',
        'calame_problems_total{code="foreign_picture"} 1.0',
        'calame_readings_total{decision="answered",model="digits@1"} 1.0',
        'calame_confidence_count{model="digits@1"} 1.0',
        'calame_stage_duration_seconds_count{stage="network"} 1.0',
        "calame_batch_size_count 2.0",
        "calame_in_hand 0.0",
    ):
        assert line in measured
    assert "/any/thing" not in measured  # a path of anyone's making makes no counter


def test_logs_are_lines_of_json_without_pictures(serving, one, caplog):
    client = serving()
    with caplog.at_level(logging.INFO, "calame.service"):
        client.post("/v1/digits", files={"image": ("secret-name.png", one)}, headers={"x-request-id": "n1"})
    (line,) = [json.loads(Lines().format(record)) for record in caplog.records if record.message == "request"]
    assert {"time", "milliseconds"} < set(line)
    assert (line["id"], line["method"], line["path"], line["status"]) == ("n1", "POST", "/v1/digits", 200)
    assert "secret-name" not in str(line)


def test_overload_is_refused_at_once_and_passes(one, monkeypatch):
    app = create_app(ServiceSettings(threads=1, waiting=3))
    stuck = Stuck(app, monkeypatch)

    async def scene():
        inside = [asyncio.create_task(call(app, one)) for _ in range(3)]
        while not stuck.calls or app.state.service.desk.in_hand < 3:
            await asyncio.sleep(0.001)
        refused = await asyncio.wait_for(call(app, one), 4)
        stuck.go.set()
        return refused, await asyncio.gather(*inside), await call(app, one)

    assert asyncio.run(scene()) == (503, [200, 200, 200], 200)
    app.state.service.desk.close()


def test_bodies_together_have_a_limit(one, monkeypatch):
    app = create_app(ServiceSettings(threads=1, memory=round(1.5 * len(form(one)))))
    stuck = Stuck(app, monkeypatch)

    async def scene():
        first = asyncio.create_task(call(app, one))
        while not stuck.calls:
            await asyncio.sleep(0.001)
        refused = await call(app, one)
        stuck.go.set()
        return refused, await first, await call(app, one)

    assert asyncio.run(scene()) == (503, 200, 200)
    app.state.service.desk.close()


def test_what_is_only_announced_keeps_nobody_out(one):
    app = create_app(ServiceSettings(threads=1, body=4000, memory=5000))
    large = [(b"content-length", b"3999"), *scope()["headers"]]

    async def silent():
        await asyncio.Event().wait()

    async def unheard(message):
        raise AssertionError(message)

    async def scene():
        waiting = [asyncio.create_task(app(scope() | {"headers": large}, silent, unheard)) for _ in range(5)]
        await asyncio.sleep(0)
        status = await call(app, one)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        return status

    assert asyncio.run(scene()) == 200
    app.state.service.desk.close()


def test_an_overloaded_service_is_not_ready(client, monkeypatch):
    monkeypatch.setattr(client.app.state.service.desk, "in_hand", 10_000)
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert client.get("/health/live").status_code == 200


def test_a_client_that_leaves_is_not_read_for(one, monkeypatch):
    app = create_app(ServiceSettings(threads=1))
    stuck = Stuck(app, monkeypatch)

    async def scene():
        leave = asyncio.Event()
        first = asyncio.create_task(call(app, one))
        while not stuck.calls:
            await asyncio.sleep(0.001)
        leaving, staying = asyncio.create_task(call(app, one, leave=leave)), asyncio.create_task(call(app, one))
        while len(stuck.batcher) < 2:
            await asyncio.sleep(0.001)
        leave.set()
        left = await leaving
        stuck.go.set()
        return left, await first, await staying

    assert asyncio.run(scene()) == (None, 200, 200)
    assert stuck.calls == [1, 1]  # the one who left was never shown to the network
    assert app.state.service.desk.in_hand == 0
    app.state.service.desk.close()


@pytest.mark.parametrize("path", ["/v1/digits", "/predict", "/v1/history/settings"])
def test_a_client_that_leaves_in_the_middle_is_no_error_of_ours(path, caplog):
    app = create_app(ServiceSettings(threads=1))
    messages = [{"type": "http.disconnect"}, {"type": "http.request", "body": b"--b", "more_body": True}]
    sent = []

    async def receive():
        return messages.pop()

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope(path) | {"method": "PUT" if "history" in path else "POST"}, receive, send))
    assert (sent, caplog.records) == ([], [])
    assert 'status="499"' in app.state.service.metrics.text().decode()
    app.state.service.desk.close()


def test_what_takes_too_long_is_given_up(one, monkeypatch):
    app = create_app(ServiceSettings(threads=1, seconds=0.2))
    stuck = Stuck(app, monkeypatch)
    with TestClient(app) as client:
        answer = client.post("/v1/digits", files={"image": one})
        stuck.go.set()
    assert (answer.status_code, answer.json()["code"]) == (TimedOut.http_status, "timed_out")
    assert "retry-after" in answer.headers


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/digits"), ("PATCH", "/v1/history/1")])
def test_a_body_that_does_not_arrive_is_given_up(method, path):
    app = create_app(ServiceSettings(threads=1, arrival=0.1))
    sent = []

    async def silent():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    asyncio.run(app(scope(path) | {"method": method}, silent, send))
    assert sent[0]["status"] == 408
    app.state.service.desk.close()


def test_models_tell_what_they_are(client):
    told = client.get("/v1/models").json()
    (model,) = told["models"]
    assert told["default"] == model["id"] == "digits@1"
    kinds = {layer["name"]: layer["kind"] for layer in model["layers"]}
    assert kinds["stage1_conv"] == "Conv2D"
    assert model["parameters"] >= sum(layer["parameters"] for layer in model["layers"]) > 0
    assert set(model["needed"]) <= set(model["steps"])


def test_a_model_can_be_looked_at_alone_and_all_of_them_briefly(client):
    (whole,) = client.get("/v1/models").json()["models"]
    assert client.get("/v1/models/digits").json() == whole
    assert client.get("/v1/models/nothing").status_code == 404
    (brief,) = client.get("/v1/models?brief=1").json()["models"]
    assert brief.items() < whole.items()
    assert "layers" not in brief


def test_the_first_filters_are_drawn(client):
    drawn = client.get("/v1/model/filters").json()
    assert drawn["layer"] == "stage1_conv"
    assert drawn["low"] < 0 < drawn["high"]
    assert client.get("/v1/model/filters?layer=nothing").status_code == 422


def test_samples_are_served(client):
    listed = client.get("/v1/samples").json()
    assert listed["mnist"] is False
    for sample in listed["samples"]:
        assert client.get(sample["url"]).headers["content-type"].startswith("image/")


@pytest.mark.data("mnist")
def test_mnist_is_served_with_labels_and_errors(serving, data):
    client = serving(data=data)
    assert client.get("/v1/samples").json()["mnist"] is True
    assert client.get("/v1/mnist/0").headers["x-label"] == "7"
    assert client.get("/v1/mnist/10000").status_code == 404
    wrong = client.get("/v1/mnist?errors=1").json()
    assert wrong["count"] == 10_000
    assert 0 < len(wrong["indices"]) < 100
    assert client.get("/v1/mnist?errors=1&model=digits").json() == wrong
    assert client.get("/v1/mnist?errors=1&model=nothing").status_code == 404


class TwoDigits(samples.Digits):
    """A test set of a one, and of a one that is called a two."""

    images, labels = np.zeros((2, 28, 28), np.uint8), np.array([1, 2])
    images[:, 5:23, 13:15] = 255


def test_who_waits_for_the_errors_keeps_no_one_from_reading(one, monkeypatch):
    app = create_app(ServiceSettings(threads=1))
    service, go, calls = app.state.service, threading.Event(), []
    real = service.desk.models.default.reader.classify

    def stuck(images):
        calls.append(len(images))
        assert go.wait(5)
        return real(images)

    monkeypatch.setattr(DigitReader, "classify", lambda _, images: stuck(images))

    async def scene():
        errors = samples.Errors(service, TwoDigits(None))
        leaving, *waiting = [asyncio.create_task(errors.indices()) for _ in range(4)]
        while not calls:
            await asyncio.sleep(0.001)
        leaving.cancel()
        read = await asyncio.wait_for(call(app, one), 4)  # in the only thread
        go.set()
        return read, await asyncio.gather(*waiting)

    assert asyncio.run(scene()) == (200, [[1]] * 3)
    assert calls == [2]
    service.desk.close()


def test_performance_gives_the_records(client):
    measured = client.get("/v1/performance").json()
    assert measured["scores"]
    assert "ladder" in measured["records"]
    assert client.get("/v1/performance?model=nothing").status_code == 404


def test_words_of_the_page_come_in_both_languages(client):
    french, english = (client.get(f"/locale/{name}.json").json() for name in ("fr", "en"))
    assert french.keys() == english.keys()
    assert all(key.startswith(("page.", "reading.", "step.", "codes.")) for key in french)
    parts = [client.get(f"/locale/fr.json?part={part}").json() for part in ("main", "pages")]
    assert parts[0] | parts[1] == french
    assert not parts[0].keys() & parts[1].keys()


def test_every_answer_of_the_api_names_the_model(client):
    for path, status in {"/v1/models": 200, "/v1/history": 200, "/v1/digits": 405, "/v1/nothing": 404}.items():
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("x-model")) == (status, "digits@1")
    assert "x-model" not in client.get("/health/live").headers
